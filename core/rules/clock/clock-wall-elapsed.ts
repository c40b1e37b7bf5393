import type { Expr } from '../../elixir/ir';
import { type Difference, differencesIn, directReading, isWallElapsed, leaves, readersOf, readingOf } from '../../facts/clocks';
import { callsTo, type FileFacts } from '../../facts/facts';
import { clockReads, originsOf } from '../../facts/origins';
import { purposeOf } from '../../facts/purposes';
import { resultsOf } from '../../facts/values';
import { useMonotonicTime } from '../../fix-clock';
import type { Context, Finding, Related, Rule } from '../../rule';

const message =
  'Elapsed time is measured with the wall clock, which can jump in either direction. Use `System.monotonic_time/1` for both readings.';

const keptMessage =
  'Elapsed time is measured with the wall clock, which can jump in either direction. Read `System.monotonic_time/1` beside it, and keep the date as it is.';

const timeOfDayMessage =
  'Elapsed time is measured with the time of day, which starts over at midnight: the difference is then negative. Use `System.monotonic_time/1` for both readings.';

export default {
  id: 'clock-wall-elapsed',
  summary: 'Elapsed time is the difference of two wall-clock readings.',
  category: 'time',
  severity: 'warning',
  fixable: 'safe',
  rationale: `
    NTP steps the wall clock, a suspended VM wakes up with it minutes ahead, an operator sets it. A difference of two readings is then
    negative, or hours long: retries stop at once or never, a latency alarm fires for a request that took 3 ms, a rate limiter lets
    everything through. Since OTP 26 the runtime no longer smooths such steps out by default (\`+C multi_time_warp\`), so code that seemed
    to work before is now exposed: with OTP 26 or later this is an error where a comparison, a branch or a timer depends on the time. Where it
    only ends in a log line, a text or a metric, it is information.

    Only a difference of *two readings in this run* is reported. A reading minus a database timestamp, a token's expiry or a constant epoch
    needs the wall clock and is left alone; so is what was stored and is read with a reading in its place, \`job.failed_at || now\`.

    The fix replaces both readings, and is offered when they are used for nothing else. Where the start is also stored or sent as a date,
    add a monotonic reading beside it instead. A public function that only reads the wall clock is reported where it stands when other
    modules measure with it: mending it mends them all.`,
  references: ['https://hexdocs.pm/elixir/System.html#module-time', 'https://www.erlang.org/doc/apps/erts/time_correction.html'],
  examples: [
    {
      title: 'Two readings of the system time',
      bad: `
        def timed(fun) do
          start = System.os_time(:millisecond)
          fun.()
          Logger.info("took #{System.os_time(:millisecond) - start} ms")
          #                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
      good: `
        def timed(fun) do
          start = System.monotonic_time(:millisecond)
          fun.()
          Logger.info("took #{System.monotonic_time(:millisecond) - start} ms")
        end`,
    },
    {
      title: 'Dates, with the unit of the difference',
      bad: `
        def run(job) do
          started = DateTime.utc_now()
          job.()
          elapsed = DateTime.diff(DateTime.utc_now(), started, :millisecond)
          #         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          elapsed
        end`,
      good: `
        def run(job) do
          started = System.monotonic_time(:millisecond)
          job.()
          elapsed = System.monotonic_time(:millisecond) - started
          elapsed
        end`,
    },
    {
      title: 'Erlang timestamps',
      bad: `
        def call(conn) do
          before = :os.timestamp()
          conn = next(conn)
          micros = :timer.now_diff(:os.timestamp(), before)
          #        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          {conn, micros}
        end`,
      good: `
        def call(conn) do
          before = System.monotonic_time(:microsecond)
          conn = next(conn)
          micros = System.monotonic_time(:microsecond) - before
          {conn, micros}
        end`,
    },
    {
      title: 'The time of day, over midnight',
      bad: `
        def poll(state) do
          started = Time.utc_now()
          fetch(state)
          Logger.info("took #{Time.diff(Time.utc_now(), started, :millisecond)} ms")
          #                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'Since when something is broken, which a row of the database says',
      good: `
        def disable(sink) do
          now = DateTime.utc_now()
          failed_at = sink.failed_at || now
          if DateTime.diff(now, failed_at, :hour) >= 24, do: disabled(sink), else: failing(sink, failed_at)
        end`,
    },
    {
      title: 'The start is handed to a private function',
      bad: `
        defmodule Poller do
          def poll(url), do: loop(url, System.system_time(:second))

          defp loop(url, started) do
            if System.system_time(:second) - started > 60 do
             # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              :timeout
            else
              fetch(url) || loop(url, started)
            end
          end
        end`,
    },
    {
      title: 'A private helper reads the clock',
      bad: `
        defmodule Stats do
          def measure(fun) do
            t0 = now()
            fun.()
            now() - t0
          # ^^^^^^^^^^
          end

          defp now, do: System.system_time(:millisecond)
        end`,
    },
    {
      title: 'The age of something stored, or the time left of a token, needs the wall clock',
      good: `
        def age(message), do: System.system_time(:second) - message.inserted_at
        def left(token), do: DateTime.diff(token.expires_at, DateTime.utc_now())`,
    },
    { title: 'An epoch is a constant', good: `System.os_time(:microsecond) - @pg_epoch` },
    {
      title: 'Until midnight: one of the two is not a reading',
      good: `
        def until_midnight do
          now = NaiveDateTime.utc_now()
          midnight = NaiveDateTime.new!(Date.add(NaiveDateTime.to_date(now), 1), ~T[00:00:00])
          NaiveDateTime.diff(midnight, now, :millisecond)
        end`,
    },
    {
      title: 'The minute of a date is no time',
      good: `
        def next_slot do
          minute = DateTime.utc_now().minute
          minutes = ceil(minute / 5) * 5 - minute
          DateTime.add(DateTime.utc_now(), minutes, :minute)
        end`,
    },
    {
      title: 'Monotonic time',
      good: `
        def timed(fun) do
          start = System.monotonic_time()
          fun.()
          System.monotonic_time() - start
        end`,
    },
  ],
  triggers: { calls: clockReads.wall },

  *check(file, context) {
    const jumps = (context.project?.otp?.major ?? 0) >= 26;
    for (const difference of differencesIn(file)) {
      if (!isWallElapsed(file, difference)) continue;
      const fix = useMonotonicTime(file, difference);
      const purpose = purposeOf(file, difference.expr);
      const severity =
        purpose === 'shown' && !isTimeOfDay(difference)
          ? ('info' as const)
          : purpose === 'decides' && jumps
            ? ('error' as const)
            : undefined;
      const started = readingOf(file, difference.right);
      const related: Related[] =
        started && started.range.start < difference.expr.range.start ? [{ message: 'The first reading.', range: started.range }] : [];
      yield {
        range: difference.expr.range,
        message: messageFor(file, difference),
        ...(severity && { severity }),
        ...(related.length > 0 && { related }),
        ...(fix && { fix }),
      };
    }
    yield* sharedHelpers(file, context);
  },
} satisfies Rule;

