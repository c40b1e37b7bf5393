import { type Call, type Clause, children, descendants, type Expr, type Variable } from '../../elixir/ir';
import { type FileFacts, functionClauseOf, moduleOf, parentOf, textOf } from '../../facts/facts';
import { type EventPattern, eventPatternsOf } from '../../facts/node-events';
import { wordsIn, wordsOf } from '../../facts/words';
import type { Rule } from '../../rule';

export default {
  id: 'nodedown-handled-as-nodeup',
  summary: 'The clause for `:nodedown` adds the node that went down, as the clause for `:nodeup` does.',
  category: 'partition-tolerance',
  severity: 'error',
  rationale: `
    The two clauses of a process that follows its cluster look alike, and one is often a copy of the other. Where the one for \`:nodedown\` still
    adds the node, nothing is ever removed: the list names the node twice, and the hash ring goes on to give keys to a node that is gone. The
    calls to it fail until the process starts anew. A test with one node, or a deploy in which every node comes back, does not show it.

    Reported where the clause for \`:nodedown\` adds the node of the event to a ring, a list or a set of nodes, the clause for \`:nodeup\` of the
    same function does so with the same code, and the former does nothing else with the node. Silent where it removes anything, where it hands
    the node to a function that the other clause does not call, and where the collection is one of nodes that failed or left.

    There is no fix: what removes a node depends on what it was added to (\`HashRing.remove_node/2\`, \`List.delete/2\`, \`MapSet.delete/2\`).`,
  references: [
    'https://www.erlang.org/doc/apps/kernel/net_kernel.html#monitor_nodes/1',
    'https://hexdocs.pm/libring/HashRing.html#remove_node/2',
  ],
  examples: [
    {
      title: 'A copy of the clause for nodes that come up',
      bad: `
        defmodule Shop.Owners do
          use GenServer

          def handle_info({:nodeup, node}, state) do
            {:noreply, %{state | ring: HashRing.add_node(state.ring, node)}}
          end

          def handle_info({:nodedown, node}, state) do
            {:noreply, %{state | ring: HashRing.add_node(state.ring, node)}}
            #                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          end
        end`,
    },
    {
      title: 'In a loop of its own',
      bad: `
        defmodule Shop.Members do
          def loop(nodes) do
            receive do
              {:nodeup, node} -> loop([node | nodes])
              {:nodedown, gone} -> loop([gone | nodes])
              #                         ^^^^^^^^^^^^^^
            end
          end
        end`,
    },
    {
      title: 'One removes what the other adds',
      good: `
        defmodule Shop.Owners do
          use GenServer

          def handle_info({:nodeup, node}, state) do
            {:noreply, %{state | ring: HashRing.add_node(state.ring, node)}}
          end

          def handle_info({:nodedown, node}, state) do
            {:noreply, %{state | ring: HashRing.remove_node(state.ring, node)}}
          end
        end`,
    },
    {
      title: 'Both clauses compute the ring anew',
      good: `
        defmodule Shop.Owners do
          use GenServer

          def handle_info({:nodeup, _node}, _ring), do: {:noreply, ring()}
          def handle_info({:nodedown, _node}, _ring), do: {:noreply, ring()}

          defp ring, do: HashRing.add_nodes(HashRing.new(), [node() | Node.list()])
        end`,
    },
    {
      title: 'Nodes that changed, or that are gone, are collected',
      good: `
        defmodule Shop.Changes do
          use GenServer

          def handle_info({:nodeup, node}, state) do
            {:noreply, %{state | nodes: [node | state.nodes], changed: [node | state.changed]}}
          end

          def handle_info({:nodedown, node}, state) do
            {:noreply, %{state | lost_nodes: [node | state.lost_nodes], changed: [node | state.changed]}}
          end
        end`,
    },
    {
      title: 'Added for a while, until it is certain that the node is gone',
      good: `
        defmodule Shop.Members do
          use GenServer

          def handle_info({:nodeup, node}, nodes), do: {:noreply, MapSet.put(nodes, node)}

          def handle_info({:nodedown, node}, nodes) do
            Process.send_after(self(), {:forget, node}, 30_000)
            {:noreply, MapSet.put(nodes, node)}
          end
        end`,
    },
  ],
  triggers: { words: ['nodedown'] },

  *check(file) {
    for (const module of file.modules) {
      const patterns = eventPatternsOf(file, module).filter((p) => moduleOf(file, p.tuple) === module);
      for (const down of patterns.filter((p) => p.event === 'nodedown')) {
        for (const up of patterns.filter((p) => p.event === 'nodeup')) {
          const copied = copiedAddition(file, down, up);
          if (!copied) continue;
          yield {
            range: copied.down.range,
            message: 'The node that went down is added, as one that came up is, and is never removed. Remove it here.',
            related: [{ message: 'The clause for `:nodeup` does the same.', range: copied.up.range }],
          };
          break;
        }
      }
    }
  },
} satisfies Rule;

