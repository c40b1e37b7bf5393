import { type Call, descendants, type Expr, pairsOf } from '../../elixir/ir';
import { callsTo, type FileFacts } from '../../facts/facts';
import { originsOf } from '../../facts/origins';
import { definitionOf } from '../../facts/values';
import { compareVersions, versionOf } from '../../project/project';
import type { Rule } from '../../rule';

export default {
  id: 'crdt-lww-not-last-writer',
  summary: 'The latest state of something is kept under one key of a delta CRDT, where not the last writer wins.',
  category: 'consistency',
  severity: 'info',
  optIn: true,
  rationale: `
    The name of \`DeltaCrdt.AWLWWMap\` says that the last writer wins. What it compares is \`System.monotonic_time/1\` of the writing node, which
    counts from the start of its VM: of two concurrent writes to one key that of the node that has been up longer wins, by however much it is
    older. Tried with a write on an old node and another one, a second later, on a young node: both ended up with the first.

    So a status, an owner or a balance under one key can fall back to an earlier one, and stay there. Keep a key for each writer,
    \`{:device, id, node()}\`, and choose when reading, or keep what must be current in \`:ra\` or a database.

    Off by default: where only one node ever writes a key it does not matter. Silent where the key holds \`node()\` or \`self()\`, and for versions
    after 0.6.`,
  references: ['https://github.com/derekkraan/delta_crdt_ex/pull/34', 'https://hexdocs.pm/delta_crdt/DeltaCrdt.AWLWWMap.html'],
  examples: [
    {
      title: 'A status that all nodes write',
      bad: `
        def online(crdt, id) do
          DeltaCrdt.put(crdt, {:device, id}, %{status: :online, updated_at: DateTime.utc_now()})
          #                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'A lease',
      bad: `
        def take(crdt, name) do
          lease = [owner: node(), until: System.system_time(:second) + 30]
          DeltaCrdt.put(crdt, name, lease)
          #                         ^^^^^
        end`,
    },
    {
      title: 'A key per node',
      good: `
        def online(crdt, id) do
          DeltaCrdt.put(crdt, {:device, id, node()}, %{status: :online, updated_at: DateTime.utc_now()})
        end`,
    },
    { title: 'What does not change', good: 'DeltaCrdt.put(crdt, {:item, item.id}, %{name: item.name, price: item.price})' },
  ],
  triggers: { calls: ['DeltaCrdt.put', 'DeltaCrdt.mutate'] },

  *check(file, context) {
    if (compareVersions(versionOf(context.project, 'delta_crdt') ?? '0.6', '0.7') >= 0) return;
    for (const call of callsTo(file, ['DeltaCrdt.put', 'DeltaCrdt.mutate'])) {
      const [key, value] = stored(call);
      if (!key || !value || !isLatest(file, value) || isOfWriter(file, key)) continue;
      yield {
        range: value.range,
        message:
          'Of concurrent writes to this key that of the node which has been up longest wins, not the last one. Keep a key per node, and choose when reading.',
      };
    }
  },
} satisfies Rule;

/** Key and value of a write. */
function stored(call: Call): readonly (Expr | undefined)[] {
  if (call.name === 'put') return call.args.slice(1, 3);
  const [, op, args] = call.args;
  return op?.kind === 'atom' && op.value === 'add' && args?.kind === 'list' ? args.items.slice(0, 2) : [];
}

const changing = /(?:^|_)(?:at|version|status|state|balance|owner|leader|lease|holder|expires|heartbeat|last_seen|timestamp)$/;

/** A map or keyword list that has a moment, a status or an owner in it. */
function isLatest(file: FileFacts, value: Expr): boolean {
  return pairsOf(definitionOf(file, value)).some(({ key }) => key.kind === 'atom' && changing.test(key.value));
}

function isOfWriter(file: FileFacts, key: Expr): boolean {
  for (const e of descendants(definitionOf(file, key))) {
    if (originsOf(file, e).some((origin) => origin.kind === 'this-node' || origin.kind === 'self')) return true;
  }
  return false;
}
