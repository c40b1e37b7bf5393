/** One process in the cluster through `:global`. */
import type { Names } from './names';

/** The holder or standby of a node, with the resolver of conflicts. */
export function globalSingleton({ module }: Names): string {
  return `defmodule ${module}.Singleton do
  @moduledoc """
  Runs one process in the cluster, found through \`:global\`, with a standby on every other node.

      {${module}.Singleton, name: :nightly, child: ${module}.Nightly}

  \`child\` is a child specification; it is started where the name is held. When the holder ends, a
  standby takes over. When two parts of a cluster meet again and both have a holder, \`resolve/3\`
  decides for one, and the other stops its child and becomes a standby. The default of \`:global\`
  would kill one of the two without a word.

  This is for work that may run twice for a while. In a partition both sides have a holder until
  they notice: a node without a majority of the configured nodes (\`${module}.Quorum\`) stops its child,
  but a silent loss is noticed only after 45 to 75 seconds. Where that is not good enough, use
  \`${module}.Lease\` and let the resource compare fencing numbers.
  """

  use GenServer
  require Logger

  alias ${module}.Quorum

  @retry 1_000

  def start_link(options) do
    GenServer.start_link(__MODULE__, options, name: Keyword.get(options, :server, __MODULE__))
  end

  @doc "The process that holds the name, or \`:undefined\`: as this node sees it."
  def whereis(name), do: :global.whereis_name({__MODULE__, name})

  @doc "\`:active\` or \`:standby\`."
  def role(server \\\\ __MODULE__), do: GenServer.call(server, :role)

  @doc """
  Called by \`:global\` on one node when both parts of a cluster bring a holder. The answer must
  depend on nothing but the arguments: the process on the node whose name sorts first stays.
  """
  def resolve(name, a, b) do
    [winner, loser] = Enum.sort_by([a, b], &{node(&1), &1})
    send(loser, {:global_name_conflict, name, winner})
    winner
  end

  @impl true
  def init(options) do
    Process.flag(:trap_exit, true)
    :ok = :net_kernel.monitor_nodes(true, node_type: :visible)

    state = %{
      name: {__MODULE__, Keyword.fetch!(options, :name)},
      child: Keyword.fetch!(options, :child),
      supervisor: nil,
      holder: nil
    }

    {:ok, state, {:continue, :stand}}
  end

  # What the other nodes know has to arrive first, or two nodes that just met both register.
  @impl true
  def handle_continue(:stand, state) do
    :global.sync()
    {:noreply, stand(state)}
  end

  @impl true
  def handle_call(:role, _from, state) do
    {:reply, if(state.supervisor, do: :active, else: :standby), state}
  end

  @impl true
  def handle_info({:global_name_conflict, name, winner}, %{name: name} = state) do
    Logger.warning("another #{inspect(name)} runs on #{node(winner)}; this one stops")
    {:noreply, watch(stop(state), winner)}
  end

  def handle_info({:DOWN, reference, :process, _pid, _reason}, %{holder: reference} = state) do
    {:noreply, stand(%{state | holder: nil})}
  end

  # Not at once: first \`:global\` has to hear from that node who holds the name.
  def handle_info({:nodeup, _node, _info}, state), do: {:noreply, again(state)}

  def handle_info({:nodedown, _node, _info}, state) do
    case Quorum.quorum?() do
      true -> {:noreply, stand(state)}
      false -> {:noreply, step_down(state)}
    end
  end

  def handle_info(:stand, state), do: {:noreply, stand(state)}

  # The child has failed more often than its supervisor allows.
  def handle_info({:EXIT, pid, reason}, %{supervisor: pid} = state) do
    {:stop, reason, %{state | supervisor: nil}}
  end

  def handle_info(_other, state), do: {:noreply, state}

  @impl true
  def terminate(_reason, state) do
    step_down(state)
    :ok
  end

  defp stand(%{supervisor: nil, holder: nil} = state) do
    cond do
      not Quorum.quorum?() -> again(state)
      register(state.name) == :yes -> start(state)
      true -> follow(state)
    end
  end

  defp stand(state), do: state

  defp register(name), do: :global.register_name(name, self(), &__MODULE__.resolve/3)

  defp follow(state) do
    case :global.whereis_name(state.name) do
      :undefined -> again(state)
      pid -> watch(state, pid)
    end
  end

  defp watch(%{holder: nil} = state, pid), do: %{state | holder: Process.monitor(pid)}

  defp watch(state, pid) do
    Process.demonitor(state.holder, [:flush])
    %{state | holder: Process.monitor(pid)}
  end

  defp again(state) do
    Process.send_after(self(), :stand, @retry)
    state
  end

  defp start(state) do
    {:ok, supervisor} = Supervisor.start_link([state.child], strategy: :one_for_one)
    %{state | supervisor: supervisor}
  end

  defp stop(%{supervisor: nil} = state), do: state

  defp stop(state) do
    Supervisor.stop(state.supervisor, :shutdown)
    %{state | supervisor: nil}
  end

  # Stops first, and only then lets others have the name.
  defp step_down(%{supervisor: nil} = state), do: state

  defp step_down(state) do
    state = stop(state)
    if :global.whereis_name(state.name) == self(), do: :global.unregister_name(state.name)
    again(state)
  end
end
`;
}

/** The test that cuts five nodes into three and two. */
export function globalPartitionTest({ app, module }: Names): string {
  return `Code.require_file("../support/peer_cluster.exs", __DIR__)

defmodule ${module}.SingletonPartitionTest do
  @moduledoc """
  Cuts a real cluster of five nodes into three and two, and looks whether one process is left: on
  the side that has the majority, and only one after the two sides have met again.
  """

  use ExUnit.Case, async: false

  alias ${module}.PeerCluster
  alias ${module}.Singleton

  @moduletag timeout: 120_000
  @app :${app}

  setup do
    nodes = for i <- 2..6, do: :"n#{i}@127.0.0.#{i}"
    names = [:n2, :n3, :n4, :n5, :n6]
    cluster = PeerCluster.start(names, env: [{@app, cluster_nodes: nodes}])
    on_exit(fn -> PeerCluster.stop(cluster) end)

    for node <- nodes do
      PeerCluster.start_on(cluster, node, Singleton, name: :job, child: {Agent, &Node.self/0})
    end

    %{cluster: cluster}
  end

  test "three and two: one process, on the larger side", %{cluster: cluster} do
    [first] = PeerCluster.eventually!(fn -> one(active(cluster)) end)
    [companion | others] = cluster.nodes -- [first]
    cluster = PeerCluster.cut(cluster, [first, companion], others)

    assert [_second] = PeerCluster.eventually!(fn -> one(active(cluster), others) end)

    cluster = PeerCluster.heal(cluster)

    PeerCluster.eventually!(fn ->
      case active(cluster) do
        [holder] ->
          pid = PeerCluster.call(cluster, holder, Process, :whereis, [Singleton])
          seen = PeerCluster.call_all(cluster, Singleton, :whereis, [:job])
          Enum.all?(seen, &match?({_node, ^pid}, &1))

        _none_or_more ->
          false
      end
    end)
  end

  defp active(cluster) do
    for {node, :active} <- PeerCluster.call_all(cluster, Singleton, :role, []), do: node
  end

  defp one(active, among \\\\ nil)
  defp one([node], among), do: if(among == nil or node in among, do: [node])
  defp one(_none_or_more, _among), do: nil
end
`;
}
