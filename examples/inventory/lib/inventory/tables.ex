defmodule Inventory.Tables do
  @moduledoc "The Mnesia table of the counts, with a copy on three nodes."

  @table :stock
  @copies [
    :"inventory@stock-0.stock.shop.svc.cluster.local",
    :"inventory@stock-1.stock.shop.svc.cluster.local",
    :"inventory@stock-2.stock.shop.svc.cluster.local"
  ]

  @doc "Makes the table; once, from one node, while all that hold a copy run."
  def install do
    with {:ok, _nodes} <- :mnesia.change_config(:extra_db_nodes, @copies),
         :ok <- keep_schema_on_disk(),
         {:atomic, :ok} <-
           :mnesia.create_table(@table, attributes: [:key, :value], disc_copies: @copies) do
      :ok
    else
      {:aborted, reason} -> {:error, reason}
      {:error, reason} -> {:error, reason}
    end
  end

  @doc "Waits until the table can be read."
  def open, do: :mnesia.wait_for_tables([@table], 30_000)

  defp keep_schema_on_disk do
    Enum.find_value(@copies, :ok, fn node ->
      case :mnesia.change_table_copy_type(:schema, node, :disc_copies) do
        {:atomic, :ok} -> nil
        {:aborted, {:already_exists, :schema, ^node, :disc_copies}} -> nil
        {:aborted, reason} -> {:error, reason}
      end
    end)
  end
end
