import type { Expr } from '../../elixir/ir';
import { bindingOf, usesOf } from '../../facts/bindings';
import { type FileFacts, parentOf } from '../../facts/facts';
import { actualTotal, type HalfBased, namedQuorumsIn, quorumComparisonsIn } from '../../facts/quorum';
import { definitionOf } from '../../facts/values';
import { visibleNodesOf } from '../../facts/visible-nodes';
import { decidesForNodes } from '../../facts/voters';
import { replace } from '../../fix';
import { applicationOf } from '../../project/project';
import type { Context, Finding, Fix, Rule } from '../../rule';
import { contains } from '../../text';

export default {
  id: 'quorum-from-visible-nodes',
  summary: 'Quorum computed from the nodes that are visible right now.',
  category: 'partition-tolerance',
  severity: 'error',
  onlyInCluster: true,
  fixable: 'unsafe',
  rationale: `
    \`Node.list/0\` is what this node can reach. When the network splits, it shrinks on both sides, and a majority of it shrinks
    with it: five nodes split three and two, the two compute that they need two of two, and both sides go on writing. The
    condition always holds, so it protects from nothing; the damage shows when the sides meet again. Members of Horde, \`:pg\`, \`:syn\` and
    Partisan shrink in the same way.

    The size of a cluster is a decision, not an observation: take it from the configuration, change it when a node is added for good,
    and compare the visible nodes with it. Silent where the total comes from configuration, from \`:ra.members\` or from the tables of
    Mnesia, which keep the members that are down.

    The fix reads \`cluster_size\` from the configuration. It is unsafe because that setting has to be made, in every environment.`,
  references: ['https://github.com/elixir-horde/horde/issues/45', 'https://hexdocs.pm/elixir/Node.html#list/0'],
  examples: [
    {
      title: 'Each side has a majority of itself',
      bad: `
        defmodule Shop.Cluster do
          def quorum?(alive) do
            quorum = div(length([node() | Node.list()]), 2) + 1
            #        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            alive >= quorum
          end
        end`,
      good: `
        defmodule Shop.Cluster do
          def quorum?(alive) do
            quorum = div(Application.fetch_env!(:my_app, :cluster_size), 2) + 1
            alive >= quorum
          end
        end`,
    },
    {
      title: 'Compared directly',
      bad: `
        defmodule Shop.Writer do
          def committed?(acks) do
            Enum.count(acks) > length(Node.list()) / 2
            #                  ^^^^^^^^^^^^^^^^^^^^^^^
          end
        end`,
      good: `
        defmodule Shop.Writer do
          def committed?(acks) do
            Enum.count(acks) > Application.fetch_env!(:my_app, :cluster_size) / 2
          end
        end`,
    },
    {
      title: 'Through a variable and a function',
      bad: `
        defmodule Shop.Election do
          def won?(votes) do
            nodes = Node.list()
            cluster_size = length(nodes) + 1
            length(votes) >= majority(cluster_size)
          end

          def majority(n), do: div(n, 2) + 1
          #                    ^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'What is visible, compared with what is configured',
      good: `
        defmodule Shop.Cluster do
          @cluster_size Application.compile_env!(:shop, :cluster_size)

          def quorum?, do: length([node() | Node.list()]) >= div(@cluster_size, 2) + 1
        end`,
    },
    {
      title: 'Members that are known also when they are down',
      good: `
        defmodule Shop.Accounts do
          def quorum?(alive) do
            alive >= div(length(:mnesia.table_info(:accounts, :disc_copies)), 2) + 1
          end
        end`,
    },
    {
      title: 'How many copies to make is not a quorum',
      good: `
        defmodule Shop.Backup do
          def copies, do: min(3, div(length(Node.list()), 2) + 1)
        end`,
    },
  ],
  triggers: {
    calls: [
      'Node.list',
      ':erlang.nodes',
      'Horde.Cluster.members',
      ':pg.get_members',
      ':syn.members',
      ':syn.subcluster_nodes',
      ':partisan.nodes',
    ],
  },

  *check(file, context) {
    const reported = new Set<number>();
    for (const half of [...quorumComparisonsIn(file), ...namedQuorumsIn(file)]) {
      if ('count' in half && !decidesForNodes(file, half)) continue;
      const finding = findingFor(file, context, half);
      if (!finding || reported.has(finding.range.start)) continue;
      reported.add(finding.range.start);
      yield finding;
    }
  },
} satisfies Rule;

function findingFor(file: FileFacts, context: Context, half: HalfBased): Finding | undefined {
  const total = actualTotal(file, half);
  const [nodes] = visibleNodesOf(file, total);
  if (!nodes) return undefined;
  const range = contains(half.bound.range, half.total.range) ? half.bound.range : total.range;
  const fix = fixOf(file, context, total);
  return {
    range,
    message:
      `\`${nodes.at.module}.${nodes.at.name}\` shrinks with a partition, so that each side of it has a majority of itself. ` +
      'Compute the quorum from the configured size of the cluster.',
    ...(!contains(range, nodes.at.range) && { related: [{ message: 'Only the nodes that are visible now.', range: nodes.at.range }] }),
    ...(fix && { fix }),
  };
}

/** Reads the size from the configuration where it is counted, as far as nothing else uses the count. */
function fixOf(file: FileFacts, context: Context, total: Expr): Fix {
  let counted = total;
  const binding = total.kind === 'variable' ? bindingOf(file, total) : undefined;
  if (binding && usesOf(file, binding).length === 1) counted = definitionOf(file, total, 1);
  const parent = parentOf(file, counted);
  const withSelf = parent?.kind === 'binary' && parent.operator === '+' && [parent.left, parent.right].some((e) => e.kind === 'integer');
  const app = applicationOf(context.project, file.path) ?? 'my_app';
  return {
    title: `Take the size from \`config :${app}, cluster_size:\``,
    edits: [replace((withSelf ? parent : counted).range, `Application.fetch_env!(:${app}, :cluster_size)`)],
  };
}
