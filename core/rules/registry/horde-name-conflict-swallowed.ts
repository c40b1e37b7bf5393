import type { Call, Expr } from '../../elixir/ir';
import { ownRegistration } from '../../facts/cluster-names';
import { callsTo, type FileFacts, type FunctionClause, findFunction, type ModuleDef, moduleOf } from '../../facts/facts';
import { mayHaveHiddenClauses } from '../../facts/messages';
import { resultsOf } from '../../facts/values';
import { addHandleInfo } from '../../fix-messages';
import type { Related, Rule } from '../../rule';

export default {
  id: 'horde-name-conflict-swallowed',
  summary: 'A process that traps exits is not told by Horde that another one has its name.',
  category: 'partition-tolerance',
  severity: 'warning',
  fixable: 'safe',
  rationale: `
    When a partition heals and two processes have one name, \`Horde.Registry\` keeps one and sends the other
    \`Process.exit(pid, {:name_conflict, {key, value}, registry, winner})\`. That ends it, unless it traps exits: then the verdict is only a message
    \`{:EXIT, from, {:name_conflict, …}}\`. A catch-all clause, or the default of \`GenServer\` that logs what it does not know, swallows it, and the
    loser runs on without a name: nobody can reach it or stop it, and it goes on writing.

    Reported when the module traps exits, registers itself with Horde, and the first clause of \`handle_info\` that takes the message does not stop.
    A clause \`{:EXIT, _from, reason}\` that stops for every reason handles it. Silent where a clause has a guard or hands the message on, and for
    modules that \`use\` something unknown.

    The fix adds a clause that stops the process in order.`,
  references: ['https://hexdocs.pm/horde/eventual_consistency.html', 'https://github.com/elixir-horde/horde/issues/116'],
  examples: [
    {
      title: 'The catch-all takes it',
      bad: `
        defmodule MyApp.Room do
          use GenServer

          def start_link(id) do
            GenServer.start_link(__MODULE__, id, name: {:via, Horde.Registry, {MyApp.Registry, id}})
          end

          def init(id) do
            Process.flag(:trap_exit, true)
          # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            {:ok, id}
          end

          def handle_info({:EXIT, _from, :normal}, state), do: {:noreply, state}
          def handle_info(_message, state), do: {:noreply, state}
        end`,
      good: `
        defmodule MyApp.Room do
          use GenServer

          def start_link(id) do
            GenServer.start_link(__MODULE__, id, name: {:via, Horde.Registry, {MyApp.Registry, id}})
          end

          def init(id) do
            Process.flag(:trap_exit, true)
            {:ok, id}
          end

          def handle_info({:EXIT, _from, {:name_conflict, _key, _registry, _winner}}, state) do
            {:stop, :shutdown, state}
          end

          def handle_info({:EXIT, _from, :normal}, state), do: {:noreply, state}
          def handle_info(_message, state), do: {:noreply, state}
        end`,
    },
    {
      title: 'The name is made in another file',
      path: 'lib/my_app/room.ex',
      project: {
        'lib/my_app/names.ex': 'defmodule MyApp.Names do\n  def via(id), do: {:via, Horde.Registry, {MyApp.Registry, id}}\nend',
      },
      bad: `
        defmodule MyApp.Room do
          use GenServer

          def start_link(id), do: GenServer.start_link(__MODULE__, id, name: MyApp.Names.via(id))

          @impl true
          def init(id) do
            Process.flag(:trap_exit, true)
          # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            {:ok, id}
          end

          @impl true
          def handle_info(_message, state), do: {:noreply, state}
        end`,
    },
    {
      title: 'The default only logs it',
      bad: `
        defmodule MyApp.Room do
          use GenServer

          @impl true
          def init(id) do
            Process.flag(:trap_exit, true)
          # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            {:ok, _} = Horde.Registry.register(MyApp.Registry, id, nil)
            {:ok, id}
          end
        end`,
      good: `
        defmodule MyApp.Room do
          use GenServer

          @impl true
          def init(id) do
            Process.flag(:trap_exit, true)
            {:ok, _} = Horde.Registry.register(MyApp.Registry, id, nil)
            {:ok, id}
          end

          @impl true
          def handle_info({:EXIT, _from, {:name_conflict, _key, _registry, _winner}}, state) do
            {:stop, :shutdown, state}
          end
        end`,
    },
    {
      title: 'Every exit stops it',
      good: `
        defmodule MyApp.Room do
          use GenServer

          def start_link(id) do
            GenServer.start_link(__MODULE__, id, name: {:via, Horde.Registry, {MyApp.Registry, id}})
          end

          def init(id) do
            Process.flag(:trap_exit, true)
            {:ok, id}
          end

          def handle_info({:EXIT, _from, reason}, state), do: {:stop, reason, state}
          def handle_info(_message, state), do: {:noreply, state}
        end`,
    },
    {
      title: 'It does not trap exits',
      good: `
        defmodule MyApp.Room do
          use GenServer

          def start_link(id) do
            GenServer.start_link(__MODULE__, id, name: {:via, Horde.Registry, {MyApp.Registry, id}})
          end

          def init(id), do: {:ok, id}
          def handle_info(_message, state), do: {:noreply, state}
        end`,
    },
    {
      title: 'A registry of this node',
      good: `
        defmodule MyApp.Room do
          use GenServer

          def start_link(id) do
            GenServer.start_link(__MODULE__, id, name: {:via, Registry, {MyApp.Registry, id}})
          end

          def init(id) do
            Process.flag(:trap_exit, true)
            {:ok, id}
          end

          def handle_info(_message, state), do: {:noreply, state}
        end`,
    },
  ],
  triggers: { words: ['trap_exit'], pattern: /\bHorde\b|\bvia(?:_\w+)?\(/ },

  *check(file, { project }) {
    for (const module of file.modules) {
      const flag = callsTo(file, ['Process.flag/2', ':erlang.process_flag/2']).find((c) => moduleOf(file, c) === module && traps(c));
      const registration = flag && ownRegistration(file, module, project);
      if (!flag || registration?.registry !== 'Horde.Registry' || mayHaveHiddenClauses(module)) continue;
      const taker = takerOf(module);
      if (taker === 'crash' || (taker && isHandled(taker))) continue;
      const edit = module.behaviours.includes('GenServer') ? addClause(file, module, flag) : undefined;
      yield {
        range: flag.range,
        message:
          'With trapped exits the `{:name_conflict, …}` of Horde is a message that nothing here handles: the loser of a conflict runs on. Stop on it.',
        related: relatedTo(registration.at, taker),
        ...(edit && { fix: { title: 'Stop the process that loses its name', edits: [edit] } }),
      };
    }
  },
} satisfies Rule;

const addClause = (file: FileFacts, module: ModuleDef, flag: Call) =>
  addHandleInfo(file, module, flag, '{:EXIT, _from, {:name_conflict, _key, _registry, _winner}}', '{:stop, :shutdown, state}');

function relatedTo(registration: Expr, taker: FunctionClause | undefined): readonly Related[] {
  const swallowing = taker?.clause.patterns[0];
  return [
    { message: 'It registers with Horde here.', range: registration.range },
    ...(swallowing ? [{ message: 'The message ends here.', range: swallowing.range }] : []),
  ];
}

function traps({ args: [flag, on] }: Call): boolean {
  return flag?.kind === 'atom' && flag.value === 'trap_exit' && on?.kind === 'atom' && on.value === 'true';
}

/** The first clause that takes the message; undefined where there is none at all and it is logged, `crash` where there are only others. */
function takerOf(module: ModuleDef): FunctionClause | 'crash' | undefined {
  const handler = findFunction(module, 'handle_info', 2);
  if (!handler) return undefined;
  return handler.clauses.find(({ clause }) => clause.patterns[0] && takes(clause.patterns[0])) ?? 'crash';
}

/** Whether the pattern takes `{:EXIT, from, {:name_conflict, key, registry, winner}}`. */
function takes(pattern: Expr): boolean {
  if (pattern.kind === 'variable') return true;
  if (pattern.kind === 'match') return takes(pattern.pattern) && takes(pattern.value);
  if (pattern.kind !== 'tuple' || pattern.items.length !== 3) return false;
  const [tag, , reason] = pattern.items;
  if (tag?.kind !== 'variable' && !(tag?.kind === 'atom' && tag.value === 'EXIT')) return false;
  return reason?.kind === 'variable' || (reason?.kind === 'tuple' && reason.items.length === 4 && isConflict(reason.items[0]));
}

const isConflict = (tag: Expr | undefined): boolean => tag?.kind === 'variable' || (tag?.kind === 'atom' && tag.value === 'name_conflict');

/** It has a guard, names the conflict, stops, or does something else than to go on. */
function isHandled({ clause }: FunctionClause): boolean {
  const [message] = clause.patterns;
  const reason = message?.kind === 'tuple' ? message.items[2] : undefined;
  if (clause.guard || (reason?.kind === 'tuple' && reason.items[0]?.kind === 'atom')) return true;
  return !resultsOf(clause.body).every((result) => {
    const tag = result.kind === 'tuple' ? result.items[0] : undefined;
    return tag?.kind === 'atom' && tag.value === 'noreply';
  });
}
