import Config

# The machines on the shop floor have fixed addresses.
config :libcluster,
  topologies: [
    floor: [
      strategy: Cluster.Strategy.Epmd,
      config: [
        hosts: for(i <- 1..64, do: :"floor@10.0.4.#{i}"),
        timeout: 30_000
      ]
    ]
  ]
