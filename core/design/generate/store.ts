/** Values under keys with versions, on `:ra`. */
import type { Names } from './names';

/** The state machine. */
export function storeMachine({ component, module }: Names): string {
  return `defmodule ${module}.${component}.Machine do
  @moduledoc """
  The state machine behind \`${module}.${component}\`: values under keys, each with a version.

  Every member applies the same commands in the same order and must come to the same state, so
  \`apply/3\` is a function of its arguments alone: no clock, no random number, no process, no
  table, no node name. What has to happen in the world is returned as an effect, which the leader
  runs; effects may be lost or repeated when the leader changes.

  The version of a value is the position of its last write in the log: it grows with every write,
  on every member alike, and may serve as a fencing number.
  """

  @behaviour :ra_machine

  # How many answers are remembered, and how often the log is cut (in log entries). Both are part
  # of what the machine does: members that run different numbers would diverge, so a change needs
  # a new version.
  @remembered 100_000
  @snapshot_every 4_096

  # Called when a member starts for the first time, with the map given to \`:ra\` and \`:name\`.
  @impl true
  def init(_config), do: %{values: %{}, watchers: %{}, replies: %{}, order: :queue.new()}

  @doc """
  The version of what \`apply/3\` does; it starts at 1, because \`:ra\` refuses 0.

  Members with old and new code meet during a deploy. Before you change the meaning of a command
  or the shape of the state: copy this module to \`Machine.V1\`, return it from \`which_module/1\`
  for 0 and 1, raise the version, and convert the state where \`{:machine_version, 1, 2}\` arrives.
  """
  @impl true
  def version, do: 1

  @impl true
  def which_module(version) when version in [0, 1], do: __MODULE__

  @impl true
  def apply(meta, {:put, request_id, key, value} = command, state) do
    once(meta, request_id, command, state, fn -> write(meta, state, key, value) end)
  end

  # Version 0 stands for a key that has no value.
  def apply(meta, {:put_if, request_id, key, version, value} = command, state) do
    once(meta, request_id, command, state, fn ->
      case version(key, state) do
        ^version -> write(meta, state, key, value)
        current -> {state, {:error, {:changed, current}}, []}
      end
    end)
  end

  def apply(meta, {:delete, request_id, key} = command, state) do
    once(meta, request_id, command, state, fn ->
      state = %{state | values: Map.delete(state.values, key)}
      {state, :ok, notify(state, {:deleted, key})}
    end)
  end

  def apply(meta, {:watch, request_id, pid} = command, state) when is_pid(pid) do
    once(meta, request_id, command, state, fn ->
      {put_in(state.watchers[pid], true), :ok, [{:monitor, :process, pid}]}
    end)
  end

  # A watcher is gone, or its node is.
  def apply(_meta, {:down, pid, _reason}, state) do
    {%{state | watchers: Map.delete(state.watchers, pid)}, :ok}
  end

  # Sent by :ra when the members move to a new version.
  def apply(_meta, {:machine_version, _from, _to}, state), do: {state, :ok}

  # A command without a clause would stop every member, and again after each restart, because it
  # is in the log by then.
  def apply(_meta, _unknown, state), do: {state, {:error, :unknown_command}}

  # Monitors end with their leader: the next one sets them anew.
  @impl true
  def state_enter(:leader, state) do
    for {pid, true} <- state.watchers, do: {:monitor, :process, pid}
  end

  def state_enter(_role, _state), do: []

  @impl true
  def overview(state) do
    %{
      keys: map_size(state.values),
      watchers: map_size(state.watchers),
      replies: map_size(state.replies)
    }
  end

  @doc "The value and its version, or nil. A query: \`{Machine, :value, [key]}\`; \`:ra\` appends the state."
  def value(key, state), do: Map.get(state.values, key)

  @doc "All values with their versions."
  def values(state), do: state.values

  defp version(key, state) do
    case state.values do
      %{^key => {_value, version}} -> version
      _absent -> 0
    end
  end

  defp write(meta, state, key, value) do
    state = put_in(state.values[key], {value, meta.index})
    {state, {:ok, meta.index}, notify(state, {:changed, key, value, meta.index})}
  end

  # May be lost or come twice when the leader changes: a hint to read again, not the truth.
  defp notify(state, event) do
    for {pid, true} <- state.watchers, do: {:send_msg, pid, {__MODULE__, event}}
  end

  # An answer that was given for this id is given again; the same id for something else is refused.
  defp once(meta, request_id, command, state, operation) do
    fingerprint = :erlang.phash2(command)

    case state.replies do
      %{^request_id => {^fingerprint, reply}} ->
        {state, reply}

      %{^request_id => _other} ->
        {state, {:error, :request_id_reused}}

      _new ->
        {state, reply, effects} = operation.()
        state = remember(state, request_id, {fingerprint, reply})
        {state, reply, effects ++ snapshot(meta, state)}
    end
  end

  defp remember(state, request_id, answer) do
    replies = Map.put(state.replies, request_id, answer)
    order = :queue.in(request_id, state.order)

    if map_size(replies) > @remembered do
      {{:value, oldest}, order} = :queue.out(order)
      %{state | replies: Map.delete(replies, oldest), order: order}
    else
      %{state | replies: replies, order: order}
    end
  end

  # Without it the log would grow for ever.
  defp snapshot(%{index: index}, state) when rem(index, @snapshot_every) == 0 do
    [{:release_cursor, index, state}]
  end

  defp snapshot(_meta, _state), do: []
end
`;
}

