# The generated quorum guard, node monitor, health event and :global singleton on real nodes of OTP alone.
defmodule ClusterTest do
  use ExUnit.Case, async: false

  alias MyApp.ClockSkew
  alias MyApp.ClusterHealth
  alias MyApp.NodeMonitor
  alias MyApp.PeerCluster
  alias MyApp.Quorum
  alias MyApp.Singleton

  @moduletag timeout: 120_000

  defp nodes(last), do: for(i <- 2..last, do: :"n#{i}@127.0.0.#{i}")

  defp start(nodes) do
    names = for node <- nodes, do: node |> to_string() |> String.split("@") |> hd()
    cluster = PeerCluster.start(names, env: [my_app: [cluster_nodes: nodes]])
    on_exit(fn -> PeerCluster.stop(cluster) end)
    cluster
  end

  defp call(cluster, node, module, function, arguments \\ []),
    do: PeerCluster.call(cluster, node, module, function, arguments)

  test "a majority of the configured size, for every size" do
    for size <- 1..100 do
      needed = Quorum.majority(size)
      assert 2 * needed > size and 2 * (needed - 1) <= size
    end
  end

  test "the guard lets the majority of a cut cluster work and stops the minority" do
    nodes = nodes(4)
    cluster = start(nodes)
    [a, b, c] = nodes

    assert {:ok, ^a} = guarded(cluster, a)
    cluster = PeerCluster.cut(cluster, [a], [b, c])

    assert {:error,
            {:no_quorum, %{visible: 1, size: 3, needed: 2, missing: [^b, ^c], quorum?: false}}} =
             guarded(cluster, a)

    for node <- [b, c], do: assert({:ok, ^node} = guarded(cluster, node))
    assert {:error, %{visible: 1}} = call(cluster, a, ClusterHealth, :check)
    assert {:ok, %{visible: 2, missing: [^a]}} = call(cluster, b, ClusterHealth, :check)
    assert :ok = call(cluster, a, ClusterHealth, :measure)

    cluster = PeerCluster.heal(cluster)

    for node <- nodes,
        do: assert({:ok, %{visible: 3, missing: []}} = call(cluster, node, ClusterHealth, :check))
  end

  # A capture of an exported function: an anonymous one cannot run on a node that lacks this module.
  defp guarded(cluster, node), do: call(cluster, node, Quorum, :run, [&Node.self/0])

  test "the monitor says which node went, why, and that the quorum is lost and regained" do
    nodes = nodes(4)
    cluster = start(nodes)
    [a, b, c] = nodes
    PeerCluster.start_on_all(cluster, NodeMonitor)
    watcher = call(cluster, a, :erlang, :spawn, [:timer, :sleep, [:infinity]])
    monitor = call(cluster, a, Process, :whereis, [NodeMonitor])

    assert %{quorum?: true} =
             call(cluster, a, :gen_server, :call, [monitor, {:subscribe, watcher}])

    cluster = PeerCluster.cut(cluster, [a], [b, c])

    assert {:quorum, :lost, %{visible: 1}} =
             PeerCluster.eventually!(fn ->
               Enum.find(events(cluster, a, watcher), &match?({:quorum, _, _}, &1))
             end)

    assert call(cluster, a, NodeMonitor, :lost) |> Map.keys() |> Enum.sort() == [b, c]
    assert call(cluster, b, NodeMonitor, :lost) |> Map.keys() == [a]
    assert [{:nodedown, _, reason} | _] = events(cluster, a, watcher)
    assert reason not in [nil, :unknown]

    cluster = PeerCluster.heal(cluster)

    assert {:quorum, :regained, _status} =
             PeerCluster.eventually!(fn ->
               Enum.find(events(cluster, a, watcher), &match?({:quorum, :regained, _}, &1))
             end)

    PeerCluster.eventually!(fn -> call(cluster, a, NodeMonitor, :lost) == %{} end)
    ups = for {:nodeup, node} <- events(cluster, a, watcher), do: node
    assert Enum.sort(ups) == [b, c]
  end

  defp events(cluster, node, watcher) do
    {:messages, messages} = call(cluster, node, Process, :info, [watcher, :messages])
    for {NodeMonitor, event} <- messages, do: event
  end

  test "the resolver leaves one of two singletons when the parts of a cluster meet" do
    nodes = nodes(4)
    cluster = start(nodes)
    [a, b, c] = nodes
    # Every node is content with itself, so both sides of the cut have a holder.
    for node <- nodes,
        do: call(cluster, node, :application, :set_env, [:my_app, :cluster_nodes, [node]])

    for node <- nodes,
        do:
          PeerCluster.start_on(cluster, node, Singleton, name: :job, child: {Agent, &Node.self/0})

    assert [first] = PeerCluster.eventually!(fn -> one(active(cluster)) end)
    others = nodes -- [first]
    cluster = PeerCluster.cut(cluster, [first], others)

    assert [_, _] =
             PeerCluster.eventually!(fn ->
               with([_, _] = two <- active(cluster), do: two, else: (_ -> nil))
             end)

    before = for node <- nodes, do: call(cluster, node, Process, :whereis, [Singleton])
    cluster = PeerCluster.heal(cluster)
    assert [winner] = PeerCluster.eventually!(fn -> one(active(cluster)) end)
    # Nobody was killed: the loser stands by.
    assert before == for(node <- nodes, do: call(cluster, node, Process, :whereis, [Singleton]))
    holder = call(cluster, winner, Process, :whereis, [Singleton])

    for node <- [a, b, c],
        do:
          PeerCluster.eventually!(fn ->
            call(cluster, node, Singleton, :whereis, [:job]) == holder
          end)

    cluster = PeerCluster.kill(cluster, winner)

    assert [_successor] =
             PeerCluster.eventually!(fn -> one(active(%{cluster | nodes: nodes -- [winner]})) end)
  end

  test "the resolver answers the same whatever the order" do
    a = self()
    b = spawn(fn -> :ok end)
    assert Singleton.resolve(:job, a, b) == Singleton.resolve(:job, b, a)
    [winner, loser] = Enum.sort([a, b])
    assert Singleton.resolve(:job, a, b) == winner
    if loser == a, do: assert_received({:global_name_conflict, :job, ^winner})
  end

  test "the skew of two nodes with one clock is none, as exactly as it was measured" do
    nodes = nodes(3)
    cluster = start(nodes)
    [a, b] = nodes

    assert [{^b, {:ok, %{offset_us: offset, error_us: error}}}] =
             call(cluster, a, ClockSkew, :all)

    assert error >= 0 and abs(offset) <= error + 1
    assert :ok = call(cluster, a, ClockSkew, :measure)

    PeerCluster.cut(cluster, [a], [b])
    assert [] = call(cluster, a, ClockSkew, :all)
    assert {:error, :noconnection} = call(cluster, a, ClockSkew, :of, [b])
  end

  defp active(cluster),
    do: for({node, :active} <- PeerCluster.call_all(cluster, Singleton, :role, []), do: node)

  defp one([_] = nodes), do: nodes
  defp one(_none_or_more), do: nil
end
