import type { Call, Expr } from '../../elixir/ir';
import { bindingAt, usesOf } from '../../facts/bindings';
import { callsTo, type FileFacts } from '../../facts/facts';
import { type Use, usesOfValue } from '../../facts/remote';
import { insertAt, makesLineTooLong } from '../../fix';
import type { Finding, Rule } from '../../rule';

const triples = [':ra.process_command', ':ra.consistent_query', ':ra.members', ':ra.add_member', ':ra.remove_member'];
/** Their reply comes with the index and term at which it was read. */
const indexed = [':ra.local_query', ':ra.leader_query'];

export default {
  id: 'ra-result-shape',
  summary: 'The result of a `:ra` call is matched with a shape that it never has.',
  category: 'correctness',
  severity: 'error',
  fixable: 'safe',
  rationale: `
    \`:ra.process_command\` and its relatives answer \`{:ok, reply, leader}\`, \`{:timeout, server_id}\` or \`{:error, reason}\`. A clause for
    \`{:ok, reply}\` never matches: the command is applied, the caller crashes or takes it for a failure, and sends it again. \`local_query\` and
    \`leader_query\` answer \`{:ok, {{index, term}, reply}, leader}\`: what stands in the second place is not the reply.

    Where no clause can take \`{:timeout, _}\` that is information: a timeout is not a refusal, the command may be applied later.

    The fix adds the third element.`,
  references: ['https://github.com/rabbitmq/ra/blob/main/src/ra.erl'],
  examples: [
    {
      title: 'A pair',
      bad: `
        def put(server, key, value) do
          case :ra.process_command(server, {:put, key, value}) do
            {:ok, reply} -> reply
          # ^^^^^^^^^^^^
            {:timeout, _} -> :unknown
            {:error, reason} -> {:error, reason}
          end
        end`,
      good: `
        def put(server, key, value) do
          case :ra.process_command(server, {:put, key, value}) do
            {:ok, reply, _leader} -> reply
            {:timeout, _} -> :unknown
            {:error, reason} -> {:error, reason}
          end
        end`,
    },
    {
      title: 'Asserted',
      bad: `
        def members(server) do
          {:ok, members} = :ra.members(server)
        # ^^^^^^^^^^^^^^
          members
        end`,
      good: `
        def members(server) do
          {:ok, members, _leader} = :ra.members(server)
          members
        end`,
    },
    {
      title: 'The reply of a query stands deeper',
      bad: `
        def size(server) do
          {:ok, size, _leader} = :ra.local_query(server, {Machine, :size, []})
          #     ^^^^
          size + 1
        end`,
    },
    {
      title: 'All three answers',
      good: `
        case :ra.process_command(server, command, 5_000) do
          {:ok, reply, _leader} -> {:ok, reply}
          {:timeout, _server} -> {:error, :unknown_outcome}
          {:error, reason} -> {:error, reason}
        end`,
    },
    {
      title: 'A query with its index and term',
      good: '{:ok, {_index_and_term, size}, _leader} = :ra.local_query(server, {Machine, :size, []})',
    },
  ],
  triggers: { calls: [...triples, ...indexed] },

  *check(file) {
    for (const call of callsTo(file, [...triples, ...indexed])) {
      for (const use of usesOfValue(file, call)) {
        if (use.kind !== 'matched') continue;
        const wrong = [...pairs(file, call, use)];
        yield* wrong;
        if (wrong.length > 0) continue;
        if (indexed.includes(`:ra.${call.name}`)) yield* bareReplies(file, call, use);
        const missed = missesTimeout(call, use);
        if (missed) yield missed;
      }
    }
  },
} satisfies Rule;

function isOk(pattern: Expr, size: number): pattern is Extract<Expr, { kind: 'tuple' }> {
  if (pattern.kind !== 'tuple' || pattern.items.length !== size) return false;
  const [tag] = pattern.items;
  return tag?.kind === 'atom' && tag.value === 'ok';
}

function* pairs(file: FileFacts, call: Call, use: Extract<Use, { kind: 'matched' }>): Iterable<Finding> {
  if (use.patterns.some((p) => isOk(p, 3))) return;
  for (const pattern of use.patterns) {
    const reply = isOk(pattern, 2) ? pattern.items[1] : undefined;
    if (!reply) continue;
    const edits = [insertAt(reply.range.end, ', _leader')];
    yield {
      range: pattern.range,
      message: `\`:ra.${call.name}\` answers \`{:ok, reply, leader}\`; this pattern never matches. Match three elements.`,
      fix: { title: 'Match the leader too', edits, safety: makesLineTooLong(file.text, edits) ? 'unsafe' : 'safe' },
    };
  }
}

/** A variable in the place of `{{index, term}, reply}` that is used for more than passing it on. */
function* bareReplies(file: FileFacts, call: Call, use: Extract<Use, { kind: 'matched' }>): Iterable<Finding> {
  for (const pattern of use.patterns) {
    const reply = isOk(pattern, 3) ? pattern.items[1] : undefined;
    if (reply?.kind !== 'variable') continue;
    const binding = bindingAt(file, reply);
    const used = binding && usesOf(file, binding).some((u) => usesOfValue(file, u).some((v) => v.kind === 'operand' && !takesPart(v.by)));
    if (!used) continue;
    yield {
      range: reply.range,
      message: `\`:ra.${call.name}\` answers \`{:ok, {{index, term}, reply}, leader}\`: this is not the reply. Match \`{_index_and_term, ${reply.name}}\`.`,
    };
  }
}

function takesPart(by: Expr): boolean {
  return (
    by.kind === 'call' && (by.name === 'elem' || by.module !== 'Kernel') && !/^(?:Enum|Map|Keyword|List|String)$/.test(by.module ?? '')
  );
}

function missesTimeout(call: Call, use: Extract<Use, { kind: 'matched' }>): Finding | undefined {
  const clauses = use.clauses;
  if (!clauses || call.name.endsWith('query') || call.name === 'members') return undefined;
  const matches = (p: Expr): boolean => {
    if (p.kind === 'variable') return true;
    const [tag] = p.kind === 'tuple' ? p.items : [];
    return p.kind === 'tuple' && p.items.length === 2 && (tag?.kind === 'variable' || (tag?.kind === 'atom' && tag.value === 'timeout'));
  };
  if (use.patterns.some(matches)) return undefined;
  return {
    range: call.callee,
    severity: 'info',
    message:
      'No clause takes `{:timeout, server_id}`. It means that the outcome is unknown: the command may still be applied. Add a clause.',
  };
}
