defmodule Inventory.Quorum do
  @moduledoc "Whether enough of the cluster takes part. Enough is more than half of the configured members."

  alias Inventory.Cluster

  @doc "Whether enough nodes acknowledged a write."
  def committed?(acks, cluster_size), do: length(acks) >= majority(cluster_size)

  @doc "Whether enough nodes voted for a change of the member list."
  def confirmed?(votes, cluster_size), do: length(votes) >= majority(cluster_size)

  @doc "Whether this node may decide for the cluster."
  def connected? do
    members = Cluster.members()
    reachable = Enum.count([node() | Node.list()], &(&1 in members))
    reachable >= majority(length(members))
  end

  @doc "Whether this node may answer for the stock."
  def serving?, do: connected?()

  defp majority(cluster_size), do: div(cluster_size, 2) + 1
end
