import type { Call, Expr } from '../../elixir/ir';
import { type Binding, bindingOf, usesOf } from '../../facts/bindings';
import { type FileFacts, functionClauseOf, parentOf, textOf } from '../../facts/facts';
import { type Columns, columnsSet, undoesNothing } from '../../facts/rows';
import { etsApi, isShared, type LostUpdate, lostUpdates, mayBeCallback, tableOf } from '../../facts/stores';
import { definitionOf, sameValue } from '../../facts/values';
import { makesLineTooLong, replace } from '../../fix';
import type { Fix, Rule } from '../../rule';
import type { Range, TextEdit } from '../../text';

export default {
  id: 'ets-read-modify-write',
  summary: 'A value is looked up in an ETS table, changed and inserted again while other processes do the same.',
  category: 'consistency',
  severity: 'warning',
  fixable: 'unsafe',
  rationale: `
    Each ETS operation is atomic, two of them are not. When two processes look up 41 and both insert 42, one increment is gone; a rate limiter
    lets too much through, a quota is never reached, a balance is wrong. It happens under load only, so tests pass.

    Reported when the inserted value is computed from the one looked up under the same key, and the table can be written by several
    processes: it is public, or it is named and the function can be called by anybody. Silent inside callbacks of the one process that owns
    the table, under a lock, and for memoisation, where the inserted value does not depend on the old one. Where the one update of a table sets
    columns to values of its own and copies the rest, there is little to lose: that is information.

    The fix uses \`:ets.update_counter\` where the change is an addition; it answers the new value instead of \`true\`. For other changes use
    \`:ets.select_replace/2\` with the old value in the pattern, or let one process do all writes.`,
  references: ['https://www.erlang.org/doc/apps/stdlib/ets.html#update_counter/4', 'https://github.com/ExHammer/hammer/issues/129'],
  examples: [
    {
      title: 'A counter, missing at first',
      bad: `
        defmodule Hits do
          def new, do: :ets.new(:hits, [:named_table, :public])

          def hit(page) do
            case :ets.lookup(:hits, page) do
              [{_, count}] -> :ets.insert(:hits, {page, count + 1})
              #               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              [] -> :ets.insert(:hits, {page, 1})
            end

            :ok
          end
        end`,
      good: `
        defmodule Hits do
          def new, do: :ets.new(:hits, [:named_table, :public])

          def hit(page) do
            :ets.update_counter(:hits, page, {2, 1}, {page, 0})

            :ok
          end
        end`,
    },
    {
      title: 'A counter that is there',
      bad: `
        def take(table, id) do
          [{^id, left}] = :ets.lookup(@quota, id)
          :ets.insert(@quota, {id, left - 1})
        # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          table
        end`,
      good: `
        def take(table, id) do
          :ets.update_counter(@quota, id, {2, -1})
          table
        end`,
    },
    {
      title: 'A list that grows',
      bad: `
        def subscribe(topic, pid) do
          pids =
            case :ets.lookup(:subscribers, topic) do
              [{_, pids}] -> pids
              [] -> []
            end

          :ets.insert(:subscribers, {topic, [pid | pids]})
        # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'Memoisation: the value does not depend on the old one',
      good: `
        def cached(key, fun) do
          case :ets.lookup(:cache, key) do
            [{_, value}] ->
              value

            [] ->
              value = fun.()
              :ets.insert(:cache, {key, value})
              value
          end
        end`,
    },
    {
      title: 'Only the owner writes',
      good: `
        defmodule Counter do
          use GenServer

          def init(_), do: {:ok, :ets.new(:counts, [:named_table, :protected])}

          def handle_call({:hit, key}, _from, table) do
            [{_, n}] = :ets.lookup(:counts, key)
            :ets.insert(:counts, {key, n + 1})
            {:reply, :ok, table}
          end
        end`,
    },
    {
      title: 'Under a lock',
      good: `
        def add(key) do
          :global.trans({{:counts, key}, self()}, fn ->
            [{_, n}] = :ets.lookup(:counts, key)
            :ets.insert(:counts, {key, n + 1})
          end)
        end`,
    },
    { title: 'One operation', good: ':ets.update_counter(:hits, page, {2, 1}, {page, 0})' },
  ],
  triggers: { calls: [':ets.insert/2', ':ets.update_element/3'] },

  *check(file) {
    const reported = new Set<number>();
    const updates = lostUpdates(file, etsApi(file));
    for (const update of updates) {
      const { read, write } = update;
      if (reported.has(write.call.id) || !write.store || !isShared(file, write.call) || !isWritableByMany(file, write.store)) continue;
      reported.add(write.call.id);
      const fix = useUpdateCounter(file, update);
      yield {
        range: write.call.range,
        ...((tableOf(file, write.store)?.certain === false || mayBeCallback(file, write.call) || isAlone(file, update, updates)) && {
          severity: 'info' as const,
        }),
        message:
          'Another process can write this key between the lookup and the insert, and its update is lost. Use `:ets.update_counter/4`, `:ets.select_replace/2`, or let one process write.',
        related: [{ message: 'The value is looked up here.', range: read.call.range }],
        ...(fix && { fix }),
      };
    }
  },
} satisfies Rule;

/** Whether nothing that the other updates of the same table do is undone by this one. */
function isAlone(file: FileFacts, { read, write }: LostUpdate, updates: readonly LostUpdate[]): boolean {
  const setsOf = (from: Call, to: Call): Columns | undefined =>
    to.name === 'insert' && to.args[1] ? columnsSet(file, to.args[1], from, 1) : undefined;
  const others = updates.filter(
    (other) => other.write.call !== write.call && write.store && other.write.store && sameValue(file, write.store, other.write.store),
  );
  const theirs = others.map((other) => setsOf(other.read.call, other.write.call));
  return undoesNothing(setsOf(read.call, write.call), theirs);
}

/** A public table, or a named one that somebody else creates. */
function isWritableByMany(file: FileFacts, table: Expr): boolean {
  const known = tableOf(file, table);
  if (known) return known.access === 'public';
  const name = definitionOf(file, table);
  return name.kind === 'atom' || name.kind === 'alias' || name.kind === 'attribute';
}

/** `count + n` or `count - n` of a looked up column becomes one `:ets.update_counter`. */
function useUpdateCounter(file: FileFacts, { read, write }: LostUpdate): Fix | undefined {
  const row = write.call.args[1];
  if (!write.store || !write.key || row?.kind !== 'tuple' || row.items.length !== 2 || row.items[1] !== write.value) return undefined;
  const step = additionOf(write.value);
  const binding = step && bindingOf(file, step.counter);
  const column = binding?.source.from === 'value' && binding.source.expr === read.call ? binding.source.path[1] : undefined;
  if (!binding || !step || column?.step !== 'tuple' || column.index !== 1 || column.size !== 2 || usesOf(file, binding).length !== 1)
    return undefined;
  const place = `${textOf(file, write.store.range)}, ${textOf(file, write.key.range)}, {2, ${step.by}}`;
  const edits = matchedShape(file, binding, read.call, write.call.range, place) ?? caseShape(file, read.call, write, step.by, place);
  if (!edits) return undefined;
  const fix: Fix = { title: 'Use `:ets.update_counter`', edits };
  return makesLineTooLong(file.text, edits) ? undefined : fix;
}

function additionOf(value: Expr): { readonly counter: Extract<Expr, { kind: 'variable' }>; readonly by: number } | undefined {
  if (value.kind !== 'binary' || (value.operator !== '+' && value.operator !== '-')) return undefined;
  const { left, right } = value;
  if (left.kind === 'variable' && right.kind === 'integer')
    return { counter: left, by: value.operator === '+' ? right.value : -right.value };
  return right.kind === 'variable' && left.kind === 'integer' && value.operator === '+' ? { counter: right, by: left.value } : undefined;
}

/** `[{_, n}] = :ets.lookup(…)` on a line of its own, then the insert. */
function matchedShape(file: FileFacts, binding: Binding, read: Expr, insert: Range, place: string): readonly TextEdit[] | undefined {
  const match = parentOf(file, read);
  if (match?.kind !== 'match' || match.value !== read || parentOf(file, match)?.kind !== 'block' || binding.clause) return undefined;
  const start = file.text.lastIndexOf('\n', match.range.start - 1) + 1;
  const end = file.text.indexOf('\n', match.range.end) + 1;
  if (end === 0 || file.text.slice(start, match.range.start).trim() !== '' || file.text.slice(match.range.end, end).trim() !== '')
    return undefined;
  return [replace({ start, end }, ''), replace(insert, `:ets.update_counter(${place})`)];
}

/** `case :ets.lookup(…) do [{_, n}] -> insert n + 1; [] -> insert 1 end`. */
function caseShape(file: FileFacts, read: Expr, write: LostUpdate['write'], by: number, place: string): readonly TextEdit[] | undefined {
  const branch = parentOf(file, read);
  if (branch?.kind !== 'case' || branch.subject !== read || branch.clauses.length !== 2) return undefined;
  const other = branch.clauses.find((c) => c.body !== write.call);
  const first = other?.body;
  const [pattern] = other?.patterns ?? [];
  if (
    pattern?.kind !== 'list' ||
    pattern.items.length > 0 ||
    other?.guard ||
    !branch.clauses.some((c) => c.body === write.call && !c.guard)
  )
    return undefined;
  if (first?.kind !== 'call' || `${first.module}.${first.name}` !== ':ets.insert') return undefined;
  const row = first.args[1];
  const initial = row?.kind === 'tuple' && row.items.length === 2 ? row.items[1] : undefined;
  if (initial?.kind !== 'integer' || !write.key || functionClauseOf(file, branch) === undefined) return undefined;
  const key = textOf(file, write.key.range);
  return [replace(branch.range, `:ets.update_counter(${place}, {${key}, ${initial.value - by}})`)];
}
