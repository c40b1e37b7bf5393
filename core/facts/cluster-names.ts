/** Names that processes take in the whole cluster: who registers them, and who looks them up. */
import { type Call, descendants, type Expr, keywordValue } from '../elixir/ir';
import type { ProjectFacts } from '../project/project';
import { bindingOf } from './bindings';
import { carriedBy } from './carried';
import { callsTo, type FileFacts, type FunctionClause, findFunction, functionClauseOf, type ModuleDef, moduleOf } from './facts';
import { originsOf } from './origins';
import { calledFunction, definitionOf, resultsOf } from './values';

/** A name such as `{:global, name}` or `{:via, Horde.Registry, {registry, name}}`. */
export interface ClusterName {
  /** `:global`, `Horde.Registry`, `Swarm`, `:syn`. */
  readonly registry: string;
  /** What is registered there. */
  readonly term: Expr;
  /** The whole tuple. */
  readonly at: Expr;
  /** The file in which both stand. */
  readonly file: FileFacts;
  /** The call of another file's function that makes the name, in the file that was asked about. */
  readonly by?: Call;
}

const registries: ReadonlySet<string> = new Set([':global', 'Horde.Registry', 'Swarm', ':swarm', ':syn']);

/**
 * The name of a process in the whole cluster that the expression is, also through a variable, attribute or function of the module; with the
 * project also through a function of another file.
 */
export function clusterNameOf(file: FileFacts, e: Expr, project?: ProjectFacts): ClusterName | undefined {
  const at = definitionOf(file, e);
  if (at.kind === 'tuple') return writtenName(file, at);
  const made = at.kind === 'call' && project ? madeElsewhere(at, project) : undefined;
  const name = made && clusterNameOf(made.file, made.result);
  return name && at.kind === 'call' ? { ...name, by: at } : undefined;
}

/** What a call of another file's function answers, where it has one clause and one result. */
function madeElsewhere(call: Call, project: ProjectFacts): { readonly file: FileFacts; readonly result: Expr } | undefined {
  const file = project.files.get((call.module !== undefined && project.modules.get(call.module)?.path) || '');
  const module = file?.modules.find(({ name }) => name === call.module);
  const def = module && findFunction(module, call.name, call.args.length);
  const [clause, ...others] = def?.clauses ?? [];
  const [result, ...more] = clause && others.length === 0 ? resultsOf(clause.clause.body) : [];
  return file && result && more.length === 0 ? { file, result } : undefined;
}

function writtenName(file: FileFacts, at: Expr & { readonly kind: 'tuple' }): ClusterName | undefined {
  const [tag, second, third] = at.items;
  if (tag?.kind !== 'atom' || !second) return undefined;
  if (tag.value === 'global' && at.items.length === 2) return { registry: ':global', term: second, at, file };
  if (tag.value !== 'via' || !third) return undefined;
  const registry = second.kind === 'alias' ? second.name : second.kind === 'atom' ? `:${second.value}` : '';
  return registries.has(registry) ? { registry, term: third, at, file } : undefined;
}

const starters = /^(?:GenServer|Agent|Supervisor|DynamicSupervisor|GenStage|GenStateMachine|PartitionSupervisor|Horde\.DynamicSupervisor)$/;

/** The name that a call like `GenServer.start_link(module, argument, name: …)` gives its process, where it is one of the whole cluster. */
export function nameOfStart(file: FileFacts, call: Call, project?: ProjectFacts): ClusterName | undefined {
  const { module, args } = call;
  if (!/^start(?:_link|_monitor)?$/.test(call.name) || module === undefined) return undefined;
  if (module === ':gen_statem' || module === ':gen_server')
    return args.length === 4 && args[0] ? clusterNameOf(file, args[0], project) : undefined;
  const last = starters.test(module) ? args.at(-1) : undefined;
  const name = last && optionIn(file, last, 'name');
  return name && clusterNameOf(file, name, project);
}

/** The value of an option in a keyword list, also where it is put into one: `[name: n]`, `[{:name, n} | rest]`, `Keyword.put(options, :name, n)`. */
export function optionIn(file: FileFacts, e: Expr, option: string): Expr | undefined {
  const options = definitionOf(file, e);
  const written = keywordValue(options, option);
  if (written) return written;
  if (options.kind === 'list') {
    for (const item of options.items) {
      const [key, value] = item.kind === 'tuple' ? item.items : [];
      if (key?.kind === 'atom' && key.value === option) return value;
    }
    return options.tail && optionIn(file, options.tail, option);
  }
  if (options.kind === 'binary' && options.operator === '++')
    return optionIn(file, options.left, option) ?? optionIn(file, options.right, option);
  if (options.kind !== 'call' || options.module !== 'Keyword') return undefined;
  const [first, second, third] = options.args;
  if (/^put(?:_new)?$/.test(options.name) && second?.kind === 'atom' && second.value === option) return third;
  if (options.name === 'merge' && first && second) return optionIn(file, second, option) ?? optionIn(file, first, option);
  return /^(?:put|put_new|delete|drop)$/.test(options.name) && first ? optionIn(file, first, option) : undefined;
}

