defmodule Inventory.Stock do
  @moduledoc "Items on hand, per SKU."

  alias Inventory.Storage

  @minimum 20
  @attempts 10

  def on_hand(sku), do: Storage.get(sku) || 0

  @doc "Stores the result of a stocktake."
  def set(sku, counted), do: Storage.put(sku, counted)

  @doc "Takes shipped items off the count."
  def decrement(sku, quantity), do: decrement(sku, quantity, @attempts)

  defp decrement(_sku, _quantity, 0), do: {:error, :busy}

  defp decrement(sku, quantity, attempts) do
    {value, version} = Storage.get_with_version(sku)

    case Storage.put_if_version(sku, (value || 0) - quantity, version) do
      {:error, :version_mismatch} -> decrement(sku, quantity, attempts - 1)
      result -> result
    end
  end

  @doc "SKUs of which there are too few, with how many are missing."
  def low do
    for sku <- Storage.keys(), missing = @minimum - on_hand(sku), missing > 0, do: {sku, missing}
  end
end
