/**
 * Where a value comes from. `originsOf` answers with the set of places that a value can come from; what cannot be known is `unknown`,
 * and a rule that must be certain asks that the set has none.
 */
import { type Call, type Expr, type Field, keywordValue } from '../elixir/ir';
import { bindingOf, type Path, type Source } from './bindings';
import { type FileFacts, type FunctionClause, functionClauseOf, type ModuleDef, moduleOf } from './facts';
import { calledFunction, callersOf, everyCallSeen, partOf, resultsOf } from './values';

export type Clock = 'wall' | 'monotonic';

export type Origin =
  /** A reading of a clock. `shifted`: something was added to it, or taken from it: a deadline, a window's start. */
  | { readonly kind: 'clock'; readonly clock: Clock; readonly at: Call; readonly shifted: boolean }
  /** The time between two readings of one clock. */
  | { readonly kind: 'duration'; readonly clock: Clock; readonly at: Expr }
  /** Nodes (or processes) that are visible now. `self`: this node is among them; `counted`: their number. */
  | { readonly kind: 'nodes'; readonly at: Call; readonly self: boolean; readonly counted: boolean; readonly part: boolean }
  | { readonly kind: 'this-node'; readonly at: Expr }
  | { readonly kind: 'self'; readonly at: Expr }
  | { readonly kind: 'reference'; readonly at: Expr }
  /** The answer of another node or process; `part`: taken out of it by a pattern. */
  | { readonly kind: 'remote'; readonly via: RemoteKind; readonly at: Call; readonly path: Path }
  /** Bytes or parameters from outside of the cluster. */
  | { readonly kind: 'outside'; readonly at: Expr }
  /** Part `path` of a parameter of the function. */
  | { readonly kind: 'parameter'; readonly clause: FunctionClause; readonly index: number; readonly path: Path }
  /** `subject.name` of something whose own origin is not known. */
  | { readonly kind: 'field'; readonly name: string; readonly at: Expr }
  | { readonly kind: 'message'; readonly path: Path }
  | { readonly kind: 'constant'; readonly at: Expr }
  /** Configuration or an environment variable. */
  | { readonly kind: 'setting'; readonly at: Call }
  /** The result of a call that is not followed. */
  | { readonly kind: 'call'; readonly at: Call; readonly path: Path }
  | { readonly kind: 'unknown' };

export type RemoteKind = 'rpc' | 'erpc' | 'multicall' | 'multi_call' | 'ra' | 'call';

const wallReads: ReadonlySet<string> = new Set([
  'System.system_time',
  'System.os_time',
  ':os.system_time',
  ':os.timestamp',
  ':erlang.system_time',
  ':erlang.timestamp',
  ':erlang.now',
  ':erlang.localtime',
  ':erlang.universaltime',
  ':calendar.universal_time',
  ':calendar.local_time',
  'DateTime.utc_now',
  'DateTime.now',
  'DateTime.now!',
  'NaiveDateTime.utc_now',
  'NaiveDateTime.local_now',
  'Time.utc_now',
  'Timex.now',
  'Timex.local',
]);
const monotonicReads: ReadonlySet<string> = new Set(['System.monotonic_time', ':erlang.monotonic_time']);

/** Every function that reads a clock, for triggers. */
export const clockReads = { wall: [...wallReads], monotonic: [...monotonicReads] } as const;

/** Whether the call reads a clock, and which. */
export function clockOf(call: Call): Clock | undefined {
  const name = `${call.module}.${call.name}`;
  return wallReads.has(name) ? 'wall' : monotonicReads.has(name) ? 'monotonic' : undefined;
}

