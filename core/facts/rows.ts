/** Rows that are written back after they were read: which of their columns are new, and which are copied. */
import type { Call, Expr } from '../elixir/ir';
import { bindingOf } from './bindings';
import type { FileFacts } from './facts';
import { definitionOf, dependsOn } from './values';

/** Columns by their position in the tuple. */
export type Columns = ReadonlySet<number>;

/**
 * The columns that a write sets to something of its own, where it copies all others from the row that was read; undefined where a column is
 * computed from that row, or it is not seen. `first`: the position behind the key.
 */
export function columnsSet(file: FileFacts, row: Expr, read: Call, first: number): Columns | undefined {
  const set = new Set<number>();
  let at = definitionOf(file, row);
  while (at.kind === 'call' && at.name === 'put_elem' && at.args.length === 3) {
    const [before, index, value] = at.args;
    if (!before || !value || index?.kind !== 'integer' || dependsOn(file, value, read)) return undefined;
    set.add(index.value);
    at = definitionOf(file, before);
  }
  if (at.kind !== 'tuple') return set.size > 0 ? set : undefined;
  for (const [index, item] of at.items.entries()) {
    if (index < first) continue;
    if (!dependsOn(file, item, read)) set.add(index);
    else if (!isColumn(file, item, index) && !set.has(index)) return undefined;
  }
  return set;
}

/** A variable that the same position of a pattern binds. */
function isColumn(file: FileFacts, e: Expr, index: number): boolean {
  const source = e.kind === 'variable' ? bindingOf(file, e)?.source : undefined;
  const last = source && 'path' in source ? source.path.at(-1) : undefined;
  return last?.step === 'tuple' && last.index === index;
}

/**
 * Whether an update that sets these columns undoes nothing of what the others of its table do: it sets values of its own, and they set no column
 * that it copies. False where what one of them sets is not known.
 */
export function undoesNothing(set: Columns | undefined, others: readonly (Columns | undefined)[]): boolean {
  return set !== undefined && others.every((other) => other !== undefined && [...other].every((column) => set.has(column)));
}
