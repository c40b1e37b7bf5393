import { type Call, descendants, type Expr } from '../../elixir/ir';
import { unhandledEventsOf } from '../../facts/event-clauses';
import { type FileFacts, functionClauseOf, type ModuleDef } from '../../facts/facts';
import { mayHaveHiddenClauses } from '../../facts/messages';
import { type EventPattern, eventPatternsOf, mentions, type Subscription, subscriptionsOf } from '../../facts/node-events';
import { resultsOf } from '../../facts/values';
import { ignoreEvents } from '../../fix-events';
import type { Fix, Rule } from '../../rule';

export default {
  id: 'nodedown-not-handled',
  summary: 'A process subscribes to node events but never reacts to `:nodedown`.',
  category: 'partition-tolerance',
  severity: 'warning',
  fixable: 'unsafe',
  rationale: `
    The module handles \`:nodeup\` and lets \`:nodedown\` fall into a catch-all clause. What it keeps about the other nodes then only grows:
    a ring still routes to a node that is gone, a list of members never shrinks, a partition goes unnoticed.

    Silent where the clause for \`:nodeup\` keeps nothing: the state stays what it was, and at most the new node is sent a message. So it is beside
    \`:ra\` and Khepri, whose members are not to be removed because they cannot be reached. Without a catch-all clause the process crashes on
    \`:nodedown\` instead, of which node-event-unhandled tells.

    Reported when \`:nodeup\` is handled and \`:nodedown\` is not mentioned anywhere in the module. A clause that ignores the event on purpose,
    \`def handle_info({:nodedown, _node}, state), do: {:noreply, state}\`, says so and is accepted.

    The fix adds such a clause after the one for \`:nodeup\`; fill in what the module has to forget.`,
  references: ['https://www.erlang.org/doc/apps/kernel/net_kernel.html#monitor_nodes/1'],
  examples: [
    {
      title: 'Members are only ever added',
      bad: `
        defmodule Members do
          use GenServer

          def init(_) do
            :net_kernel.monitor_nodes(true)
          # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            {:ok, Node.list()}
          end

          def handle_info({:nodeup, node}, nodes), do: {:noreply, [node | nodes]}
          def handle_info(_other, nodes), do: {:noreply, nodes}
        end`,
      good: `
        defmodule Members do
          use GenServer

          def init(_) do
            :net_kernel.monitor_nodes(true)
            {:ok, Node.list()}
          end

          def handle_info({:nodeup, node}, nodes), do: {:noreply, [node | nodes]}
          def handle_info({:nodedown, _node}, state), do: {:noreply, state}
          def handle_info(_other, nodes), do: {:noreply, nodes}
        end`,
    },
    {
      title: 'Handled',
      good: `
        defmodule Members do
          use GenServer

          def init(_) do
            :net_kernel.monitor_nodes(true)
            {:ok, Node.list()}
          end

          def handle_info({:nodeup, node}, nodes), do: {:noreply, [node | nodes]}
          def handle_info({:nodedown, node}, nodes), do: {:noreply, List.delete(nodes, node)}
        end`,
    },
    {
      title: 'The new node is greeted, and nothing is kept about it',
      good: `
        defmodule Greeter do
          use GenServer

          def init(name) do
            :net_kernel.monitor_nodes(true)
            {:ok, name}
          end

          def handle_info({:nodeup, node}, name) do
            Logger.info("up: #{node}")
            send({name, node}, {:hello, node()})
            {:noreply, name}
          end

          def handle_info(_other, name), do: {:noreply, name}
        end`,
    },
    {
      title: 'The same in a case',
      good: `
        defmodule Greeter do
          use GenServer

          def init(table) do
            :net_kernel.monitor_nodes(true)
            {:ok, table}
          end

          def handle_info(message, table) do
            case message do
              {:nodeup, node} ->
                GenServer.cast({__MODULE__, node}, {:rows, table})
                {:noreply, table}

              _other ->
                {:noreply, table}
            end
          end
        end`,
    },
    {
      title: 'Both events in one clause',
      good: `
        defmodule Members do
          use GenServer

          def init(_) do
            :net_kernel.monitor_nodes(true)
            {:ok, []}
          end

          def handle_info({event, _node}, _) when event in [:nodeup, :nodedown] do
            {:noreply, Node.list()}
          end
        end`,
    },
    {
      title: 'Members of a Raft cluster stay members',
      good: `
        defmodule Store do
          use GenServer

          def init(_) do
            :net_kernel.monitor_nodes(true)
            {:ok, []}
          end

          def handle_info({:nodeup, node}, joined) do
            :khepri_cluster.join(:store, node)
            {:noreply, [node | joined]}
          end

          def handle_info(_other, joined), do: {:noreply, joined}
        end`,
    },
  ],
  triggers: { calls: [':net_kernel.monitor_nodes'] },

  *check(file) {
    if ([...file.calls.keys()].some((name) => /^:(?:ra|khepri)(?:_\w+)?\./.test(name))) return;
    for (const module of file.modules) {
      const [subscription] = subscriptionsOf(file, module);
      const up = eventPatternsOf(file, module).filter((p) => p.event === 'nodeup' && !keepsNothing(file, p));
      if (!subscription || up.length === 0 || mentions(file, module, 'nodedown') || mayHaveHiddenClauses(module)) continue;
      if (unhandledEventsOf(file, module)?.events.includes('nodedown')) continue;
      const fix = addClause(file, module, subscription);
      yield {
        range: subscription.call.range,
        message:
          'Nodes that come up are noticed, nodes that go down are not: what is kept about them is never cleared. Handle `:nodedown`.',
        related: up.slice(0, 1).map((p) => ({ message: '`:nodeup` is handled here.', range: p.tuple.range })),
        ...(fix && { fix }),
      };
    }
  },
} satisfies Rule;

