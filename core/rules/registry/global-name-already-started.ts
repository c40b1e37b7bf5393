import type { Call } from '../../elixir/ir';
import { clusterNameOf, isSharedClusterName, type NamedStart, namedStartsIn, optionIn } from '../../facts/cluster-names';
import { type FileFacts, findFunction, textOf } from '../../facts/facts';
import { resultsOf } from '../../facts/values';
import { replace, safeWhereItFits } from '../../fix';
import { isTestPath } from '../../project/environment';
import type { Place, ProjectFacts } from '../../project/project';
import type { Context, Finding, Fix, Related, Rule } from '../../rule';
import { contains, indentationAt, lineEnding } from '../../text';

export default {
  id: 'global-name-already-started',
  summary: 'A supervisor on each node starts a process whose name only one node can have.',
  category: 'availability',
  severity: 'error',
  onlyInCluster: true,
  fixable: 'safe',
  rationale: `
    A name such as \`{:global, MyApp.Leader}\` exists once in the cluster. The second node that boots gets
    \`{:error, {:already_started, pid}}\` from \`start_link\`, its supervisor takes that for a failed child, and the application does not start: the
    first deployment with two nodes ends in a crash loop on the second one.

    An error where the process stands in a list of children, for a name that is the same on every node; a warning where the name is made of what
    the child is given. Where nothing in the project starts the process with its supervisors, and nothing handles \`:already_started\`, it is only
    information. Silent for children that \`Highlander\` or a similar wrapper starts on one node, and for projects that show no sign of a cluster.

    The fix answers \`:ignore\` when another node has the process, and the supervisor goes on without it. Nobody on this node then starts it when
    the other node goes away: monitor the process and try again, or let \`Highlander\` or \`Horde\` do so.`,
  references: [
    'https://hexdocs.pm/elixir/GenServer.html#module-name-registration',
    'https://github.com/commanded/eventstore/issues/164',
    'https://hexdocs.pm/horde/getting_started.html',
  ],
  examples: [
    {
      title: 'A singleton of every node',
      path: 'lib/my_app/leader.ex',
      project: {
        'mix.exs': 'defmodule MyApp.MixProject do\n  def project, do: [app: :my_app, deps: [{:libcluster, "~> 3.5"}]]\nend',
        'lib/my_app/application.ex':
          'defmodule MyApp.Application do\n  def start(_, _), do: Supervisor.start_link([MyApp.Leader], strategy: :one_for_one)\nend',
      },
      bad: `
        defmodule MyApp.Leader do
          use GenServer

          def start_link(_) do
            GenServer.start_link(__MODULE__, [], name: {:global, __MODULE__})
          # ^^^^^^^^^^^^^^^^^^^^
          end
        end`,
      good: `
        defmodule MyApp.Leader do
          use GenServer

          def start_link(_) do
            case GenServer.start_link(__MODULE__, [], name: {:global, __MODULE__}) do
              {:error, {:already_started, _pid}} -> :ignore
              other -> other
            end
          end
        end`,
    },
    {
      title: 'On one line, with a registry',
      path: 'lib/my_app/leader.ex',
      project: {
        'mix.exs': 'defmodule MyApp.MixProject do\n  def project, do: [app: :my_app, deps: [{:horde, "~> 0.10"}]]\nend',
        'lib/my_app/application.ex':
          'defmodule MyApp.Application do\n  def start(_, _), do: Supervisor.start_link([{MyApp.Leader, []}], strategy: :one_for_one)\nend',
      },
      bad: `
        defmodule MyApp.Leader do
          use GenServer

          def start_link(_), do: GenServer.start_link(__MODULE__, [], name: via())
          #                      ^^^^^^^^^^^^^^^^^^^^

          defp via, do: {:via, Horde.Registry, {MyApp.Registry, :leader}}
        end`,
      good: `
        defmodule MyApp.Leader do
          use GenServer

          def start_link(_) do
            case GenServer.start_link(__MODULE__, [], name: via()) do
              {:error, {:already_started, _pid}} -> :ignore
              other -> other
            end
          end

          defp via, do: {:via, Horde.Registry, {MyApp.Registry, :leader}}
        end`,
    },
    {
      title: 'Started in one file, named in another',
      path: 'lib/my_app/leader.ex',
      project: {
        'mix.exs': 'defmodule MyApp.MixProject do\n  def project, do: [app: :my_app, deps: [{:horde, "~> 0.10"}]]\nend',
        'lib/my_app/application.ex':
          'defmodule MyApp.Application do\n  def start(_, _), do: Supervisor.start_link([{MyApp.Leader, []}], strategy: :one_for_one)\nend',
        'lib/my_app/names.ex': 'defmodule MyApp.Names do\n  def via(name), do: {:via, Horde.Registry, {MyApp.Registry, name}}\nend',
      },
      bad: `
        defmodule MyApp.Leader do
          use GenServer

          def start_link(_opts) do
            GenServer.start_link(__MODULE__, [], name: MyApp.Names.via(:leader))
          # ^^^^^^^^^^^^^^^^^^^^
          end
        end`,
    },
    {
      title: 'A name of this node, made in another file',
      path: 'lib/my_app/leader.ex',
      project: {
        'mix.exs': 'defmodule MyApp.MixProject do\n  def project, do: [app: :my_app, deps: [{:horde, "~> 0.10"}]]\nend',
        'lib/my_app/application.ex':
          'defmodule MyApp.Application do\n  def start(_, _), do: Supervisor.start_link([{MyApp.Leader, []}], strategy: :one_for_one)\nend',
        'lib/my_app/names.ex':
          'defmodule MyApp.Names do\n  def via(name), do: {:via, Horde.Registry, {MyApp.Registry, {name, node()}}}\nend',
      },
      good: `
        defmodule MyApp.Leader do
          use GenServer

          def start_link(_opts) do
            GenServer.start_link(__MODULE__, [], name: MyApp.Names.via(:leader))
          end
        end`,
    },
    {
      title: 'The supervisor gives the name',
      path: 'lib/my_app/application.ex',
      project: {
        'mix.exs': 'defmodule MyApp.MixProject do\n  def project, do: [app: :my_app, deps: [{:libcluster, "~> 3.5"}]]\nend',
        'lib/my_app/counter.ex':
          'defmodule MyApp.Counter do\n  use GenServer\n  def start_link(opts), do: GenServer.start_link(__MODULE__, [], opts)\nend',
      },
      bad: `
        defmodule MyApp.Application do
          def start(_type, _args) do
            children = [{MyApp.Counter, name: {:global, :counter}}]
            #                                 ^^^^^^^^^^^^^^^^^^^
            Supervisor.start_link(children, strategy: :one_for_one)
          end
        end`,
    },
    {
      title: 'Started on one node by a wrapper',
      path: 'lib/my_app/leader.ex',
      project: {
        'mix.exs': 'defmodule MyApp.MixProject do\n  def project, do: [app: :my_app, deps: [{:highlander, "~> 0.2"}]]\nend',
        'lib/my_app/application.ex':
          'defmodule MyApp.Application do\n  def start(_, _), do: Supervisor.start_link([{Highlander, MyApp.Leader}], strategy: :one_for_one)\nend',
      },
      good: `
        defmodule MyApp.Leader do
          use GenServer

          def start_link(_) do
            GenServer.start_link(__MODULE__, [], name: {:global, __MODULE__})
          end
        end`,
    },
    {
      title: 'Whoever starts it handles the answer',
      path: 'lib/my_app/room.ex',
      project: {
        'mix.exs': 'defmodule MyApp.MixProject do\n  def project, do: [app: :my_app, deps: [{:libcluster, "~> 3.5"}]]\nend',
        'lib/my_app/rooms.ex':
          'defmodule MyApp.Rooms do\n  def open do\n    case DynamicSupervisor.start_child(MyApp.Sup, MyApp.Room) do\n      {:error, {:already_started, pid}} -> {:ok, pid}\n      other -> other\n    end\n  end\nend',
      },
      good: `
        defmodule MyApp.Room do
          use GenServer

          def start_link(_) do
            GenServer.start_link(__MODULE__, [], name: {:global, __MODULE__})
          end
        end`,
    },
    {
      title: 'A name of this node',
      good: `
        defmodule MyApp.Leader do
          use GenServer

          def start_link(_) do
            GenServer.start_link(__MODULE__, [], name: {:global, {__MODULE__, node()}})
          end
        end`,
    },
    {
      title: 'A name that only this node knows',
      good: `
        defmodule MyApp.Leader do
          use GenServer

          def start_link(_), do: GenServer.start_link(__MODULE__, [], name: __MODULE__)
        end`,
    },
  ],
  triggers: { words: ['global', 'Horde', 'syn', 'Swarm', 'via', 'via_tuple', 'via_name', 'global_name', 'cluster_name'] },

  *check(file, context) {
    if (isTestPath(file.path)) return;
    for (const start of namedStartsIn(file, context.project)) {
      const finding = start.tail ? judged(file, start, context) : undefined;
      if (finding) yield finding;
    }
    if (context.project) yield* namedChildren(file, context.project);
  },
} satisfies Rule;

