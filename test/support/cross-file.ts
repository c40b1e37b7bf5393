/** A small application whose mistakes only show when several of its files are read together. */

const mix = `defmodule Shop.MixProject do
  use Mix.Project

  def project, do: [app: :shop, version: "0.1.0", deps: [{:horde, "~> 0.10"}, {:libcluster, "~> 3.5"}]]
end
`;

/** Starts the leader on every node. */
export const application = `defmodule Shop.Application do
  use Application

  def start(_type, _args) do
    Supervisor.start_link([Shop.Leader], strategy: :one_for_one)
  end
end
`;

/** Starts libcluster as well. */
export const clustered = application
  .replace('[Shop.Leader]', '[{Cluster.Supervisor, [topologies(), []]}, Shop.Leader]')
  .replace('end\nend', 'end\n\n  defp topologies, do: Application.fetch_env!(:libcluster, :topologies)\nend');

const leader = `defmodule Shop.Leader do
  use GenServer

  def start_link(_opts) do
    GenServer.start_link(__MODULE__, [], name: Shop.Names.via(:leader))
  end

  def init(state), do: {:ok, state}
end
`;

/** A name that the whole cluster shares. */
export const names = `defmodule Shop.Names do
  def via(name), do: {:via, Horde.Registry, {Shop.Registry, name}}
end
`;

const topology = `import Config

config :libcluster,
  topologies: [shop: [strategy: Cluster.Strategy.Gossip, config: [secret: System.fetch_env!("SECRET")]]]
`;

/** Waits no longer than it must, and tells a failure from a value. */
export const remote = `defmodule Shop.Remote do
  def call(node, module, function, args) do
    case :rpc.call(node, module, function, args, 5_000) do
      {:badrpc, reason} -> {:error, reason}
      value -> {:ok, value}
    end
  end

  def ask(node, module, function, args) do
    {:ok, :erpc.call(node, module, function, args, 5_000)}
  catch
    kind, reason -> {:error, {kind, reason}}
  end
end
`;

/** Waits for ever. */
export const endless = remote.replace('function, args, 5_000) do', 'function, args) do');

/** Callers of those two, as no caller of `:rpc` itself may be. */
export const stock = `defmodule Shop.Stock do
  def total(sku) do
    for node <- Node.list(), {:ok, count} <- [Shop.Remote.call(node, Shop.Counts, :of, [sku])], reduce: 0 do
      sum -> sum + count
    end
  end

  def first(node, sku) do
    {:ok, count} = Shop.Remote.ask(node, Shop.Counts, :of, [sku])
    count
  end
end
`;

/** The same without a wrapper. */
export const bare = stock
  .replace('{:ok, count} <- [Shop.Remote.call(node, Shop.Counts, :of, [sku])]', 'count <- [:rpc.call(node, Shop.Counts, :of, [sku])]')
  .replace(
    '{:ok, count} = Shop.Remote.ask(node, Shop.Counts, :of, [sku])',
    '{:ok, count} = :rpc.call(node, Shop.Counts, :of, [sku], 5_000)',
  );

export const files = {
  'mix.exs': mix,
  'config/prod.exs': topology,
  'lib/shop/application.ex': application,
  'lib/shop/leader.ex': leader,
  'lib/shop/names.ex': names,
  'lib/shop/remote.ex': remote,
  'lib/shop/stock.ex': stock,
};

/** What is found in them: a topology that nothing starts, a singleton that every node starts. */
export const found = [
  ['config/prod.exs', 'libcluster-supervisor-wiring'],
  ['lib/shop/leader.ex', 'global-name-already-started'],
] as const;
