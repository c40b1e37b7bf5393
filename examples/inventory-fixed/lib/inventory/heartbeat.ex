defmodule Inventory.Heartbeat do
  @moduledoc "Notices when the scanners of the warehouse on this node's site fall silent."
  use GenServer

  require Logger

  @interval 10_000
  @silence 30

  def start_link(_opts), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @doc "Called for each message of a scanner."
  def beat, do: GenServer.cast(__MODULE__, :beat)

  @impl true
  def init(nil) do
    Process.send_after(self(), :look, @interval)
    {:ok, %{last: System.monotonic_time(:second)}}
  end

  @impl true
  def handle_cast(:beat, state), do: {:noreply, %{state | last: System.monotonic_time(:second)}}

  @impl true
  def handle_info(:look, state) do
    silent = System.monotonic_time(:second) - state.last
    if silent > @silence, do: Logger.warning("no scanner for #{silent} seconds")
    Process.send_after(self(), :look, @interval)
    {:noreply, state}
  end
end