/** The functions that an application calls. */
export function storeClient({ component, module }: Names): string {
  return `defmodule ${module}.${component} do
  @moduledoc """
  Values under keys, replicated with \`:ra\` (Raft): one order of writes, no lost update.

  Start \`${module}.${component}.Server\` on every member and form the cluster once, as described there.

  A command ends in one of these ways:

    * \`{:ok, value}\`, \`:ok\` or \`{:error, reason}\`: a majority has decided.
    * \`{:error, :unreachable}\`: no member is running here or on the other nodes. Nothing happened.
    * \`{:unknown, request_id}\`: no majority answered in time. The command may have been applied,
      or may be applied later: a timeout is not a refusal. Call again with the same request id;
      it is applied at most once.

  The request id belongs to the intention, not to the attempt: make it where the user presses the
  button, with \`new_request_id/0\`, and keep it until the answer is known.
  """

  alias ${module}.${component}.Machine
  alias ${module}.${component}.Server

  @timeout 5_000
  @attempt 1_000
  @pause 50

  @typedoc "Names one intention; the same id is applied once."
  @type request_id :: String.t()

  @doc "An id that no other request has."
  @spec new_request_id() :: request_id
  def new_request_id, do: Base.url_encode64(:crypto.strong_rand_bytes(16), padding: false)

  @doc "Writes a value; answers its version."
  def put(request_id, key, value), do: command({:put, request_id, key, value})

  @doc """
  Writes a value if the key still has this version, 0 for none: \`{:ok, version}\`, or
  \`{:error, {:changed, current}}\`. Read, decide and write with it, or an update in between is lost.
  """
  def put_if(request_id, key, version, value) do
    command({:put_if, request_id, key, version, value})
  end

  @doc "Takes the value away."
  def delete(request_id, key), do: command({:delete, request_id, key})

  @doc "Sends the process \`{${module}.${component}.Machine, event}\` with every change: a hint to read again."
  def watch(request_id, pid), do: command({:watch, request_id, pid})

  @doc "The value and its version: \`{:ok, {value, version}}\`, \`{:ok, nil}\` or \`{:error, :no_quorum}\`."
  def fetch(key), do: query({Machine, :value, [key]})

  @doc "Sends a command until a majority has answered or the time is over (milliseconds)."
  def command(command, timeout \\\\ @timeout) do
    deadline = System.monotonic_time(:millisecond) + timeout
    attempt(command, Server.ids(), deadline, :unsent)
  end

  @doc """
  Reads through the leader, after it has made sure that it still leads: the answer includes every
  write that was acknowledged before. A query is \`{module, function, arguments}\`, because \`:ra\`
  3.x takes no anonymous functions.
  """
  def query({_module, _function, _arguments} = query, timeout \\\\ @timeout) do
    deadline = System.monotonic_time(:millisecond) + timeout
    read(query, Server.ids(), deadline)
  end

  # \`sent\` remembers whether any attempt may have reached a member.
  defp attempt(command, [], deadline, sent) do
    case left(deadline) do
      0 when sent == :unsent ->
        {:error, :unreachable}

      0 ->
        {:unknown, elem(command, 1)}

      left ->
        Process.sleep(min(@pause, left))
        attempt(command, Server.ids(), deadline, sent)
    end
  end

  defp attempt(command, [id | others], deadline, sent) do
    case left(deadline) do
      0 ->
        attempt(command, [], deadline, sent)

      left ->
        case :ra.process_command(id, command, min(@attempt, left)) do
          {:ok, reply, _leader} -> reply
          {:error, :noproc} -> attempt(command, others, deadline, sent)
          {:error, _reason} -> attempt(command, others, deadline, :sent)
          {:timeout, _id} -> attempt(command, others, deadline, :sent)
        end
    end
  end

  defp read(query, [], deadline) do
    case left(deadline) do
      0 ->
        {:error, :no_quorum}

      left ->
        Process.sleep(min(@pause, left))
        read(query, Server.ids(), deadline)
    end
  end

  defp read(query, [id | others], deadline) do
    case left(deadline) do
      0 ->
        {:error, :no_quorum}

      left ->
        case :ra.consistent_query(id, query, min(@attempt, left)) do
          {:ok, value, _leader} -> {:ok, value}
          {:error, _reason} -> read(query, others, deadline)
          {:timeout, _id} -> read(query, others, deadline)
        end
    end
  end

  defp left(deadline), do: max(deadline - System.monotonic_time(:millisecond), 0)
end
`;
}

