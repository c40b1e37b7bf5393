defmodule Inventory.Holds do
  @moduledoc "Items that customers are paying for: told to all nodes, forgotten after two minutes."
  use GenServer

  alias Phoenix.PubSub

  @topic "holds"
  @hold_ms 120_000

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Tells all nodes that a customer is about to buy."
  def hold(sku, quantity) do
    deadline = System.monotonic_time(:millisecond) + @hold_ms
    PubSub.broadcast(Inventory.PubSub, @topic, {:hold, sku, quantity, deadline})
  end

  @doc "Items of `sku` that are held now."
  def held(sku), do: GenServer.call(__MODULE__, {:held, sku})

  @impl true
  def init(nil) do
    :ok = PubSub.subscribe(Inventory.PubSub, @topic)
    {:ok, []}
  end

  @impl true
  def handle_call({:held, sku}, _from, holds) do
    now = System.monotonic_time(:millisecond)
    holds = Enum.filter(holds, fn {_sku, _quantity, deadline} -> now < deadline end)
    {:reply, Enum.sum(for {^sku, quantity, _deadline} <- holds, do: quantity), holds}
  end

  @impl true
  def handle_info({:hold, sku, quantity, deadline}, holds) do
    {:noreply, [{sku, quantity, deadline} | holds]}
  end
end
