/** Sets and counters that merge, on `delta_crdt`. */
import type { Names } from './names';

/** The supervisor and the functions that an application calls. */
export function crdtReplica({ component, module }: Names): string {
  return `defmodule ${module}.${component} do
  @moduledoc """
  Sets and counters that every node may change, and that meet again after a partition, on
  \`delta_crdt\` 0.6.

  Add it to the children of the application, on every node. Writes go to this node and reach the
  others within the sync interval; a reader may see an old state.

  \`DeltaCrdt.AWLWWMap\` is the only type that the library has: a map where an addition wins over a
  removal that has not seen it, and where of two writes to the *same key* one is lost. Therefore

    * a set has one key per item;
    * a counter has one key per node and per start of the node, each with one writer, and is
      the sum over them. Reading a counter, adding, and writing it back would lose what another
      node counted meanwhile.

  Everything is in memory: when all nodes are down at once it is gone.
  """

  use Supervisor

  alias ${module}.${component}.Counter
  alias ${module}.${component}.Neighbours

  @crdt __MODULE__.Map

  def start_link(options \\\\ []), do: Supervisor.start_link(__MODULE__, options, name: __MODULE__)

  @impl true
  def init(_options) do
    children = [
      {DeltaCrdt, crdt: DeltaCrdt.AWLWWMap, name: @crdt, sync_interval: 200},
      {Neighbours, @crdt},
      {Counter, @crdt}
    ]

    # Together: a new map needs its neighbours again, and a new counter its own key.
    Supervisor.init(children, strategy: :one_for_all)
  end

  @doc "Adds an item to a set. Added on one side and removed on the other, it stays."
  def add(set, item) do
    DeltaCrdt.put(@crdt, {:item, set, item}, true)
    :ok
  end

  @doc "Takes an item out."
  def remove(set, item) do
    DeltaCrdt.delete(@crdt, {:item, set, item})
    :ok
  end

  @doc "The items that this node knows of."
  def items(set) do
    for {{:item, ^set, item}, true} <- DeltaCrdt.to_map(@crdt), into: MapSet.new(), do: item
  end

  @doc "Counts up, or down by a negative amount. It may fall below zero: no node can forbid what another does."
  defdelegate count(counter, amount \\\\ 1), to: Counter

  @doc "What all nodes have counted, as far as this node knows."
  def total(counter) do
    counts = for {{:count, ^counter, _writer}, count} <- DeltaCrdt.to_map(@crdt), do: count
    Enum.sum(counts)
  end
end
`;
}

/** The process that wires the nodes, both ways. */
export function crdtNeighbours({ component, module }: Names): string {
  return `defmodule ${module}.${component}.Neighbours do
  @moduledoc """
  Tells the map of this node which nodes to send its changes to.

  \`DeltaCrdt.set_neighbours/2\` is one-way and replaces the whole list. Every node runs this process
  and names all others, so that changes go both ways.
  """

  use GenServer

  def start_link(crdt), do: GenServer.start_link(__MODULE__, crdt, name: __MODULE__)

  @impl true
  def init(crdt) do
    :ok = :net_kernel.monitor_nodes(true)
    {:ok, crdt, {:continue, :connect}}
  end

  @impl true
  def handle_continue(:connect, crdt), do: {:noreply, connect(crdt)}

  @impl true
  def handle_info({:nodeup, _node}, crdt), do: {:noreply, connect(crdt)}
  def handle_info({:nodedown, _node}, crdt), do: {:noreply, connect(crdt)}

  defp connect(crdt) do
    DeltaCrdt.set_neighbours(crdt, for(node <- Node.list(), do: {crdt, node}))
    crdt
  end
end
`;
}

/** The one writer of this node’s counters. */
export function crdtCounter({ component, module }: Names): string {
  return `defmodule ${module}.${component}.Counter do
  @moduledoc """
  Counts for this node. One process, so that each key has one writer, and nothing is ever read
  from the map to be written back.

  The key holds the node and a number drawn at every start: a restarted process begins at zero
  under a new key, and what it had counted before stays in the sum.
  """

  use GenServer

  def start_link(crdt), do: GenServer.start_link(__MODULE__, crdt, name: __MODULE__)

  @doc "Adds to a counter."
  def count(counter, amount) when is_integer(amount) do
    GenServer.call(__MODULE__, {:count, counter, amount})
  end

  @impl true
  def init(crdt) do
    <<start::64>> = :crypto.strong_rand_bytes(8)
    {:ok, %{crdt: crdt, writer: {node(), start}, counts: %{}}}
  end

  @impl true
  def handle_call({:count, counter, amount}, _from, state) do
    counts = Map.update(state.counts, counter, amount, &(&1 + amount))
    DeltaCrdt.put(state.crdt, {:count, counter, state.writer}, counts[counter])
    {:reply, :ok, %{state | counts: counts}}
  end
end
`;
}

/** The test that cuts three nodes. */
export function crdtPartitionTest({ component, module }: Names): string {
  return `Code.require_file("../support/peer_cluster.exs", __DIR__)

defmodule ${module}.${component}PartitionTest do
  @moduledoc """
  Cuts a real cluster of three nodes and writes on both sides: both accept, and after the heal
  every node has what either wrote.
  """

  use ExUnit.Case, async: false

  alias ${module}.${component}
  alias ${module}.PeerCluster

  @moduletag timeout: 120_000

  setup do
    cluster = PeerCluster.start([:n2, :n3, :n4], apps: [:delta_crdt])
    on_exit(fn -> PeerCluster.stop(cluster) end)

    for node <- cluster.nodes do
      PeerCluster.start_supervised_on(cluster, node, ${component})
    end

    %{cluster: cluster}
  end

  test "both sides accept writes, and nothing is lost", %{cluster: cluster} do
    [a, b, c] = cluster.nodes
    assert :ok = on(cluster, a, :add, ["anna", :milk])
    assert :ok = on(cluster, a, :count, [:visits, 1])
    assert agreed(cluster, [:milk], 1)

    cluster = PeerCluster.cut(cluster, [a], [b, c])
    assert :ok = on(cluster, a, :add, ["anna", :bread])
    assert :ok = on(cluster, b, :add, ["anna", :eggs])
    for node <- [a, b, c], _ <- 1..5, do: assert(:ok = on(cluster, node, :count, [:visits, 1]))

    # One side takes out what the other adds again: the addition has not been seen, so it wins.
    assert :ok = on(cluster, a, :remove, ["anna", :milk])
    assert :ok = on(cluster, b, :add, ["anna", :milk])

    cluster = PeerCluster.heal(cluster)
    assert agreed(cluster, [:bread, :eggs, :milk], 16)
  end

  defp agreed(cluster, items, visits) do
    PeerCluster.eventually!(fn ->
      Enum.all?(cluster.nodes, fn node ->
        on(cluster, node, :items, ["anna"]) == MapSet.new(items) and
          on(cluster, node, :total, [:visits]) == visits
      end)
    end)
  end

  defp on(cluster, node, function, arguments) do
    PeerCluster.call(cluster, node, ${component}, function, arguments)
  end
end
`;
}
