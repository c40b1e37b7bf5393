import { type Call, type Clause, descendants, type Expr } from '../../elixir/ir';
import { callsTo, type FileFacts, functionClauseOf, parentOf } from '../../facts/facts';
import { originsOf } from '../../facts/origins';
import { usesOfValue } from '../../facts/remote';
import { resultsOf } from '../../facts/values';
import type { Rule } from '../../rule';

export default {
  id: 'ra-timeout-as-failure',
  summary: 'A `:ra` command that timed out is treated as one that failed.',
  category: 'consistency',
  severity: 'warning',
  rationale: `
    \`{:timeout, server_id}\` says that no answer came in time. The command may be in the log all the same, and be applied a moment later; tried
    on a cluster whose leader was paused, every command that had timed out was applied afterwards. A caller that is told \`{:error, …}\` tries again
    and reserves, charges or ships twice; one that gives up leaves a reservation behind that nobody knows of.

    Give the command an id that the machine remembers, such as \`make_ref()\` or the id of the request: then it can be sent again. And pass on
    what is true: \`{:error, :timeout}\` or \`{:error, :unknown}\`, not a failure.

    Silent where the command holds something that looks like such an id (\`*_id\`, \`*_ref\`, \`*_key\`, \`*_token\`, \`request\`, a UUID), where the
    answer names the timeout, and where the command is not known. Sending \`{:put, …}\`, \`{:delete, …}\` and the like again is left alone, too.`,
  references: ['https://hexdocs.pm/ra/ra.html#process_command-3', 'https://raft.github.io/raft.pdf'],
  examples: [
    {
      title: 'A failure that is none',
      bad: `
        def reserve(server, sku, quantity) do
          case :ra.process_command(server, {:reserve, sku, quantity}) do
            {:ok, reply, _leader} -> reply
            {:timeout, _server} -> {:error, :not_reserved}
        #   ^^^^^^^^^^^^^^^^^^^
            {:error, reason} -> {:error, reason}
          end
        end`,
    },
    {
      title: 'Sent again',
      bad: `
        def ship(server, order) do
          case :ra.process_command(server, {:ship, order.items}) do
            {:ok, reply, _leader} -> reply
            {:timeout, _server} -> ship(server, order)
        #   ^^^^^^^^^^^^^^^^^^^
            {:error, reason} -> {:error, reason}
          end
        end`,
    },
    {
      title: 'In a function for all commands',
      bad: `
        defmodule Shop.Stock do
          def reserve(sku, quantity), do: command({:reserve, sku, quantity})

          defp command(command) do
            case :ra.process_command({:stock, node()}, command) do
              {:ok, reply, _leader} -> reply
              {:timeout, _server} -> {:error, :failed}
          #   ^^^^^^^^^^^^^^^^^^^
              {:error, reason} -> {:error, reason}
            end
          end
        end`,
    },
    {
      title: 'A command with an id can be sent again',
      good: `
        def reserve(server, request_id, sku, quantity) do
          case :ra.process_command(server, {:reserve, request_id, sku, quantity}) do
            {:ok, reply, _leader} -> reply
            {:timeout, _server} -> reserve(server, request_id, sku, quantity)
            {:error, reason} -> {:error, reason}
          end
        end`,
    },
    {
      title: 'Passed on under its own name',
      good: `
        def reserve(server, sku, quantity) do
          case :ra.process_command(server, {:reserve, sku, quantity}) do
            {:ok, reply, _leader} -> reply
            {:timeout, server} -> {:error, {:timeout, server}}
            {:error, reason} -> {:error, reason}
          end
        end`,
    },
    {
      title: 'Setting the same value twice is harmless',
      good: `
        def put(server, key, value) do
          case :ra.process_command(server, {:put, key, value}) do
            {:ok, reply, _leader} -> reply
            {:timeout, _server} -> put(server, key, value)
            {:error, reason} -> {:error, reason}
          end
        end`,
    },
  ],
  triggers: { calls: [':ra.process_command'] },

  *check(file) {
    for (const call of callsTo(file, [':ra.process_command'])) {
      const commands = literalCommands(file, call).filter((command) => !carriesId(command));
      const [command] = commands;
      if (!command) continue;
      for (const clause of timeoutClauses(file, call)) {
        const [pattern] = clause.patterns;
        const retried = sendsAgain(file, clause, call) && !commands.every(isIdempotent);
        if (!pattern || (!retried && !answersFailure(clause))) continue;
        yield {
          range: pattern.range,
          message: `A command that timed out may still be applied, so ${retried ? 'sending it again can apply it twice' : 'this is no failure'}. Put an id into the command that \`apply/3\` knows again, or answer that the outcome is unknown.`,
          ...(functionClauseOf(file, command) !== functionClauseOf(file, call) && {
            related: [{ message: 'This command has no id.', range: command.range }],
          }),
        };
      }
    }
  },
} satisfies Rule;

