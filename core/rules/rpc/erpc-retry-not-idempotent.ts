import { type Call, type Clause, descendants, type Expr } from '../../elixir/ir';
import { type FileFacts, functionClauseOf, moduleOf } from '../../facts/facts';
import { usesOfValue } from '../../facts/remote';
import { isRemoteTarget } from '../../facts/sinks';
import { isTestPath } from '../../project/environment';
import type { Rule } from '../../rule';

/** After these nobody knows whether the function ran. */
const unknownOutcome = /^(?:timeout|noconnection|nodedown)$/;
const remote = /^(?::erpc\.call|:rpc\.(?:call|block_call)|:ra\.process_command)$/;
/** Functions that change nothing, by the first word of their name. */
const reading =
  /^(?:get|list|fetch|lookup|find|ping|read|count|size|alive|status|info|exists|member|whereis|which|is|has|show|query)(?:_|[?]|$)/;
/** Arguments by which the receiver knows a request that it has seen. */
const key = /(?:^|_)(?:id|uuid|ref|key|token|nonce|idempotency|request)(?:$|_)/;

export default {
  id: 'erpc-retry-not-idempotent',
  summary: 'A remote call is repeated after a timeout, though it may have been carried out.',
  category: 'consistency',
  severity: 'info',
  optIn: true,
  rationale: `
    \`{:erpc, :timeout}\`, \`{:erpc, :noconnection}\`, \`{:badrpc, :timeout}\` and the \`{:timeout, _}\` of \`:ra\` say that no answer came, not that nothing
    happened: the function may have run, be running, or run in a moment. A handler that simply calls again charges the customer twice.

    Reported when the handler of such a failure makes the same call with the same arguments. Silent for functions that read, by their name, and
    where an argument is named as a key of the request (\`id\`, \`ref\`, \`token\`, …). Off by default: whether the function may run twice cannot be seen
    from the caller.

    Give the request an id that the other side remembers, or answer that the outcome is not known.`,
  references: ['https://www.erlang.org/doc/apps/kernel/erpc.html#call/5'],
  examples: [
    {
      title: 'Charged again',
      bad: `
        def charge(node, account, amount) do
          :erpc.call(node, Billing, :charge, [account, amount], 5_000)
        catch
          :error, {:erpc, :timeout} ->
            :erpc.call(node, Billing, :charge, [account, amount], 5_000)
          # ^^^^^^^^^^
        end`,
    },
    {
      title: 'By its answer',
      bad: `
        def charge(node, account, amount) do
          case :rpc.call(node, Billing, :charge, [account, amount], 5_000) do
            {:badrpc, :timeout} -> :rpc.call(node, Billing, :charge, [account, amount], 5_000)
            #                      ^^^^^^^^^
            {:badrpc, reason} -> {:error, reason}
            result -> result
          end
        end`,
    },
    {
      title: 'The whole function again',
      bad: `
        def charge(node, account, amount) do
          :erpc.call(node, Billing, :charge, [account, amount], 5_000)
        catch
          :error, {:erpc, :noconnection} -> charge(node, account, amount)
          #                                 ^^^^^^
        end`,
    },
    {
      title: 'The other side knows the request',
      good: `
        def charge(node, account, amount, request_id) do
          :erpc.call(node, Billing, :charge, [account, amount, request_id], 5_000)
        catch
          :error, {:erpc, :timeout} ->
            :erpc.call(node, Billing, :charge, [account, amount, request_id], 5_000)
        end`,
    },
    {
      title: 'A read',
      good: `
        def balance(node, account) do
          :erpc.call(node, Billing, :get_balance, [account], 5_000)
        catch
          :error, {:erpc, :timeout} -> :erpc.call(node, Billing, :get_balance, [account], 5_000)
        end`,
    },
    {
      title: 'The caller is told',
      good: `
        def charge(node, account, amount) do
          :erpc.call(node, Billing, :charge, [account, amount], 5_000)
        catch
          :error, {:erpc, reason} -> {:error, {:unknown_outcome, reason}}
        end`,
    },
    {
      title: 'It certainly did not run',
      good: `
        def charge(node, account, amount) do
          :erpc.call(node, Billing, :charge, [account, amount], 5_000)
        catch
          :error, {:erpc, :notsup} -> :rpc.call(node, Billing, :charge, [account, amount], 5_000)
        end`,
    },
  ],
  triggers: { words: ['timeout', 'noconnection', 'nodedown'], pattern: /:erpc\b|:rpc\b|:ra\b|GenServer\.call/ },

  *check(file) {
    if (isTestPath(file.path)) return;
    for (const call of remoteCalls(file)) {
      if (isRepeatable(call)) continue;
      for (const { body } of handlersOf(file, call)) {
        const again = [...descendants(body)].find((e): e is Call => e.kind === 'call' && repeats(file, e, call));
        if (!again) continue;
        yield {
          range: again.callee,
          message:
            'After a timeout or a lost connection the first call may have been carried out, and this does it again. Send an id that the other side remembers.',
          related: [{ message: 'The first call.', range: call.callee }],
        };
      }
    }
  },
} satisfies Rule;

function remoteCalls(file: FileFacts): readonly Call[] {
  return file.exprs.filter((e): e is Call => e.kind === 'call' && (remote.test(nameOf(e)) || isServerCall(e)));
}

const nameOf = (call: Call): string => `${call.module}.${call.name}`;
const isServerCall = (call: Call): boolean => nameOf(call) === 'GenServer.call' && isRemoteTarget(call.args[0]);

/** It reads, or carries a key of the request. */
function isRepeatable(call: Call): boolean {
  const name = call.args[call.module === ':ra' || call.module === 'GenServer' ? 1 : 2];
  const tag = name?.kind === 'tuple' ? name.items[0] : name;
  if (tag?.kind === 'atom' && reading.test(tag.value)) return true;
  return call.args
    .slice(1)
    .some((arg) => [...descendants(arg)].some((e) => (e.kind === 'variable' || e.kind === 'field') && key.test(e.name)));
}

/** The clauses that take a failure of which nobody knows whether the call was carried out. */
function handlersOf(file: FileFacts, call: Call): readonly Clause[] {
  const handlers = usesOfValue(file, call).flatMap((use) => (use.kind === 'matched' ? (use.clauses ?? []) : []));
  for (let at: Expr | undefined = call; at; at = file.exprs[file.parents[at.id] ?? -1]) {
    if (at.kind === 'try') handlers.push(...at.catch, ...at.rescue);
  }
  return handlers.filter(({ patterns }) =>
    patterns.some((p) => [...descendants(p)].some((e) => e.kind === 'atom' && unknownOutcome.test(e.value))),
  );
}

/** The same call, or the function around it once more. */
function repeats(file: FileFacts, again: Call, call: Call): boolean {
  if (again === call) return false;
  const written = (e: Call): string =>
    e.args
      .slice(1, 4)
      .map((arg) => file.text.slice(arg.range.start, arg.range.end))
      .join();
  if (nameOf(again) === nameOf(call)) return written(again) === written(call);
  const def = functionClauseOf(file, call)?.def;
  return def !== undefined && again.module === moduleOf(file, call)?.name && again.name === def.name && again.args.length === def.arity;
}
