/** Which distributed parts a project has, and where. What is only run by hand or in tests is none. */
import { type Call, type Expr, keywordValue } from '../elixir/ir';
import { type ClusterName, clusterNameOf, nameOfStart, registrationsIn } from '../facts/cluster-names';
import { startedTypes } from '../facts/crdt';
import { callsTo, type FileFacts, moduleOf, textOf } from '../facts/facts';
import { type HordePart, hordesIn, usesQuorum } from '../facts/horde';
import { areSeveralNodes, isOn, tablesIn } from '../facts/mnesia';
import { machinesIn, raStarts } from '../facts/ra';
import { remotenessOf } from '../facts/remote-targets';
import { definitionOf } from '../facts/values';
import { isBeside } from '../project/contribution';
import type { Place, ProjectFacts } from '../project/project';
import { contains, type Range } from '../text';
import type { KindId } from './kinds';

/** One distributed part: a name, a table, a machine, a scheduler. */
export interface Item {
  readonly kind: KindId;
  /** Short, as a developer would call it, in Markdown; several places of one name are one item. */
  readonly name: string;
  readonly places: readonly Place[];
  /** What else the code says of it, as a sentence. */
  readonly note?: string;
}

interface Found {
  readonly kind: KindId;
  readonly name: string;
  readonly range: Range;
  readonly note?: string | undefined;
}

/** The parts of a project by kind and name, in the order of its files. */
export function itemsOf(project: ProjectFacts): readonly Item[] {
  const items = new Map<string, { kind: KindId; name: string; places: Place[]; note?: string }>();
  const spreads = spreadsMnesia(project);
  for (const file of project.files.values()) {
    if (isBeside(file.path) || /(?:^|\/)(?:mix\.exs|config\/)/.test(file.path)) continue;
    const found = finders.flatMap((find) => [...find(file, project)]);
    for (const { kind: told, name, range, note } of found.sort((a, b) => a.range.start - b.range.start)) {
      const kind = told === 'mnesia-local' && spreads ? 'mnesia' : told;
      const key = `${kind} ${name}`;
      const known = items.get(key);
      const place = { path: file.path, range };
      if (!known) items.set(key, { kind, name, places: [place], ...(note !== undefined && { note }) });
      else if (!known.places.some((other) => other.path === place.path && other.range.start === range.start)) known.places.push(place);
    }
  }
  return [...items.values()];
}

type Finder = (file: FileFacts, project: ProjectFacts) => Iterable<Found>;

const finders: readonly Finder[] = [
  clusterNames,
  synScopes,
  globalLocks,
  hordes,
  processGroups,
  pubsubs,
  trackers,
  stateMachines,
  mnesiaTables,
  mnesiaCopies,
  deltaCrdts,
  singletons,
  jobs,
  schedulers,
  repos,
  caches,
  etsTables,
  remoteCalls,
  nodeEvents,
];

/** Code as a name: on one line, short, and the same only where it means the same. */
function shown(file: FileFacts, e: Expr): string {
  const value = e.kind === 'attribute' ? definitionOf(file, e) : e;
  if (value.kind === 'alias') return code(value.name);
  const text = textOf(file, value.range).replace(/\s+/g, ' ');
  const short = code(text.length > 60 ? `${text.slice(0, 57)}…` : text);
  return /@|__MODULE__|^[a-z_]\w*[?!]?$/.test(text) ? `${short} in ${moduleName(file, e)}` : short;
}

const code = (text: string): string => (text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``);

function moduleName(file: FileFacts, e: Expr): string {
  return code(moduleOf(file, e)?.name || file.path);
}

function moduleAt(file: FileFacts, range: Range): string {
  return code(file.modules.filter((module) => contains(module.range, range)).at(-1)?.name || file.path);
}

const registryKinds: Readonly<Record<string, KindId>> = {
  ':global': 'global-name',
  'Horde.Registry': 'horde-registry',
  Swarm: 'swarm',
  ':swarm': 'swarm',
  ':syn': 'syn',
};

