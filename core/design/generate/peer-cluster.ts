/** Real nodes for tests. */
import type { Names } from './names';

/** The module that starts, cuts and heals nodes. */
export function peerCluster({ module }: Names): string {
  return `defmodule ${module}.PeerCluster do
  @moduledoc """
  Real Erlang nodes on this machine, whose links a test can cut and heal.

  Each node is an operating system process that OTP's \`:peer\` starts and that is steered over its
  standard input and output: the test is no member of the cluster, and still reaches a node that
  is cut off from all others. Neither epmd nor rights are needed. Each node has an address of its
  own (127.0.0.2, 127.0.0.3 …), which Linux has by itself; on macOS add each one with
  \`sudo ifconfig lo0 alias 127.0.0.2\`.

  A cut link is a link whose two ends have different cookies: existing connections are dropped and
  new ones refused, in both directions. That is a loss which is noticed at once; a network that
  silently drops packets is noticed after 45 to 75 seconds with Erlang's defaults.
  """

  defstruct nodes: [], peers: %{}, cuts: [], cookie: nil, options: []

  @timeout 30_000

  @doc """
  Starts one node per name and connects them all.

  Options: \`apps\` to start on each node, \`env\` as \`[app: [key: value]]\`, set before that.
  """
  def start(names, options \\\\ []) do
    cookie = :"peers_#{System.pid()}_#{System.unique_integer([:positive])}"
    cluster = %__MODULE__{cookie: cookie, options: Keyword.put(options, :port, free_port())}

    started =
      names
      |> Enum.with_index(2)
      |> Enum.map(fn {name, i} ->
        Task.async(fn -> boot(cluster, name, "127.0.0.#{i}") end)
      end)
      |> Task.await_many(@timeout)

    cluster = %{cluster | nodes: Enum.map(started, &elem(&1, 0)), peers: Map.new(started)}
    connect(cluster)
    cluster
  end

  @doc "Calls a function on a node, whatever the state of the network."
  def call(cluster, node, module, function, arguments, timeout \\\\ @timeout) do
    :peer.call(Map.fetch!(cluster.peers, node), module, function, arguments, timeout)
  end

  @doc "Calls the same function on every node: \`[{node, result}]\`."
  def call_all(cluster, module, function, arguments) do
    for node <- cluster.nodes, do: {node, call(cluster, node, module, function, arguments)}
  end

  @doc "Starts a GenServer on every node, outside of any supervisor: a process started by \`call/6\` alone would end with it."
  def start_on_all(cluster, module, argument \\\\ []) do
    for node <- cluster.nodes, do: start_on(cluster, node, module, argument)
    :ok
  end

  def start_on(cluster, node, module, argument \\\\ []) do
    {:ok, pid} = call(cluster, node, GenServer, :start, [module, argument, [name: module]])
    pid
  end

  @doc "Starts a child specification on a node, under a supervisor of the node itself."
  def start_supervised_on(cluster, node, child) do
    spec = call(cluster, node, Supervisor, :child_spec, [child, [restart: :temporary]])
    {:ok, pid} = call(cluster, node, :supervisor, :start_child, [:kernel_safe_sup, spec])
    pid
  end

  @doc "Cuts every link between the two sides; links inside a side stay."
  def cut(cluster, side, other_side) do
    pairs = for a <- side, b <- other_side, pair <- [{a, b}, {b, a}], do: pair
    touched = Enum.uniq(side ++ other_side)

    # With one link gone, :global would drop further ones to avoid overlapping partitions, before
    # the whole cut is made.
    for node <- touched, do: call(cluster, node, :sys, :suspend, [:global_name_server])
    for {a, b} <- pairs, do: call(cluster, a, :erlang, :set_cookie, [b, :"cut_#{a}"])

    eventually!(fn ->
      for {a, b} <- pairs, do: call(cluster, a, :erlang, :disconnect_node, [b])
      Enum.all?(pairs, fn {a, b} -> b not in seen_by(cluster, a) end)
    end)

    for node <- touched, do: call(cluster, node, :sys, :resume, [:global_name_server])
    %{cluster | cuts: Enum.uniq(cluster.cuts ++ pairs)}
  end

  @doc "Lets all nodes connect again, and connects them: neither \`:ra\` nor \`:global\` does it by itself."
  def heal(cluster) do
    for {a, b} <- cluster.cuts, do: call(cluster, a, :erlang, :set_cookie, [b, cluster.cookie])
    cluster = %{cluster | cuts: []}
    connect(cluster)
    cluster
  end

  @doc "Kills a node as a power failure would."
  def kill(cluster, node) do
    peer = Map.fetch!(cluster.peers, node)
    reference = Process.monitor(peer)
    os_pid = call(cluster, node, :os, :getpid, [])
    {_output, 0} = System.cmd("sh", ["-c", "kill -KILL #{os_pid}"])

    receive do
      {:DOWN, ^reference, :process, ^peer, _reason} -> cluster
    after
      @timeout -> raise "#{node} did not end"
    end
  end

  @doc "Starts a killed node again, under its name and with its files, and connects it."
  def restart(cluster, node) do
    [name, address] = node |> Atom.to_string() |> String.split("@")
    {^node, peer} = boot(cluster, name, address)
    cluster = %{cluster | peers: Map.put(cluster.peers, node, peer)}

    for {^node, other} <- cluster.cuts,
        do: call(cluster, node, :erlang, :set_cookie, [other, :"cut_#{node}"])

    connect(cluster)
    cluster
  end

  @doc "Starts one more node and connects it."
  def add(cluster, name) do
    {node, peer} = boot(cluster, name, "127.0.0.#{length(cluster.nodes) + 2}")

    cluster = %{
      cluster
      | nodes: cluster.nodes ++ [node],
        peers: Map.put(cluster.peers, node, peer)
    }

    connect(cluster)
    cluster
  end

  @doc "Ends all nodes."
  def stop(cluster) do
    for {_node, peer} <- cluster.peers do
      try do
        :peer.stop(peer)
      catch
        :exit, _reason -> :ok
      end
    end

    :ok
  end

  @doc "The nodes that a node is connected with."
  def seen_by(cluster, node), do: call(cluster, node, Node, :list, [])

  @doc "Asks again until the answer is neither nil nor false, and returns it; raises when it takes too long."
  def eventually!(question, timeout \\\\ @timeout) do
    until(question, System.monotonic_time(:millisecond) + timeout, timeout)
  end

  defp until(question, deadline, timeout) do
    cond do
      answer = question.() ->
        answer

      System.monotonic_time(:millisecond) > deadline ->
        raise "not within #{timeout} ms"

      true ->
        receive do
        after
          20 -> until(question, deadline, timeout)
        end
    end
  end

  # Alive nodes, all with all, but for links that are cut.
  defp connect(cluster) do
    alive = for node <- cluster.nodes, Process.alive?(cluster.peers[node]), do: node
    pairs = for a <- alive, b <- alive, a != b, {a, b} not in cluster.cuts, do: {a, b}

    eventually!(fn ->
      for {a, b} <- pairs, a < b, do: call(cluster, a, :net_kernel, :connect_node, [b])
      Enum.all?(pairs, fn {a, b} -> b in seen_by(cluster, a) end)
    end)

    for node <- alive, do: call(cluster, node, :global, :sync, [])
    :ok
  end

  defp boot(cluster, name, address) do
    {:ok, ip} = :inet.parse_address(String.to_charlist(address))

    flags = [
      ["-start_epmd", "false", "-erl_epmd_port", "#{cluster.options[:port]}"],
      ["-setcookie", "#{cluster.cookie}"],
      ["-kernel", "inet_dist_use_interface", "{#{ip |> Tuple.to_list() |> Enum.join(",")}}"],
      ["-kernel", "logger_level", "critical"],
      # The last path is searched first.
      :code.get_path() |> Enum.reverse() |> Enum.flat_map(&["-pa", "#{&1}"])
    ]

    {:ok, peer, node} =
      :peer.start(%{
        name: :"#{name}",
        host: String.to_charlist(address),
        longnames: true,
        connection: :standard_io,
        args: flags |> List.flatten() |> Enum.map(&String.to_charlist/1),
        wait_boot: @timeout
      })

    # Elixir's logger sets its own level when it starts.
    {:ok, _apps} = :peer.call(peer, :application, :ensure_all_started, [:logger], @timeout)
    :ok = :peer.call(peer, :logger, :set_primary_config, [:level, :critical])

    for {app, settings} <- Keyword.get(cluster.options, :env, []), {key, value} <- settings do
      :ok = :peer.call(peer, :application, :set_env, [app, key, value, [persistent: true]])
    end

    for app <- Keyword.get(cluster.options, :apps, []) do
      {:ok, _apps} = :peer.call(peer, :application, :ensure_all_started, [app], @timeout)
    end

    {node, peer}
  end

  defp free_port do
    {:ok, socket} = :gen_tcp.listen(0, ip: {127, 0, 0, 2})
    {:ok, port} = :inet.port(socket)
    :ok = :gen_tcp.close(socket)
    port
  end
end
`;
}