/** The value is that of the first argument, in another unit, order or form. */
const transparent: ReadonlySet<string> = new Set([
  'System.convert_time_unit',
  ':erlang.convert_time_unit',
  'Kernel.round',
  'Kernel.trunc',
  'Kernel.floor',
  'Kernel.ceil',
  'Kernel.abs',
  'Float.ceil',
  'Float.floor',
  'Float.round',
  'Kernel.div',
  'Integer.floor_div',
  'DateTime.to_unix',
  'DateTime.truncate',
  'DateTime.to_naive',
  'DateTime.to_iso8601',
  'DateTime.to_string',
  'DateTime.from_unix',
  'DateTime.from_unix!',
  'DateTime.from_naive!',
  'DateTime.to_gregorian_seconds',
  'DateTime.shift_zone!',
  'NaiveDateTime.truncate',
  'NaiveDateTime.to_iso8601',
  'NaiveDateTime.to_gregorian_seconds',
  'Time.truncate',
  'Timex.to_unix',
  'Enum.sort',
  'Enum.sort_by',
  'Enum.uniq',
  'Enum.shuffle',
  'Enum.reverse',
  'Enum.to_list',
  'MapSet.new',
  'MapSet.to_list',
  ':lists.sort',
  ':lists.usort',
  'List.flatten',
  'Kernel.then',
  'Integer.to_string',
  'Kernel.to_string',
]);
/** A part of the elements of the first argument. */
const filtering: ReadonlySet<string> = new Set([
  'Enum.filter',
  'Enum.reject',
  'List.delete',
  'Enum.take',
  'Enum.drop',
  'MapSet.delete',
  'Enum.slice',
]);
const counting: ReadonlySet<string> = new Set([
  'Kernel.length',
  'Enum.count',
  'MapSet.size',
  'Kernel.map_size',
  ':erlang.length',
  'Kernel.tuple_size',
]);
const shifting: ReadonlySet<string> = new Set([
  'DateTime.add',
  'NaiveDateTime.add',
  'Time.add',
  'Timex.shift',
  'Timex.add',
  'Timex.subtract',
  'DateTime.shift',
]);
const differences: ReadonlySet<string> = new Set(['DateTime.diff', 'NaiveDateTime.diff', 'Time.diff', 'Timex.diff', ':timer.now_diff']);

const remoteCalls: Readonly<Record<string, RemoteKind>> = {
  ':rpc.call': 'rpc',
  ':rpc.block_call': 'rpc',
  ':rpc.yield': 'rpc',
  ':rpc.multicall': 'multicall',
  ':erpc.call': 'erpc',
  ':erpc.receive_response': 'erpc',
  ':erpc.multicall': 'multicall',
  'GenServer.multi_call': 'multi_call',
  ':gen_server.multi_call': 'multi_call',
  ':ra.process_command': 'ra',
  ':ra.consistent_query': 'ra',
  ':ra.leader_query': 'ra',
  ':ra.local_query': 'ra',
  ':ra.members': 'ra',
};

const settings: ReadonlySet<string> = new Set([
  'Application.get_env',
  'Application.fetch_env',
  'Application.fetch_env!',
  'Application.compile_env',
  'Application.compile_env!',
  'System.get_env',
  'System.fetch_env',
  'System.fetch_env!',
]);

const unknown: readonly Origin[] = [{ kind: 'unknown' }];
const known = new WeakMap<FileFacts, Map<number, readonly Origin[]>>();

/** How many calls and parameters are followed between functions of the module. */
const hopLimit = 4;

/** Every place from which the value can come. Memoised; linear in the size of the function. */
export function originsOf(file: FileFacts, e: Expr): readonly Origin[] {
  return originsWithin(file, e, hopLimit);
}

/** The one origin of a value; undefined where there are several, or none is known. */
export function originOf(file: FileFacts, e: Expr): Origin | undefined {
  const origins = originsOf(file, e);
  return origins.length === 1 && origins[0]?.kind !== 'unknown' ? origins[0] : undefined;
}

/** Whether the set is not empty and every origin satisfies the condition: *definitely*. */
export function allOrigins(origins: readonly Origin[], condition: (origin: Origin) => boolean): boolean {
  return origins.length > 0 && origins.every(condition);
}

