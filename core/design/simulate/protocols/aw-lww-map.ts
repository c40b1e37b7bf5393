/**
 * The map of `delta_crdt`: add wins over a concurrent remove, and of concurrent adds the one with the highest timestamp is read. Immutable.
 * Every add carries a dot, its replica's next number; an add that a join finds on one side only is new if the other side's context lacks its dot,
 * and removed if it has it.
 */

/** A value under a key, put there by one write. */
export interface Add {
  readonly dot: string;
  readonly value: string;
  readonly time: number;
  /** The client's write that it carries out. */
  readonly write: number;
}

/** A copy of the map. */
export interface AwLwwMap {
  readonly adds: ReadonlyMap<string, readonly Add[]>;
  /** Per replica the number of its last dot that is known here. */
  readonly context: ReadonlyMap<string, number>;
  /** Not part of the data type: per key the clients' removals known here, to tell what became of them. */
  readonly removals: ReadonlyMap<string, readonly number[]>;
}

/** A copy that has seen nothing. */
export const emptyMap: AwLwwMap = { adds: new Map(), context: new Map(), removals: new Map() };

/** Puts a value in place of all that is known under the key here. */
export function put(map: AwLwwMap, replica: string, key: string, value: string, time: number, write: number): AwLwwMap {
  const number = (map.context.get(replica) ?? 0) + 1;
  const adds = new Map(map.adds).set(key, [{ dot: `${replica} ${number}`, value, time, write }]);
  return { ...map, adds, context: new Map(map.context).set(replica, number) };
}

/** Removes all that is known under the key here. */
export function remove(map: AwLwwMap, key: string): AwLwwMap {
  const adds = new Map(map.adds);
  adds.delete(key);
  return { ...map, adds };
}

/** Records that a client's write was a removal of this key. */
export function recordRemoval(map: AwLwwMap, key: string, write: number): AwLwwMap {
  return { ...map, removals: new Map(map.removals).set(key, union(map.removals.get(key) ?? [], [write])) };
}

/** What a reader sees under the key: the add with the highest timestamp; of equal ones that with the smallest value. */
export function winner(map: AwLwwMap, key: string): Add | undefined {
  return map.adds
    .get(key)
    ?.reduce((best, add) => (add.time > best.time || (add.time === best.time && add.value < best.value) ? add : best));
}

/** What both copies know together; commutative, associative and idempotent. */
export function join(a: AwLwwMap, b: AwLwwMap): AwLwwMap {
  if (a === b) return a;
  const adds = new Map<string, readonly Add[]>();
  for (const key of new Set([...a.adds.keys(), ...b.adds.keys()])) {
    const ofA = a.adds.get(key) ?? [];
    const ofB = b.adds.get(key) ?? [];
    const inBoth = ofA.filter((add) => ofB.some((other) => other.dot === add.dot));
    const joined = [...inBoth, ...ofA.filter((add) => !knows(b, add)), ...ofB.filter((add) => !knows(a, add))];
    if (joined.length > 0)
      adds.set(
        key,
        joined.sort((x, y) => (x.dot < y.dot ? -1 : 1)),
      );
  }
  const context = new Map(a.context);
  for (const [replica, number] of b.context) context.set(replica, Math.max(number, context.get(replica) ?? 0));
  const removals = new Map(a.removals);
  for (const [key, writes] of b.removals) removals.set(key, union(removals.get(key) ?? [], writes));
  return { adds, context, removals };
}

/** The writes that stand in this copy: what a reader sees, and the removals. */
export function standing(map: AwLwwMap): readonly number[] {
  return [...new Set([...map.adds.keys(), ...map.removals.keys()])].flatMap((key) => standingUnder(map, key));
}

/** The writes that stand under one key. */
export function standingUnder(map: AwLwwMap, key: string): readonly number[] {
  const add = winner(map, key);
  return [...(add === undefined ? [] : [add.write]), ...(map.removals.get(key) ?? [])];
}

/** Key to value, as a reader sees it, in order of keys. */
export function toRecord(map: AwLwwMap): Record<string, string> {
  const record: Record<string, string> = {};
  for (const key of [...map.adds.keys()].sort()) {
    const value = winner(map, key)?.value;
    if (value !== undefined) record[key] = value;
  }
  return record;
}

function knows(map: AwLwwMap, add: Add): boolean {
  const [replica = '', number] = add.dot.split(' ');
  return (map.context.get(replica) ?? 0) >= Number(number);
}

function union(a: readonly number[], b: readonly number[]): readonly number[] {
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}
