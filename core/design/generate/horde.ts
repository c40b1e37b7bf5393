/** One process in the cluster with Horde. */
import type { Names } from './names';

/** The supervisor. */
export function hordeSingleton({ app, module }: Names): string {
  return `defmodule ${module}.HordeSingleton do
  @moduledoc """
  Runs one process in the cluster with Horde 0.10, on a node that Horde chooses.

      config :${app}, cluster_nodes: [:"${app}@a", :"${app}@b", :"${app}@c"]

      {${module}.HordeSingleton, child: {${module}.Nightly, []}}

  The members are the configured nodes. With \`members: :auto\` each side of a partition would shrink
  the cluster to what it sees, and find that it has a quorum.

  In a partition the process runs on both sides all the same: from 0.8.4 to 0.10.0 a node
  that lost its quorum starts nothing new, but keeps what runs. After the partition the registry
  keeps one of the two. Use it for work that may run twice for a while; otherwise \`:ra\`, or a lease
  whose fencing number the resource compares.
  """

  use Supervisor

  alias ${module}.HordeSingleton.Keeper

  @app :${app}
  @registry __MODULE__.Registry
  @processes __MODULE__.Processes

  def start_link(options), do: Supervisor.start_link(__MODULE__, options, name: __MODULE__)

  @doc "The name that the process registers under: \`name: via()\` for \`GenServer.start_link/3\`."
  def via(name \\\\ :singleton), do: {:via, Horde.Registry, {@registry, name}}

  @impl true
  def init(options) do
    children = [
      {Horde.Registry, keys: :unique, name: @registry, members: members(@registry)},
      {Horde.DynamicSupervisor,
       name: @processes,
       strategy: :one_for_one,
       distribution_strategy: Horde.UniformQuorumDistribution,
       members: members(@processes)},
      {Keeper, {@processes, Keyword.fetch!(options, :child)}}
    ]

    Supervisor.init(children, strategy: :rest_for_one)
  end

  defp members(name) do
    for node <- Application.fetch_env!(@app, :cluster_nodes), do: {name, node}
  end
end
`;
}

/** The process that asks for the child. */
export function hordeKeeper({ module }: Names): string {
  return `defmodule ${module}.HordeSingleton.Keeper do
  @moduledoc """
  Asks Horde for the process, at the start and whenever a node goes or comes.

  The child must turn "already started" into \`:ignore\`, as \`${module}.HordeSingleton.Worker\` does:
  Horde draws new ids for children, so only the registered name keeps a second one away.
  """

  use GenServer
  require Logger

  @retry 5_000

  def start_link(argument), do: GenServer.start_link(__MODULE__, argument, name: __MODULE__)

  @impl true
  def init(state) do
    :ok = :net_kernel.monitor_nodes(true)
    {:ok, state, {:continue, :ensure}}
  end

  @impl true
  def handle_continue(:ensure, state), do: {:noreply, ensure(state)}

  @impl true
  def handle_info({:nodeup, _node}, state), do: {:noreply, ensure(state)}
  def handle_info({:nodedown, _node}, state), do: {:noreply, ensure(state)}
  def handle_info(:ensure, state), do: {:noreply, ensure(state)}

  defp ensure({supervisor, child} = state) do
    case Horde.DynamicSupervisor.start_child(supervisor, child) do
      {:ok, _pid} -> :ok
      :ignore -> :ok
      {:error, {:already_started, _pid}} -> :ok
      {:error, reason} -> again(reason)
    end

    state
  end

  # \`:quorum_not_met\` on the smaller side of a partition.
  defp again(reason) do
    Logger.warning("the singleton is not started here: #{inspect(reason)}")
    Process.send_after(self(), :ensure, @retry)
  end
end
`;
}

/** The child, with its clause for a lost name. */
export function hordeWorker({ module }: Names): string {
  return `defmodule ${module}.HordeSingleton.Worker do
  @moduledoc """
  A process that Horde runs once: give it as \`child\` and put the work into it.

      {${module}.HordeSingleton, child: {${module}.HordeSingleton.Worker, []}}
  """

  use GenServer, restart: :transient
  require Logger

  alias ${module}.HordeSingleton

  def start_link(argument) do
    case GenServer.start_link(__MODULE__, argument, name: HordeSingleton.via()) do
      {:error, {:already_started, _pid}} -> :ignore
      other -> other
    end
  end

  @impl true
  def init(argument) do
    # So that a lost name arrives as a message, and work can be finished.
    Process.flag(:trap_exit, true)
    {:ok, argument}
  end

  # After a partition two processes had the name, and this one lost it: without this clause it
  # would go on unregistered. \`:shutdown\` is a normal end, so that it is not started again.
  @impl true
  def handle_info({:EXIT, _registry, {:name_conflict, {key, _value}, _table, winner}}, state) do
    Logger.warning("#{inspect(key)} also runs on #{node(winner)}; this one stops")
    {:stop, :shutdown, state}
  end

  def handle_info({:EXIT, _pid, reason}, state), do: {:stop, reason, state}
end
`;
}
