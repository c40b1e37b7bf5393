/** Registries and supervisors of Horde that code starts, with their options. */
import { type Alias, type Call, descendants, type Expr, type Pair } from '../elixir/ir';
import type { ProjectFacts } from '../project/project';
import { contains, type Range } from '../text';
import { optionIn } from './cluster-names';
import { callsTo, type FileFacts, functionClauseOf, parentOf } from './facts';
import { calledFunction, definitionOf } from './values';

export type HordeModule = 'Horde.Registry' | 'Horde.DynamicSupervisor';

export interface HordeStart {
  readonly module: HordeModule;
  /** Where the module is named: `Horde.Registry` of the child, or the function that is called. */
  readonly at: Range;
  /** The keyword list of the options, as far as it is written in one place. */
  readonly options: Expr;
  /** The module is a callback module's own: other options, and the name, are given elsewhere. */
  readonly callback: boolean;
}

/** Children `{Horde.Registry, options}`, and calls of `start_link/1`, `child_spec/1` and `init/1`, in the order of the text. */
export function hordeStartsIn(file: FileFacts): readonly HordeStart[] {
  const found: HordeStart[] = [];
  for (const e of file.exprs) {
    if (e.kind !== 'tuple') continue;
    const [named, options, starting] = e.items;
    const module = hordeModule(named);
    if (!module || !options) continue;
    if (e.items.length === 2) found.push({ module, at: (named as Alias).range, options, callback: false });
    // `start: {Horde.Registry, :start_link, [options]}`
    const [only, ...others] = starting?.kind === 'list' ? starting.items : [];
    const isStart = options.kind === 'atom' && options.value === 'start_link';
    if (isStart && only && others.length === 0) found.push({ module, at: (named as Alias).range, options: only, callback: false });
  }
  for (const module of modules) {
    for (const call of callsTo(file, [`${module}.start_link/1`, `${module}.child_spec/1`, `${module}.init/1`])) {
      const [options] = call.args;
      if (options) found.push({ module, at: call.callee, options, callback: call.name === 'init' });
    }
    // With a callback module, what its `init/1` is given: usually the options.
    for (const call of callsTo(file, [`${module}.start_link/2`, `${module}.start_link/3`])) {
      const [named, options] = call.args;
      if (named?.kind === 'alias' && options) found.push({ module, at: call.callee, options, callback: true });
    }
  }
  return found.sort((a, b) => a.at.start - b.at.start);
}

/** A part of the options of one Horde, with the file that holds it. */
export interface HordePart {
  readonly file: FileFacts;
  readonly start: HordeStart;
}

/**
 * The supervisors and registries that this file starts or defines, each with all parts of its options: of a callback module also those of the
 * children `{MyApp.Sup, options}` elsewhere in the project, which come first because they win.
 */
export function hordesIn(file: FileFacts, project: ProjectFacts | undefined): readonly (readonly HordePart[])[] {
  const plain = hordeStartsIn(file).filter((start) => !start.callback);
  const named = new Set<string>();
  for (const module of file.modules) if (hordeBehaviour(module.behaviours)) named.add(module.name);
  for (const e of file.exprs) {
    const [first] = e.kind === 'tuple' && e.items.length === 2 ? e.items : [];
    if (first?.kind === 'alias' && hordeBehaviour(project?.modules.get(first.name)?.behaviours ?? [])) named.add(first.name);
  }
  return [...plain.map((start) => [{ file, start }]), ...[...named].map((name) => partsOf(name, file, project))];
}

function hordeBehaviour(behaviours: readonly string[]): HordeModule | undefined {
  return modules.find((module) => behaviours.includes(module));
}

function partsOf(name: string, file: FileFacts, project: ProjectFacts | undefined): readonly HordePart[] {
  const files = [file, ...[...(project?.files.values() ?? [])].filter((other) => other.path !== file.path)];
  const home = files.find((other) => other.modules.some((m) => m.name === name));
  const module = home?.modules.find((m) => m.name === name);
  const behaviour = module && hordeBehaviour(module.behaviours);
  if (!home || !module || !behaviour) return [];
  const children = files.flatMap((other) => childrenOf(name, behaviour, other));
  const own = hordeStartsIn(home).filter((start) => start.callback && contains(module.range, start.at));
  return [...children, ...own.map((start) => ({ file: home, start }))];
}

