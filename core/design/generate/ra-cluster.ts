/** The parts that every generated `:ra` cluster has: the member of a node, and the change of members. */
import type { Names } from './names';

/** `lib/APP/COMPONENT/server.ex`: starts the system, continues this node’s member, forms the cluster once. */
export function raServer({ app, component, module, snake }: Names): string {
  return `defmodule ${module}.${component}.Server do
  @moduledoc """
  Runs this node's member of the \`:ra\` cluster behind \`${module}.${component}\`.

  Configure the members and a directory that outlives the release, in \`config/runtime.exs\`:

      config :ra, data_dir: String.to_charlist(System.fetch_env!("RA_DATA_DIR"))
      config :${app}, ${module}.${component}, nodes: [:"${app}@a", :"${app}@b", :"${app}@c"]

  Node names must be stable: the log belongs to the name. Add \`:ra\` to the dependencies and this
  module to the children of the application. Then, once in the life of the cluster and on one
  node, when all members run:

      ${module}.${component}.Server.form()

  From then on every start finds the member on disk and continues it. A node that finds nothing
  does *not* form a cluster of its own and does not rejoin under its old name: it may have lost
  its disk, and a member that forgot what it acknowledged can lose data for all. It waits for
  \`form/0\`, or for \`${module}.${component}.Members.add/1\` or \`replace/1\` on another node.
  """

  use GenServer
  require Logger

  alias ${module}.${component}.Machine

  @app :${app}
  @settings ${module}.${component}
  @cluster :${snake}
  @retry 5_000

  def start_link(options \\\\ []), do: GenServer.start_link(__MODULE__, options, name: __MODULE__)

  @doc "The member of a node."
  def id(node \\\\ node()), do: {@cluster, node}

  @doc "The configured members, this node's first: asking it needs no network."
  def ids do
    nodes = nodes()
    for node <- Enum.filter(nodes, &(&1 == node())) ++ (nodes -- [node()]), do: id(node)
  end

  @doc "The configured nodes."
  def nodes, do: Application.fetch_env!(@app, @settings)[:nodes]

  @doc "What \`:ra\` runs: a module, and a map (not a keyword list) for its \`init/1\`."
  def machine, do: {:module, Machine, machine_options()}

  defp machine_options, do: Map.new(Application.fetch_env!(@app, @settings)[:machine] || [])

  @doc """
  Forms the cluster of the configured nodes, once: on a second call nothing happens, and the
  answer is \`{:error, :already_formed}\`.

  \`{:ok, []}\` when all members started. \`{:ok, missing}\` when a majority did: bring the others in
  with \`${module}.${component}.Members.replace/1\`.
  """
  def form do
    case Enum.any?(ids(), &member?/1) do
      true ->
        {:error, :already_formed}

      false ->
        case :ra.start_cluster(:default, @cluster, machine(), ids()) do
          {:ok, _started, missing} -> {:ok, for({_name, node} <- missing, do: node)}
          {:error, reason} -> {:error, reason}
        end
    end
  end

  # Asks the node itself, so that a member without a leader counts.
  defp member?({_name, node}) do
    :erpc.call(node, __MODULE__, :registered?, [], 5_000)
  catch
    :error, {:erpc, _reason} -> false
  end

  @doc "Whether this node has a member on disk."
  def registered?, do: :ra_directory.uid_of(:default, @cluster) != :undefined

  @doc "Starts a new member on this node, which the leader is about to be told of."
  def join(members) do
    with :ok <- start_system() do
      :ra.start_server(:default, @cluster, id(), machine(), members)
    end
  end

  @doc "Where the member of this node stands: \`:running\`, \`:waiting\` or \`{:failed, reason}\`."
  def status, do: GenServer.call(__MODULE__, :status)

  @impl true
  def init(_options), do: {:ok, :waiting, {:continue, :boot}}

  @impl true
  def handle_continue(:boot, _status), do: {:noreply, boot()}

  @impl true
  def handle_call(:status, _from, _status) do
    status = boot()
    {:reply, status, status}
  end

  @impl true
  def handle_info(:boot, :running), do: {:noreply, :running}
  def handle_info(:boot, _status), do: {:noreply, boot()}

  defp boot do
    with :ok <- start_system(), :ok <- restart() do
      :running
    else
      {:error, :name_not_registered} ->
        :waiting

      {:error, reason} ->
        Logger.error("the member #{inspect(id())} does not start: #{inspect(reason)}")
        Process.send_after(self(), :boot, @retry)
        {:failed, reason}
    end
  end

  # Starting the :ra application starts no system.
  defp start_system do
    with :ok <- check_directory(Application.get_env(:ra, :data_dir)) do
      case :ra_system.start_default() do
        {:ok, _pid} -> :ok
        {:error, {:already_started, _pid}} -> :ok
        {:error, reason} -> {:error, reason}
      end
    end
  end

  defp check_directory([_ | _]), do: :ok
  defp check_directory(directory), do: {:error, {:data_dir_is_no_charlist, directory}}

  defp restart do
    case :ra.restart_server(:default, id()) do
      :ok -> :ok
      {:error, {:already_started, _pid}} -> :ok
      {:error, reason} -> {:error, reason}
    end
  end
end
`;
}

