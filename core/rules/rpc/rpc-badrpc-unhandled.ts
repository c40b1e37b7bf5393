import type { Call, Clause, Expr } from '../../elixir/ir';
import { bindingAt, usesOf } from '../../facts/bindings';
import { callsTo, type FileFacts, functionClauseOf, parentOf } from '../../facts/facts';
import { isLocal, isWrapper, matchesTagged, namesTag, type Use, usesOfValue } from '../../facts/remote';
import { resultsOf } from '../../facts/values';
import { isTestPath } from '../../project/environment';
import type { Finding, Rule } from '../../rule';

const calls = [':rpc.call', ':rpc.block_call', ':rpc.yield'];
const triggers = [...calls, ':rpc.multicall'];
/** Looking at the answer before using it, or handing it to something that will. */
const looks = /^(?:is_\w+|inspect|match\?|to_string|then|tap|elem|send|reply)$/;
const handlers = /rpc|handle|process_|result|response|reply|unwrap|ok_or|error|normalize|parse|check|wrap|maybe/i;

export default {
  id: 'rpc-badrpc-unhandled',
  summary: 'The answer of `:rpc.call` is used as if it could not be `{:badrpc, reason}`.',
  category: 'availability',
  severity: 'warning',
  rationale: `
    When the node is down, cannot be reached, or the function crashes there, \`:rpc.call\` does not raise: it answers \`{:badrpc, reason}\`. Used as
    a number, a list or a struct this crashes far from the cause, and where the value is only stored the tuple ends up in the data.

    Reported when the answer becomes an operand, is iterated or taken apart, or is matched by clauses none of which can be
    \`{:badrpc, _}\`, or by \`{_, value}\`, which takes the reason of the failure for the value. A plain match such as
    \`{:ok, value} = :rpc.call(…)\` at least crashes at the right place, and is only information; so are the results of \`:rpc.multicall\`, where a
    node on which the function crashes is not counted among the bad ones.

    Where every clause but the one for success raises, a crash is what was meant: only information.

    Answers that are returned, compared, tested with a guard, or passed to a function named as a handler are left alone, so are
    tests.`,
  references: ['https://www.erlang.org/doc/apps/kernel/rpc.html#call/5'],
  examples: [
    {
      title: 'As a number',
      bad: `
        def total(node) do
          :rpc.call(node, Queue, :size, [], 5_000) + 1
        # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'As a list',
      bad: `
        def names(node) do
          node
          |> :rpc.call(Registry, :names, [], 5_000)
          |> Enum.map(&to_string/1)
          #  ^^^^^^^^
        end`,
    },
    {
      title: 'No clause for it',
      bad: `
        def fetch(node, key) do
          case :rpc.call(node, Cache, :get, [key], 5_000) do
            #  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            {:ok, value} -> value
            :error -> nil
          end
        end`,
    },
    {
      title: 'The reason taken for the value',
      bad: `
        def compile(node) do
          {_, errors} = :rpc.call(node, Compiler, :run, [], 60_000)
        # ^^^^^^^^^^^
          Enum.map(errors, & &1.message)
        end`,
    },
    {
      title: 'A node that is down counts as yes',
      bad: `
        def leader(node) do
          if :rpc.call(node, Leader, :elected?, [], 5_000), do: node
          #  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'The reason bound as if it were the value',
      bad: `
        def stop(node) do
          if pid = :rpc.call(node, Process, :whereis, [Worker], 5_000) do
            #      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            send(pid, :stop)
          end
        end`,
    },
    {
      title: 'A crash is meant',
      bad: `
        def compile(node) do
          case :rpc.call(node, Compiler, :run, [], 60_000) do
            #  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            :ok -> :ok
            {:error, reason} -> raise "cannot compile: #{reason}"
          end
        end`,
      severity: 'info',
    },
    {
      title: 'Among the results of several nodes',
      bad: `
        def total(nodes) do
          {sizes, bad} = :rpc.multicall(nodes, Queue, :size, [], 5_000)
          #              ^^^^^^^^^^^^^^
          if bad == [], do: Enum.sum(sizes)
        end`,
    },
    {
      title: 'Handled',
      good: `
        case :rpc.call(node, Queue, :size, [], 5_000) do
          {:badrpc, reason} -> {:error, reason}
          size -> {:ok, size + 1}
        end`,
    },
    {
      title: 'Any other answer has a clause',
      good: `
        case :rpc.call(node, Cache, :get, [key], 5_000) do
          {:ok, value} -> value
          _other -> nil
        end`,
    },
    {
      title: 'Handed to a function that handles it',
      good: `
        node
        |> :rpc.call(Cache, :get, [key], 5_000)
        |> handle_rpc_result()`,
    },
    {
      title: 'Tested before it is used',
      good: `
        pid = :rpc.call(node, :erlang, :whereis, [name], 5_000)
        if is_pid(pid), do: send(pid, :stop)`,
    },
    { title: 'The caller gets it', good: 'def remote_size(node), do: :rpc.call(node, Queue, :size, [], 5_000)' },
  ],
  triggers: { calls: triggers },

  *check(file, context) {
    if (isTestPath(file.path)) return;
    for (const call of callsTo(file, calls)) {
      if (isLocal(file, call) || isWrapper(file, call, context)) continue;
      const uses = usesOfValue(file, call);
      if (uses.some((use) => looksAt(use))) continue;
      if (isTruthTest(file, call)) {
        yield { range: call.range, message: truthy };
        continue;
      }
      for (const use of uses) {
        const finding = unhandled(call, use);
        if (finding) {
          yield finding;
          break;
        }
      }
    }
    for (const call of callsTo(file, [':rpc.multicall'])) {
      const use = resultUse(file, call);
      if (!use) continue;
      yield {
        range: call.callee,
        severity: 'info',
        message:
          'A node on which the function crashes is not among the bad ones: its result is `{:badrpc, reason}`, used as a value here. Handle it.',
        related: [{ message: 'Used as a value.', range: use.range }],
      };
    }
  },
} satisfies Rule;