function originsWithin(file: FileFacts, e: Expr, hops: number): readonly Origin[] {
  let memo = known.get(file);
  if (!memo) known.set(file, (memo = new Map()));
  const key = e.id * (hopLimit + 1) + hops;
  const before = memo.get(key);
  if (before) return before;
  // A value that depends on itself (a recursive function) is unknown.
  memo.set(key, unknown);
  const origins = unique(compute(file, e, hops));
  memo.set(key, origins);
  return origins;
}

function unique(origins: readonly Origin[]): readonly Origin[] {
  if (origins.length < 2) return origins;
  const found: Origin[] = [];
  for (const origin of origins) if (!found.some((other) => same(other, origin))) found.push(origin);
  return found;
}

function same(a: Origin, b: Origin): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === 'clock') return b.kind === 'clock' && a.at === b.at && a.shifted === b.shifted;
  if (a.kind === 'nodes') return b.kind === 'nodes' && a.at === b.at && a.self === b.self && a.counted === b.counted && a.part === b.part;
  if (a.kind === 'parameter') {
    return b.kind === 'parameter' && a.clause === b.clause && a.index === b.index && JSON.stringify(a.path) === JSON.stringify(b.path);
  }
  if ('at' in a && 'at' in b) return a.at === b.at;
  return a.kind === 'unknown';
}

function compute(file: FileFacts, e: Expr, hops: number): readonly Origin[] {
  switch (e.kind) {
    case 'atom':
    case 'integer':
    case 'float':
    case 'alias':
    case 'quote':
    case 'capture':
    case 'fn':
      return [{ kind: 'constant', at: e }];
    case 'string':
    case 'charlist': {
      const inside = e.parts.filter((p): p is Expr => typeof p !== 'string');
      return inside.length === 0 ? [{ kind: 'constant', at: e }] : inside.flatMap((p) => originsWithin(file, p, hops));
    }
    case 'variable': {
      const binding = bindingOf(file, e);
      return binding ? fromSource(file, binding.source, hops) : unknown;
    }
    case 'attribute': {
      const writes = moduleOf(file, e)?.attributes.get(e.name);
      return writes && writes.length > 0 ? writes.flatMap((w) => originsWithin(file, w, hops)) : unknown;
    }
    case 'block':
    case 'if':
    case 'case':
    case 'cond':
    case 'with':
    case 'receive':
    case 'try':
    case 'match': {
      const results = resultsOf(e);
      if (results.length === 1 && results[0] === e) return [{ kind: 'constant', at: e }];
      return results.flatMap((r) => originsWithin(file, r, hops));
    }
    case 'list':
      return listOrigins(file, e.items, e.tail, hops, e);
    case 'tuple':
    case 'map':
      return [{ kind: 'constant', at: e }];
    case 'field':
      return fieldOrigins(file, e, hops);
    case 'access':
      return e.key.kind === 'atom' ? partOrigins(file, e.subject, [{ step: 'key', key: e.key.value }], hops, e) : unknown;
    case 'binary':
      return binaryOrigins(file, e.operator, e.left, e.right, e, hops);
    case 'unary':
      return originsWithin(file, e.operand, hops);
    case 'call':
      return callOrigins(file, e, hops);
    default:
      return unknown;
  }
}

function fromSource(file: FileFacts, source: Source, hops: number): readonly Origin[] {
  switch (source.from) {
    case 'value':
      return partOrigins(file, source.expr, source.path, hops);
    case 'element': {
      const origins = originsWithin(file, source.expr, hops);
      return origins.map((o): Origin => (o.kind === 'nodes' ? { ...o, part: true } : o.kind === 'remote' ? o : { kind: 'unknown' }));
    }
    case 'parameter':
      return parameterOrigins(file, source.clause, source.index, source.path, hops);
    case 'accumulator':
      return [...partOrigins(file, source.initial, source.path, hops), { kind: 'unknown' }];
    case 'message':
      return [{ kind: 'message', path: source.path }];
    default:
      return unknown;
  }
}

