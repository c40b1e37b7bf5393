import type { Expr } from '../../elixir/ir';
import { isSharedClusterName, namedStartsIn, ownRegistration, registrationsIn } from '../../facts/cluster-names';
import { callsTo, type FileFacts, findFunction, type ModuleDef, moduleOf } from '../../facts/facts';
import { resultsOf } from '../../facts/values';
import { isTestPath } from '../../project/environment';
import type { Finding, Related, Rule } from '../../rule';

export default {
  id: 'global-default-resolver-kills',
  summary: 'After a partition `:global` kills one of two processes with the same name, without a word.',
  category: 'partition-tolerance',
  severity: 'info',
  rationale: `
    During a netsplit each side registers the name again. When the sides meet, the default resolver of \`:global\` sends an untrappable
    \`exit(pid, :kill)\` to the process on the node whose name sorts higher: \`terminate/2\` does not run, linked processes die with it, and what it
    had in memory or had not yet written is gone. The name of the default, \`random_exit_name\`, says random; it is not.

    Information where a name is registered without a resolver. A warning where the process that is named shows that it counts on a clean end: it
    traps exits, or its \`terminate/2\` does something. \`name: {:global, …}\` always means this resolver.

    Register with a resolver of your own: \`&:global.random_notify_name/3\` sends \`{:global_name_conflict, name}\` to the loser, which then hands over
    its state and stops; a function of three arguments can also choose by age or by what each side knows. It must choose alike on every node.
    There is no fix, because the loser needs code for that message.`,
  references: [
    'https://www.erlang.org/doc/apps/kernel/global.html#register_name/3',
    'https://www.erlang.org/doc/apps/kernel/global.html#random_exit_name/3',
  ],
  examples: [
    {
      title: 'No resolver',
      bad: `
        def init(id) do
          case :global.register_name({:room, id}, self()) do
            #  ^^^^^^^^^^^^^^^^^^^^^
            :yes -> {:ok, id}
            :no -> :ignore
          end
        end`,
    },
    {
      title: 'It counts on being stopped in order',
      bad: `
        defmodule MyApp.Writer do
          use GenServer

          def start_link(path) do
            GenServer.start_link(__MODULE__, path, name: {:global, __MODULE__})
            #                                            ^^^^^^^^^^^^^^^^^^^^^
          end

          def init(path) do
            Process.flag(:trap_exit, true)
            {:ok, %{path: path, pending: []}}
          end

          def terminate(_reason, state), do: File.write!(state.path, state.pending)
        end`,
    },
    {
      title: 'A name that only this node can make',
      good: `
        defmodule MyApp.Watcher do
          use GenServer

          def start_link(parent) do
            GenServer.start_link(__MODULE__, parent, name: {:global, {__MODULE__, parent}})
          end

          def init(parent) do
            Process.flag(:trap_exit, true)
            {:ok, parent}
          end
        end`,
    },
    {
      title: 'A resolver of its own',
      good: `
        def init(id) do
          :yes = :global.register_name({:room, id}, self(), &__MODULE__.resolve/3)
          {:ok, id}
        end`,
    },
    {
      title: 'Nothing is lost with it',
      good: `
        defmodule MyApp.Clock do
          use GenServer

          def start_link(_), do: GenServer.start_link(__MODULE__, [], name: {:global, __MODULE__})
          def init(state), do: {:ok, state}
          def terminate(_reason, _state), do: :ok
        end`,
    },
    {
      title: 'Another registry',
      good: `
        defmodule MyApp.Writer do
          use GenServer

          def start_link(_), do: GenServer.start_link(__MODULE__, [], name: __MODULE__)
          def terminate(_reason, state), do: File.write!(state.path, state.pending)
        end`,
    },
  ],
  triggers: { words: ['global'] },

  *check(file) {
    if (isTestPath(file.path)) return;
    for (const { call, registry, resolver, process } of registrationsIn(file)) {
      if (registry !== ':global' || resolver || !process) continue;
      const module = moduleOf(file, call);
      const isOwn = module !== undefined && ownRegistration(file, module)?.at === call;
      yield finding(call.callee, isOwn ? cleanEndOf(file, module) : undefined);
    }
    for (const { clause, name } of namedStartsIn(file)) {
      const isShared = name.registry === ':global' && isSharedClusterName(file, name) !== undefined;
      const end = isShared ? cleanEndOf(file, clause.def.module) : undefined;
      if (end) yield finding(name.at.range, end);
    }
  },
} satisfies Rule;

function finding(range: Finding['range'], end: Related | undefined): Finding {
  return {
    range,
    message: `After a partition \`:global\` kills one of two processes of this name${end ? ', and it cannot clean up' : ''}. Register with a resolver.`,
    ...(end && { severity: 'warning' as const, related: [end] }),
  };
}

/** What shows that the process counts on being stopped in order. */
function cleanEndOf(file: FileFacts, module: ModuleDef): Related | undefined {
  const terminate = findFunction(module, 'terminate', 2);
  if (terminate?.clauses.some(({ clause }) => resultsOf(clause.body).length > 1 || !isPlain(clause.body))) {
    return { message: 'It is not called then.', range: terminate.nameRange };
  }
  for (const call of callsTo(file, ['Process.flag/2', ':erlang.process_flag/2'])) {
    const [flag, on] = call.args;
    const traps = flag?.kind === 'atom' && flag.value === 'trap_exit' && on?.kind === 'atom' && on.value === 'true';
    if (traps && moduleOf(file, call) === module) return { message: 'This exit cannot be trapped.', range: call.range };
  }
  return undefined;
}

/** Nothing is done: `:ok`, or only something is logged. */
function isPlain(e: Expr): boolean {
  if (e.kind === 'block') return e.body.every(isPlain);
  return (
    e.kind === 'atom' || e.kind === 'variable' || (e.kind === 'call' && (e.module === 'Logger' || (e.module === 'IO' && e.name === 'puts')))
  );
}
