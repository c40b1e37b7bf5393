/** Leases with fencing numbers, on `:ra`. */
import type { Names } from './names';

/** The state machine that grants. */
export function leaseMachine({ component, module }: Names): string {
  return `defmodule ${module}.${component}.Machine do
  @moduledoc """
  Grants leases: the state machine of a \`:ra\` cluster behind \`${module}.${component}\`.

  No deadline and no clock reading is stored or sent, only durations. The leader counts a lease
  down with its own timer, which is longer than what the holder counts by \`drift_ms\`. A new leader
  starts every timer anew, in full. So a lease may last longer than it was meant to, and is never
  given to another while its holder still counts on it, as long as clocks run at most
  \`drift_ms / duration_ms\` too fast or too slow.

  A paused process knows nothing of this: it goes on when it wakes. Each grant therefore carries
  a fencing number, larger than every earlier one, and the resource refuses smaller numbers
  (\`${module}.${component}.Fence\`).
  """

  @behaviour :ra_machine

  @snapshot_every 4_096

  defguardp is_duration(milliseconds) when is_integer(milliseconds) and milliseconds > 0

  @impl true
  def init(_config), do: %{leases: %{}}

  @doc "The version of what \`apply/3\` does; it starts at 1, because \`:ra\` refuses 0."
  @impl true
  def version, do: 1

  @impl true
  def which_module(version) when version in [0, 1], do: __MODULE__

  # Asking again as the holder renews: the fencing number stays. So a repeated request is harmless.
  @impl true
  def apply(meta, {:acquire, holder, name, duration_ms, drift_ms}, state)
      when is_duration(duration_ms) and is_duration(drift_ms) do
    case state.leases do
      %{^name => %{holder: ^holder} = lease} ->
        grant(meta, state, name, %{lease | wait_ms: duration_ms + drift_ms, round: meta.index})

      %{^name => lease} ->
        {state, {:error, {:held, lease.holder}}}

      _free ->
        wait_ms = duration_ms + drift_ms
        lease = %{holder: holder, fence: meta.index, wait_ms: wait_ms, round: meta.index}
        grant(meta, state, name, lease)
    end
  end

  def apply(_meta, {:release, holder, name}, state) do
    case state.leases do
      %{^name => %{holder: ^holder} = lease} ->
        stop = {:timer, {:lease, name, lease.round}, :infinity}
        {%{state | leases: Map.delete(state.leases, name)}, :ok, [stop]}

      _other ->
        {state, {:error, :not_held}}
    end
  end

  # A timer of an earlier round says nothing: the lease was renewed while it was on its way.
  def apply(_meta, {:timeout, {:lease, name, round}}, state) do
    case state.leases do
      %{^name => %{round: ^round}} -> {%{state | leases: Map.delete(state.leases, name)}, :ok}
      _renewed -> {state, :ok}
    end
  end

  def apply(_meta, {:machine_version, _from, _to}, state), do: {state, :ok}

  # A command without a clause would stop every member, and again after each restart.
  def apply(_meta, _unknown, state), do: {state, {:error, :unknown_command}}

  @impl true
  def state_enter(:leader, state) do
    for {name, lease} <- state.leases, do: {:timer, {:lease, name, lease.round}, lease.wait_ms}
  end

  def state_enter(_role, _state), do: []

  @impl true
  def overview(state), do: %{leases: map_size(state.leases)}

  @doc "The holder of a lease and its fencing number, or nil. A query: \`{Machine, :holder, [name]}\`."
  def holder(name, state) do
    case state.leases do
      %{^name => lease} -> {lease.holder, lease.fence}
      _free -> nil
    end
  end

  defp grant(meta, state, name, lease) do
    stop =
      case state.leases do
        %{^name => earlier} -> [{:timer, {:lease, name, earlier.round}, :infinity}]
        _free -> []
      end

    state = put_in(state.leases[name], lease)
    start = {:timer, {:lease, name, lease.round}, lease.wait_ms}
    {state, {:ok, lease.fence}, stop ++ [start] ++ snapshot(meta, state)}
  end

  defp snapshot(%{index: index}, state) when rem(index, @snapshot_every) == 0 do
    [{:release_cursor, index, state}]
  end

  defp snapshot(_meta, _state), do: []
end
`;
}

