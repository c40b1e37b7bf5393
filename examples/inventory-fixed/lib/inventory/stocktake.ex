defmodule Inventory.Stocktake do
  @moduledoc """
  Stores what was counted in a warehouse, one count at a time.

  The lock keeps two counts of one warehouse from mixing. Both sides of a split may hold it; only the
  larger one can write to the table.
  """

  alias Inventory.{Cluster, Stock}

  @attempts 3

  @doc "Stores `counts`, a list of `{sku, counted}`."
  def store(warehouse, counts) do
    lock = {{__MODULE__, warehouse}, self()}

    case :global.trans(lock, fn -> set_all(counts) end, Cluster.members(), @attempts) do
      :aborted -> {:error, :busy}
      result -> result
    end
  end

  defp set_all(counts) do
    counts
    |> Enum.map(fn {sku, counted} -> Stock.set(sku, counted) end)
    |> Enum.find(:ok, &(&1 != :ok))
  end
end
