import type { Call, Expr } from '../../elixir/ir';
import { callsTo, type FileFacts } from '../../facts/facts';
import { type Origin, originsOf } from '../../facts/origins';
import { definitionOf, dependsOn, sameValue } from '../../facts/values';
import type { Rule } from '../../rule';

const picks = ['Enum.at/2', 'Enum.at/3', 'Enum.fetch/2', 'Enum.fetch!/2', 'Kernel.elem/2', ':lists.nth/2', ':erlang.element/2'];
const hashes = [
  ':erlang.phash2',
  ':erlang.phash',
  ':erlang.crc32',
  ':erlang.adler32',
  ':crypto.hash',
  ':erlang.md5',
  'Murmur.hash_x86_32',
  'XXHash.xxh32',
];

export default {
  id: 'hash-ring-by-modulo',
  summary: 'A key is given to a node by its hash modulo the number of nodes, so that a change of the cluster moves almost every key.',
  category: 'consistency',
  severity: 'warning',
  onlyInCluster: true,
  rationale: `
    \`Enum.at(nodes, :erlang.phash2(key, length(nodes)))\` is a fine way to spread keys over a fixed list. Over the nodes of a cluster it moves
    nearly all of them whenever one joins or leaves, at the moment the cluster is busiest: caches are cold, processes are started again
    elsewhere, and during a deploy this happens once per node. While two nodes see different members, which is always so for a moment and
    lasts through a partition, they name different owners for the same key, and both believe it.

    A consistent hash ring (\`ex_hash_ring\`, \`libring\`) or rendezvous hashing moves only the keys of the node that came or went. It does not make
    nodes with different views agree: what must have one owner needs a quorum or a lock.

    Reported where the list holds the nodes that are visible now; as information where a list is only called so. Silent for partitions,
    pools and schedulers, for counters (round robin), and where the key is this process, this node or the time: those spread load.`,
  references: ['https://hexdocs.pm/libring/HashRing.html', 'https://hexdocs.pm/ex_hash_ring'],
  examples: [
    {
      title: 'The owner of a user',
      bad: `
        def owner(user_id) do
          nodes = Enum.sort([node() | Node.list()])
          Enum.at(nodes, :erlang.phash2(user_id, length(nodes)))
        # ^^^^^^^
        end`,
    },
    {
      title: 'In steps, without this node',
      bad: `
        def owner(user_id) do
          nodes = Node.list()
          index = user_id |> :erlang.phash2() |> rem(length(nodes))
          Enum.at(nodes, index)
        # ^^^^^^^
        end`,
    },
    {
      title: 'A list that is called nodes',
      bad: `
        def owner(nodes, key) do
          Enum.fetch!(nodes, :erlang.phash2(key, Enum.count(nodes)))
        # ^^^^^^^^^^^
        end`,
    },
    {
      title: 'A ring',
      good: `
        def owner(ring, user_id) do
          HashRing.key_to_node(ring, user_id)
        end`,
    },
    {
      title: 'Partitions of one node',
      good: `
        def partition(tables, key) do
          elem(tables, :erlang.phash2(key, tuple_size(tables)))
        end`,
    },
    {
      title: 'Round robin',
      good: `
        def next(counter) do
          nodes = Node.list()
          Enum.at(nodes, rem(counter, length(nodes)))
        end`,
    },
    {
      title: 'Spread by process',
      good: `
        def any do
          nodes = [node() | Node.list()]
          Enum.at(nodes, :erlang.phash2(self(), length(nodes)))
        end`,
    },
  ],
  triggers: { calls: hashes },

  *check(file) {
    for (const call of callsTo(file, picks)) {
      // Of Erlang's functions the index comes first.
      const [first, second] = call.args as [Expr, Expr];
      const [list, index] = call.module?.startsWith(':') ? [second, first] : [first, second];
      const nodes = nodesIn(file, list);
      const modulus = nodes && modulusOf(file, index);
      if (!modulus || !countsSame(file, modulus.size, list) || isSpread(file, modulus.key)) continue;
      const lacksSelf = nodes.kind === 'visible' && !nodes.self;
      yield {
        range: call.callee,
        message: lacksSelf
          ? '`Node.list/0` lacks this node, so each node names another owner for the key; and one that joins or leaves moves almost every key. Use a hash ring over all nodes.'
          : 'When a node joins or leaves, almost every key moves to another one, and nodes that see different members name different owners. Use a consistent hash ring.',
        ...(nodes.kind === 'named' && { severity: 'info' as const }),
        related: [{ message: 'The owner is computed here.', range: modulus.at.range }],
      };
    }
  },
} satisfies Rule;

type Nodes = { readonly kind: 'visible'; readonly self: boolean } | { readonly kind: 'named' };

function nodesIn(file: FileFacts, list: Expr): Nodes | undefined {
  const visible = originsOf(file, list).filter(
    (origin): origin is Extract<Origin, { kind: 'nodes' }> =>
      origin.kind === 'nodes' && /^(?:Node|:erlang|:partisan)$/.test(origin.at.module ?? ''),
  );
  if (visible.length > 0) return { kind: 'visible', self: visible.some(({ self, part }) => self || part) };
  return list.kind === 'variable' && /(?:^|_)nodes$/.test(list.name) ? { kind: 'named' } : undefined;
}

interface Modulus {
  readonly key: Expr;
  readonly size: Expr;
  readonly at: Expr;
}

/** `hash(key) modulo size`, however it is written. */
function modulusOf(file: FileFacts, index: Expr): Modulus | undefined {
  const at = definitionOf(file, index);
  if (at.kind === 'binary' && at.operator === '+') return modulusOf(file, at.left);
  if (at.kind !== 'call') return undefined;
  const [key, size] = at.args;
  const name = `${at.module}.${at.name}`;
  if (key && name === 'Kernel.abs') return modulusOf(file, key);
  if (!key || !size) return undefined;
  if (name === ':erlang.phash2' || name === ':erlang.phash') return { key, size, at };
  if (name !== 'Kernel.rem' && name !== 'Integer.mod') return undefined;
  const hash = callsTo(file, hashes).find((call) => dependsOn(file, key, call));
  return hash && { key: hash.args[0] ?? key, size, at };
}

/** Whether `size` is the number of the elements of `list`. */
function countsSame(file: FileFacts, size: Expr, list: Expr): boolean {
  const count = definitionOf(file, size);
  const isCount = count.kind === 'call' && /^(?:length|count|tuple_size)$/.test(count.name);
  const counted = isCount ? count.args[0] : undefined;
  return counted !== undefined && sameValue(file, unordered(file, counted), unordered(file, list));
}

const reordering = /^(?:sort|sort_by|uniq|reverse|to_list|to_tuple|usort|list_to_tuple)$/;

function unordered(file: FileFacts, e: Expr): Expr {
  const at = definitionOf(file, e);
  const inside = at.kind === 'call' && reordering.test(at.name) ? (at as Call).args[0] : undefined;
  return inside ? unordered(file, inside) : at;
}

/** Whether the key is something that only spreads load. */
function isSpread(file: FileFacts, key: Expr): boolean {
  return originsOf(file, key).some(({ kind }) => kind === 'self' || kind === 'this-node' || kind === 'reference' || kind === 'clock');
}
