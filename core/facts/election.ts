/** Elections in a file: where a node makes itself the leader, why, and whether anything keeps a second node from doing the same. */
import { type Call, descendants, type Expr } from '../elixir/ir';
import type { Range } from '../text';
import { bindingOf } from './bindings';
import { type FileFacts, type FunctionClause, functionClauseOf, type ModuleDef } from './facts';
import { allOrigins, originsOf, patternIds } from './origins';
import { branchesAround, calledFunction, callersOf, definitionOf, inputsOf, resultsOf } from './values';
import { enclosingFunctionName, wordsIn, wordsOf } from './words';

const role = /^(?:leaders?|leadership|masters?|primary|coordinator|coordinators)$/;
const taking = /^(?:become|becomes|promote|promotes|assume|claim|declare|proclaim|announce|register|takeover|transition|switch)$/;
const asking = /^(?:acquire|try|attempt|request|maybe|campaign|check|ensure|can|should|candidate|unregister|monitor)$/;
const leaderKey = /^(?:leader|master|primary|coordinator|current_leader|leader_node|master_node|central_server)$/;
const flagKey = /^(?:is_leader|leader\?|leader|is_master|master|am_leader|is_primary)$/;
const roleKey = /^(?:role|state|status|mode|type)$/;
const leaderName = /^(?:(?:the|new|current|elect|find|get|pick|choose|select)_)?(?:leader|master|primary|coordinator)(?:_node)?$/;

/** Whether a name is that of the node that leads. */
export function namesLeader(name: string): boolean {
  return leaderName.test(name);
}

/**
 * Every place at which this node makes itself the leader: `become_leader()`, `%{state | leader: node()}`, and calls of functions of the
 * module that do so without a condition.
 */
export function claimsIn(file: FileFacts): readonly Expr[] {
  const patterns = patternIds(file);
  const claims = new Set<Expr>(file.exprs.filter((e) => isClaim(file, e) && !patterns.has(e.id)));
  for (const claim of claims) {
    const def = functionClauseOf(file, claim)?.def;
    const [condition] = branchesAround(file, claim);
    // The set grows while it is walked: callers of callers are claims too.
    if (def && !condition && def.clauses.length === 1) for (const call of callersOf(file, def)) claims.add(call);
  }
  return [...claims];
}

function isClaim(file: FileFacts, e: Expr): boolean {
  if (e.kind === 'call') return isClaimingCall(file, e);
  if (e.kind !== 'map' || !e.base) return false;
  return e.pairs.some(({ key, value }) => key.kind === 'atom' && takesRole(file, key.value, value));
}

function isClaimingCall(file: FileFacts, call: Call): boolean {
  if (call.name === 'def' || call.name === 'defp' || /[?]$/.test(call.name)) return false;
  const [, key, value] = call.args;
  if (call.module === 'Map' && call.name === 'put') return key?.kind === 'atom' && value !== undefined && takesRole(file, key.value, value);
  const words = wordsIn(call.name);
  if (words.some((w) => asking.test(w))) return false;
  const named = words.some((w) => role.test(w)) || call.args.some((arg) => arg.kind === 'atom' && role.test(arg.value));
  if (named && words.some((w) => taking.test(w))) return true;
  if (/^(?:promote_self|elect_self|take_over|become_active)$/.test(call.name)) return true;
  // `set_leader(node())`, `:ets.insert(table, {:leader, node()})`
  if (!words.some((w) => /^(?:set|put|insert|update|notify|announce|broadcast|store|write)$/.test(w))) return false;
  const about =
    words.some((w) => role.test(w)) ||
    call.args.some((arg) => [...descendants(arg)].some((e) => e.kind === 'atom' && leaderKey.test(e.value)));
  return about && call.args.some((arg) => holdsThisNode(file, arg));
}

function takesRole(file: FileFacts, key: string, value: Expr): boolean {
  if (leaderKey.test(key) && isThisNode(file, value)) return true;
  if (flagKey.test(key)) return value.kind === 'atom' && value.value === 'true';
  return roleKey.test(key) && value.kind === 'atom' && /^(?:leader|master|coordinator)$/.test(value.value);
}

function holdsThisNode(file: FileFacts, e: Expr): boolean {
  if (e.kind === 'tuple' || e.kind === 'list') return e.items.some((item) => holdsThisNode(file, item));
  return isThisNode(file, e);
}

/** Whether the value is certainly the name of this node. */
export function isThisNode(file: FileFacts, e: Expr): boolean {
  return allOrigins(originsOf(file, e), (o) => o.kind === 'this-node');
}

