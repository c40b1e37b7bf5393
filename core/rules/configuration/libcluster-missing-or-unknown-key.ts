import { type FileFacts, textOf } from '../../facts/facts';
import { type Strategy, strategies, topologyKeys } from '../../facts/libcluster';
import { replace, safeWhereItFits } from '../../fix';
import { nearest } from '../../nearest';
import { evaluate } from '../../project/evaluate';
import { isUnreleased } from '../../project/project';
import { type TopologyExpr, topologiesIn } from '../../project/topologies';
import { type Entry, entriesOf, isNil, keyOf, lookUp, type Value } from '../../project/value';
import type { Context, Finding, Fix, Rule } from '../../rule';

export default {
  id: 'libcluster-missing-or-unknown-key',
  summary: 'A libcluster strategy is missing a key that it needs, or is given one that it ignores.',
  category: 'correctness',
  severity: 'error',
  fixable: 'safe',
  rationale: `
    Every strategy of libcluster reads its own keys of \`config:\`. What it does not know it ignores without a word, so a misspelled interval or
    the key of another strategy leaves the default in place; what it needs and does not get makes it crash at boot, or, worse, do nothing:
    the nodes run, healthy and alone. \`Cluster.Strategy.DNSPoll\` is the classic: its own documentation says \`poll_interval\`, its code reads
    \`polling_interval\`.

    Reported: keys that the strategy does not read (warning), also where they stand beside \`strategy:\` instead of under \`config:\`; keys that
    it cannot start without; values that it has no clause for. Silent for strategies that are not libcluster's own, for a libcluster that
    is taken from a revision or a folder, and about missing keys where \`config:\` is put together from parts that are not all known, or completed
    by another configuration file.

    The fix renames a key whose meaning is the same, and only where the right key is not there already.`,
  references: ['https://hexdocs.pm/libcluster/Cluster.Strategy.DNSPoll.html', 'https://github.com/bitwalker/libcluster/issues/190'],
  examples: [
    {
      title: 'The interval of DNSPoll',
      path: 'config/runtime.exs',
      bad: `
        config :libcluster,
          topologies: [
            dns: [
              strategy: Cluster.Strategy.DNSPoll,
              config: [query: "shop.internal", node_basename: "shop", poll_interval: 5_000]
              #                                                       ^^^^^^^^^^^^^^
            ]
          ]`,
      good: `
        config :libcluster,
          topologies: [
            dns: [
              strategy: Cluster.Strategy.DNSPoll,
              config: [query: "shop.internal", node_basename: "shop", polling_interval: 5_000]
            ]
          ]`,
    },
    {
      title: 'Keys of one Kubernetes strategy in another',
      path: 'config/runtime.exs',
      bad: `
        config :libcluster,
          topologies: [
            k8s: [
              strategy: Cluster.Strategy.Kubernetes.DNS,
              config: [
                kubernetes_service_name: "shop-headless",
              # ^^^^^^^^^^^^^^^^^^^^^^^^
                kubernetes_node_basename: "shop"
              # ^^^^^^^^^^^^^^^^^^^^^^^^^
              ]
            ]
          ]`,
      good: `
        config :libcluster,
          topologies: [
            k8s: [
              strategy: Cluster.Strategy.Kubernetes.DNS,
              config: [
                service: "shop-headless",
                application_name: "shop"
              ]
            ]
          ]`,
    },
    {
      title: 'It cannot start without',
      path: 'config/runtime.exs',
      bad: `
        config :libcluster,
          topologies: [
            k8s: [
              strategy: Cluster.Strategy.Kubernetes,
              #         ^^^^^^^^^^^^^^^^^^^^^^^^^^^
              config: [kubernetes_node_basename: "shop"]
            ]
          ]`,
    },
    {
      title: 'Without hosts it does nothing',
      path: 'config/config.exs',
      bad: `
        config :libcluster,
          topologies: [
            default: [strategy: Cluster.Strategy.Epmd]
            #                   ^^^^^^^^^^^^^^^^^^^^^
          ]`,
    },
    {
      title: 'Beside `config:` instead of in it',
      path: 'config/config.exs',
      bad: `
        config :libcluster,
          topologies: [
            fixed: [
              strategy: Cluster.Strategy.Epmd,
              hosts: [:"a@10.0.0.1", :"b@10.0.0.2"]
            # ^^^^^^
            ]
          ]`,
    },
    {
      title: 'A mode that there is not',
      path: 'config/runtime.exs',
      bad: `
        config :libcluster,
          topologies: [
            k8s: [
              strategy: Cluster.Strategy.Kubernetes,
              config: [
                mode: :pods,
                #     ^^^^^
                kubernetes_node_basename: "shop",
                kubernetes_selector: "app=shop"
              ]
            ]
          ]`,
    },
    {
      title: 'All that it needs, and what it may have',
      path: 'config/runtime.exs',
      good: `
        config :libcluster,
          topologies: [
            k8s: [
              strategy: Cluster.Strategy.Kubernetes,
              config: [
                mode: :hostname,
                kubernetes_service_name: "shop-headless",
                kubernetes_node_basename: "shop",
                kubernetes_selector: "app=shop",
                polling_interval: 10_000
              ],
              disconnect: {:erlang, :disconnect_node, []}
            ],
            lan: [strategy: Cluster.Strategy.Gossip]
          ]`,
    },
    {
      title: 'Settings of a project, of which topologies are made elsewhere',
      good: `
        def read(nodes, cookie) do
          [enabled: true, strategy: Cluster.Strategy.Epmd, node_name: node(), cookie: cookie, strategy_config: [hosts: nodes]]
        end`,
    },
    {
      title: 'Put together elsewhere',
      path: 'config/runtime.exs',
      good: `
        options = Shop.Cluster.options(System.get_env("REGION"))

        config :libcluster,
          topologies: [
            dns: [strategy: Cluster.Strategy.DNSPoll, config: options],
            k8s: [
              strategy: Cluster.Strategy.Kubernetes,
              config: Keyword.merge(options, mode: :ip)
            ]
          ]`,
    },
    {
      title: 'Completed by another file',
      path: 'config/config.exs',
      project: {
        'config/prod.exs': 'import Config\n\nconfig :libcluster, topologies: [fixed: [config: [hosts: [:"a@10.0.0.1", :"b@10.0.0.2"]]]]',
      },
      good: `
        import Config

        config :libcluster, topologies: [fixed: [strategy: Cluster.Strategy.Epmd]]

        import_config "prod.exs"`,
    },
    {
      title: 'A strategy of the project',
      path: 'config/runtime.exs',
      good: `
        config :libcluster,
          topologies: [shop: [strategy: Shop.Cluster.Strategy, config: [poll_interval: 5_000, zone: "a"]]]`,
    },
  ],
  triggers: { words: ['Strategy'] },

  *check(file, context) {
    if (isUnreleased(context.project, 'libcluster')) return;
    for (const topology of topologiesIn(file)) {
      const strategy = strategies.get(topology.strategyName ?? '');
      if (!strategy || !topology.strategy) continue;
      const config = topology.config && evaluate(file, topology.config.value);
      const entries = config && entriesOf(config);
      const misplaced = keysBeside(topology, strategy);
      yield* misplaced.map(({ finding }) => finding);
      if (config && !entries) continue;
      const unread = (entries ?? []).flatMap((entry) => unreadKey(file, topology, strategy, entries ?? [], entry) ?? []);
      yield* unread.map(({ finding }) => finding);
      yield* (entries ?? []).flatMap((entry) => wrongValue(topology, strategy, entry) ?? []);
      const isWhole = config ? config.kind === 'list' && !config.open : !topology.open;
      if (!isWhole) continue;
      const meant = new Set([...misplaced, ...unread].map((key) => key.meant));
      yield* missingKeys(file, topology, strategy, context, (key) => lookUp(config, key) !== undefined || meant.has(key));
      yield* missingService(topology, config);
    }
  },
} satisfies Rule;

