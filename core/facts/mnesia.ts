/** Mnesia: tables, where their copies are, and what becomes of them in a partition. */
import { type Call, type Expr, keywordValue, type Pair, pairsOf, stringValue } from '../elixir/ir';
import { bindingOf } from './bindings';
import { ancestorsOf, callsTo, type FileFacts, functionClauseOf } from './facts';
import { originsOf } from './origins';
import { protectionOf } from './protection';
import { type Columns, columnsSet, undoesNothing } from './rows';
import { definitionOf, dependsOn, precedes, sameValue } from './values';

export interface MnesiaTable {
  /** `:mnesia.create_table/2`, `Memento.Table.create/2`. */
  readonly created: Call;
  readonly name: Expr;
  /** The options, where they are written out. */
  readonly options: Expr | undefined;
  /** `disc_copies: nodes` and the like. */
  readonly copies: readonly Pair[];
}

const copyTypes = ['ram_copies', 'disc_copies', 'disc_only_copies'] as const;

/** Tables that the file creates. */
export function tablesIn(file: FileFacts): readonly MnesiaTable[] {
  return callsTo(file, [':mnesia.create_table/2', 'Memento.Table.create/2', 'Memento.Table.create!/2']).flatMap((created) => {
    const [name, given] = created.args;
    const value = given && definitionOf(file, given);
    const options = value?.kind === 'list' && !value.tail ? value : undefined;
    const copies = pairsOf(options).filter(({ key }) => key.kind === 'atom' && copyTypes.some((type) => type === key.value));
    return name ? [{ created, name, options, copies }] : [];
  });
}

/** Whether nodes are certainly, or by their name, more than one: a list of several, the visible nodes, configured members. */
export function areSeveralNodes(file: FileFacts, nodes: Expr): boolean {
  const value = definitionOf(file, nodes);
  if (value.kind === 'list' && !value.tail) return value.items.length > 1;
  return originsOf(file, nodes).some((origin) => {
    if (origin.kind === 'nodes') return !origin.counted;
    return origin.kind === 'setting' && origin.at.args.some((arg) => /nodes|members|cluster|hosts/.test(nameIn(arg)));
  });
}

/** Whether the option of the table is `true`. */
export function isOn(file: FileFacts, table: MnesiaTable, option: string): boolean {
  const value = keywordValue(table.options, option);
  const literal = value && definitionOf(file, value);
  return literal !== undefined && !(literal.kind === 'atom' && (literal.value === 'false' || literal.value === 'nil'));
}

function nameIn(e: Expr): string {
  return e.kind === 'atom' ? e.value : (stringValue(e) ?? '').toLowerCase();
}

/** A row that is read, changed and written back, while another process or node may write it. */
export interface RowUpdate {
  readonly read: Call;
  readonly write: Call;
  /** `dirty`: nothing guards either; `outside`: the write is in a transaction, and what it depends on was read before. */
  readonly kind: 'dirty' | 'outside';
  /** The value is a number of the row that something is added to, or taken from. */
  readonly counts: boolean;
  readonly table: Expr | undefined;
  /** What it sets, where it copies the rest of the row. */
  readonly sets: Columns | undefined;
}

interface RowRead {
  readonly call: Call;
  readonly table: Expr | undefined;
  /** Absent where rows are looked up by something else. */
  readonly key: Expr | undefined;
}

/** Updates of rows that can get lost, in the order of their writes. */
export function rowUpdates(file: FileFacts): readonly RowUpdate[] {
  const reads = rowReads(file);
  if (reads.length === 0) return [];
  const writes = callsTo(file, [':mnesia.dirty_write/1', ':mnesia.dirty_write/2', ':mnesia.write/1', ':mnesia.write/3']);
  return writes.flatMap((write): RowUpdate[] => {
    const record = write.args.length === 1 ? write.args[0] : write.args[1];
    const clause = functionClauseOf(file, write);
    const transaction = transactionAround(file, write);
    if (!record || !clause || isGuarded(file, write)) return [];
    for (const read of reads) {
      if (functionClauseOf(file, read.call) !== clause || isGuarded(file, read.call) || !precedes(file, read.call, write)) continue;
      const changed = changedValue(file, read, write, record);
      if (!changed) continue;
      // A dirty write is one even in a transaction.
      const inTransaction = transaction !== undefined && !write.name.startsWith('dirty_');
      if (inTransaction && (transaction === transactionAround(file, read.call) || readsAgain(file, transaction))) continue;
      if (!inTransaction && !read.call.name.startsWith('dirty_') && !isInDirtyActivity(file, read.call)) continue;
      const kind = inTransaction ? 'outside' : 'dirty';
      const sets = columnsSet(file, record, read.call, 2);
      return [{ read: read.call, write, kind, counts: changed.kind === 'binary', table: read.table, sets }];
    }
    return [];
  });
}