/** The functions that a holder is made of. */
export function leaseClient({ component, module }: Names): string {
  return `defmodule ${module}.${component} do
  @moduledoc """
  Exclusive use of something for a while, decided with \`:ra\` (Raft).

  Start \`${module}.${component}.Server\` on every member and form the cluster once, as described there. Then
  let \`${module}.${component}.Holder\` hold the lease: the functions here are what it is made of.

  A command ends in one of these ways:

    * \`{:ok, fence}\`, \`:ok\` or \`{:error, reason}\`: a majority has decided.
    * \`{:error, :unreachable}\`: no member is running here or on the other nodes. Nothing happened.
    * \`{:unknown, holder_id}\`: no majority answered in time. The lease may have been granted: whoever
      does not know must not act on it. Asking again as the same holder is harmless.
  """

  alias ${module}.${component}.Machine
  alias ${module}.${component}.Server

  @timeout 5_000
  @attempt 1_000
  @pause 50

  @typedoc "Names one holder in one life: a process that was restarted is another holder."
  @type holder :: String.t()

  @doc "A name that no other holder has."
  @spec new_holder() :: holder
  def new_holder, do: Base.url_encode64(:crypto.strong_rand_bytes(16), padding: false)

  @doc """
  Takes or renews a lease for a holder: \`{:ok, fence}\` or \`{:error, {:held, holder}}\`. The holder
  counts \`duration_ms - drift_ms\` from before the call, with its own monotonic clock.
  """
  def acquire(holder_id, name, duration_ms, drift_ms) do
    command({:acquire, holder_id, name, duration_ms, drift_ms}, duration_ms)
  end

  @doc "Gives a lease back."
  def release(holder_id, name), do: command({:release, holder_id, name})

  @doc "Who holds the lease: \`{:ok, {holder, fence}}\`, \`{:ok, nil}\` or \`{:error, :no_quorum}\`."
  def holder(name), do: query({Machine, :holder, [name]})

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

/** The process that holds a lease. */
export function leaseHolder({ component, module }: Names): string {
  return `defmodule ${module}.${component}.Holder do
  @moduledoc """
  Holds a lease of \`${module}.${component}\` for as long as it can, on one of the nodes where it runs.

      {${module}.${component}.Holder, lease: "nightly", notify: ${module}.Nightly}

  The process \`notify\` is sent \`{${module}.${component}.Holder, {:granted, lease, fence}}\` and
  \`{${module}.${component}.Holder, {:lost, lease}}\`. Before each step of the work ask \`fence/1\`, and send the
  number with every write; the resource refuses smaller ones.

  The time is counted here, with this node's monotonic clock, from *before* the request was sent,
  and ends \`drift_ms\` early. When a renewal does not come through, the holder gives up by
  itself, without hearing from anybody.
  """

  use GenServer

  alias ${module}.${component}

  @duration 10_000
  @drift 500

  def start_link(options) do
    GenServer.start_link(__MODULE__, options, name: Keyword.get(options, :name, __MODULE__))
  end

  @doc "\`{:ok, fence}\` while the lease is held by this process, else \`:error\`."
  def fence(holder \\\\ __MODULE__), do: GenServer.call(holder, :fence)

  @doc "Gives the lease back, and stops asking for it."
  def release(holder \\\\ __MODULE__), do: GenServer.call(holder, :release, 10_000)

  @impl true
  def init(options) do
    state = %{
      lease: Keyword.fetch!(options, :lease),
      notify: Keyword.get(options, :notify),
      duration_ms: Keyword.get(options, :duration_ms, @duration),
      drift_ms: Keyword.get(options, :drift_ms, @drift),
      # A restarted process is another holder: what the earlier one was doing is unknown.
      id: ${component}.new_holder(),
      held: nil,
      request: nil,
      stopped: false
    }

    {:ok, state, {:continue, :ask}}
  end

  @impl true
  def handle_continue(:ask, state), do: {:noreply, ask(state)}

  @impl true
  def handle_call(:fence, _from, state) do
    case state.held do
      %{until: until, fence: fence} ->
        {:reply, if(now() < until, do: {:ok, fence}, else: :error), state}

      nil ->
        {:reply, :error, state}
    end
  end

  def handle_call(:release, _from, state) do
    state = lose(%{state | stopped: true})
    {:reply, ${component}.release(state.id, state.lease), state}
  end

  @impl true
  def handle_info(:ask, state), do: {:noreply, ask(state)}

  def handle_info({:DOWN, reference, :process, _pid, reason}, %{request: reference} = state) do
    state = %{state | request: nil}

    case reason do
      {:answer, asked_at, {:ok, fence}} -> {:noreply, granted(state, asked_at, fence)}
      # Refused, or the outcome is unknown, which counts as not granted.
      _other -> {:noreply, later(state)}
    end
  end

  def handle_info({:expired, fence}, %{held: %{fence: fence, until: until}} = state) do
    {:noreply, if(now() < until, do: state, else: lose(state))}
  end

  def handle_info(_late, state), do: {:noreply, state}

  # In a process of its own: while it waits, this one must be able to notice that time is up.
  defp ask(%{request: nil, stopped: false} = state) do
    %{id: id, lease: lease, duration_ms: duration_ms, drift_ms: drift_ms} = state

    {_pid, reference} =
      spawn_monitor(fn ->
        asked_at = now()
        exit({:answer, asked_at, ${component}.acquire(id, lease, duration_ms, drift_ms)})
      end)

    %{state | request: reference}
  end

  defp ask(state), do: state

  defp granted(%{stopped: true} = state, _asked_at, _fence), do: state

  defp granted(state, asked_at, fence) do
    until = asked_at + state.duration_ms - state.drift_ms
    later(if now() < until, do: hold(state, fence, until), else: state)
  end

  defp hold(state, fence, until) do
    if state.held == nil or state.held.fence != fence,
      do: tell(state, {:granted, state.lease, fence})

    Process.send_after(self(), {:expired, fence}, until, abs: true)
    %{state | held: %{fence: fence, until: until}}
  end

  defp lose(%{held: nil} = state), do: state

  defp lose(state) do
    tell(state, {:lost, state.lease})
    %{state | held: nil}
  end

  defp later(state) do
    Process.send_after(self(), :ask, div(state.duration_ms, 3))
    state
  end

  defp tell(%{notify: nil}, _event), do: :ok

  defp tell(state, event) do
    message = {__MODULE__, event}
    send(state.notify, message)
    :ok
  end

  defp now, do: System.monotonic_time(:millisecond)
end
`;
}

/** The side of the resource. */
export function leaseFence({ component, module }: Names): string {
  return `defmodule ${module}.${component}.Fence do
  @moduledoc """
  The side of the resource: refuses writes of holders that were overtaken.

  Keep the largest number that was seen where the data is, and change both in one step. For a
  table that is one statement:

      UPDATE reports SET body = $1, fence = $2 WHERE id = $3 AND fence <= $2

  where no changed row means that the writer was overtaken. For state in one process, this module:
  keep a fence in the state, and ask \`admit/2\` before each write.
  """

  defstruct highest: 0

  @type t :: %__MODULE__{highest: non_neg_integer}

  @doc "A fence that has seen no number."
  @spec new() :: t
  def new, do: %__MODULE__{}

  @doc "\`{:ok, fence}\` for the newest holder seen so far, \`{:error, {:overtaken, highest}}\` for others."
  @spec admit(t, non_neg_integer) :: {:ok, t} | {:error, {:overtaken, non_neg_integer}}
  def admit(%__MODULE__{highest: highest}, number) when number < highest do
    {:error, {:overtaken, highest}}
  end

  def admit(%__MODULE__{} = fence, number), do: {:ok, %{fence | highest: number}}
end
`;
}

/** The test that cuts five nodes into three and two. */
export function leasePartitionTest({ app, component, module }: Names): string {
  return `Code.require_file("../support/peer_cluster.exs", __DIR__)

defmodule ${module}.${component}PartitionTest do
  @moduledoc """
  Cuts a real cluster of five nodes into three and two, with the holder of the lease on the smaller
  side, and looks whether there is one holder at any time, with a larger fencing number each.
  """

  use ExUnit.Case, async: false

  alias ${module}.${component}
  alias ${module}.PeerCluster

  @moduletag timeout: 120_000
  @app :${app}

  setup do
    unique = System.unique_integer([:positive])
    directory = Path.join(System.tmp_dir!(), "peers-#{System.pid()}-#{unique}")
    nodes = for i <- 2..6, do: :"n#{i}@127.0.0.#{i}"
    data = [data_dir: String.to_charlist(directory)]
    env = [{:ra, data}, {@app, [{${component}, nodes: nodes}]}]
    cluster = PeerCluster.start([:n2, :n3, :n4, :n5, :n6], apps: [:ra], env: env)

    on_exit(fn ->
      PeerCluster.stop(cluster)
      File.rm_rf!(directory)
    end)

    PeerCluster.start_on_all(cluster, ${component}.Server)
    PeerCluster.call_all(cluster, ${component}.Server, :status, [])
    {:ok, []} = PeerCluster.call(cluster, hd(nodes), ${component}.Server, :form, [])
    options = [lease: "leader", duration_ms: 3_000, drift_ms: 300]
    for node <- nodes, do: PeerCluster.start_on(cluster, node, ${component}.Holder, options)
    %{cluster: cluster}
  end

  test "three and two: one leader at any time", %{cluster: cluster} do
    {first, fence} = PeerCluster.eventually!(fn -> leader(cluster, cluster.nodes) end)
    [companion | others] = cluster.nodes -- [first]
    cluster = PeerCluster.cut(cluster, [first, companion], others)

    {second, newer} = PeerCluster.eventually!(fn -> leader(cluster, others) end)

    # A new leader exists, so the old one has stopped counting on its lease.
    assert nil == leader(cluster, [first, companion])
    assert newer > fence

    cluster = PeerCluster.heal(cluster)
    assert {^second, ^newer} = PeerCluster.eventually!(fn -> leader(cluster, cluster.nodes) end)
  end

  defp leader(cluster, nodes) do
    Enum.find_value(nodes, fn node ->
      case PeerCluster.call(cluster, node, ${component}.Holder, :fence, []) do
        {:ok, fence} -> {node, fence}
        :error -> nil
      end
    end)
  end
end
`;
}