/** What adds the node in both clauses, where the one for `:nodedown` does nothing else with it. */
function copiedAddition(file: FileFacts, down: EventPattern, up: EventPattern): { readonly down: Expr; readonly up: Expr } | undefined {
  const [downClause, upClause] = [down.clause, up.clause];
  const [downNode, upNode] = [down.tuple.items[1], up.tuple.items[1]];
  if (!sameFunction(file, downClause, upClause)) return undefined;
  if (downNode?.kind !== 'variable' || upNode?.kind !== 'variable') return undefined;
  if ([...descendants(downClause.body)].some(removes)) return undefined;
  const rename = (name: string): string => (name === downNode.name ? upNode.name : name);
  const others = [...descendants(upClause.body)];
  const copies = takersOf(file, downClause, downNode).map((e) => ({ down: e, up: others.find((other) => alike(file, e, other, rename)) }));
  const addition = copies.find((c) => addsTo(c.down, downNode.name));
  return addition?.up && copies.every((c) => c.up) ? { down: addition.down, up: addition.up } : undefined;
}

/** Clauses of one function, or of one `receive` or `case`. */
function sameFunction(file: FileFacts, a: Clause, b: Clause): boolean {
  const holder = parentOf(file, a);
  if (holder) return holder === parentOf(file, b);
  return !parentOf(file, b) && functionClauseOf(file, a)?.def === functionClauseOf(file, b)?.def;
}

/** What is given the node: the calls, tuples, lists, … that directly hold it, without those that only look at it. */
function takersOf(file: FileFacts, clause: Clause, node: Variable): readonly Expr[] {
  return [...descendants(clause.body)].flatMap((e) => {
    const parent = e.kind === 'variable' && e.name === node.name ? parentOf(file, e) : undefined;
    if (!parent || looks(parent)) return [];
    const sum = parent.kind === 'list' ? parentOf(file, parent) : undefined;
    return sum?.kind === 'binary' && sum.operator === '++' ? [sum] : [parent];
  });
}

function looks(e: Expr): boolean {
  if (e.kind === 'string') return true;
  if (e.kind === 'binary') return /^(?:[!=]==?|in|not in|<>)$/.test(e.operator);
  if (e.kind !== 'call') return false;
  return e.name.endsWith('?') || /^(?:Logger|IO|:logger)$/.test(e.module ?? '') || /^(?:inspect|to_string)$/.test(e.name);
}

const removing =
  /^(?:remove|delete|drop|pop|leave|forget|reject|filter|subtract|difference|down|lost|evict|purge|clear|reset|without|update)$/;

function removes(e: Expr): boolean {
  if (e.kind === 'binary') return /^--+$/.test(e.operator);
  return (e.kind === 'call' || e.kind === 'capture') && wordsIn(e.name).some((word) => removing.test(word));
}

const adding = /^(?:add|join|put|insert|cons)$/;
const kept = /^(?:ring|rings|hashring|node|nodes|member|members|peer|peers|cluster|host|hosts|server|servers)$/;
const gone = /^(?:down|dead|lost|gone|left|failed|unreachable|offline|suspect|suspected|missing|old|seen|known|changed|pending|history)$/;

/** Whether it adds the node to something that is called a ring or nodes, and not the nodes that are gone. */
function addsTo(e: Expr, node: string): boolean {
  const isNode = (item: Expr | undefined): boolean => item?.kind === 'variable' && item.name === node;
  if (e.kind === 'list') return e.tail !== undefined && e.items.length === 1 && isNode(e.items[0]) && isKept(wordsOf(e.tail));
  if (e.kind === 'binary') {
    const [list, rest] = e.left.kind === 'list' ? [e.left, e.right] : [e.right, e.left];
    return list.kind === 'list' && list.items.length === 1 && isNode(list.items[0]) && isKept(wordsOf(rest));
  }
  if (e.kind !== 'call' || !wordsIn(e.name).some((word) => adding.test(word))) return false;
  const [target] = e.args;
  return e.args.length === 2 && target !== undefined && isNode(e.args[1]) && isKept(calledWords(e, target));
}

function calledWords(call: Call, target: Expr): ReadonlySet<string> {
  return new Set([...wordsOf(target), ...wordsIn(call.name), ...wordsIn(call.module?.split('.').at(-1) ?? '')]);
}

function isKept(words: ReadonlySet<string>): boolean {
  return [...words].some((word) => kept.test(word)) && ![...words].some((word) => gone.test(word));
}

/** Whether two expressions are the same code, where one variable has another name. */
function alike(file: FileFacts, a: Expr, b: Expr, rename: (name: string) => string): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'variable' && b.kind === 'variable') return rename(a.name) === b.name;
  const [mine, theirs] = [children(a), children(b)];
  if (mine.length !== theirs.length) return false;
  if (mine.length === 0) return textOf(file, a.range) === textOf(file, b.range);
  return nameOf(a) === nameOf(b) && mine.every((child, i) => alike(file, child, theirs[i] as Expr, rename));
}

/** What an expression says beside its parts. */
function nameOf(e: Expr): string {
  if (e.kind === 'call' || e.kind === 'capture') return `${e.module ?? ''}.${e.name}`;
  return e.kind === 'field' ? e.name : e.kind === 'binary' || e.kind === 'unary' ? e.operator : '';
}
