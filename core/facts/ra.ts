/** `:ra`: which modules are state machines, and what runs inside their deterministic part. */
import { type Call, descendants, type Expr } from '../elixir/ir';
import { compareVersions, versionOf } from '../project/project';
import type { Context } from '../rule';
import { ancestorsOf, callsTo, type FileFacts, type FunctionClause, findFunction, type ModuleDef } from './facts';
import { calledFunction, definitionOf } from './values';

/** The major version that the project locks or asks for; undefined where it is not known. */
export function raMajor(context: Context): number | undefined {
  const version = versionOf(context.project, 'ra');
  return version === undefined ? undefined : Number.parseInt(version, 10);
}

/** Whether the project's `:ra` is older than the version; false where it is not known. */
export function raBefore(context: Context, version: string): boolean {
  const known = versionOf(context.project, 'ra');
  return known !== undefined && compareVersions(known, version) < 0;
}

/** Modules that are `:ra` machines: by behaviour, or named as one where a server is started in this file or the project. */
export function machinesIn(file: FileFacts, context: Context): readonly ModuleDef[] {
  const named = new Set([file, ...(context.project?.files.values() ?? [])].flatMap((f) => [...startedMachines(f)]));
  return file.modules.filter(
    (m) => (m.behaviours.includes(':ra_machine') || named.has(m.name)) && findFunction(m, 'apply', 3) !== undefined,
  );
}

const started = new WeakMap<FileFacts, ReadonlySet<string>>();

/** Modules of `{:module, Machine, config}` in calls that start `:ra` servers. */
function startedMachines(file: FileFacts): ReadonlySet<string> {
  const before = started.get(file);
  if (before) return before;
  const names = new Set<string>();
  for (const call of callsTo(file, [':ra.start_cluster', ':ra.start_or_restart_cluster', ':ra.start_server'])) {
    for (const arg of call.args) {
      const [tag, module] = arg.kind === 'tuple' ? arg.items : [];
      if (tag?.kind === 'atom' && tag.value === 'module' && module?.kind === 'alias') names.add(module.name);
    }
  }
  started.set(file, names);
  return names;
}

/** Everything that runs on each replica when a command is applied: calls in the clauses of `apply/3` and in the functions of the module that they call. */
export function appliedCalls(file: FileFacts, machine: ModuleDef): readonly Call[] {
  const found: Call[] = [];
  const seen = new Set<FunctionClause>();
  const pending: FunctionClause[] = [...(findFunction(machine, 'apply', 3)?.clauses ?? [])];
  for (let clause = pending.pop(); clause; clause = pending.pop()) {
    if (seen.has(clause)) continue;
    seen.add(clause);
    for (const e of descendants(clause.clause)) {
      if (e.kind !== 'call' || isInEffect(file, e)) continue;
      found.push(e);
      const def = calledFunction(file, e);
      if (def?.module === machine) pending.push(...def.clauses);
    }
  }
  return found.sort((a, b) => a.range.start - b.range.start || a.id - b.id);
}

/** Inside a function that is put into an effect, such as `{:log, indexes, fn … end}`: the leader runs it, once. */
function isInEffect(file: FileFacts, e: Expr): boolean {
  let inFunction = false;
  for (const ancestor of ancestorsOf(file, e)) {
    if (ancestor.kind === 'fn') inFunction = true;
    else if (inFunction && ancestor.kind === 'tuple') {
      const [tag] = ancestor.items;
      if (tag?.kind === 'atom' && /^(?:log|log_ext|mod_call|aux)$/.test(tag.value)) return true;
    }
  }
  return false;
}

/** Calls in the form that they had before 2.0, when there was no system to name; `since`: the version that no longer has the function. */
const withoutSystem: readonly { readonly call: string; readonly since: number; readonly is: (file: FileFacts, call: Call) => boolean }[] = [
  { call: ':ra.start_cluster/3', since: 2, is: (file, call) => isMachineConfig(file, call.args[1]) },
  { call: ':ra.start_cluster/4', since: 2, is: (file, call) => isMachineConfig(file, call.args[1]) },
  { call: ':ra.start_or_restart_cluster/3', since: 2, is: (file, call) => isMachineConfig(file, call.args[1]) },
  { call: ':ra.start_or_restart_cluster/4', since: 2, is: (file, call) => isMachineConfig(file, call.args[1]) },
  { call: ':ra.start_server/4', since: 2, is: (file, call) => isMachineConfig(file, call.args[2]) },
  { call: ':ra.force_delete_server/1', since: 2, is: (file, call) => isServerId(file, call.args[0]) },
  { call: ':ra.leave_and_terminate/1', since: 2, is: (file, call) => isServerId(file, call.args[0]) },
  { call: ':ra.leave_and_terminate/2', since: 2, is: (file, call) => isServerId(file, call.args[0]) && isServerId(file, call.args[1]) },
  // In 2.x these stand for the default system.
  { call: ':ra.restart_server/1', since: 3, is: (file, call) => isServerId(file, call.args[0]) },
  { call: ':ra.stop_server/1', since: 3, is: (file, call) => isServerId(file, call.args[0]) },
];