/** Why a claim is made: the condition, or the message, that says that the leader is gone. */
export interface Reason {
  readonly range: Range;
  /** The condition of an `if`, or of a clause of `cond`, that has to hold. */
  readonly condition?: Expr;
}

/** Why this node claims the lead there, where the reason is that the leader seems to be gone, or that no one better is visible. */
export function reasonOf(file: FileFacts, claim: Expr): Reason | undefined {
  for (const { branch, within } of branchesAround(file, claim)) {
    if (branch.kind === 'if') {
      const holds = within === branch.consequent;
      if (saysGone(file, branch.condition, holds)) {
        return { range: branch.condition.range, ...(holds && !branch.unless && { condition: branch.condition }) };
      }
    } else if (branch.kind === 'cond' && within.kind === 'clause') {
      const condition = within.patterns[0];
      if (condition && saysGone(file, condition, true)) return { range: condition.range, condition };
    } else if (branch.kind === 'case' && within.kind === 'clause') {
      const pattern = within.patterns[0];
      if (pattern && answersGone(file, branch.subject, pattern)) return { range: branch.subject.range };
    } else if (branch.kind === 'with' && within === branch.body) {
      const step = branch.steps.find((s) => s.kind === 'arrow' && answersGone(file, s.value, s.pattern));
      if (step) return { range: step.range };
    } else if (branch.kind === 'try' && within.kind === 'clause' && mentionsRole(branch.body)) {
      const pattern = within.patterns.at(-1);
      if (pattern) return { range: pattern.range };
    }
  }
  const clause = functionClauseOf(file, claim);
  const message = clause && messageOf(clause);
  return message && saysLost(message) ? { range: message.range } : undefined;
}

function messageOf({ def, clause }: FunctionClause): Expr | undefined {
  return def.name === 'handle_info' && def.arity === 2 ? clause.patterns[0] : undefined;
}

/** `{:nodedown, node}`, `{:DOWN, …}`, `:leader_timeout`. */
function saysLost(message: Expr): boolean {
  const tag = message.kind === 'tuple' ? message.items[0] : message;
  if (tag?.kind !== 'atom') return false;
  const words = wordsIn(tag.value);
  return tag.value === 'nodedown' || tag.value === 'DOWN' || (words.some((w) => awaited.test(w)) && words.some((w) => gone.test(w)));
}

const awaited = /^(?:leader|master|primary|coordinator|election|elections|heartbeat|heartbeats)$/;
const gone =
  /^(?:dead|down|gone|lost|missing|unreachable|failed|fails|failure|timeout|timed|expired|absent|crashed|offline|unavailable|stale|died|vacant|no|without|left|disappeared|suspected|nil)$/;
const present =
  /^(?:alive|up|reachable|available|exists?|present|healthy|running|online|known|connected|visible|responding|responds|ping|pong|has)$/;
const absence = /^(?:nil|undefined|none|pang|error|noproc|timeout|nodedown|badrpc|not_found|down|unknown|no_leader)$/;

/** Whether a condition that holds (or does not) means that the leader is gone, or that no better node is visible. */
function saysGone(file: FileFacts, e: Expr, holds: boolean): boolean {
  if (e.kind === 'unary' && (e.operator === 'not' || e.operator === '!')) return saysGone(file, e.operand, !holds);
  if (e.kind === 'binary') {
    if (/^(?:and|or|&&|\|\|)$/.test(e.operator)) return saysGone(file, e.left, holds) || saysGone(file, e.right, holds);
    if (e.operator === 'in' || e.operator === 'not in') return (e.operator === 'in') !== holds && mentionsRole(e.left);
    if (/^(?:==|===)$/.test(e.operator)) return holds && equalsGone(file, e.left, e.right);
    if (/^(?:!=|!==)$/.test(e.operator)) return !holds && equalsGone(file, e.left, e.right);
    return false;
  }
  if (e.kind === 'call') {
    const [first] = e.args;
    if (e.name === 'is_nil' && first) return holds && mentionsRole(first);
    if (e.module === 'Enum' && e.name === 'empty?' && first) return holds && areBetterNodes(file, first);
    if (e.module === 'Enum' && /^(?:all|any)\?$/.test(e.name) && comparesWithSelf(file, e)) return holds === (e.name === 'all?');
    const definition = definitionOf(file, e, 1);
    if (definition !== e && definition.kind === 'call' && comparesWithSelf(file, definition)) return saysGone(file, definition, holds);
  }
  const words = [...wordsOf(e)];
  if (!words.some((w) => role.test(w))) return false;
  if (words.some((w) => gone.test(w))) return holds;
  if (words.some((w) => present.test(w))) return !holds;
  // `if leader, do: …, else: become_leader()`
  return !holds && (e.kind === 'variable' || e.kind === 'field' || e.kind === 'access') && !/\?$/.test('name' in e ? e.name : '');
}

