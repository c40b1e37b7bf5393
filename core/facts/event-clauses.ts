/** Which node events the clauses of `handle_info/2` take. */
import type { Call, Clause, Expr } from '../elixir/ir';
import { descendants } from '../elixir/ir';
import { ancestorsOf, type FileFacts, type FunctionDef, functionClauseOf, type ModuleDef } from './facts';
import { mayHaveHiddenClauses } from './messages';
import { eventPatternsOf, type NodeEvent, type Subscription, subscriptionsOf } from './node-events';
import { callbacksReaching } from './values';

/** Events of nodes that no clause takes, so that the process crashes on them. */
export interface UnhandledEvents {
  readonly subscription: Subscription;
  readonly handler: FunctionDef;
  /** In the order up, down; at least one. */
  readonly events: readonly NodeEvent[];
  /** Clauses that take these events of one node only: the tuples in their patterns. */
  readonly ofOneNode: readonly Expr[];
}

/**
 * The events that a process of this module has asked for and cannot take; undefined where every event may be taken, where clauses may come from
 * elsewhere, and where a clause waits for messages of another size, which never come.
 */
export function unhandledEventsOf(file: FileFacts, module: ModuleDef): UnhandledEvents | undefined {
  const subscriptions = subscriptionsOf(file, module);
  const [subscription] = subscriptions;
  if (!subscription || subscriptions.some((s) => s?.size !== subscription.size) || file.broken) return undefined;
  const handler = module.functions.find((f) => f.name === 'handle_info' && f.arity === 2 && f.callback !== undefined);
  if (!handler || handler.clauses.length === 0 || mayHaveOtherClauses(module) || !isOfProcess(file, subscription.call)) return undefined;
  if (unsubscribes(file, module)) return undefined;
  const patterns = eventPatternsOf(file, module);
  const events = (['nodeup', 'nodedown'] as const).filter((event) => {
    const message = { event, size: subscription.size };
    return !handler.clauses.some(({ clause }) => mayTake(file, clause, message));
  });
  const inHandler = patterns.filter(({ tuple }) => functionClauseOf(file, tuple)?.def === handler);
  const ofOneNode = inHandler.filter((p) => p.size === subscription.size && events.includes(p.event)).map((p) => p.tuple);
  const isReceived = events.some((event) => patterns.some((p) => p.event === event && !inHandler.includes(p)));
  const hasWrongSize = patterns.some((p) => p.size !== subscription.size);
  if (events.length === 0 || isReceived || hasWrongSize) return undefined;
  return { subscription, handler, events, ofOneNode };
}

/** Macros of the project, `@before_compile` and what is written in the module's body may define clauses. */
function mayHaveOtherClauses(module: ModuleDef): boolean {
  if (mayHaveHiddenClauses(module) || module.attributes.has('before_compile')) return true;
  return module.body.some((e) => e.kind === 'call' && e.local && (e.module !== 'Kernel' || e.name === 'defoverridable'));
}

/** Whether the call is made by the process of the module, and not by one that calls its functions or that it starts. */
function isOfProcess(file: FileFacts, call: Call): boolean {
  const def = functionClauseOf(file, call)?.def;
  const reaching = def && callbacksReaching(file, def);
  if (!reaching || reaching.size === 0) return false;
  return ![...ancestorsOf(file, call)].some((e) => e.kind === 'fn');
}

/** A process that ends its subscription may have it for a while only, and wait for the events itself. */
function unsubscribes(file: FileFacts, module: ModuleDef): boolean {
  const calls = file.calls.get(':net_kernel.monitor_nodes') ?? [];
  return calls.some(({ args: [on], range }) => {
    const isWithin = module.range.start <= range.start && range.end <= module.range.end;
    return isWithin && on?.kind === 'atom' && on.value === 'false';
  });
}

interface Message {
  readonly event: NodeEvent;
  readonly size: number;
}

/** Whether the clause takes the event of some other node, as far as can be told: only a certain no is false. */
function mayTake(file: FileFacts, clause: Clause, message: Message): boolean {
  const [pattern, ...others] = clause.patterns;
  return !pattern || matches(file, pattern, clause, message, others);
}

