/** libcluster's topologies in one file, wherever they stand: configuration, a variable, an attribute, a child of a supervisor. */
import type { Call, Expr, Pair } from '../elixir/ir';
import { type FileFacts, parentOf, textOf as textAt } from '../facts/facts';
import { strategies as ownStrategies, topologyKeys } from '../facts/libcluster';
import { nearest } from '../nearest';
import type { Range } from '../text';
import { configIn } from './config';
import { bitOf, type Environments, environmentOf, environmentsAt, environmentsOfPath, everyEnvironment } from './environment';
import { evaluate } from './evaluate';
import type { Environment } from './project';
import { entriesOf, type ListValue, optionsOf, type Value } from './value';

/** A topology as it is written: `name: [strategy: Module, config: [...]]`. */
export interface TopologyExpr {
  /** Empty where the options stand without one. */
  readonly name: string;
  /** The name with its options, or the options alone. */
  readonly range: Range;
  readonly nameRange?: Range;
  /** What the options are made by: mostly the keyword list. */
  readonly options: Expr;
  /** All options that are written as pairs, known ones and others. */
  readonly pairs: readonly Pair[];
  /** There may be more options than `pairs`. */
  readonly open: boolean;
  readonly strategy?: Pair;
  /** Full name of the strategy's module, where it is known. */
  readonly strategyName?: string;
  readonly config?: Pair;
  readonly connect?: Pair;
  readonly disconnect?: Pair;
  readonly listNodes?: Pair;
  readonly environment?: Environment;
}

const found = new WeakMap<FileFacts, readonly TopologyExpr[]>();

/** Every libcluster topology of the file, in the order of the text. */
export function topologiesIn(file: FileFacts): readonly TopologyExpr[] {
  const known = found.get(file);
  if (known) return known;
  const topologies = new Map<number, TopologyExpr>();
  if (/topolog|strategy|Cluster/.test(file.text)) {
    const collector: Collector = { file, topologies, named: environmentsOfPath(file.path) };
    configured(collector);
    supervised(collector);
    named(collector);
    strategies(collector);
  }
  const sorted = [...topologies.values()].sort((a, b) => a.range.start - b.range.start);
  found.set(file, sorted);
  return sorted;
}

interface Collector {
  readonly file: FileFacts;
  /** By the id of the expression of their options. */
  readonly topologies: Map<number, TopologyExpr>;
  readonly named: Environments;
}

/** `config :libcluster, topologies: …` */
function configured(to: Collector): void {
  for (const entry of configIn(to.file)) {
    if (entry.app === 'libcluster' && entry.keys.length === 1 && entry.keys[0] === 'topologies') {
      addAll(to, evaluate(to.file, entry.value), entry.environment ? bitOf(entry.environment) : everyEnvironment, false);
    }
  }
}

/** `{Cluster.Supervisor, [topologies, options]}`, `Cluster.Supervisor.start_link([topologies])`. */
function supervised(to: Collector): void {
  const add = (argument: Expr | undefined): void => {
    if (!argument) return;
    const value = evaluate(to.file, argument);
    const first = value.kind === 'list' ? value.items[0] : undefined;
    addAll(to, first && first.kind !== 'tuple' ? first : value, environmentsAt(to.file, argument), false);
  };
  for (const name of ['start_link', 'child_spec']) {
    for (const call of to.file.calls.get(`Cluster.Supervisor.${name}`) ?? []) add(call.args[0]);
  }
  if (!to.file.text.includes('Cluster.Supervisor') && !to.file.text.includes('alias Cluster')) return;
  for (const e of to.file.exprs) {
    if (e.kind === 'tuple' && e.items.length === 2 && e.items[0]?.kind === 'alias' && e.items[0].name === 'Cluster.Supervisor')
      add(e.items[1]);
  }
}

