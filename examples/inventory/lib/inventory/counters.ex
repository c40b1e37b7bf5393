defmodule Inventory.Counters do
  @moduledoc "What this node's requests ordered, picked and shipped since it started."
  use GenServer

  @table __MODULE__
  @keys [:ordered, :picked, :shipped]

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  def count(key), do: :ets.lookup_element(@table, key, 2)

  @doc "Called by the process of each request."
  def increment(key, by \\ 1) do
    [{^key, count}] = :ets.lookup(@table, key)
    :ets.insert(@table, {key, count + by})
  end

  @impl true
  def init(nil) do
    :ets.new(@table, [:named_table, :public, write_concurrency: true])
    :ets.insert(@table, for(key <- @keys, do: {key, 0}))
    {:ok, nil}
  end
end
