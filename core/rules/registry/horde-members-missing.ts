import type { Expr } from '../../elixir/ir';
import { callsTo, type FileFacts } from '../../facts/facts';
import { type HordeStart, hordeKeys, hordeOption, hordeStartsIn, usesQuorum } from '../../facts/horde';
import { definitionOf } from '../../facts/values';
import { insertAt } from '../../fix';
import { isTestPath } from '../../project/environment';
import type { ProjectFacts } from '../../project/project';
import type { Fix, Rule } from '../../rule';
import { lineEnding } from '../../text';

export default {
  id: 'horde-members-missing',
  summary: 'A registry or supervisor of Horde has no members but itself.',
  category: 'consistency',
  severity: 'warning',
  fixable: 'unsafe',
  rationale: `
    Without \`members\` a Horde knows only the instance of its own node: nothing is shared. Every node registers each name for itself and starts
    each child for itself, which looks perfectly well on one node and turns into duplicates on two.

    Reported when all options are written out, none of them is \`members\`, and nothing in the project sets the members of that name with
    \`Horde.Cluster.set_members/2\` or a \`Horde.NodeListener\`. For a file without a project nothing is known about that, and the rule is silent.

    The fix adds \`members: :auto\`, which follows the nodes that are visible. It is unsafe: instances that had their names for themselves so far
    then have conflicts. With a quorum strategy there is no fix, because \`:auto\` would disable the quorum: name the members there.`,
  references: ['https://hexdocs.pm/horde/getting_started.html', 'https://hexdocs.pm/horde/libcluster.html'],
  examples: [
    {
      title: 'A registry of its own on each node',
      path: 'lib/my_app/application.ex',
      project: { 'mix.exs': 'defmodule MyApp.MixProject do\nend' },
      bad: `
        children = [
          {Horde.Registry, name: MyApp.Registry, keys: :unique}
        #  ^^^^^^^^^^^^^^
        ]`,
      good: `
        children = [
          {Horde.Registry, name: MyApp.Registry, keys: :unique, members: :auto}
        ]`,
    },
    {
      title: 'A supervisor',
      path: 'lib/my_app/application.ex',
      project: { 'mix.exs': 'defmodule MyApp.MixProject do\nend' },
      bad: `
        def start_supervisor do
          Horde.DynamicSupervisor.start_link(
        # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            name: MyApp.Sup,
            strategy: :one_for_one
          )
        end`,
      good: `
        def start_supervisor do
          Horde.DynamicSupervisor.start_link(
            name: MyApp.Sup,
            strategy: :one_for_one,
            members: :auto
          )
        end`,
    },
    {
      title: 'Set elsewhere',
      path: 'lib/my_app/application.ex',
      project: {
        'lib/my_app/members.ex':
          'defmodule MyApp.Members do\n  def join(members), do: Horde.Cluster.set_members(MyApp.Registry, members)\nend',
      },
      good: 'children = [{Horde.Registry, name: MyApp.Registry, keys: :unique}]',
    },
    {
      title: 'Options from elsewhere',
      path: 'lib/my_app/application.ex',
      project: { 'mix.exs': 'defmodule MyApp.MixProject do\nend' },
      good: 'children = [{Horde.Registry, [name: MyApp.Registry, keys: :unique] ++ registry_options()}]',
    },
    {
      title: 'A callback module says it',
      path: 'lib/my_app/registry.ex',
      project: { 'mix.exs': 'defmodule MyApp.MixProject do\nend' },
      good: `
        defmodule MyApp.Registry do
          use Horde.Registry

          def start_link(_), do: Horde.Registry.start_link(__MODULE__, [], name: __MODULE__)
          def init(_), do: Horde.Registry.init(keys: :unique, members: :auto)
        end`,
    },
    { title: 'A lone file proves nothing', good: 'children = [{Horde.Registry, name: MyApp.Registry, keys: :unique}]' },
  ],
  triggers: { calls: ['Horde.Registry.*', 'Horde.DynamicSupervisor.*'] },

  *check(file, context) {
    const { project } = context;
    if (!project || isTestPath(file.path) || (project.children.get('Horde.NodeListener') ?? []).length > 0) return;
    for (const start of hordeStartsIn(file)) {
      const keys = start.callback ? undefined : hordeKeys(file, start);
      if (!keys || keys.length === 0 || hordeOption(file, start, 'members') || areMembersSet(file, start, project)) continue;
      const fix = usesQuorum([{ file, start }]) ? undefined : automatic(file, start);
      yield {
        range: start.at,
        message: 'Without `members` it only knows itself, and every node has its own. Pass `members: :auto` or a list.',
        ...(fix && { fix }),
      };
    }
  },
} satisfies Rule;

/** Somewhere in the project the members of this name, or of one that is not known, are set. */
function areMembersSet(file: FileFacts, start: HordeStart, project: ProjectFacts): boolean {
  const name = hordeOption(file, start, 'name');
  const own = name && nameIn(file, name.value);
  const setters = ['Horde.Cluster.set_members', 'Horde.Cluster.join_hordes'];
  return [file, ...project.files.values()].some((other) =>
    callsTo(other, setters).some((call) => {
      const set = call.args[0] && nameIn(other, call.args[0]);
      return own === undefined || set === undefined || set === own;
    }),
  );
}

function nameIn(file: FileFacts, e: Expr): string | undefined {
  const value = definitionOf(file, e);
  return value.kind === 'alias' ? value.name : value.kind === 'atom' ? `:${value.value}` : undefined;
}

function automatic(file: FileFacts, start: HordeStart): Fix | undefined {
  const last = hordeKeys(file, start)?.at(-1);
  if (!last) return undefined;
  const ownLine = /\n([ \t]*)$/.exec(file.text.slice(0, last.range.start));
  const separator = ownLine ? `,${lineEnding(file.text)}${ownLine[1]}` : ', ';
  return { title: 'Let it follow the visible nodes', edits: [insertAt(last.range.end, `${separator}members: :auto`)] };
}
