defmodule Inventory.StockMachine do
  @moduledoc "Reservations, leases and orders, as every member of the Raft cluster keeps them."
  @behaviour :ra_machine

  alias Phoenix.PubSub

  @impl true
  def init(_config), do: %{free: %{}, reserved: %{}, leases: %{}, term: 0, orders: []}

  @impl true
  def apply(_meta, {:restock, sku, quantity}, state) do
    free = Map.update(state.free, sku, quantity, &(&1 + quantity))
    {%{state | free: free}, {:ok, free[sku]}}
  end

  def apply(_meta, {:reserve, id, sku, quantity}, state) do
    free = Map.get(state.free, sku, 0)

    cond do
      is_map_key(state.reserved, id) ->
        {state, :ok}

      free < quantity ->
        {state, {:error, :out_of_stock}}

      true ->
        entry = %{sku: sku, quantity: quantity, since: System.system_time(:millisecond)}
        reserved = Map.put(state.reserved, id, entry)
        {%{state | free: Map.put(state.free, sku, free - quantity), reserved: reserved}, :ok}
    end
  end

  def apply(_meta, {:release, id}, state) when is_map_key(state.reserved, id) do
    {%{sku: sku, quantity: quantity}, reserved} = Map.pop!(state.reserved, id)
    free = Map.update(state.free, sku, quantity, &(&1 + quantity))
    PubSub.broadcast(Inventory.PubSub, "stock", {:free, sku, free[sku]})
    {%{state | free: free, reserved: reserved}, :ok}
  end

  def apply(_meta, {:release, _id}, state), do: {state, :ok}

  def apply(meta, {:grant, resource, owner, ttl}, state) do
    case state.leases do
      %{^resource => %{owner: other, until: until}}
      when other != owner and until > meta.system_time ->
        {state, {:error, :taken}}

      leases ->
        lease = %{owner: owner, until: meta.system_time + ttl}
        {%{state | leases: Map.put(leases, resource, lease)}, {:ok, meta.index}}
    end
  end

  def apply(_meta, {:order, term, _sku, _quantity}, state) when term < state.term do
    {state, {:error, :not_leader}}
  end

  def apply(_meta, {:order, term, sku, quantity}, state) do
    {%{state | term: term, orders: [{sku, quantity} | state.orders]}, :ok}
  end

  @doc "A query: items of `sku` that are not reserved."
  def free(sku, state), do: Map.get(state.free, sku, 0)
end
