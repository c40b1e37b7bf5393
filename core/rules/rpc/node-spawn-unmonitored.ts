import type { Call } from '../../elixir/ir';
import { ancestorsOf, callsTo, type FileFacts, parentOf } from '../../facts/facts';
import { isLocal } from '../../facts/remote';
import { isTestPath } from '../../project/environment';
import type { Rule } from '../../rule';

export default {
  id: 'node-spawn-unmonitored',
  summary: 'A process is started on another node, and nobody learns whether it ran.',
  category: 'availability',
  severity: 'info',
  optIn: true,
  rationale: `
    \`Node.spawn\` answers with a pid at once, also when the node is down, does not know the module, or goes away a moment later: the pid is then
    that of nothing. Where state is handed over or a step must be done before the next one, the work is lost without an error.

    Reported when the pid is dropped. Off by default, because a best effort is sometimes enough, as for a log.

    \`Node.spawn_monitor\` sends \`{:DOWN, ref, :process, pid, :noconnection}\`; \`:erpc.call/5\` waits for the result within a timeout and raises;
    \`Task.Supervisor.async_nolink({MyApp.Tasks, node}, …)\` gives a supervised task.`,
  references: ['https://hexdocs.pm/elixir/Node.html#spawn/2', 'https://hexdocs.pm/elixir/Node.html#spawn_monitor/4'],
  examples: [
    {
      title: 'State that is handed over',
      bad: `
        def hand_over(node, state) do
          Node.spawn(node, Store, :put, [state])
        # ^^^^^^^^^^
          clear()
        end`,
    },
    {
      title: 'To several nodes',
      bad: `
        def hand_over(data) do
          Enum.each(data, fn {node, items} ->
            Node.spawn(node, Store, :put, [items])
          # ^^^^^^^^^^
          end)
        end`,
    },
    {
      title: 'Monitored',
      good: `
        def hand_over(node, state) do
          {_pid, ref} = Node.spawn_monitor(node, Store, :put, [state])

          receive do
            {:DOWN, ^ref, :process, _, :normal} -> :ok
            {:DOWN, ^ref, :process, _, reason} -> {:error, reason}
          end
        end`,
    },
    { title: 'Linked', good: 'Node.spawn_link(node, Store, :put, [state])' },
    { title: 'The caller gets the pid', good: 'def start(node), do: Node.spawn(node, Store, :put, [:empty])' },
    {
      title: 'Something else watches it',
      good: `
        def start(node) do
          pid = Node.spawn(node, Store, :run, [])
          Process.monitor(pid)
        end`,
    },
    {
      title: 'With options',
      good: `
        def start(node) do
          Node.spawn(node, Store, :run, [], [:monitor])
          :ok
        end`,
    },
  ],
  triggers: { calls: ['Node.spawn'] },

  *check(file) {
    if (isTestPath(file.path)) return;
    for (const call of callsTo(file, ['Node.spawn/2', 'Node.spawn/4'])) {
      if (!isDropped(file, call) || isLocal(file, call)) continue;
      yield {
        range: call.callee,
        message:
          'When the node cannot be reached nothing runs there, and nothing says so. Use `Node.spawn_monitor`, or `:erpc.call/5` for the result.',
      };
    }
  },
} satisfies Rule;

function isDropped(file: FileFacts, call: Call): boolean {
  const parent = parentOf(file, call);
  if (parent?.kind === 'block' && parent.body.at(-1) !== call) return true;
  // The result of the function that `Enum.each` runs.
  for (const ancestor of ancestorsOf(file, call)) {
    if (ancestor.kind === 'block' || ancestor.kind === 'clause' || ancestor.kind === 'if' || ancestor.kind === 'case') continue;
    const each = ancestor.kind === 'fn' ? parentOf(file, ancestor) : undefined;
    return each?.kind === 'call' && each.name === 'each' && each.module === 'Enum';
  }
  return false;
}