function judged(file: FileFacts, start: NamedStart, { project }: Context): Finding | undefined {
  const shared = isSharedClusterName(file, start.name);
  const module = start.clause.def.module.name;
  const children = project ? staticChildren(project, module) : [];
  if (children.length === 0 && project?.children.has(module)) return undefined;
  const isHandled = project?.words.has('already_started') ?? file.text.includes('already_started');
  if (shared !== 'same' || (children.length === 0 && isHandled)) return undefined;
  const severity = children.length === 0 ? ('info' as const) : ('error' as const);
  const fix = ignoring(file, start);
  return {
    range: start.call.callee,
    severity,
    message: 'On a second node this answers `{:error, {:already_started, pid}}`, and its supervisor fails. Answer `:ignore` then.',
    related: [
      {
        message: 'The whole cluster has one process of this name.',
        range: start.name.at.range,
        ...(start.name.file !== file && { path: start.name.file.path }),
      },
      ...children.slice(0, 1).map((place): Related => ({ message: 'Every node starts it here.', range: place.range, path: place.path })),
    ],
    ...(fix && { fix: severity === 'error' ? fix : { ...fix, safety: 'unsafe' as const } }),
  };
}

/** What starts one child on one node of the cluster. */
const wrappers = ['Highlander', 'HighlanderPG', 'Singleton', 'Horde.Singleton'];

