import type { Call, Expr } from '../../elixir/ir';
import { keywordPair } from '../../elixir/ir';
import {
  crdtChildren,
  deltaCrdtBefore,
  isUnknownCrdtCall,
  isUnknownCrdtType,
  mapOperations,
  mayHaveOwnTypes,
  startedTypes,
} from '../../facts/crdt';
import { callsTo, type FileFacts, textOf } from '../../facts/facts';
import { usesOfValue } from '../../facts/remote';
import { makesLineTooLong, replace } from '../../fix';
import type { Context, Finding, Fix, Rule } from '../../rule';

export default {
  id: 'crdt-unknown-type-or-op',
  summary: 'A delta CRDT is given a type or an operation that `delta_crdt` does not have.',
  category: 'correctness',
  severity: 'error',
  fixable: 'safe',
  rationale: `
    \`delta_crdt\` has one type, \`DeltaCrdt.AWLWWMap\`: a map. Counters, sets and registers are not in it, though much that is written about CRDTs
    makes one expect them. \`DeltaCrdt.start_link(DeltaCrdt.PNCounter)\` fails at run time, since a module name is only an atom to the compiler.

    The map knows \`:add\` with key and value, and \`:remove\` with a key. Any other operation crashes the process that holds the replica, and takes
    the map with it if no neighbour has a copy. That goes for \`mutate(crdt, :clear, [])\` too, which the documentation shows: it crashes in 0.6.
    \`put\`, \`merge\`, \`delete\` and \`drop\` answer the CRDT, not \`:ok\`.

    Silent about operations where a replica may be of a type that the project defines, and about releases before 0.5, which had more types.
    \`mutate\` with \`:add\` and \`:remove\` is deprecated and reported as information; the fix calls \`put\` or \`delete\`.`,
  references: ['https://hexdocs.pm/delta_crdt/DeltaCrdt.html', 'https://hexdocs.pm/delta_crdt/DeltaCrdt.AWLWWMap.html'],
  examples: [
    {
      title: 'There is no counter',
      bad: `
        def start_link(_opts) do
          DeltaCrdt.start_link(DeltaCrdt.PNCounter, name: Visits)
          #                    ^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'As a child',
      bad: `
        children = [
          {DeltaCrdt, crdt: DeltaCrdt.ORSet, name: Carts},
          #                 ^^^^^^^^^^^^^^^
          {DeltaCrdt, name: Visits}
        # ^^^^^^^^^^^^^^^^^^^^^^^^^
        ]`,
    },
    {
      title: 'The map is data, not a process',
      bad: `
        alias DeltaCrdt.AWLWWMap

        def start do
          {:ok, map} = AWLWWMap.start_link()
          #            ^^^^^^^^^^^^^^^^^^^
          map
        end`,
    },
    {
      title: 'Operations that it does not have',
      bad: `
        def reset(crdt) do
          DeltaCrdt.mutate(crdt, :clear, [])
          #                      ^^^^^^
        end

        def seen(crdt) do
          DeltaCrdt.mutate(crdt, :increment)
        # ^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'Emptying the map',
      bad: `
        def reset(crdt) do
          DeltaCrdt.mutate(crdt, :clear, [])
          #                      ^^^^^^
          :ok
        end`,
      good: `
        def reset(crdt) do
          DeltaCrdt.drop(crdt, Map.keys(DeltaCrdt.to_map(crdt)))
          :ok
        end`,
    },
    {
      title: 'The newer functions',
      bad: `
        def store(crdt, key, value) do
          DeltaCrdt.mutate(crdt, :add, [key, value])
          #                      ^^^^
          :ok
        end`,
      good: `
        def store(crdt, key, value) do
          DeltaCrdt.put(crdt, key, value)
          :ok
        end`,
    },
    {
      title: 'The answer is the CRDT',
      bad: `
        def store(crdt, key, value) do
          :ok = DeltaCrdt.put(crdt, key, value)
        # ^^^
        end`,
    },
    {
      title: 'A type of its own',
      good: `
        defmodule Shop.Flags do
          def new, do: %{}
          def join(a, b, _keys), do: Map.merge(a, b)
        end

        defmodule Shop.Replica do
          def start_link(_opts), do: DeltaCrdt.start_link(Shop.Flags, name: __MODULE__)
          def enable(flag), do: DeltaCrdt.mutate(__MODULE__, :enable, [flag])
        end`,
    },
    {
      title: 'The map',
      good: `
        def start_link(_opts) do
          DeltaCrdt.start_link(DeltaCrdt.AWLWWMap, name: Shop.Carts, sync_interval: 100)
        end

        def put(key, value) do
          DeltaCrdt.put(Shop.Carts, key, value)
          :ok
        end`,
    },
  ],
  triggers: { words: ['DeltaCrdt'] },

  *check(file, context) {
    yield* types(file, context);
    for (const calls of file.calls.values()) {
      for (const call of calls) if (isUnknownCrdtCall(file, call, context)) yield unknownCall(call);
    }
    if (!mayHaveOwnTypes(file, context)) {
      for (const call of callsTo(file, ['DeltaCrdt.mutate/3', 'DeltaCrdt.mutate/4', 'DeltaCrdt.mutate_async/3']))
        yield* operation(file, call, context);
    }
    for (const call of callsTo(file, ['DeltaCrdt.put', 'DeltaCrdt.merge', 'DeltaCrdt.delete', 'DeltaCrdt.drop'])) yield* answer(file, call);
  },
} satisfies Rule;

