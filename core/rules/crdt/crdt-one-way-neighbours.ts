import type { Expr } from '../../elixir/ir';
import { localReplica, type Neighbours, neighboursIn } from '../../facts/crdt';
import { type FileFacts, functionClauseOf, parentOf, textOf } from '../../facts/facts';
import { insertAt, insertLinesAfter, makesLineTooLong } from '../../fix';
import type { Fix, Rule } from '../../rule';
import { indentationAt, type TextEdit } from '../../text';

export default {
  id: 'crdt-one-way-neighbours',
  summary: 'Of two delta CRDTs only one has the other as its neighbour.',
  category: 'consistency',
  severity: 'warning',
  fixable: 'safe',
  rationale: `
    \`DeltaCrdt.set_neighbours(a, [b])\` makes \`a\` send its changes to \`b\`, and nothing more: what is written to \`b\` never reaches \`a\`. It looks
    as if it worked, because the first write that one tries, to \`a\`, arrives.

    Set the neighbours of both. Reported where both replicas are started in the same file and neither list can be mistaken; silent for replicas of
    other nodes, such as \`{Carts, node}\`, where the same code runs on the other side. The fix adds the call, or the name to the list, that is
    missing.`,
  references: ['https://hexdocs.pm/delta_crdt/DeltaCrdt.html#set_neighbours/2'],
  examples: [
    {
      title: 'One way',
      bad: `
        def start do
          {:ok, a} = DeltaCrdt.start_link(DeltaCrdt.AWLWWMap)
          {:ok, b} = DeltaCrdt.start_link(DeltaCrdt.AWLWWMap)
          DeltaCrdt.set_neighbours(a, [b])
        # ^^^^^^^^^^^^^^^^^^^^^^^^
          {a, b}
        end`,
      good: `
        def start do
          {:ok, a} = DeltaCrdt.start_link(DeltaCrdt.AWLWWMap)
          {:ok, b} = DeltaCrdt.start_link(DeltaCrdt.AWLWWMap)
          DeltaCrdt.set_neighbours(a, [b])
          DeltaCrdt.set_neighbours(b, [a])
          {a, b}
        end`,
    },
    {
      title: 'A chain',
      bad: `
        def start do
          {:ok, a} = DeltaCrdt.start_link(DeltaCrdt.AWLWWMap)
          {:ok, b} = DeltaCrdt.start_link(DeltaCrdt.AWLWWMap)
          {:ok, c} = DeltaCrdt.start_link(DeltaCrdt.AWLWWMap)
          DeltaCrdt.set_neighbours(a, [b])
        # ^^^^^^^^^^^^^^^^^^^^^^^^
          DeltaCrdt.set_neighbours(b, [c])
          DeltaCrdt.set_neighbours(c, [b])
          [a, b, c]
        end`,
      good: `
        def start do
          {:ok, a} = DeltaCrdt.start_link(DeltaCrdt.AWLWWMap)
          {:ok, b} = DeltaCrdt.start_link(DeltaCrdt.AWLWWMap)
          {:ok, c} = DeltaCrdt.start_link(DeltaCrdt.AWLWWMap)
          DeltaCrdt.set_neighbours(a, [b])
          DeltaCrdt.set_neighbours(b, [c, a])
          DeltaCrdt.set_neighbours(c, [b])
          [a, b, c]
        end`,
    },
    {
      title: 'By name',
      bad: `
        def init(_opts) do
          children = [
            {DeltaCrdt, crdt: DeltaCrdt.AWLWWMap, name: Shop.Carts},
            {DeltaCrdt, crdt: DeltaCrdt.AWLWWMap, name: Shop.Copy}
          ]

          Supervisor.init(children, strategy: :one_for_one)
        end

        def connect do
          DeltaCrdt.set_neighbours(Shop.Carts, [Shop.Copy])
        # ^^^^^^^^^^^^^^^^^^^^^^^^
          :ok
        end`,
    },
    {
      title: 'Both ways',
      good: `
        def start do
          {:ok, a} = DeltaCrdt.start_link(DeltaCrdt.AWLWWMap)
          {:ok, b} = DeltaCrdt.start_link(DeltaCrdt.AWLWWMap)
          DeltaCrdt.set_neighbours(a, [b])
          DeltaCrdt.set_neighbours(b, [a])
        end`,
    },
    {
      title: 'The other node does the same',
      good: `
        def connect(nodes) do
          {:ok, _crdt} = DeltaCrdt.start_link(DeltaCrdt.AWLWWMap, name: Shop.Carts)
          DeltaCrdt.set_neighbours(Shop.Carts, for(node <- nodes, do: {Shop.Carts, node}))
        end`,
    },
  ],
  triggers: { calls: ['DeltaCrdt.set_neighbours'] },

  *check(file) {
    const all = neighboursIn(file);
    for (const set of all) {
      const missing = missingMirrors(file, all, set);
      if (missing.length === 0) continue;
      const fix = addMirrors(file, all, set, missing);
      const [from, to] = [textOf(file, set.crdt.range), missing.map((e) => `\`${textOf(file, e.range)}\``).join(' and ')];
      yield {
        range: set.call.callee,
        message: `Neighbours are set in one direction: \`${from}\` never receives what is written to ${to}. Set the neighbours of ${to} too.`,
        ...(fix && { fix }),
      };
    }
  },
} satisfies Rule;

