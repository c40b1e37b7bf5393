import type { Expr } from '../../elixir/ir';
import { descendants } from '../../elixir/ir';
import { type AbsentInsert, absentInserts, harmOf } from '../../facts/absence';
import { bindingOf } from '../../facts/bindings';
import { callsTo, type FileFacts, textOf } from '../../facts/facts';
import { protectionOf } from '../../facts/protection';
import { isOwnKey, isShared, mayBeCallback, tableOf } from '../../facts/stores';
import { definitionOf } from '../../facts/values';
import { makesLineTooLong, replace } from '../../fix';
import type { Fix, Rule } from '../../rule';
import type { Range, TextEdit } from '../../text';

const harms = {
  'started twice': 'both start what follows',
  'counts lost': 'the second insert sets back what was counted since',
  'two winners': 'both are told that they were first',
} as const;

export default {
  id: 'ets-check-then-insert',
  summary: 'An ETS row decides who is first, and is looked for and inserted in two steps.',
  category: 'consistency',
  severity: 'warning',
  fixable: 'safe',
  rationale: `
    Between \`:ets.member/2\` and \`:ets.insert/2\` another process can ask the same question and get the same answer. Then two callers hold the
    lock, two workers are started for one key, or a counter that has been counted up starts again at one. It needs load to show, and shows then.

    \`:ets.insert_new/2\` looks and inserts in one step, and says whether it did; a counter needs no question at all:
    \`:ets.update_counter(table, key, 1, {key, 0})\`.

    Reported where the branch for the absent row starts something, where the other branch counts, or where the two answer yes and no, on a table that
    several processes can write. A cache that computes a value again is left alone: that costs time, no more. So are keys that hold the caller's own
    pid, code under a lock, and the callbacks of one process.

    The fix inserts first and asks whether that worked. It is offered where the insert comes first in its branch.`,
  references: [
    'https://www.erlang.org/doc/apps/stdlib/ets.html#insert_new/2',
    'https://www.erlang.org/doc/apps/stdlib/ets.html#update_counter/4',
  ],
  examples: [
    {
      title: 'A lock',
      bad: `
        def lock(name) do
          if :ets.member(:locks, name) do
            {:error, :taken}
          else
            :ets.insert(:locks, {name, self()})
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            :ok
          end
        end`,
      good: `
        def lock(name) do
          if not :ets.insert_new(:locks, {name, self()}) do
            {:error, :taken}
          else
            :ok
          end
        end`,
    },
    {
      title: 'A worker for each key',
      bad: `
        def ensure(key) do
          unless :ets.member(:workers, key) do
            :ets.insert(:workers, {key, :starting})
        #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            DynamicSupervisor.start_child(Shop.Workers, {Shop.Worker, key})
          end
        end`,
      good: `
        def ensure(key) do
          if :ets.insert_new(:workers, {key, :starting}) do
            DynamicSupervisor.start_child(Shop.Workers, {Shop.Worker, key})
          end
        end`,
    },
    {
      title: 'The first hit',
      bad: `
        def hit(key) do
          case :ets.member(:hits, key) do
            false ->
              :ets.insert(:hits, {key, 1})
        #     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              1

            true ->
              :ets.update_counter(:hits, key, 1)
          end
        end`,
      good: `
        def hit(key) do
          case :ets.insert_new(:hits, {key, 1}) do
            true ->
              1

            false ->
              :ets.update_counter(:hits, key, 1)
          end
        end`,
    },
    {
      title: 'Started before it is inserted',
      bad: `
        def worker(key) do
          case :ets.lookup(:workers, key) do
            [] ->
              {:ok, pid} = DynamicSupervisor.start_child(Shop.Workers, {Shop.Worker, key})
              :ets.insert(:workers, {key, pid})
        #     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              pid

            [{_key, pid}] ->
              pid
          end
        end`,
    },
    {
      title: 'A cache',
      good: `
        def fetch(key, fun) do
          case :ets.lookup(:cache, key) do
            [{_key, value}] ->
              value

            [] ->
              value = fun.()
              :ets.insert(:cache, {key, value})
              value
          end
        end`,
    },
    {
      title: 'The table of one process',
      good: `
        defmodule Workers do
          use GenServer

          def init(_opts), do: {:ok, :ets.new(:workers, [:named_table, :protected])}

          def handle_call({:ensure, key}, _from, table) do
            unless :ets.member(table, key) do
              :ets.insert(table, {key, :starting})
              DynamicSupervisor.start_child(Shop.Workers, {Shop.Worker, key})
            end

            {:reply, :ok, table}
          end
        end`,
    },
    { title: 'One step', good: 'if :ets.insert_new(:locks, {name, self()}), do: :ok, else: {:error, :taken}' },
  ],
  triggers: { calls: [':ets.insert/2'] },

  *check(file) {
    for (const found of absentInserts(file)) {
      const { asked, insert, table, key } = found;
      const harm = harmOf(file, found);
      if (
        !harm ||
        !isShared(file, insert) ||
        mayBeCallback(file, insert) ||
        !isWritableByMany(file, table) ||
        isOwnKey(file, key) ||
        protectionOf(file, insert)
      )
        continue;
      const fix = insertFirst(file, found);
      yield {
        range: insert.range,
        message: `Two processes can both find this row absent: ${harms[harm]}. Use \`:ets.insert_new/2\`${harm === 'counts lost' ? ', or `:ets.update_counter/4` alone' : ' and look at its answer'}.`,
        related: [{ message: 'The row is looked for here.', range: asked.range }],
        ...(fix && { fix }),
      };
    }
  },
} satisfies Rule;

