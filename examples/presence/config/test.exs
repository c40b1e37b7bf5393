import Config

config :libcluster, topologies: []
config :logger, level: :warning
