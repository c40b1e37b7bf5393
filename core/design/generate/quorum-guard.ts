/** Whether this node sees a majority of the configured nodes, who comes and goes, and the health that follows from it. */
import type { Names } from './names';

/** The guard. */
export function quorumGuard({ app, module }: Names): string {
  return `defmodule ${module}.Quorum do
  @moduledoc """
  Whether this node sees a majority of the *configured* nodes.

      config :${app}, cluster_nodes: [:"${app}@a", :"${app}@b", :"${app}@c"]

  The size comes from configuration and never from \`Node.list/0\`: in a partition each side would
  take the nodes that it still sees for the whole cluster, and find that it has a majority.

  This is a guard, not consensus. It keeps a minority from starting work; it does not order what
  two nodes do, and a node may be paused, or cut off, right after the question. A lost node is
  noticed after 45 to 75 seconds unless its connection is closed. Where two holders must never
  act, the resource has to compare fencing numbers.
  """

  @app :${app}

  @doc "The configured nodes, whether they run or not."
  @spec nodes() :: [node]
  def nodes, do: Application.fetch_env!(@app, :cluster_nodes)

  @doc "The least number of nodes that two groups cannot reach at the same time: more than half."
  @spec majority(pos_integer) :: pos_integer
  def majority(size), do: div(size, 2) + 1

  @doc "The configured nodes that this node sees, itself included."
  @spec visible() :: [node]
  def visible do
    seen = [node() | Node.list()]
    Enum.filter(nodes(), &(&1 in seen))
  end

  @doc "What is seen, what is needed, and whether that is enough."
  @spec status() :: %{
          visible: non_neg_integer,
          size: pos_integer,
          needed: pos_integer,
          missing: [node],
          quorum?: boolean
        }
  def status do
    visible = visible()
    size = length(nodes())
    needed = majority(size)

    %{
      visible: length(visible),
      size: size,
      needed: needed,
      missing: nodes() -- visible,
      quorum?: length(visible) >= needed
    }
  end

  @doc "Whether a majority is seen."
  @spec quorum?() :: boolean
  def quorum?, do: status().quorum?

  @doc """
  Runs the function when a majority is seen: \`{:ok, result}\`, else \`{:error, {:no_quorum, status}}\`
  and nothing has happened.
  """
  @spec run((() -> result)) :: {:ok, result} | {:error, {:no_quorum, map}} when result: term
  def run(function) when is_function(function, 0) do
    case status() do
      %{quorum?: true} -> {:ok, function.()}
      status -> {:error, {:no_quorum, status}}
    end
  end
end
`;
}

/** The process that notices nodes. */
export function nodeMonitor({ module }: Names): string {
  return `defmodule ${module}.NodeMonitor do
  @moduledoc """
  Notices nodes that come and go, logs why, and tells subscribers when the majority of the
  configured nodes (\`${module}.Quorum\`) is lost or regained.

  Add it to the children of the application. A subscriber is sent

    * \`{${module}.NodeMonitor, {:nodeup, node}}\` and \`{${module}.NodeMonitor, {:nodedown, node, reason}}\`
    * \`{${module}.NodeMonitor, {:quorum, :lost | :regained, status}}\`

  Node events are a hint: a node that is silent is reported only after 45 to 75 seconds, and one
  side of a partition may notice before the other. Nothing here reconnects nodes; libcluster does,
  with a strategy that polls.
  """

  use GenServer
  require Logger

  alias ${module}.Quorum

  def start_link(options \\\\ []), do: GenServer.start_link(__MODULE__, options, name: __MODULE__)

  @doc "Sends this process the events from now on, until it ends. Answers the status of now."
  def subscribe, do: GenServer.call(__MODULE__, {:subscribe, self()})

  @doc "The nodes that went and have not come back, with the reason."
  def lost, do: GenServer.call(__MODULE__, :lost)

  @impl true
  def init(_options) do
    # With options the messages are 3-tuples; without any they would be 2-tuples.
    :ok = :net_kernel.monitor_nodes(true, [:nodedown_reason, node_type: :visible])
    {:ok, %{subscribers: %{}, lost: %{}, quorum?: Quorum.quorum?()}}
  end

  @impl true
  def handle_call({:subscribe, pid}, _from, state) do
    reference = Process.monitor(pid)
    {:reply, Quorum.status(), put_in(state.subscribers[reference], pid)}
  end

  def handle_call(:lost, _from, state), do: {:reply, state.lost, state}

  @impl true
  def handle_info({:nodeup, node, _info}, state) do
    Logger.info("node #{node} is connected")
    state = %{state | lost: Map.delete(state.lost, node)}
    tell(state, {:nodeup, node})
    {:noreply, compare(state)}
  end

  def handle_info({:nodedown, node, info}, state) do
    reason = Keyword.get(info, :nodedown_reason, :unknown)
    Logger.warning("node #{node} is gone: #{inspect(reason)}")
    state = put_in(state.lost[node], reason)
    tell(state, {:nodedown, node, reason})
    {:noreply, compare(state)}
  end

  def handle_info({:DOWN, reference, :process, _pid, _reason}, state) do
    {:noreply, %{state | subscribers: Map.delete(state.subscribers, reference)}}
  end

  def handle_info(_other, state), do: {:noreply, state}

  defp compare(%{quorum?: before} = state) do
    case Quorum.status() do
      %{quorum?: ^before} ->
        state

      %{quorum?: true} = status ->
        Logger.info("quorum regained: #{status.visible} of #{status.size} nodes")
        tell(state, {:quorum, :regained, status})
        %{state | quorum?: true}

      status ->
        Logger.error(
          "quorum lost: #{status.visible} of #{status.size} nodes, #{status.needed} needed"
        )

        tell(state, {:quorum, :lost, status})
        %{state | quorum?: false}
    end
  end

  defp tell(state, event) do
    for {_reference, pid} <- state.subscribers, do: send(pid, {__MODULE__, event})
    :ok
  end
end
`;
}

/** The health, for probes and telemetry. */
export function clusterHealth({ app, module }: Names): string {
  return `defmodule ${module}.ClusterHealth do
  @moduledoc """
  The health of the cluster as this node sees it: visible nodes against the needed quorum.

  For a readiness probe: \`check/0\`, so that a node without a majority gets no traffic. Not for a
  liveness probe: restarting the minority of a partition heals nothing, and restarting a majority
  that is about to return costs the quorum.

  For metrics, with \`telemetry_poller\`:

      {:telemetry_poller, measurements: [{${module}.ClusterHealth, :measure, []}], period: 10_000}

  The event is \`[:${app}, :cluster, :health]\` with the measurements \`visible\`, \`needed\`, \`size\`
  and \`margin\`: how many more nodes may be lost. Page somebody when \`margin\` is below 0, and warn
  when it is 0.
  """

  alias ${module}.Quorum

  @app :${app}
  @event [@app, :cluster, :health]

  @doc "\`{:ok, status}\` when this node sees a majority of the configured nodes, else \`{:error, status}\`."
  def check do
    case Quorum.status() do
      %{quorum?: true} = status -> {:ok, status}
      status -> {:error, status}
    end
  end

  @doc "Emits the measurements of now."
  def measure do
    status = Quorum.status()
    measurements = Map.take(status, [:visible, :needed, :size])
    margin = status.visible - status.needed
    metadata = %{node: node(), missing: status.missing}
    :telemetry.execute(@event, Map.put(measurements, :margin, margin), metadata)
  end
end
`;
}
