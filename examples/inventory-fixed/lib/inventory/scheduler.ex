defmodule Inventory.Scheduler do
  @moduledoc "Orders from suppliers what runs low, once a day."
  use GenServer

  alias Inventory.{Leader, Reservations, Stock}

  @day :timer.hours(24)

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Whether this node is the one that orders."
  def coordinator?, do: Leader.leader?()

  @impl true
  def init(nil) do
    Process.send_after(self(), :order, @day)
    {:ok, nil}
  end

  @impl true
  def handle_info(:order, state) do
    if coordinator?(), do: order()
    Process.send_after(self(), :order, @day)
    {:noreply, state}
  end

  defp order do
    term = Leader.term()
    Enum.each(Stock.low(), fn {sku, missing} -> Reservations.order(term, sku, missing) end)
  end
end
