import Config

if config_env() == :prod do
  config :ledger, Ledger.Repo, url: System.fetch_env!("DATABASE_URL"), pool_size: 20

  config :libcluster,
    topologies: [
      ledger: [
        strategy: Cluster.Strategy.Kubernetes.DNSSRV,
        config: [
          service: "ledger",
          application_name: "ledger",
          namespace: System.fetch_env!("POD_NAMESPACE"),
          polling_interval: 5_000
        ]
      ]
    ]
end
