import Config

config :ra, data_dir: "/var/lib/ledger/ra"

# Settlements run on one node each, and on none in the smaller part of a split cluster.
config :swarm,
  distribution_strategy: Swarm.Distribution.StaticQuorumRing,
  static_quorum_size: 2
