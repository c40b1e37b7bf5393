/** Processes that a process was told of: they may be on any node that can reach it. */
import type { Call, Expr, Variable } from '../elixir/ir';
import { bindingAt, bindingOf, type Path, usesOf } from './bindings';
import { fieldName } from './clocks';
import { callsTo, type FileFacts, moduleOf, parentOf } from './facts';
import { fieldWrites, type Origin, originsOf } from './origins';

/** Whether the value is taken from a message that its process received, now or when it was put into the state or a table of ETS. */
export function isSentProcess(file: FileFacts, e: Expr): boolean {
  const origins = originsOf(file, e);
  if (origins.some(isMessage)) return true;
  const field = fieldName(origins);
  if (field !== undefined && fieldWrites(file, e, field).some((write) => originsOf(file, write).some(isMessage))) return true;
  return e.kind === 'variable' && isKeptInTable(file, e);
}

/** A part of what `handle_call`, `handle_cast` or `handle_info` is given; not of what the runtime itself tells. */
function isMessage(origin: Origin): boolean {
  if (origin.kind !== 'parameter' || origin.path.length === 0) return false;
  const { clause, index } = origin;
  const [message] = clause.clause.patterns;
  const tag = message?.kind === 'tuple' ? message.items[0] : undefined;
  if (tag?.kind === 'atom' && /^[A-Z]+$/.test(tag.value)) return false;
  return (
    /\.handle_(?:call\/3|cast\/2|info\/2)$/.test(clause.def.callback ?? '') && (index === 0 || (index === 1 && clause.def.arity === 3))
  );
}

/** An element of a table, into which the module inserts something that it was sent. */
function isKeptInTable(file: FileFacts, e: Variable): boolean {
  const source = bindingOf(file, e)?.source;
  if (source?.from !== 'argument' || source.index !== 0) return false;
  if (!takersOf(file, source.fn).some((call) => call.module === ':ets' && /^fold[lr]$/.test(call.name))) return false;
  return callsTo(file, [':ets.insert/2', ':ets.insert_new/2']).some((insert) => {
    const [, row] = insert.args;
    const item = row && moduleOf(file, insert) === moduleOf(file, e) ? itemAt(row, source.path) : undefined;
    return item !== undefined && originsOf(file, item).some(isMessage);
  });
}

/** The calls that are given the function, also by the variable to which it is bound. */
function takersOf(file: FileFacts, fn: Expr): readonly Call[] {
  const parent = parentOf(file, fn);
  if (parent?.kind === 'call') return [parent];
  const binding = parent?.kind === 'match' && parent.pattern.kind === 'variable' ? bindingAt(file, parent.pattern) : undefined;
  const uses = binding ? usesOf(file, binding) : [];
  return uses.map((use) => parentOf(file, use)).filter((by) => by?.kind === 'call');
}

function itemAt(row: Expr, path: Path): Expr | undefined {
  const [step, ...rest] = path;
  if (step?.step !== 'tuple' || rest.length > 0 || row.kind !== 'tuple' || row.items.length !== step.size) return undefined;
  return row.items[step.index];
}
