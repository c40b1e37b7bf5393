/** Stock that is never sold twice, on `:ra`. */
import type { Names } from './names';

/** The state machine. */
export function inventoryMachine({ component, module }: Names): string {
  return `defmodule ${module}.${component}.Machine do
  @moduledoc """
  The state machine behind \`${module}.${component}\`: stock that is never sold twice.

  Every member applies the same commands in the same order and must come to the same state, so
  \`apply/3\` is a function of its arguments alone: no clock, no random number, no process, no
  table, no node name. What has to happen in the world is returned as an effect, which the leader
  runs; effects may be lost or repeated when the leader changes.

  Each command carries a request id. A command that arrives again, because a client did not hear
  the answer, is answered from memory instead of being applied again.
  """

  @behaviour :ra_machine

  # How many answers are remembered, and how often the log is cut (in log entries). Both are part
  # of what the machine does: members that run different numbers would diverge, so a change needs
  # a new version.
  @remembered 100_000
  @snapshot_every 4_096

  defguardp is_count(quantity) when is_integer(quantity) and quantity > 0

  # Called when a member starts for the first time, with the map given to \`:ra\` and \`:name\`.
  @impl true
  def init(config) do
    %{
      stock: %{},
      held: %{},
      hold_ms: Map.get(config, :hold_ms, :infinity),
      replies: %{},
      order: :queue.new()
    }
  end

  @doc """
  The version of what \`apply/3\` does; it starts at 1, because \`:ra\` refuses 0.

  Members with old and new code meet during a deploy. Before you change the meaning of a command
  or the shape of the state: copy this module to \`Machine.V1\`, return it from \`which_module/1\`
  for 0 and 1, raise the version, and convert the state where \`{:machine_version, 1, 2}\` arrives.
  The new version is used once the leader has it.
  """
  @impl true
  def version, do: 1

  @impl true
  def which_module(version) when version in [0, 1], do: __MODULE__

  @impl true
  def apply(meta, {:restock, request_id, sku, quantity} = command, state)
      when is_count(quantity) do
    once(meta, request_id, command, state, fn ->
      available = Map.get(state.stock, sku, 0) + quantity
      {put_in(state.stock[sku], available), {:ok, available}, []}
    end)
  end

  def apply(meta, {:reserve, request_id, sku, quantity} = command, state)
      when is_count(quantity) do
    once(meta, request_id, command, state, fn ->
      case Map.get(state.stock, sku, 0) do
        available when available >= quantity ->
          state = put_in(state.stock[sku], available - quantity)
          state = put_in(state.held[request_id], {sku, quantity})
          {state, {:ok, available - quantity}, [timer(request_id, state.hold_ms)]}

        available ->
          {state, {:error, {:out_of_stock, available}}, []}
      end
    end)
  end

  def apply(meta, {:confirm, request_id, reservation} = command, state) do
    once(meta, request_id, command, state, fn ->
      case Map.pop(state.held, reservation) do
        {nil, _held} -> {state, {:error, :unknown_reservation}, []}
        {_sold, held} -> {%{state | held: held}, :ok, [timer(reservation, :infinity)]}
      end
    end)
  end

  def apply(meta, {:release, request_id, reservation} = command, state) do
    once(meta, request_id, command, state, fn ->
      case give_back(state, reservation) do
        {:ok, state} -> {state, :ok, [timer(reservation, :infinity)]}
        :error -> {state, {:error, :unknown_reservation}, []}
      end
    end)
  end

  # The leader's timer: the reservation was neither confirmed nor released in time.
  def apply(_meta, {:timeout, {:hold, reservation}}, state) do
    case give_back(state, reservation) do
      {:ok, state} -> {state, :ok}
      :error -> {state, :ok}
    end
  end

  # Sent by :ra when the members move to a new version.
  def apply(_meta, {:machine_version, _from, _to}, state), do: {state, :ok}

  # A command without a clause would stop every member, and again after each restart, because it
  # is in the log by then.
  def apply(_meta, _unknown, state), do: {state, {:error, :unknown_command}}

  # Timers end with their leader: the next one starts them anew, in full. A reservation can last
  # longer than it should, never shorter.
  @impl true
  def state_enter(:leader, state) do
    for {reservation, _held} <- state.held, do: timer(reservation, state.hold_ms)
  end

  def state_enter(_role, _state), do: []

  @impl true
  def overview(state) do
    %{skus: map_size(state.stock), held: map_size(state.held), replies: map_size(state.replies)}
  end

  @doc "What can be reserved. A query: \`{Machine, :available, [sku]}\`; \`:ra\` appends the state."
  def available(sku, state), do: Map.get(state.stock, sku, 0)

  @doc "What can be reserved together with what is held."
  def total(sku, state) do
    held = for {_reservation, {^sku, quantity}} <- state.held, do: quantity
    available(sku, state) + Enum.sum(held)
  end

  @doc "The reservation made by that request: \`{sku, quantity}\`, or nil."
  def reservation(request_id, state), do: Map.get(state.held, request_id)

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

  defp timer(reservation, milliseconds), do: {:timer, {:hold, reservation}, milliseconds}

  defp give_back(state, reservation) do
    case Map.pop(state.held, reservation) do
      {nil, _held} ->
        :error

      {{sku, quantity}, held} ->
        stock = Map.update(state.stock, sku, quantity, &(&1 + quantity))
        {:ok, %{state | stock: stock, held: held}}
    end
  end
end
`;
}

