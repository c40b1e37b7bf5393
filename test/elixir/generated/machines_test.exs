# Laws of the generated state machines, on commands drawn from ExUnit's seed: what :ra relies on.
defmodule MachinesTest do
  use ExUnit.Case, async: true

  alias MyApp.Inventory
  alias MyApp.Lease
  alias MyApp.Store

  @machines [Inventory.Machine, Store.Machine, Lease.Machine]
  @runs 100
  @commands 60

  setup do
    :rand.seed(:exsss, {ExUnit.configuration()[:seed], 4, 5})
    :ok
  end

  defp any_of(list), do: Enum.random(list)
  defp id, do: any_of(["a", "b", "c", "d", "e", "f", "g", "h"])
  defp amount, do: any_of([-1, 0, 1, 2, 5, :many, "3", nil])

  defp command(Inventory.Machine) do
    any_of([
      {:restock, id(), any_of([:tv, :radio]), amount()},
      {:reserve, id(), any_of([:tv, :radio]), amount()},
      {:confirm, id(), id()},
      {:release, id(), id()},
      {:timeout, {:hold, id()}}
    ])
  end

  defp command(Store.Machine) do
    any_of([
      {:put, id(), any_of([:x, :y]), amount()},
      {:put_if, id(), any_of([:x, :y]), any_of([0, 1, 2, 3]), amount()},
      {:delete, id(), any_of([:x, :y])},
      {:watch, id(), any_of([self(), :nobody])},
      {:down, self(), :noproc}
    ])
  end

  defp command(Lease.Machine) do
    any_of([
      {:acquire, id(), any_of(["x", "y"]), any_of([0, 10, 20, nil]), any_of([1, 2])},
      {:release, id(), any_of(["x", "y"])},
      {:timeout, {:lease, any_of(["x", "y"]), any_of(Enum.to_list(1..@commands))}}
    ])
  end

  defp anything(machine) do
    any_of([
      command(machine),
      command(machine),
      command(machine),
      {:machine_version, 0, 1},
      {:nodedown, node()},
      {:down, self(), :killed},
      {:timeout, :unknown},
      any_of([nil, :stop, "text", 1, [], {}, %{}, {:restock}, {:put, 1}, {:acquire, 1, 2}])
    ])
  end

  defp meta(index), do: %{index: index, term: 1, system_time: 0, machine_version: 1}

  # The state after each command, the first one included.
  defp states(machine, commands, state) do
    commands
    |> Enum.with_index(1)
    |> Enum.scan(state, fn {command, index}, state -> step(machine, index, command, state) end)
  end

  defp step(machine, index, command, state) do
    result = machine.apply(meta(index), command, state)
    assert tuple_size(result) in [2, 3]
    if tuple_size(result) == 3, do: assert(Enum.all?(elem(result, 2), &is_tuple/1))
    elem(result, 0)
  end

  test "no command stops a machine, and the same commands lead to the same state" do
    for machine <- @machines, _ <- 1..@runs do
      commands = for _ <- 1..@commands, do: anything(machine)
      start = machine.init(%{name: :test})

      assert states(machine, commands, start) ==
               states(machine, commands, machine.init(%{name: :test}))

      last = List.last(states(machine, commands, start))
      assert is_map(machine.overview(last))

      for role <- [:leader, :follower, :eol],
          do: assert(Enum.all?(machine.state_enter(role, last), &is_tuple/1))
    end
  end

  test "stock is never negative, and what was added is available, held or sold" do
    for _ <- 1..@runs do
      commands = for _ <- 1..@commands, do: command(Inventory.Machine)

      for state <- states(Inventory.Machine, commands, Inventory.Machine.init(%{name: :test})) do
        for sku <- [:tv, :radio] do
          assert Inventory.Machine.available(sku, state) >= 0
          assert Inventory.Machine.total(sku, state) >= Inventory.Machine.available(sku, state)
        end
      end
    end
  end

  test "a command that comes twice changes nothing and is answered as before" do
    for machine <- [Inventory.Machine, Store.Machine], _ <- 1..@runs do
      commands = for _ <- 1..@commands, do: command(machine)
      before = List.last(states(machine, commands, machine.init(%{name: :test})))

      request =
        case machine do
          Inventory.Machine -> {:reserve, "new", :tv, 1}
          Store.Machine -> {:put, "new", :x, 1}
        end

      once = machine.apply(meta(1_000), request, before)
      {state, answer} = {elem(once, 0), elem(once, 1)}
      assert {^state, ^answer} = machine.apply(meta(1_001), request, state)
    end
  end

  test "a lease has one holder, and each new holder a larger number" do
    for _ <- 1..@runs do
      commands = for _ <- 1..@commands, do: command(Lease.Machine)
      states = states(Lease.Machine, commands, Lease.Machine.init(%{name: :test}))

      for name <- ["x", "y"] do
        grants = for state <- states, grant = Lease.Machine.holder(name, state), do: grant
        fences = for {_holder, fence} <- grants, do: fence
        assert fences == Enum.sort(fences)
        assert grants |> Enum.uniq() |> Enum.uniq_by(&elem(&1, 1)) == Enum.uniq(grants)
      end
    end
  end

  test "a timer of an earlier round does not end a lease that was renewed" do
    start = Lease.Machine.init(%{name: :test})

    {first, {:ok, 1}, [{:timer, {:lease, "x", 1}, 12}]} =
      Lease.Machine.apply(meta(1), {:acquire, "a", "x", 10, 2}, start)

    {second, {:ok, 1}, effects} = Lease.Machine.apply(meta(2), {:acquire, "a", "x", 10, 2}, first)
    assert effects == [{:timer, {:lease, "x", 1}, :infinity}, {:timer, {:lease, "x", 2}, 12}]
    assert {^second, :ok} = Lease.Machine.apply(meta(3), {:timeout, {:lease, "x", 1}}, second)
    assert {ended, :ok} = Lease.Machine.apply(meta(4), {:timeout, {:lease, "x", 2}}, second)
    assert Lease.Machine.holder("x", ended) == nil
  end

  test "the log is cut now and then" do
    for {machine, request} <- [
          {Inventory.Machine, {:restock, "a", :tv, 1}},
          {Store.Machine, {:put, "a", :x, 1}},
          {Lease.Machine, {:acquire, "a", "x", 10, 2}}
        ] do
      {state, _reply, effects} = machine.apply(meta(4_096), request, machine.init(%{name: :test}))
      assert {:release_cursor, 4_096, ^state} = List.keyfind(effects, :release_cursor, 0)

      {_state, _reply, effects} =
        machine.apply(meta(4_097), request, machine.init(%{name: :test}))

      refute List.keymember?(effects, :release_cursor, 0)
    end
  end
end
