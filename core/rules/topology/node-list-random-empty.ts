import { type Call, children, type Expr } from '../../elixir/ir';
import { bindingOf } from '../../facts/bindings';
import { ancestorsOf, callsTo, type FileFacts, functionClauseOf, parentOf } from '../../facts/facts';
import { allOrigins, originsOf, patternIds } from '../../facts/origins';
import { branchesAround, precedes } from '../../facts/values';
import { makesLineTooLong, replace } from '../../fix';
import { isTestPath } from '../../project/environment';
import type { Fix, Rule } from '../../rule';
import { contains } from '../../text';

/** Functions that raise for an empty list; the `max` and `min` families do not when they are told what to answer then. */
const choosing = ['Enum.random/1', 'Enum.min/1', 'Enum.max/1', 'Enum.min_by/2', 'Enum.max_by/2', 'Kernel.hd/1', ':erlang.hd/1'];

export default {
  id: 'node-list-random-empty',
  summary: 'One of the other nodes is chosen, and it raises when there is none.',
  category: 'availability',
  severity: 'warning',
  fixable: 'unsafe',
  rationale: `
    \`Node.list/0\` does not name this node, so it is empty on a node that is alone: during a rolling restart, on the small side of a partition,
    before discovery has found anyone, in development. \`Enum.random/1\`, \`Enum.min/1\` and \`Enum.max/1\` then raise \`Enum.EmptyError\` and \`hd/1\`
    raises \`ArgumentError\`: the node that should carry on alone crashes instead. The same holds when one node is taken from the list that a
    process keeps, because it did not answer: it may have been the last one.

    Silent where this node is in the list, and where something before looks at whether a list is empty or how long it is.

    The fix adds this node to the list. It is unsafe: what is sent to the chosen node then may arrive at the sender. Where only another node will
    do, match on \`[]\` and say what happens.`,
  references: ['https://hexdocs.pm/elixir/Node.html#list/0', 'https://hexdocs.pm/elixir/Enum.html#random/1'],
  examples: [
    {
      title: 'Any other node',
      bad: `
        def peer do
          Enum.random(Node.list())
        # ^^^^^^^^^^^
        end`,
      good: `
        def peer do
          Enum.random([node() | Node.list()])
        end`,
    },
    {
      title: 'The first one',
      bad: `
        def leader do
          Node.list() |> Enum.sort() |> hd()
          #                             ^^
        end`,
    },
    {
      title: 'What is left without one of them',
      bad: `
        def another(failed) do
          nodes = Node.list()
          Enum.random(nodes -- [failed])
        # ^^^^^^^^^^^
        end`,
    },
    {
      title: 'What is left of the nodes that a process knows',
      bad: `
        def handle_info({:sync_timeout, node}, %{nodes: nodes} = state) do
          next = Enum.random(nodes -- [node])
          #      ^^^^^^^^^^^
          {:noreply, sync_with(next, state)}
        end`,
    },
    { title: 'With this node', good: 'Enum.random([node() | Node.list()])' },
    { title: 'With this node, by name', good: 'Enum.random(Node.list([:this, :visible]))' },
    {
      title: 'Asked before',
      good: `
        case Node.list() do
          [] -> {:error, :alone}
          nodes -> {:ok, Enum.random(nodes)}
        end`,
    },
    {
      title: 'Counted before',
      good: `
        def peer do
          nodes = Node.list()
          if length(nodes) > 0, do: Enum.random(nodes), else: node()
        end`,
    },
    {
      title: 'Another clause takes the empty list',
      good: `
        def pick([]), do: node()
        def pick(nodes), do: Enum.random(nodes -- [node()])`,
    },
    { title: 'An answer for the empty list', good: 'Enum.max(Node.list(), fn -> node() end)' },
    { title: 'Any number of them', good: 'Enum.take_random(Node.list(), 3)' },
  ],
  triggers: { calls: choosing },

  *check(file) {
    if (isTestPath(file.path)) return;
    for (const call of callsTo(file, choosing)) {
      const [list] = call.args;
      if (!list || !(isOthers(file, list) || isRest(file, list)) || looksWhetherEmpty(file, call)) continue;
      const fix = withThisNode(file, list);
      yield {
        range: call.callee,
        message: `\`${nameOf(call)}\` raises when there is no other node, and a node that is alone sees none. Handle the empty list, or include \`node()\`.`,
        ...(fix && { fix }),
      };
    }
  },
} satisfies Rule;

