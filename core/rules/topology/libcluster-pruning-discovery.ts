import type { FileFacts } from '../../facts/facts';
import type { Place, ProjectFacts } from '../../project/project';
import { type TopologyExpr, topologiesIn } from '../../project/topologies';
import type { Rule } from '../../rule';

export default {
  id: 'libcluster-pruning-discovery',
  summary: 'One bad answer of the name service disconnects the cluster, and every singleton then runs twice.',
  category: 'partition-tolerance',
  severity: 'info',
  optIn: true,
  rationale: `
    The DNS strategies of libcluster disconnect every node that the last answer does not name. An answer that is empty, or cut to what fits
    into one packet, is an answer like any other: the cluster falls apart while the network is fine. What must be there once, a \`:global\` name
    or a process of Horde, then runs on every part.

    Reported where such a topology is for production, and the project has names in \`:global\`, Horde or Highlander. Silent with a
    \`disconnect:\` of its own.

    There is no fix. Give \`disconnect:\` a function that keeps the node, \`def keep(_node), do: true\`, and let the ticks of the distribution
    decide who is gone; or make the singleton safe by a quorum or a lock with a fence.`,
  references: ['https://github.com/bitwalker/libcluster/issues/190', 'https://hexdocs.pm/libcluster/Cluster.Strategy.DNSPoll.html'],
  examples: [
    {
      title: 'A leader under a global name',
      path: 'config/runtime.exs',
      project: {
        'lib/shop/leader.ex': `
          defmodule Shop.Leader do
            use GenServer

            def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: {:global, __MODULE__})
            def init(state), do: {:ok, state}
          end`,
      },
      bad: `
        config :libcluster,
          topologies: [
            dns: [
              strategy: Cluster.Strategy.DNSPoll,
              #         ^^^^^^^^^^^^^^^^^^^^^^^^
              config: [query: "shop.internal", node_basename: "shop"]
            ]
          ]`,
    },
    {
      title: 'Nodes are kept',
      path: 'config/runtime.exs',
      project: {
        'lib/shop/leader.ex': `
          defmodule Shop.Leader do
            def start_link(_), do: Agent.start_link(fn -> nil end, name: {:global, __MODULE__})
          end`,
      },
      good: `
        config :libcluster,
          topologies: [
            dns: [
              strategy: Cluster.Strategy.DNSPoll,
              config: [query: "shop.internal", node_basename: "shop"],
              disconnect: {Shop.Cluster, :keep, []}
            ]
          ]`,
    },
    {
      title: 'Nothing is there once only',
      path: 'config/runtime.exs',
      project: { 'lib/shop.ex': 'defmodule Shop do\nend' },
      good: `
        config :libcluster,
          topologies: [
            dns: [
              strategy: Cluster.Strategy.DNSPoll,
              config: [query: "shop.internal", node_basename: "shop"]
            ]
          ]`,
    },
  ],
  triggers: { words: ['DNSPoll', 'DNS', 'DNSSRV'] },

  *check(file, { project }) {
    const strategy = topologiesIn(file).find(isPruning)?.strategy;
    const singleton = strategy && project && singletonOf(project);
    if (!singleton) return;
    yield {
      range: strategy.value.range,
      message:
        'Nodes that one answer of the name service leaves out are disconnected, and what runs once then runs on each side. Give `disconnect:` a function that keeps them.',
      related: [{ message: 'Runs once in the cluster.', ...singleton }],
    };
  },
} satisfies Rule;

function isPruning({ environment, strategyName, disconnect }: TopologyExpr): boolean {
  if (disconnect || environment === 'dev' || environment === 'test') return false;
  return /^Cluster\.Strategy\.(?:DNSPoll|Kubernetes\.DNS|Kubernetes\.DNSSRV)$/.test(strategyName ?? '');
}

const supervised = ['Horde.DynamicSupervisor', 'Horde.Registry', 'Highlander'];
const registers = [':global.register_name', ':global.re_register_name', 'Horde.DynamicSupervisor.start_child', 'Swarm.register_name'];

/** A place where the project starts or names something that is to be there once. */
function singletonOf(project: ProjectFacts): Place | undefined {
  for (const name of supervised) {
    const [place] = project.children.get(name) ?? [];
    if (place) return place;
  }
  for (const name of registers) {
    const [place] = project.calls.get(name) ?? [];
    if (place) return place;
  }
  if (!project.words.has('global')) return undefined;
  for (const file of project.files.values()) {
    const range = globalName(file);
    if (range) return { path: file.path, range };
  }
  return undefined;
}

/** `name: {:global, name}`. */
function globalName(file: FileFacts): Place['range'] | undefined {
  for (const e of file.exprs) {
    if (e.kind !== 'pair' || e.key.kind !== 'atom' || e.key.value !== 'name' || e.value.kind !== 'tuple') continue;
    const [tag] = e.value.items;
    if (tag?.kind === 'atom' && tag.value === 'global') return e.range;
  }
  return undefined;
}
