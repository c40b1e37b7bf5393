defmodule Ledger.Rates do
  @moduledoc "Exchange rates and how often each was used, in Mnesia on every node."

  @doc "Opens the tables; at boot, before anything is booked."
  def open do
    nodes = [node() | Node.list()]
    :mnesia.create_schema(nodes)
    :ok = :mnesia.start()
    options = [attributes: [:pair, :rate, :used], disc_copies: nodes, majority: true]

    case :mnesia.create_table(:rates, options) do
      {:atomic, :ok} -> :ok
      {:aborted, {:already_exists, :rates}} -> :mnesia.wait_for_tables([:rates], 30_000)
    end
  end

  @doc "The rate of a pair of currencies; using it is counted, for the fees of the provider."
  def use_rate(pair) do
    [{:rates, ^pair, rate, used}] = :mnesia.dirty_read(:rates, pair)
    :mnesia.dirty_write({:rates, pair, rate, used + 1})
    rate
  end
end
