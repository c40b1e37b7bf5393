defmodule Inventory.Storage do
  @moduledoc "Values by key, kept in Mnesia."

  @table :stock

  @doc "The value of `key`, or nil."
  def get(key) do
    case :mnesia.dirty_read(@table, key) do
      [{@table, ^key, value}] -> value
      [] -> nil
    end
  end

  def put(key, value), do: :mnesia.dirty_write({@table, key, value})

  def keys, do: :mnesia.dirty_all_keys(@table)
end
