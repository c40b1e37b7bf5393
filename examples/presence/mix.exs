defmodule Presence.MixProject do
  use Mix.Project

  def project do
    [
      app: :presence,
      version: "1.7.2",
      elixir: "~> 1.15",
      start_permanent: Mix.env() == :prod,
      deps: deps(),
      releases: [presence: [include_executables_for: [:unix]]]
    ]
  end

  def application do
    [
      mod: {Presence.Application, []},
      extra_applications: [:logger]
    ]
  end

  defp deps do
    [
      {:delta_crdt, "~> 0.6.5"},
      {:horde, "~> 0.8.7"},
      {:jason, "~> 1.4"},
      {:libcluster, "~> 3.5"},
      {:libring, "~> 1.7"},
      {:phoenix_pubsub, "~> 2.2"},
      {:plug_crypto, "~> 2.1"},
      {:syn, "~> 3.3"}
    ]
  end
end
