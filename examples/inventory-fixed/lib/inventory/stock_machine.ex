defmodule Inventory.StockMachine do
  @moduledoc """
  Reservations, leases and orders, as every member of the Raft cluster keeps them.

  Each member applies the same commands in the same order, some of them again after a restart: what
  `apply/3` answers depends on its arguments alone, and what shall happen outside is an effect.
  """
  @behaviour :ra_machine

  alias Phoenix.PubSub

  @snapshot_every 4_096

  @impl true
  def init(_config), do: %{free: %{}, reserved: %{}, leases: %{}, orders: []}

  @impl true
  def apply(_meta, {:restock, sku, quantity}, state) do
    free = Map.update(state.free, sku, quantity, &(&1 + quantity))
    {%{state | free: free}, {:ok, free[sku]}}
  end

  # A client that got no answer sends the same id again.
  def apply(meta, {:reserve, id, sku, quantity}, state) do
    free = Map.get(state.free, sku, 0)

    cond do
      is_map_key(state.reserved, id) ->
        {state, :ok}

      free < quantity ->
        {state, {:error, :out_of_stock}}

      true ->
        entry = %{sku: sku, quantity: quantity, since: meta.system_time}
        reserved = Map.put(state.reserved, id, entry)
        state = %{state | free: Map.put(state.free, sku, free - quantity), reserved: reserved}
        {state, :ok, snapshot(meta, state)}
    end
  end

  def apply(meta, {:release, id}, state) when is_map_key(state.reserved, id) do
    {%{sku: sku, quantity: quantity}, reserved} = Map.pop!(state.reserved, id)
    free = Map.update(state.free, sku, quantity, &(&1 + quantity))
    state = %{state | free: free, reserved: reserved}
    message = {:free, sku, free[sku]}
    tell = {:mod_call, PubSub, :broadcast, [Inventory.PubSub, "stock", message]}
    {state, :ok, [tell | snapshot(meta, state)]}
  end

  def apply(_meta, {:release, _id}, state), do: {state, :ok}

  def apply(meta, {:grant, resource, owner, ttl}, state) do
    case state.leases do
      %{^resource => %{owner: other, until: until}}
      when other != owner and until > meta.system_time ->
        {state, {:error, :taken}}

      leases ->
        lease = %{owner: owner, until: meta.system_time + ttl, fence: meta.index}
        {%{state | leases: Map.put(leases, resource, lease)}, {:ok, lease.fence}}
    end
  end

  def apply(_meta, {:order, term, sku, quantity}, %{leases: %{suppliers: %{fence: term}}} = state) do
    {%{state | orders: [{sku, quantity} | state.orders]}, :ok}
  end

  def apply(_meta, {:order, _term, _sku, _quantity}, state), do: {state, {:error, :not_leader}}

  # Ra sends commands of its own, and a newer version of a client may send one that is not known here.
  def apply(_meta, _command, state), do: {state, {:error, :unknown_command}}

  @doc "A query: items of `sku` that are not reserved."
  def free(sku, state), do: Map.get(state.free, sku, 0)

  defp snapshot(%{index: index}, state) when rem(index, @snapshot_every) == 0 do
    [{:release_cursor, index, state}]
  end

  defp snapshot(_meta, _state), do: []
end
