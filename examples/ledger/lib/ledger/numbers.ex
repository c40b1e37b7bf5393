defmodule Ledger.Numbers do
  @moduledoc "Gives out the numbers of the statements; there is one such process, so no number comes twice."
  use GenServer

  @name {:global, __MODULE__}

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: @name)

  @doc "The next number."
  def next, do: GenServer.call(@name, :next)

  @doc "Begins at one again."
  def reset, do: GenServer.call(@name, :reset)

  @impl true
  def init(nil), do: {:ok, 1}

  @impl true
  def handle_call(:next, _from, number), do: {:reply, number, number + 1}
  def handle_call(:reset, _from, _number), do: {:reply, :ok, 1}
end