function equalsGone(file: FileFacts, left: Expr, right: Expr): boolean {
  for (const [value, other] of [
    [left, right],
    [right, left],
  ] as const) {
    if (other.kind === 'atom' && absence.test(other.value)) return mentionsRole(value) || other.value === 'pang';
    if (other.kind === 'list' && other.items.length === 0 && !other.tail) return areBetterNodes(file, value);
    if (other.kind === 'integer' && other.value === 0)
      return value.kind === 'call' && value.args[0] !== undefined && areBetterNodes(file, value.args[0]);
  }
  // The node that went down was the leader.
  const clause = functionClauseOf(file, left);
  const inNodedown =
    clause !== undefined && /down|lost|leave|left|rm|remove/i.test(clause.def.name)
      ? true
      : clause && messageOf(clause)
        ? saysLost(messageOf(clause) as Expr)
        : false;
  return inNodedown && (mentionsRole(left) || mentionsRole(right));
}

function answersGone(file: FileFacts, subject: Expr, pattern: Expr): boolean {
  if (pattern.kind === 'list' && pattern.items.length === 0 && !pattern.tail) return areBetterNodes(file, subject);
  const tag = pattern.kind === 'tuple' ? pattern.items[0] : pattern;
  if (tag?.kind !== 'atom') return false;
  if (tag.value === 'true' || tag.value === 'false') return saysGone(file, subject, tag.value === 'true');
  return absence.test(tag.value) && (mentionsRole(subject) || tag.value === 'pang');
}

function mentionsRole(e: Expr): boolean {
  for (const word of wordsOf(e)) if (role.test(word)) return true;
  return false;
}

/** The visible nodes, or those of a list that come before or after this one: of a bully, the nodes that may object. */
function areBetterNodes(file: FileFacts, e: Expr): boolean {
  if (originsOf(file, e).some((o) => o.kind === 'nodes')) return true;
  for (const word of wordsOf(e)) if (/^(?:higher|stronger|greater|better|senior|seniors|bigger|larger|older)$/.test(word)) return true;
  return comparesWithSelf(file, definitionOf(file, e, 1));
}

/** Whether names are compared by order with that of this node: `Enum.filter(nodes, &(&1 > node()))`. */
function comparesWithSelf(file: FileFacts, e: Expr): boolean {
  for (const part of descendants(e)) {
    if (part.kind === 'binary' && /^[<>]=?$/.test(part.operator) && (isThisNode(file, part.left) || isThisNode(file, part.right)))
      return true;
  }
  return false;
}

const guarding =
  /^(?:quorums?|quorate|majority|votes?|voted|voting|ballots?|leases?|locks?|locked|locking|mutex|consensus|raft|paxos|fencing|fence|advisory|transaction|repo|redis|redix|etcd|consul|zookeeper|khepri|horde|swarm|highlander|mnesia)$/;

/** Whether a quorum, lock, lease or consensus is in sight in the expressions: their names, or calls of `:global` and `:ra`. */
export function isGuarded(exprs: Iterable<Expr>): boolean {
  for (const e of exprs) {
    if (e.kind === 'call' && (e.module === ':global' || e.module === ':ra' || e.module === ':syn')) return true;
    const names = 'name' in e && typeof e.name === 'string' ? [e.name] : e.kind === 'atom' ? [e.value] : [];
    if (e.kind === 'call' && e.module !== undefined) names.push(e.module);
    if (names.some((name) => wordsIn(name).some((w) => guarding.test(w)))) return true;
  }
  return false;
}

/** Tells of each module of the file, and of the text outside of modules, whether anything in it guards: worked out when it is first asked. */
export function guardedModules(file: FileFacts): (module: ModuleDef | undefined) => boolean {
  const known = new Map<ModuleDef | undefined, boolean>();
  return (module) => {
    const before = known.get(module);
    if (before !== undefined) return before;
    const guarded = isGuarded(module ? expressionsOf(file, module) : file.exprs);
    known.set(module, guarded);
    return guarded;
  };
}

function expressionsOf(file: FileFacts, module: ModuleDef): readonly Expr[] {
  return file.exprs.filter((e) => module.range.start <= e.range.start && e.range.end <= module.range.end);
}

