defmodule Presence.Bot do
  @moduledoc "Answers what it knows, and is quiet otherwise."
  use GenServer, restart: :transient

  def start_link({room_id, kind}), do: GenServer.start_link(__MODULE__, {room_id, kind})

  @impl true
  def init({room_id, kind}) do
    {:ok, _owner} = Horde.Registry.register(Presence.BotRegistry, room_id, kind)
    {:ok, %{room_id: room_id, kind: kind}}
  end

  @impl true
  def handle_call({:ask, "time"}, _from, %{kind: :clock} = bot) do
    {:reply, {:ok, DateTime.utc_now()}, bot}
  end

  def handle_call({:ask, _question}, _from, bot), do: {:reply, :quiet, bot}
end
