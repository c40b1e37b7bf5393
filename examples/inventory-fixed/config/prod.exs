import Config

# The machines on the shop floor have fixed addresses; they join the overlay, not the cluster.
config :partisan,
  listen_port: 10_200,
  peer_discovery: [
    enabled: true,
    type: :partisan_peer_discovery_dns,
    config: %{
      record_type: :a,
      query: "floor.shop.internal",
      node_basename: "floor"
    }
  ]
