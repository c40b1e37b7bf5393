/** Registries and supervisors of Horde that code starts, with their options. */
import { type Alias, type Call, descendants, type Expr, type Pair } from '../elixir/ir';
import type { Range } from '../text';
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
  }
  return found.sort((a, b) => a.at.start - b.at.start);
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
export function usesQuorum(file: FileFacts, start: HordeStart): boolean {
  const strategy = hordeOption(file, start, 'distribution_strategy');
  const value = strategy && definitionOf(file, strategy.value);
  return value?.kind === 'alias' && value.name === 'Horde.UniformQuorumDistribution';
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
