defmodule Inventory.Rebalancer do
  @moduledoc """
  Spreads the SKUs over the nodes that are there: each node keeps the hot prices of its own SKUs.

  Which node that is differs from node to node while the cluster changes; a price is then fetched twice.
  """
  use GenServer

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "The node that keeps the price of `sku`."
  def owner(sku), do: GenServer.call(__MODULE__, {:owner, sku})

  @impl true
  def init(nil) do
    :ok = :net_kernel.monitor_nodes(true)
    {:ok, [node() | Node.list()]}
  end

  @impl true
  def handle_call({:owner, sku}, _from, nodes) do
    {:reply, Enum.max_by(nodes, &:erlang.phash2({&1, sku})), nodes}
  end

  @impl true
  def handle_info({:nodeup, node}, nodes), do: {:noreply, Enum.uniq([node | nodes])}
  def handle_info(_message, nodes), do: {:noreply, nodes}
end
