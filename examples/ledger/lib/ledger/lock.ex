defmodule Ledger.Lock do
  @moduledoc "A lock in Redis, for what the other services do as well."

  @doc "Runs the function while the lock is held; `:busy` where somebody else has it."
  def with_lock(name, fun) do
    key = "lock:ledger:#{name}"

    case Redix.command!(Ledger.Redis, ["SET", key, inspect(self()), "NX"]) do
      "OK" ->
        result = fun.()
        Redix.command!(Ledger.Redis, ["DEL", key])
        {:ok, result}

      nil ->
        :busy
    end
  end
end
