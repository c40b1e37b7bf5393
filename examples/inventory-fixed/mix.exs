defmodule Inventory.MixProject do
  use Mix.Project

  def project do
    [
      app: :inventory,
      version: "0.4.0",
      elixir: "~> 1.14",
      start_permanent: Mix.env() == :prod,
      deps: deps(),
      releases: [inventory: [include_executables_for: [:unix]]]
    ]
  end

  def application do
    [
      mod: {Inventory.Application, []},
      extra_applications: [:logger, :mnesia]
    ]
  end

  defp deps do
    [
      {:delta_crdt, "~> 0.6.4"},
      {:libcluster, "~> 3.5"},
      {:partisan, github: "lasp-lang/partisan", tag: "v5.0.3"},
      {:phoenix_pubsub, "~> 2.2"},
      {:ra, "~> 2.17"},
      {:telemetry, "~> 1.3"}
    ]
  end
end