/** A `start_link` that gives its process a name in the whole cluster. */
export interface NamedStart {
  readonly clause: FunctionClause;
  /** `GenServer.start_link(…)`. */
  readonly call: Call;
  readonly name: ClusterName;
  /** What this call answers is what `start_link` answers. */
  readonly tail: boolean;
}

/** The named starts of the file's modules, in the order of the text. */
export function namedStartsIn(file: FileFacts, project?: ProjectFacts): readonly NamedStart[] {
  const found: NamedStart[] = [];
  for (const [, calls] of file.calls) {
    for (const call of calls) {
      const clause = /^start/.test(call.name) ? functionClauseOf(file, call) : undefined;
      const name = clause?.def.name === 'start_link' ? nameOfStart(file, call, project) : undefined;
      if (clause && name) found.push({ clause, call, name, tail: resultsOf(clause.clause.body).includes(call) });
    }
  }
  return found.sort((a, b) => a.call.range.start - b.call.range.start);
}

/** What a variable is called that holds a process, or something else that there is only once: no other node makes a name of it. */
export const perProcess = /^(?:pid|parent|owner|caller|ref|reference|uuid|guid)$|_(?:pid|ref|uuid)$/;

/** Whether the name is the same on every node: it is made of constants and settings; `given`: also of what the caller passes. */
export function isSharedName(file: FileFacts, term: Expr): 'same' | 'given' | undefined {
  let shared: 'same' | 'given' = 'same';
  for (const part of carriedBy(file, term)) {
    if (part.kind === 'variable' && perProcess.test(part.name)) return undefined;
    for (const origin of originsOf(file, part)) {
      if (origin.kind === 'parameter' || origin.kind === 'field') shared = 'given';
      else if (origin.kind !== 'constant' && origin.kind !== 'setting') return undefined;
    }
  }
  return shared;
}

/** The same of a whole name, which a function of another file may make of what it is given here. */
export function isSharedClusterName(file: FileFacts, { file: home, term, by }: ClusterName): 'same' | 'given' | undefined {
  const shared = isSharedName(home, term);
  if (!by || shared !== 'given') return shared;
  const given = by.args.map((arg) => isSharedName(file, arg));
  if (given.includes(undefined)) return undefined;
  return given.every((each) => each === 'same') ? 'same' : 'given';
}

/** A call that registers a process under a name of the whole cluster. */
export interface Registration {
  readonly call: Call;
  readonly registry: string;
  readonly name: Expr;
  /** The process; absent where it is the one that calls. */
  readonly process?: Expr;
  /** What decides which of two processes of one name stays. */
  readonly resolver?: Expr;
}

const registering: Readonly<Record<string, string>> = {
  ':global.register_name': ':global',
  ':global.re_register_name': ':global',
  'Horde.Registry.register': 'Horde.Registry',
  ':syn.register': ':syn',
  'Swarm.register_name': 'Swarm',
  ':swarm.register_name': 'Swarm',
};

/** Every function that registers a name, for triggers. */
export const registrars: readonly string[] = Object.keys(registering);

/** Registrations of the file, in the order of the text; not those that a `name:` option makes. */
export function registrationsIn(file: FileFacts): readonly Registration[] {
  return callsTo(file, registrars).flatMap((call): Registration[] => {
    const registry = registering[`${call.module}.${call.name}`];
    const [first, second, third] = call.args;
    if (registry === undefined || !first) return [];
    if (registry === 'Horde.Registry') return second ? [{ call, registry, name: second }] : [];
    if (registry === ':syn') return second ? [{ call, registry, name: second, ...(third && { process: third }) }] : [];
    return [
      { call, registry, name: first, ...(second && { process: second }), ...(registry === ':global' && third && { resolver: third }) },
    ];
  });
}

/** Where the process that runs the module gets a name in the whole cluster: it registers itself, or `start_link` names it. */
export function ownRegistration(
  file: FileFacts,
  module: ModuleDef,
  project?: ProjectFacts,
): { readonly registry: string; readonly at: Expr } | undefined {
  for (const { call, registry, process } of registrationsIn(file)) {
    if (moduleOf(file, call) === module && (!process || isSelf(file, process))) return { registry, at: call };
  }
  for (const calls of file.calls.values()) {
    for (const call of calls) {
      if (moduleOf(file, call) !== module || !startsOwnModule(call, module)) continue;
      const name = nameOfStart(file, call, project);
      if (name) return { registry: name.registry, at: name.by ?? name.at };
    }
  }
  return undefined;
}

function startsOwnModule(call: Call, module: ModuleDef): boolean {
  return call.args.slice(0, 2).some((arg) => arg.kind === 'alias' && arg.name === module.name);
}

