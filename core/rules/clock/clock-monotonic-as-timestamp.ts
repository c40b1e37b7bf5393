import type { Call, Expr } from '../../elixir/ir';
import { differencesIn, isReading, readingOf } from '../../facts/clocks';
import { callsTo, type FileFacts } from '../../facts/facts';
import { allOrigins, clockReads, originsOf, patternIds } from '../../facts/origins';
import { makesLineTooLong, replace } from '../../fix';
import type { Context, Finding, Rule } from '../../rule';

const dateKeys: ReadonlySet<string> = new Set(['system_time', 'inserted_at', 'updated_at', 'created_at']);
const fromUnix = [
  'DateTime.from_unix',
  'DateTime.from_unix!',
  'NaiveDateTime.from_gregorian_seconds',
  'DateTime.from_gregorian_seconds',
  'Timex.from_unix',
];

export default {
  id: 'clock-monotonic-as-timestamp',
  summary: 'Monotonic time is used as a date.',
  category: 'time',
  severity: 'error',
  fixable: 'safe',
  rationale: `
    Monotonic time counts from an arbitrary point, differs from node to node and starts anew with the VM; it is usually a large negative
    number. As a date it lies in another century, and dashboards and exporters that read \`system_time\` from an event show nothing or
    nonsense.

    Reported where it is turned into a date, and where it is the value of \`system_time\`, \`inserted_at\`, \`updated_at\` or \`created_at\`. A
    \`monotonic_time\` or \`duration\` beside it is what telemetry asks for. Silent where the project takes monotonic time since a field of that
    name: then it is only called a date.`,
  references: ['https://hexdocs.pm/elixir/System.html#monotonic_time/0', 'https://hexdocs.pm/telemetry/telemetry.html#span/3'],
  examples: [
    {
      title: 'A telemetry event that promises the system time',
      bad: `
        :telemetry.execute([:app, :start], %{system_time: System.monotonic_time()}, meta)
        #                                                 ^^^^^^^^^^^^^^^^^^^^^^^`,
      good: `
        :telemetry.execute([:app, :start], %{system_time: System.system_time()}, meta)`,
    },
    {
      title: 'Turned into a date',
      bad: `
        def stamp do
          now = System.monotonic_time(:second)
          DateTime.from_unix!(now)
          #                   ^^^
        end`,
    },
    {
      title: 'A start that is called a date',
      path: 'lib/shop/connection.ex',
      project: {
        'lib/shop/clients.ex':
          'defmodule Shop.Clients do\n  def age(client), do: System.monotonic_time(:millisecond) - client.created_at\nend',
      },
      good: `
        def open(socket), do: %{socket: socket, created_at: System.monotonic_time(:millisecond)}`,
    },
    { title: 'Under its own name', good: `:telemetry.execute([:app, :stop], %{monotonic_time: System.monotonic_time()}, %{})` },
    { title: 'A duration', good: `:telemetry.execute([:app, :stop], %{duration: System.monotonic_time() - start}, %{})` },
  ],
  triggers: { calls: clockReads.monotonic },

  *check(file, context) {
    const patterns = patternIds(file);
    for (const e of file.exprs) {
      if (e.kind === 'pair' && e.key.kind === 'atom' && dateKeys.has(e.key.value) && !patterns.has(e.id) && isMonotonic(file, e.value)) {
        if (isMeasuredFrom(file, e.key.value, context)) continue;
        yield finding(file, e.value, `\`${e.key.value}\` is given monotonic time, which is not a date`);
      }
    }
    for (const call of callsTo(file, fromUnix)) {
      const first = call.args[0];
      if (first && isMonotonic(file, first)) yield finding(file, first, 'Monotonic time is turned into a date, which it is not');
    }
  },
} satisfies Rule;

/** Whether the project takes monotonic time since a field of this name: then it is a start, whatever it is called. */
function isMeasuredFrom(file: FileFacts, name: string, { project }: Context): boolean {
  const isField = (e: Expr): boolean => (e.kind === 'field' || e.kind === 'variable') && e.name === name;
  return [...(project?.files.values() ?? [file])].some(
    (other) =>
      other.text.includes(name) && differencesIn(other).some(({ left, right }) => isField(right) && isReading(other, left, 'monotonic')),
  );
}

function isMonotonic(file: FileFacts, e: Expr): boolean {
  return allOrigins(originsOf(file, e), (o) => o.kind === 'clock' && o.clock === 'monotonic');
}

function finding(file: FileFacts, e: Expr, what: string): Finding {
  const reading = readingOf(file, e);
  const message = `${what}: it is usually a large negative number. Use \`System.system_time\`.`;
  if (e !== reading) return { range: e.range, message, ...(reading && { related: [{ message: 'Read here.', range: reading.range }] }) };
  const edits = [replace(reading.callee, calleeText(file, reading))];
  return {
    range: e.range,
    message,
    fix: { title: 'Use the system time', edits, safety: makesLineTooLong(file.text, edits) ? 'unsafe' : 'safe' },
  };
}

function calleeText(file: FileFacts, reading: Call): string {
  return file.text.slice(reading.callee.start, reading.callee.end).replace('monotonic_time', 'system_time');
}
