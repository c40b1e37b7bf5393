import type { Expr, Pair } from '../../elixir/ir';
import { ancestorsOf, callsTo, type FileFacts } from '../../facts/facts';
import { appendItem, safeWhereItFits } from '../../fix';
import { evaluate } from '../../project/evaluate';
import type { ProjectFacts } from '../../project/project';
import { type TopologyExpr, topologiesIn } from '../../project/topologies';
import { entriesOf, textOf as knownText, lookUp, type Value } from '../../project/value';
import type { Context, Finding, Fix, Rule } from '../../rule';

const interval = 'timeout: 30_000';

export default {
  id: 'libcluster-never-reconnects',
  summary: 'A libcluster strategy connects once at boot, and never again after a netsplit.',
  category: 'partition-tolerance',
  severity: 'warning',
  fixable: 'safe',
  rationale: `
    \`Cluster.Strategy.Epmd\` and \`Cluster.Strategy.ErlangHosts\` connect when they start. They only try again where \`timeout:\` is a number of
    milliseconds; its default is \`:infinity\`. So when the network splits and heals, both sides stay apart until someone restarts a node, and
    everything that was to converge does not. A node that boots while its peers are down stays alone as well.
    \`Cluster.Strategy.LocalEpmd\` never tries again, and sees the nodes of its own host only.

    Silent for development and tests, for nodes that are all on this host, beside another topology that does reconnect, and where the project
    calls \`Node.connect/1\` itself. \`LocalEpmd\` is reported in configuration for production only.

    The fix makes it try every 30 seconds; a node that is connected already costs nothing.`,
  references: ['https://hexdocs.pm/libcluster/Cluster.Strategy.Epmd.html', 'https://github.com/bitwalker/libcluster/issues/148'],
  examples: [
    {
      title: 'A fixed list of hosts',
      path: 'config/prod.exs',
      bad: `
        config :libcluster,
          topologies: [
            shop: [
              strategy: Cluster.Strategy.Epmd,
              #         ^^^^^^^^^^^^^^^^^^^^^
              config: [hosts: [:"shop@10.0.0.1", :"shop@10.0.0.2"]]
            ]
          ]`,
      good: `
        config :libcluster,
          topologies: [
            shop: [
              strategy: Cluster.Strategy.Epmd,
              config: [hosts: [:"shop@10.0.0.1", :"shop@10.0.0.2"], timeout: 30_000]
            ]
          ]`,
    },
    {
      title: 'One key on a line',
      bad: `
        defmodule Shop.Application do
          def topologies do
            [
              shop: [
                strategy: Cluster.Strategy.Epmd,
                #         ^^^^^^^^^^^^^^^^^^^^^
                config: [
                  hosts: Application.fetch_env!(:shop, :hosts)
                ]
              ]
            ]
          end
        end`,
      good: `
        defmodule Shop.Application do
          def topologies do
            [
              shop: [
                strategy: Cluster.Strategy.Epmd,
                config: [
                  hosts: Application.fetch_env!(:shop, :hosts),
                  timeout: 30_000
                ]
              ]
            ]
          end
        end`,
    },
    {
      title: 'A file of hosts',
      path: 'config/runtime.exs',
      bad: `
        config :libcluster,
          topologies: [
            shop: [strategy: Cluster.Strategy.ErlangHosts]
            #                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          ]`,
      good: `
        config :libcluster,
          topologies: [
            shop: [strategy: Cluster.Strategy.ErlangHosts, config: [timeout: 30_000]]
          ]`,
    },
    {
      title: 'The nodes of one host, in production',
      path: 'config/prod.exs',
      bad: `
        config :libcluster, topologies: [shop: [strategy: Cluster.Strategy.LocalEpmd]]
        #                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^`,
    },
    {
      title: 'With an interval',
      path: 'config/prod.exs',
      good: `
        config :libcluster,
          topologies: [
            shop: [
              strategy: Cluster.Strategy.Epmd,
              config: [hosts: [:"shop@10.0.0.1", :"shop@10.0.0.2"], timeout: 10_000]
            ]
          ]`,
    },
    {
      title: 'In development',
      path: 'config/dev.exs',
      good: `
        config :libcluster,
          topologies: [
            shop: [strategy: Cluster.Strategy.Epmd, config: [hosts: [:"b@10.0.0.2"]]]
          ]`,
    },
    {
      title: 'All on this host',
      path: 'config/config.exs',
      good: `
        config :libcluster,
          topologies: [
            shop: [strategy: Cluster.Strategy.Epmd, config: [hosts: [:"b@127.0.0.1"]]]
          ]`,
    },
    {
      title: 'Another topology reconnects',
      path: 'config/runtime.exs',
      good: `
        config :libcluster,
          topologies: [
            seeds: [strategy: Cluster.Strategy.Epmd, config: [hosts: [:"shop@10.0.0.1"]]],
            dns: [
              strategy: Cluster.Strategy.DNSPoll,
              config: [query: "shop.internal", node_basename: "shop"]
            ]
          ]`,
    },
  ],
  triggers: { words: ['Epmd', 'ErlangHosts', 'LocalEpmd'] },

  *check(file, context) {
    const topologies = topologiesIn(file).filter(({ environment }) => environment === undefined || environment === 'prod');
    const once = topologies.filter((topology) => connectsOnce(file, topology));
    if (once.length === 0 || reconnectsOtherwise(file, context)) return;
    for (const topology of once) {
      const others = topologies.filter((other) => !once.includes(other) && other.strategy && isWith(file, other, topology));
      const elsewhere = context.project && reconnectsElsewhere(context.project, file);
      if (others.length === 0 && !elsewhere) yield neverAgain(file, topology);
    }
  },
} satisfies Rule;

