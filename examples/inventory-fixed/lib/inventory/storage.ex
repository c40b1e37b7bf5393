defmodule Inventory.Storage do
  @moduledoc """
  Values by key, kept in Mnesia, each with a version that grows with every write.

  Who computes a value from an old one writes it with `put_if_version/3`, and tries again when another
  was faster.
  """

  @table :stock

  @doc "The value of `key`, or nil."
  def get(key) do
    {value, _version} = get_with_version(key)
    value
  end

  @doc "The value of `key`, or nil, and its version; 0 before the first write."
  def get_with_version(key) do
    {:atomic, rows} = :mnesia.transaction(fn -> :mnesia.read(@table, key) end)
    versioned(rows)
  end

  @doc "Writes whatever stands there."
  def put(key, value), do: write(key, value, fn _version -> true end)

  @doc "Writes if `key` still has `version`."
  def put_if_version(key, value, version), do: write(key, value, &(&1 == version))

  def keys, do: :mnesia.dirty_all_keys(@table)

  defp write(key, value, may_write?) do
    transaction = fn ->
      {_value, version} = versioned(:mnesia.read(@table, key, :write))

      if may_write?.(version) do
        :mnesia.write({@table, key, value, version + 1})
      else
        :mnesia.abort(:version_mismatch)
      end
    end

    case :mnesia.transaction(transaction) do
      {:atomic, :ok} -> :ok
      {:aborted, reason} -> {:error, reason}
    end
  end

  defp versioned([]), do: {nil, 0}
  defp versioned([{@table, _key, value, version}]), do: {value, version}
end
