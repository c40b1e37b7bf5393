import { descendants, type Expr } from '../../elixir/ir';
import { type Binding, bindingOf } from '../../facts/bindings';
import { neighboursIn } from '../../facts/crdt';
import type { FileFacts } from '../../facts/facts';
import { inputsOf } from '../../facts/values';
import type { Rule } from '../../rule';

export default {
  id: 'crdt-neighbours-overwrite',
  summary: 'The neighbours of a delta CRDT are set node by node, and each call forgets the ones before.',
  category: 'consistency',
  severity: 'warning',
  rationale: `
    \`DeltaCrdt.set_neighbours/2\` replaces the list. Called for each node that joins, with a list of that one node, it leaves the last one as the
    only neighbour: of three nodes two exchange their data and the third hears nothing more, without any error. With two nodes, as in a trial on
    one's own machine, it works.

    Pass all neighbours each time: \`for node <- Node.list(), do: {Carts, node}\`, or what the state has gathered so far. Reported where a list
    of one is made from the element of a loop, or from the node that an event or an \`add_…\` message names. Silent where the replica is another one in
    each round of the loop.`,
  references: ['https://hexdocs.pm/delta_crdt/DeltaCrdt.html#set_neighbours/2'],
  examples: [
    {
      title: 'For each node that comes up',
      bad: `
        def handle_info({:nodeup, node}, state) do
          DeltaCrdt.set_neighbours(Carts, [{Carts, node}])
          #                               ^^^^^^^^^^^^^^^
          {:noreply, state}
        end`,
    },
    {
      title: 'In a loop',
      bad: `
        def connect(crdt) do
          for node <- Node.list() do
            DeltaCrdt.set_neighbours(crdt, [{Carts, node}])
            #                              ^^^^^^^^^^^^^^^
          end

          Enum.each(Node.list(), fn node ->
            pid = :rpc.call(node, Process, :whereis, [Carts], 5_000)
            DeltaCrdt.set_neighbours(crdt, [pid])
            #                              ^^^^^
          end)
        end`,
    },
    {
      title: 'Both sides of a handshake',
      bad: `
        def handle_call({:add_node, other}, _from, crdt) do
          pid = GenServer.call(other, {:ack_add_node, crdt})
          DeltaCrdt.set_neighbours(crdt, [pid])
          #                              ^^^^^
          {:reply, :ok, crdt}
        end

        def handle_call({:ack_add_node, pid}, _from, crdt) do
          DeltaCrdt.set_neighbours(crdt, [pid])
          #                              ^^^^^
          {:reply, crdt, crdt}
        end`,
    },
    {
      title: 'A message that adds one',
      bad: `
        def handle_call({:add_neighbour, other}, _from, crdt) do
          DeltaCrdt.set_neighbours(crdt, [other])
          #                              ^^^^^^^
          {:reply, :ok, crdt}
        end`,
    },
    {
      title: 'All of them each time',
      good: `
        def handle_info({:nodeup, _node}, state) do
          DeltaCrdt.set_neighbours(Carts, for(node <- Node.list(), do: {Carts, node}))
          {:noreply, state}
        end

        def handle_call({:add_neighbour, other}, _from, state) do
          neighbours = [other | state.neighbours]
          DeltaCrdt.set_neighbours(state.crdt, neighbours)
          {:reply, :ok, %{state | neighbours: neighbours}}
        end`,
    },
    {
      title: 'A star: each replica has one neighbour',
      good: `
        def connect(crdts, hub) do
          Enum.each(crdts, fn crdt -> DeltaCrdt.set_neighbours(crdt, [hub]) end)
          for {a, b} <- Enum.zip(crdts, tl(crdts)), do: DeltaCrdt.set_neighbours(a, [b])
        end`,
    },
    {
      title: 'A pair',
      good: `
        def init(other) do
          {:ok, crdt} = DeltaCrdt.start_link(DeltaCrdt.AWLWWMap, name: Carts)
          DeltaCrdt.set_neighbours(crdt, [{Carts, other}])
          {:ok, crdt}
        end`,
    },
  ],
  triggers: { calls: ['DeltaCrdt.set_neighbours'] },

  *check(file) {
    for (const { crdt, neighbours } of neighboursIn(file)) {
      const [only, ...more] = neighbours?.items ?? [];
      if (!neighbours || !only || more.length > 0 || comesOneByOne(file, crdt, false) || !comesOneByOne(file, only, true)) continue;
      yield {
        range: neighbours.range,
        message: '`set_neighbours` replaces the list: with one node at a time only the last one stays a neighbour. Pass all of them.',
      };
    }
  },
} satisfies Rule;

/** Whether the value is made from the element of a loop or, if asked, from what an event or a message adds. */
function comesOneByOne(file: FileFacts, value: Expr, events: boolean): boolean {
  const seen = new Set<number>();
  const stack: Expr[] = [value];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (seen.has(next.id)) continue;
    seen.add(next.id);
    for (const e of descendants(next)) {
      const binding = e.kind === 'variable' ? bindingOf(file, e) : undefined;
      if (!binding) continue;
      if (binding.source.from === 'element' || (events && isAdded(binding))) return true;
      stack.push(...inputsOf(file, e));
    }
  }
  return false;
}

const joins = /^(?:node_?up|joined|add|join|(?:\w+_)?(?:add|join|connect)_\w+|\w+_(?:joined|added|up))$/;

/** The node of `{:nodeup, node}`, or what is in a message such as `{:add_neighbour, crdt}`. */
function isAdded({ source }: Binding): boolean {
  if (source.from !== 'parameter' || source.path[0]?.step !== 'tuple') return false;
  const pattern = source.clause.clause.patterns[source.index];
  const [tag] = pattern?.kind === 'tuple' ? pattern.items : [];
  return tag?.kind === 'atom' && joins.test(tag.value);
}