function connectsOnce(file: FileFacts, topology: TopologyExpr): boolean {
  const config = topology.config && evaluate(file, topology.config.value);
  if (config ? config.kind !== 'list' || config.open : topology.open) return false;
  const timeout = lookUp(config, 'timeout');
  const endless = timeout === undefined || (timeout.kind === 'atom' && timeout.value === 'infinity');
  switch (topology.strategyName) {
    case 'Cluster.Strategy.Epmd': {
      const hosts = lookUp(config, 'hosts');
      return endless && hosts !== undefined && !areLocal(hosts);
    }
    case 'Cluster.Strategy.ErlangHosts':
      return endless;
    case 'Cluster.Strategy.LocalEpmd':
      return topology.environment === 'prod';
    default:
      return false;
  }
}

/** Whether there is no host but this one: no network can come between. */
function areLocal(hosts: Value): boolean {
  if (hosts.kind !== 'list' || hosts.open) return false;
  return hosts.items.every((item) => /@(?:localhost|127\.|::1)/.test(knownText(item) ?? ''));
}

const connects = ['Node.connect', ':net_kernel.connect_node'];

function reconnectsOtherwise(file: FileFacts, { project }: Context): boolean {
  return project ? connects.some((name) => project.calls.has(name)) : callsTo(file, connects).length > 0;
}

function reconnectsElsewhere(project: ProjectFacts, file: FileFacts): boolean {
  return project.topologies.some(
    ({ path, environment, strategy }) =>
      path !== file.path &&
      (environment === undefined || environment === 'prod') &&
      !/\.(?:Epmd|ErlangHosts|LocalEpmd)$/.test(strategy ?? ''),
  );
}

/** Whether `other` is there whenever `topology` is: no branch decides about it alone. */
function isWith(file: FileFacts, other: TopologyExpr, topology: TopologyExpr): boolean {
  const around = new Set(branchesAround(file, topology.options));
  return branchesAround(file, other.options).every((branch) => around.has(branch));
}

function branchesAround(file: FileFacts, e: Expr): readonly number[] {
  const branches: number[] = [];
  for (let below = e, above = [...ancestorsOf(file, e)]; above[0]; above = above.slice(1)) {
    const [parent] = above;
    const isBranch = parent.kind === 'clause' || (parent.kind === 'if' && below !== parent.condition);
    if (isBranch) branches.push(below.id);
    below = parent;
  }
  return branches;
}

function neverAgain(file: FileFacts, topology: TopologyExpr): Finding {
  const strategy = topology.strategy as Pair;
  const isLocal = topology.strategyName?.endsWith('LocalEpmd');
  const fix = isLocal ? undefined : addInterval(file, topology);
  return {
    range: strategy.value.range,
    message: isLocal
      ? '`LocalEpmd` connects once, to the nodes of its own host only. Use a strategy that looks for the nodes of other hosts.'
      : 'This strategy connects once at boot: after a netsplit nothing reconnects. Set `timeout:` to an interval.',
    ...(fix && { fix }),
  };
}

function addInterval(file: FileFacts, { config, options }: TopologyExpr): Fix | undefined {
  const list = config ? config.value : options;
  if (list.kind !== 'list' || entriesOf(evaluate(file, list))?.some(({ name }) => name === 'timeout')) return undefined;
  const edit = appendItem(file, list, config ? interval : `config: [${interval}]`);
  return edit && safeWhereItFits(file, 'Try again every 30 seconds', [edit]);
}
