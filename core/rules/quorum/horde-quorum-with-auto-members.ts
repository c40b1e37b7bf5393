import type { Expr } from '../../elixir/ir';
import type { FileFacts } from '../../facts/facts';
import { effectiveOption, followsNodes, hordesIn, membersSetOnNodedown, usesQuorum, visibleNodesIn } from '../../facts/horde';
import { definitionOf } from '../../facts/values';
import type { ProjectFacts } from '../../project/project';
import type { Finding, Rule } from '../../rule';

export default {
  id: 'horde-quorum-with-auto-members',
  summary: 'The quorum of Horde is counted among the nodes that are visible, and so each side of a partition has one.',
  category: 'partition-tolerance',
  severity: 'error',
  rationale: `
    \`Horde.UniformQuorumDistribution\` asks for more than half of the members. With \`members: :auto\` (or a list made from \`Node.list/0\`, or
    \`set_members\` in the clause for \`:nodedown\`) every node that goes away also stops being a member: a node that is cut off from the two others
    is one of one, has its quorum, and starts the children that are still running over there. The option that was to prevent two copies does
    nothing at all.

    Name the members once, from the configuration: \`for node <- nodes, do: {MyApp.Supervisor, node}\`. Members that are added when a node comes up
    and never removed are fine.

    Know also that Horde 0.8.4 to 0.10.0 does not stop the children of a node that has lost its quorum, whatever the members are. Where two copies
    must not run, use \`:ra\`, a lease with a fencing token, or a lock in the database. That is why there is no fix.`,
  references: [
    'https://github.com/elixir-horde/horde/issues/45',
    'https://hexdocs.pm/horde/Horde.UniformQuorumDistribution.html',
    'https://hexdocs.pm/horde/libcluster.html',
  ],
  examples: [
    {
      title: 'Members by themselves',
      bad: `
        children = [
          {Horde.DynamicSupervisor,
           name: MyApp.Sup,
           strategy: :one_for_one,
           members: :auto,
         # ^^^^^^^^^^^^^^
           distribution_strategy: Horde.UniformQuorumDistribution}
        ]`,
    },
    {
      title: 'In a callback module',
      bad: `
        defmodule MyApp.Sup do
          use Horde.DynamicSupervisor

          def init(_) do
            [strategy: :one_for_one, members: members()]
            #                        ^^^^^^^^^^^^^^^^^^
            |> Keyword.put(:distribution_strategy, Horde.UniformQuorumDistribution)
            |> Horde.DynamicSupervisor.init()
          end

          defp members, do: Enum.map([node() | Node.list()], &{__MODULE__, &1})
        end`,
    },
    {
      title: 'The strategy stands elsewhere',
      path: 'lib/my_app/sup.ex',
      project: {
        'lib/my_app/application.ex':
          'defmodule MyApp.Application do\n  @quorum Horde.UniformQuorumDistribution\n\n  def children, do: [{MyApp.Sup, [strategy: :one_for_one, distribution_strategy: @quorum]}]\nend',
      },
      bad: `
        defmodule MyApp.Sup do
          use Horde.DynamicSupervisor

          def start_link(opts) do
            Horde.DynamicSupervisor.start_link(__MODULE__, opts, name: __MODULE__)
          end

          def init(opts) do
            [members: Enum.map(Node.list([:this, :visible]), &{__MODULE__, &1})]
          #  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            |> Keyword.merge(opts)
            |> Horde.DynamicSupervisor.init()
          end
        end`,
    },
    {
      title: 'Members that shrink with every node that is lost',
      bad: `
        defmodule MyApp.Members do
          use GenServer

          def start_sup do
            Horde.DynamicSupervisor.start_link(
              name: MyApp.Sup,
              strategy: :one_for_one,
              distribution_strategy: Horde.UniformQuorumDistribution,
              members: Application.fetch_env!(:my_app, :members)
            )
          end

          def handle_info({:nodedown, _node}, state) do
            members = for node <- [node() | Node.list()], do: {MyApp.Sup, node}
            Horde.Cluster.set_members(MyApp.Sup, members)
          # ^^^^^^^^^^^^^^^^^^^^^^^^^
            {:noreply, state}
          end
        end`,
    },
    {
      title: 'Members from the configuration',
      good: `
        members = for node <- Application.fetch_env!(:my_app, :cluster_nodes), do: {MyApp.Sup, node}

        children = [
          {Horde.DynamicSupervisor,
           name: MyApp.Sup,
           strategy: :one_for_one,
           members: members,
           distribution_strategy: Horde.UniformQuorumDistribution}
        ]`,
    },
    {
      title: 'Without a quorum there is nothing to lose',
      good: 'children = [{Horde.DynamicSupervisor, name: MyApp.Sup, strategy: :one_for_one, members: :auto}]',
    },
    {
      title: 'Members are only ever added',
      good: `
        defmodule MyApp.Members do
          def spec do
            {Horde.DynamicSupervisor,
             name: MyApp.Sup,
             strategy: :one_for_one,
             distribution_strategy: Horde.UniformQuorumDistribution}
          end

          def handle_info({:nodeup, _node}, state) do
            members = for node <- [node() | Node.list()], do: {MyApp.Sup, node}
            Horde.Cluster.set_members(MyApp.Sup, Enum.uniq(members ++ state.members))
            {:noreply, state}
          end
        end`,
    },
  ],
  triggers: { words: ['UniformQuorumDistribution', 'set_members', 'members'], pattern: /\bHorde\b/ },

  *check(file, { project }) {
    // Horde itself has to offer what its users should not ask for.
    if (project?.apps.some((app) => app.name === 'horde')) return;
    for (const parts of hordesIn(file, project)) {
      const members = usesQuorum(parts) ? effectiveOption(parts, 'members') : undefined;
      const nodes = members && followsNodes(members);
      if (members?.file !== file || !nodes) continue;
      yield finding(
        members.range,
        nodes.kind === 'call' ? [{ message: 'Only nodes that are visible now.', range: nodes.range }] : undefined,
      );
    }
    for (const call of membersSetOnNodedown(file)) {
      const [name, members] = call.args;
      const nodes = members && visibleNodesIn(file, members);
      if (name && nodes && hasQuorum(file, name, project)) {
        yield finding(call.callee, [{ message: 'The node that went down is no longer among these.', range: nodes.range }]);
      }
    }
  },
} satisfies Rule;

function finding(range: Finding['range'], related: Finding['related']): Finding {
  return {
    range,
    message:
      'In a partition the nodes that are out of sight stop being members, and each side has a quorum of the rest. Name the members in the configuration.',
    ...(related && { related }),
  };
}

/** Whether the supervisor of this name counts a quorum, here or elsewhere in the project. */
function hasQuorum(file: FileFacts, name: Expr, project: ProjectFacts | undefined): boolean {
  return [file, ...(project?.files.values() ?? [])].some((other) =>
    hordesIn(other, project).some((parts) => {
      const [first] = parts;
      if (!first || !usesQuorum(parts)) return false;
      const named = effectiveOption(parts, 'name');
      return first.start.callback || named === undefined || isSameName(file, name, named.file, named.value);
    }),
  );
}

function isSameName(file: FileFacts, a: Expr, other: FileFacts, b: Expr): boolean {
  const [left, right] = [definitionOf(file, a), definitionOf(other, b)];
  return (
    (left.kind === 'alias' && right.kind === 'alias' && left.name === right.name) || left.kind === 'variable' || right.kind === 'variable'
  );
}
