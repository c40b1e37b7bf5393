/** Who hangs while a call waits: as far as this file shows. */

import type { Call, Expr } from '../elixir/ir';
import { processBehaviours } from '../elixir/kernel';
import { type FileFacts, type FunctionClause, type FunctionDef, functionClauseOf } from './facts';
import { runsElsewhere } from './tracker';
import { callersOf } from './values';

export type Waiter =
  /** A process whose callback runs the call: all that is in its mailbox waits too. */
  | { readonly kind: 'process'; readonly callback: string }
  /** An HTTP or socket request. */
  | { readonly kind: 'request' };

/** Who waits for `call`, where that can be seen: the function or those that call it in this file. */
export function waiterOf(file: FileFacts, call: Call): Waiter | undefined {
  const clause = functionClauseOf(file, call);
  return clause && handlerReaching(file, clause, call);
}

function handlerReaching(file: FileFacts, clause: FunctionClause, e: Expr, seen = new Set<FunctionDef>()): Waiter | undefined {
  if (runsElsewhere(file, e)) return undefined;
  const { def } = clause;
  const own = handlerOf(clause);
  if (own) return own;
  if (seen.has(def)) return undefined;
  seen.add(def);
  for (const call of callersOf(file, def)) {
    const caller = functionClauseOf(file, call);
    const found = caller && handlerReaching(file, caller, call, seen);
    if (found) return found;
  }
  return undefined;
}

function handlerOf(clause: FunctionClause): Waiter | undefined {
  const { def } = clause;
  const behaviour = def.callback?.slice(0, def.callback.lastIndexOf('.'));
  if (behaviour && processBehaviours.has(behaviour)) return { kind: 'process', callback: def.name };
  // With `callback_mode: :state_functions` the callbacks bear the names of states.
  if (def.kind === 'def' && def.arity === 3 && def.module.behaviours.some((b) => /gen_statem|GenStateMachine/.test(b))) {
    return { kind: 'process', callback: def.name };
  }
  if (behaviour === 'Plug' || clause.clause.patterns.some(isConnection)) return { kind: 'request' };
  return undefined;
}

/** `conn`, `%Plug.Conn{} = conn`. */
function isConnection(pattern: Expr): boolean {
  if (pattern.kind === 'match') return isConnection(pattern.pattern) || isConnection(pattern.value);
  if (pattern.kind === 'map') return pattern.struct?.kind === 'alias' && pattern.struct.name === 'Plug.Conn';
  return pattern.kind === 'variable' && pattern.name === 'conn';
}