function* types(file: FileFacts, context: Context): Iterable<Finding> {
  for (const type of startedTypes(file)) {
    if (type.kind !== 'alias' || !isUnknownCrdtType(file, context, type.name)) continue;
    yield {
      range: type.range,
      message: `\`${type.name}\` does not exist, so the replica does not start. \`delta_crdt\` has one type: use \`DeltaCrdt.AWLWWMap\`, for a counter with a key per node.`,
    };
  }
  for (const { child, options } of crdtChildren(file)) {
    if (options.kind !== 'list' || options.tail || options.items.length === 0) continue;
    if (options.items.some((item) => item.kind !== 'pair') || keywordPair(options, 'crdt')) continue;
    yield { range: child.range, message: 'Without `:crdt` this child raises when it starts. Pass `crdt: DeltaCrdt.AWLWWMap`.' };
  }
}

function unknownCall(call: Call): Finding {
  const called = `\`${call.module}.${call.name}/${call.args.length}\``;
  const advice =
    call.module === 'DeltaCrdt'
      ? 'Pass the arguments of the operation as a list, or call `DeltaCrdt.put/3`'
      : call.module === 'DeltaCrdt.AWLWWMap'
        ? 'It is only the type: start a replica with `DeltaCrdt.start_link(DeltaCrdt.AWLWWMap)` and call `DeltaCrdt`'
        : '`delta_crdt` has one type, `DeltaCrdt.AWLWWMap`, and is called through `DeltaCrdt`';
  return { range: call.callee, message: `${called} does not exist. ${advice}.` };
}

function* operation(file: FileFacts, call: Call, context: Context): Iterable<Finding> {
  const [crdt, op, args] = call.args;
  if (!crdt || op?.kind !== 'atom') return;
  const takes = mapOperations.get(op.value);
  const given = args?.kind === 'list' && !args.tail ? args.items : undefined;
  if (takes === undefined) {
    const clears = op.value === 'clear' && call.name === 'mutate' && call.args.length === 3;
    const fix = clears ? drop(file, call, crdt) : undefined;
    yield {
      range: op.range,
      message: `\`:${op.value}\` is no operation of \`DeltaCrdt.AWLWWMap\`: the replica crashes. ${clears ? 'Drop the keys of the map.' : 'It has `:add` and `:remove`.'}`,
      ...(fix && { fix }),
    };
  } else if (given && given.length !== takes) {
    yield {
      range: op.range,
      message: `\`:${op.value}\` takes ${takes === 1 ? 'a key' : 'a key and a value'}; with ${given.length} ${given.length === 1 ? 'argument' : 'arguments'} the replica crashes. Call \`DeltaCrdt.${takes === 1 ? 'delete/2' : 'put/3'}\`.`,
    };
  } else if (given && call.name === 'mutate' && !deltaCrdtBefore(context, '0.6.0')) {
    const newer = takes === 1 ? 'delete' : 'put';
    const fix = modern(file, call, newer, [crdt, ...given, ...call.args.slice(3)]);
    yield {
      range: op.range,
      severity: 'info',
      message: `\`DeltaCrdt.mutate\` is deprecated. Call \`DeltaCrdt.${newer}\`.`,
      ...(fix && { fix }),
    };
  }
}

function drop(file: FileFacts, call: Call, crdt: Expr): Fix | undefined {
  if (call.piped || call.applied || (crdt.kind !== 'variable' && crdt.kind !== 'attribute' && crdt.kind !== 'alias')) return undefined;
  const name = textOf(file, crdt.range);
  const edits = [replace(call.range, `${prefix(file, call)}drop(${name}, Map.keys(${prefix(file, call)}to_map(${name})))`)];
  return { title: 'Drop the keys of the map', edits, safety: 'unsafe' };
}

/** `put` and `delete` answer the CRDT where `mutate` answers `:ok`: safe where nobody looks at it. */
function modern(file: FileFacts, call: Call, name: string, args: readonly Expr[]): Fix | undefined {
  if (call.piped || call.applied || !call.parens) return undefined;
  const edits = [replace(call.range, `${prefix(file, call)}${name}(${args.map((arg) => textOf(file, arg.range)).join(', ')})`)];
  const unused = usesOfValue(file, call).every((use) => use.kind === 'unused');
  return { title: `Call \`DeltaCrdt.${name}\``, edits, safety: unused && !makesLineTooLong(file.text, edits) ? 'safe' : 'unsafe' };
}

/** The module as it is written, with its dot; nothing for an imported function. */
function prefix(file: FileFacts, call: Call): string {
  return textOf(file, call.callee).slice(0, -call.name.length);
}

/** Patterns that only take `:ok`. */
function* answer(file: FileFacts, call: Call): Iterable<Finding> {
  for (const use of usesOfValue(file, call)) {
    if (use.kind !== 'matched' || use.patterns.some((p) => p.kind === 'variable')) continue;
    const ok = use.patterns.find((p) => p.kind === 'atom' && p.value === 'ok');
    if (ok) yield { range: ok.range, message: `\`DeltaCrdt.${call.name}\` answers the CRDT, so this never matches. Do not match \`:ok\`.` };
  }
}
