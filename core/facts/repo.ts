/** Ecto: rows that are read, and fields that an update sets. */
import { type Call, descendants, type Expr, pairsOf } from '../elixir/ir';
import { callsTo, type FileFacts } from './facts';
import { allOrigins, originsOf } from './origins';
import { definitionOf, dependsOn, sameValue } from './values';

/** A field that an update sets to a value computed from the same field of the same row. */
export interface FieldUpdate {
  readonly update: Call;
  readonly field: string;
  readonly value: Expr;
  /** Where the row is read; absent where it is handed in. */
  readonly read?: Call;
}

/** Every field that `Repo.update` sets to a number computed from what the row held. */
export function fieldUpdates(file: FileFacts): readonly FieldUpdate[] {
  const found = new Map<number, FieldUpdate>();
  for (const update of updates(file)) {
    for (const { field, value, row } of changes(file, update)) {
      const computed = definitionOf(file, value);
      if (computed.kind !== 'binary' || !/^[-+*/]$/.test(computed.operator) || found.has(value.id)) continue;
      if (!takesField(file, computed, row, field) || !isRow(file, row)) continue;
      const read = readOf(file, row);
      found.set(value.id, { update, field, value, ...(read && { read }) });
    }
  }
  return [...found.values()];
}

function updates(file: FileFacts): readonly Call[] {
  const names = [...file.calls.keys()].filter((name) => /(?:^|\.)Repo\.update!?$/.test(name));
  return callsTo(file, names);
}

interface Change {
  readonly field: string;
  readonly value: Expr;
  /** The struct that is changed. */
  readonly row: Expr;
}

/** The fields that the changeset of an update sets. */
function changes(file: FileFacts, update: Call): readonly Change[] {
  const found: Change[] = [];
  for (let at = update.args[0], hops = 0; at && hops < 10; hops++) {
    const value = definitionOf(file, at);
    if (value.kind !== 'call') break;
    const [row, given, single] = value.args;
    if (/change(?:set)?$|^change|^cast$/.test(value.name) && row && given) {
      const base = value.name === 'put_change' ? baseOf(file, row) : row;
      if (value.name === 'put_change' || value.name === 'force_change') {
        if (given.kind === 'atom' && single && base) found.push({ field: given.value, value: single, row: base });
      } else {
        for (const pair of pairsOf(definitionOf(file, given))) {
          if (pair.key.kind === 'atom') found.push({ field: pair.key.value, value: pair.value, row });
        }
      }
    }
    at = row;
  }
  return found;
}

/** The struct at the beginning of a chain of changes. */
function baseOf(file: FileFacts, e: Expr): Expr | undefined {
  let at: Expr | undefined = e;
  for (let hops = 0; at && hops < 10; hops++) {
    const value: Expr = definitionOf(file, at);
    if (value.kind !== 'call' || /(?:^|\.)Repo$/.test(value.module ?? '')) return at;
    at = value.args[0];
  }
  return undefined;
}

const reading = /^(?:get|get_by|one|reload|fetch|fetch_by)!?$/;

/** The call that reads the row, where it is certain. */
function readOf(file: FileFacts, row: Expr): Call | undefined {
  for (const origin of originsOf(file, row)) {
    if (origin.kind === 'call' && /(?:^|\.)Repo$/.test(origin.at.module ?? '') && reading.test(origin.at.name)) return origin.at;
  }
  return undefined;
}

/** What was read here, or is handed in as it was read: whoever made the row would not add to what it holds. */
function isRow(file: FileFacts, row: Expr): boolean {
  if (readOf(file, row)) return true;
  return allOrigins(originsOf(file, row), (origin) => origin.kind === 'parameter' || origin.kind === 'field');
}

/** Whether the value is computed from this field of this row. */
function takesField(file: FileFacts, value: Expr, row: Expr, field: string): boolean {
  return [...descendants(value)].some(
    (e) =>
      e.kind === 'field' && e.name === field && (sameValue(file, e.subject, row) || dependsOn(file, e.subject, definitionOf(file, row))),
  );
}
