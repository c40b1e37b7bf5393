import Config

config :ledger,
  ecto_repos: [Ledger.Repo],
  members: for(i <- 0..3, do: :"ledger@ledger-#{i}.ledger.bank.svc.cluster.local")

config :ledger, Ledger.Scheduler,
  jobs: [
    {"0 2 * * *", {Ledger.Closing, :close_day, []}},
    {"*/15 * * * *", {Ledger.Settlement, :sweep, []}}
  ]

config :logger, level: :info

config :mnesia, dir: ~c"/var/lib/ledger/mnesia"

import_config "#{config_env()}.exs"
