import Config

config :libcluster,
  topologies: [
    local: [strategy: Cluster.Strategy.LocalEpmd]
  ]
