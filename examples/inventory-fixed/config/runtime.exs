import Config

if config_env() == :prod do
  # Also the address that others are told to connect to.
  config :partisan, listen_addrs: ["#{System.fetch_env!("POD_IP")}:10200"]

  config :libcluster,
    topologies: [
      stock: [
        strategy: Cluster.Strategy.Kubernetes.DNSSRV,
        config: [
          service: "stock",
          application_name: "inventory",
          namespace: System.fetch_env!("POD_NAMESPACE")
        ]
      ],
      reports: [
        strategy: Cluster.Strategy.DNSPoll,
        config: [
          query: "reports.shop.svc.cluster.local",
          node_basename: "reports",
          polling_interval: 5_000
        ]
      ]
    ]
end