/** The test that cuts three nodes. */
export function storePartitionTest({ app, component, module }: Names): string {
  return `Code.require_file("../support/peer_cluster.exs", __DIR__)

defmodule ${module}.${component}PartitionTest do
  @moduledoc """
  Cuts a real cluster of three nodes, writes on both sides, heals it, and looks whether the
  promise was kept: the majority goes on, the minority refuses, and no update is lost.
  """

  use ExUnit.Case, async: false

  alias ${module}.${component}
  alias ${module}.PeerCluster

  @moduletag timeout: 120_000
  @app :${app}

  setup do
    unique = System.unique_integer([:positive])
    directory = Path.join(System.tmp_dir!(), "peers-#{System.pid()}-#{unique}")
    nodes = for i <- 2..4, do: :"n#{i}@127.0.0.#{i}"
    data = [data_dir: String.to_charlist(directory)]
    env = [{:ra, data}, {@app, [{${component}, nodes: nodes}]}]
    cluster = PeerCluster.start([:n2, :n3, :n4], apps: [:ra], env: env)

    on_exit(fn ->
      PeerCluster.stop(cluster)
      File.rm_rf!(directory)
    end)

    PeerCluster.start_on_all(cluster, ${component}.Server)

    states = PeerCluster.call_all(cluster, ${component}.Server, :status, [])
    assert Enum.all?(states, &match?({_node, :waiting}, &1))
    {:ok, []} = PeerCluster.call(cluster, hd(nodes), ${component}.Server, :form, [])
    %{cluster: cluster}
  end

  test "the majority goes on, the minority refuses, no update is lost", %{cluster: cluster} do
    [first | _] = cluster.nodes
    assert {:ok, version} = on(cluster, first, :put, ["p-1", "colour", :red])

    minority = leader(cluster)
    [left, right] = cluster.nodes -- [minority]
    cluster = PeerCluster.cut(cluster, [minority], [left, right])

    # Both sides change what they have read. The cut-off node cannot know the outcome.
    lost = {:put_if, "lost", "colour", version, :green}
    won = {:put_if, "won", "colour", version, :blue}
    read = {${component}.Machine, :value, ["colour"]}
    assert {:unknown, "lost"} = on(cluster, minority, :command, [lost, 1_500])
    assert {:error, :no_quorum} = on(cluster, minority, :query, [read, 1_500])
    assert {:ok, newer} = on(cluster, left, :command, [won, 20_000])
    assert {:ok, {:blue, ^newer}} = on(cluster, right, :fetch, ["colour"])

    cluster = PeerCluster.heal(cluster)

    for node <- cluster.nodes do
      assert {:ok, {:blue, ^newer}} = on(cluster, node, :fetch, ["colour"])
    end

    # The client that does not know repeats its request, and learns that it came too late.
    assert {:error, {:changed, ^newer}} = on(cluster, minority, :command, [lost, 20_000])
    # The one that was served repeats it as well, and gets the same answer.
    assert {:ok, ^newer} = on(cluster, left, :command, [won, 20_000])
  end

  test "one dead node of three changes nothing", %{cluster: cluster} do
    [first | _] = cluster.nodes
    assert {:ok, version} = on(cluster, first, :put, ["p-1", "colour", :red])

    dead = leader(cluster)
    [survivor | _] = cluster.nodes -- [dead]
    cluster = PeerCluster.kill(cluster, dead)

    assert {:ok, newer} =
             on(cluster, survivor, :command, [{:put, "p-2", "colour", :blue}, 20_000])

    assert newer > version
    assert {:ok, {:blue, ^newer}} = on(cluster, survivor, :fetch, ["colour"])
  end

  defp on(cluster, node, function, arguments) do
    PeerCluster.call(cluster, node, ${component}, function, arguments)
  end

  defp leader(cluster) do
    [first | _] = cluster.nodes
    server = PeerCluster.call(cluster, first, ${component}.Server, :id, [])
    {:ok, _members, {_name, leader}} = PeerCluster.call(cluster, first, :ra, :members, [server])
    leader
  end
end
`;
}