/** Calls of `:ra` that lack the system, where the project's version asks for it; of an unknown version, what neither 2.x nor 3.x has. */
export function callsWithoutSystem(file: FileFacts, context: Context): readonly { readonly call: Call; readonly since: number }[] {
  const major = raMajor(context) ?? 2;
  return withoutSystem.flatMap(({ call: mfa, since, is }) =>
    major < since ? [] : callsTo(file, [mfa]).flatMap((call) => (is(file, call) ? [{ call, since }] : [])),
  );
}

/** `{:module, Machine, config}` or `{:simple, fun, state}`. */
export function isMachineConfig(file: FileFacts, e: Expr | undefined): boolean {
  const value = e && definitionOf(file, e);
  const [tag] = value?.kind === 'tuple' ? value.items : [];
  return tag?.kind === 'atom' && (tag.value === 'module' || tag.value === 'simple');
}

/** `{name, node}`, or something that is named like one. */
function isServerId(file: FileFacts, e: Expr | undefined): boolean {
  const value = e && definitionOf(file, e);
  if (value?.kind === 'tuple') return value.items.length === 2;
  return value?.kind === 'variable' && /server|member|leader|(?:^|_)id$/.test(value.name);
}

/** Calls that start servers, with the place of the machine and of the members among their arguments. */
const starters: readonly { readonly call: string; readonly machine: number; readonly members: number }[] = [
  { call: ':ra.start_cluster/3', machine: 1, members: 2 },
  { call: ':ra.start_cluster/4', machine: 2, members: 3 },
  { call: ':ra.start_or_restart_cluster/4', machine: 2, members: 3 },
  { call: ':ra.start_or_restart_cluster/5', machine: 2, members: 3 },
  { call: ':ra.start_server/5', machine: 3, members: 4 },
];

export interface RaStart {
  readonly call: Call;
  readonly machine: Expr;
  /** The server ids that the cluster begins with. */
  readonly members: Expr;
}

/** Starts of clusters and servers that name machine and first members as arguments. */
export function raStarts(file: FileFacts): readonly RaStart[] {
  return starters.flatMap(({ call: mfa, machine: at, members: last }) =>
    callsTo(file, [mfa]).flatMap((call) => {
      const [machine, members] = [call.args[at], call.args[last]];
      return machine && members && isMachineConfig(file, machine) ? [{ call, machine, members }] : [];
    }),
  );
}

/** The last element of `{:module, Machine, config}` wherever a server is given one, with what is written there. */
export function machineArguments(file: FileFacts): readonly Expr[] {
  const machines = raStarts(file).map(({ machine }) => machine);
  for (const e of file.exprs) {
    if (e.kind === 'pair' && e.key.kind === 'atom' && e.key.value === 'machine' && isMachineConfig(file, e.value)) machines.push(e.value);
  }
  const found = machines.flatMap((machine) => {
    const value = definitionOf(file, machine);
    const [tag, module, config] = value.kind === 'tuple' && value.items.length === 3 ? value.items : [];
    return config && tag?.kind === 'atom' && tag.value === 'module' && (module?.kind === 'alias' || module?.kind === 'atom')
      ? [config]
      : [];
  });
  return [...new Set(found)];
}

/** Where the first members of a cluster are given: to a start, or as `initial_members:` in the configuration of a server. */
export function firstMembers(file: FileFacts): readonly Expr[] {
  const given = raStarts(file).map(({ members }) => members);
  if (!file.calls.has(':ra.start_server') && !file.calls.has(':ra.start_cluster')) return given;
  const configured = file.exprs.flatMap((e) =>
    e.kind === 'pair' && e.key.kind === 'atom' && e.key.value === 'initial_members' ? [e.value] : [],
  );
  return [...given, ...configured];
}
