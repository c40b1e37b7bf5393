defmodule Inventory.Warehouse do
  @moduledoc "What the requests of one node did, asked from another."

  alias Inventory.Counters

  @timeout 5_000

  def picked(node) do
    :erpc.call(node, Counters, :count, [:picked])
  end

  @doc "Items that were ordered there and not yet shipped."
  def backlog(node) do
    :rpc.call(node, Counters, :count, [:ordered], @timeout) - shipped!(node)
  end

  def shipped(node) do
    case :erpc.call(node, Counters, :count, [:shipped], @timeout) do
      {:badrpc, reason} -> {:error, reason}
      count -> {:ok, count}
    end
  end

  defp shipped!(node) do
    {:ok, count} = shipped(node)
    count
  end
end