function matches(file: FileFacts, pattern: Expr, clause: Clause, message: Message, others: readonly Expr[]): boolean {
  switch (pattern.kind) {
    case 'match':
      return matches(file, pattern.pattern, clause, message, others) && matches(file, pattern.value, clause, message, others);
    case 'variable':
      return !excludes(clause.guard, pattern.name, 'tuple', message.event);
    case 'tuple': {
      const [tag, node] = pattern.items;
      if (pattern.items.length !== message.size || !tag || !node) return false;
      return isEvent(file, tag, clause, message.event) && isAnyNode(node, clause, message.event, others);
    }
    default:
      return !isOtherLiteral(pattern);
  }
}

function isEvent(file: FileFacts, tag: Expr, clause: Clause, event: NodeEvent): boolean {
  if (tag.kind === 'atom') return tag.value === event;
  if (tag.kind === 'variable') return !excludes(clause.guard, tag.name, 'event', event);
  if (tag.kind !== 'attribute') return !isOtherLiteral(tag) && tag.kind !== 'tuple';
  const writes = functionClauseOf(file, tag)?.def.module.attributes.get(tag.name) ?? [];
  return writes.length === 0 || writes.some((value) => value.kind !== 'atom' || value.value === event);
}

/** Whether the pattern takes more than one node: a variable that stands nowhere else in the head, and that no guard compares. */
function isAnyNode(node: Expr, clause: Clause, event: NodeEvent, others: readonly Expr[]): boolean {
  if (node.kind === 'atom' || node.kind === 'attribute' || node.kind === 'tuple' || isOtherLiteral(node)) return false;
  if (node.kind !== 'variable') return true;
  if (node.name !== '_' && others.some((other) => isNamedIn(other, node.name))) return false;
  return !excludes(clause.guard, node.name, 'node', event);
}

function isNamedIn(pattern: Expr, name: string): boolean {
  for (const e of descendants(pattern)) if (e.kind === 'variable' && e.name === name) return true;
  return false;
}

/** A pattern that no tuple and no atom matches. */
function isOtherLiteral(e: Expr): boolean {
  return /^(?:list|map|string|charlist|integer|float|bitstring|atom|alias)$/.test(e.kind) || (e.kind === 'binary' && e.operator === '<>');
}

/** Tests that hold for none of what the variable would be bound to. */
const tests = {
  tuple: /^is_(?:atom|pid|reference|port|map|struct|list|binary|bitstring|number|integer|float|boolean|function)$/,
  event: /^is_(?:tuple|pid|reference|port|map|struct|list|binary|bitstring|number|integer|float|boolean|function)$/,
  node: /^is_(?:tuple|pid|reference|port|map|struct|list|binary|bitstring|number|integer|float|boolean|function)$/,
};

/** Whether the guard is certainly false when the variable holds the event, or some other node than the one that it is compared with. */
function excludes(guard: Expr | undefined, name: string, role: keyof typeof tests, event: NodeEvent): boolean {
  if (!guard) return false;
  const isIt = (e: Expr | undefined): boolean => e?.kind === 'variable' && e.name === name;
  if (guard.kind === 'call') return isIt(guard.args[0]) && guard.module === 'Kernel' && tests[role].test(guard.name);
  if (guard.kind !== 'binary') return false;
  const { operator, left, right } = guard;
  if (operator === 'and') return excludes(left, name, role, event) || excludes(right, name, role, event);
  if (operator === 'or' || operator === 'when') return excludes(left, name, role, event) && excludes(right, name, role, event);
  if (operator === 'in' && role === 'event' && isIt(left) && right.kind === 'list' && !right.tail) {
    return right.items.every((item) => item.kind === 'atom' && item.value !== event);
  }
  if (operator !== '==' && operator !== '===') return false;
  const other = isIt(left) ? right : isIt(right) ? left : undefined;
  if (!other || role === 'tuple') return false;
  return role === 'node' || (other.kind === 'atom' && other.value !== event);
}
