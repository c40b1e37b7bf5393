import Config

config :presence,
  nodes: for(i <- 1..3, do: :"presence@10.20.0.#{i}"),
  history: "/var/lib/presence/history",
  beacon_port: 45_892

config :logger, level: :info

import_config "#{config_env()}.exs"
