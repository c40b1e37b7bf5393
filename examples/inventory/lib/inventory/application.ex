defmodule Inventory.Application do
  @moduledoc false
  use Application

  @impl true
  def start(_type, _args) do
    topologies = Application.get_env(:libcluster, :topologies, [])

    children = [
      {Cluster.Supervisor, topologies},
      {Phoenix.PubSub, name: Inventory.PubSub},
      {Task, &Inventory.Consensus.start/0},
      Inventory.Counters,
      Inventory.Heartbeat,
      Inventory.Holds,
      Inventory.NodeMonitor,
      Inventory.PriceCache,
      Inventory.Rebalancer,
      Inventory.Leader,
      Inventory.Scheduler,
      {DeltaCrdt, crdt: DeltaCrdt.AWLWWMap, name: Inventory.Views.Map},
      Inventory.Views
    ]

    Inventory.Metrics.booted()
    Supervisor.start_link(children, strategy: :rest_for_one, name: Inventory.Supervisor)
  end
end
