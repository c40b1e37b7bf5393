import Config

config :libcluster, topologies: []
