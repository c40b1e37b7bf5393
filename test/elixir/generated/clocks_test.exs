# Laws of the generated clocks, on values drawn from a printed seed.
defmodule ClocksTest do
  use ExUnit.Case, async: true

  alias MyApp.HybridClock
  alias MyApp.VectorClock

  @runs 2_000

  setup do
    seed = :rand.seed(:exsss, {ExUnit.configuration()[:seed], 2, 3})
    assert elem(seed, 0).type == :exsss
    :ok
  end

  defp vector do
    replicas = Enum.take_random([:a, :b, :c, :d], :rand.uniform(5) - 1)
    Map.new(replicas, &{&1, :rand.uniform(4)})
  end

  test "merging vector clocks is commutative, associative and idempotent, and forgets nothing" do
    for _ <- 1..@runs do
      {a, b, c} = {vector(), vector(), vector()}
      assert VectorClock.merge(a, b) == VectorClock.merge(b, a)

      assert VectorClock.merge(VectorClock.merge(a, b), c) ==
               VectorClock.merge(a, VectorClock.merge(b, c))

      assert VectorClock.merge(a, a) == a
      assert VectorClock.merge(a, VectorClock.new()) == a
      assert VectorClock.descends?(VectorClock.merge(a, b), a)
      assert VectorClock.descends?(VectorClock.merge(a, b), b)
    end
  end

  test "comparing vector clocks is a partial order" do
    mirrored = %{before: :after, after: :before, equal: :equal, concurrent: :concurrent}

    for _ <- 1..@runs do
      {a, b, c} = {vector(), vector(), vector()}
      assert VectorClock.compare(b, a) == mirrored[VectorClock.compare(a, b)]
      assert VectorClock.compare(a, b) == :equal == (a == b)
      assert VectorClock.compare(a, VectorClock.increment(a, :a)) == :before

      if VectorClock.compare(a, b) == :before and VectorClock.compare(b, c) == :before,
        do: assert(VectorClock.compare(a, c) == :before)
    end
  end

  test "two replicas that write without knowing of each other keep both values until they are merged" do
    base = VectorClock.increment(VectorClock.new(), :a)
    left = VectorClock.increment(base, :a)
    right = VectorClock.increment(base, :b)
    assert VectorClock.compare(left, right) == :concurrent

    versions =
      []
      |> VectorClock.put({base, 1})
      |> VectorClock.put({left, 2})
      |> VectorClock.put({right, 3})

    assert Enum.sort(versions) == Enum.sort([{left, 2}, {right, 3}])
    assert VectorClock.put(versions, {base, 1}) == versions

    merged = left |> VectorClock.merge(right) |> VectorClock.increment(:a)
    assert VectorClock.put(versions, {merged, 5}) == [{merged, 5}]
  end

  test "timestamps follow cause and effect between nodes with clocks that jump" do
    for _ <- 1..200 do
      clocks = Map.new([:a, :b, :c], &{&1, HybridClock.new(&1, max_ahead_ms: 10_000)})

      {_clocks, _latest, all} =
        Enum.reduce(1..40, {clocks, %{}, []}, fn _, {clocks, latest, all} ->
          [from, to] = Enum.take_random([:a, :b, :c], 2)
          # Anything within a second, forwards and backwards, as the wall clock of an ill host.
          wall = fn -> 1_000_000 + :rand.uniform(1_000) end
          {sent, sender} = HybridClock.tick(clocks[from], wall.())
          {:ok, received, receiver} = HybridClock.merge(clocks[to], sent, wall.())
          assert HybridClock.compare(sent, received) == :lt
          if latest[from], do: assert(latest[from] < sent)
          if latest[to], do: assert(latest[to] < received)

          {%{clocks | from => sender, to => receiver},
           Map.merge(latest, %{from => sent, to => received}), [sent, received | all]}
        end)

      assert length(Enum.uniq(all)) == length(all)
    end
  end

  test "a timestamp stays close to the wall clock, and a clock that is far ahead is refused" do
    clock = HybridClock.new(:a, max_ahead_ms: 500)
    assert {{1_000, 0, :a}, clock} = HybridClock.tick(clock, 1_000)
    assert {{1_000, 1, :a}, clock} = HybridClock.tick(clock, 900)
    assert {:error, {:ahead, 600}} = HybridClock.merge(clock, {1_600, 0, :b}, 1_000)
    assert {:ok, {1_500, 8, :a}, clock} = HybridClock.merge(clock, {1_500, 7, :b}, 1_000)
    assert {{2_000, 0, :a}, _clock} = HybridClock.tick(clock, 2_000)

    {now, _clock} = HybridClock.tick(HybridClock.new())
    assert elem(now, 2) == node()
    assert Enum.sort([now, {0, 0, :a}], HybridClock) == [{0, 0, :a}, now]
  end
end
