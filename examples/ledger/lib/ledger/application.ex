defmodule Ledger.Application do
  @moduledoc false
  use Application

  @impl true
  def start(_type, _args) do
    topologies = Application.get_env(:libcluster, :topologies, [])
    :ok = Ledger.Rates.open()

    children = [
      {Cluster.Supervisor, [topologies, [name: Ledger.ClusterSupervisor]]},
      Ledger.Repo,
      {Redix, name: Ledger.Redis},
      {Task, &Ledger.Journal.start/0},
      %{id: :audit_groups, start: {:pg, :start_link, [:audit]}},
      Ledger.Audit,
      Ledger.Numbers,
      Ledger.Feed,
      Ledger.CardNetwork,
      Ledger.Scheduler
    ]

    Supervisor.start_link(children, strategy: :one_for_one, name: Ledger.Supervisor)
  end
end
