defmodule Presence.Archive do
  @moduledoc "Old rooms, spread over the disks of the nodes. Adding a node moves few of them."
  use GenServer

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "The node on whose disk a room is."
  def home(room_id), do: GenServer.call(__MODULE__, {:home, room_id})

  @impl true
  def init(nil) do
    :ok = :net_kernel.monitor_nodes(true)
    {:ok, HashRing.add_nodes(HashRing.new(), Node.list())}
  end

  @impl true
  def handle_call({:home, room_id}, _from, ring) do
    {:reply, HashRing.key_to_node(ring, room_id), ring}
  end

  @impl true
  def handle_info({:nodeup, node}, ring), do: {:noreply, HashRing.add_node(ring, node)}
  def handle_info({:nodedown, node}, ring), do: {:noreply, HashRing.add_node(ring, node)}
end