/** What the calls within the module pass; with the parameter itself, where not every call is seen. */
function parameterOrigins(file: FileFacts, clause: FunctionClause, index: number, path: Path, hops: number): readonly Origin[] {
  const itself: Origin = { kind: 'parameter', clause, index, path };
  const calls = hops === 0 || clause.def.callback !== undefined ? [] : callersOf(file, clause.def);
  if (calls.length === 0 || calls.length > 8) return [itself];
  const passed = calls.flatMap((call): readonly Origin[] => {
    const arg = call.args[index];
    if (!arg || call.args.length !== clause.def.arity) return [itself];
    return passesOn(file, clause, arg, index) ? [] : partOrigins(file, arg, path, hops - 1);
  });
  return everyCallSeen(file, clause.def) ? passed : [itself, ...passed];
}

/** A recursive call that hands its own parameter on adds nothing. */
function passesOn(file: FileFacts, clause: FunctionClause, arg: Expr, index: number): boolean {
  if (arg.kind !== 'variable') return false;
  const source = bindingOf(file, arg)?.source;
  return source?.from === 'parameter' && source.clause.def === clause.def && source.index === index && source.path.length === 0;
}

/** Origins of the part `path` of `e`. */
function partOrigins(file: FileFacts, e: Expr, path: Path, hops: number, at: Expr = e): readonly Origin[] {
  if (path.length === 0) return originsWithin(file, e, hops);
  const direct = partOf(e, path);
  if (direct) return originsWithin(file, direct, hops);
  const results = resultsOf(e);
  if (results.length > 1 || (results[0] && results[0] !== e)) return results.flatMap((r) => partOrigins(file, r, path, hops, at));
  if (e.kind === 'variable') {
    const source = bindingOf(file, e)?.source;
    if (source?.from === 'value') return partOrigins(file, source.expr, [...source.path, ...path], hops, at);
    if (source?.from === 'parameter') return parameterOrigins(file, source.clause, source.index, [...source.path, ...path], hops);
  }
  if (e.kind === 'call' && hops > 0) {
    const def = calledFunction(file, e);
    if (def && def.clauses.length <= 4) {
      return def.clauses.flatMap((c) =>
        resultsOf(c.clause.body).flatMap((r) => substituted(file, e, partOrigins(file, r, path, hops - 1, at), hops)),
      );
    }
  }
  return originsWithin(file, e, hops).map((origin): Origin => partOfOrigin(origin, path, at));
}

function partOfOrigin(origin: Origin, path: Path, at: Expr): Origin {
  switch (origin.kind) {
    case 'parameter':
    case 'remote':
    case 'message':
    case 'call':
      return { ...origin, path: [...origin.path, ...path] };
    case 'nodes':
      return { ...origin, part: true, counted: false };
    case 'outside':
      return origin;
    case 'clock':
    case 'duration':
      // The parts of a timestamp tuple are times; the minute of a date is none.
      return path.some((step) => step.step === 'key') ? { kind: 'unknown' } : origin;
    default: {
      const last = path.at(-1);
      return last?.step === 'key' ? { kind: 'field', name: last.key, at } : { kind: 'unknown' };
    }
  }
}

function fieldOrigins(file: FileFacts, e: Field, hops: number): readonly Origin[] {
  return partOrigins(file, e.subject, [{ step: 'key', key: e.name }], hops, e);
}

function listOrigins(file: FileFacts, items: readonly Expr[], tail: Expr | undefined, hops: number, e: Expr): readonly Origin[] {
  if (!tail) return [{ kind: 'constant', at: e }];
  const hasSelf = items.some((item) => originsWithin(file, item, hops).some((o) => o.kind === 'this-node'));
  return originsWithin(file, tail, hops).map((o) => (o.kind === 'nodes' ? { ...o, self: o.self || hasSelf } : o));
}

