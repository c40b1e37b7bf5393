/** Mnesia tables with majority. */
import type { Names } from './names';

/** The tables, their forming, and what happens after a partition. */
export function mnesiaTables({ app, component, module, snake }: Names): string {
  return `defmodule ${module}.${component} do
  @moduledoc """
  Mnesia tables that only a majority of their copies may change, and what happens after a
  partition.

      config :${app}, ${module}.${component}, nodes: [:"${app}@a", :"${app}@b", :"${app}@c"]
      config :mnesia, dir: ~c"/var/lib/${app}/mnesia"

  Node names must be stable: the schema belongs to the name. Put \`:mnesia\` into
  \`included_applications\` of \`mix.exs\`, so that it is in the release and this process starts it.
  Add this module to the children, and once, when all nodes run, on one of them:

      ${module}.${component}.form()

  With \`majority: true\` a transaction on the smaller side is \`{:aborted, {:no_majority, table}}\`.
  Dirty writes are refused too, reads are not: they are old. Two copies do not help: then both are
  needed.

  Mnesia never merges after a partition. It says \`:inconsistent_database\`, and does not replicate
  between the two sides any more. Here the smaller side restarts Mnesia and loads everything from the
  larger one.
  """

  use GenServer
  require Logger

  @app :${app}
  @table :${app}_${snake}

  def start_link(options \\\\ []), do: GenServer.start_link(__MODULE__, options, name: __MODULE__)

  @doc "The configured nodes."
  def nodes, do: Application.fetch_env!(@app, __MODULE__)[:nodes]

  @doc "Creates the schema and the table on all configured nodes, once. All of them must run."
  def form do
    nodes = nodes()

    with :ok <- everywhere(nodes, :stop_mnesia),
         :ok <- :mnesia.create_schema(nodes),
         :ok <- everywhere(nodes, :start_mnesia),
         {:atomic, :ok} <- :mnesia.create_table(@table, table_options(nodes)) do
      :ok
    else
      {:aborted, reason} -> {:error, reason}
      {:error, reason} -> {:error, reason}
    end
  end

  defp everywhere(nodes, function) do
    answers = :erpc.multicall(nodes, __MODULE__, function, [], 30_000)

    case for {node, answer} <- Enum.zip(nodes, answers),
             elem(answer, 0) != :ok,
             do: {node, answer} do
      [] -> :ok
      failed -> {:error, {:not_reached, failed}}
    end
  end

  defp table_options(nodes), do: [attributes: [:key, :value], disc_copies: nodes, majority: true]

  @doc "Writes a value: \`:ok\`, or \`{:error, {:no_majority, table}}\` on the smaller side of a partition."
  def put(key, value), do: transaction(fn -> :mnesia.write({@table, key, value}) end)

  @doc "Reads and writes in one transaction: nothing comes in between. \`update\` gets the value or nil."
  def update(key, update) when is_function(update, 1) do
    transaction(fn ->
      value = update.(read(key, :write))
      :mnesia.write({@table, key, value})
      {:ok, value}
    end)
  end

  @doc "Reads a value: \`{:ok, value}\`, nil for none. The smaller side of a partition answers with what it had."
  def fetch(key), do: transaction(fn -> {:ok, read(key, :read)} end)

  defp read(key, lock) do
    case :mnesia.read(@table, key, lock) do
      [{@table, ^key, value}] -> value
      [] -> nil
    end
  end

  defp transaction(function) do
    case :mnesia.transaction(function) do
      {:atomic, result} -> result
      {:aborted, reason} -> {:error, reason}
    end
  end

  @doc false
  def start_mnesia, do: GenServer.call(__MODULE__, :start, 60_000)

  @doc false
  def stop_mnesia, do: GenServer.call(__MODULE__, :stop, 60_000)

  @impl true
  def init(_options) do
    # The default waits for ever for a node that took part in a transaction and is gone.
    Application.put_env(:mnesia, :max_wait_for_decision, 60_000)
    {:ok, nil, {:continue, :start}}
  end

  @impl true
  def handle_continue(:start, state) do
    start()
    {:noreply, state}
  end

  @impl true
  def handle_call(:start, _from, state), do: {:reply, start(), state}
  def handle_call(:stop, _from, state), do: {:reply, :mnesia.stop(), state}

  @impl true
  def handle_info({:mnesia_system_event, {:inconsistent_database, context, node}}, state) do
    Logger.error("Mnesia was partitioned from #{node} (#{context})")
    # One after the other: two sides that load from each other would wait for ever.
    :global.trans({__MODULE__, self()}, fn -> reconcile(node) end)
    {:noreply, state}
  end

  def handle_info({:mnesia_system_event, {:mnesia_down, node}}, state) do
    Logger.warning("Mnesia on #{node} is gone")
    {:noreply, state}
  end

  def handle_info({:mnesia_system_event, _other}, state), do: {:noreply, state}
  def handle_info(_other, state), do: {:noreply, state}

  defp start do
    :ok = :mnesia.start()
    {:ok, _node} = :mnesia.subscribe(:system)
    :ok
  end

  # Both sides get the event. Only a side with a majority can have written, so the smaller side
  # loads everything from the larger one, and of equal ones that whose node sorts first stays.
  # Once it has, the two see each other: a side that asks only then must not load back from it.
  defp reconcile(other) do
    if behind?(other) do
      :stopped = :mnesia.stop()
      :ok = :mnesia.set_master_nodes(@table, [other])
      start()
      :ok = :mnesia.wait_for_tables([@table], 60_000)
      :ok = :mnesia.set_master_nodes(@table, [])
    end
  end

  defp behind?(other) do
    mine = :mnesia.system_info(:running_db_nodes)
    theirs = :erpc.call(other, :mnesia, :system_info, [:running_db_nodes], 5_000)
    other not in mine and {length(mine), other} < {length(theirs), node()}
  catch
    # It is gone again: there is another event when it comes back.
    :error, {:erpc, _reason} -> false
  end
end
`;
}