/** `lib/APP/COMPONENT/members.ex`: adds, removes and replaces members. */
export function raMembers({ component, module }: Names): string {
  return `defmodule ${module}.${component}.Members do
  @moduledoc """
  Changes the members of the \`:ra\` cluster behind \`${module}.${component}\`: one at a time, through the
  majority there is.

  Change the configured \`nodes\` afterwards, on every node: clients look for members there.

  Prefer odd numbers. With four members three must agree, as with five, but only one may fail.
  """

  alias ${module}.${component}.Server

  @timeout 10_000

  @doc "The members as the leader knows them: \`{:ok, nodes}\`, or an error without a majority."
  def list, do: members(Server.ids())

  defp members([]), do: {:error, :no_quorum}

  defp members([id | others]) do
    case :ra.members(id, @timeout) do
      {:ok, members, _leader} -> {:ok, for({_name, node} <- members, do: node)}
      {:error, _reason} -> members(others)
      {:timeout, _id} -> members(others)
    end
  end

  @doc """
  Starts a member on a node that has none, and lets it in.

  \`{:unknown, node}\` when the answer did not come in time: look at \`list/0\` before you repeat it.
  """
  def add(node) do
    with {:ok, nodes} <- list(),
         :ok <- absent(node, nodes),
         :ok <- start(node, nodes) do
      case :ra.add_member(Enum.map(nodes, &Server.id/1), Server.id(node), @timeout) do
        {:ok, _reply, _leader} ->
          :ok

        {:timeout, _id} ->
          {:unknown, node}

        {:error, reason} ->
          delete(node)
          {:error, reason}
      end
    end
  end

  @doc """
  Takes a member out and deletes its log, where its node can be reached. At the end of its life,
  not for a restart: a member that is down counts as a failure that the majority tolerates.
  """
  def remove(node) do
    with {:ok, nodes} <- list(),
         :ok <- present(node, nodes) do
      case :ra.remove_member(Enum.map(nodes, &Server.id/1), Server.id(node), @timeout) do
        {:ok, _reply, _leader} ->
          delete(node)
          :ok

        {:timeout, _id} ->
          {:unknown, node}

        {:error, reason} ->
          {:error, reason}
      end
    end
  end

  @doc """
  Lets a node start over with nothing: after it lost its disk, or when it missed the forming. The
  remaining members must have a majority without it.
  """
  def replace(node) do
    with :ok <- remove(node), do: add(node)
  end

  defp absent(node, nodes), do: if(node in nodes, do: {:error, :already_member}, else: :ok)
  defp present(node, nodes), do: if(node in nodes, do: :ok, else: {:error, :not_member})

  defp start(node, nodes) do
    :erpc.call(node, Server, :join, [Enum.map(nodes, &Server.id/1)], @timeout)
  catch
    :error, {:erpc, reason} -> {:error, {:unreachable, node, reason}}
  end

  defp delete(node) do
    :ra.force_delete_server(:default, Server.id(node))
  catch
    :error, {:erpc, _reason} -> :ok
    :exit, _reason -> :ok
  end
end
`;
}
