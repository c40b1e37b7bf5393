/** Reads and writes of stores that several processes or nodes share, and the pairs of them that lose updates. */
import type { Call, Expr } from '../elixir/ir';
import { callbacks } from '../elixir/kernel';
import { ancestorsOf, callsTo, type FileFacts, functionClauseOf, moduleOf } from './facts';
import { originsOf } from './origins';
import { protectionOf } from './protection';
import { definitionOf, dependsOn, precedes, resultsOf, sameValue } from './values';

export interface StoreRead {
  readonly call: Call;
  /** The table, cache, agent, …; absent where the module itself is the store. */
  readonly store: Expr | undefined;
  /** Absent where the store holds one value. */
  readonly key: Expr | undefined;
}

export interface StoreWrite extends StoreRead {
  /** What is stored. */
  readonly value: Expr;
}

/** A value that is read, changed and written back, while somebody else may do the same. */
export interface LostUpdate {
  readonly read: StoreRead;
  readonly write: StoreWrite;
}

/** How one kind of store is read and written. */
export interface Api {
  readonly reads: readonly StoreRead[];
  readonly writes: readonly StoreWrite[];
}

/** Reads and writes of the same place in the same function, where the written value is computed from the one read and nothing guards both. */
export function lostUpdates(file: FileFacts, api: Api): readonly LostUpdate[] {
  const found: LostUpdate[] = [];
  if (api.reads.length === 0) return found;
  for (const write of api.writes) {
    const clause = functionClauseOf(file, write.call);
    const read = api.reads.find(
      (r) =>
        functionClauseOf(file, r.call) === clause &&
        samePlace(file, r, write) &&
        precedes(file, r.call, write.call) &&
        isComputedFrom(file, write.value, r.call),
    );
    if (clause && read && !isOwnKey(file, write.key) && !protectionOf(file, write.call) && !protectionOf(file, read.call))
      found.push({ read, write });
  }
  return found;
}

function samePlace(file: FileFacts, a: StoreRead, b: StoreRead): boolean {
  return sameOrAbsent(file, a.store, b.store) && sameOrAbsent(file, a.key, b.key);
}

function sameOrAbsent(file: FileFacts, a: Expr | undefined, b: Expr | undefined): boolean {
  return a && b ? sameValue(file, a, b) : a === b;
}

/** The value depends on what was read, and is not just that again. */
function isComputedFrom(file: FileFacts, value: Expr, read: Call): boolean {
  if (!dependsOn(file, value, read)) return false;
  return resultsOf(definitionOf(file, value)).some((result) => result !== read && dependsOn(file, result, read));
}

// --- the stores

const args = (call: Call, ...indexes: number[]): (Expr | undefined)[] => indexes.map((i) => call.args[i]);

export function etsApi(file: FileFacts): Api {
  return {
    reads: callsTo(file, [':ets.lookup/2', ':ets.lookup_element/3', ':ets.lookup_element/4']).map((call) => {
      const [store, key] = args(call, 0, 1);
      return { call, store, key };
    }),
    writes: callsTo(file, [':ets.insert/2', ':ets.update_element/3']).flatMap((call): StoreWrite[] => {
      const [store, second, third] = args(call, 0, 1, 2);
      if (call.name === 'update_element') return second && third ? [{ call, store, key: second, value: third }] : [];
      const row = second && definitionOf(file, second);
      if (row?.kind !== 'tuple') return [];
      const [key] = row.items;
      return key ? row.items.slice(1).map((value) => ({ call, store, key, value })) : [];
    }),
  };
}

export interface Table {
  readonly created: Call;
  readonly access: 'public' | 'protected' | 'private';
  /** It is known by its name, and not only because there is no other table. */
  readonly certain: boolean;
}

/** Where the table of the expression is created in this file: under its name, or, where that is computed, as the only table of the file. */
export function tableOf(file: FileFacts, table: Expr): Table | undefined {
  const creations = callsTo(file, [':ets.new/2']);
  const wanted = definitionOf(file, table);
  const named = creations.find((c) => c.args[0] && sameValue(file, wanted, definitionOf(file, c.args[0])));
  const created = named ?? (wanted.kind === 'unknown' && creations.length === 1 ? creations[0] : undefined);
  if (!created) return undefined;
  const options = created.args[1] && definitionOf(file, created.args[1]);
  const atoms = options?.kind === 'list' ? options.items.map((i) => (i.kind === 'atom' ? i.value : '')) : [];
  const access = atoms.includes('public') ? 'public' : atoms.includes('private') ? 'private' : 'protected';
  return { created, access, certain: named !== undefined };
}

/** Stores of libraries and of OTP that hold values under keys, beside ETS and Mnesia. */
interface KeyValue {
  readonly module: string;
  readonly read: RegExp;
  readonly write: RegExp;
  /** Index of the store argument, where there is one, of the key, and of the value. */
  readonly store?: number;
  readonly key?: number;
  readonly value: number;
  /** What does both at once. */
  readonly atomic: string;
  /** It is mostly written once, while the system starts or code is generated. */
  readonly settled?: true;
}

