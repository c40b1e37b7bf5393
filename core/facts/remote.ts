/** Calls to other nodes: how long they wait, and what becomes of their answer. */
import type { Call, Clause, Expr } from '../elixir/ir';
import type { Context } from '../rule';
import { bindingAt, usesOf } from './bindings';
import { ancestorsOf, callsTo, type FileFacts, functionClauseOf, moduleOf, parentOf } from './facts';
import { allOrigins, originsOf } from './origins';

/** Functions that wait for ever unless they are told how long, by the arity that has no timeout. */
const endless = [
  ':rpc.call/4',
  ':rpc.block_call/4',
  ':rpc.multicall/3',
  ':rpc.multicall/4',
  ':erpc.call/2',
  ':erpc.call/4',
  ':erpc.multicall/2',
  ':erpc.multicall/4',
  'GenServer.multi_call/2',
  'GenServer.multi_call/3',
] as const;

/** Calls that wait without limit for an answer of another node. */
export function endlessCalls(file: FileFacts): readonly Call[] {
  return callsTo(file, endless).filter((call) => {
    const last = call.args.at(-1);
    // `multicall(module, function, arguments, timeout)` has four arguments too.
    if (call.module === ':rpc' && call.name === 'multicall' && call.args.length === 4) return !isTimeout(last) && isAtomLike(call.args[2]);
    return !(call.module === ':rpc' && call.name === 'multicall' && call.args.length === 3 && !isAtomLike(call.args[1]));
  });
}

function isTimeout(e: Expr | undefined): boolean {
  return (
    e?.kind === 'integer' ||
    (e?.kind === 'atom' && e.value === 'infinity') ||
    (e?.kind === 'attribute' && /timeout/.test(e.name)) ||
    (e?.kind === 'variable' && /timeout|_ms$/.test(e.name))
  );
}

function isAtomLike(e: Expr | undefined): boolean {
  return (
    e !== undefined && (e.kind === 'atom' || e.kind === 'alias' || e.kind === 'variable' || e.kind === 'attribute' || e.kind === 'field')
  );
}

/** Whether the first argument is certainly this node itself: not only in one branch, or for some callers. */
export function isLocal(file: FileFacts, call: Call): boolean {
  const [target] = call.args;
  return target !== undefined && allOrigins(originsOf(file, target), (o) => o.kind === 'this-node');
}

/** Something around the call gives up waiting: a task that is awaited with a timeout, `Task.async_stream`. */
export function isBounded(file: FileFacts, e: Expr): boolean {
  for (const ancestor of ancestorsOf(file, e)) {
    if (
      ancestor.kind === 'call' &&
      /^(?:async_stream|async_stream_nolink|async|async_nolink|apply_after|start_child)$/.test(ancestor.name) &&
      /^Task(?:\.Supervisor)?$|^:timer$/.test(ancestor.module ?? '')
    ) {
      return true;
    }
  }
  return false;
}

/** Code that a person runs and watches: helpers of IEx, Mix tasks, command lines. */
export function isInteractive(file: FileFacts, e: Expr): boolean {
  const segments = moduleOf(file, e)?.name.split('.') ?? [];
  return segments[0] === 'IEx' || segments[0] === 'Mix' || segments.some((s) => s === 'CLI' || s === 'IEx' || s === 'Console');
}

/** Whether the code is the user's own wrapper of remote calls. */
export function isWrapper(file: FileFacts, e: Expr, context: Context): boolean {
  const def = functionClauseOf(file, e)?.def;
  return def !== undefined && context.rpcWrappers.includes(`${def.module.name}.${def.name}`);
}

export type Use =
  /** Taken as it is: returned, bound and never looked at, dropped. */
  | { readonly kind: 'unused' | 'returned' }
  /** Matched against patterns: `case`, `with`, `=`. */
  | { readonly kind: 'matched'; readonly patterns: readonly Expr[]; readonly clauses?: readonly Clause[]; readonly at: Expr }
  /** Handed to an operator, a function, a loop. */
  | { readonly kind: 'operand'; readonly by: Expr; readonly at: Expr };

/** What is done with the value of `e`, followed through variables that hold it whole. */
export function usesOfValue(file: FileFacts, e: Expr): readonly Use[] {
  const parent = parentOf(file, e);
  if (!parent) return [{ kind: 'returned' }];
  switch (parent.kind) {
    case 'match': {
      if (parent.pattern.kind !== 'variable') return [{ kind: 'matched', patterns: [parent.pattern], at: parent }];
      const binding = bindingAt(file, parent.pattern);
      if (!binding) return [{ kind: 'unused' }];
      const uses = usesOf(file, binding).flatMap((use) => usesOfValue(file, use));
      return uses.length > 0 ? uses : [{ kind: 'unused' }];
    }
    case 'arrow':
      return [{ kind: 'matched', patterns: [parent.pattern], at: parent }];
    case 'case':
      return parent.subject === e
        ? [{ kind: 'matched', patterns: parent.clauses.flatMap((c) => c.patterns), clauses: parent.clauses, at: parent }]
        : usesOfValue(file, parent);
    case 'clause': {
      const holder = parentOf(file, parent);
      if (!holder) return [{ kind: 'returned' }];
      return holder.kind === 'fn' ? [{ kind: 'returned' }] : usesOfValue(file, holder);
    }
    case 'block':
      return parent.body.at(-1) === e ? usesOfValue(file, parent) : [{ kind: 'unused' }];
    case 'if':
      return parent.condition === e ? [{ kind: 'operand', by: parent, at: e }] : usesOfValue(file, parent);
    case 'cond':
    case 'with':
    case 'try':
      return usesOfValue(file, parent);
    case 'tuple':
    case 'list':
    case 'pair':
    case 'map':
    case 'string':
      return [{ kind: 'returned' }];
    default:
      return [{ kind: 'operand', by: parent, at: e }];
  }
}

/** Whether a pattern matches `{tag, …}` for the tag, or anything. */
export function matchesTagged(pattern: Expr, tag: string): boolean {
  if (pattern.kind === 'variable') return true;
  if (pattern.kind === 'match') return matchesTagged(pattern.pattern, tag) && matchesTagged(pattern.value, tag);
  if (pattern.kind !== 'tuple') return false;
  const [first] = pattern.items;
  return first?.kind === 'variable' || (first?.kind === 'atom' && first.value === tag);
}

/** Whether a pattern names the tag: `{:badrpc, reason}`. */
export function namesTag(pattern: Expr, tag: string): boolean {
  if (pattern.kind === 'match') return namesTag(pattern.pattern, tag) || namesTag(pattern.value, tag);
  const [first] = pattern.kind === 'tuple' ? pattern.items : [];
  return first?.kind === 'atom' && first.value === tag;
}
