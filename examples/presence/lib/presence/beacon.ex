defmodule Presence.Beacon do
  @moduledoc "Listens for the gateways on the shop floor, which tell by datagram that a device came near."
  use GenServer

  alias Presence.{Nearby, Sessions}

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @impl true
  def init(nil) do
    Nearby.create()
    port = Application.fetch_env!(:presence, :beacon_port)
    {:ok, socket} = :gen_udp.open(port, [:binary, active: true])
    {:ok, %{socket: socket}}
  end

  @impl true
  def handle_info({:udp, _socket, _ip, _port, datagram}, state) do
    {:near, user_id, device} = :erlang.binary_to_term(datagram)
    if Nearby.first?(device), do: Sessions.notify(user_id, [device], :welcome)
    {:noreply, state}
  end
end
