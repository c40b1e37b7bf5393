defmodule Presence do
  @moduledoc "Who is online, in which room, on which device."

  alias Presence.{Rooms, Sessions, Tracker}

  @doc "Signs a user in on a device, and lets the room know."
  def join(room_id, user_id, device) do
    with {:ok, session} <- Sessions.open(user_id, device),
         :ok <- Rooms.enter(room_id, user_id),
         {:ok, _ref} <- Tracker.track(session, room_id, user_id) do
      {:ok, session}
    end
  end

  @doc "The users of a room, with the devices that they are on."
  def list(room_id), do: Tracker.list(room_id)
end
