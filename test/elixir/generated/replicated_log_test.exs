# The generated inventory on three real nodes with :ra: what it promises besides surviving a partition, which its own test shows.
defmodule ReplicatedLogTest do
  use ExUnit.Case, async: false

  alias MyApp.Inventory
  alias MyApp.PeerCluster
  alias MyApp.Store

  @moduletag timeout: 120_000

  setup context do
    directory =
      Path.join(System.tmp_dir!(), "peers-#{System.pid()}-#{System.unique_integer([:positive])}")

    nodes = for i <- 2..4, do: :"n#{i}@127.0.0.#{i}"

    cluster =
      PeerCluster.start([:n2, :n3, :n4],
        apps: [:ra],
        env: [
          ra: [data_dir: String.to_charlist(directory)],
          my_app: [
            {Inventory, nodes: nodes, machine: Map.get(context, :machine, [])},
            {Store, nodes: nodes}
          ]
        ]
      )

    on_exit(fn ->
      PeerCluster.stop(cluster)
      File.rm_rf!(directory)
    end)

    for module <- [Inventory, Store] do
      PeerCluster.start_on_all(cluster, Module.concat(module, Server))

      for {_node, status} <-
            PeerCluster.call_all(cluster, Module.concat(module, Server), :status, []),
          do: assert(status == :waiting)

      assert {:ok, []} = call(cluster, hd(nodes), Module.concat(module, Server), :form, [])
    end

    %{cluster: cluster, nodes: nodes}
  end

  test "two of three nodes serve, one of three refuses", %{cluster: cluster, nodes: [a, b, c]} do
    assert {:ok, 10} = inventory(cluster, a, :restock, ["r-1", "tv", 10])

    cluster = PeerCluster.kill(cluster, c)
    assert {:ok, 7} = command(cluster, a, {:reserve, "s-1", "tv", 3})
    assert {:ok, 10} = inventory(cluster, b, :total, ["tv"])

    cluster = PeerCluster.kill(cluster, b)
    assert {:unknown, "s-2"} = command(cluster, a, {:reserve, "s-2", "tv", 3}, 2_000)

    assert {:error, :no_quorum} =
             inventory(cluster, a, :query, [{Inventory.Machine, :available, ["tv"]}, 2_000])
  end

  test "the log survives a restart of every node, and the cluster is not formed again", %{
    cluster: cluster,
    nodes: nodes
  } do
    [a | _] = nodes
    assert {:ok, 10} = inventory(cluster, a, :restock, ["r-1", "tv", 10])
    assert {:ok, 7} = inventory(cluster, a, :reserve, ["s-1", "tv", 3])
    assert {:error, :already_formed} = call(cluster, a, Inventory.Server, :form, [])

    sync(cluster)
    cluster = Enum.reduce(nodes, cluster, &PeerCluster.kill(&2, &1))
    cluster = Enum.reduce(nodes, cluster, &PeerCluster.restart(&2, &1))
    PeerCluster.start_on_all(cluster, Inventory.Server)

    for {_node, status} <- PeerCluster.call_all(cluster, Inventory.Server, :status, []),
        do: assert(status == :running)

    # The answer to a request that was made before the restart is still known.
    assert {:ok, 7} = command(cluster, a, {:reserve, "s-1", "tv", 3})
    for node <- nodes, do: assert({:ok, 7} = inventory(cluster, node, :available, ["tv"]))
    for node <- nodes, do: assert({:ok, 10} = inventory(cluster, node, :total, ["tv"]))
  end

  test "an unknown command is refused and harms nobody", %{
    cluster: cluster,
    nodes: [a, b, _c] = nodes
  } do
    assert {:ok, 10} = inventory(cluster, a, :restock, ["r-1", "tv", 10])
    pids = for node <- nodes, do: call(cluster, node, Process, :whereis, [:inventory])

    assert {:error, :unknown_command} = command(cluster, a, {:explode, "x-1"})
    assert {:error, :unknown_command} = command(cluster, b, {:reserve, "x-2", "tv", -1})

    assert {:ok, 9} = command(cluster, b, {:reserve, "s-1", "tv", 1})
    assert pids == for(node <- nodes, do: call(cluster, node, Process, :whereis, [:inventory]))
  end

  test "a retried command is applied once", %{cluster: cluster, nodes: nodes} do
    for node <- nodes,
        _ <- 1..3,
        do: assert({:ok, 10} = inventory(cluster, node, :restock, ["r-1", "tv", 10]))

    for node <- nodes,
        _ <- 1..3,
        do: assert({:ok, 6} = inventory(cluster, node, :reserve, ["s-1", "tv", 4]))

    [a, b, _c] = nodes
    assert {:ok, 6} = inventory(cluster, a, :available, ["tv"])
    assert {:error, :request_id_reused} = inventory(cluster, b, :reserve, ["s-1", "tv", 5])
    assert :ok = inventory(cluster, a, :release, ["t-1", "s-1"])
    assert :ok = inventory(cluster, b, :release, ["t-1", "s-1"])
    assert {:ok, 10} = inventory(cluster, a, :available, ["tv"])
    assert {:error, :unknown_reservation} = inventory(cluster, a, :confirm, ["t-2", "s-1"])
  end

  @tag machine: [hold_ms: 1_000]
  test "a reservation that nobody confirms is given back, also when the leader is killed meanwhile",
       %{
         cluster: cluster,
         nodes: [a | _] = nodes
       } do
    assert {:ok, 10} = inventory(cluster, a, :restock, ["r-1", "tv", 10])
    assert {:ok, 6} = inventory(cluster, a, :reserve, ["s-1", "tv", 4])
    assert {:ok, 5} = inventory(cluster, a, :reserve, ["s-2", "tv", 1])
    assert :ok = inventory(cluster, a, :confirm, ["t-1", "s-2"])

    {:ok, _members, {_name, leader}} = call(cluster, a, :ra, :members, [{:inventory, a}])
    cluster = PeerCluster.kill(cluster, leader)
    [survivor | _] = nodes -- [leader]

    PeerCluster.eventually!(fn ->
      inventory(cluster, survivor, :available, ["tv"]) == {:ok, 9}
    end)

    assert {:error, :unknown_reservation} = command(cluster, survivor, {:confirm, "t-2", "s-1"})
  end

  test "many clients on all nodes never sell more than there is", %{
    cluster: cluster,
    nodes: nodes
  } do
    assert {:ok, 20} = inventory(cluster, hd(nodes), :restock, ["r-1", "tv", 20])

    replies =
      1..60
      |> Task.async_stream(
        fn i -> inventory(cluster, Enum.at(nodes, rem(i, 3)), :reserve, ["s-#{i}", "tv", 1]) end,
        max_concurrency: 12,
        timeout: 60_000
      )
      |> Enum.map(fn {:ok, reply} -> reply end)

    assert Enum.count(replies, &match?({:ok, _left}, &1)) == 20
    assert Enum.count(replies, &match?({:error, {:out_of_stock, 0}}, &1)) == 40
  end

  test "members come and go one at a time, and a node that lost its disk waits", %{
    cluster: cluster,
    nodes: [a, _b, c]
  } do
    assert {:ok, 10} = inventory(cluster, a, :restock, ["r-1", "tv", 10])

    cluster = PeerCluster.add(cluster, :n5)
    d = List.last(cluster.nodes)
    PeerCluster.start_on(cluster, d, Inventory.Server)
    assert :waiting = call(cluster, d, Inventory.Server, :status, [])

    assert :ok = settled(cluster, a, :add, [d])
    assert {:error, :already_member} = call(cluster, a, Inventory.Members, :add, [d])
    assert {:ok, members} = call(cluster, a, Inventory.Members, :list, [])
    assert d in members and length(members) == 4

    # The disk of c is lost with everything on it.
    sync(cluster)
    data = call(cluster, c, :ra_env, :data_dir, [])
    cluster = PeerCluster.kill(cluster, c)
    File.rm_rf!(to_string(data))
    cluster = PeerCluster.restart(cluster, c)
    PeerCluster.start_on(cluster, c, Inventory.Server)
    assert :waiting = call(cluster, c, Inventory.Server, :status, [])

    assert :ok = settled(cluster, a, :replace, [c])
    assert :running = call(cluster, c, Inventory.Server, :status, [])
    assert {:ok, 10} = inventory(cluster, c, :available, ["tv"])

    assert :ok = settled(cluster, a, :remove, [d])
    assert {:error, :not_member} = call(cluster, a, Inventory.Members, :remove, [d])
    assert {:ok, members} = call(cluster, a, Inventory.Members, :list, [])
    assert length(members) == 3
  end

  test "the store refuses a write that has not seen the latest version, and tells watchers", %{
    cluster: cluster,
    nodes: [a, b, c]
  } do
    watcher = call(cluster, b, :erlang, :spawn, [:timer, :sleep, [:infinity]])
    assert :ok = call(cluster, a, Store, :watch, ["w-1", watcher])

    assert {:ok, nil} = call(cluster, c, Store, :fetch, ["flag"])
    assert {:ok, first} = call(cluster, a, Store, :put_if, ["p-1", "flag", 0, :on])

    assert {:error, {:changed, ^first}} =
             call(cluster, b, Store, :put_if, ["p-2", "flag", 0, :off])

    assert {:ok, second} = call(cluster, b, Store, :put_if, ["p-3", "flag", first, :off])
    assert second > first
    assert {:ok, {:off, ^second}} = call(cluster, c, Store, :fetch, ["flag"])
    assert :ok = call(cluster, c, Store, :delete, ["p-4", "flag"])
    assert {:ok, nil} = call(cluster, a, Store, :fetch, ["flag"])
    assert {:error, :unknown_command} = call(cluster, a, Store, :command, [{:explode, "x-1"}])

    events = [
      {:changed, "flag", :on, first},
      {:changed, "flag", :off, second},
      {:deleted, "flag"}
    ]

    PeerCluster.eventually!(fn ->
      {:messages, messages} = call(cluster, b, Process, :info, [watcher, :messages])
      for({Store.Machine, event} <- messages, do: event) == events
    end)
  end

  defp call(cluster, node, module, function, arguments),
    do: PeerCluster.call(cluster, node, module, function, arguments, 60_000)

  defp inventory(cluster, node, function, arguments),
    do: call(cluster, node, Inventory, function, arguments)

  defp command(cluster, node, command, timeout \\ 20_000),
    do: inventory(cluster, node, :command, [command, timeout])

  # A leader allows no change before it has committed in its own term, nor while another change is under way.
  defp settled(cluster, node, change, arguments) do
    PeerCluster.eventually!(fn ->
      case call(cluster, node, Inventory.Members, change, arguments) do
        {:error, :cluster_change_not_permitted} -> nil
        answer -> answer
      end
    end)
  end

  # :ra writes which members a node has every half second: a node killed before that has forgotten them.
  defp sync(cluster) do
    for node <- cluster.nodes,
        do: :ok = call(cluster, node, :dets, :sync, [:ra_directory_reverse])
  end
end
