/** What one Elixir file adds to the facts of its project. Derived once per file: a changed file derives its own again, no more. */
import type { Call } from '../elixir/ir';
import type { FileFacts, ModuleDef } from '../facts/facts';
import { isLocalLock } from '../facts/protection';
import type { Range } from '../text';
import { type Child, childrenIn } from './children';
import { isTestPath } from './environment';
import { evaluate } from './evaluate';
import { type MixFacts, readMix } from './mix';
import type { ProjectModule, Topology } from './project';
import { hostsOf, membersOf, topologiesIn } from './topologies';
import { textOf } from './value';

export interface FileContribution {
  readonly modules: readonly ProjectModule[];
  readonly children: readonly Child[];
  readonly topologies: readonly Topology[];
  /** Calls that only make sense with other nodes: the first one of each function. */
  readonly signs: readonly { readonly what: string; readonly range: Range }[];
  /** How many nodes or voting members literals of the file name. */
  readonly sizes: readonly { readonly size: number; readonly range: Range }[];
  /** Of a `mix.exs`. */
  readonly mix?: MixFacts;
  /** Literal cookies of Distillery's `rel/config.exs`. */
  readonly cookies: readonly { readonly value: string; readonly range: Range }[];
}

const contributions = new WeakMap<FileFacts, FileContribution>();

/** What the file adds to its project. */
export function contributionOf(file: FileFacts): FileContribution {
  const known = contributions.get(file);
  if (known) return known;
  const mix = /(?:^|\/)mix\.exs$/.test(file.path) ? readMix(file) : undefined;
  const contribution: FileContribution = {
    // Functions of a fragment stand in a module without a name.
    modules: file.modules.filter((m) => m.name !== '').map((m) => projectModule(file, m)),
    children: childrenIn(file),
    topologies: topologiesIn(file).map(({ name, range, strategyName, environment }) => ({
      name,
      path: file.path,
      range,
      ...(strategyName !== undefined && { strategy: strategyName }),
      ...(environment && { environment }),
    })),
    signs: isBeside(file.path) ? [] : signsIn(file),
    sizes: isBeside(file.path) ? [] : sizesIn(file),
    ...(mix && { mix }),
    cookies: /(?:^|\/)rel\/config\.exs$/.test(file.path) ? cookiesIn(file) : [],
  };
  contributions.set(file, contribution);
  return contribution;
}

function projectModule(file: FileFacts, module: ModuleDef): ProjectModule {
  const functions = new Set<string>();
  for (const def of module.functions) {
    if (def.kind !== 'def' && def.kind !== 'defdelegate') continue;
    for (let arity = def.minArity; arity <= def.arity; arity++) functions.add(`${def.name}/${arity}`);
  }
  return { name: module.name, path: file.path, range: module.nameRange, behaviours: module.behaviours, functions };
}

const distributed =
  /^(?:Node\.(?:connect|disconnect|start|ping|monitor|spawn|spawn_link|spawn_monitor)|:net_kernel\.(?:start|monitor_nodes|connect_node)|:net_adm\.(?:ping|ping_list|world|world_list)|:erlang\.monitor_node|(?:GenServer|:gen_server)\.(?:multi_call|abcast)|:e?rpc\.\w+|:global\.(?!(?:whereis|register|re_register|unregister)_name$|registered_names$|send$)\w+)$/;

function signsIn(file: FileFacts): FileContribution['signs'] {
  const signs: { what: string; range: Range }[] = [];
  for (const [name, calls] of file.calls) {
    const first = distributed.test(name) ? calls.find((call) => !isLocalLock(call)) : calls.find((call) => joinsMnesia(name, call));
    if (first) signs.push({ what: name, range: first.callee });
  }
  return signs;
}

/** Mnesia is told of other nodes. */
function joinsMnesia(name: string, call: Call): boolean {
  if (name === ':mnesia.add_table_copy') return true;
  const [option] = call.args;
  return name === ':mnesia.change_config' && option?.kind === 'atom' && option.value === 'extra_db_nodes';
}

/** Code that is run by hand beside the system: tests, tasks of Mix, scripts. */
export function isBeside(path: string): boolean {
  return isTestPath(path) || /(?:^|\/)(?:mix\/tasks|priv|scripts)\/|(?:^|\/)\.iex\.exs$/.test(path);
}

const clusterStarts = ['start_cluster', 'start_or_restart_cluster'] as const;

function sizesIn(file: FileFacts): FileContribution['sizes'] {
  const sizes: { size: number; range: Range }[] = [];
  const add = (named: { readonly nodes: readonly string[]; readonly range: Range } | undefined): void => {
    // Several nodes of one machine are how a cluster is tried out, not how it runs.
    const local = named?.nodes.every((node) => /@(?:localhost|127\.|::1|nohost)/.test(node));
    if (named && named.nodes.length > 1 && !local) sizes.push({ size: named.nodes.length, range: named.range });
  };
  for (const topology of topologiesIn(file)) {
    if (topology.environment === undefined || topology.environment === 'prod') add(hostsOf(file, topology));
  }
  for (const name of clusterStarts) for (const call of file.calls.get(`:ra.${name}`) ?? []) add(membersOf(file, call));
  return sizes;
}

function cookiesIn(file: FileFacts): FileContribution['cookies'] {
  const cookies: { value: string; range: Range }[] = [];
  for (const call of file.calls.get('?.set') ?? []) {
    for (const argument of call.args) {
      const pair =
        argument.kind === 'list'
          ? argument.items.find((i) => i.kind === 'pair' && i.key.kind === 'atom' && i.key.value === 'cookie')
          : undefined;
      const value = pair?.kind === 'pair' ? textOf(evaluate(file, pair.value)) : undefined;
      if (pair && value !== undefined) cookies.push({ value, range: pair.range });
    }
  }
  return cookies;
}

const words = new WeakMap<FileFacts, ReadonlySet<string>>();

/**
 * Atoms, keys and modules that the file mentions; atoms of Erlang modules without their colon. In quoted code, which has no facts,
 * and in files that do not parse, every word counts: what is not here is not in the file.
 */
export function wordsOf(file: FileFacts): ReadonlySet<string> {
  const known = words.get(file);
  if (known) return known;
  const found = new Set<string>();
  const scan = (text: string): void => {
    for (const [word] of text.matchAll(/[A-Za-z_][\w.]*[\w?!]|[A-Za-z_]/g)) {
      found.add(word);
      if (word.includes('.')) for (const part of word.split('.')) found.add(part);
    }
  };
  for (const e of file.exprs) {
    if (e.kind === 'atom') found.add(e.value);
    else if (e.kind === 'alias') found.add(e.name);
    else if (e.kind === 'call' || e.kind === 'capture') {
      if (e.module !== undefined) found.add(e.module.replace(/^:/, ''));
    } else if (e.kind === 'quote' && !file.broken) scan(file.text.slice(e.range.start, e.range.end));
  }
  for (const module of file.modules) {
    found.add(module.name);
    for (const { module: used } of module.uses) found.add(used.replace(/^:/, ''));
    for (const name of [...module.behaviours, ...module.imports]) found.add(name.replace(/^:/, ''));
  }
  if (file.broken) scan(file.text);
  words.set(file, found);
  return found;
}