/** The commands that are seen to be sent, also through a parameter. */
function literalCommands(file: FileFacts, call: Call): readonly Expr[] {
  const [, command] = call.args;
  const origins = command ? originsOf(file, command) : [];
  return origins.flatMap((origin) => (origin.kind === 'constant' && /^(?:tuple|atom|map)$/.test(origin.at.kind) ? [origin.at] : []));
}

const idName =
  /(?:^|_)(?:id|ids|ref|key|token|uuid|guid|nonce|seq|correlation|version|term|index|fence)$|^(?:request|idempotency|req|operation_|op_|command_)/;
const idMakers =
  /^(?:Kernel\.make_ref|:erlang\.make_ref|.*(?:UUID|Ulid|ULID|Snowflake|KSUID|Nanoid)\.\w+|:uuid\.\w+|System\.unique_integer)$/i;

function carriesId(command: Expr): boolean {
  for (const e of descendants(command)) {
    if ((e.kind === 'variable' || e.kind === 'field') && idName.test(e.name)) return true;
    if (e.kind === 'pair' && e.key.kind === 'atom' && idName.test(e.key.value)) return true;
    if (e.kind === 'call' && (idMakers.test(`${e.module}.${e.name}`) || idName.test(e.name))) return true;
  }
  return false;
}

function isIdempotent(command: Expr): boolean {
  const tag = command.kind === 'tuple' ? command.items[0] : command;
  return (
    tag?.kind === 'atom' &&
    /^(?:put|set|delete|remove|clear|store|write|register|unregister|join|leave|upsert|replace)(?:_|$)/.test(tag.value)
  );
}

/** Clauses that take `{:timeout, …}`, of a `case` over the answer or of the `else` of a `with`. */
function timeoutClauses(file: FileFacts, call: Call): readonly Clause[] {
  const clauses = usesOfValue(file, call).flatMap((use) => {
    if (use.kind !== 'matched') return [];
    if (use.clauses) return use.clauses;
    const around = use.at.kind === 'arrow' ? parentOf(file, use.at) : undefined;
    return around?.kind === 'with' ? around.otherwise : [];
  });
  return clauses.filter(({ patterns: [pattern] }) => {
    const [tag] = pattern?.kind === 'tuple' && pattern.items.length === 2 ? pattern.items : [];
    return tag?.kind === 'atom' && tag.value === 'timeout';
  });
}

const honest = /time_?out|timed_?out|unknown|uncertain|maybe|indeterminate|ambiguous/i;

function answersFailure(clause: Clause): boolean {
  return resultsOf(clause.body).some((result) => {
    if (result.kind === 'atom') return result.value === 'error' || result.value === 'false';
    const [tag, reason] = result.kind === 'tuple' ? result.items : [];
    if (tag?.kind !== 'atom' || tag.value !== 'error' || !reason) return false;
    return ![...descendants(reason)].some((e) => {
      if (e.kind === 'string') return e.parts.some((part) => typeof part === 'string' && honest.test(part));
      return honest.test(e.kind === 'atom' ? e.value : e.kind === 'alias' || e.kind === 'variable' || e.kind === 'call' ? e.name : '');
    });
  });
}

function sendsAgain(file: FileFacts, clause: Clause, call: Call): boolean {
  const def = functionClauseOf(file, call)?.def;
  return [...descendants(clause.body)].some((e) => {
    if (e.kind !== 'call') return false;
    return (
      (e.module === ':ra' && e.name === 'process_command') || (def !== undefined && e.module === def.module.name && e.name === def.name)
    );
  });
}