function childrenOf(name: string, module: HordeModule, file: FileFacts): readonly HordePart[] {
  return file.exprs.flatMap((e): HordePart[] => {
    const [first, options] = e.kind === 'tuple' && e.items.length === 2 ? e.items : [];
    if (first?.kind !== 'alias' || first.name !== name || !options) return [];
    return [{ file, start: { module, at: first.range, options, callback: true } }];
  });
}

/** The option that holds for a Horde, and the file that sets it. */
export function effectiveOption(parts: readonly HordePart[], name: string): (HordeOption & { readonly file: FileFacts }) | undefined {
  for (const { file, start } of parts) {
    const option = hordeOption(file, start, name);
    if (option) return { ...option, file };
  }
  return undefined;
}

const modules: readonly HordeModule[] = ['Horde.Registry', 'Horde.DynamicSupervisor'];

function hordeModule(e: Expr | undefined): HordeModule | undefined {
  return e?.kind === 'alias' ? modules.find((module) => module === e.name) : undefined;
}

/** An option where it is written: with its key, or put into the list by a call. */
export function hordeOption(file: FileFacts, { options }: HordeStart, name: string): HordeOption | undefined {
  const value = optionIn(file, options, name);
  const pair = value && parentOf(file, value);
  return value && { value, range: pair?.kind === 'pair' ? pair.range : value.range };
}

export interface HordeOption {
  readonly value: Expr;
  readonly range: Range;
}

/** The keys of the options, when all of them are written out; undefined when some may come from elsewhere. */
export function hordeKeys(file: FileFacts, { options }: HordeStart): readonly Pair[] | undefined {
  const list = definitionOf(file, options);
  if (list.kind !== 'list' || list.tail) return undefined;
  const pairs = list.items.filter((item): item is Pair => item.kind === 'pair' && item.key.kind === 'atom');
  return pairs.length === list.items.length ? pairs : undefined;
}

/** Whether a supervisor places its children by a quorum. */
export function usesQuorum(parts: readonly HordePart[]): boolean {
  const strategy = effectiveOption(parts, 'distribution_strategy');
  const value = strategy && definitionOf(strategy.file, strategy.value);
  return value?.kind === 'alias' && value.name === 'Horde.UniformQuorumDistribution';
}

/** What makes the members of a Horde follow the visible nodes: `:auto`, or a read of them; undefined where they are named. */
export function followsNodes(members: HordeOption & { readonly file: FileFacts }): Expr | undefined {
  const value = definitionOf(members.file, members.value);
  return value.kind === 'atom' && value.value === 'auto' ? value : visibleNodesIn(members.file, members.value);
}

/** The read of the visible nodes from which a list of members is made, directly or in a function of the module. */
export function visibleNodesIn(file: FileFacts, e: Expr, hops = 3): Call | undefined {
  const value = definitionOf(file, e);
  for (const inside of descendants(value)) {
    if (inside.kind !== 'call') continue;
    if (/^(?:Node\.list|:erlang\.nodes)$/.test(`${inside.module}.${inside.name}`)) return inside;
    for (const { clause } of (hops > 0 && calledFunction(file, inside)?.clauses) || []) {
      const found = visibleNodesIn(file, clause.body, hops - 1);
      if (found) return found;
    }
  }
  return undefined;
}

/** Calls of `Horde.Cluster.set_members` that run when a node goes down: in the clause for `:nodedown`, or a function that it calls. */
export function membersSetOnNodedown(file: FileFacts): readonly Call[] {
  const downs = file.exprs.filter((e) => e.kind === 'clause' && e.patterns.some(isNodedown));
  return callsTo(file, ['Horde.Cluster.set_members']).filter((call) => {
    const def = functionClauseOf(file, call)?.def;
    return downs.some((down) =>
      [...descendants(down)].some((e) => e === call || (e.kind === 'call' && def !== undefined && calledFunction(file, e) === def)),
    );
  });
}

function isNodedown(pattern: Expr): boolean {
  if (pattern.kind === 'match') return isNodedown(pattern.pattern) || isNodedown(pattern.value);
  const [tag] = pattern.kind === 'tuple' ? pattern.items : [];
  return tag?.kind === 'atom' && tag.value === 'nodedown';
}