/** Names of the whole cluster that processes are started with or registered under. */
function* clusterNames(file: FileFacts): Iterable<Found> {
  for (const e of file.exprs) {
    const given = nameGivenBy(file, e);
    const kind = given && registryKinds[given.registry];
    if (given && kind) yield { kind, name: shown(file, given.term), range: given.at.range };
  }
  for (const { call, registry, name, resolver } of registrationsIn(file)) {
    const kind = registryKinds[registry];
    const note = resolver && `A resolver of its own decides after a partition: ${shown(file, resolver)}.`;
    if (kind) yield { kind, name: shown(file, name), range: call.callee, note };
  }
}

/** `name: …` of a start or a child, `Keyword.put(options, :name, …)`, the first argument of `:gen_server.start_link/4`. */
function nameGivenBy(file: FileFacts, e: Expr): ClusterName | undefined {
  if (e.kind === 'pair') return e.key.kind === 'atom' && e.key.value === 'name' ? clusterNameOf(file, e.value) : undefined;
  if (e.kind !== 'call') return undefined;
  const [, key, value] = e.args;
  if (e.module === 'Keyword' && /^put(?:_new)?$/.test(e.name) && key?.kind === 'atom' && key.value === 'name')
    return value && clusterNameOf(file, value);
  return nameOfStart(file, e);
}

function* synScopes(file: FileFacts): Iterable<Found> {
  for (const call of callsTo(file, [':syn.add_node_to_scopes'])) {
    const [scopes] = call.args;
    if (scopes) yield { kind: 'syn', name: `scopes ${shown(file, scopes)}`, range: call.callee };
  }
  for (const call of callsTo(file, [':syn.join/3', ':syn.join/4'])) {
    const [scope] = call.args;
    if (scope) yield { kind: 'syn', name: `groups in scope ${shown(file, scope)}`, range: call.callee };
  }
}

function* globalLocks(file: FileFacts): Iterable<Found> {
  for (const call of callsTo(file, [':global.trans', ':global.set_lock'])) {
    const [id] = call.args;
    const nodes = call.args[call.name === 'trans' ? 2 : 1];
    if (id && !(nodes && isOnlyThisNode(file, nodes))) yield { kind: 'global-lock', name: shown(file, id), range: call.callee };
  }
}

/** `[node()]`. */
function isOnlyThisNode(file: FileFacts, nodes: Expr): boolean {
  const list = definitionOf(file, nodes);
  const [only, ...others] = list.kind === 'list' && !list.tail ? list.items : [];
  return only?.kind === 'call' && /^(?:node|self)$/.test(only.name) && only.args.length === 0 && others.length === 0;
}

function* hordes(file: FileFacts, project: ProjectFacts): Iterable<Found> {
  for (const parts of hordesIn(file, project)) {
    const own = parts.find((part) => part.file === file);
    if (!own) continue;
    const isSupervisor = own.start.module === 'Horde.DynamicSupervisor';
    const kind = !isSupervisor ? 'horde-registry' : usesQuorum(parts) ? 'horde-quorum' : 'horde-supervisor';
    yield { kind, name: hordeName(own), range: own.start.at };
  }
}

function hordeName({ file, start }: HordePart): string {
  const options = definitionOf(file, start.options);
  const name = keywordValue(options, 'name');
  return name ? shown(file, name) : moduleName(file, options);
}

function* processGroups(file: FileFacts): Iterable<Found> {
  for (const call of callsTo(file, [
    ':pg.start_link',
    ':pg.start',
    ':pg.join',
    ':pg.get_members',
    ':pg.monitor_scope',
    ':pg2.join',
    ':pg2.create',
  ])) {
    const scope =
      call.name === 'join' || call.name === 'get_members'
        ? call.args.length === (call.name === 'join' ? 3 : 2)
          ? call.args[0]
          : undefined
        : call.args[0];
    const name = call.module === ':pg2' ? '`:pg2`' : scope ? `scope ${shown(file, scope)}` : 'the default scope';
    yield { kind: 'pg', name, range: call.callee };
  }
}

/** A child of a supervisor as `{Module, options}`, or the module alone. */
function* childrenOf(
  file: FileFacts,
  project: ProjectFacts,
  modules: readonly string[],
): Iterable<{ readonly module: string; readonly range: Range; readonly options?: Expr }> {
  for (const module of modules) {
    for (const { path, range } of project.children.get(module) ?? []) {
      if (path !== file.path) continue;
      const child = file.exprs.find((e) => e.range.start === range.start && e.range.end === range.end && e.kind === 'tuple');
      const options = child?.kind === 'tuple' ? child.items[1] : undefined;
      yield { module, range, ...(options && { options }) };
    }
  }
}