const nameOf = ({ module, name, args }: Call): string => `${module === 'Kernel' ? '' : `${module}.`}${name}/${args.length}`;

/** Certainly the nodes that are visible from here, without this one. */
function isOthers(file: FileFacts, list: Expr): boolean {
  return allOrigins(
    originsOf(file, list),
    (o) => o.kind === 'nodes' && !o.self && !o.counted && /^(?:Node|:erlang)$/.test(o.at.module ?? ''),
  );
}

/** `nodes -- [node]`: the nodes or peers that a process keeps, or that a function is given, without some of them. */
function isRest(file: FileFacts, list: Expr): boolean {
  const [from, taken] = list.kind === 'binary' && list.operator === '--' ? [list.left, list.right] : deletion(list);
  if (!from || !taken || (taken.kind === 'list' && taken.items.length !== 1)) return false;
  const name = from.kind === 'variable' || from.kind === 'field' ? from.name : '';
  return (
    /^(?:\w+_)?(?:nodes|nodelist|node_list)$/.test(name) && originsOf(file, from).every((o) => o.kind === 'parameter' || o.kind === 'field')
  );
}

function deletion(list: Expr): readonly [from: Expr, taken: Expr] | readonly [] {
  const [from, taken] = list.kind === 'call' && list.module === 'List' && list.name === 'delete' ? list.args : [];
  return from && taken ? [from, taken] : [];
}

/** What runs before the call, or decides whether it runs, looks at the emptiness or length of a list; or the error is caught. */
function looksWhetherEmpty(file: FileFacts, call: Call): boolean {
  const clause = functionClauseOf(file, call);
  for (const ancestor of ancestorsOf(file, call)) if (ancestor.kind === 'try' && ancestor.rescue.length > 0) return true;
  if (clause && clause.def.clauses.length > 1 && holdsParameter(file, call)) return true;
  const heads = [...branchesAround(file, call)].flatMap(({ branch, within }) =>
    headsOf(branch.kind === 'receive' ? [within] : children(branch)),
  );
  const isBefore = (e: Expr): boolean => heads.some((head) => contains(head.range, e.range)) || precedes(file, e, call);
  return file.exprs.some((e) => isLook(file, e) && functionClauseOf(file, e) === clause && isBefore(e));
}

/** The patterns and guards that decide which clause runs. */
function headsOf(parts: readonly Expr[]): readonly Expr[] {
  return parts.flatMap((part) => (part.kind === 'clause' ? [...part.patterns, ...(part.guard ? [part.guard] : [])] : []));
}

function isLook(file: FileFacts, e: Expr): boolean {
  if (e.kind === 'call') return /^(?:empty\?|any\?|length|count|count_until)$/.test(e.name);
  if (e.kind !== 'list' || e.items.length > 1) return false;
  const parent = parentOf(file, e);
  return patternIds(file).has(e.id) || (parent?.kind === 'binary' && /^[=!]==?$/.test(parent.operator));
}

function holdsParameter(file: FileFacts, call: Call): boolean {
  const [list] = call.args;
  const source = list?.kind === 'variable' ? bindingOf(file, list)?.source : undefined;
  const origins = list ? originsOf(file, list) : [];
  return source?.from === 'parameter' || origins.some((o) => o.kind === 'parameter') || (list?.kind === 'binary' && isRest(file, list));
}

function withThisNode(file: FileFacts, list: Expr): Fix | undefined {
  if (list.kind !== 'call' || list.module !== 'Node' || list.args.length > 0) return undefined;
  const edits = [replace(list.range, '[node() | Node.list()]')];
  return makesLineTooLong(file.text, edits) ? undefined : { title: 'Choose among all nodes, this one included', edits };
}
