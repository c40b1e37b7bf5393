import { type UnhandledEvents, unhandledEventsOf } from '../../facts/event-clauses';
import type { FileFacts, ModuleDef } from '../../facts/facts';
import { makesLineTooLong } from '../../fix';
import { ignoreEvents } from '../../fix-events';
import type { Fix, Rule } from '../../rule';

export default {
  id: 'node-event-unhandled',
  summary: 'A process subscribes to node events of which no clause of its `handle_info/2` takes some, and crashes on them.',
  category: 'partition-tolerance',
  severity: 'error',
  fixable: 'unsafe',
  rationale: `
    \`:net_kernel.monitor_nodes(true)\` sends \`:nodeup\` and \`:nodedown\` of *every* node. There is no way to ask for one of the two, nor for one
    node. An event that no clause of \`handle_info/2\` takes raises a \`FunctionClauseError\`: the process crashes each time any node comes or goes.
    It loses its state, and after a partition, when many events come at once, its supervisor may give up too.

    It happens where only \`{:nodedown, node}\` has a clause, and where a clause takes the events of one node only:
    \`def handle_info({:nodeup, node}, node)\` asks for both to be equal, and is tried out in a cluster of two.

    The default \`handle_info/2\` of \`GenServer\`, which logs and goes on, is gone as soon as a module has a clause of its own.

    Silent where any clause may take the event (a variable, \`_\`, \`{event, _node}\`, a guard that cannot be read), where the module has no clauses
    at all, where a macro of the project may add some, where the process also unsubscribes, and where the clauses have the wrong size:
    monitor-nodes-message-shape tells of those.

    The fix adds clauses that ignore what no clause takes.`,
  references: [
    'https://www.erlang.org/doc/apps/kernel/net_kernel.html#monitor_nodes/1',
    'https://hexdocs.pm/elixir/GenServer.html#c:handle_info/2',
  ],
  examples: [
    {
      title: 'Only one of the two events has a clause',
      bad: `
        defmodule Shop.Sessions do
          use GenServer

          def init(_) do
            :ok = :net_kernel.monitor_nodes(true)
            #     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            {:ok, %{}}
          end

          def handle_info({:nodedown, node}, sessions) do
            {:noreply, Map.delete(sessions, node)}
          end
        end`,
      good: `
        defmodule Shop.Sessions do
          use GenServer

          def init(_) do
            :ok = :net_kernel.monitor_nodes(true)
            {:ok, %{}}
          end

          def handle_info({:nodedown, node}, sessions) do
            {:noreply, Map.delete(sessions, node)}
          end

          def handle_info({:nodeup, _node}, state), do: {:noreply, state}
        end`,
    },
    {
      title: 'The clauses take the events of one node',
      bad: `
        defmodule Shop.Standby do
          use GenServer

          def init(primary) do
            :net_kernel.monitor_nodes(true)
          # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            {:ok, primary}
          end

          def handle_info({:nodeup, primary}, primary), do: {:noreply, primary}
          def handle_info({:nodedown, primary}, primary), do: {:stop, :primary_lost, primary}
        end`,
      good: `
        defmodule Shop.Standby do
          use GenServer

          def init(primary) do
            :net_kernel.monitor_nodes(true)
            {:ok, primary}
          end

          def handle_info({:nodeup, primary}, primary), do: {:noreply, primary}
          def handle_info({:nodedown, primary}, primary), do: {:stop, :primary_lost, primary}
          def handle_info({:nodeup, _node}, state), do: {:noreply, state}
          def handle_info({:nodedown, _node}, state), do: {:noreply, state}
        end`,
    },
    {
      title: 'A guard and the replies of tasks leave them out as well',
      bad: `
        defmodule Shop.Standby do
          use GenServer

          @primary :"shop@10.0.0.1"

          def init(state) do
            :net_kernel.monitor_nodes(true, node_type: :all)
          # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            {:ok, state}
          end

          def handle_info({:nodeup, _node, _info}, state), do: {:noreply, state}

          def handle_info({:nodedown, node, _info}, state) when node == @primary do
            {:noreply, %{state | primary: false}}
          end

          def handle_info({ref, _result}, state) when is_reference(ref), do: {:noreply, state}
        end`,
      good: `
        defmodule Shop.Standby do
          use GenServer

          @primary :"shop@10.0.0.1"

          def init(state) do
            :net_kernel.monitor_nodes(true, node_type: :all)
            {:ok, state}
          end

          def handle_info({:nodeup, _node, _info}, state), do: {:noreply, state}

          def handle_info({:nodedown, node, _info}, state) when node == @primary do
            {:noreply, %{state | primary: false}}
          end

          def handle_info({ref, _result}, state) when is_reference(ref), do: {:noreply, state}
          def handle_info({:nodedown, _node, _info}, state), do: {:noreply, state}
        end`,
    },
    {
      title: 'A clause for all other messages',
      good: `
        defmodule Shop.Standby do
          use GenServer

          def init(primary) do
            :net_kernel.monitor_nodes(true)
            {:ok, primary}
          end

          def handle_info({:nodedown, primary}, primary), do: {:stop, :primary_lost, primary}
          def handle_info(_message, primary), do: {:noreply, primary}
        end`,
    },
    {
      title: 'One clause for both events',
      good: `
        defmodule Shop.Members do
          use GenServer

          def init(_) do
            :net_kernel.monitor_nodes(true)
            {:ok, Node.list()}
          end

          def handle_info({event, _node}, _nodes) when event in [:nodeup, :nodedown] do
            {:noreply, Node.list()}
          end
        end`,
    },
    {
      title: 'Another process subscribes',
      good: `
        defmodule Shop.Members do
          use GenServer

          def init(_), do: {:ok, %{}}
          def subscribe, do: :net_kernel.monitor_nodes(true)
          def handle_info({:tick, time}, state), do: {:noreply, Map.put(state, :time, time)}
        end`,
    },
    {
      title: 'No clause at all: the default one logs',
      good: `
        defmodule Shop.Members do
          use GenServer

          def init(_) do
            :net_kernel.monitor_nodes(true)
            {:ok, []}
          end
        end`,
    },
    {
      title: 'A macro may add clauses',
      good: `
        defmodule Shop.Members do
          use GenServer
          use Shop.IgnoresOtherMessages

          def init(_) do
            :net_kernel.monitor_nodes(true)
            {:ok, []}
          end

          def handle_info({:nodedown, node}, nodes), do: {:noreply, List.delete(nodes, node)}
        end`,
    },
  ],
  triggers: { calls: [':net_kernel.monitor_nodes'] },

  *check(file) {
    for (const module of file.modules) {
      const unhandled = unhandledEventsOf(file, module);
      if (!unhandled) continue;
      const { subscription, events, ofOneNode } = unhandled;
      const names = events.map((event) => `\`:${event}\``).join(' or ');
      const node = ofOneNode.length > 0 ? 'a node other than the one in the pattern' : 'a node';
      const happens = events.length === 2 ? 'comes or goes' : events[0] === 'nodeup' ? 'comes up' : 'goes down';
      const fix = addClauses(file, module, unhandled);
      yield {
        range: subscription.call.range,
        message: `The process crashes whenever ${node} ${happens}: no clause of \`handle_info/2\` takes that ${names}. Add a clause that does.`,
        related: ofOneNode.map((tuple) => ({ message: 'This clause takes the event of one node only.', range: tuple.range })),
        ...(fix && { fix }),
      };
    }
  },
} satisfies Rule;

/** Clauses after the last one of `handle_info/2`. */
function addClauses(file: FileFacts, module: ModuleDef, { subscription, handler, events, ofOneNode }: UnhandledEvents): Fix | undefined {
  const last = handler.clauses.at(-1);
  if (!last || !module.behaviours.includes('GenServer')) return undefined;
  const edits = [ignoreEvents(file, last, events, subscription)];
  if (makesLineTooLong(file.text, edits)) return undefined;
  return { title: `Ignore ${events.map((event) => `\`:${event}\``).join(' and ')}${ofOneNode.length > 0 ? ' of other nodes' : ''}`, edits };
}
