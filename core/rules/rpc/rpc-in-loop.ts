import type { Call, Expr } from '../../elixir/ir';
import { bindingOf } from '../../facts/bindings';
import { ancestorsOf, callsTo, type FileFacts } from '../../facts/facts';
import { originsOf } from '../../facts/origins';
import { isBounded, isInteractive } from '../../facts/remote';
import { isTestPath } from '../../project/environment';
import type { Rule } from '../../rule';
import { contains } from '../../text';

const calls = [':rpc.call', ':rpc.block_call', ':erpc.call', 'GenServer.call'];

/** Functions that run another one for each element, and for all of them. */
const visiting =
  /^(?:each|map|flat_map|reduce|map_reduce|filter|reject|into|group_by|split_with|sum_by|map_join|foldl|foldr|with_index|count|sort_by)$/;

export default {
  id: 'rpc-in-loop',
  summary: 'Nodes are called one after the other.',
  category: 'availability',
  severity: 'info',
  rationale: `
    A loop of remote calls takes as long as all nodes together, and a node that hangs holds up the ones behind it for its whole timeout: with five
    nodes and five seconds a caller that waits five seconds has long given up. With \`:erpc.call\` and \`GenServer.call\` a node that is down raises,
    and the rest of the list is never visited: half of the cluster has the new value.

    \`:erpc.multicall/5\` and \`GenServer.multi_call/4\` call all nodes at once, within one timeout, and answer for each what became of it. For calls
    per process, group the processes by \`node(pid)\` first.

    Silent for tasks that run beside each other, and for searches such as \`Enum.find\` that stop at the first answer.`,
  references: ['https://www.erlang.org/doc/apps/kernel/erpc.html#multicall/5', 'https://hexdocs.pm/elixir/GenServer.html#multi_call/4'],
  examples: [
    {
      title: 'Every other node in turn',
      bad: `
        def flush(key) do
          Enum.each(Node.list(), fn node ->
            :erpc.call(node, Cache, :delete, [key], 5_000)
          # ^^^^^^^^^^
          end)
        end`,
    },
    {
      title: 'In a comprehension',
      bad: `
        def sizes do
          for node <- [node() | Node.list()] do
            {node, :rpc.call(node, Queue, :size, [], 5_000)}
            #      ^^^^^^^^^
          end
        end`,
    },
    {
      title: 'One call for each process',
      bad: `
        def living(pids) do
          Enum.filter(pids, fn pid -> :rpc.call(node(pid), Process, :alive?, [pid], 5_000) == true end)
          #                           ^^^^^^^^^
        end`,
    },
    {
      title: 'A server on each node',
      bad: `
        def states do
          Enum.map(Node.list(), &GenServer.call({Cache, &1}, :state))
          #                      ^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'All at once',
      good: `
        def flush(key) do
          :erpc.multicall([node() | Node.list()], Cache, :delete, [key], 5_000)
        end`,
    },
    {
      title: 'Each in a task',
      good: `
        Node.list()
        |> Task.async_stream(fn node -> :erpc.call(node, Queue, :size, [], 5_000) end)
        |> Enum.to_list()`,
    },
    {
      title: 'Until one answers',
      good: 'Enum.find_value(Node.list(), fn node -> :rpc.call(node, Cache, :get, [key], 5_000) end)',
    },
    {
      title: 'One node, several calls',
      good: 'Enum.map(keys, fn key -> :rpc.call(node, Cache, :get, [key], 5_000) end)',
    },
  ],
  triggers: { calls },

  *check(file) {
    if (isTestPath(file.path)) return;
    const reported = new Set<Expr>();
    for (const call of callsTo(file, calls)) {
      const node = nodeOf(call);
      const loop = node && !isBounded(file, call) && !isInteractive(file, call) ? loopOver(file, call, node) : undefined;
      if (!loop || reported.has(loop)) continue;
      reported.add(loop);
      const raises = call.module !== ':rpc' && !isCaught(file, call);
      const instead = call.module === 'GenServer' ? '`GenServer.multi_call/4`' : '`:erpc.multicall/5`';
      yield {
        range: call.callee,
        message: `The nodes are called one after the other: one that hangs holds up the rest${raises ? ', one that is down ends the loop' : ''}. Use ${instead}.`,
      };
    }
  },
} satisfies Rule;

/** The node that is called. */
function nodeOf(call: Call): Expr | undefined {
  const [target] = call.args;
  if (call.module !== 'GenServer') return target;
  return target?.kind === 'tuple' && target.items.length === 2 ? target.items[1] : undefined;
}

/** The loop around the call that walks the list of nodes of which this is one, or the processes whose node it is. */
function loopOver(file: FileFacts, call: Call, node: Expr): Expr | undefined {
  const isOfProcess = node.kind === 'call' && node.name === 'node' && node.args.length === 1;
  const variable = isOfProcess ? node.args[0] : node;
  const binding = variable?.kind === 'variable' ? bindingOf(file, variable) : undefined;
  const loop = binding && [...ancestorsOf(file, call)].find((a) => isLoop(a) && contains(a.range, binding.at.range));
  if (!binding || !loop) return undefined;
  const { source } = binding;
  if (source.from === 'argument') return isOfProcess && loop.kind === 'call' && loop.module === ':ets' ? loop : undefined;
  return source.from === 'element' && (isOfProcess || areNodes(file, source.expr)) ? loop : undefined;
}

function isLoop(e: Expr): boolean {
  if (e.kind === 'for') return true;
  return e.kind === 'call' && visiting.test(e.name) && /^(?:Enum|:lists|:ets|Map|Keyword|MapSet)$/.test(e.module ?? '');
}

function areNodes(file: FileFacts, list: Expr): boolean {
  if (originsOf(file, list).some((o) => o.kind === 'nodes')) return true;
  const name = list.kind === 'variable' || list.kind === 'field' ? list.name : '';
  return /^(?:\w+_)?nodes$/.test(name);
}

function isCaught(file: FileFacts, call: Call): boolean {
  for (const ancestor of ancestorsOf(file, call)) {
    if (ancestor.kind === 'try') return ancestor.rescue.length + ancestor.catch.length > 0;
    if (isLoop(ancestor)) return false;
  }
  return false;
}