/** A variable, attribute or function that is called topologies. */
function named(to: Collector): void {
  if (!to.file.text.includes('topolog')) return;
  const isName = (name: string): boolean => /topolog(?:y|ies)/.test(name);
  for (const e of to.file.exprs) {
    if (e.kind === 'match' && e.pattern.kind === 'variable' && isName(e.pattern.name))
      addAll(to, evaluate(to.file, e.value), everyEnvironment, true);
    else if (e.kind === 'attribute-write' && isName(e.name)) addAll(to, evaluate(to.file, e.value), everyEnvironment, true);
  }
  for (const module of to.file.modules) {
    for (const def of module.functions) {
      if (!isName(def.name) || (def.kind !== 'def' && def.kind !== 'defp')) continue;
      for (const { clause } of def.clauses) addAll(to, evaluate(to.file, clause.body), everyEnvironment, true);
    }
  }
}

/** Options with a strategy of libcluster, or of a package for it. */
function strategies(to: Collector): void {
  for (const e of to.file.exprs) {
    if (e.kind !== 'list') continue;
    const strategy = e.items.find(
      (item): item is Pair => item.kind === 'pair' && item.key.kind === 'atom' && item.key.value === 'strategy',
    );
    if (!strategy || to.topologies.has(e.id)) continue;
    const value = evaluate(to.file, strategy.value);
    if (!optionsOf(value).some((v) => v.kind === 'module' && isStrategy(v.name))) continue;
    if (!e.items.every(isOption)) continue;
    const options = evaluate(to.file, e);
    if (options.kind === 'list') add(to, nameFor(to.file, e), options, everyEnvironment);
  }
}

const configKeys = new Set([...ownStrategies.values()].flatMap((s) => [...s.required, ...s.optional, ...Object.keys(s.renamed)]));

/** Whether libcluster may be what the pair is for, misplaced or misspelled as it may be: others keep a strategy beside settings of their own. */
function isOption(item: Expr): boolean {
  if (item.kind !== 'pair' || item.key.kind !== 'atom') return true;
  const { value: key } = item.key;
  return topologyKeys.includes(key) || configKeys.has(key) || nearest(key, topologyKeys) !== undefined;
}

function isStrategy(module: string): boolean {
  if (/(?:^|\.)Cluster\.Strategy\.|^(?:ClusterEC2|Libcluster\w*|ClusterECS)\./.test(module)) return true;
  return (
    /cluster/i.test(module) && /\.(?:Epmd|LocalEpmd|ErlangHosts|Gossip|DNSPoll|DNSSRV|KubernetesDNS|Kubernetes|DNS|Rancher)$/.test(module)
  );
}

interface Name {
  readonly name: string;
  readonly nameRange?: Range;
  readonly range: Range;
}

/** The name beside the options: `name: [...]`, `{:name, [...]}`, or the variable that holds them. */
function nameFor(file: FileFacts, options: Expr): Name {
  const parent = parentOf(file, options);
  if (parent?.kind === 'pair' && parent.value === options) return namedBy(parent.key, parent.range, options);
  if (parent?.kind === 'tuple' && parent.items.length === 2 && parent.items[0]) return namedBy(parent.items[0], parent.range, options);
  if (parent?.kind === 'match' && parent.pattern.kind === 'variable') return { name: parent.pattern.name, range: options.range };
  if (parent?.kind === 'call' && parent.name === 'put' && parent.args[2] === options && parent.args[1]) {
    return namedBy(parent.args[1], parent.range, options);
  }
  return { name: '', range: options.range };
}

function namedBy(key: Expr, range: Range, options: Expr): Name {
  if (key.kind === 'atom' || key.kind === 'alias') return { name: key.kind === 'atom' ? key.value : key.name, nameRange: key.range, range };
  return { name: '', range: options.range };
}

