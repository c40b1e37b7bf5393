import type { Expr } from '../../elixir/ir';
import type { FileFacts } from '../../facts/facts';
import { type EventPattern, eventPatternsOf, monitorsNodesOtherwise, type Subscription, subscriptionsOf } from '../../facts/node-events';
import { insertAt, makesLineTooLong, replace } from '../../fix';
import type { Finding, Fix, Rule } from '../../rule';

export default {
  id: 'monitor-nodes-message-shape',
  summary: 'A clause for node events has another size than the messages that were subscribed to.',
  category: 'partition-tolerance',
  severity: 'error',
  fixable: 'safe',
  rationale: `
    \`:net_kernel.monitor_nodes(true)\` sends \`{:nodedown, node}\`. With options, even \`node_type: :visible\`, it sends
    \`{:nodedown, node, info}\`, where \`info\` is a keyword list for a list of options and a map for a map. A clause of the other size never
    matches: the catch-all swallows every event, or the process crashes on the first one. Nobody notices until the day the network splits.

    Reported when the module subscribes in one way only and no clause has the right size. \`Node.monitor/2\` and \`:global_group.monitor_nodes/1\`
    send 2-tuples too; a module that uses them may have both. An empty list of options counts as none.

    The fix gives the pattern the size of the messages.`,
  references: ['https://www.erlang.org/doc/apps/kernel/net_kernel.html#monitor_nodes/2'],
  examples: [
    {
      title: 'Options make 3-tuples',
      bad: `
        defmodule Watcher do
          use GenServer

          def init(state) do
            :net_kernel.monitor_nodes(true, node_type: :visible)
            {:ok, state}
          end

          def handle_info({:nodedown, node}, state) do
            #             ^^^^^^^^^^^^^^^^^
            {:noreply, List.delete(state, node)}
          end

          def handle_info(_other, state), do: {:noreply, state}
        end`,
      good: `
        defmodule Watcher do
          use GenServer

          def init(state) do
            :net_kernel.monitor_nodes(true, node_type: :visible)
            {:ok, state}
          end

          def handle_info({:nodedown, node, _info}, state) do
            {:noreply, List.delete(state, node)}
          end

          def handle_info(_other, state), do: {:noreply, state}
        end`,
    },
    {
      title: 'Without options they are pairs',
      bad: `
        defmodule Watcher do
          use GenServer

          def init(state) do
            :ok = :net_kernel.monitor_nodes(true)
            {:ok, state}
          end

          def handle_info({:nodedown, node, _info}, state) do
            #             ^^^^^^^^^^^^^^^^^^^^^^^^
            {:noreply, List.delete(state, node)}
          end

          def handle_info(_other, state), do: {:noreply, state}
        end`,
      good: `
        defmodule Watcher do
          use GenServer

          def init(state) do
            :ok = :net_kernel.monitor_nodes(true)
            {:ok, state}
          end

          def handle_info({:nodedown, node}, state) do
            {:noreply, List.delete(state, node)}
          end

          def handle_info(_other, state), do: {:noreply, state}
        end`,
    },
    {
      title: 'A list of options brings a list',
      bad: `
        defmodule Watcher do
          use GenServer

          def init(state) do
            :net_kernel.monitor_nodes(true, [:nodedown_reason])
            {:ok, state}
          end

          def handle_info({:nodedown, node, %{nodedown_reason: reason}}, state) do
            #                               ^^^^^^^^^^^^^^^^^^^^^^^^^^
            {:noreply, [{node, reason} | state]}
          end
        end`,
    },
    {
      title: 'An empty list of options asks for pairs',
      good: `
        defmodule Watcher do
          use GenServer

          def init(state) do
            :net_kernel.monitor_nodes(true, [])
            {:ok, state}
          end

          def handle_info({:nodedown, node}, state), do: {:noreply, List.delete(state, node)}
          def handle_info({:nodeup, node}, state), do: {:noreply, [node | state]}
        end`,
    },
    {
      title: 'Another monitor sends the pairs',
      good: `
        defmodule Watcher do
          use GenServer

          def init(node) do
            :net_kernel.monitor_nodes(true, node_type: :all)
            Node.monitor(node, true)
            {:ok, node}
          end

          def handle_info({:nodedown, node}, node), do: {:stop, :nodedown, node}
          def handle_info({:nodeup, _node, _info}, node), do: {:noreply, node}
        end`,
    },
  ],
  triggers: { calls: [':net_kernel.monitor_nodes'] },

  *check(file) {
    for (const module of file.modules) {
      const subscriptions = subscriptionsOf(file, module);
      const [first, ...others] = subscriptions;
      if (!first || others.some((s) => s?.size !== first.size || s.info !== first.info)) continue;
      const patterns = eventPatternsOf(file, module);
      if (first.size === 3 && monitorsNodesOtherwise(file, module)) continue;
      for (const event of ['nodeup', 'nodedown'] as const) {
        const ofEvent = patterns.filter((p) => p.event === event);
        if (ofEvent.some((p) => p.size === first.size)) continue;
        yield* ofEvent.filter((p) => p.size === 2 || p.size === 3).map((p) => wrongSize(file, p, first));
      }
      for (const pattern of patterns) {
        const info = pattern.tuple.items[2];
        if (first.info === 'list' && info?.kind === 'map' && pattern.size === 3) yield wrongInfo(info, first, 'a keyword list', 'a map');
        if (first.info === 'map' && info?.kind === 'list' && pattern.size === 3) yield wrongInfo(info, first, 'a map', 'a list');
      }
    }
  },
} satisfies Rule;

function wrongSize(file: FileFacts, { tuple, event }: EventPattern, subscription: Subscription): Finding {
  const sent = subscription.size === 3 ? `{:${event}, node, info}` : `{:${event}, node}`;
  const fix = resize(file, tuple, subscription.size);
  return {
    range: tuple.range,
    message: `This clause never matches: the subscription sends \`${sent}\`. Match that.`,
    related: [{ message: 'Subscribed here.', range: subscription.call.range }],
    ...(fix && { fix }),
  };
}

function resize(file: FileFacts, tuple: EventPattern['tuple'], size: 2 | 3): Fix | undefined {
  const [, node, info] = tuple.items;
  if (!node) return undefined;
  if (size === 3) {
    const edits = [insertAt(node.range.end, ', _info')];
    return { title: 'Match the third element', edits, safety: makesLineTooLong(file.text, edits) ? 'unsafe' : 'safe' };
  }
  // What the body uses of the third element cannot be had from the pair.
  if (info?.kind !== 'variable' || !info.name.startsWith('_')) return undefined;
  return { title: 'Match the pair', edits: [replace({ start: node.range.end, end: info.range.end }, '')] };
}

function wrongInfo(info: Expr, subscription: Subscription, sent: string, matched: string): Finding {
  return {
    range: info.range,
    message: `With these options the third element is ${sent}; this matches ${matched}, and never does. Subscribe with a map of options for a map, or match the list.`,
    related: [{ message: 'Subscribed here.', range: subscription.call.range }],
  };
}
