import type { Call } from '../../elixir/ir';
import { type FileFacts, moduleOf, textOf } from '../../facts/facts';
import { isEmptyRing, mentionsThisNode, othersIn, type RingFilling, ringFillingsOf } from '../../facts/hash-rings';
import { makesLineTooLong, replace } from '../../fix';
import type { Fix, Rule } from '../../rule';

export default {
  id: 'hash-ring-forgets-self',
  summary: 'A hash ring is filled from `Node.list`, without this node, so that each node computes another ring.',
  category: 'consistency',
  severity: 'warning',
  onlyInCluster: true,
  fixable: 'unsafe',
  rationale: `
    A hash ring says which node owns a key, and all nodes must come to the same answer. \`Node.list/0\` names the *other* nodes: of three nodes
    \`a\`, \`b\` and \`c\`, the ring of \`a\` is made of \`b\` and \`c\`, that of \`b\` of \`a\` and \`c\`. For each key the very node that the others take
    for its owner names another one: a process is started twice, a value is written on one node and looked for on another. Alone, the ring is
    empty. \`:nodeup\` does not mend it, as a node is not told of itself.

    Reported where a new ring gets exactly the nodes that \`Node.list\` or \`:erlang.nodes\` names: \`HashRing\`, \`HashRing.Managed\`,
    \`ExHashRing.Ring\`, \`:hash_ring\`, and a module of the project whose name ends in \`Ring\`. Silent where the module names this node
    (\`[node() | Node.list()]\`, \`HashRing.add_node(ring, node())\`, \`Node.list([:this, :visible])\`), and where the ring or the list comes from
    elsewhere. A client that only asks the ring and is no part of it is fine as it is: turn the rule off there, with the reason.

    The fix adds this node; it is unsafe, as it changes who owns a key: deploy it to all nodes at once.`,
  references: ['https://hexdocs.pm/elixir/Node.html#list/0', 'https://hexdocs.pm/libring/HashRing.html'],
  examples: [
    {
      title: 'All at once',
      bad: `
        defmodule Shop.Owners do
          def ring do
            HashRing.add_nodes(HashRing.new(), Node.list())
            #                                  ^^^^^^^^^^^
          end
        end`,
      good: `
        defmodule Shop.Owners do
          def ring do
            HashRing.add_nodes(HashRing.new(), [node() | Node.list()])
          end
        end`,
    },
    {
      title: 'One after the other',
      bad: `
        defmodule Shop.Owners do
          use GenServer

          def init(_) do
            nodes = Node.list(:connected)
            #       ^^^^^^^^^^^^^^^^^^^^^
            ring = Enum.reduce(nodes, HashRing.new(), fn node, ring -> HashRing.add_node(ring, node) end)
            {:ok, ring}
          end
        end`,
      good: `
        defmodule Shop.Owners do
          use GenServer

          def init(_) do
            nodes = [node() | Node.list(:connected)]
            ring = Enum.reduce(nodes, HashRing.new(), fn node, ring -> HashRing.add_node(ring, node) end)
            {:ok, ring}
          end
        end`,
    },
    {
      title: 'As an option of the process that keeps the ring',
      bad: `
        defmodule Shop.Owners do
          def start_link(_) do
            ExHashRing.Ring.start_link(name: __MODULE__, nodes: Node.list())
            #                                                   ^^^^^^^^^^^
          end
        end`,
      good: `
        defmodule Shop.Owners do
          def start_link(_) do
            ExHashRing.Ring.start_link(name: __MODULE__, nodes: [node() | Node.list()])
          end
        end`,
    },
    {
      title: 'This node is added',
      good: `
        defmodule Shop.Owners do
          def ring do
            HashRing.new()
            |> HashRing.add_nodes(Node.list())
            |> HashRing.add_node(node())
          end
        end`,
    },
    {
      title: 'All visible nodes, this one included',
      good: `
        defmodule Shop.Owners do
          def ring, do: HashRing.add_nodes(HashRing.new(), Node.list([:this, :visible]))
        end`,
    },
    {
      title: 'What is in the ring already cannot be seen',
      good: `
        defmodule Shop.Owners do
          def refresh(ring), do: HashRing.add_nodes(ring, Node.list())
        end`,
    },
    {
      title: 'A choice of the nodes: this one may have another role',
      good: `
        defmodule Shop.Owners do
          def ring do
            HashRing.add_nodes(HashRing.new(), Enum.filter(Node.list(), &storage?/1))
          end

          defp storage?(node), do: String.starts_with?(to_string(node), "storage")
        end`,
    },
  ],
  triggers: { calls: ['Node.list', ':erlang.nodes'], pattern: /Ring|:hash_ring/ },

  *check(file) {
    const reported = new Set<Call>();
    for (const filling of ringFillingsOf(file)) {
      const others = othersIn(file, filling.nodes);
      if (!others || reported.has(others) || !lacksSelf(file, filling)) continue;
      reported.add(others);
      const fix = fixOf(file, others);
      yield {
        range: others.range,
        message:
          'This node is not in its own ring, so that each node computes another ring and they disagree on who owns a key. Add `node()` to the list.',
        related: [{ message: 'The nodes are put into the ring here.', range: filling.call.callee }],
        ...(fix && { fix }),
      };
    }
  },
} satisfies Rule;

function lacksSelf(file: FileFacts, { call, ring }: RingFilling): boolean {
  return (ring === undefined || isEmptyRing(file, ring)) && !mentionsThisNode(file, moduleOf(file, call));
}

function fixOf(file: FileFacts, others: Call): Fix | undefined {
  const edits = [replace(others.range, `[node() | ${textOf(file, others.range)}]`)];
  return makesLineTooLong(file.text, edits) ? undefined : { title: 'Put this node into the ring', edits };
}