/** `reached`: where the topologies are used. `unsure`: only what has a strategy is a topology. */
function addAll(to: Collector, topologies: Value, reached: Environments, unsure: boolean): void {
  for (const option of optionsOf(topologies)) {
    for (const entry of entriesOf(option) ?? []) {
      for (const options of optionsOf(entry.value)) {
        if (options.kind !== 'list' || !entriesOf(options)) continue;
        if (unsure && !options.items.some((item) => isStrategyEntry(item))) continue;
        const range = entry.expr.kind === 'pair' || entry.expr.kind === 'tuple' ? entry.expr.range : options.expr.range;
        add(to, { name: entry.name, nameRange: entry.key.expr.range, range }, options, reached);
      }
    }
  }
}

/** `strategy: Module`: the strategy of a supervisor, `strategy: :one_for_one`, is none of a topology. */
function isStrategyEntry(item: Value): boolean {
  const [key, value] = item.kind === 'tuple' ? item.items : [];
  return key?.kind === 'atom' && key.value === 'strategy' && value?.kind === 'module';
}

function add(to: Collector, name: Name, options: ListValue, reached: Environments): void {
  const id = options.expr.id;
  if (to.topologies.has(id)) return;
  const pairs = options.items.flatMap((item) => (item.expr.kind === 'pair' ? [item.expr] : []));
  const pairOf = (key: string): Pair | undefined => pairs.find((p) => p.key.kind === 'atom' && p.key.value === key);
  const strategy = pairOf('strategy');
  const module = strategy && evaluate(to.file, strategy.value);
  const inside = environmentsAt(to.file, options.expr) & reached & to.named;
  const environment = environmentOf(inside || to.named);
  const listNodes = pairOf('list_nodes');
  const [config, connect, disconnect] = [pairOf('config'), pairOf('connect'), pairOf('disconnect')];
  to.topologies.set(id, {
    ...name,
    options: options.expr,
    pairs,
    open: options.open || pairs.length < options.items.length,
    ...(strategy && { strategy }),
    ...(module?.kind === 'module' && { strategyName: module.name }),
    ...(config && { config }),
    ...(connect && { connect }),
    ...(disconnect && { disconnect }),
    ...(listNodes && { listNodes }),
    ...(environment && { environment }),
  });
}

/** The number of nodes that literal configuration names: the hosts of `Cluster.Strategy.Epmd`; undefined where they are not all known. */
export function hostsOf(file: FileFacts, topology: TopologyExpr): { readonly nodes: readonly string[]; readonly range: Range } | undefined {
  if (!/\.Epmd$/.test(topology.strategyName ?? '') || !topology.config) return undefined;
  const config = evaluate(file, topology.config.value);
  const entry = entriesOf(config)?.find((e) => e.name === 'hosts');
  if (entry?.value.kind !== 'list' || entry.value.open) return undefined;
  const nodes = entry.value.items.map((item) => nodeOf(file, item));
  return nodes.includes(undefined) ? undefined : { nodes: nodes as string[], range: entry.value.expr.range };
}

/** The members of a `:ra` cluster that a call names one by one: `[{:kv, :"a@host"}, …]`. */
export function membersOf(file: FileFacts, call: Call): { readonly nodes: readonly string[]; readonly range: Range } | undefined {
  for (const argument of call.args) {
    const list = evaluate(file, argument);
    if (list.kind !== 'list' || list.open || list.items.length === 0) continue;
    const nodes = list.items.map((item) =>
      item.kind === 'tuple' && item.items.length === 2 && item.items[1] ? nodeOf(file, item.items[1]) : undefined,
    );
    if (!nodes.includes(undefined)) return { nodes: nodes as string[], range: list.expr.range };
  }
  return undefined;
}

/** The name of a node; of `:"app@10.0.0.#{i}"`, which is only known when it runs but is one node, as written. */
function nodeOf(file: FileFacts, value: Value): string | undefined {
  const written = value.kind === 'unknown' && value.expr.kind === 'unknown' ? textAt(file, value.expr.range) : '';
  const name = value.kind === 'atom' ? value.value : /^:["']/.test(written) ? written.slice(2, -1) : '';
  return name.includes('@') ? name : undefined;
}