/** Whether nothing that the other updates of the same table do is undone by this one. */
export function isAlone(file: FileFacts, { write, sets, table }: RowUpdate, updates: readonly RowUpdate[]): boolean {
  const others = updates.filter((other) => other.write !== write && (!table || !other.table || sameTerm(file, table, other.table)));
  const theirs = others.map((other) => other.sets);
  return undoesNothing(sets, theirs);
}

function rowReads(file: FileFacts): readonly RowRead[] {
  const byKey = callsTo(file, [
    ':mnesia.dirty_read/2',
    ':mnesia.read/2',
    ':mnesia.read/3',
    ':mnesia.wread/1',
    ':mnesia.dirty_read/1',
    ':mnesia.read/1',
  ]);
  const byValue = callsTo(file, [':mnesia.dirty_index_read/3', ':mnesia.dirty_match_object/2', ':mnesia.dirty_select/2']);
  return [
    ...byKey.map((call): RowRead => {
      const place = call.args.length === 1 && call.args[0] ? definitionOf(file, call.args[0]) : undefined;
      const [table, key] = place?.kind === 'tuple' ? place.items : call.args;
      return { call, table, key: place && place.kind !== 'tuple' ? undefined : key };
    }),
    ...byValue.map((call): RowRead => ({ call, table: call.args[0], key: undefined })),
  ];
}

/** What of the record is computed from the row that was read, where it is the same row. */
function changedValue(file: FileFacts, read: RowRead, write: Call, record: Expr): Expr | undefined {
  const value = definitionOf(file, record);
  if (value.kind !== 'tuple') {
    const sameTable = write.args.length === 1 || (read.table && write.args[0] && sameTerm(file, read.table, write.args[0]));
    return sameTable && value !== read.call && isMadeFrom(file, value, read.call) ? value : undefined;
  }
  const [table, key, ...values] = value.items;
  if (!table || !key || !read.table || !sameTerm(file, table, read.table)) return undefined;
  if (!(read.key && sameTerm(file, read.key, key)) && !isKeyOf(file, key, read.call)) return undefined;
  return values.map((v) => (dependsOn(file, v, read.call) ? definitionOf(file, v) : undefined)).find((v) => v !== undefined);
}

/** A call that is given the row, or a part of it: `put_elem(row, 2, value)`, `account(row, balance: 0)`. With another key it is another row. */
function isMadeFrom(file: FileFacts, value: Expr, read: Call): boolean {
  if (value.kind !== 'call' || value.args[0] === undefined || !dependsOn(file, value.args[0], read)) return false;
  for (let at: Expr = value; at.kind === 'call' && at.name === 'put_elem' && at.args[0]; at = definitionOf(file, at.args[0])) {
    const [, index] = at.args;
    if (index?.kind !== 'integer' || index.value < 2) return false;
  }
  return true;
}

/** The key is taken out of the row that was read: `[{:accounts, id, balance}] = :mnesia.dirty_read(…)`. */
function isKeyOf(file: FileFacts, key: Expr, read: Call): boolean {
  const binding = key.kind === 'variable' ? bindingOf(file, key) : undefined;
  if (!binding || (binding.source.from !== 'value' && binding.source.from !== 'element')) return false;
  const last = binding.source.path.at(-1);
  return last?.step === 'tuple' && last.index === 1 && dependsOn(file, binding.source.expr, read);
}

function sameTerm(file: FileFacts, a: Expr, b: Expr): boolean {
  return sameValue(file, a, b) || sameValue(file, definitionOf(file, a), definitionOf(file, b));
}

/** One process, or a lock, or a transaction of something else around the call. */
function isGuarded(file: FileFacts, call: Call): boolean {
  const protection = protectionOf(file, call);
  return protection !== undefined && !(protection.kind === 'transaction' && isMnesia(protection.by));
}

function isMnesia(call: Call | undefined): boolean {
  return call !== undefined && /^(?::mnesia|Memento)$/.test(call.module ?? '');
}

function transactionAround(file: FileFacts, e: Expr): Call | undefined {
  for (const ancestor of ancestorsOf(file, e)) {
    if (ancestor.kind !== 'call' || !isMnesia(ancestor)) continue;
    if (/^(?:sync_)?transaction!?$/.test(ancestor.name) || (ancestor.name === 'activity' && !isDirtyActivity(ancestor))) return ancestor;
  }
  return undefined;
}

function isInDirtyActivity(file: FileFacts, e: Expr): boolean {
  for (const ancestor of ancestorsOf(file, e))
    if (ancestor.kind === 'call' && ancestor.module === ':mnesia' && isDirtyActivity(ancestor)) return true;
  return false;
}

function isDirtyActivity(call: Call): boolean {
  const [kind] = call.args;
  return (
    /^(?:async_dirty|sync_dirty|ets)$/.test(call.name) ||
    (call.name === 'activity' && kind?.kind === 'atom' && /dirty|ets/.test(kind.value))
  );
}

function readsAgain(file: FileFacts, transaction: Call): boolean {
  return callsTo(file, [':mnesia.read', ':mnesia.wread']).some((call) => transactionAround(file, call) === transaction);
}
