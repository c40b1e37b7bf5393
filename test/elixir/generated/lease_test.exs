# The generated lease on three real nodes: one holder at a time, a larger number for each, and a resource that refuses the smaller one.
defmodule LeaseTest do
  use ExUnit.Case, async: false

  alias MyApp.Lease
  alias MyApp.PeerCluster

  @moduletag timeout: 120_000
  @terms [lease: "nightly", duration_ms: 3_000, drift_ms: 300]

  setup do
    directory =
      Path.join(System.tmp_dir!(), "peers-#{System.pid()}-#{System.unique_integer([:positive])}")

    nodes = for i <- 2..4, do: :"n#{i}@127.0.0.#{i}"

    cluster =
      PeerCluster.start([:n2, :n3, :n4],
        apps: [:ra],
        env: [ra: [data_dir: String.to_charlist(directory)], my_app: [{Lease, nodes: nodes}]]
      )

    on_exit(fn ->
      PeerCluster.stop(cluster)
      File.rm_rf!(directory)
    end)

    PeerCluster.start_on_all(cluster, Lease.Server)
    PeerCluster.call_all(cluster, Lease.Server, :status, [])
    assert {:ok, []} = PeerCluster.call(cluster, hd(nodes), Lease.Server, :form, [])
    %{cluster: cluster, nodes: nodes}
  end

  test "a lease belongs to one holder until it is given back", %{
    cluster: cluster,
    nodes: [a, b, c]
  } do
    assert {:ok, fence} = lease(cluster, a, :acquire, ["one", "nightly", 60_000, 1_000])

    assert {:error, {:held, "one"}} =
             lease(cluster, b, :acquire, ["two", "nightly", 60_000, 1_000])

    assert {:ok, ^fence} = lease(cluster, c, :acquire, ["one", "nightly", 60_000, 1_000])
    assert {:ok, {"one", ^fence}} = lease(cluster, b, :holder, ["nightly"])
    assert {:error, :not_held} = lease(cluster, b, :release, ["two", "nightly"])
    assert :ok = lease(cluster, b, :release, ["one", "nightly"])
    assert {:ok, later} = lease(cluster, b, :acquire, ["two", "nightly", 60_000, 1_000])
    assert later > fence
  end

  test "a lease that nobody renews ends, also when its leader is killed meanwhile", %{
    cluster: cluster,
    nodes: [a | _]
  } do
    assert {:ok, fence} = lease(cluster, a, :acquire, ["one", "nightly", 1_500, 500])
    {:ok, _members, {_name, leader}} = PeerCluster.call(cluster, a, :ra, :members, [{:lease, a}])
    cluster = PeerCluster.kill(cluster, leader)
    [survivor | _] = cluster.nodes -- [leader]

    granted =
      PeerCluster.eventually!(fn ->
        case lease(cluster, survivor, :acquire, ["two", "nightly", 1_500, 500]) do
          {:ok, granted} -> granted
          _held_or_unknown -> nil
        end
      end)

    assert granted > fence
  end

  test "a holder that is cut off gives up before another is let in", %{
    cluster: cluster,
    nodes: nodes
  } do
    for node <- nodes, do: PeerCluster.start_on(cluster, node, Lease.Holder, @terms)
    {first, fence} = PeerCluster.eventually!(fn -> holding(cluster, nodes) end)
    others = nodes -- [first]
    cluster = PeerCluster.cut(cluster, [first], others)

    # Until somebody else holds it. At no look do two hold it: the cut-off one is asked after the others.
    {second, newer} =
      PeerCluster.eventually!(fn ->
        case holding(cluster, others) do
          nil ->
            nil

          found ->
            assert :error = PeerCluster.call(cluster, first, Lease.Holder, :fence, [])
            found
        end
      end)

    assert second in others
    assert newer > fence

    # What the first one had on its way arrives late, and the resource refuses it.
    assert {:ok, resource} = Lease.Fence.admit(Lease.Fence.new(), fence)
    assert {:ok, resource} = Lease.Fence.admit(resource, newer)
    assert {:error, {:overtaken, ^newer}} = Lease.Fence.admit(resource, fence)
    assert {:ok, ^resource} = Lease.Fence.admit(resource, newer)

    cluster = PeerCluster.heal(cluster)
    assert {^second, ^newer} = PeerCluster.eventually!(fn -> holding(cluster, nodes) end)
  end

  test "a holder says when it gets and loses the lease, and gives it back when told to", %{
    cluster: cluster,
    nodes: [a | _]
  } do
    watcher = PeerCluster.call(cluster, a, :erlang, :spawn, [:timer, :sleep, [:infinity]])
    PeerCluster.start_on(cluster, a, Lease.Holder, [notify: watcher] ++ @terms)
    {^a, fence} = PeerCluster.eventually!(fn -> holding(cluster, [a]) end)
    assert :ok = PeerCluster.call(cluster, a, Lease.Holder, :release, [])
    assert :error = PeerCluster.call(cluster, a, Lease.Holder, :fence, [])
    assert {:ok, nil} = lease(cluster, a, :holder, ["nightly"])
    {:messages, messages} = PeerCluster.call(cluster, a, Process, :info, [watcher, :messages])

    assert messages == [
             {Lease.Holder, {:granted, "nightly", fence}},
             {Lease.Holder, {:lost, "nightly"}}
           ]
  end

  defp lease(cluster, node, function, arguments),
    do: PeerCluster.call(cluster, node, Lease, function, arguments)

  defp holding(cluster, nodes) do
    Enum.find_value(nodes, fn node ->
      case PeerCluster.call(cluster, node, Lease.Holder, :fence, []) do
        {:ok, fence} -> {node, fence}
        :error -> nil
      end
    end)
  end
end