/** The local neighbours that do not have this replica among theirs. */
function missingMirrors(file: FileFacts, all: readonly Neighbours[], { call, crdt, neighbours }: Neighbours): readonly Expr[] {
  const self = localReplica(file, crdt);
  if (self === undefined || !neighbours) return [];
  return neighbours.items.filter((item) => {
    const other = localReplica(file, item);
    if (other === undefined || other === self) return false;
    return !all.some(
      (mirror) =>
        mirror.call !== call &&
        localReplica(file, mirror.crdt) !== self &&
        (localReplica(file, mirror.crdt) === other || localReplica(file, mirror.crdt) === undefined) &&
        (!mirror.neighbours || mirror.neighbours.items.some((e) => localReplica(file, e) === self)),
    );
  });
}

function addMirrors(file: FileFacts, all: readonly Neighbours[], set: Neighbours, missing: readonly Expr[]): Fix | undefined {
  const { call, crdt } = set;
  const self = textOf(file, crdt.range);
  const edits: TextEdit[] = [];
  const lines: string[] = [];
  for (const other of missing) {
    const theirs = all.find((mirror) => localReplica(file, mirror.crdt) === localReplica(file, other));
    const last = theirs?.neighbours?.items.at(-1);
    if (theirs && functionClauseOf(file, theirs.call) !== functionClauseOf(file, call)) return undefined;
    if (last) edits.push(insertAt(last.range.end, `, ${self}`));
    else if (theirs) return undefined;
    else lines.push(`${textOf(file, call.callee)}(${textOf(file, other.range)}, [${self}])`);
  }
  if (lines.length > 0) {
    if (!isStatement(file, set)) return undefined;
    edits.push(insertLinesAfter(file, call.range.end, lines, indentationAt(file.text, call.range.start)));
  }
  return { title: 'Set the neighbours of both', edits, safety: makesLineTooLong(file.text, edits) ? 'unsafe' : 'safe' };
}

/** Alone on its lines. */
function isStatement(file: FileFacts, { call }: Neighbours): boolean {
  if (parentOf(file, call)?.kind !== 'block' || call.piped) return false;
  const { start, end } = call.range;
  const before = file.text.slice(file.text.lastIndexOf('\n', start - 1) + 1, start);
  const next = file.text.indexOf('\n', end);
  return before.trim() === '' && file.text.slice(end, next < 0 ? undefined : next).trim() === '';
}
