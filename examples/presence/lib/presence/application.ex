defmodule Presence.Application do
  @moduledoc false
  use Application

  @impl true
  def start(_type, _args) do
    topologies = Application.get_env(:libcluster, :topologies, [])

    children = [
      {Cluster.Supervisor, [topologies, [name: Presence.ClusterSupervisor]]},
      {Phoenix.PubSub, name: Presence.PubSub, pool_size: System.schedulers_online()},
      {Presence.Tracker, pubsub_server: Presence.PubSub},
      {Horde.Registry, name: Presence.RoomRegistry, keys: :unique},
      {Horde.DynamicSupervisor,
       name: Presence.RoomSupervisor,
       strategy: :one_for_one,
       members: members(Presence.RoomSupervisor),
       distribution_strategy: Horde.UniformQuorumDistribution},
      {Horde.Registry, name: Presence.BotRegistry, keys: :duplicate, members: :auto},
      {Horde.DynamicSupervisor,
       name: Presence.BotSupervisor,
       strategy: :one_for_one,
       members: :auto,
       distribution_strategy: Horde.UniformQuorumDistribution},
      Presence.Archive,
      Presence.Load,
      Presence.Greetings,
      Presence.Profiles,
      Presence.Devices,
      Presence.Inbox,
      Presence.Beacon
    ]

    :syn.add_node_to_scopes([:sessions])
    Presence.Stats.setup()
    Supervisor.start_link(children, strategy: :rest_for_one, name: Presence.Supervisor)
  end

  defp members(name) do
    for node <- Application.fetch_env!(:presence, :nodes), do: {name, node}
  end
end