/** Where the first element of `{results, bad_nodes}` is taken apart or added up, in a function that never mentions `:badrpc`. */
function resultUse(file: FileFacts, call: Call): Expr | undefined {
  const match = parentOf(file, call);
  const [results, bad] = match?.kind === 'match' && match.pattern.kind === 'tuple' ? match.pattern.items : [];
  const binding = results?.kind === 'variable' && bad ? bindingAt(file, results) : undefined;
  const clause = functionClauseOf(file, call);
  if (!binding || file.exprs.some((e) => e.kind === 'atom' && e.value === 'badrpc' && functionClauseOf(file, e) === clause))
    return undefined;
  return usesOf(file, binding).find((use) => {
    const by = parentOf(file, use);
    if (by?.kind === 'match') return by.value === use && by.pattern.kind === 'list';
    return (
      by?.kind === 'call' && (/^(?:hd|first)$/.test(by.name) || (by.module === 'Enum' && /^(?:sum|max|min|concat|join)$/.test(by.name)))
    );
  });
}

/** One use that looks for the failure guards the others. */
function looksAt(use: Use): boolean {
  if (use.kind === 'matched') {
    const open = use.clauses !== undefined && use.patterns.some((p) => matchesTagged(p, 'badrpc'));
    return open || use.patterns.some((p) => namesTag(p, 'badrpc'));
  }
  if (use.kind !== 'operand') return false;
  if (use.by.kind === 'call' && use.by.name === 'send' && use.by.args[0] === use.at) return false;
  if (use.by.kind === 'call') return looks.test(use.by.name) || handlers.test(use.by.name);
  return use.by.kind === 'binary' && /^(?:[=!]=|===|!==|in|not in)$/.test(use.by.operator);
}