function optionOf(file: FileFacts, options: Expr | undefined, name: string): Expr | undefined {
  return options && keywordValue(definitionOf(file, options), name);
}

function* pubsubs(file: FileFacts, project: ProjectFacts): Iterable<Found> {
  for (const { range, options } of childrenOf(file, project, ['Phoenix.PubSub'])) {
    const name = optionOf(file, options, 'name');
    const adapter = optionOf(file, options, 'adapter');
    const isOwn = adapter !== undefined && !(adapter.kind === 'alias' && adapter.name === 'Phoenix.PubSub.PG2');
    yield {
      kind: isOwn ? 'pubsub-adapter' : 'pubsub',
      name: name ? shown(file, name) : '`Phoenix.PubSub`',
      range,
      note: adapter && isOwn ? `Its adapter: ${shown(file, adapter)}.` : undefined,
    };
  }
}

function* trackers(file: FileFacts): Iterable<Found> {
  for (const module of file.modules) {
    if (
      module.behaviours.includes('Phoenix.Tracker') ||
      module.uses.some(({ module: used }) => used === 'Phoenix.Presence' || used === 'Phoenix.Tracker')
    )
      yield { kind: 'tracker', name: code(module.name), range: module.nameRange };
  }
}

function* stateMachines(file: FileFacts, project: ProjectFacts): Iterable<Found> {
  for (const module of machinesIn(file, { project, rpcWrappers: [] }))
    yield { kind: 'ra', name: `machine ${code(module.name)}`, range: module.nameRange };
  for (const { call } of raStarts(file)) yield { kind: 'ra', name: `started in ${moduleName(file, call)}`, range: call.callee };
  for (const call of callsTo(file, [':khepri.start', ':khepri_cluster.join']))
    yield { kind: 'khepri', name: moduleName(file, call), range: call.callee };
}

function* mnesiaTables(file: FileFacts): Iterable<Found> {
  for (const table of tablesIn(file)) {
    const kind = isOn(file, table, 'majority')
      ? 'mnesia-majority'
      : table.copies.some(({ value }) => areSeveralNodes(file, value))
        ? 'mnesia'
        : 'mnesia-local';
    yield { kind, name: shown(file, table.name), range: table.created.callee };
  }
}

/** Tables whose names and options are made elsewhere: at least it is known that they get copies here. */
function* mnesiaCopies(file: FileFacts): Iterable<Found> {
  for (const call of callsTo(file, [':mnesia.add_table_copy', ':mnesia.change_config'])) {
    const [option] = call.args;
    const joins = option?.kind === 'atom' && option.value === 'extra_db_nodes';
    if (call.name === 'add_table_copy' || joins)
      yield { kind: 'mnesia', name: `${joins ? 'nodes joined' : 'copies made'} in ${moduleName(file, call)}`, range: call.callee };
  }
}

/** Copies of tables are made on other nodes when the system runs. */
function spreadsMnesia(project: ProjectFacts): boolean {
  return project.signs.some(({ what }) => what === ':mnesia.add_table_copy' || what === ':mnesia.change_config');
}

function* deltaCrdts(file: FileFacts): Iterable<Found> {
  for (const type of startedTypes(file)) yield { kind: 'delta-crdt', name: `in ${moduleName(file, type)}`, range: type.range };
}

function* singletons(file: FileFacts, project: ProjectFacts): Iterable<Found> {
  for (const { module, range, options } of childrenOf(file, project, ['Highlander', 'HighlanderPG']))
    yield { kind: module === 'HighlanderPG' ? 'highlander-pg' : 'highlander', name: options ? shown(file, options) : code(module), range };
}

function* jobs(file: FileFacts, project: ProjectFacts): Iterable<Found> {
  const peers = project.config.find(({ keys, value }) => keys.at(-1) === 'peer' && isGlobalPeer(value));
  const note = peers && 'Its peers are `Oban.Peers.Global`, so that each side of a partition has a leader of its own.';
  for (const { range, options } of childrenOf(file, project, ['Oban']))
    yield { kind: 'oban', name: options ? `started with ${shown(file, options)}` : '`Oban`', range, note };
}

