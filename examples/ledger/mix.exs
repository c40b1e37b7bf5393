defmodule Ledger.MixProject do
  use Mix.Project

  def project do
    [
      app: :ledger,
      version: "2.3.0",
      elixir: "~> 1.15",
      start_permanent: Mix.env() == :prod,
      deps: deps(),
      releases: [ledger: [include_executables_for: [:unix]]]
    ]
  end

  def application do
    [
      mod: {Ledger.Application, []},
      extra_applications: [:logger],
      included_applications: [:mnesia]
    ]
  end

  defp deps do
    [
      {:ecto_sql, "~> 3.12"},
      {:libcluster, "~> 3.5"},
      {:postgrex, "~> 0.20"},
      {:quantum, "~> 3.5"},
      {:ra, "~> 2.16"},
      {:redix, "~> 1.5"},
      {:req, "~> 0.5"},
      {:swarm, "~> 3.4"}
    ]
  end
end
