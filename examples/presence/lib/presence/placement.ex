defmodule Presence.Placement do
  @moduledoc "Where in the cluster something is kept or done."

  @doc "The node that keeps the unread messages of a user."
  def owner(user_id) do
    nodes = Enum.sort([node() | Node.list()])
    Enum.at(nodes, :erlang.phash2(user_id, length(nodes)))
  end

  @doc "Another node, for the second copy."
  def backup, do: Enum.random(Node.list())
end