function isSelf(file: FileFacts, e: Expr): boolean {
  const value = definitionOf(file, e);
  return value.kind === 'call' && value.name === 'self' && value.args.length === 0;
}

/** A search for the process that has a name in the whole cluster. */
export interface Lookup {
  readonly call: Call;
  readonly registry: string;
  /** The name that is looked for. */
  readonly name: Expr | undefined;
  /** How the answer says that there is none. */
  readonly absent: 'undefined' | 'nil' | 'empty';
}

const searching: Readonly<Record<string, readonly [registry: string, name: number, absent: Lookup['absent']]>> = {
  ':global.whereis_name/1': [':global', 0, 'undefined'],
  'Horde.Registry.lookup/1': ['Horde.Registry', 0, 'empty'],
  'Horde.Registry.lookup/2': ['Horde.Registry', 1, 'empty'],
  'Horde.Registry.whereis_name/1': ['Horde.Registry', 0, 'undefined'],
  'Horde.Registry.whereis/1': ['Horde.Registry', 0, 'empty'],
  'Swarm.whereis_name/1': ['Swarm', 0, 'undefined'],
  ':swarm.whereis_name/1': ['Swarm', 0, 'undefined'],
  ':syn.lookup/2': [':syn', 1, 'undefined'],
  ':syn.whereis_name/1': [':syn', 0, 'undefined'],
  ':syn.whereis/1': [':syn', 0, 'undefined'],
};

/** Every function that looks a name up, for triggers. */
export const lookups: readonly string[] = [...Object.keys(searching), 'GenServer.whereis/1'];

/** The search in the whole cluster that the call makes. */
export function lookupOf(file: FileFacts, call: Call): Lookup | undefined {
  const mfa = `${call.module}.${call.name}/${call.args.length}`;
  const known = searching[mfa];
  if (known) return { call, registry: known[0], name: call.args[known[1]], absent: known[2] };
  const [target] = call.args;
  if (mfa !== 'GenServer.whereis/1' || !target) return undefined;
  const name = clusterNameOf(file, target);
  return name && { call, registry: name.registry, name: name.term, absent: 'nil' };
}

/** Calls whose answer holds processes of other nodes, beside those that look up a name. */
const answersWithProcesses: ReadonlySet<string> = new Set([
  ':pg.get_members',
  ':pg2.get_members',
  ':syn.members',
  'Swarm.members',
  ':swarm.members',
  'Horde.Registry.select',
  'Horde.DynamicSupervisor.which_children',
  'Phoenix.Tracker.list',
  'Phoenix.Tracker.get_by_key',
  'Phoenix.Tracker.State.get_by_topic',
  ':rpc.call',
  ':erpc.call',
  'Node.spawn',
  'Node.spawn_link',
  'Node.spawn_monitor',
]);

/** Functions that hand on what their first argument holds. */
const handing = /^(?:Enum|Stream|List|Keyword|Map)\.|^Kernel\.(?:hd|elem|then|tap)$/;

/** The call that answers with processes of any node of the cluster, from which the value is taken; undefined where it is not known to be one. */
export function clusterSourceOf(file: FileFacts, e: Expr): Call | undefined {
  const seen = new Set<number>();
  const work: Expr[] = [e];
  for (let at = work.pop(); at; at = work.pop()) {
    if (seen.has(at.id)) continue;
    seen.add(at.id);
    if (at.kind === 'call') {
      const name = `${at.module}.${at.name}`;
      if (answersWithProcesses.has(name) || lookupOf(file, at)) return at;
      if (handing.test(name)) {
        // Only those of this node may be left.
        if (at.args.some((arg) => asksForNode(arg))) return undefined;
        if (at.args[0]) work.push(at.args[0]);
      } else for (const { clause } of calledFunction(file, at)?.clauses ?? []) work.push(...resultsOf(clause.body));
    } else if (at.kind === 'variable') {
      const source = bindingOf(file, at)?.source;
      if (source?.from === 'value' || source?.from === 'element') work.push(source.expr);
    } else {
      const results = resultsOf(at);
      if (results.length > 1 || results[0] !== at) work.push(...results);
    }
  }
  return undefined;
}

/** Whether a function that is handed on asks on which node a process is. */
function asksForNode(e: Expr): boolean {
  return e.kind === 'fn' && [...descendants(e)].some((inside) => inside.kind === 'call' && isNodeOf(inside));
}

function isNodeOf(call: Call): boolean {
  return call.name === 'node' && call.args.length === 1;
}

/** Whether the function of `e` asks, anywhere, on which node a process is: then it tells processes of this node from others. */
export function tellsNodesApart(file: FileFacts, e: Expr): boolean {
  const clause = functionClauseOf(file, e);
  return callsTo(file, ['Kernel.node/1', ':erlang.node/1']).some((call) => functionClauseOf(file, call) === clause);
}
