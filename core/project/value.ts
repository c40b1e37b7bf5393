/** What expressions of configuration come to, and how such values are put together. */
import type { Expr } from '../elixir/ir';

interface Known {
  /** Where the value is written: the literal, not the variable that names it. */
  readonly expr: Expr;
}
export interface AtomValue extends Known {
  readonly kind: 'atom';
  readonly value: string;
}
export interface ModuleValue extends Known {
  readonly kind: 'module';
  readonly name: string;
}
export interface NumberValue extends Known {
  readonly kind: 'number';
  readonly value: number;
}
/** A string or charlist: known pieces, and the values of interpolations that are not known. */
export interface TextValue extends Known {
  readonly kind: 'text';
  readonly parts: readonly (string | Value)[];
}
/** A tuple, and an entry of a keyword list or map: then two items, and `expr` is mostly the pair. */
export interface TupleValue extends Known {
  readonly kind: 'tuple';
  readonly items: readonly Value[];
}
export interface ListValue extends Known {
  readonly kind: 'list';
  readonly items: readonly Value[];
  /** There may be other items, or fewer. */
  readonly open: boolean;
}
export interface MapValue extends Known {
  readonly kind: 'map';
  readonly items: readonly TupleValue[];
  readonly open: boolean;
  readonly struct?: string;
}
/** One of these, by a condition that is not known here. */
export interface EitherValue extends Known {
  readonly kind: 'either';
  readonly options: readonly Value[];
}
export interface UnknownValue extends Known {
  readonly kind: 'unknown';
  readonly source?: Source;
  /** What holds where the source has nothing. */
  readonly fallback?: Value;
}
export type Value = AtomValue | ModuleValue | NumberValue | TextValue | TupleValue | ListValue | MapValue | EitherValue | UnknownValue;

/** Where an unknown value will come from: a variable of the system, the application's environment, or Mix's environment. */
export type Source =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'configuration'; readonly app: string; readonly key: string }
  | { readonly kind: 'environment' };

/** Larger values are not followed: what is put together in a loop or doubled again and again stays small. */
const itemLimit = 1000;
const textLimit = 10_000;
const partLimit = 200;
const optionLimit = 16;

// --- reading

/** An entry of a keyword list or map: `name` is an atom's text or a module's full name. */
export interface Entry {
  readonly name: string;
  readonly key: Value;
  readonly value: Value;
  /** The pair or tuple. */
  readonly expr: Expr;
}

/** The entries of a keyword list or map with atoms as keys; undefined for any other value. */
export function entriesOf(value: Value): readonly Entry[] | undefined {
  if (value.kind !== 'list' && value.kind !== 'map') return undefined;
  const entries: Entry[] = [];
  for (const item of value.items) {
    const entry = entryOf(item);
    if (!entry) return undefined;
    entries.push(entry);
  }
  return entries;
}

function entryOf(item: Value): Entry | undefined {
  if (item.kind !== 'tuple' || item.items.length !== 2) return undefined;
  const [key, value] = item.items as readonly [Value, Value];
  const name = keyOf(key);
  return name === undefined ? undefined : { name, key, value, expr: item.expr };
}

/** The name that a value is as a key: of an atom or module. */
export function keyOf(value: Value): string | undefined {
  if (value.kind === 'atom') return value.value;
  return value.kind === 'module' ? value.name : undefined;
}

/** The value of a key in a keyword list or map: the first one, as Elixir looks it up. */
export function lookUp(value: Value | undefined, name: string): Value | undefined {
  if (value?.kind !== 'list' && value?.kind !== 'map') return undefined;
  for (const item of value.items) {
    const entry = entryOf(item);
    if (entry?.name === name) return entry.value;
  }
  return undefined;
}

/** The text of a string, charlist, atom or module that is wholly known. */
export function textOf(value: Value | undefined): string | undefined {
  if (value?.kind !== 'text') return value && keyOf(value);
  return value.parts.every((p) => typeof p === 'string') ? value.parts.join('') : undefined;
}

/** Stands for the name of Mix's environment in a template. */
export const environmentMark = '\u0000';

/** Like `textOf`, with `environmentMark` where Mix's environment is put in. */
export function templateOf(value: Value | undefined): string | undefined {
  if (value?.kind === 'unknown') return value.source?.kind === 'environment' ? environmentMark : undefined;
  if (value?.kind !== 'text') return textOf(value);
  let text = '';
  for (const part of value.parts) {
    if (typeof part === 'string') text += part;
    else if (part.kind === 'unknown' && part.source?.kind === 'environment') text += environmentMark;
    else return undefined;
  }
  return text;
}

/** The values that this one may be. */
export function optionsOf(value: Value): readonly Value[] {
  return value.kind === 'either' ? value.options : [value];
}

/** Whether the value is `nil`, as an `if` without `else` is. */
export function isNil(value: Value): boolean {
  return value.kind === 'atom' && value.value === 'nil';
}

