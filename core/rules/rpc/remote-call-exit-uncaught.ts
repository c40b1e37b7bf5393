import type { Call } from '../../elixir/ir';
import { ancestorsOf, callsTo, type FileFacts } from '../../facts/facts';
import { originsOf } from '../../facts/origins';
import { definitionOf } from '../../facts/values';
import { waiterOf } from '../../facts/waiting';
import { isTestPath } from '../../project/environment';
import type { Rule } from '../../rule';

export default {
  id: 'remote-call-exit-uncaught',
  summary: 'A process calls a server on a node of `Node.list()`, and ends when that node does not answer.',
  category: 'availability',
  severity: 'info',
  rationale: `
    \`Node.list()\` says which nodes are connected, not which of them run the server that is called. While a release starts or stops, the node
    is there and the server is not; a moment later the node may be gone too. \`GenServer.call\` then exits with \`{:noproc, _}\` or
    \`{{:nodedown, node}, _}\`, and in a callback the exit takes the process and its state with it, on a node that was well. During a rolling
    deployment every restart of one node can so restart a process on each of the others.

    Reported where a callback, or a function of the file that it calls, makes the call to a node that comes from \`Node.list()\`, and nothing
    around it catches. \`catch :error, _\` does not: a call that fails is an \`:exit\`.

    There is no fix: what the process does without the answer is for you to say. Mostly it tries another node, or later.`,
  references: [
    'https://hexdocs.pm/elixir/GenServer.html#call/3',
    'https://github.com/nerves-hub/nerves_hub_web/commit/aafd57dad88d9c2b76905217ef625d80a39a45a3',
  ],
  examples: [
    {
      title: 'Any other node is asked for its state',
      bad: `
        defmodule Shop.Stock do
          use GenServer

          def init(_), do: {:ok, %{}}

          def handle_info(:sync, state) do
            case Node.list() do
              [] ->
                {:noreply, state}

              nodes ->
                node = Enum.random(nodes)
                {:noreply, GenServer.call({__MODULE__, node}, :state)}
                #          ^^^^^^^^^^^^^^
            end
          end
        end`,
    },
    {
      title: 'A clause for errors does not take an exit',
      bad: `
        defmodule Shop.Stock do
          use GenServer

          def init(_), do: {:ok, fetch()}

          defp fetch do
            GenServer.call({__MODULE__, hd(Node.list())}, :state)
          # ^^^^^^^^^^^^^^
          rescue
            _error -> %{}
          end
        end`,
    },
    {
      title: 'The exit is caught',
      good: `
        defmodule Shop.Stock do
          use GenServer

          def init(_), do: {:ok, %{}}

          def handle_info(:sync, state) do
            node = Enum.random(Node.list())

            try do
              {:noreply, GenServer.call({__MODULE__, node}, :state)}
            catch
              :exit, _reason -> {:noreply, state}
            end
          end
        end`,
    },
    {
      title: 'In a task that may fail',
      good: `
        defmodule Shop.Stock do
          use GenServer

          def init(_), do: {:ok, %{}}

          def handle_info(:sync, state) do
            node = Enum.random(Node.list())
            Task.Supervisor.async_nolink(Shop.Tasks, fn -> GenServer.call({__MODULE__, node}, :state) end)
            {:noreply, state}
          end
        end`,
    },
    {
      title: 'A caller that lives no longer than its call',
      good: `
        defmodule Shop.Stock do
          def of(sku) do
            GenServer.call({Shop.Stock, Enum.random(Node.list())}, {:count, sku})
          end
        end`,
    },
  ],
  triggers: { calls: ['GenServer.call'], pattern: /\bNode\.list\b|\bnodes\(/ },

  *check(file) {
    if (isTestPath(file.path)) return;
    for (const call of callsTo(file, ['GenServer.call'])) {
      if (!asksVisibleNode(file, call) || isCaught(file, call)) continue;
      const waiter = waiterOf(file, call);
      if (waiter?.kind !== 'process') continue;
      yield {
        range: call.callee,
        message: `When that node is gone, or does not run the server, this exits, and the process with it in \`${waiter.callback}\`. Catch \`:exit\`.`,
      };
    }
  },
} satisfies Rule;

const choosing = /^(?:Enum\.(?:random|at|find|min_by|max_by)|Kernel\.hd|List\.(?:first|last))$/;

/** `{name, node}` with a node that comes from `Node.list()`. */
function asksVisibleNode(file: FileFacts, call: Call): boolean {
  const target = call.args[0] && definitionOf(file, call.args[0]);
  const node = target?.kind === 'tuple' && target.items.length === 2 ? target.items[1] : undefined;
  const chosen = node && definitionOf(file, node);
  const of = chosen?.kind === 'call' && choosing.test(`${chosen.module}.${chosen.name}`) ? chosen.args[0] : node;
  return of !== undefined && originsOf(file, of).some((origin) => origin.kind === 'nodes');
}

/** Whether a `catch` around the call takes an exit. */
function isCaught(file: FileFacts, call: Call): boolean {
  for (const ancestor of ancestorsOf(file, call)) {
    if (ancestor.kind !== 'try') continue;
    const takesExit = ancestor.catch.some(({ patterns: [kind, reason] }) => reason && !(kind?.kind === 'atom' && kind.value !== 'exit'));
    if (takesExit) return true;
  }
  return false;
}