/** Whether all that the clause does is to log and to greet the new node, so that there is nothing to clear when it goes. */
function keepsNothing(file: FileFacts, { tuple, clause }: EventPattern): boolean {
  const states = functionClauseOf(file, tuple)?.clause.patterns.slice(1) ?? [];
  const node = tuple.items[1];
  if (node?.kind !== 'variable') return false;
  const isState = (e: Expr | undefined): boolean =>
    e?.kind === 'variable' && states.some((state) => state.kind === 'variable' && state.name === e.name);
  const isUnchanged = resultsOf(clause.body).every((e) => e.kind === 'tuple' && e.items.length === 2 && isState(e.items[1]));
  const greets = (call: Call): boolean => {
    const [to] = call.args;
    const host = to?.kind === 'tuple' ? to.items[1] : undefined;
    return /^(?:send|cast)$/.test(call.name) && host?.kind === 'variable' && host.name === node.name;
  };
  return (
    isUnchanged && [...descendants(clause.body)].every((e) => e.kind !== 'call' || reads.test(`${e.module ?? ''}.${e.name}`) || greets(e))
  );
}

/** Functions after which everything is as before. */
const reads = /^(?:Logger|IO|:telemetry|:logger|Process)\.|^Kernel\.(?:node|self|inspect|to_string)$|^Node\.self$/;

/** A clause beside the `handle_info` for `:nodeup`. */
function addClause(file: FileFacts, module: ModuleDef, subscription: Subscription): Fix | undefined {
  const handler = module.functions.find((f) => f.name === 'handle_info' && f.arity === 2);
  const clause = handler?.clauses.find((c) => {
    const [message] = c.clause.patterns;
    const tag = message?.kind === 'tuple' ? message.items[0] : undefined;
    return tag?.kind === 'atom' && tag.value === 'nodeup';
  });
  return clause && { title: 'Add a clause for `:nodedown`', edits: [ignoreEvents(file, clause, ['nodedown'], subscription)] };
}