function unhandled(call: Call, use: Use): Finding | undefined {
  const related =
    use.kind === 'operand' && use.at !== call && call.range.start < use.at.range.start
      ? [{ message: 'The answer comes from here.', range: call.callee }]
      : [];
  const message = 'When the node is down the answer is `{:badrpc, reason}`, which is used as a value here. Handle it.';
  if (use.kind === 'matched') {
    const blind = use.clauses ? undefined : use.patterns.find(takesReasonForValue);
    if (blind)
      return { range: blind.range, message: blindMatch, related: [{ message: 'The answer comes from here.', range: call.callee }] };
    if (use.patterns.some((p) => matchesTagged(p, 'badrpc'))) return undefined;
    if (use.clauses)
      return {
        range: call.range,
        ...(use.clauses.slice(1).length > 0 && use.clauses.slice(1).every(raises) && { severity: 'info' as const }),
        message: 'When the node is down the answer is `{:badrpc, reason}`, which no clause matches. Add one.',
      };
    const asserted = use.at.kind === 'match';
    return asserted
      ? {
          range: call.range,
          severity: 'info',
          message: 'When the node is down the answer is `{:badrpc, reason}` and this match crashes. Handle it if that is not meant.',
        }
      : undefined;
  }
  if (use.kind !== 'operand') return undefined;
  const { by } = use;
  if (by.kind === 'binary')
    return /^(?:[-+*/<>]|<=|>=|\+\+|--|<>)$/.test(by.operator) ? { range: use.at.range, message, related } : undefined;
  if (by.kind === 'field' || by.kind === 'access') return { range: use.at.range, message, related };
  if (by.kind === 'for' || by.kind === 'arrow') return { range: use.at.range, message, related };
  if (by.kind !== 'call' || !iterates(by)) return undefined;
  return by.piped && by.args[0] === use.at
    ? { range: by.callee, message, related: [{ message: 'The answer comes from here.', range: call.callee }] }
    : { range: use.at.range, message, related };
}

const truthy =
  'When the node is down the answer is `{:badrpc, reason}`, which counts as true here. Compare it, or handle the failure first.';

/** `if :rpc.call(…)`, `if value = :rpc.call(…)`, `:rpc.call(…) && …`: a failure is a tuple, and so is true. */
function isTruthTest(file: FileFacts, call: Call): boolean {
  const parent = parentOf(file, call);
  if (parent?.kind === 'if') return parent.condition === call;
  if (parent?.kind === 'binary') return (parent.operator === '&&' || parent.operator === '||') && parent.left === call;
  if (parent?.kind === 'unary') return parent.operator === '!';
  if (parent?.kind !== 'match' || parent.pattern.kind !== 'variable') return false;
  const holder = parentOf(file, parent);
  return holder?.kind === 'if' && holder.condition === parent;
}

/** Whether all that the clause can end in is a crash. */
function raises({ body }: Clause): boolean {
  return resultsOf(body).every((e) => e.kind === 'call' && /^(?:raise|reraise|exit|throw)$/.test(e.name));
}

const blindMatch =
  'This also matches `{:badrpc, reason}`, the answer when the node is down, and takes the reason for the value. Match the tag.';

/** `{_, value}`: the tag is not looked at. */
function takesReasonForValue(pattern: Expr): boolean {
  const [tag, value] = pattern.kind === 'tuple' && pattern.items.length === 2 ? pattern.items : [];
  return tag?.kind === 'variable' && tag.name.startsWith('_') && value?.kind === 'variable' && !value.name.startsWith('_');
}

/** Functions of the standard library that take a list, map or number and crash on a tuple. */
function iterates(call: Call): boolean {
  if (call.module === undefined) return false;
  return (
    /^(?:Enum|Stream|Map|Keyword|List|String|Integer|MapSet|:lists|:maps)$/.test(call.module) ||
    (call.module === 'Kernel' && /^(?:length|hd|tl|map_size|div|rem|round|trunc)$/.test(call.name))
  );
}
