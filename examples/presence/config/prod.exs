import Config

# The machines behind the load balancer have fixed addresses.
config :libcluster,
  topologies: [
    fleet: [
      strategy: Cluster.Strategy.Epmd,
      config: [hosts: for(i <- 1..3, do: :"presence@10.20.0.#{i}")]
    ]
  ]