interface KeyFinding {
  readonly finding: Finding;
  /** The key that was meant, which is then not missing. */
  readonly meant?: string;
}

/** Keys of the strategy, and others that nobody reads, among the options of the topology. */
function keysBeside(topology: TopologyExpr, strategy: Strategy): readonly KeyFinding[] {
  return topology.pairs.flatMap(({ key }): KeyFinding[] => {
    if (key.kind !== 'atom' || topologyKeys.includes(key.value)) return [];
    const { value: name } = key;
    const own = isRead(strategy, name) ? name : strategy.renamed[name];
    const meant = own === undefined ? nearest(name, topologyKeys) : undefined;
    const advice =
      own !== undefined ? ` \`${shortName(topology)}\` reads \`${own}\` under \`config:\`. Move it there.` : adviceFor(meant, 'Remove it.');
    const finding = { range: key.range, message: `libcluster ignores \`${name}\` here.${advice}` };
    return [{ finding: { ...finding, severity: severityOf(strategy, own) }, ...(own !== undefined && { meant: own }) }];
  });
}

/** A key under `config:` that the strategy does not read. */
function unreadKey(
  file: FileFacts,
  topology: TopologyExpr,
  strategy: Strategy,
  all: readonly Entry[],
  entry: Entry,
): KeyFinding | undefined {
  const { name, key } = entry;
  if (isRead(strategy, name)) return undefined;
  const renamed = strategy.renamed[name];
  const meant = renamed ?? nearest(name, [...strategy.required, ...strategy.optional]);
  const isThere = all.some((other) => other.name === meant);
  const fix = meant === undefined || isThere ? undefined : rename(file, entry, meant, renamed !== undefined);
  const finding: Finding = {
    range: key.expr.range,
    message: `\`${shortName(topology)}\` does not read \`${name}\`.${isThere ? ' Remove it.' : renamed !== undefined ? ` It reads \`${renamed}\`: rename the key.` : adviceFor(meant, 'Remove it.')}`,
    severity: severityOf(strategy, isThere ? undefined : meant),
    ...(fix && { fix }),
  };
  return { finding, ...(meant !== undefined && { meant }) };
}

const isRead = (strategy: Strategy, name: string): boolean => strategy.required.includes(name) || strategy.optional.includes(name);

const adviceFor = (meant: string | undefined, otherwise: string): string =>
  ` ${meant === undefined ? otherwise : `Did you mean \`${meant}\`?`}`;

/** An ignored key costs its effect; one that the strategy needs under another name, the cluster. */
function severityOf(strategy: Strategy, meant: string | undefined): 'error' | 'warning' {
  return meant !== undefined && strategy.required.includes(meant) && strategy.without === 'crash' ? 'error' : 'warning';
}

function rename(file: FileFacts, { expr, key, name }: Entry, meant: string, isKnown: boolean): Fix | undefined {
  const written = textOf(file, key.expr.range);
  if (expr.kind !== 'pair' || !/^:?\w+:?$/.test(written)) return undefined;
  const fix = safeWhereItFits(file, `Rename it to \`${meant}\``, [replace(key.expr.range, written.replace(name, meant))]);
  return isKnown ? fix : { ...fix, safety: 'unsafe' };
}