function binaryOrigins(file: FileFacts, operator: string, left: Expr, right: Expr, e: Expr, hops: number): readonly Origin[] {
  const a = originsWithin(file, left, hops);
  const b = originsWithin(file, right, hops);
  switch (operator) {
    case '+': {
      const clocks = [...a, ...b].filter((o) => o.kind === 'clock');
      if (clocks.length > 0) return a.some(isClock) && b.some(isClock) ? unknown : clocks.map((o) => ({ ...o, shifted: true }));
      const counted = [...a, ...b].filter((o) => o.kind === 'nodes' && o.counted);
      if (counted.length > 0 && (isOne(left) || isOne(right))) return counted.map((o) => ({ ...o, self: true }) as Origin);
      return [...a, ...b];
    }
    case '-': {
      if (a.some(isClock) || b.some(isClock)) return clockDifference(a, b, e);
      return [...a, ...b];
    }
    case '*':
    case '/':
      return allOrigins(b, (o) => o.kind === 'constant') ? a : allOrigins(a, (o) => o.kind === 'constant') ? b : [...a, ...b];
    case '++': {
      const nodes = [...a, ...b].filter((o) => o.kind === 'nodes');
      const hasSelf = [left, right].some(
        (side) => side.kind === 'list' && side.items.some((i) => originsWithin(file, i, hops).some(isThisNode)),
      );
      return nodes.length > 0 ? nodes.map((o) => ({ ...o, self: (o as { self: boolean }).self || hasSelf }) as Origin) : [...a, ...b];
    }
    case '--':
      return a.map((o) => (o.kind === 'nodes' ? { ...o, part: true } : o));
    case '<>':
      return [...a, ...b];
    case '||':
    case 'or':
      return [...a, ...b];
    case '&&':
    case 'and':
      return b;
    default:
      return [{ kind: 'constant', at: e }];
  }
}

const isClock = (o: Origin): boolean => o.kind === 'clock';
const isThisNode = (o: Origin): boolean => o.kind === 'this-node';
const isOne = (e: Expr): boolean => e.kind === 'integer' && e.value === 1;

function clockDifference(a: readonly Origin[], b: readonly Origin[], e: Expr): readonly Origin[] {
  const left = a.find(isClock);
  const right = b.find(isClock);
  if (left?.kind === 'clock' && right?.kind === 'clock')
    return left.clock === right.clock ? [{ kind: 'duration', clock: left.clock, at: e }] : unknown;
  if (left?.kind === 'clock' && allOrigins(b, (o) => o.kind === 'constant' || o.kind === 'setting')) {
    return a.map((o) => (o.kind === 'clock' ? { ...o, shifted: true } : o));
  }
  return unknown;
}

