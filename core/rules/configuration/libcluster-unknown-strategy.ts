import type { FileFacts } from '../../facts/facts';
import { foreignStrategies, inventedStrategies, strategies } from '../../facts/libcluster';
import { replace } from '../../fix';
import { nearest } from '../../nearest';
import { isUnreleased } from '../../project/project';
import { topologiesIn } from '../../project/topologies';
import type { Context, Rule } from '../../rule';

export default {
  id: 'libcluster-unknown-strategy',
  summary: 'A topology names a strategy that libcluster does not have.',
  category: 'correctness',
  severity: 'error',
  fixable: 'unsafe',
  rationale: `
    libcluster starts whatever module \`strategy:\` names. A module that does not exist is no compile-time error: \`Cluster.Supervisor\` fails when
    the release boots, mostly in production only, since development has another topology.

    Reported for names under \`Cluster.Strategy\` that are neither libcluster's own nor defined in the project. Silent for other names, and where
    \`mix.exs\` or \`mix.lock\` has libcluster from a revision or a folder, or another \`libcluster_*\` package, which may bring the module. In a
    file without a project only names that resemble a strategy of libcluster are reported.

    The fix puts in the strategy that is probably meant. It is unsafe: look at the keys that this one wants in \`config:\`.`,
  references: ['https://hexdocs.pm/libcluster/readme.html#clustering'],
  examples: [
    {
      title: 'The DNS strategies of Kubernetes are nested',
      path: 'config/runtime.exs',
      bad: `
        config :libcluster,
          topologies: [
            k8s: [
              strategy: Cluster.Strategy.KubernetesDNS,
              #         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              config: [service: "shop-headless", application_name: "shop"]
            ]
          ]`,
      good: `
        config :libcluster,
          topologies: [
            k8s: [
              strategy: Cluster.Strategy.Kubernetes.DNS,
              config: [service: "shop-headless", application_name: "shop"]
            ]
          ]`,
    },
    {
      title: 'In a supervisor',
      bad: `
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            topologies = [fixed: [strategy: Cluster.Strategy.ErlangHost, config: [timeout: 5_000]]]
            #                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^
            children = [{Cluster.Supervisor, [topologies]}]
            Supervisor.start_link(children, strategy: :one_for_one)
          end
        end`,
      good: `
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            topologies = [fixed: [strategy: Cluster.Strategy.ErlangHosts, config: [timeout: 5_000]]]
            children = [{Cluster.Supervisor, [topologies]}]
            Supervisor.start_link(children, strategy: :one_for_one)
          end
        end`,
    },
    {
      title: 'Nothing like it exists',
      path: 'config/prod.exs',
      project: { 'mix.exs': 'defmodule Shop.MixProject do\nend' },
      bad: `
        config :libcluster,
          topologies: [
            cloud: [strategy: Cluster.Strategy.Cloudflare]
            #                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^
          ]`,
    },
    {
      title: 'Its own strategies',
      path: 'config/config.exs',
      good: `
        config :libcluster,
          topologies: [
            dns: [
              strategy: Cluster.Strategy.DNSPoll,
              config: [query: "shop.internal", node_basename: "shop"]
            ],
            lan: [strategy: Elixir.Cluster.Strategy.Gossip]
          ]`,
    },
    {
      title: 'A strategy of the project',
      path: 'config/config.exs',
      project: { 'lib/epmd_healthy.ex': 'defmodule Cluster.Strategy.EpmdHealthy do\n  use Cluster.Strategy\nend' },
      good: 'config :libcluster, topologies: [shop: [strategy: Cluster.Strategy.EpmdHealthy]]',
    },
    {
      title: 'A strategy of another package',
      path: 'config/config.exs',
      project: { 'mix.lock': '%{"libcluster_hcloud": {:hex, :libcluster_hcloud, "1.0.0", "", [:mix], [], "hexpm", ""}}' },
      good: 'config :libcluster, topologies: [shop: [strategy: Cluster.Strategy.Hcloud]]',
    },
  ],
  triggers: { words: ['Strategy'] },

  *check(file, context) {
    if (isUnreleased(context.project, 'libcluster')) return;
    for (const { strategy, strategyName } of topologiesIn(file)) {
      if (!strategy || strategyName === undefined || !isUnknown(file, context, strategyName)) continue;
      const meant = meantBy(strategyName);
      if (meant === undefined && !context.project) continue;
      const isOwn = meant !== undefined && strategies.has(meant) && strategy.value.kind === 'alias';
      yield {
        range: strategy.value.range,
        message: `\`${strategyName}\` is not a strategy of libcluster: the supervisor fails at boot. ${meant === undefined ? 'Name one that exists.' : `Use \`${meant}\`.`}`,
        ...(isOwn && { fix: { title: `Use \`${meant}\``, edits: [replace(strategy.value.range, meant)] } }),
      };
    }
  },
} satisfies Rule;

const namespace = 'Cluster.Strategy';

function isUnknown(file: FileFacts, context: Context, name: string): boolean {
  if (name !== namespace && !name.startsWith(`${namespace}.`)) return false;
  if (strategies.has(name) || foreignStrategies.has(name) || file.modules.some((m) => m.name === name)) return false;
  const { project } = context;
  if (!project) return true;
  const foreign = [...project.dependencies.keys()].some((dependency) => dependency.startsWith('libcluster_'));
  return !foreign && !project.modules.has(name);
}

function meantBy(name: string): string | undefined {
  const known = inventedStrategies.get(name);
  if (known !== undefined) return known;
  const last = nearest(
    name.slice(namespace.length + 1),
    [...strategies.keys()].map((full) => full.slice(namespace.length + 1)),
  );
  return last === undefined ? undefined : `${namespace}.${last}`;
}
