defmodule Inventory.NodeMonitor do
  @moduledoc "Remembers which nodes went away, for the status page and the log."
  use GenServer

  require Logger

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Nodes that went away since this one started, latest first."
  def lost, do: GenServer.call(__MODULE__, :lost)

  @impl true
  def init(nil) do
    :ok = :net_kernel.monitor_nodes(true, [:nodedown_reason, node_type: :visible])
    {:ok, []}
  end

  @impl true
  def handle_call(:lost, _from, lost), do: {:reply, lost, lost}

  @impl true
  def handle_info({:nodedown, node}, lost) do
    Logger.warning("#{node} went away")
    {:noreply, [node | lost]}
  end

  def handle_info(_message, lost), do: {:noreply, lost}
end
