/** Forming a cluster: where code decides that this node is the first one, from what it can see. */
import { type Call, descendants, type Expr } from '../elixir/ir';
import { callsTo, type FileFacts, functionClauseOf, moduleOf } from './facts';
import { originsOf } from './origins';
import { branchesAround, inputsOf, precedes } from './values';

/** A decision to form a cluster because no one else is seen. */
export interface Bootstrap {
  /** What was asked: the condition, or the subject of a `case`. */
  readonly asked: Expr;
  /** The call that forms it. */
  readonly forms: Call;
  /** The call that waits before it asks. */
  readonly waits?: Call;
}

const clusterForming =
  /^(?:bootstrap|seed|form|found)(?:_|$)|^(?:create|init|initialize|start|new)_(?:new_)?(?:cluster|consensus_group|raft_group|schema)/;
const newGroup = /^(?:create_new|bootstrap|new)(?:_(?:cluster|group|consensus_group|raft_group))?$/;
const weak = /^(?:create|init|initialize|start|setup|spawn)(?:_|$)/;

/** Every decision of the file to form a cluster because no other node is seen. */
export function bootstrapsIn(file: FileFacts): readonly Bootstrap[] {
  const found: Bootstrap[] = [];
  for (const calls of file.calls.values()) {
    for (const forms of calls) {
      const isStrong = formsCluster(forms);
      if (!isStrong && !weak.test(forms.name)) continue;
      const asked = askedAround(file, forms);
      if (!asked) continue;
      const waits = waitBefore(file, asked);
      // Without a wait, or a word for it, starting something because one is alone is not yet forming a cluster.
      if (isStrong || (waits && waits.name !== 'send_after')) found.push({ asked, forms, ...(waits && { waits }) });
    }
  }
  return found.sort((a, b) => a.asked.range.start - b.asked.range.start || a.forms.id - b.forms.id);
}

function formsCluster(call: Call): boolean {
  const name = `${call.module}.${call.name}`;
  if (/^:ra\.start_(?:or_restart_)?cluster$|^:mnesia\.create_schema$/.test(name) || clusterForming.test(call.name)) return true;
  const tags = call.args.map((arg) => (arg.kind === 'tuple' ? arg.items[0] : arg));
  return /^start(?:_link)?$/.test(call.name) && tags.some((tag) => tag?.kind === 'atom' && newGroup.test(tag.value));
}

/** What the innermost branch around the call asks, where the answer there means that no one else is seen. */
function askedAround(file: FileFacts, call: Call): Expr | undefined {
  for (const { branch, within } of branchesAround(file, call)) {
    if (branch.kind === 'if' && saysAlone(file, branch.condition, within === branch.consequent)) return branch.condition;
    if (branch.kind === 'case' && within.kind === 'clause') {
      const [pattern] = within.patterns;
      const isEmpty = pattern?.kind === 'list' && pattern.items.length === 0 && !pattern.tail;
      if (isEmpty && asksNodes(file, branch.subject)) return branch.subject;
      if (pattern?.kind === 'atom' && saysAlone(file, branch.subject, pattern.value === 'true')) return branch.subject;
    }
  }
  return undefined;
}

/** Whether a condition that holds (or does not) means that the visible nodes, or those of them that answer, are none. */
function saysAlone(file: FileFacts, e: Expr, holds: boolean): boolean {
  if (e.kind === 'unary' && /^(?:not|!)$/.test(e.operator)) return saysAlone(file, e.operand, !holds);
  if (e.kind === 'binary' && /^[!=]==?$/.test(e.operator)) {
    const positive = e.operator.startsWith('=') === holds;
    return positive && isNone(e.right) && asksNodes(file, e.left);
  }
  if (e.kind !== 'call' || !e.args[0]) return false;
  if (e.module === 'Enum' && e.name === 'empty?') return holds && asksNodes(file, e.args[0]);
  return e.module === 'Enum' && e.name === 'any?' && !holds && asksNodes(file, e.args[0]);
}

const isNone = (e: Expr): boolean => (e.kind === 'list' && e.items.length === 0 && !e.tail) || (e.kind === 'integer' && e.value === 0);

/** Whether a value is computed from the visible nodes. */
function asksNodes(file: FileFacts, e: Expr): boolean {
  const seen = new Set<number>();
  const stack: Expr[] = [e];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (seen.has(next.id)) continue;
    seen.add(next.id);
    if (next.kind === 'call' && originsOf(file, next).some((o) => o.kind === 'nodes')) return true;
    stack.push(...inputsOf(file, next));
  }
  return false;
}

/** The sleep, or the timer whose message is handled here, that comes before the question. */
function waitBefore(file: FileFacts, asked: Expr): Call | undefined {
  const clause = functionClauseOf(file, asked);
  for (const sleep of callsTo(file, ['Process.sleep', ':timer.sleep'])) {
    if (clause && functionClauseOf(file, sleep) === clause && precedes(file, sleep, asked)) return sleep;
  }
  const message = clause?.def.name === 'handle_info' ? clause.clause.patterns[0] : undefined;
  if (message?.kind !== 'atom') return undefined;
  return callsTo(file, ['Process.send_after', ':erlang.send_after', ':timer.send_after']).find(
    (timer) =>
      moduleOf(file, timer) === clause?.def.module &&
      timer.args.some((arg) => [...descendants(arg)].some((part) => part.kind === 'atom' && part.value === message.value)),
  );
}
