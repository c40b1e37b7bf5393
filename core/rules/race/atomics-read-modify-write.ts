import type { Call, Expr } from '../../elixir/ir';
import { bindingOf, usesOf } from '../../facts/bindings';
import { callsTo, type FileFacts, parentOf, textOf } from '../../facts/facts';
import { type Api, isShared, type LostUpdate, lostUpdates } from '../../facts/stores';
import { makesLineTooLong, replace } from '../../fix';
import type { Fix, Rule } from '../../rule';
import type { TextEdit } from '../../text';

export default {
  id: 'atomics-read-modify-write',
  summary: 'An atomic counter is read, changed and put back in two steps.',
  category: 'consistency',
  severity: 'warning',
  fixable: 'safe',
  rationale: `
    \`:atomics\` and \`:counters\` are there so that many processes can count without a lock. Each operation is atomic, two of them are not: what
    others add between \`get\` and \`put\` is overwritten.

    Use \`add\` and \`sub\`, \`:atomics.add_get/3\` where the result is needed, and for anything else a loop around
    \`:atomics.compare_exchange/4\`. The fix turns \`n + 1\` into \`add\` and \`n - 1\` into \`sub\`.

    Silent where the value that is put does not depend on the one that was read, such as a reset, in the callbacks of one process, and in
    files that use \`compare_exchange\`: who knows it has a reason to do without.`,
  references: ['https://www.erlang.org/doc/apps/erts/atomics.html', 'https://www.erlang.org/doc/apps/erts/counters.html'],
  examples: [
    {
      title: 'A counter',
      bad: `
        def hit(ref) do
          n = :counters.get(ref, 1)
          :counters.put(ref, 1, n + 1)
        # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
      good: `
        def hit(ref) do
          :counters.add(ref, 1, 1)
        end`,
    },
    {
      title: 'On one line',
      bad: `
        def take(ref, amount) do
          :atomics.put(ref, 1, :atomics.get(ref, 1) - amount)
        # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
      good: `
        def take(ref, amount) do
          :atomics.sub(ref, 1, amount)
        end`,
    },
    {
      title: 'A maximum',
      bad: `
        def highest(ref, value) do
          seen = :atomics.get(ref, 1)
          if value > seen, do: :atomics.put(ref, 1, max(seen, value))
        #                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'Compare and exchange',
      good: `
        def highest(ref, value) do
          seen = :atomics.get(ref, 1)

          if value > seen do
            case :atomics.compare_exchange(ref, 1, seen, value) do
              :ok -> value
              _other -> highest(ref, value)
            end
          end
        end`,
    },
    {
      title: 'A reset, and another counter',
      good: `
        def reset(ref, allowed) do
          used = :atomics.get(ref, 1)
          :atomics.put(ref, 2, used)
          :atomics.put(ref, 1, allowed)
        end`,
    },
  ],
  triggers: { calls: [':atomics.put/3', ':counters.put/3'] },

  *check(file) {
    if (file.calls.has(':atomics.compare_exchange')) return;
    for (const module of [':atomics', ':counters']) {
      for (const update of lostUpdates(file, apiOf(file, module))) {
        if (!isShared(file, update.write.call)) continue;
        const fix = addInstead(file, module, update);
        const other = module === ':atomics' ? '`:atomics.compare_exchange/4`' : '`:atomics` with `compare_exchange/4`';
        yield {
          range: update.write.call.range,
          message: `What others add between \`get\` and \`put\` is lost. Use \`${module}.add/3\` or \`${module}.sub/3\`, and for anything else ${other}.`,
          ...(update.read.call.range.start < update.write.call.range.start && {
            related: [{ message: 'The value is read here.', range: update.read.call.range }],
          }),
          ...(fix && { fix }),
        };
      }
    }
  },
} satisfies Rule;

function apiOf(file: FileFacts, module: string): Api {
  return {
    reads: callsTo(file, [`${module}.get/2`]).map((call) => ({ call, store: call.args[0], key: call.args[1] })),
    writes: callsTo(file, [`${module}.put/3`]).flatMap((call) => {
      const [store, key, value] = call.args;
      return value ? [{ call, store, key, value }] : [];
    }),
  };
}

/** `put(ref, index, n + step)` becomes `add(ref, index, step)`; a line that only reads `n` for it goes. */
function addInstead(file: FileFacts, module: string, { read, write }: LostUpdate): Fix | undefined {
  const { value, store, key } = write;
  if (value.kind !== 'binary' || !/^[+-]$/.test(value.operator) || !store || !key || write.call.piped) return undefined;
  const isRead = (e: Expr): boolean => e === read.call || readBy(file, e) === read.call;
  const step = isRead(value.left) ? value.right : value.operator === '+' && isRead(value.right) ? value.left : undefined;
  if (!step || isRead(step)) return undefined;
  const operation = value.operator === '+' ? 'add' : 'sub';
  const call = `${module}.${operation}(${textOf(file, store.range)}, ${textOf(file, key.range)}, ${textOf(file, step.range)})`;
  const counter = isRead(value.left) ? value.left : value.right;
  const line = counter === read.call ? [] : readingLine(file, counter, read.call);
  const edits = [...(line ?? []), replace(write.call.range, call)];
  const isSafe = line !== undefined && !makesLineTooLong(file.text, edits);
  return { title: `Use \`${module}.${operation}\``, edits, safety: isSafe ? 'safe' : 'unsafe' };
}

function readBy(file: FileFacts, e: Expr): Expr | undefined {
  const source = e.kind === 'variable' ? bindingOf(file, e)?.source : undefined;
  return source?.from === 'value' && source.path.length === 0 ? source.expr : undefined;
}

/** The line that reads the counter, where nothing else uses the variable; undefined where something does, and the line has to stay. */
function readingLine(file: FileFacts, counter: Expr, read: Call): readonly TextEdit[] | undefined {
  const binding = counter.kind === 'variable' ? bindingOf(file, counter) : undefined;
  const match = parentOf(file, read);
  if (!binding || usesOf(file, binding).length !== 1 || match?.kind !== 'match' || parentOf(file, match)?.kind !== 'block')
    return undefined;
  const start = file.text.lastIndexOf('\n', match.range.start - 1) + 1;
  const end = file.text.indexOf('\n', match.range.end) + 1;
  const isAlone = file.text.slice(start, match.range.start).trim() === '' && file.text.slice(match.range.end, end).trim() === '';
  return end > 0 && isAlone ? [replace({ start, end }, '')] : undefined;
}
