defmodule Inventory.PriceCache do
  @moduledoc "Prices that were looked up lately, on this node."
  use GenServer

  @table __MODULE__
  @ttl 300

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "The price of `sku` if it was looked up in the last five minutes."
  def fetch(sku) do
    case :ets.lookup(@table, sku) do
      [{^sku, price, expires}] ->
        if expires > System.system_time(:second), do: {:ok, price}, else: :error

      [] ->
        :error
    end
  end

  def put(sku, price), do: GenServer.cast(__MODULE__, {:put, sku, price})

  @impl true
  def init(nil) do
    :ets.new(@table, [:named_table, :protected, read_concurrency: true])
    {:ok, nil}
  end

  @impl true
  def handle_cast({:put, sku, price}, state) do
    :ets.insert(@table, {sku, price, System.system_time(:second) + @ttl})
    {:noreply, state}
  end
end
