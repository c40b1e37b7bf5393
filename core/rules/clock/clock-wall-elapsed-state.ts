import type { Expr } from '../../elixir/ir';
import { clockField, differencesIn, directReading, fieldReads, isReading, leaves, readingOf, structClockField } from '../../facts/clocks';
import { type FileFacts, moduleOf } from '../../facts/facts';
import { livesInThisRun } from '../../facts/lifetimes';
import { clockReads } from '../../facts/origins';
import { purposeOf } from '../../facts/purposes';
import { readMonotonic } from '../../fix-clock';
import type { Rule } from '../../rule';

export default {
  id: 'clock-wall-elapsed-state',
  summary: 'A field of a process or struct keeps a wall-clock reading to measure elapsed time with.',
  category: 'time',
  severity: 'warning',
  fixable: 'unsafe',
  rationale: `
    The time is read in one callback, kept in the state, and subtracted from another reading in a later one. When the wall clock is stepped
    in between, the heartbeat looks hours old and the connection is torn down, or it looks younger than zero and is never checked again.
    Both readings are made by the same process, so monotonic time serves it better.

    Reported when every place of the module that sets the field sets it to a wall-clock reading, and nothing sends, stores or shows the
    field: then the date itself is wanted, and a second, monotonic field is the way. A time that only ends in a log line, a text or a metric is
    information. Silent for names that a schema of the project declares, which are dates of the database, and, outside of processes, for fields
    that other modules set, too.

    The fix changes every reading that goes into the field and the one that is compared with it; look at what else the field is used for.`,
  references: ['https://hexdocs.pm/elixir/System.html#module-time', 'https://www.erlang.org/doc/apps/erts/time_correction.html'],
  examples: [
    {
      title: 'A connection keeps its last heartbeat',
      bad: `
        defmodule Connection do
          use GenServer

          def init(_), do: {:ok, %{last_seen: System.system_time(:second)}}

          def handle_cast(:heartbeat, state) do
            {:noreply, %{state | last_seen: System.system_time(:second)}}
          end

          def handle_info(:tick, state) do
            if System.system_time(:second) - state.last_seen > 30 do
             # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              {:stop, :timeout, state}
            else
              {:noreply, state}
            end
          end
        end`,
      good: `
        defmodule Connection do
          use GenServer

          def init(_), do: {:ok, %{last_seen: System.monotonic_time(:second)}}

          def handle_cast(:heartbeat, state) do
            {:noreply, %{state | last_seen: System.monotonic_time(:second)}}
          end

          def handle_info(:tick, state) do
            if System.monotonic_time(:second) - state.last_seen > 30 do
              {:stop, :timeout, state}
            else
              {:noreply, state}
            end
          end
        end`,
    },
    {
      title: 'Bound by a pattern, set with assign',
      bad: `
        defmodule DeviceSocket do
          def connected(socket), do: assign(socket, :last_ping, DateTime.utc_now())

          defp due?(%{assigns: %{last_ping: last_ping}}) do
            DateTime.diff(DateTime.utc_now(), last_ping) > 60
          # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          end
        end`,
    },
    {
      title: 'The date itself is published',
      good: `
        defmodule Job do
          use GenServer

          def init(_), do: {:ok, %{started_at: DateTime.utc_now()}}

          def handle_info(:report, state) do
            Phoenix.PubSub.broadcast(App.PubSub, "jobs", {:running_since, state.started_at})
            {:noreply, Map.put(state, :age, DateTime.diff(DateTime.utc_now(), state.started_at))}
          end
        end`,
    },
    {
      title: 'A column of the database',
      path: 'lib/shop/phones.ex',
      project: {
        'lib/shop/phone.ex':
          'defmodule Shop.Phone do\n  use Ecto.Schema\n\n  schema "phones" do\n    field :last_attempt_at, :utc_datetime\n  end\nend',
      },
      good: `
        defmodule Shop.Phones do
          def attempt(phone), do: Repo.update(Phone.changeset(phone, %{last_attempt_at: DateTime.utc_now()}))
          def due?(phone), do: DateTime.diff(DateTime.utc_now(), phone.last_attempt_at) > 60
        end`,
    },
    {
      title: 'What another module makes',
      path: 'lib/shop/errors_controller.ex',
      project: {
        'lib/shop/errors.ex': 'defmodule Shop.Errors do\n  def note(error), do: %{error: error, at: DateTime.utc_now()}\nend',
      },
      good: `
        defmodule Shop.ErrorsController do
          def recent?(error), do: DateTime.diff(DateTime.utc_now(), error.at) < 3600
          def health, do: %{status: :ok, at: DateTime.utc_now()}
        end`,
    },
    {
      title: 'The field comes from outside',
      good: `
        defmodule Session do
          use GenServer

          def init(row), do: {:ok, %{created: row.created}}
          def handle_call(:age, _from, s), do: {:reply, System.system_time(:second) - s.created, s}
        end`,
    },
  ],
  triggers: { calls: clockReads.wall },

  *check(file, context) {
    const reported = new Set<number>();
    for (const { expr, left, right } of differencesIn(file)) {
      for (const [now, then] of [
        [left, right],
        [right, left],
      ] as const) {
        if (reported.has(expr.id) || moduleOf(file, expr)?.schema) continue;
        const [first, second] = [now, then].map((side) => structClockField(file, side, 'wall', context.project));
        if (first && second) {
          reported.add(expr.id);
          yield {
            range: expr.range,
            message: message(`${first.name}\` and \`${second.name}`),
            related: [...first.writes, ...second.writes]
              .slice(0, 3)
              .map((w) => ({ message: 'Set here.', range: w.value.range, path: w.path })),
          };
        }
        if (!isReading(file, now, 'wall') && !clockField(file, now, 'wall', false)) continue;
        const field = clockField(file, then, 'wall', false);
        if (!field || !livesInThisRun(file, then, field.name, context.project)) continue;
        const reads = fieldReads(file, then, field.name);
        if (reads.some((read) => leaves(file, read))) continue;
        reported.add(expr.id);
        const title = `Keep monotonic time in \`${field.name}\``;
        const readings = [directReading(file, now), ...field.writes.map((w) => directReading(file, w))];
        const fix = startsEmpty(file, then, field.name) ? readMonotonic(file, readings, title) : undefined;
        yield {
          range: expr.range,
          ...(purposeOf(file, expr) === 'shown' &&
            !reads.some((read) => purposeOf(file, read) === 'decides') && { severity: 'info' as const }),
          message: message(field.name),
          related: field.writes
            .slice(0, 3)
            .map((w) => ({ message: `\`${field.name}\` is set here.`, range: readingOf(file, w)?.range ?? w.range })),
          ...(fix && { fix }),
        };
      }
    }
  },
} satisfies Rule;

/** Whether the struct begins without a time: a default of 0 is long ago for the wall clock, and may be in the future of the monotonic one. */
function startsEmpty(file: FileFacts, e: Expr, name: string): boolean {
  const initial = moduleOf(file, e)?.struct?.get(name);
  return initial === undefined || (initial.kind === 'atom' && initial.value === 'nil');
}

function message(fields: string): string {
  return `Elapsed time is computed from \`${fields}\`, which the wall clock sets: a clock step makes it wrong. Keep \`System.monotonic_time/1\` there.`;
}