/** A value that the strategy has no clause for. */
function wrongValue(topology: TopologyExpr, strategy: Strategy, { name, value }: Entry): Finding | undefined {
  const allowed = strategy.values?.[name];
  if (allowed) {
    const given = keyOf(value) ?? (value.kind === 'text' || value.kind === 'number' ? '' : undefined);
    if (given === undefined || allowed.includes(given)) return undefined;
    const choice = allowed.map((atom) => `\`:${atom}\``).join(', ');
    return { range: value.expr.range, message: `\`${shortName(topology)}\` crashes on this \`${name}\`. Use one of ${choice}.` };
  }
  const needsText = (name === 'secret' && !isNil(value)) || name === 'query' || name === 'node_basename';
  if (!needsText || (value.kind !== 'atom' && value.kind !== 'module' && value.kind !== 'number')) return undefined;
  const outcome = name === 'secret' ? 'crashes on a secret' : `finds no node with a \`${name}\``;
  return { range: value.expr.range, message: `\`${shortName(topology)}\` ${outcome} that is no string. Give it a string.` };
}

/** Keys that the strategy cannot do without, and that no other file of the configuration adds. */
function missingKeys(
  file: FileFacts,
  topology: TopologyExpr,
  strategy: Strategy,
  context: Context,
  has: (key: string) => boolean,
): readonly Finding[] {
  const missing = strategy.required.filter((key) => !has(key));
  const { strategy: pair } = topology;
  if (!pair || missing.length === 0 || missing.some((key) => isCompleted(file, topology, context, key))) return [];
  const name = shortName(topology);
  const keys = missing.map((key) => `\`${key}\``).join(' and ');
  const isIdle = strategy.without === 'nothing' || (name === 'DNSPoll' && missing.length === strategy.required.length);
  if (isIdle && isOneOfSeveral(file, context)) return [];
  const outcome = isIdle
    ? `Without ${keys} \`${name}\` does nothing: the nodes stay alone.`
    : `\`${name}\` crashes at boot without ${keys}.`;
  const severity = isIdle ? ({ severity: 'warning' } as const) : {};
  return [{ range: pair.value.range, message: `${outcome} Add ${keys} under \`config:\`.`, ...severity }];
}

/** In the mode `:hostname` the name of a node is made with that of the service. */
function missingService(topology: TopologyExpr, config: Value | undefined): readonly Finding[] {
  const mode = lookUp(config, 'mode');
  if (shortName(topology) !== 'Kubernetes' || mode?.kind !== 'atom' || mode.value !== 'hostname') return [];
  if (lookUp(config, 'kubernetes_service_name')) return [];
  const message = 'Without `kubernetes_service_name` the names of the nodes have an empty part, and none is found. Add it under `config:`.';
  return [{ range: mode.expr.range, message }];
}

/** Whether another place in the project's configuration gives this topology the key, another strategy, or something that is not known. */
function isCompleted(file: FileFacts, topology: TopologyExpr, context: Context, key: string): boolean {
  const inside = ['topologies', topology.name, 'config', key];
  return (context.project?.config ?? []).some((entry) => {
    if (entry.app !== 'libcluster' || !entry.keys.every((k, i) => k === inside[i] || (i === 2 && k === 'strategy'))) return false;
    if (entry.keys.length === inside.length) return true;
    if (entry.keys[2] === 'strategy') return entry.path !== file.path || entry.range.start !== topology.strategy?.range.start;
    return (entry.keys.length > 1 || entry.path !== file.path) && entry.value.kind !== 'list';
  });
}

/** Whether another file of the configuration has topologies too: then this one need not be the one that is used. */
function isOneOfSeveral(file: FileFacts, context: Context): boolean {
  return (context.project?.config ?? []).some(
    ({ app, keys, path, value }) =>
      app === 'libcluster' && keys[0] === 'topologies' && path !== file.path && (value.kind !== 'list' || value.items.length > 0),
  );
}

/** `Kubernetes.DNS` for `Cluster.Strategy.Kubernetes.DNS`. */
const shortName = (topology: TopologyExpr): string => (topology.strategyName ?? '').replace('Cluster.Strategy.', '');
