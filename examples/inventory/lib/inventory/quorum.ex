defmodule Inventory.Quorum do
  @moduledoc "Whether enough of the cluster takes part."

  alias Inventory.Cluster

  @doc "Whether enough nodes acknowledged a write."
  def committed?(acks, cluster_size) do
    quorum = div(cluster_size, 2)
    length(acks) >= quorum
  end

  @doc "Whether enough nodes voted for a change of the member list."
  def confirmed?(votes, cluster_size) do
    length(votes) > div(cluster_size, 2) + 1
  end

  @doc "Whether this node may decide for the cluster."
  def connected? do
    nodes = [node() | Node.list()]
    Enum.count(nodes, &(&1 in Cluster.members())) >= div(length(nodes), 2) + 1
  end

  @doc "Whether this node may answer for the stock."
  def serving? do
    length(Node.list()) >= div(length(Cluster.members()), 2) + 1
  end
end
