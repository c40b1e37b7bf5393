/** Callbacks of `Phoenix.Tracker` and `Phoenix.Presence` that run on every node for each change, in the process of the tracker. */
import type { Call, Capture, Expr } from '../elixir/ir';
import { ancestorsOf, type FileFacts, type FunctionClause, type FunctionDef, functionClauseOf } from './facts';
import { calledFunction, everyCallSeen } from './values';

const callbacks: Readonly<Record<string, readonly string[]>> = {
  'Phoenix.Tracker': ['handle_diff/2'],
  'Phoenix.Presence': ['handle_metas/4', 'handle_diff/2'],
};

/** A function of a tracker that runs on every node for each change. */
export interface DiffCallback {
  readonly def: FunctionDef;
  /** The clauses of the callback, and those of the private functions that run for it. */
  readonly clauses: readonly FunctionClause[];
}

/** The callbacks of all trackers of the file. */
export function diffCallbacks(file: FileFacts): readonly DiffCallback[] {
  return file.modules.flatMap((module) => {
    const names = module.behaviours.flatMap((behaviour) => callbacks[behaviour] ?? []);
    const defs = module.functions.filter((def) => names.includes(`${def.name}/${def.arity}`));
    return defs.map((def) => ({ def, clauses: reachedBy(file, def) }));
  });
}

function reachedBy(file: FileFacts, def: FunctionDef): readonly FunctionClause[] {
  const reached = new Set<FunctionDef>([def]);
  for (const each of reached) {
    for (const call of callsInside(file, each.clauses)) {
      const callee = call.kind === 'call' ? calledFunction(file, call) : undefined;
      if (callee && everyCallSeen(file, callee) && !runsElsewhere(file, call)) reached.add(callee);
    }
  }
  return [...reached].flatMap((each) => each.clauses);
}

/** The calls that stand in the clauses, and the functions that are handed on there, in the order of the text. */
export function callsInside(file: FileFacts, clauses: readonly FunctionClause[]): readonly (Call | Capture)[] {
  return file.exprs.filter((e): e is Call | Capture => {
    if (e.kind !== 'call' && e.kind !== 'capture') return false;
    const clause = functionClauseOf(file, e);
    return clause !== undefined && clauses.includes(clause);
  });
}

const starts =
  /^(?:start_child|start|start_link|async|async_nolink|async_stream|async_stream_nolink|spawn|spawn_link|spawn_monitor|apply_after)$/;

/** Whether another process runs the expression: it stands in a function that is handed to a task. */
export function runsElsewhere(file: FileFacts, e: Expr): boolean {
  for (const ancestor of ancestorsOf(file, e)) {
    if (
      ancestor.kind === 'call' &&
      starts.test(ancestor.name) &&
      /^(?:Task|Task\.Supervisor|Kernel|Node|Process|:timer)$/.test(ancestor.module ?? '')
    ) {
      return true;
    }
  }
  return false;
}
