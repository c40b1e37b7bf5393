import type { FileFacts, ModuleDef } from '../../facts/facts';
import { eventPatternsOf, mentions, subscriptionsOf } from '../../facts/node-events';
import { insertAt } from '../../fix';
import type { Fix, Rule } from '../../rule';
import { indentationAt, lineEnding } from '../../text';

export default {
  id: 'nodedown-not-handled',
  summary: 'A process subscribes to node events but never reacts to `:nodedown`.',
  category: 'partition-tolerance',
  severity: 'warning',
  fixable: 'unsafe',
  rationale: `
    The module handles \`:nodeup\` and lets \`:nodedown\` fall into a catch-all clause, or has no clause for it at all. What it keeps about the
    other nodes then only grows: a ring still routes to a node that is gone, a list of members never shrinks, a partition goes unnoticed.

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
  ],
  triggers: { calls: [':net_kernel.monitor_nodes'] },

  *check(file) {
    for (const module of file.modules) {
      const [subscription] = subscriptionsOf(file, module);
      const up = eventPatternsOf(file, module).filter((p) => p.event === 'nodeup');
      if (!subscription || up.length === 0 || mentions(file, module, 'nodedown') || usesOwnMacros(module)) continue;
      const fix = addClause(file, module, subscription.size);
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

/** Clauses may come from a macro of the project. */
function usesOwnMacros(module: ModuleDef): boolean {
  const plain = /^(?:GenServer|GenStage|Agent|Supervisor|DynamicSupervisor|Application|Task|GenStateMachine|Phoenix\..*)$/;
  return module.uses.some((u) => !plain.test(u.module));
}

/** A clause beside the `handle_info` for `:nodeup`, written on one line as that one is or not. */
function addClause(file: FileFacts, module: ModuleDef, size: 2 | 3): Fix | undefined {
  const handler = module.functions.find((f) => f.name === 'handle_info' && f.arity === 2);
  const clause = handler?.clauses.find((c) => {
    const [message] = c.clause.patterns;
    const tag = message?.kind === 'tuple' ? message.items[0] : undefined;
    return tag?.kind === 'atom' && tag.value === 'nodeup';
  });
  if (!clause) return undefined;
  const { start, end } = clause.clause.range;
  const newline = lineEnding(file.text);
  const head = size === 3 ? '{:nodedown, _node, _info}' : '{:nodedown, _node}';
  const gap = clause.oneLine ? newline : newline + newline;
  const text = `${gap}${indentationAt(file.text, start)}def handle_info(${head}, state), do: {:noreply, state}`;
  return { title: 'Add a clause for `:nodedown`', edits: [insertAt(end, text)] };
}
