import Config

config :inventory, members: [:nonode@nohost]

config :logger, level: :warning

config :mnesia, dir: ~c"tmp/test/mnesia"

config :ra, data_dir: ~c"tmp/test/ra"