/** Wrong every night, and not only when the clock is set. */
const isTimeOfDay = ({ expr }: Difference): boolean => expr.kind === 'call' && expr.module === 'Time';

function messageFor(file: FileFacts, difference: Difference): string {
  if (isTimeOfDay(difference)) return timeOfDayMessage;
  return [difference.left, difference.right].some((side) => isKept(file, side)) ? keptMessage : message;
}

/** Whether the reading is also stored, sent or shown as the date that it is. */
function isKept(file: FileFacts, side: Expr): boolean {
  const reading = directReading(file, side);
  const readers = reading && reading !== side ? readersOf(file, reading) : [];
  return readers?.some((reader) => leaves(file, reader)) ?? false;
}

const sharedMessage =
  'Elsewhere elapsed time is the difference of two of these, and the wall clock can jump in either direction. Use `System.monotonic_time/1` to measure.';

/** Public functions that only read the wall clock, where another module of the project measures with them. */
function* sharedHelpers(file: FileFacts, context: Context): Iterable<Finding> {
  if (!context.project) return;
  for (const module of file.modules) {
    for (const def of module.functions) {
      const result =
        def.kind === 'def' && def.arity === 0 && def.clauses.length === 1
          ? resultsOf((def.clauses[0] as (typeof def.clauses)[0]).clause.body)
          : [];
      const reading = result.length === 1 ? result[0] : undefined;
      if (!reading || !originsOf(file, reading).every((o) => o.kind === 'clock' && o.clock === 'wall' && !o.shifted)) continue;
      const name = `${module.name}.${def.name}`;
      const related = (context.project.calls.get(name) ?? []).flatMap((place) => {
        const other = context.project?.files.get(place.path);
        return other && other !== file ? measuredWith(other, `${name}/0`, place.path) : [];
      });
      const unique = related.filter((r, i) => related.findIndex((o) => o.path === r.path && o.range.start === r.range.start) === i);
      if (unique.length > 0) yield { range: reading.range, message: sharedMessage, related: unique };
    }
  }
}

/** The differences of two results of the function in another file. */
function measuredWith(file: FileFacts, mfa: string, path: string): Related[] {
  const calls = new Set(callsTo(file, [mfa]));
  if (calls.size < 2) return [];
  return differencesIn(file)
    .filter(({ left, right }) =>
      [left, right].every((side) => originsOf(file, side).every((o) => o.kind === 'call' && o.path.length === 0 && calls.has(o.at))),
    )
    .map(({ expr }) => ({ message: 'Here the time between two readings is taken.', range: expr.range, path }));
}
