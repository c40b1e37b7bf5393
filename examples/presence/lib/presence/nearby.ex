defmodule Presence.Nearby do
  @moduledoc "Devices that were welcomed already."

  @table :nearby

  @doc "Makes the table; the process that calls this owns it."
  def create, do: :ets.new(@table, [:named_table, :public, :set])

  @doc "Whether the device is seen for the first time, which only one caller is told."
  def first?(device) do
    if :ets.member(@table, device) do
      false
    else
      :ets.insert(@table, {device, System.monotonic_time()})
      true
    end
  end
end
