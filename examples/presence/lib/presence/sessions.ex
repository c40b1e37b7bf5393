defmodule Presence.Sessions do
  @moduledoc "A process for each user and device: the mailbox for what has to reach just that device."

  alias Presence.Session

  @doc "The session of a device, started where there is none."
  def open(user_id, device) do
    case :syn.lookup(:sessions, {user_id, device}) do
      {pid, _meta} -> {:ok, pid}
      :undefined -> Session.start_link(user_id, device)
    end
  end

  @doc "Sends a notice to every device of a user that this node can find."
  def notify(user_id, devices, notice) do
    for device <- devices, {pid, _meta} <- [:syn.lookup(:sessions, {user_id, device})] do
      send(pid, {:notice, notice})
    end

    :ok
  end
end
