# The snippets on real nodes, with their placeholders left as they are: what they promise when a cluster of three is cut.
defmodule SnippetsTest do
  use ExUnit.Case, async: false

  alias MyApp.CrdtHybridClock
  alias MyApp.CrdtVectorClock
  alias MyApp.Definitions
  alias MyApp.GlobalSingleton
  alias MyApp.LeaseFence
  alias MyApp.LeaseHolder
  alias MyApp.MnesiaPartition
  alias MyApp.PeerCluster
  alias MyApp.QuorumNodeMonitor

  @moduletag timeout: 120_000

  setup context do
    unique = System.unique_integer([:positive])
    directory = Path.join(System.tmp_dir!(), "peers-#{System.pid()}-#{unique}")
    nodes = for i <- 2..4, do: :"n#{i}@127.0.0.#{i}"

    cluster =
      PeerCluster.start([:n2, :n3, :n4],
        apps: Map.get(context, :apps, []),
        env: [
          ra: [data_dir: String.to_charlist(directory)],
          my_app: [ra_nodes: nodes, mnesia_nodes: nodes, cluster_nodes: nodes]
        ]
      )

    on_exit(fn ->
      PeerCluster.stop(cluster)
      File.rm_rf!(directory)
    end)

    %{cluster: cluster, nodes: nodes, directory: directory}
  end

  defp call(cluster, node, module, function, arguments),
    do: PeerCluster.call(cluster, node, module, function, arguments)

  defp on(cluster, node, function, arguments),
    do: call(cluster, node, Definitions, function, arguments)

  @tag apps: [:ra]
  test ":ra: formed once, repeated commands, both kinds of reads, restart and members", context do
    %{cluster: cluster, nodes: [a, b, c] = nodes} = context
    servers = on(cluster, a, :servers, [])
    assert [{:my_cluster, ^a}, {:my_cluster, ^b}, {:my_cluster, ^c}] = servers
    assert [{:my_cluster, ^c} | _] = on(cluster, c, :servers, [])

    for node <- nodes,
        do: assert({:error, :name_not_registered} = on(cluster, node, :restart_member, []))

    assert {:ok, []} = on(cluster, a, :form_cluster, [])
    assert {:error, :cluster_not_formed} = on(cluster, a, :form_cluster, [])

    assert :ok = on(cluster, a, :command, [servers, "r-1", {:put, :colour, :red}])
    assert :ok = on(cluster, b, :command, [servers, "r-1", {:put, :colour, :blue}])
    assert {:ok, {:ok, :red}} = on(cluster, c, :fetch, [{:my_cluster, c}, :colour])

    assert {:error, :unknown_command} = on(cluster, a, :command, [servers, "r-2", :explode])
    assert {:ok, :error} = on(cluster, a, :fetch, [{:my_cluster, a}, :size])

    cluster = PeerCluster.cut(cluster, [a], [b, c])
    mine = [{:my_cluster, a}]

    assert {:unknown, "r-3"} =
             on(cluster, a, :command, [mine, "r-3", {:put, :colour, :green}, 1_500])

    assert {:ok, {:ok, :red}} = on(cluster, a, :peek, [{:my_cluster, a}, :colour])
    assert {:error, _reason} = on(cluster, a, :fetch, [{:my_cluster, a}, :colour])

    assert :ok =
             on(cluster, b, :command, [servers -- mine, "r-4", {:put, :colour, :blue}, 20_000])

    cluster = PeerCluster.heal(cluster)
    assert :ok = on(cluster, a, :command, [mine, "r-3", {:put, :colour, :green}, 20_000])
    assert {:ok, {:ok, :green}} = on(cluster, b, :fetch, [{:my_cluster, b}, :colour])

    for node <- nodes, do: :ok = call(cluster, node, :dets, :sync, [:ra_directory_reverse])
    cluster = cluster |> PeerCluster.kill(c) |> PeerCluster.restart(c)
    assert :ok = on(cluster, c, :restart_member, [])
    assert :ok = on(cluster, c, :restart_member, [])

    PeerCluster.eventually!(fn ->
      on(cluster, c, :fetch, [{:my_cluster, c}, :colour]) == {:ok, {:ok, :green}}
    end)

    cluster = PeerCluster.add(cluster, :n5)
    [d] = cluster.nodes -- nodes
    new = {:my_cluster, d}
    assert :ok = on(cluster, a, :add_member, [servers, new])
    assert {:ok, members, _leader} = call(cluster, a, :ra, :members, [hd(servers)])
    assert new in members

    PeerCluster.eventually!(fn ->
      on(cluster, d, :peek, [new, :colour]) == {:ok, {:ok, :green}}
    end)

    assert :ok = on(cluster, a, :remove_member, [members, new])
    assert {:ok, members, _leader} = call(cluster, a, :ra, :members, [hd(servers)])
    assert Enum.sort(members) == Enum.sort(servers)
    assert {:error, _reason} = on(cluster, d, :restart_member, [])

    nobody = {:my_cluster, :"n9@127.0.0.9"}

    assert {:error, {:unreachable, _node, _reason}} =
             on(cluster, a, :add_member, [servers, nobody])
  end

  @tag apps: [:ra]
  test "leases: one holder, a longer wait than the holder counts, growing fencing numbers",
       context do
    %{cluster: cluster, nodes: [a, b, _c] = nodes} = context
    servers = for node <- nodes, do: {:leases, node}
    for node <- nodes, do: {:ok, _} = call(cluster, node, :ra_system, :start_default, [])
    machine = {:module, MyApp.LeaseMachine, %{}}

    assert {:ok, _, []} =
             call(cluster, a, :ra, :start_cluster, [:default, :leases, machine, servers])

    asked_at = LeaseHolder.now()
    assert {:ok, first} = lease(cluster, a, {:acquire, "nightly", "anna", 1_000, 500})
    lease = LeaseHolder.granted(asked_at, 1_000, 500, first)
    assert {:ok, ^first} = LeaseHolder.fence(lease)

    assert {:error, {:held, "anna"}} =
             lease(cluster, b, {:acquire, "nightly", "bert", 1_000, 500})

    assert {:ok, ^first} = lease(cluster, a, {:acquire, "nightly", "anna", 1_000, 500})
    assert {:error, :not_held} = lease(cluster, a, {:release, "nightly", "bert"})
    assert {:error, :unknown_command} = lease(cluster, a, :explode)

    second =
      PeerCluster.eventually!(fn ->
        case lease(cluster, b, {:acquire, "nightly", "bert", 60_000, 500}) do
          {:ok, fence} -> fence
          {:error, {:held, "anna"}} -> nil
        end
      end)

    assert :expired = LeaseHolder.fence(lease)
    assert second > first

    assert {:ok, fence} = LeaseFence.admit(%LeaseFence{}, first)
    assert {:ok, fence} = LeaseFence.admit(fence, second)
    assert {:ok, fence} = LeaseFence.admit(fence, second)
    assert {:error, {:overtaken, ^second}} = LeaseFence.admit(fence, first)

    assert :ok = lease(cluster, b, {:release, "nightly", "bert"})
    assert {:ok, third} = lease(cluster, a, {:acquire, "nightly", "anna", 1_000, 500})
    assert third > second
  end

  defp lease(cluster, node, command) do
    {:ok, reply, _leader} =
      call(cluster, node, :ra, :process_command, [{:leases, node}, command, 20_000])

    reply
  end

  test "Mnesia: only the majority writes, and the smaller side loads what it wrote", context do
    %{cluster: cluster, nodes: [a, b, c] = nodes, directory: directory} = context
    File.mkdir_p!(directory)

    for node <- nodes do
      dir = String.to_charlist(Path.join(directory, "#{node}"))
      :ok = call(cluster, node, :application, :set_env, [:mnesia, :dir, dir])
    end

    assert :ok = on(cluster, a, :form_tables, [])
    assert {:error, _reason} = on(cluster, a, :form_tables, [])
    PeerCluster.start_on_all(cluster, MnesiaPartition)
    assert {:ok, :red} = on(cluster, a, :update, ["colour", fn_of(:red)])

    cluster = PeerCluster.cut(cluster, [a], [b, c])

    assert {:error, {:no_majority, :my_table}} =
             on(cluster, a, :update, ["colour", fn_of(:green)])

    PeerCluster.eventually!(fn ->
      on(cluster, b, :update, ["colour", fn_of(:blue)]) == {:ok, :blue}
    end)

    cluster = PeerCluster.heal(cluster)

    for node <- nodes do
      PeerCluster.eventually!(fn ->
        on(cluster, node, :update, ["colour", &Function.identity/1]) == {:ok, :blue}
      end)
    end

    PeerCluster.eventually!(fn ->
      on(cluster, a, :update, ["colour", fn_of(:white)]) == {:ok, :white}
    end)
  end

  # An exported function with one open argument: the nodes do not have this module.
  defp fn_of(value), do: :erlang.make_fun(Definitions, value, 1)

  test ":global: one works, both sides of a partition do, one of them stops after it", context do
    %{cluster: cluster, nodes: [a, b, c]} = context
    PeerCluster.start_on_all(cluster, GlobalSingleton)
    [first] = PeerCluster.eventually!(fn -> one(active(cluster)) end)
    others = [a, b, c] -- [first]

    cluster = PeerCluster.cut(cluster, [first], others)
    PeerCluster.eventually!(fn -> length(active(cluster)) == 2 end)

    cluster = PeerCluster.heal(cluster)
    [last] = PeerCluster.eventually!(fn -> one(active(cluster)) end)
    cluster = PeerCluster.kill(cluster, last)
    PeerCluster.eventually!(fn -> one(active(cluster, [a, b, c] -- [last])) end)
  end

  defp active(cluster, nodes \\ nil) do
    for node <- nodes || cluster.nodes,
        call(cluster, node, :sys, :get_state, [GlobalSingleton]) == :active,
        do: node
  end

  defp one([node]), do: [node]
  defp one(_none_or_more), do: nil

  test ":global: a lock is held by one process of the cluster, and comes back", context do
    %{cluster: cluster, nodes: [a, b, _c]} = context
    arguments = [:report, :erlang.make_fun(Definitions, :blocked, 0)]
    holder = call(cluster, a, :erlang, :spawn, [Definitions, :exclusively, arguments])

    PeerCluster.eventually!(fn ->
      on(cluster, b, :exclusively, [:report, &Node.self/0]) == {:error, :busy}
    end)

    call(cluster, a, :erlang, :exit, [holder, :kill])

    PeerCluster.eventually!(fn ->
      on(cluster, b, :exclusively, [:report, &Node.self/0]) == {:ok, b}
    end)
  end

  test "the quorum is lost and regained, and work is done only with it", context do
    %{cluster: cluster, nodes: [a, b, c]} = context
    PeerCluster.start_on_all(cluster, QuorumNodeMonitor)
    assert {:ok, ^a} = call(cluster, a, MyApp.Quorum, :run, [&Node.self/0])

    cluster = PeerCluster.cut(cluster, [a], [b, c])
    PeerCluster.eventually!(fn -> not monitored?(cluster, a) end)
    assert monitored?(cluster, b)

    assert {:error, {:no_quorum, %{visible: 1, needed: 2, size: 3, missing: [^b, ^c]}}} =
             call(cluster, a, MyApp.Quorum, :run, [&Node.self/0])

    assert :ok = on(cluster, a, :measure, [])

    cluster = PeerCluster.heal(cluster)
    PeerCluster.eventually!(fn -> monitored?(cluster, a) end)
  end

  test "clocks: order of cause and effect, versions side by side, skew", context do
    %{cluster: cluster, nodes: [a, b, _c]} = context
    {wall, counter, _node} = sent = CrdtHybridClock.tick({0, 0, :a})
    assert counter == 0 and wall > 0
    assert CrdtHybridClock.tick({wall + 60_000, 4, :a}) == {wall + 60_000, 5, :a}
    assert {:ok, received} = CrdtHybridClock.receive_timestamp({0, 0, :b}, sent)
    assert received > sent and elem(received, 2) == :b

    assert {:ok, {_, 8, :b}} =
             CrdtHybridClock.receive_timestamp({wall + 9_000, 7, :b}, {wall + 9_000, 3, :a})

    assert {:error, {:ahead, _ms}} =
             CrdtHybridClock.receive_timestamp({0, 0, :b}, {wall + 120_000, 0, :a})

    seen = CrdtVectorClock.increment(%{}, :a)
    newer = CrdtVectorClock.increment(seen, :b)
    other = CrdtVectorClock.increment(seen, :c)
    assert :after = CrdtVectorClock.compare(newer, seen)
    assert :before = CrdtVectorClock.compare(seen, newer)
    assert :concurrent = CrdtVectorClock.compare(newer, other)
    assert CrdtVectorClock.merge(newer, other) == %{a: 1, b: 1, c: 1}
    assert :equal = CrdtVectorClock.compare(newer, newer)

    assert {:ok, offset, error} = on(cluster, a, :clock_skew, [b])
    assert abs(offset) <= error + 1_000
    assert {:error, _reason} = on(cluster, a, :clock_skew, [:"n9@127.0.0.9"])
  end

  defp monitored?(cluster, node),
    do: call(cluster, node, :sys, :get_state, [QuorumNodeMonitor]).quorum?
end
