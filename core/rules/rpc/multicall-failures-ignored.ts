import type { Call, Expr, Fn } from '../../elixir/ir';
import { callsTo, type FileFacts, functionClauseOf, parentOf } from '../../facts/facts';
import { isTestPath } from '../../project/environment';
import type { Rule } from '../../rule';
import type { Range } from '../../text';

/** Calls that answer `{replies, bad_nodes}`. */
const pairs = [':rpc.multicall', 'GenServer.multi_call', ':gen_server.multi_call'];
/** Calls that answer with `{:ok, value}` or a failure for each node. */
const lists = [':erpc.multicall'];

export default {
  id: 'multicall-failures-ignored',
  summary: 'Nobody looks which nodes did not answer a call to all of them.',
  category: 'availability',
  severity: 'info',
  optIn: true,
  rationale: `
    \`:rpc.multicall\` and \`GenServer.multi_call\` answer \`{replies, bad_nodes}\`, \`:erpc.multicall\` answers \`{:ok, value}\`, \`{:error, _}\`,
    \`{:exit, _}\` or \`{:throw, _}\` for each node, in order. Code that takes only what went well shows a total of half of the cluster, or believes
    that every cache was flushed while one node goes on serving the old value.

    Off by default, because a best effort is often meant. Functions that are named after statistics, metrics or debugging are left alone, so is
    \`_ = …\`.

    Bind the second element and do something with it, if only to log it; of \`:erpc.multicall\`, handle the other results too.`,
  references: [
    'https://www.erlang.org/doc/apps/kernel/rpc.html#multicall/5',
    'https://www.erlang.org/doc/apps/kernel/erpc.html#multicall/5',
    'https://hexdocs.pm/elixir/GenServer.html#multi_call/4',
  ],
  examples: [
    {
      title: 'The nodes that did not answer',
      bad: `
        def flush(nodes) do
          {replies, _bad} = GenServer.multi_call(nodes, Cache, :flush, 5_000)
          #         ^^^^
          length(replies)
        end`,
    },
    {
      title: 'Only the first element',
      bad: `
        def sizes(nodes) do
          nodes |> :rpc.multicall(Queue, :size, [], 5_000) |> elem(0)
          #                                                   ^^^^
        end`,
    },
    {
      title: 'Failures are filtered away',
      bad: `
        def sizes(nodes) do
          for {:ok, size} <- :erpc.multicall(nodes, Queue, :size, [], 5_000), do: size
          #                  ^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'Dropped',
      bad: `
        def forget(user) do
          :erpc.multicall([node() | Node.list()], Sessions, :delete, [user], 5_000)
        # ^^^^^^^^^^^^^^^
          :ok
        end`,
    },
    {
      title: 'Looked at',
      good: `
        def flush(nodes) do
          {replies, bad} = GenServer.multi_call(nodes, Cache, :flush, 5_000)
          if bad != [], do: Logger.warning("not flushed on #{inspect(bad)}")
          length(replies)
        end`,
    },
    { title: 'Asserted', good: '{replies, []} = GenServer.multi_call(nodes, Cache, :flush, 5_000)' },
    {
      title: 'Figures for a page',
      good: `
        def stats(nodes) do
          {replies, _bad} = :rpc.multicall(nodes, Queue, :size, [], 5_000)
          Enum.sum(replies)
        end`,
    },
    {
      title: 'Every result has a clause',
      good: `
        def sizes(nodes) do
          nodes
          |> :erpc.multicall(Queue, :size, [], 5_000)
          |> Enum.map(fn
            {:ok, size} -> size
            {:error, reason} -> raise inspect(reason)
          end)
        end`,
    },
  ],
  triggers: { calls: [...pairs, ...lists] },

  *check(file) {
    if (isTestPath(file.path)) return;
    for (const call of callsTo(file, [...pairs, ...lists])) {
      const range = isBestEffort(file, call) ? undefined : ignoredAt(file, call);
      if (range)
        yield { range, message: 'Nodes that did not answer are left out without a word. Look at the failures too, if only to log them.' };
    }
  },
} satisfies Rule;

function isBestEffort(file: FileFacts, call: Call): boolean {
  return /stat|metric|debug|ping|inspect|monitor|telemetry|health/.test(functionClauseOf(file, call)?.def.name ?? '');
}

function ignoredAt(file: FileFacts, call: Call): Range | undefined {
  const parent = parentOf(file, call);
  if (parent?.kind === 'block' && parent.body.at(-1) !== call) return call.callee;
  return pairs.includes(`${call.module}.${call.name}`) ? ignoredPart(parent, call) : ignoredResults(parent, call);
}

/** `{replies, _bad} = …`, or the first element taken out. */
function ignoredPart(parent: Expr | undefined, call: Call): Range | undefined {
  if (parent?.kind === 'match' && parent.value === call && parent.pattern.kind === 'tuple' && parent.pattern.items.length === 2) {
    const bad = parent.pattern.items[1];
    return bad?.kind === 'variable' && bad.name.startsWith('_') ? bad.range : undefined;
  }
  const [, index] = parent?.kind === 'call' && parent.name === 'elem' ? parent.args : [];
  return parent?.kind === 'call' && index?.kind === 'integer' && index.value === 0 ? parent.callee : undefined;
}

/** Only `{:ok, value}` is taken from the list. */
function ignoredResults(parent: Expr | undefined, call: Call): Range | undefined {
  if (parent?.kind === 'arrow') return isOk(parent.pattern) ? call.callee : undefined;
  if (parent?.kind !== 'call' || parent.args[0] !== call) return undefined;
  const [, second] = parent.args;
  if (parent.module === 'Keyword' && parent.name === 'get_values') return isOkAtom(second) ? parent.callee : undefined;
  if (parent.module !== 'Enum' || second?.kind !== 'fn') return undefined;
  return takesOnlyOk(second) ? parent.callee : undefined;
}

/** No clause is for a failure: each matches `{:ok, value}`, or takes the value whatever its tag is. */
function takesOnlyOk(fn: Fn): boolean {
  return fn.clauses.every(({ patterns: [pattern] }) => pattern !== undefined && (isOk(pattern) || ignoresTag(pattern)));
}

function isOk(pattern: Expr): boolean {
  return pattern.kind === 'tuple' && pattern.items.length === 2 && isOkAtom(pattern.items[0]);
}

function ignoresTag(pattern: Expr): boolean {
  const [tag, value] = pattern.kind === 'tuple' && pattern.items.length === 2 ? pattern.items : [];
  return tag?.kind === 'variable' && tag.name.startsWith('_') && value?.kind === 'variable';
}

const isOkAtom = (e: Expr | undefined): boolean => e?.kind === 'atom' && e.value === 'ok';
