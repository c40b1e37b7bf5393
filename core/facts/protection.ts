/** What guards a piece of code against being run by two processes or nodes at once. */
import type { Call, Expr } from '../elixir/ir';
import { ancestorsOf, callsTo, type FileFacts, functionClauseOf, isProcess, moduleOf, textOf } from './facts';
import { type Origin, originsOf } from './origins';
import { callbacksReaching, definitionOf } from './values';

export interface Protection {
  /** `transaction`: the store sees to it; `lock`: one holder at a time; `process`: only ever one process runs it. */
  readonly kind: 'transaction' | 'lock' | 'process';
  readonly by: Call | undefined;
}

const transactions: ReadonlySet<string> = new Set([
  ':mnesia.transaction',
  ':mnesia.sync_transaction',
  'Memento.transaction',
  'Memento.transaction!',
  'Cachex.transaction',
  'Cachex.transaction!',
  'ConCache.isolated',
  'ConCache.try_isolated',
  'CubDB.transaction',
  ':ets.update_counter',
  ':khepri.transaction',
]);

/** What encloses `e`, innermost first. */
export function protectionOf(file: FileFacts, e: Expr): Protection | undefined {
  for (const ancestor of ancestorsOf(file, e)) {
    if (ancestor.kind !== 'call') continue;
    const name = `${ancestor.module}.${ancestor.name}`;
    if (transactions.has(name)) return { kind: 'transaction', by: ancestor };
    if (name === ':mnesia.activity' && !dirtyActivity(ancestor)) return { kind: 'transaction', by: ancestor };
    if (name === ':global.trans' && hasRealRequester(file, ancestor)) return { kind: 'lock', by: ancestor };
    if (/(?:^|_)(?:transaction|multi|atomically)$/.test(ancestor.name) && !name.startsWith(':'))
      return { kind: 'transaction', by: ancestor };
    if (/mutex|lock|critical|exclusive|serializ/i.test(ancestor.name) && !/unlock|block/i.test(ancestor.name)) {
      return { kind: 'lock', by: ancestor };
    }
  }
  return heldLock(file, e) ?? singleProcess(file, e);
}

/** A lock taken earlier in the same function: `:global.set_lock`, `Mutex.lock`. */
function heldLock(file: FileFacts, e: Expr): Protection | undefined {
  const clause = functionClauseOf(file, e);
  if (!clause) return undefined;
  for (const call of [
    ...callsTo(file, [':global.set_lock']),
    ...callsTo(file, ['Mutex.await', 'Mutex.lock', 'Mutex.lock!', ':ets.insert_new']),
  ]) {
    if (functionClauseOf(file, call) !== clause || call.range.start > e.range.start) continue;
    if (call.name === 'set_lock' && !hasRealRequester(file, call)) continue;
    return { kind: 'lock', by: call };
  }
  return undefined;
}

function dirtyActivity(call: Call): boolean {
  const kind = call.args[0];
  return kind?.kind === 'atom' && /dirty|ets/.test(kind.value);
}

/** Names that a requester has whose value differs from caller to caller. */
const requesterName = /pid|owner|from|self|ref|requester|node|process|caller|holder|client|uuid|unique/i;

/** Whether the lock id of `:global.trans` or `:global.set_lock` names a requester that differs from caller to caller, or may do so. */
export function hasRealRequester(file: FileFacts, call: Call): boolean {
  const requester = lockRequester(file, call);
  return requester === undefined || originsOf(file, requester).some((origin) => mayDiffer(file, requester, origin));
}

/** A lock of `:global` on `[node()]` alone is one of this node. */
export function isLocalLock(call: Call): boolean {
  if (call.module !== ':global' || !/^(?:trans|set_lock|del_lock)$/.test(call.name)) return false;
  const nodes = call.args[call.name === 'trans' ? 2 : 1];
  const [only, ...others] = nodes?.kind === 'list' && !nodes.tail ? nodes.items : [];
  return only?.kind === 'call' && (only.name === 'node' || only.name === 'self') && only.args.length === 0 && others.length === 0;
}

/** The second element of the lock id, where the id is written as a pair. */
export function lockRequester(file: FileFacts, call: Call): Expr | undefined {
  const id = call.args[0] && definitionOf(file, call.args[0]);
  return id?.kind === 'tuple' && id.items.length === 2 ? id.items[1] : undefined;
}

function mayDiffer(file: FileFacts, requester: Expr, origin: Origin): boolean {
  if (origin.kind === 'constant') return origin.at.kind === 'tuple' || origin.at.kind === 'list' ? holdsProcess(file, origin.at) : false;
  if (origin.kind === 'setting') return false;
  if (origin.kind === 'call') return !isKeyOf(file, requester, origin.at);
  if (origin.kind !== 'parameter' && origin.kind !== 'field') return true;
  if (origin.kind === 'field' && requesterName.test(origin.name)) return true;
  const last = origin.kind === 'parameter' ? origin.path.at(-1) : undefined;
  if (last?.step === 'key') return requesterName.test(last.key);
  return requesterName.test(requester.kind === 'variable' ? requester.name : textOf(file, requester.range));
}

/** Names of what is locked rather than of who locks it. */
const keyName = /(?:^|_)(?:name|key|table|path|topic|queue|module|type|resource|scope)$/i;

/** Whether a call computes a key from what its caller was given, and so gives every caller the same one: `table_name(module)`. */
function isKeyOf(file: FileFacts, requester: Expr, call: Call): boolean {
  const isNamed = keyName.test(call.name) || (requester.kind === 'variable' && keyName.test(requester.name));
  const says = `${call.name} ${requester.kind === 'variable' ? requester.name : ''}`;
  if (!isNamed || call.args.length === 0 || requesterName.test(says)) return false;
  return call.args.every((arg) => originsOf(file, arg).every((origin) => !mayDiffer(file, arg, origin)));
}

/** Whether a tuple or list holds something of this process or node. */
function holdsProcess(file: FileFacts, e: Expr): boolean {
  const items = e.kind === 'tuple' || e.kind === 'list' ? e.items : [];
  return items.some((item) => originsOf(file, item).some((origin) => mayDiffer(file, item, origin)));
}

/** Only callbacks of one process behaviour reach the code: one process at a time runs it for its own state. */
export function singleProcess(file: FileFacts, e: Expr): Protection | undefined {
  const clause = functionClauseOf(file, e);
  const module = moduleOf(file, e);
  if (!clause || !module || !isProcess(module)) return undefined;
  const reaching = callbacksReaching(file, clause.def);
  return reaching && reaching.size > 0 ? { kind: 'process', by: undefined } : undefined;
}
