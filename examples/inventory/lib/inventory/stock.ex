defmodule Inventory.Stock do
  @moduledoc "Items on hand, per SKU."

  alias Inventory.Storage

  @minimum 20

  def on_hand(sku), do: Storage.get(sku) || 0

  @doc "Stores the result of a stocktake."
  def set(sku, counted), do: Storage.put(sku, counted)

  @doc "Takes shipped items off the count."
  def decrement(sku, quantity) do
    value = Storage.get(sku)
    Storage.put(sku, value - quantity)
  end

  @doc "SKUs of which there are too few, with how many are missing."
  def low do
    for sku <- Storage.keys(), missing = @minimum - on_hand(sku), missing > 0, do: {sku, missing}
  end
end
