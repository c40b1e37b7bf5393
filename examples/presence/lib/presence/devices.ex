defmodule Presence.Devices do
  @moduledoc "The devices of the users: a map to write to, and one for the readers that may lag behind."
  use Supervisor

  def start_link(_opts), do: Supervisor.start_link(__MODULE__, nil, name: __MODULE__)

  @impl true
  def init(nil), do: Supervisor.init([{Task, &connect/0}], strategy: :one_for_one)

  defp connect do
    {:ok, written} = DeltaCrdt.start_link(DeltaCrdt.AWLWWMap, name: Presence.Devices.Written)
    {:ok, read} = DeltaCrdt.start_link(DeltaCrdt.AWLWWMap, name: Presence.Devices.Read)
    DeltaCrdt.set_neighbours(written, [read])
    Process.sleep(:infinity)
  end
end