/** The functions that an application calls. */
export function inventoryClient({ component, module }: Names): string {
  return `defmodule ${module}.${component} do
  @moduledoc """
  Stock that is never sold twice, replicated with \`:ra\` (Raft).

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

  @doc "Adds to the stock; answers what is available then."
  def restock(request_id, sku, quantity), do: command({:restock, request_id, sku, quantity})

  @doc """
  Holds a quantity for the request: \`{:ok, left}\` or \`{:error, {:out_of_stock, left}}\`. The
  request id is the name of the reservation.
  """
  def reserve(request_id, sku, quantity), do: command({:reserve, request_id, sku, quantity})

  @doc "Sells what is held."
  def confirm(request_id, reservation), do: command({:confirm, request_id, reservation})

  @doc "Puts what is held back."
  def release(request_id, reservation), do: command({:release, request_id, reservation})

  @doc "What can be reserved now: \`{:ok, count}\`, or \`{:error, :no_quorum}\`."
  def available(sku), do: query({Machine, :available, [sku]})

  @doc "What can be reserved together with what is held."
  def total(sku), do: query({Machine, :total, [sku]})

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
export function inventoryPartitionTest({ app, component, module }: Names): string {
  return `Code.require_file("../support/peer_cluster.exs", __DIR__)

defmodule ${module}.${component}PartitionTest do
  @moduledoc """
  Cuts a real cluster of three nodes, writes on both sides, heals it, and looks whether the
  promise was kept: the majority goes on, the minority refuses, and nothing is sold twice.
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

  test "the majority goes on, the minority refuses, nothing is sold twice", %{cluster: cluster} do
    [first | _] = cluster.nodes
    assert {:ok, 10} = on(cluster, first, :restock, ["r-1", "tv", 10])

    minority = leader(cluster)
    [left, right] = cluster.nodes -- [minority]
    cluster = PeerCluster.cut(cluster, [minority], [left, right])

    # Both sides want to sell more than half of it. The cut-off node cannot know the outcome.
    lost = {:reserve, "lost", "tv", 8}
    assert {:unknown, "lost"} = on(cluster, minority, :command, [lost, 1_500])

    assert {:error, :no_quorum} =
             on(cluster, minority, :query, [{${component}.Machine, :total, ["tv"]}, 1_500])

    assert {:ok, 2} = on(cluster, left, :command, [{:reserve, "won", "tv", 8}, 20_000])
    assert {:ok, 2} = on(cluster, right, :available, ["tv"])

    cluster = PeerCluster.heal(cluster)

    for node <- cluster.nodes do
      assert {:ok, 10} = on(cluster, node, :total, ["tv"])
      assert {:ok, 2} = on(cluster, node, :available, ["tv"])
    end

    # The client that does not know repeats its request, and learns that it came too late.
    assert {:error, {:out_of_stock, 2}} = on(cluster, minority, :command, [lost, 20_000])
    # The one that was served repeats it as well: the same answer, and nothing is taken again.
    assert {:ok, 2} = on(cluster, left, :command, [{:reserve, "won", "tv", 8}, 20_000])
    assert {:ok, 2} = on(cluster, first, :available, ["tv"])
  end

  test "one dead node of three changes nothing", %{cluster: cluster} do
    [first | _] = cluster.nodes
    assert {:ok, 5} = on(cluster, first, :restock, ["r-1", "tv", 5])

    dead = leader(cluster)
    [survivor | _] = cluster.nodes -- [dead]
    cluster = PeerCluster.kill(cluster, dead)

    assert {:ok, 4} = on(cluster, survivor, :command, [{:reserve, "s-1", "tv", 1}, 20_000])
    assert {:ok, 5} = on(cluster, survivor, :total, ["tv"])
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
