defmodule Inventory.Tables do
  @moduledoc """
  The Mnesia table of the counts, with a copy on every member.

  Only the larger side of a split may write. When the sides meet again, a node of the smaller one
  restarts and loads the table from the other side.
  """
  use GenServer

  require Logger

  alias Inventory.{Cluster, Quorum}

  @table :stock

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Makes the table; once, from one node, while all members run."
  def install do
    members = Cluster.members()

    with {:ok, _nodes} <- :mnesia.change_config(:extra_db_nodes, members),
         :ok <- keep_schema_on_disk(members),
         {:atomic, :ok} <-
           :mnesia.create_table(@table,
             attributes: [:key, :value, :version],
             disc_copies: members,
             majority: true
           ) do
      :ok
    else
      {:aborted, reason} -> {:error, reason}
      {:error, reason} -> {:error, reason}
    end
  end

  @doc "Waits until the table can be read."
  def open do
    with :ok <- :mnesia.wait_for_tables([@table], 30_000) do
      :mnesia.set_master_nodes(@table, [])
    end
  end

  @impl true
  def init(nil) do
    {:ok, _node} = :mnesia.subscribe(:system)
    {:ok, %{cut_off: false}, {:continue, :open}}
  end

  @impl true
  def handle_continue(:open, state) do
    with {:error, reason} <- open(), do: Logger.error("no table: #{inspect(reason)}")
    {:noreply, state}
  end

  @impl true
  def handle_info({:mnesia_system_event, {:mnesia_down, _node}}, state) do
    {:noreply, %{state | cut_off: state.cut_off or not Quorum.connected?()}}
  end

  def handle_info({:mnesia_system_event, {:mnesia_up, _node}}, state) do
    {:noreply, %{state | cut_off: state.cut_off and not Quorum.connected?()}}
  end

  def handle_info({:mnesia_system_event, {:inconsistent_database, context, node}}, state) do
    Logger.critical("Mnesia ran apart from #{node}: #{context}")
    if state.cut_off, do: load_from(node)
    {:noreply, state}
  end

  def handle_info(_message, state), do: {:noreply, state}

  defp load_from(node) do
    :ok = :mnesia.set_master_nodes(@table, [node])
    System.restart()
  end

  defp keep_schema_on_disk(members) do
    Enum.find_value(members, :ok, fn node ->
      case :mnesia.change_table_copy_type(:schema, node, :disc_copies) do
        {:atomic, :ok} -> nil
        {:aborted, {:already_exists, :schema, ^node, :disc_copies}} -> nil
        {:aborted, reason} -> {:error, reason}
      end
    end)
  end
end
