defmodule Inventory.Stocktake do
  @moduledoc "Stores what was counted in a warehouse, one count at a time."

  alias Inventory.Stock

  @doc "Stores `counts`, a list of `{sku, counted}`."
  def store(warehouse, counts) do
    :global.trans({__MODULE__, warehouse}, fn ->
      Enum.each(counts, fn {sku, counted} -> Stock.set(sku, counted) end)
    end)
  end
end