/** A public table; one with a name that somebody else creates; one of a file that makes public tables only. */
function isWritableByMany(file: FileFacts, table: Expr): boolean {
  const known = tableOf(file, table);
  if (known) return known.access === 'public';
  const name = definitionOf(file, table);
  if (name.kind === 'atom' || name.kind === 'alias' || name.kind === 'attribute') return true;
  const created = callsTo(file, [':ets.new/2']).map((call) => call.args[1] && definitionOf(file, call.args[1]));
  return created.length > 0 && created.every((o) => o?.kind === 'list' && o.items.some((i) => i.kind === 'atom' && i.value === 'public'));
}

/** The insert takes the place of the question, where it is the first thing that its branch does. */
function insertFirst(file: FileFacts, { asked, insert, branch }: AbsentInsert): Fix | undefined {
  const [table, row] = insert.args;
  const { absent } = branch;
  if (!table || !row || absent.kind !== 'block' || absent.body[0] !== insert || absent.body.length < 2 || asked.piped || insert.piped)
    return undefined;
  if (bindsWithin(file, row, branch.at)) return undefined;
  const line = wholeLines(file, insert.range);
  const insertNew = `:ets.insert_new(${textOf(file, table.range)}, ${textOf(file, row.range)})`;
  const question = branch.kind === 'if' ? ifQuestion(branch.at, absent, insertNew) : caseQuestion(branch.clauses, asked, insertNew);
  if (!line || !question) return undefined;
  const edits = [...question, replace(line, '')];
  return { title: 'Insert and ask in one step', edits, safety: makesLineTooLong(file.text, edits) ? 'unsafe' : 'safe' };
}

/** The branch for the absent row runs when the row was inserted. */
function ifQuestion(at: Extract<Expr, { kind: 'if' }>, absent: Expr, insertNew: string): readonly TextEdit[] {
  // Of `unless` the branches are swapped.
  const first = at.unless ? at.alternative : at.consequent;
  return [replace({ start: at.range.start, end: at.condition.range.end }, first === absent ? `if ${insertNew}` : `if not ${insertNew}`)];
}

/** `true` for the absent row, `false` for the other; only where there are just these two clauses. */
function caseQuestion(
  clauses: Extract<AbsentInsert['branch'], { kind: 'case' }>['clauses'],
  asked: Expr,
  insertNew: string,
): readonly TextEdit[] | undefined {
  const [first, second, ...more] = clauses;
  const [a, b] = [first?.patterns[0], second?.patterns[0]];
  if (!a || !b || more.length > 0 || a.kind !== 'atom' || b.kind !== 'atom' || first?.guard || second?.guard) return undefined;
  const turned = (pattern: Expr): TextEdit =>
    replace(pattern.range, pattern.kind === 'atom' && pattern.value === 'false' ? 'true' : 'false');
  return [replace(asked.range, insertNew), turned(a), turned(b)];
}

function bindsWithin(file: FileFacts, row: Expr, at: Expr): boolean {
  return [...descendants(row)].some((e) => {
    const made = e.kind === 'variable' ? bindingOf(file, e)?.at : undefined;
    return made !== undefined && made.range.start >= at.range.start && made.range.end <= at.range.end;
  });
}

/** The lines of a statement that has them for itself. */
function wholeLines(file: FileFacts, { start, end }: Range): Range | undefined {
  const from = file.text.lastIndexOf('\n', start - 1) + 1;
  const next = file.text.indexOf('\n', end);
  if (next < 0 || file.text.slice(from, start).trim() !== '' || file.text.slice(end, next).trim() !== '') return undefined;
  return { start: from, end: next + 1 };
}