/** In modules that are named for elections, and that nothing guards: the visible nodes, this one included, among which they elect. */
export function visibleCandidatesIn(file: FileFacts): readonly Expr[] {
  return file.modules.flatMap((module) => {
    const name = module.name.slice(module.name.lastIndexOf('.') + 1);
    if (!wordsIn(name).some((word) => /^(?:elector|election|electing)$/.test(word))) return [];
    const around = expressionsOf(file, module);
    const nodes = around.find(
      (e) => e.kind === 'list' && allOrigins(originsOf(file, e), (o) => o.kind === 'nodes' && o.self && !o.counted),
    );
    // Where one of them is picked by its order, that is the election.
    return nodes && !isGuarded(around) && !around.some((e) => pickOf(file, e, 0)) ? [nodes] : [];
  });
}

/** One node that is taken out of the visible ones by their order: `hd(Enum.sort(nodes))`, `Enum.min([node() | Node.list()])`. */
export interface Pick {
  /** The whole expression that picks. */
  readonly at: Expr;
  readonly collection: Expr;
}

const picking: ReadonlySet<string> = new Set([
  'Kernel.hd',
  'List.first',
  'List.last',
  'Enum.min',
  'Enum.max',
  'Enum.min_by',
  'Enum.max_by',
  ':lists.min',
  ':lists.max',
  ':lists.last',
]);
const visibleName = /(?:^|_)(?:connected|visible|alive|live|online|reachable|available)_?nodes$/;

/** The pick that the value is, through names, functions of the module and `node(pid)`. */
export function pickOf(file: FileFacts, e: Expr, hops = 4): Pick | undefined {
  if (e.kind === 'variable') {
    const source = bindingOf(file, e)?.source;
    const [step] = source?.from === 'value' ? source.path : [];
    if (source?.from === 'value' && source.path.length === 1 && step?.step === 'list' && step.index === 0) {
      return areVisible(file, source.expr) ? { at: e, collection: source.expr } : undefined;
    }
  }
  if (e.kind === 'call') {
    const [first] = e.args;
    if (first && picks(file, e)) return areVisible(file, first) ? { at: e, collection: first } : undefined;
    if (first && e.module === 'Kernel' && e.name === 'node') return pickOf(file, first, hops);
  }
  const definition = hops > 0 ? definitionOf(file, e, 1) : e;
  return definition === e ? undefined : pickOf(file, definition, hops - 1);
}

/** Whether the call takes one out of its first argument: itself, or as a function of the module that does so with its parameter. */
function picks(file: FileFacts, call: Call): boolean {
  const name = `${call.module}.${call.name}`;
  if (picking.has(name)) return true;
  if ((name === 'Enum.at' || name === 'Enum.fetch!') && call.args[1]?.kind === 'integer') return true;
  const def = calledFunction(file, call);
  return (def?.clauses ?? []).some(({ clause }) =>
    resultsOf(clause.body).some((result) => {
      if (result.kind !== 'call' || !picking.has(`${result.module}.${result.name}`)) return false;
      const [from] = result.args;
      const source = from?.kind === 'variable' ? bindingOf(file, from)?.source : undefined;
      return source?.from === 'parameter' && source.index === 0 && source.path.length === 0 && source.clause.def === def;
    }),
  );
}

/** Certainly the visible nodes; or a part of what a parameter calls connected nodes. */
function areVisible(file: FileFacts, e: Expr): boolean {
  if (allOrigins(originsOf(file, e), (o) => o.kind === 'nodes' && !o.counted)) return true;
  for (const part of descendants(e)) if (part.kind === 'variable' && visibleName.test(part.name)) return true;
  return false;
}

/** The visible nodes of which a branch asks whether this node is the first: `case Enum.sort(nodes) do [^me | _] -> …`. */
export function firstNodeBranch(file: FileFacts, e: Expr): Pick | undefined {
  if (e.kind !== 'case' || !areVisible(file, e.subject)) return undefined;
  const asks = e.clauses.some(({ patterns: [pattern] }) => {
    const first = pattern?.kind === 'list' ? pattern.items[0] : undefined;
    return first?.kind === 'unary' && first.operator === '^' && isThisNode(file, first.operand);
  });
  return asks ? { at: e.subject, collection: e.subject } : undefined;
}

/** The pick from which a value is computed. */
export function pickBehind(file: FileFacts, value: Expr): Pick | undefined {
  const seen = new Set<number>();
  const stack = [value];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (seen.has(next.id)) continue;
    seen.add(next.id);
    const pick = pickOf(file, next);
    if (pick) return pick;
    stack.push(...inputsOf(file, next));
  }
  return undefined;
}

/** Whether the function around `e` is named for the leader: `leader`, `elect_leader`. */
export function isInLeaderFunction(file: FileFacts, e: Expr): boolean {
  return namesLeader(enclosingFunctionName(file, e) ?? '');
}
