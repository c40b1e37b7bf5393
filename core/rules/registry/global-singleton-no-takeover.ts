import { descendants, type Expr } from '../../elixir/ir';
import { type NamedStart, namedStartsIn } from '../../facts/cluster-names';
import { callsTo, type FileFacts, type ModuleDef, moduleOf, parentOf } from '../../facts/facts';
import { takesMessage } from '../../facts/messages';
import { isTestPath } from '../../project/environment';
import type { Rule } from '../../rule';

export default {
  id: 'global-singleton-no-takeover',
  summary: 'A singleton that another node has is ignored, and nobody here starts it when that node goes away.',
  category: 'availability',
  severity: 'info',
  optIn: true,
  rationale: `
    \`{:error, {:already_started, _pid}} -> :ignore\` lets the supervisor of the second node start. But a child that answered \`:ignore\` is not
    started again: when the node that has the process goes away, every other node stays without it until somebody restarts it.

    Reported when nothing in the module monitors or links the process that won, or handles \`:nodedown\`. Off by default, because the process may be
    started again by something that cannot be seen.

    Let \`{Highlander, MyApp.Singleton}\` watch the winner, start the process under \`Horde.DynamicSupervisor\`, or start a small process instead of
    \`:ignore\` that monitors the pid and tries again.`,
  references: ['https://hexdocs.pm/highlander', 'https://github.com/swoosh/swoosh/issues/333'],
  examples: [
    {
      title: 'Ignored for good',
      bad: `
        defmodule MyApp.Leader do
          use GenServer

          def start_link(_) do
            case GenServer.start_link(__MODULE__, [], name: {:global, __MODULE__}) do
              {:error, {:already_started, _pid}} -> :ignore
              #                                     ^^^^^^^
              other -> other
            end
          end
        end`,
    },
    {
      title: 'The winner is watched',
      good: `
        defmodule MyApp.Leader do
          use GenServer

          def start_link(_) do
            case GenServer.start_link(__MODULE__, [], name: {:global, __MODULE__}) do
              {:error, {:already_started, pid}} -> Standby.start_link(pid)
              other -> other
            end
          end
        end`,
    },
    {
      title: 'Linked to the winner',
      good: `
        defmodule MyApp.Leader do
          use GenServer

          def start_link(_) do
            case GenServer.start_link(__MODULE__, [], name: {:global, __MODULE__}) do
              {:error, {:already_started, pid}} ->
                Process.link(pid)
                :ignore

              other ->
                other
            end
          end
        end`,
    },
    {
      title: 'A name of this node',
      good: `
        defmodule MyApp.Leader do
          use GenServer

          def start_link(_) do
            case GenServer.start_link(__MODULE__, [], name: __MODULE__) do
              {:error, {:already_started, _pid}} -> :ignore
              other -> other
            end
          end
        end`,
    },
  ],
  triggers: { words: ['already_started'], pattern: /\b(?:global|syn)\b/ },

  *check(file) {
    if (isTestPath(file.path)) return;
    for (const start of namedStartsIn(file)) {
      // Horde and Swarm start their children again elsewhere by themselves.
      const ignored = /^:(?:global|syn)$/.test(start.name.registry) ? ignoring(file, start) : undefined;
      if (!ignored || watches(file, start.clause.def.module)) continue;
      yield {
        range: ignored.range,
        message:
          'When the node that has this process goes away, nobody here starts it. Monitor the winner and try again, or use `Highlander`.',
        related: [{ message: 'One process of this name for the whole cluster.', range: start.name.at.range }],
      };
    }
  },
} satisfies Rule;

/** What the clause for `{:error, {:already_started, _}}` answers, where it is `:ignore`. */
function ignoring(file: FileFacts, { call }: NamedStart): Expr | undefined {
  const parent = parentOf(file, call);
  const clauses = parent?.kind === 'case' && parent.subject === call ? parent.clauses : [];
  const body = clauses.find((clause) => clause.patterns.some(namesStarted))?.body;
  const last = body?.kind === 'block' ? body.body.at(-1) : body;
  return last?.kind === 'atom' && last.value === 'ignore' ? last : undefined;
}

function namesStarted(pattern: Expr): boolean {
  return [...descendants(pattern)].some((e) => e.kind === 'atom' && e.value === 'already_started');
}

function watches(file: FileFacts, module: ModuleDef): boolean {
  if (['DOWN', 'nodedown', 'EXIT'].some((tag) => [2, 3, 5].some((size) => takesMessage(file, module, tag, size)))) return true;
  return callsTo(file, ['Process.monitor', 'Process.link', 'Node.monitor', ':net_kernel.monitor_nodes', ':erlang.monitor']).some(
    (call) => moduleOf(file, call) === module,
  );
}
