defmodule Presence.Profiles do
  @moduledoc "Names and pictures of the users, with a copy on every node."
  use GenServer

  @map Presence.Profiles.Map

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Keeps a profile; its fields may come from several devices at once."
  def put(user_id, fields) do
    profile = %{fields: fields, changed_at: System.system_time(:millisecond)}
    merged = merge(get(user_id) || profile, profile)
    DeltaCrdt.put(@map, user_id, merged)
  end

  @doc "The profile of a user, or nil."
  def get(user_id), do: @map |> DeltaCrdt.to_map() |> Map.get(user_id)

  @doc "One profile of two copies of it."
  def merge(ours, theirs) do
    if theirs.changed_at >= ours.changed_at, do: theirs, else: ours
  end

  @impl true
  def init(nil) do
    {:ok, _pid} = DeltaCrdt.start_link(DeltaCrdt.AWLWWMap, name: @map, sync_interval: 100)
    :ok = :net_kernel.monitor_nodes(true)
    {:ok, nil}
  end

  @impl true
  def handle_info({:nodeup, node}, state) do
    DeltaCrdt.set_neighbours(@map, [{@map, node}])
    {:noreply, state}
  end

  def handle_info({:nodedown, _node}, state), do: {:noreply, state}
end
