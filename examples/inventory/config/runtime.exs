import Config

if config_env() == :prod do
  config :libcluster,
    topologies: [
      stock: [
        strategy: Cluster.Strategy.KubernetesDNSSRV,
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
          poll_interval: 5_000
        ]
      ]
    ]
end
