defmodule Inventory.Warehouse do
  @moduledoc "What the requests of one node did, asked from another: `{:ok, count}` or `{:error, reason}`."

  alias Inventory.Counters

  @timeout 5_000

  def picked(node), do: count(node, :picked)

  @doc "Items that were ordered there and not yet shipped."
  def backlog(node) do
    with {:ok, ordered} <- count(node, :ordered),
         {:ok, shipped} <- count(node, :shipped) do
      {:ok, ordered - shipped}
    end
  end

  def shipped(node), do: count(node, :shipped)

  defp count(node, key) do
    {:ok, :erpc.call(node, Counters, :count, [key], @timeout)}
  catch
    :error, {:erpc, reason} -> {:error, reason}
    :error, {:exception, reason, _stack} -> {:error, reason}
    :exit, {:exception, reason} -> {:error, reason}
  end
end
