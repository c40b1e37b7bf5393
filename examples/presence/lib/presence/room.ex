defmodule Presence.Room do
  @moduledoc "One room: who is in it, and what was said last. Its history is written when it closes."
  use GenServer, restart: :transient

  alias Presence.History

  @idle :timer.minutes(30)

  def start_link(id) do
    GenServer.start_link(__MODULE__, id, name: {:via, Horde.Registry, {Presence.RoomRegistry, id}})
  end

  @doc "Puts a user into the room."
  def enter(room, user_id), do: GenServer.call(room, {:enter, user_id})

  @impl true
  def init(id) do
    Process.flag(:trap_exit, true)
    {:ok, %{id: id, users: MapSet.new(), said: []}, @idle}
  end

  @impl true
  def handle_call({:enter, user_id}, _from, room) do
    {:reply, :ok, %{room | users: MapSet.put(room.users, user_id)}, @idle}
  end

  @impl true
  def handle_info(:timeout, room), do: {:stop, :normal, room}
  def handle_info({:said, line}, room), do: {:noreply, %{room | said: [line | room.said]}, @idle}
  def handle_info(_message, room), do: {:noreply, room, @idle}

  @impl true
  def terminate(_reason, room), do: History.write(room.id, room.said)
end