/** What is known of a value as a list; an open empty one where it may be anything. */
export function listOf(value: Value): ListValue {
  if (value.kind === 'list') return value;
  if (value.kind === 'map') return { kind: 'list', items: value.items, open: value.open, expr: value.expr };
  if (value.kind !== 'either') return { kind: 'list', items: [], open: true, expr: value.expr };
  const items = new Set(value.options.flatMap((o) => (o.kind === 'list' ? o.items : [])));
  return list(value.expr, [...items], true);
}

// --- making

export function unknown(expr: Expr, source?: Source, fallback?: Value): UnknownValue {
  return { kind: 'unknown', expr, ...(source && { source }), ...(fallback && { fallback }) };
}

export function list(expr: Expr, items: readonly Value[], open: boolean): ListValue {
  const tooMany = items.length > itemLimit;
  return { kind: 'list', items: tooMany ? items.slice(0, itemLimit) : items, open: open || tooMany, expr };
}

/** A text of known and unknown pieces; unknown when it is too long. */
export function text(expr: Expr, pieces: readonly (string | Value)[]): Value {
  const parts: (string | Value)[] = [];
  let length = pieces.length;
  for (const piece of pieces) {
    const last = parts.length - 1;
    if (typeof piece === 'string' && typeof parts[last] === 'string') parts[last] += piece;
    else parts.push(piece);
    length += typeof piece === 'string' ? piece.length : 0;
    if (length > textLimit || parts.length > partLimit) return unknown(expr);
  }
  return { kind: 'text', parts, expr };
}

/** What a value adds to a text that it is put into. */
export function piecesOf(value: Value): readonly (string | Value)[] {
  if (value.kind === 'text') return value.parts;
  if (value.kind === 'number') return [String(value.value)];
  if (value.kind === 'module') return [`Elixir.${value.name}`];
  return value.kind === 'atom' ? [value.value] : [value];
}

/** A text from a template of `templateOf`. */
export function fromTemplate(expr: Expr, template: string): Value {
  const pieces = template.split(environmentMark);
  return text(
    expr,
    pieces.flatMap((piece, i) => (i === 0 ? [piece] : [unknown(expr, { kind: 'environment' }), piece])),
  );
}

/** One of several values. Lists become one open list, so that what a condition adds is not lost. */
export function join(expr: Expr, values: readonly Value[]): Value {
  const options = new Set(values.flatMap((v) => optionsOf(v)));
  const [first] = options;
  if (!first) return unknown(expr);
  if (options.size === 1) return first;
  if ([...options].every((o) => o.kind === 'list')) return listOf({ kind: 'either', options: [...options], expr });
  return options.size > optionLimit ? unknown(expr) : { kind: 'either', options: [...options], expr };
}

export function concat(expr: Expr, values: readonly Value[]): ListValue {
  const lists = values.map(listOf);
  const items: Value[] = [];
  for (const each of lists) {
    items.push(...each.items);
    if (items.length > itemLimit) break;
  }
  return list(
    expr,
    items,
    lists.some((l) => l.open),
  );
}

/** `List.flatten`, one level deep. */
export function flattened(expr: Expr, value: Value): ListValue {
  const whole = listOf(value);
  const parts = whole.items.map((item): Value => {
    const isList = item.kind === 'list' || item.kind === 'either' || item.kind === 'unknown';
    return isList ? item : { kind: 'list', items: [item], open: false, expr: item.expr };
  });
  const joined = concat(expr, parts);
  return { ...joined, open: joined.open || whole.open };
}

/** A keyword list or map without some keys. */
export function without(expr: Expr, value: Value, names: ReadonlySet<string>): ListValue {
  const whole = listOf(value);
  return { ...whole, items: whole.items.filter((item) => !names.has(entryOf(item)?.name ?? '')), expr };
}

/** `Keyword.merge`: the entries of `over` take the place of those of `base`. */
export function merge(expr: Expr, base: Value, over: Value): ListValue {
  const later = listOf(over);
  const names = new Set(later.items.flatMap((item) => entryOf(item)?.name ?? []));
  return concat(expr, [without(expr, base, names), later]);
}

/** `Keyword.put`; the entry's expression is the call. */
export function put(expr: Expr, base: Value, key: Value, value: Value): ListValue {
  const entry: TupleValue = { kind: 'tuple', items: [key, value], expr };
  const name = keyOf(key);
  const rest = name === undefined ? { ...listOf(base), open: true } : without(expr, base, new Set([name]));
  return list(expr, [entry, ...rest.items], rest.open);
}

/** `from..to`; unknown for anything but numbers. */
export function range(expr: Expr, from: Value, to: Value): Value {
  if (from.kind !== 'number' || to.kind !== 'number') return unknown(expr);
  const [first, last] = [Math.trunc(from.value), Math.trunc(to.value)];
  const count = Math.abs(last - first) + 1;
  const step = last < first ? -1 : 1;
  const items = Array.from({ length: Math.min(count, itemLimit) }, (_, i): Value => ({ kind: 'number', value: first + i * step, expr }));
  return list(expr, items, !(count <= itemLimit));
}
