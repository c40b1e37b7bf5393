import type { Call, Expr } from '../../elixir/ir';
import { ancestorsOf, callsTo, type FileFacts, functionClauseOf, moduleOf, parentOf } from '../../facts/facts';
import { makesLineTooLong, replace } from '../../fix';
import type { Finding, Rule } from '../../rule';

const connects = ['Node.connect/1', ':net_kernel.connect_node/1'];

export default {
  id: 'node-connect-result',
  summary: 'The result of connecting to a node is ignored, or `:ignored` is taken for success.',
  category: 'partition-tolerance',
  severity: 'warning',
  fixable: 'unsafe',
  rationale: `
    \`Node.connect/1\` answers \`true\`, \`false\`, or \`:ignored\` when the local node is not alive. \`:ignored\` is truthy, so \`if Node.connect(node)\`
    takes the branch for success on a node that cannot talk to anyone; and a call whose result is dropped hides that the peer refused the
    cookie, has another name, or is behind a firewall.

    A result that is dropped is a warning, and information where a timer repeats the attempt anyway. A condition is information, since most code
    that connects runs on a node that is alive; its fix compares with \`true\`, and is unsafe because \`:ignored\` then takes the other branch.
    \`true = Node.connect(node)\` and \`_ = Node.connect(node)\` say what is meant and are left alone.`,
  references: ['https://hexdocs.pm/elixir/Node.html#connect/1'],
  examples: [
    {
      title: 'As a condition',
      bad: `
        def join(node) do
          if Node.connect(node), do: :ok, else: {:error, :unreachable}
          #  ^^^^^^^^^^^^^^^^^^
        end`,
      good: `
        def join(node) do
          if Node.connect(node) == true, do: :ok, else: {:error, :unreachable}
        end`,
      severity: 'info',
    },
    {
      title: 'Dropped',
      bad: `
        def start(node) do
          Node.connect(node)
        # ^^^^^^^^^^^^^^^^^^
          Worker.start_link(node)
        end`,
    },
    {
      title: 'Dropped for a list',
      bad: `
        def start(nodes) do
          Enum.each(nodes, &Node.connect/1)
          #                ^^^^^^^^^^^^^^^
          :ok
        end`,
    },
    { title: 'Asserted', good: 'true = Node.connect(node)' },
    { title: 'Dropped on purpose', good: '_ = Node.connect(node)' },
    {
      title: 'All three answers',
      good: `
        case Node.connect(node) do
          true -> :ok
          false -> {:error, :unreachable}
          :ignored -> {:error, :not_alive}
        end`,
    },
  ],
  triggers: { calls: connects },

  *check(file) {
    for (const call of callsTo(file, connects)) {
      if (isCondition(file, call)) yield truthy(file, call);
      else if (isDropped(file, call)) yield dropped(file, call);
    }
    for (const name of ['Node.connect', ':net_kernel.connect_node']) {
      for (const capture of file.captures.get(name) ?? []) {
        const parent = parentOf(file, capture);
        if (parent?.kind === 'call' && parent.name === 'each' && parent.module === 'Enum') yield dropped(file, capture);
      }
    }
  },
} satisfies Rule;

function isCondition(file: FileFacts, call: Call): boolean {
  const parent = parentOf(file, call);
  if (parent?.kind === 'if') return parent.condition === call;
  if (parent?.kind === 'binary') return (parent.operator === '&&' || parent.operator === '||') && parent.left === call;
  return parent?.kind === 'unary' && parent.operator === '!';
}

function truthy(file: FileFacts, call: Call): Finding {
  const negated = parentOf(file, call)?.kind === 'unary';
  const edits = [replace({ start: call.range.end, end: call.range.end }, ' == true')];
  const fits = !negated && !call.piped && call.parens !== undefined && !makesLineTooLong(file.text, edits);
  return {
    range: call.range,
    message: '`:ignored`, the answer when this node is not alive, counts as success here. Compare with `true`.',
    severity: 'info',
    ...(fits && { fix: { title: 'Compare with `true`', edits, safety: 'unsafe' } }),
  };
}

function isDropped(file: FileFacts, call: Call): boolean {
  const parent = parentOf(file, call);
  if (parent?.kind === 'block') return parent.body.at(-1) !== call;
  if (parent?.kind !== 'clause') return false;
  const fn = parentOf(file, parent);
  const each = fn?.kind === 'fn' ? parentOf(file, fn) : undefined;
  return each?.kind === 'call' && each.name === 'each';
}

function dropped(file: FileFacts, at: Expr): Finding {
  return {
    range: at.range,
    message:
      'Whether the connection was made is not looked at: a wrong cookie or name goes unnoticed. Match `true`, or handle `false` and `:ignored`.',
    ...(isRepeated(file, at) && { severity: 'info' as const }),
  };
}

/** In code that runs again and again, by a timer or a loop, a failed attempt is repeated. */
function isRepeated(file: FileFacts, at: Expr): boolean {
  const clause = functionClauseOf(file, at);
  const module = moduleOf(file, at);
  const timers = callsTo(file, ['Process.send_after', ':timer.send_interval', ':timer.apply_interval', ':erlang.send_after']);
  if (timers.some((timer) => moduleOf(file, timer) === module)) return true;
  for (const ancestor of ancestorsOf(file, at)) if (ancestor.kind === 'call' && ancestor.name === clause?.def.name) return true;
  return /retry|reconnect|loop|poll|heal/.test(clause?.def.name ?? '');
}
