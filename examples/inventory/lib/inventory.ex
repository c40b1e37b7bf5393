defmodule Inventory do
  @moduledoc """
  Stock of the shop's warehouses: what is on hand, what is reserved, what is on order.

  Five nodes hold the stock. Counts of items live in Mnesia, reservations and the right to order from
  suppliers in a Raft cluster, and what may be a little wrong for a while (views, holds, prices) on
  each node.
  """

  alias Inventory.{Reservations, Stock}

  @doc "Items of `sku` in the warehouses."
  defdelegate on_hand(sku), to: Stock

  @doc "Reserves items for an order; `id` names the order and may be sent again."
  defdelegate reserve(id, sku, quantity), to: Reservations

  @doc "Gives reserved items back."
  defdelegate release(id), to: Reservations
end