function callOrigins(file: FileFacts, call: Call, hops: number): readonly Origin[] {
  const name = `${call.module}.${call.name}`;
  const clock = clockOf(call);
  if (clock) return [{ kind: 'clock', clock, at: call, shifted: false }];
  const [first, second] = call.args;
  const nodes = nodesOrigin(call, name);
  if (nodes) return [nodes];
  const remote = remoteCalls[name];
  if (remote) return [{ kind: 'remote', via: remote, at: call, path: [] }];
  if (settings.has(name)) return [{ kind: 'setting', at: call }];
  if (name === 'Kernel.node' || name === 'Node.self' || name === ':erlang.node') {
    return call.args.length === 0 ? [{ kind: 'this-node', at: call }] : unknown;
  }
  if (name === 'Kernel.self' || name === ':erlang.self') return [{ kind: 'self', at: call }];
  if (name === 'Kernel.make_ref' || name === ':erlang.make_ref') return [{ kind: 'reference', at: call }];
  if (first && second && name === 'Kernel.then' && second.kind === 'fn') {
    return second.clauses.flatMap((c) => resultsOf(c.body).flatMap((r) => originsWithin(file, r, hops)));
  }
  if (first && transparent.has(name)) return originsWithin(file, first, hops);
  if (first && shifting.has(name)) {
    return originsWithin(file, first, hops).map((o) => (o.kind === 'clock' ? { ...o, shifted: true } : o));
  }
  if (first && second && differences.has(name)) {
    const a = originsWithin(file, first, hops);
    const b = originsWithin(file, second, hops);
    return a.some(isClock) && b.some(isClock) ? clockDifference(a, b, call) : unknown;
  }
  if (first && counting.has(name)) {
    return originsWithin(file, first, hops).map((o) => (o.kind === 'nodes' ? { ...o, counted: true } : o));
  }
  if (first && filtering.has(name)) {
    return originsWithin(file, first, hops).map((o) => (o.kind === 'nodes' ? { ...o, part: true } : o));
  }
  if (name === 'Kernel.max' || name === 'Kernel.min') return call.args.flatMap((a) => originsWithin(file, a, hops));
  return localCallOrigins(file, call, hops);
}

function localCallOrigins(file: FileFacts, call: Call, hops: number): readonly Origin[] {
  const def = hops > 0 ? calledFunction(file, call) : undefined;
  if (!def || def.clauses.length === 0 || def.clauses.length > 4) return [{ kind: 'call', at: call, path: [] }];
  const origins = def.clauses.flatMap((c) => resultsOf(c.clause.body).flatMap((r) => originsWithin(file, r, hops - 1)));
  return substituted(file, call, origins, hops);
}

/** What the callee says of its parameters, said of the arguments. */
function substituted(file: FileFacts, call: Call, origins: readonly Origin[], hops: number): readonly Origin[] {
  const def = calledFunction(file, call);
  return origins.flatMap((origin): readonly Origin[] => {
    if (origin.kind !== 'parameter' || origin.clause.def !== def) return [origin];
    const arg = call.args[origin.index];
    return arg && call.args.length === def.arity ? partOrigins(file, arg, origin.path, hops - 1) : unknown;
  });
}

/** Where the answer is the nodes or members that are visible from here. */
function nodesOrigin(call: Call, name: string): Origin | undefined {
  const make = (self: boolean): Origin => ({ kind: 'nodes', at: call, self, counted: false, part: false });
  switch (name) {
    case 'Node.list':
    case ':erlang.nodes': {
      const filter = call.args[0];
      const states = filter?.kind === 'list' ? filter.items : filter ? [filter] : [];
      const names = states.map((s) => (s.kind === 'atom' ? s.value : ''));
      return make(names.includes('this') || names.includes('known'));
    }
    case 'Horde.Cluster.members':
    case ':pg.get_members':
    case ':pg2.get_members':
    case ':syn.members':
    case ':partisan.nodes':
    case ':partisan_peer_service.members':
    case ':syn.subcluster_nodes':
      return make(name === 'Horde.Cluster.members' || name.startsWith(':pg'));
    default:
      return undefined;
  }
}

/** Where a field of the module's process state (or of maps it builds) is set, by name: `%{s | f: v}`, `Map.put`, struct literals, `assign`. */
export function fieldWrites(file: FileFacts, within: Expr, name: string): readonly Expr[] {
  const module = moduleOf(file, within);
  return module ? fieldWritesIn(file, module, name) : [];
}

/** Where a field is set in a module of the file. */
export function fieldWritesIn(file: FileFacts, module: ModuleDef, name: string): readonly Expr[] {
  let perModule = writes.get(module);
  if (!perModule) writes.set(module, (perModule = collectWrites(file, module.range)));
  return perModule.get(name) ?? [];
}

