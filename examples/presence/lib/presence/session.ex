defmodule Presence.Session do
  @moduledoc "The mailbox of one device."
  use GenServer

  def start_link(user_id, device), do: GenServer.start_link(__MODULE__, {user_id, device})

  @impl true
  def init({user_id, device}) do
    :syn.register(:sessions, {user_id, device}, self(), %{node: node()})
    :ok = :pg.join({:devices, user_id}, self())
    {:ok, %{user_id: user_id, device: device, notices: []}}
  end

  @impl true
  def handle_call(:notices, _from, session) do
    {:reply, Enum.reverse(session.notices), %{session | notices: []}}
  end

  @impl true
  def handle_info({:notice, notice}, session) do
    {:noreply, %{session | notices: [notice | session.notices]}}
  end
end
