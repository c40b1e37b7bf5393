import type { Call, Expr } from '../../elixir/ir';
import { callsTo, type FileFacts, functionClauseOf, parentOf } from '../../facts/facts';
import { hasRealRequester } from '../../facts/protection';
import { definitionOf } from '../../facts/values';
import { insertAt, insertLinesAfter } from '../../fix';
import type { Fix, Rule } from '../../rule';
import { indentationAt } from '../../text';

export default {
  id: 'global-lock-result-ignored',
  summary: 'Lock of `:global` with limited retries whose refusal is not noticed.',
  category: 'consistency',
  severity: 'warning',
  fixable: 'unsafe',
  rationale: `
    With a number of retries \`:global\` gives up: \`set_lock/3\` answers \`false\` and \`trans/4\` answers \`:aborted\` **without running
    the function**. Where nobody looks, the code goes on as if the lock were held, or as if the work were done. It happens exactly when
    two nodes meet, which is when the lock was needed.

    Silent where the answer is used, asserted (\`true = :global.set_lock(…)\`), returned or thrown away with \`_ =\`; where a recurring
    task tries once and leaves the work to whoever holds the lock; and where the retries are \`:infinity\`, as they are when none are
    given: then the call waits until it has the lock.

    The fix lets the process fail where it has no lock, or adds the missing clause; what to do then is yours to decide.`,
  references: ['https://www.erlang.org/doc/apps/kernel/global.html#trans/4'],
  examples: [
    {
      title: 'The work may not have run',
      bad: `
        defmodule Shop.Jobs do
          def run(id, nodes) do
            :global.trans({{:job, id}, self()}, fn -> Job.run(id) end, nodes, 0)
          # ^^^^^^^^^^^^^
            :ok
          end
        end`,
    },
    {
      title: 'The lock may not be held',
      bad: `
        defmodule Shop.Jobs do
          def run(id, nodes) do
            :global.set_lock({{:job, id}, self()}, nodes, 3)
          # ^^^^^^^^^^^^^^^^
            Job.run(id)
          end
        end`,
      good: `
        defmodule Shop.Jobs do
          def run(id, nodes) do
            true = :global.set_lock({{:job, id}, self()}, nodes, 3)
            Job.run(id)
          end
        end`,
    },
    {
      title: 'No clause for the refusal',
      bad: `
        defmodule Shop.Jobs do
          def run(id, nodes) do
            case :global.trans({{:job, id}, self()}, fn -> Job.run(id) end, nodes, 0) do
              #  ^^^^^^^^^^^^^
              {:ok, result} -> {:ok, result}
              {:error, reason} -> {:error, reason}
            end
          end
        end`,
      good: `
        defmodule Shop.Jobs do
          def run(id, nodes) do
            case :global.trans({{:job, id}, self()}, fn -> Job.run(id) end, nodes, 0) do
              {:ok, result} -> {:ok, result}
              {:error, reason} -> {:error, reason}
              :aborted -> {:error, :locked}
            end
          end
        end`,
    },
    {
      title: 'Noticed, asserted or returned',
      good: `
        defmodule Shop.Jobs do
          def run(id, nodes) do
            case :global.trans({{:job, id}, self()}, fn -> Job.run(id) end, nodes, 0) do
              :aborted -> {:error, :busy}
              result -> result
            end
          end

          def lead?(name, nodes), do: :global.set_lock({name, self()}, nodes, 0)

          def hold(name, nodes) do
            true = :global.set_lock({name, self()}, nodes, 5)
            :ok
          end
        end`,
    },
    {
      title: 'Waits until it has the lock, or leaves the sweep to its holder',
      good: `
        defmodule Shop.Jobs do
          def run(id) do
            :global.trans({{:job, id}, self()}, fn -> Job.run(id) end)
            :global.set_lock({:jobs, self()}, [node()], :infinity)
            :ok
          end

          def handle_info(:sweep, state) do
            :global.trans({:sweep, self()}, fn -> Job.sweep() end, [node() | Node.list()], 0)
            {:noreply, state}
          end
        end`,
    },
  ],
  triggers: { calls: [':global.trans/4', ':global.set_lock/3'] },

  *check(file) {
    for (const call of callsTo(file, [':global.trans/4', ':global.set_lock/3'])) {
      const retries = call.args.at(-1);
      if (!retries || definitionOf(file, retries).kind !== 'integer' || !hasRealRequester(file, call)) continue;
      const fate = fateOf(file, call);
      if (!fate) continue;
      yield {
        range: call.callee,
        message:
          call.name === 'trans'
            ? `After its retries \`:global.trans/4\` answers \`:aborted\` and has not run the function${fate.lacks}. Handle \`:aborted\`.`
            : `After its retries \`:global.set_lock/3\` answers \`false\`, and the lock is not held${fate.lacks}. Go on only when it is \`true\`.`,
        ...(fate.fix && { fix: fate.fix }),
      };
    }
  },
} satisfies Rule;

interface Fate {
  /** Added to the message. */
  readonly lacks: string;
  readonly fix?: Fix;
}

/** What becomes of the answer, where a refusal is not noticed. */
function fateOf(file: FileFacts, call: Call): Fate | undefined {
  const refusal = call.name === 'trans' ? 'aborted' : 'false';
  const parent = parentOf(file, call);
  if (parent?.kind === 'block' && parent.body.at(-1) !== call) {
    if (call.name === 'trans') return skipsOnPurpose(file, call) ? undefined : { lacks: '' };
    return { lacks: '', fix: { title: 'Fail where the lock is not held', edits: [insertAt(call.range.start, 'true = ')] } };
  }
  if (parent?.kind !== 'case' || parent.subject !== call) return undefined;
  if (parent.clauses.some(({ patterns: [pattern] }) => !pattern || mayMatch(pattern, refusal))) return undefined;
  const last = parent.clauses.at(-1);
  const isAlone =
    last !== undefined && file.text.slice(file.text.lastIndexOf('\n', last.range.start - 1) + 1, last.range.start).trim() === '';
  const lacks = ', and no clause takes that';
  if (!last || !isAlone) return { lacks };
  const clause = insertLinesAfter(
    file,
    last.body.range.end,
    [`${refusal === 'false' ? refusal : ':aborted'} -> {:error, :locked}`],
    indentationAt(file.text, last.range.start),
  );
  return { lacks, fix: { title: 'Answer `{:error, :locked}` when the lock is refused', edits: [clause] } };
}

/** A recurring task that tries once and leaves the work to whoever holds the lock: nobody waits for its result. */
function skipsOnPurpose(file: FileFacts, call: Call): boolean {
  const retries = call.args.at(-1);
  const number = retries && definitionOf(file, retries);
  const name = functionClauseOf(file, call)?.def.name ?? '';
  return number?.kind === 'integer' && number.value === 0 && /^(?:handle_(?:info|cast|continue)|maybe_|try_|tick)/.test(name);
}

function mayMatch(pattern: Expr, atom: string): boolean {
  if (pattern.kind === 'atom') return pattern.value === atom;
  if (pattern.kind === 'match') return mayMatch(pattern.pattern, atom) && mayMatch(pattern.value, atom);
  return !['tuple', 'list', 'map', 'string', 'integer', 'float', 'bitstring', 'alias'].includes(pattern.kind);
}
