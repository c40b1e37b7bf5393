import { descendants, type Expr } from '../../elixir/ir';
import type { FileFacts } from '../../facts/facts';
import { originsOf } from '../../facts/origins';
import { deltaCrdtApi, isShared, lostUpdates } from '../../facts/stores';
import { definitionOf } from '../../facts/values';
import type { Rule } from '../../rule';

export default {
  id: 'crdt-read-modify-write',
  summary: 'A value is read from a delta CRDT, changed and written back under the same key.',
  category: 'consistency',
  severity: 'warning',
  rationale: `
    \`DeltaCrdt.AWLWWMap\` merges key by key: of two concurrent writes to one key, one survives. A counter that is read, incremented and put back
    on two replicas loses one of the increments each time; ten on each of two synchronised replicas gave 10, not 20, when it was tried. Add
    to that that the map orders concurrent writes by monotonic time, so the node that has been up longest wins, not the last writer.

    Keep one key per writer, such as \`{:hits, node()}\`, that only this node writes, and add them up when reading. For numbers that must be
    exact, use \`:ra\` or a database. Keys that hold \`node()\` or \`self()\` are left alone.`,
  references: ['https://hexdocs.pm/delta_crdt/DeltaCrdt.html', 'https://github.com/derekkraan/delta_crdt_ex/pull/34'],
  examples: [
    {
      title: 'A shared counter',
      bad: `
        def hit(crdt) do
          DeltaCrdt.put(crdt, :hits, (DeltaCrdt.get(crdt, :hits) || 0) + 1)
        # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'A list in the map',
      bad: `
        def add(crdt, cart, item) do
          items = crdt |> DeltaCrdt.to_map() |> Map.get(cart, [])
          DeltaCrdt.put(crdt, cart, [item | items])
        # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'One key per node, which only this node writes',
      good: `
        def hit(crdt) do
          key = {:hits, node()}
          DeltaCrdt.put(crdt, key, (DeltaCrdt.get(crdt, key) || 0) + 1)
        end`,
    },
    { title: 'An entry of its own for each item', good: 'DeltaCrdt.put(crdt, {cart, item.id}, item)' },
  ],
  triggers: { calls: ['DeltaCrdt.put', 'DeltaCrdt.merge', 'DeltaCrdt.mutate', 'DeltaCrdt.mutate_async'] },

  *check(file) {
    for (const { read, write } of lostUpdates(file, deltaCrdtApi(file))) {
      if (!isShared(file, write.call) || write.call.args.slice(1).some((arg) => namesWriter(file, arg))) continue;
      yield {
        range: write.call.range,
        message:
          'Concurrent writes to one key of the CRDT are not merged: one of them wins and the other is lost. Keep a key per node, such as `{key, node()}`, and sum when reading.',
        related: read.call.range.start < write.call.range.start ? [{ message: 'The value is read here.', range: read.call.range }] : [],
      };
    }
  },
} satisfies Rule;

function namesWriter(file: FileFacts, arg: Expr): boolean {
  for (const e of descendants(definitionOf(file, arg))) {
    if (originsOf(file, e).some((o) => o.kind === 'this-node' || o.kind === 'self')) return true;
  }
  return false;
}