const writes = new WeakMap<object, Map<string, Expr[]>>();
const putting: ReadonlySet<string> = new Set([
  'Map.put',
  'Map.replace',
  'Map.replace!',
  'Map.put_new',
  'Keyword.put',
  'Phoenix.Component.assign',
  'Phoenix.LiveView.assign',
  'Phoenix.Socket.assign',
]);

function collectWrites(file: FileFacts, range: { readonly start: number; readonly end: number }): Map<string, Expr[]> {
  const found = new Map<string, Expr[]>();
  const add = (name: string, value: Expr): void => {
    const list = found.get(name);
    if (list) list.push(value);
    else found.set(name, [value]);
  };
  const patterns = patternIds(file);
  for (const e of file.exprs) {
    if (e.range.start < range.start || e.range.end > range.end || patterns.has(e.id)) continue;
    if (e.kind === 'map') for (const pair of e.pairs) if (pair.key.kind === 'atom') add(pair.key.value, pair.value);
    if (e.kind !== 'call') continue;
    const [, key, value] = e.args;
    const callName = `${e.module}.${e.name}`;
    const assigns = e.local && e.name === 'assign';
    if ((putting.has(callName) || assigns) && key?.kind === 'atom' && value) add(key.value, value);
    else if (assigns && key?.kind === 'list')
      for (const pair of key.items) if (pair.kind === 'pair' && pair.key.kind === 'atom') add(pair.key.value, pair.value);
    if (callName === 'Kernel.put_in' && e.args.length === 2) {
      const target = e.args[0];
      if (target?.kind === 'field' && key) add(target.name, key);
    }
    if (callName === 'Kernel.struct' || callName === 'Kernel.struct!') {
      for (const pair of e.args[1]?.kind === 'list' ? e.args[1].items : []) {
        if (pair.kind === 'pair' && pair.key.kind === 'atom') add(pair.key.value, pair.value);
      }
    }
  }
  return found;
}

const patternCache = new WeakMap<FileFacts, ReadonlySet<number>>();

/** Ids of every expression that is a pattern or part of one. */
export function patternIds(file: FileFacts): ReadonlySet<number> {
  const before = patternCache.get(file);
  if (before) return before;
  const ids = new Set<number>();
  const stack: Expr[] = [];
  for (const e of file.exprs) {
    if (e.kind === 'match' || e.kind === 'arrow') stack.push(e.pattern);
    else if (e.kind === 'clause' && !isCondition(file, e)) stack.push(...e.patterns);
  }
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (ids.has(next.id)) continue;
    ids.add(next.id);
    if (next.kind === 'map') stack.push(...(next.struct ? [next.struct] : []), ...next.pairs);
    else if (next.kind === 'pair') stack.push(next.value);
    else if (next.kind === 'tuple' || next.kind === 'list' || next.kind === 'bitstring') stack.push(...next.items);
    else if (next.kind === 'match') stack.push(next.pattern, next.value);
    else if (next.kind === 'binary') stack.push(next.left, next.right);
    if (next.kind === 'list' && next.tail) stack.push(next.tail);
  }
  patternCache.set(file, ids);
  return ids;
}

function isCondition(file: FileFacts, clause: Expr): boolean {
  const parent = file.exprs[file.parents[clause.id] ?? -1];
  return parent?.kind === 'cond' || (parent?.kind === 'receive' && parent.after !== undefined && !parent.clauses.some((c) => c === clause));
}

/** The value given for an option in the last argument of a call. */
export function optionOf(call: Call, name: string): Expr | undefined {
  return keywordValue(call.args.at(-1), name);
}

/** The name of the function, module or value around `e` that says what it is about, in lower case: for rules that need a word as evidence. */
export function namesAround(file: FileFacts, e: Expr): string {
  const clause = functionClauseOf(file, e);
  const module = moduleOf(file, e);
  return `${module?.name.split('.').slice(-2).join('.') ?? ''} ${clause?.def.name ?? ''}`.toLowerCase();
}
