import type { Call, Expr } from '../../elixir/ir';
import { callsTo, type FileFacts } from '../../facts/facts';
import { namesTag, usesOfValue } from '../../facts/remote';
import type { Rule } from '../../rule';

export default {
  id: 'erpc-badrpc-clause',
  summary: 'The result of `:erpc.call` is matched against `{:badrpc, _}`, which it never is.',
  category: 'correctness',
  severity: 'error',
  rationale: `
    \`:erpc\` does not answer with \`{:badrpc, reason}\` as \`:rpc\` does: it raises. The clause looks like error handling and is dead code, and
    the first unreachable node crashes the caller with \`{:erpc, :noconnection}\`. It usually comes from replacing \`:rpc\` by \`:erpc\`.

    Catch what it raises: \`:error, {:erpc, reason}\` for the connection and the timeout, \`:error, {:exception, …}\`, \`:exit\` and \`:throw\` for what
    the function did. After \`:timeout\` and \`:noconnection\` the function may or may not have run.`,
  references: ['https://www.erlang.org/doc/apps/kernel/erpc.html#call/5'],
  examples: [
    {
      title: 'A dead clause',
      bad: `
        def size(node) do
          case :erpc.call(node, Queue, :size, [], 5_000) do
            {:badrpc, reason} -> {:error, reason}
          # ^^^^^^^^^^^^^^^^^
            size -> {:ok, size}
          end
        end`,
    },
    {
      title: 'Through a variable',
      bad: `
        def size(node) do
          result = :erpc.call(node, Queue, :size, [], 5_000)

          with {:badrpc, reason} <- result do
            #  ^^^^^^^^^^^^^^^^^
            {:error, reason}
          end
        end`,
    },
    {
      title: 'What is raised is caught',
      good: `
        def size(node) do
          {:ok, :erpc.call(node, Queue, :size, [], 5_000)}
        catch
          :error, {:erpc, reason} -> {:error, reason}
        end`,
    },
    {
      title: 'The older interface does answer so',
      good: `
        case :rpc.call(node, Queue, :size, [], 5_000) do
          {:badrpc, reason} -> {:error, reason}
          size -> {:ok, size}
        end`,
    },
  ],
  triggers: { calls: [':erpc.call'] },

  *check(file) {
    for (const call of callsTo(file, [':erpc.call'])) {
      for (const pattern of patternsOf(file, call)) {
        if (!namesTag(pattern, 'badrpc')) continue;
        yield {
          range: pattern.range,
          message: '`:erpc.call` never answers `{:badrpc, _}`: it raises, and this clause is dead. Catch `:error, {:erpc, reason}`.',
          related: [{ message: 'The call.', range: call.callee }],
        };
      }
    }
  },
} satisfies Rule;

function patternsOf(file: FileFacts, call: Call): readonly Expr[] {
  return usesOfValue(file, call).flatMap((use) => (use.kind === 'matched' ? use.patterns : []));
}
