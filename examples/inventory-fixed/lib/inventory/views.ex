defmodule Inventory.Views do
  @moduledoc """
  How often the shop's customers looked at a SKU, on all nodes together.

  Each life of this process on each node has counts of its own, under keys that nobody else writes, so
  the replicas have nothing to disagree about. A total is the sum.
  """
  use GenServer

  alias Inventory.Cluster

  @crdt Inventory.Views.Map

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Counts one look at `sku`."
  def seen(sku), do: GenServer.cast(__MODULE__, {:seen, sku})

  def total(sku) do
    Enum.sum(for {{^sku, _writer}, count} <- DeltaCrdt.to_map(@crdt), do: count)
  end

  @doc "Starts counting anew; a node that is away keeps what it counted."
  def reset do
    GenServer.abcast(Cluster.members(), __MODULE__, :reset)
    :ok
  end

  @impl true
  def init(nil) do
    others = List.delete(Cluster.members(), node())
    DeltaCrdt.set_neighbours(@crdt, for(node <- others, do: {@crdt, node}))
    {:ok, %{writer: make_ref(), counts: %{}}}
  end

  @impl true
  def handle_cast({:seen, sku}, state) do
    counts = Map.update(state.counts, sku, 1, &(&1 + 1))
    DeltaCrdt.put(@crdt, {sku, state.writer}, counts[sku])
    {:noreply, %{state | counts: counts}}
  end

  def handle_cast(:reset, state) do
    DeltaCrdt.drop(@crdt, Map.keys(DeltaCrdt.to_map(@crdt)))
    {:noreply, %{state | counts: %{}}}
  end
end
