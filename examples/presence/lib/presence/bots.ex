defmodule Presence.Bots do
  @moduledoc "Helpers that answer in a room; a room may have several of one kind."

  @doc "Starts a bot for a room, on whichever node has room for it."
  def start(room_id, kind) do
    Horde.DynamicSupervisor.start_child(Presence.BotSupervisor, {Presence.Bot, {room_id, kind}})
  end

  @doc "The bots of a room."
  def of(room_id), do: Horde.Registry.lookup(Presence.BotRegistry, room_id)
end