function isGlobalPeer(value: Expr): boolean {
  const module = value.kind === 'tuple' ? value.items[0] : value;
  return module?.kind === 'alias' && module.name === 'Oban.Peers.Global';
}

function* schedulers(file: FileFacts, project: ProjectFacts): Iterable<Found> {
  const single = ['Highlander', 'HighlanderPG'].flatMap((name) => project.children.get(name) ?? []);
  for (const module of file.modules) {
    if (!module.uses.some(({ module: used }) => /^Quantum(?:\.Scheduler)?$/.test(used))) continue;
    const places = project.children.get(module.name) ?? [];
    const isSingle = places.some((place) => single.some((outer) => outer.path === place.path && contains(outer.range, place.range)));
    const note = isSingle ? 'It is started by a singleton, on one node of each side.' : undefined;
    yield { kind: 'quantum', name: code(module.name), range: module.nameRange, note };
  }
}

function* repos(file: FileFacts): Iterable<Found> {
  for (const module of file.modules) {
    for (const { module: used, options } of module.uses) {
      const adapter = used === 'Ecto.Repo' ? keywordValue(options, 'adapter') : undefined;
      if (adapter?.kind === 'alias' && adapter.name === 'Ecto.Adapters.Postgres')
        yield { kind: 'repo', name: code(module.name), range: module.nameRange };
    }
  }
}

function* caches(file: FileFacts, project: ProjectFacts): Iterable<Found> {
  for (const { module, range, options } of childrenOf(file, project, ['Cachex', 'ConCache'])) {
    // A router of Cachex may spread its keys over nodes.
    if (optionOf(file, options, 'router') || optionOf(file, options, 'nodes')) continue;
    const name = options?.kind === 'alias' || options?.kind === 'atom' ? options : optionOf(file, options, 'name');
    yield { kind: 'local-cache', name: name ? shown(file, name) : `${code(module)} in ${moduleAt(file, range)}`, range };
  }
  for (const module of file.modules) {
    const use = module.uses.find(({ module: used }) => used === 'Nebulex.Cache');
    const adapter = keywordValue(use?.options, 'adapter');
    const kind = adapter?.kind !== 'alias' ? undefined : nebulex[adapter.name];
    if (kind) yield { kind, name: code(module.name), range: module.nameRange };
  }
}

const nebulex: Readonly<Record<string, KindId>> = {
  'Nebulex.Adapters.Local': 'local-cache',
  'Nebulex.Adapters.Partitioned': 'distributed-cache',
};

/** Named tables: those that other processes of the node use as well. */
function* etsTables(file: FileFacts): Iterable<Found> {
  for (const call of callsTo(file, [':ets.new'])) {
    const [name, options] = call.args;
    const list = options && definitionOf(file, options);
    const isNamed = list?.kind === 'list' && list.items.some((item) => item.kind === 'atom' && item.value === 'named_table');
    if (name && isNamed) yield { kind: 'ets', name: shown(file, name), range: call.callee };
  }
}

const remote =
  /^(?::rpc|:erpc)\.(?:call|cast|block_call|async_call|multicall|send_request|eval_everywhere|sbcast|abcast)$|^GenServer\.(?:multi_call|abcast)$|^Node\.spawn/;
const addressed =
  /^(?:GenServer\.(?:call|cast)|:gen_server\.(?:call|cast)|:gen_statem\.(?:call|cast)|Kernel\.send|Process\.send|Agent\.\w+|Task\.Supervisor\.\w+)$/;

function* remoteCalls(file: FileFacts): Iterable<Found> {
  for (const [name, calls] of file.calls) {
    if (remote.test(name)) for (const call of calls) yield remoteCall(file, call);
    else if (addressed.test(name)) {
      for (const call of calls) {
        const [target] = call.args;
        if (target && !clusterNameOf(file, target) && remotenessOf(file, target) === 'node') yield remoteCall(file, call);
      }
    }
  }
}

function remoteCall(file: FileFacts, call: Call): Found {
  return { kind: 'remote-call', name: moduleName(file, call), range: call.callee };
}

function* nodeEvents(file: FileFacts): Iterable<Found> {
  for (const call of callsTo(file, [':net_kernel.monitor_nodes', 'Node.monitor', ':erlang.monitor_node']))
    yield { kind: 'node-events', name: moduleName(file, call), range: call.callee };
}
