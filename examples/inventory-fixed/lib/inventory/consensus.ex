defmodule Inventory.Consensus do
  @moduledoc "The Raft cluster of the members."

  require Logger

  alias Inventory.{Cluster, StockMachine}

  @name :inventory

  def server, do: {@name, node()}

  def servers, do: for(node <- Cluster.members(), do: {@name, node})

  @doc "Starts this node's server again; it was made by `form/0`."
  def start do
    :ra_system.start_default()

    case :ra.restart_server(:default, server()) do
      :ok -> :ok
      {:error, {:already_started, _pid}} -> :ok
      {:error, reason} -> Logger.error("no Raft server: #{inspect(reason)}")
    end
  end

  @doc "Forms the cluster; once, from one node, while all members run."
  def form do
    case :ra.start_cluster(:default, @name, {:module, StockMachine, %{}}, servers()) do
      {:ok, _started, []} -> :ok
      {:ok, _started, missing} -> {:error, {:not_started, missing}}
      {:error, reason} -> {:error, reason}
    end
  end

  @doc "The node that leads the Raft cluster, as far as this one knows."
  def leader do
    case :ra_leaderboard.lookup_leader(@name) do
      {@name, node} -> node
      :undefined -> nil
    end
  end
end
