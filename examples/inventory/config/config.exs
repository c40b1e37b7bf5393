import Config

config :inventory,
  members: for(i <- 0..4, do: :"inventory@stock-#{i}.stock.shop.svc.cluster.local")

config :logger, level: :info

config :mnesia, dir: ~c"/var/lib/inventory/mnesia"

config :ra, data_dir: ~c"/var/lib/inventory/ra"

# The scanners' gateways come and go: they sit in an overlay of their own.
config :partisan,
  peer_service: Partisan.PeerService.HyParView,
  active_max_size: 6,
  passive_max_size: 30

import_config "#{config_env()}.exs"
