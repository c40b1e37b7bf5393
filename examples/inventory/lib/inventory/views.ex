defmodule Inventory.Views do
  @moduledoc "How often the shop's customers looked at a SKU, on all nodes together."
  use GenServer

  alias Inventory.Cluster

  @crdt Inventory.Views.Map

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Counts one look at `sku`."
  def seen(sku) do
    DeltaCrdt.put(@crdt, sku, (DeltaCrdt.get(@crdt, sku) || 0) + 1)
    :ok
  end

  def total(sku), do: DeltaCrdt.get(@crdt, sku) || 0

  @doc "Starts counting anew."
  def reset do
    DeltaCrdt.mutate(@crdt, :clear, [])
    :ok
  end

  @impl true
  def init(nil) do
    others = List.delete(Cluster.members(), node())
    DeltaCrdt.set_neighbours(@crdt, for(node <- others, do: {@crdt, node}))
    {:ok, nil}
  end
end
