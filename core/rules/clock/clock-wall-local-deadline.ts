import type { Call, Expr } from '../../elixir/ir';
import { bindingOf } from '../../facts/bindings';
import {
  clockField,
  comparisonsIn,
  directReading,
  fieldName,
  fieldReads,
  isReading,
  isShiftedReading,
  leaves,
  readingOf,
} from '../../facts/clocks';
import { callsTo, type FileFacts, moduleOf } from '../../facts/facts';
import { leaseWordsAround, outsideWords } from '../../facts/lease';
import { clockReads, originsOf } from '../../facts/origins';
import { sinksIn } from '../../facts/sinks';
import { sameValue } from '../../facts/values';
import { readMonotonic } from '../../fix-clock';
import type { Rule } from '../../rule';

export default {
  id: 'clock-wall-local-deadline',
  summary: 'A deadline that only this VM uses is kept in wall-clock time.',
  category: 'time',
  severity: 'info',
  fixable: 'unsafe',
  rationale: `
    "Now plus 30 seconds", compared with "now" later in the same VM. When the wall clock is stepped forward every entry expires at once, when
    it is stepped back nothing expires until it has caught up. Monotonic time has neither problem.

    Reported for a local variable, a field of the process's state, or a column of an ETS table of the module, when it is set from the wall
    clock plus something and compared with the wall clock. A deadline that leaves the VM (another node, a database, a cookie) must stay in
    wall-clock time, and so must one that somebody else computed, like the expiry of a token.`,
  references: ['https://hexdocs.pm/elixir/System.html#module-time'],
  examples: [
    {
      title: 'A retry loop',
      bad: `
        defmodule Retry do
          def run(fun), do: loop(fun, System.system_time(:millisecond) + 5_000)

          defp loop(fun, deadline) do
            if System.system_time(:millisecond) < deadline do
             # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              fun.() || loop(fun, deadline)
            else
              :timeout
            end
          end
        end`,
      good: `
        defmodule Retry do
          def run(fun), do: loop(fun, System.monotonic_time(:millisecond) + 5_000)

          defp loop(fun, deadline) do
            if System.monotonic_time(:millisecond) < deadline do
              fun.() || loop(fun, deadline)
            else
              :timeout
            end
          end
        end`,
    },
    {
      title: 'A column of a local table',
      bad: `
        defmodule Cache do
          def new, do: :ets.new(:cache, [:named_table, :public])

          def put(key, value) do
            :ets.insert(:cache, {key, value, System.system_time(:second) + 30})
          end

          def get(key) do
            case :ets.lookup(:cache, key) do
              [{_, value, expires}] ->
                if expires > System.system_time(:second), do: value
                #  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              [] -> nil
            end
          end
        end`,
    },
    {
      title: 'The deadline is told to other nodes, which share only the wall clock',
      good: `
        defmodule Breaker do
          def open(key) do
            until = System.system_time(:second) + 30
            :ets.insert(:breakers, {key, until})
            :erpc.multicast(Node.list(), __MODULE__, :opened, [key, until])
          end

          def open?(key) do
            [{_, until}] = :ets.lookup(:breakers, key)
            until > System.system_time(:second)
          end
        end`,
    },
    { title: 'Somebody else set it', good: `if token.expires_at > System.system_time(:second), do: :valid` },
  ],
  triggers: { calls: clockReads.wall },

  *check(file) {
    for (const { expr, left, right } of comparisonsIn(file)) {
      const [now, deadline] = isReading(file, left, 'wall') ? [left, right] : isReading(file, right, 'wall') ? [right, left] : [];
      if (!now || !deadline || moduleOf(file, expr)?.schema || outsideWords(file, deadline) || leaseWordsAround(file, expr, deadline))
        continue;
      const set = settersOf(file, deadline);
      if (set.length === 0) continue;
      const readings = [now, ...set].map((e) => directReading(file, e) ?? readingOf(file, e));
      const fix = readMonotonic(file, readings, 'Keep the deadline in monotonic time');
      yield {
        range: expr.range,
        message:
          'This deadline stays in this VM but is kept in wall-clock time: a clock step expires it early, or never. Use `System.monotonic_time/1`.',
        related: set.slice(0, 3).map((e) => ({ message: 'The deadline is set here.', range: e.range })),
        ...(fix && { fix }),
      };
    }
  },
} satisfies Rule;

/** The expressions that set the deadline, when all of them are the wall clock plus something and none leaves the VM. */
function settersOf(file: FileFacts, deadline: Expr): readonly Expr[] {
  if (isShiftedReading(file, deadline, 'wall')) {
    const reading = readingOf(file, deadline);
    return reading && !leavesVm(file) ? [reading] : [];
  }
  const field = clockField(file, deadline, 'wall', true);
  if (field) return leavesVm(file) || fieldReads(file, deadline, field.name).some((read) => leaves(file, read)) ? [] : field.writes;
  const column = columnOf(file, deadline);
  return column && fieldName(originsOf(file, deadline)) === undefined && !leavesVm(file) ? insertedInto(file, column) : [];
}

/** A file that hands times to other nodes or stores them may hand over this one. */
function leavesVm(file: FileFacts): boolean {
  return sinksIn(file).length > 0;
}

interface Column {
  readonly table: Expr;
  readonly index: number;
  readonly size: number;
}

/** The position in the table's tuples from which the variable was looked up. */
function columnOf(file: FileFacts, e: Expr): Column | undefined {
  if (e.kind !== 'variable') return undefined;
  const source = bindingOf(file, e)?.source;
  if (source?.from !== 'value' || source.expr.kind !== 'call') return undefined;
  const { expr, path } = source;
  const [list, tuple] = path;
  const table = expr.args[0];
  if (`${expr.module}.${expr.name}` !== ':ets.lookup' || list?.step !== 'list' || tuple?.step !== 'tuple' || path.length !== 2 || !table)
    return undefined;
  return { table, index: tuple.index, size: tuple.size };
}

function insertedInto(file: FileFacts, column: Column): readonly Expr[] {
  const inserts = callsTo(file, [':ets.insert/2']).filter((call) => call.args[0] && sameValue(file, call.args[0], column.table));
  const values = inserts.map((call: Call) => {
    const tuple = call.args[1];
    return tuple?.kind === 'tuple' && tuple.items.length === column.size ? tuple.items[column.index] : undefined;
  });
  return values.every((v): v is Expr => v !== undefined && isShiftedReading(file, v, 'wall')) ? (values as Expr[]) : [];
}
