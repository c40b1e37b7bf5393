defmodule Presence.Inbox do
  @moduledoc "Unread messages, on the node that owns the user, and a copy on another one."
  use GenServer

  alias Presence.Placement

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Keeps a message until the user reads it."
  def deliver(user_id, message) do
    copy = Placement.backup()
    Node.spawn(copy, fn -> GenServer.cast(__MODULE__, {:keep, user_id, message}) end)
    GenServer.call({__MODULE__, Placement.owner(user_id)}, {:keep, user_id, message})
  catch
    :exit, {:noproc, _call} -> {:error, :starting}
    :exit, {:timeout, _call} -> {:error, :busy}
  end

  @impl true
  def init(nil), do: {:ok, %{}}

  @impl true
  def handle_call({:keep, user_id, message}, _from, inboxes) do
    {:reply, :ok, keep(inboxes, user_id, message)}
  end

  @impl true
  def handle_cast({:keep, user_id, message}, inboxes) do
    {:noreply, keep(inboxes, user_id, message)}
  end

  defp keep(inboxes, user_id, message),
    do: Map.update(inboxes, user_id, [message], &[message | &1])
end
