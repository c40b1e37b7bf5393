/** Logical clocks, and the measurement of physical ones. */
import type { Names } from './names';

/** A hybrid logical clock. */
export function hybridClock({ module }: Names): string {
  return `defmodule ${module}.HybridClock do
  @moduledoc """
  A hybrid logical clock: timestamps that follow cause and effect, and stay close to wall time.

  A timestamp is \`{milliseconds, counter, node}\`. Of two events where one could have caused the
  other, the later one has the larger timestamp, even when clocks differ or jump back. Timestamps
  compare with \`<\` and \`>\`, and no two are equal. That one is larger does *not* mean that it was
  caused by the other: for that, use a vector clock.

      clock = ${module}.HybridClock.new()
      {timestamp, clock} = ${module}.HybridClock.tick(clock)           # before sending or writing
      {:ok, timestamp, clock} = ${module}.HybridClock.merge(clock, received)  # on receiving

  A peer whose clock is far ahead would drag all others along; \`merge/3\` refuses it.
  """

  defstruct [:node, milliseconds: 0, counter: 0, max_ahead_ms: 60_000]

  @type t :: %__MODULE__{}
  @type timestamp :: {milliseconds :: integer, counter :: non_neg_integer, node :: term}

  @doc "A clock of this node. \`max_ahead_ms\` is how far a received timestamp may be ahead of the wall clock."
  @spec new(term, keyword) :: t
  def new(node \\\\ node(), options \\\\ []), do: struct!(%__MODULE__{node: node}, options)

  @doc "The timestamp of a local event or of a message to be sent."
  @spec tick(t, integer) :: {timestamp, t}
  def tick(%__MODULE__{} = clock, wall \\\\ wall()) do
    clock =
      if wall > clock.milliseconds,
        do: %{clock | milliseconds: wall, counter: 0},
        else: %{clock | counter: clock.counter + 1}

    {timestamp(clock), clock}
  end

  @doc """
  The timestamp of receiving one: larger than it, and than every own one so far.
  \`{:error, {:ahead, milliseconds}}\` when its clock cannot be trusted; the clock stays as it is.
  """
  @spec merge(t, timestamp, integer) :: {:ok, timestamp, t} | {:error, {:ahead, pos_integer}}
  def merge(%__MODULE__{} = clock, {received, counter, _node}, wall \\\\ wall()) do
    ahead = received - wall

    if ahead > clock.max_ahead_ms do
      {:error, {:ahead, ahead}}
    else
      latest = Enum.max([wall, received, clock.milliseconds])

      counters =
        for {^latest, n} <- [{received, counter}, {clock.milliseconds, clock.counter}], do: n

      clock = %{clock | milliseconds: latest, counter: Enum.max(counters, fn -> -1 end) + 1}
      {:ok, timestamp(clock), clock}
    end
  end

  @doc "\`:lt\`, \`:eq\` or \`:gt\`, as \`Enum.sort/2\` takes it with this module."
  @spec compare(timestamp, timestamp) :: :lt | :eq | :gt
  def compare(a, b) when a < b, do: :lt
  def compare(a, b) when a > b, do: :gt
  def compare(_a, _b), do: :eq

  defp timestamp(clock), do: {clock.milliseconds, clock.counter, clock.node}
  defp wall, do: System.system_time(:millisecond)
end
`;
}

/** A vector clock with its merge. */
export function vectorClock({ module }: Names): string {
  return `defmodule ${module}.VectorClock do
  @moduledoc """
  A vector clock: tells whether one version of a value has seen another, or whether they were
  written without knowing of each other.

      clock = ${module}.VectorClock.increment(clock, node())   # with every write
      ${module}.VectorClock.compare(mine, theirs)              # :before, :after, :equal, :concurrent

  Merging is commutative, associative and idempotent: replicas may exchange clocks in any order
  and as often as they like. Of two concurrent versions neither is newer: merge the values as the
  application needs it, then merge the clocks and increment.

  Use the names of replicas, which are few and lasting, and not those of clients or of processes:
  a clock never forgets an entry by itself.
  """

  @type t :: %{optional(term) => pos_integer}

  @doc "A clock that has seen nothing."
  @spec new() :: t
  def new, do: %{}

  @doc "One more write of this replica."
  @spec increment(t, term) :: t
  def increment(clock, replica), do: Map.update(clock, replica, 1, &(&1 + 1))

  @doc "A clock that has seen what either has seen."
  @spec merge(t, t) :: t
  def merge(a, b), do: Map.merge(a, b, fn _replica, x, y -> max(x, y) end)

  @doc "How \`a\` relates to \`b\`."
  @spec compare(t, t) :: :before | :after | :equal | :concurrent
  def compare(a, b) do
    case {descends?(a, b), descends?(b, a)} do
      {true, true} -> :equal
      {true, false} -> :after
      {false, true} -> :before
      {false, false} -> :concurrent
    end
  end

  @doc "Whether \`a\` has seen all that \`b\` has seen."
  @spec descends?(t, t) :: boolean
  def descends?(a, b),
    do: Enum.all?(b, fn {replica, count} -> Map.get(a, replica, 0) >= count end)

  @doc """
  Adds a version \`{clock, value}\` to those that are kept side by side, and drops those that it has
  seen. One remains, unless some are concurrent: then the application merges them.
  """
  @spec put([{t, value}], {t, value}) :: [{t, value}] when value: term
  def put(versions, {clock, _value} = version) do
    case Enum.any?(versions, fn {other, _value} -> descends?(other, clock) end) do
      true ->
        versions

      false ->
        [version | Enum.reject(versions, fn {other, _value} -> descends?(clock, other) end)]
    end
  end
end
`;
}

/** The probe of the skew between nodes. */
export function clockSkew({ app, module }: Names): string {
  return `defmodule ${module}.ClockSkew do
  @moduledoc """
  Measures how far the wall clocks of the connected nodes are from this node's.

      {:telemetry_poller, measurements: [{${module}.ClockSkew, :measure, []}], period: 60_000}

  The event is \`[:${app}, :cluster, :clock_skew]\` with \`offset_us\` and \`error_us\`, once per node.

  The other node is asked several times; the answer with the shortest round trip counts, taken for
  the middle of that time. The error is half of the round trip, measured with the monotonic clock.
  """

  @samples 7
  @timeout 2_000
  @app :${app}
  @event [@app, :cluster, :clock_skew]

  @doc "Emits the skew of every connected node."
  def measure do
    for {node, {:ok, skew}} <- all(), do: :telemetry.execute(@event, skew, %{node: node})
    :ok
  end

  @doc "\`{node, {:ok, skew} | {:error, reason}}\` for every connected node."
  def all do
    for node <- Node.list(), do: {node, of(node)}
  end

  @doc """
  \`{:ok, %{offset_us: offset, error_us: error}}\` in microseconds, or \`{:error, reason}\`. A positive
  offset is a clock that is ahead of this one's.
  """
  def of(node) do
    {:ok, 1..@samples |> Enum.map(fn _ -> sample(node) end) |> Enum.min_by(& &1.error_us)}
  catch
    :error, {:erpc, reason} -> {:error, reason}
  end

  defp sample(node) do
    here = System.os_time(:microsecond)
    sent = System.monotonic_time(:microsecond)
    there = :erpc.call(node, System, :os_time, [:microsecond], @timeout)
    half = div(System.monotonic_time(:microsecond) - sent, 2)
    %{offset_us: there - here - half, error_us: half}
  end
end
`;
}