export const keyValueStores: readonly KeyValue[] = [
  {
    module: 'Cachex',
    read: /^get!?$/,
    write: /^(?:put|update)!?$/,
    store: 0,
    key: 1,
    value: 2,
    atomic: '`Cachex.get_and_update/3`, `Cachex.incr/3` or `Cachex.transaction/3`',
  },
  {
    module: 'ConCache',
    read: /^get$/,
    write: /^(?:put|dirty_put)$/,
    store: 0,
    key: 1,
    value: 2,
    atomic: '`ConCache.update/3` or `ConCache.isolated/3`',
  },
  {
    module: ':persistent_term',
    read: /^get$/,
    write: /^put$/,
    key: 0,
    value: 1,
    atomic: 'one process that owns the value, or `:counters`',
    settled: true,
  },
  {
    module: 'CubDB',
    read: /^(?:get|fetch)$/,
    write: /^put$/,
    store: 0,
    key: 1,
    value: 2,
    atomic: '`CubDB.update/4` or `CubDB.transaction/2`',
  },
  { module: 'Horde.Registry', read: /^meta$/, write: /^put_meta$/, store: 0, key: 1, value: 2, atomic: 'one process that owns the value' },
  {
    module: 'Registry',
    read: /^meta$/,
    write: /^put_meta$/,
    store: 0,
    key: 1,
    value: 2,
    atomic: '`Registry.update_value/3` or one process that owns the value',
  },
];

export function keyValueApi(file: FileFacts, kind: KeyValue): Api {
  const calls = [...file.calls.entries()].filter(([name]) => name.startsWith(`${kind.module}.`)).flatMap(([, found]) => found);
  const placeOf = (call: Call): StoreRead => ({
    call,
    store: kind.store === undefined ? undefined : call.args[kind.store],
    key: kind.key === undefined ? undefined : call.args[kind.key],
  });
  return {
    reads: calls.filter((c) => kind.read.test(c.name)).map(placeOf),
    writes: calls
      .filter((c) => kind.write.test(c.name))
      .flatMap((call) => {
        const value = call.args[kind.value];
        return value ? [{ ...placeOf(call), value }] : [];
      }),
  };
}

/** `Agent.get` → `Agent.update(agent, fn _ -> value end)`: the function ignores what the agent holds by then. */
export function agentApi(file: FileFacts): Api {
  return {
    reads: callsTo(file, ['Agent.get/2', 'Agent.get/3']).map((call) => ({ call, store: call.args[0], key: undefined })),
    writes: callsTo(file, ['Agent.update/2', 'Agent.update/3', 'Agent.cast/2']).flatMap((call): StoreWrite[] => {
      const fun = call.args[1];
      const clause = fun?.kind === 'fn' && fun.clauses.length === 1 ? fun.clauses[0] : undefined;
      const param = clause?.patterns[0];
      const ignored = param?.kind === 'variable' && param.name.startsWith('_');
      return clause && ignored ? [{ call, store: call.args[0], key: undefined, value: clause.body }] : [];
    }),
  };
}

/** `Redix.command(conn, ["GET", key])` → `["SET", key, value | …]`. */
export function redisApi(file: FileFacts): Api {
  const commands = callsTo(file, ['Redix.command', 'Redix.command!', 'Redix.noreply_command']).flatMap((call) => {
    const list = call.args[1];
    const words = list?.kind === 'list' ? list.items : [];
    const verb = words[0]?.kind === 'string' && typeof words[0].parts[0] === 'string' ? words[0].parts[0].toUpperCase() : '';
    return [{ call, verb, words }];
  });
  return {
    reads: commands
      .filter((c) => c.verb === 'GET' || c.verb === 'HGET')
      .map((c) => ({ call: c.call, store: c.call.args[0], key: c.words[1] })),
    writes: commands.flatMap((c): StoreWrite[] => {
      const value = c.verb === 'HSET' ? c.words[3] : c.words[2];
      return (c.verb === 'SET' || c.verb === 'HSET' || c.verb === 'SETEX') && value
        ? [{ call: c.call, store: c.call.args[0], key: c.words[1], value }]
        : [];
    }),
  };
}

export function deltaCrdtApi(file: FileFacts): Api {
  return {
    reads: callsTo(file, ['DeltaCrdt.get', 'DeltaCrdt.take', 'DeltaCrdt.to_map', 'DeltaCrdt.read']).map((call) => ({
      call,
      store: call.args[0],
      key: undefined,
    })),
    writes: callsTo(file, ['DeltaCrdt.put', 'DeltaCrdt.merge', 'DeltaCrdt.mutate', 'DeltaCrdt.mutate_async']).flatMap(
      (call): StoreWrite[] => {
        const [store, second, third] = args(call, 0, 1, 2);
        if (call.name === 'put') return third ? [{ call, store, key: undefined, value: third }] : [];
        if (call.name === 'merge') return second ? [{ call, store, key: undefined, value: second }] : [];
        const adds = second?.kind === 'atom' && second.value === 'add' && third?.kind === 'list';
        const value = adds ? third.items[1] : undefined;
        return value ? [{ call, store, key: undefined, value }] : [];
      },
    ),
  };
}

