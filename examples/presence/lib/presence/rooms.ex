defmodule Presence.Rooms do
  @moduledoc "Finds the process of a room, wherever in the cluster it runs."

  alias Presence.Room

  @doc "Lets a user into a room, which is opened for the first one."
  def enter(room_id, user_id), do: room_id |> open() |> Room.enter(user_id)

  @doc "Whether somebody has the room open."
  def open?(room_id) do
    case Horde.Registry.lookup(Presence.RoomRegistry, room_id) do
      [{pid, _value}] -> Process.alive?(pid)
      [] -> false
    end
  end

  defp open(room_id) do
    case Horde.Registry.lookup(Presence.RoomRegistry, room_id) do
      [{pid, _value}] ->
        pid

      [] ->
        {:ok, pid} = Horde.DynamicSupervisor.start_child(Presence.RoomSupervisor, {Room, room_id})
        pid
    end
  end
end