/** The places at which supervisors start the module on every node. */
function staticChildren(project: ProjectFacts, module: string): readonly Place[] {
  const wrapped = wrappers.flatMap((name) => project.children.get(name) ?? []);
  const isWrapped = (place: Place): boolean => wrapped.some((w) => w.path === place.path && contains(w.range, place.range));
  return (project.children.get(module) ?? []).filter((place) => !isTestPath(place.path) && !isWrapped(place));
}

/** Children that are given their name where they are listed: `{MyApp.Counter, name: {:global, :counter}}`. */
function* namedChildren(file: FileFacts, project: ProjectFacts): Iterable<Finding> {
  for (const e of file.exprs) {
    const [module, options] = e.kind === 'tuple' && e.items.length === 2 ? e.items : [];
    if (module?.kind !== 'alias' || options?.kind !== 'list') continue;
    const value = optionIn(file, options, 'name');
    const name = value && clusterNameOf(file, value, project);
    const isChild = staticChildren(project, module.name).some((p) => p.path === file.path && p.range.start === e.range.start);
    if (!value || !name || !isChild || isSharedClusterName(file, name) !== 'same' || !passesOptions(project, module.name)) continue;
    yield {
      range: value.range,
      message:
        'On a second node this child is `{:error, {:already_started, pid}}`, and the supervisor fails. Answer `:ignore` in its `start_link`.',
    };
  }
}

/** Whether `start_link` of the module answers what another one does with the options that it is given. */
function passesOptions(project: ProjectFacts, module: string): boolean {
  const home = project.files.get(project.modules.get(module)?.path ?? '');
  const def = home?.modules.find((m) => m.name === module);
  const start = def && findFunction(def, 'start_link', 1);
  return start?.clauses.some(({ clause }) => resultsOf(clause.body).some((r) => r.kind === 'call' && isStart(r))) ?? false;
}

const isStart = (call: Call): boolean => call.name === 'start_link' && call.args.at(-1)?.kind === 'variable';

function ignoring(file: FileFacts, { clause, call }: NamedStart): Fix | undefined {
  const written = textOf(file, call.range);
  if (call.piped || call.applied || written.includes('\n')) return undefined;
  const indentation = indentationAt(file.text, call.range.start);
  const newline = lineEnding(file.text);
  const lines = (inner: string): string =>
    [`case ${written} do`, `${inner}  {:error, {:already_started, _pid}} -> :ignore`, `${inner}  other -> other`, `${inner}end`].join(
      newline,
    );
  const title = 'Answer `:ignore` when another node has it';
  if (!clause.oneLine) {
    const isWholeLine =
      file.text.slice(0, call.range.start).endsWith(`\n${indentation}`) && clause.clause.body.range.end === call.range.end;
    return isWholeLine ? safeWhereItFits(file, title, [replace(call.range, lines(indentation))]) : undefined;
  }
  const head = /,\s*do:\s*$/.exec(file.text.slice(clause.clause.range.start, call.range.start));
  if (!head || indentationAt(file.text, clause.clause.range.start) !== indentation) return undefined;
  const start = call.range.start - head[0].length;
  const body = ` do${newline}${indentation}  ${lines(`${indentation}  `)}${newline}${indentation}end`;
  return safeWhereItFits(file, title, [replace({ start, end: call.range.end }, body)]);
}