const readNames = /^(?:get|fetch|read|lookup|load)(?:_\w+)?!?$/;
const writeNames = /^(?:put|set|save|write|store|insert)(?:_\w+)?!?$/;
/** Of several values at once: the second argument is no value, and which one is lost is not said. */
const batchNames = /_(?:all|batch|many|multi)$/;
const storeNames = /(?:Stor(?:e|age)|Cache|KV|KeyValue|Redis|Database|Db|DB|Backend|Bucket|Ledger|Persistence)$/;
/** Values of their own, per-process state, and what has rules of its own. */
const notStores =
  /^(?:Map|Keyword|List|MapSet|Enum|Access|Process|Application|System|Tuple|Agent|Cachex|ConCache|CubDB|Registry|File|IO|Code|Module|Macro|Logger|Plug\..*|Ecto\..*|Phoenix\..*|Absinthe\..*|.*Conn|.*Changeset|.*Socket|.*Repo|DeltaCrdt.*|Horde\..*)$/;

/** Modules of a project's own (or of an unknown library) that are read by key and written by key. */
export function ownStores(file: FileFacts): ReadonlyMap<string, Api> {
  const byModule = new Map<string, { reads: StoreRead[]; writes: StoreWrite[] }>();
  const apiOf = (module: string): { reads: StoreRead[]; writes: StoreWrite[] } => {
    const api = byModule.get(module) ?? { reads: [], writes: [] };
    byModule.set(module, api);
    return api;
  };
  for (const calls of file.calls.values()) {
    for (const call of calls) {
      const { module } = call;
      if (module === undefined || module.startsWith(':') || call.local || notStores.test(module) || !storeNames.test(module)) continue;
      if (batchNames.test(call.name)) continue;
      const { length } = call.args;
      if (readNames.test(call.name) && (length === 1 || length === 2)) {
        const [first, second] = call.args;
        apiOf(module).reads.push(length === 1 ? { call, store: undefined, key: first } : { call, store: first, key: second });
        // `get(key, default)`
        if (length === 2) apiOf(module).reads.push({ call, store: undefined, key: first });
      } else if (writeNames.test(call.name) && (length === 2 || length === 3) && !isPureUpdate(file, call)) {
        const [first, second, third] = call.args;
        if (length === 2 && second) apiOf(module).writes.push({ call, store: undefined, key: first, value: second });
        if (length === 3 && second && third) {
          apiOf(module).writes.push({ call, store: first, key: second, value: third });
          // `put(key, value, options)`
          apiOf(module).writes.push({ call, store: undefined, key: first, value: second });
        }
      }
    }
  }
  return byModule;
}

/** `cache = Cache.put(cache, key, value)`: a data structure, whose new version is the result. */
function isPureUpdate(file: FileFacts, call: Call): boolean {
  const first = call.args[0];
  if (call.args.length < 3 || first?.kind !== 'variable') return call.piped && first?.kind === 'call' && first.module === call.module;
  const parent = [...ancestorsOf(file, call)][0];
  if (parent?.kind === 'match') return parent.pattern.kind === 'variable' || parent.pattern.kind === 'map';
  return parent?.kind === 'call' || parent?.kind === 'tuple' || parent?.kind === 'pair';
}

/** Whether the code may be run by several processes at once: it is not a macro, a Mix task, or a migration that runs once. */
export function isShared(file: FileFacts, e: Expr): boolean {
  const clause = functionClauseOf(file, e);
  const module = moduleOf(file, e)?.name ?? '';
  if (!clause || clause.def.kind.startsWith('defmacro') || /^Mix\.|Test$/.test(module)) return false;
  return !/migrat/i.test(`${module} ${clause.def.name}`);
}

/**
 * Whether the code may be a callback of a behaviour that is not known here: then it is not known either whether one process calls it or many
 * do.
 */
export function mayBeCallback(file: FileFacts, e: Expr): boolean {
  const clause = functionClauseOf(file, e);
  const behaviours = moduleOf(file, e)?.behaviours ?? [];
  return clause?.def.kind === 'def' && behaviours.some((behaviour) => !(behaviour in callbacks));
}

/** Whether each process writes under a key of its own: the key is, or holds, a pid of the caller. */
export function isOwnKey(file: FileFacts, key: Expr | undefined): boolean {
  if (!key) return false;
  return (
    originsOf(file, key).some((o) => o.kind === 'self') || (key.kind === 'variable' && /(?:^|_)(?:pid|self|owner|caller)$/.test(key.name))
  );
}
