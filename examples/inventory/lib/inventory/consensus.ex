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
    :ra.start_cluster(@name, {:module, StockMachine, %{}}, servers())
  end

  @doc "The node that leads the Raft cluster."
  def leader do
    case :ra.get_leader(server()) do
      {@name, node} -> node
      :undefined -> nil
    end
  end
end
