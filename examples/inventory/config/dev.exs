import Config

config :inventory, members: [:"inventory@127.0.0.1"]

config :libcluster,
  topologies: [
    dev: [strategy: Cluster.Strategy.LocalEpmd]
  ]

config :mnesia, dir: ~c"tmp/mnesia"

config :ra, data_dir: ~c"tmp/ra"
