import type { Expr } from '../../elixir/ir';
import { bindingOf, usesOf } from '../../facts/bindings';
import { type FileFacts, parentOf } from '../../facts/facts';
import { namedValuesIn } from '../../facts/quorum';
import { definitionOf } from '../../facts/values';
import { countsNodesWithoutSelf, visibleNodesOf } from '../../facts/visible-nodes';
import { clusterSize, countWithoutSelf } from '../../facts/voters';
import { insertAt, makesLineTooLong, replace } from '../../fix';
import type { Fix, Rule } from '../../rule';
import type { TextEdit } from '../../text';

export default {
  id: 'quorum-forgets-self',
  summary: 'Count of the cluster’s nodes that leaves this node out.',
  category: 'availability',
  severity: 'warning',
  onlyInCluster: true,
  fixable: 'safe',
  rationale: `
    \`Node.list/0\` names the *other* nodes. Compared with a majority it is one too low: three nodes of which one is down see one
    other each, one is less than two, and the healthy two stop although they are a majority. Used as the size of the cluster it makes
    replication factors, ring sizes and quorums one too small.

    Silent where this node is counted (\`length(Node.list()) + 1\`, \`[node() | Node.list()]\`, \`Node.list([:this, :visible])\`), where the
    others are meant (\`== []\`, compared with \`cluster_size - 1\` or with \`div(n, 2)\`, which is how many others a majority needs).

    The fix counts this node.`,
  references: ['https://hexdocs.pm/elixir/Node.html#list/0'],
  examples: [
    {
      title: 'Compared with a majority',
      bad: `
        defmodule Shop.Cluster do
          @cluster_size 5

          def quorum?(state) do
            if length(Node.list()) >= div(@cluster_size, 2) + 1, do: lead(state), else: state
            #  ^^^^^^^^^^^^^^^^^^^
          end
        end`,
      good: `
        defmodule Shop.Cluster do
          @cluster_size 5

          def quorum?(state) do
            if length(Node.list()) + 1 >= div(@cluster_size, 2) + 1, do: lead(state), else: state
          end
        end`,
    },
    {
      title: 'Through a pipe and a variable',
      bad: `
        defmodule Shop.Cluster do
          def quorum?(cluster_size) do
            alive = Node.list() |> Enum.count()
            2 * alive > cluster_size
            #   ^^^^^
          end
        end`,
      good: `
        defmodule Shop.Cluster do
          def quorum?(cluster_size) do
            alive = [node() | Node.list()] |> Enum.count()
            2 * alive > cluster_size
          end
        end`,
    },
    {
      title: 'Half of the others and this node are more than a majority of an odd number',
      bad: `
        defmodule Shop.Cluster do
          def quorum?(cluster_size) do
            length(Node.list()) >= cluster_size / 2
          # ^^^^^^^^^^^^^^^^^^^
          end
        end`,
      good: `
        defmodule Shop.Cluster do
          def quorum?(cluster_size) do
            length(Node.list()) + 1 > cluster_size / 2
          end
        end`,
    },
    {
      title: 'Compared with the size of the cluster',
      bad: `
        defmodule Shop.Boot do
          def complete?(config) do
            length(Node.list()) == config.cluster_size
          # ^^^^^^^^^^^^^^^^^^^
          end
        end`,
      good: `
        defmodule Shop.Boot do
          def complete?(config) do
            length(Node.list()) + 1 == config.cluster_size
          end
        end`,
    },
    {
      title: 'Taken for the size of the cluster',
      bad: `
        defmodule Shop.Replicas do
          def factor(options) do
            case options.factor do
              :cluster_size -> length(Node.list())
              #                ^^^^^^^^^^^^^^^^^^^
              number -> number
            end
          end
        end`,
      good: `
        defmodule Shop.Replicas do
          def factor(options) do
            case options.factor do
              :cluster_size -> length(Node.list()) + 1
              number -> number
            end
          end
        end`,
    },
    {
      title: 'This node is counted',
      good: `
        defmodule Shop.Cluster do
          @cluster_size 5

          def quorum?, do: length([node() | Node.list()]) >= div(@cluster_size, 2) + 1
          def majority?, do: length(Node.list()) + 1 > @cluster_size / 2
          def complete?, do: length(Node.list([:this, :visible])) == @cluster_size
        end`,
    },
    {
      title: 'The others are meant',
      good: `
        defmodule Shop.Cluster do
          @cluster_size 5

          def alone?, do: length(Node.list()) == 0
          def complete?, do: length(Node.list()) == @cluster_size - 1
          def quorum?, do: length(Node.list()) >= div(@cluster_size, 2)

          def cluster_size do
            others = length(Node.list())
            others + 1
          end
        end`,
    },
  ],
  triggers: { calls: ['Node.list', ':erlang.nodes'] },

  *check(file) {
    for (const e of file.exprs) {
      const found = e.kind === 'binary' ? countWithoutSelf(file, e) : undefined;
      if (e.kind !== 'binary' || !found) continue;
      const fix = fixOf(file, found.count, found.operator === undefined ? [] : [replace(e.operatorRange, found.operator)]);
      yield {
        range: found.count.range,
        message: '`Node.list/0` leaves this node out, so that this count is one too low. Count `[node() | Node.list()]`.',
        ...(fix && { fix }),
      };
    }
    for (const { value, uses } of namedValuesIn(file, (name) => clusterSize.test(name))) {
      if (!countsNodesWithoutSelf(file, value) || uses().some((use) => isAddedTo(file, use))) continue;
      const fix = fixOf(file, value, []);
      yield {
        range: value.range,
        message: '`Node.list/0` leaves this node out: the cluster is one larger. Count `[node() | Node.list()]`.',
        ...(fix && { fix }),
      };
    }
  },
} satisfies Rule;

function isAddedTo(file: FileFacts, use: Expr): boolean {
  const parent = parentOf(file, use);
  return parent?.kind === 'binary' && parent.operator === '+';
}

/** Counts this node too, where all visible nodes are counted. */
function fixOf(file: FileFacts, count: Expr, others: readonly TextEdit[]): Fix | undefined {
  const [nodes] = visibleNodesOf(file, count);
  const counted = count.kind === 'call' ? count : definitionOf(file, count, 1);
  if (!nodes || nodes.part || nodes.at.args.length > 0 || counted.kind !== 'call') return undefined;
  const binding = count.kind === 'variable' ? bindingOf(file, count) : undefined;
  const alone = count === counted || (binding !== undefined && usesOf(file, binding).length === 1);
  const parent = parentOf(file, counted);
  const isFactor = parent?.kind === 'binary' && /^[*/]$/.test(parent.operator);
  const inList = counted.piped || isFactor || !/^(?:length|count)$/.test(counted.name);
  if (inList && counted.args[0] !== nodes.at) return undefined;
  const edits = [inList ? replace(nodes.at.range, '[node() | Node.list()]') : insertAt(counted.range.end, ' + 1'), ...others];
  const fits = alone && !makesLineTooLong(file.text, edits);
  return { title: 'Count this node too', edits, ...(!fits && { safety: 'unsafe' as const }) };
}