/** The test that cuts three nodes. */
export function mnesiaPartitionTest({ app, component, module }: Names): string {
  return `Code.require_file("../support/peer_cluster.exs", __DIR__)

defmodule ${module}.${component}PartitionTest do
  @moduledoc """
  Cuts a real cluster of three nodes and writes on both sides: the majority may, the minority may
  not, and after the heal every node has what the majority wrote.
  """

  use ExUnit.Case, async: false

  alias ${module}.PeerCluster
  alias ${module}.${component}

  @moduletag timeout: 120_000
  @app :${app}

  setup do
    unique = System.unique_integer([:positive])
    directory = Path.join(System.tmp_dir!(), "peers-#{System.pid()}-#{unique}")
    nodes = for i <- 2..4, do: :"n#{i}@127.0.0.#{i}"
    File.mkdir_p!(directory)
    settings = [{${component}, nodes: nodes}]
    cluster = PeerCluster.start([:n2, :n3, :n4], env: [{@app, settings}])

    on_exit(fn ->
      PeerCluster.stop(cluster)
      File.rm_rf!(directory)
    end)

    for node <- nodes do
      dir = String.to_charlist(Path.join(directory, "#{node}"))
      :ok = PeerCluster.call(cluster, node, :application, :set_env, [:mnesia, :dir, dir])
    end

    PeerCluster.start_on_all(cluster, ${component})
    :ok = PeerCluster.call(cluster, hd(nodes), ${component}, :form, [])
    %{cluster: cluster}
  end

  test "the majority writes, the minority is refused, and all agree afterwards", %{
    cluster: cluster
  } do
    [a, b, c] = cluster.nodes
    assert :ok = on(cluster, a, :put, ["colour", :red])
    for node <- cluster.nodes, do: assert({:ok, :red} = on(cluster, node, :fetch, ["colour"]))

    cluster = PeerCluster.cut(cluster, [a], [b, c])
    assert {:error, {:no_majority, _table}} = on(cluster, a, :put, ["colour", :green])
    assert {:ok, :red} = on(cluster, a, :fetch, ["colour"])
    assert :ok = on(cluster, b, :put, ["colour", :blue])

    cluster = PeerCluster.heal(cluster)

    for node <- cluster.nodes do
      PeerCluster.eventually!(fn -> on(cluster, node, :fetch, ["colour"]) == {:ok, :blue} end)
    end

    PeerCluster.eventually!(fn -> on(cluster, a, :put, ["colour", :white]) == :ok end)
    for node <- cluster.nodes, do: assert({:ok, :white} = on(cluster, node, :fetch, ["colour"]))
  end

  defp on(cluster, node, function, arguments) do
    PeerCluster.call(cluster, node, ${component}, function, arguments)
  end
end
`;
}
