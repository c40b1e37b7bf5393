/**
 * What expressions of configuration come to: literals, the variables, attributes and functions of the same file that name them,
 * and the few functions that configuration is put together with. Anything else is unknown, never guessed.
 *
 * Total: every expression of a file is evaluated at most once, cycles and deep chains are unknown.
 */
import type { Access, Attribute, AttributeWrite, Binary, Call, Expr, For, Match, Pair, Variable } from '../elixir/ir';
import { type FileFacts, findFunction, type ModuleDef, moduleOf, parentOf } from '../facts/facts';

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

/** Stands for the name of Mix's environment in a template: see `templateOf`. */
export const environmentMark = '\u0000';

const depthLimit = 200;
const itemLimit = 1000;
const textLimit = 10_000;
const optionLimit = 16;

interface State {
  readonly values: Map<number, Value>;
  readonly blocks: Map<number, BlockIndex>;
  readonly modules: ReadonlyMap<string, ModuleDef>;
  /** Attributes that collect all values written to them, by module. */
  readonly accumulating: Map<ModuleDef, ReadonlySet<string>>;
  depth: number;
}
/** The statements of a block by id, and the statements that bind a name, in order. */
interface BlockIndex {
  readonly positions: ReadonlyMap<number, number>;
  readonly bindings: ReadonlyMap<string, readonly { readonly position: number; readonly match: Match }[]>;
}

const states = new WeakMap<FileFacts, State>();

/** The value of an expression of the file. */
export function evaluate(file: FileFacts, e: Expr): Value {
  return valueOf(file, stateOf(file), e);
}

function stateOf(file: FileFacts): State {
  let state = states.get(file);
  if (!state) {
    const modules = new Map(file.modules.map((m) => [m.name, m]));
    states.set(file, (state = { values: new Map(), blocks: new Map(), modules, accumulating: new Map(), depth: 0 }));
  }
  return state;
}

/** The entries of a keyword list or map with atoms as keys, as written; undefined for any other value. */
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

/** An entry of a keyword list: `name` is an atom's text or a module's full name. */
export interface Entry {
  readonly name: string;
  readonly key: Value;
  readonly value: Value;
  /** The pair or tuple. */
  readonly expr: Expr;
}

/** The value of a key: the first one, as Elixir looks it up. */
export function lookUp(value: Value | undefined, name: string): Value | undefined {
  if (value?.kind !== 'list' && value?.kind !== 'map') return undefined;
  for (const item of value.items) {
    const entry = entryOf(item);
    if (entry?.name === name) return entry.value;
  }
  return undefined;
}

/** The text of a string, charlist or atom that is wholly known. */
export function textOf(value: Value | undefined): string | undefined {
  if (value?.kind === 'atom') return value.value;
  if (value?.kind === 'module') return value.name;
  if (value?.kind !== 'text') return undefined;
  return value.parts.every((p) => typeof p === 'string') ? value.parts.join('') : undefined;
}

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

/** `nil`, or what an `if` without `else` comes to. */
export function isNil(value: Value): boolean {
  return value.kind === 'atom' && value.value === 'nil';
}

/** The values that this one may be. */
export function optionsOf(value: Value): readonly Value[] {
  return value.kind === 'either' ? value.options : [value];
}

function entryOf(item: Value): Entry | undefined {
  if (item.kind !== 'tuple' || item.items.length !== 2) return undefined;
  const [key, value] = item.items as readonly [Value, Value];
  const name = key.kind === 'atom' ? key.value : key.kind === 'module' ? key.name : undefined;
  return name === undefined ? undefined : { name, key, value, expr: item.expr };
}

function valueOf(file: FileFacts, state: State, e: Expr): Value {
  const known = state.values.get(e.id);
  if (known) return known;
  if (state.depth >= depthLimit) return unknown(e);
  state.values.set(e.id, unknown(e));
  state.depth++;
  const value = compute(file, state, e);
  state.depth--;
  state.values.set(e.id, value);
  return value;
}

const unknown = (expr: Expr, source?: Source, fallback?: Value): UnknownValue => ({
  kind: 'unknown',
  expr,
  ...(source && { source }),
  ...(fallback && { fallback }),
});

function compute(file: FileFacts, state: State, e: Expr): Value {
  const at = (inside: Expr): Value => valueOf(file, state, inside);
  switch (e.kind) {
    case 'atom':
      return e.value.startsWith('Elixir.')
        ? { kind: 'module', name: e.value.slice('Elixir.'.length), expr: e }
        : { kind: 'atom', value: e.value, expr: e };
    case 'alias':
      return { kind: 'module', name: e.name, expr: e };
    case 'integer':
    case 'float':
      return { kind: 'number', value: e.value, expr: e };
    case 'string':
    case 'charlist':
      return text(
        e,
        e.parts.flatMap((p) => (typeof p === 'string' ? [p] : piecesOf(at(p)))),
      );
    case 'sigil':
      return /^[sSC]$/.test(e.name) && e.parts.length === 0 ? text(e, [e.text]) : unknown(e);
    case 'variable':
      return e.name === '__DIR__' ? text(e, [`/${directoryOf(file.path)}`]) : variable(file, state, e);
    case 'attribute':
      return attribute(file, state, e);
    case 'attribute-write':
    case 'match':
      return at(e.value);
    case 'tuple':
      return { kind: 'tuple', items: e.items.map(at), expr: e };
    case 'pair':
      return pair(e, at);
    case 'list':
      return list(e, e.items.map(at), e.tail && at(e.tail));
    case 'map': {
      const items = e.pairs.map((p) => pair(p, at));
      const base = e.base ? at(e.base) : undefined;
      const struct = e.struct?.kind === 'alias' ? { struct: e.struct.name } : {};
      if (!e.base) return { kind: 'map', items, open: false, expr: e, ...struct };
      const merged = merge(e, base ?? unknown(e), { kind: 'list', items, open: false, expr: e });
      return { kind: 'map', items: merged.items.filter((i) => i.kind === 'tuple'), open: merged.open, expr: e, ...struct };
    }
    case 'binary':
      return binary(e, at);
    case 'block': {
      const last = e.body.at(-1);
      return last ? at(last) : { kind: 'atom', value: 'nil', expr: e };
    }
    case 'if': {
      const none: Value = { kind: 'atom', value: 'nil', expr: e };
      return join(e, [e.consequent ? at(e.consequent) : none, e.alternative ? at(e.alternative) : none]);
    }
    case 'case':
    case 'cond':
      return join(
        e,
        e.clauses.map((c) => at(c.body)),
      );
    case 'with':
      return join(e, [at(e.body), ...(e.otherwise.length > 0 ? e.otherwise.map((c) => at(c.body)) : [unknown(e)])]);
    case 'try':
      return join(e, [at(e.body), ...e.rescue.map((c) => at(c.body)), ...e.catch.map((c) => at(c.body))]);
    case 'for':
      return comprehension(e, at);
    case 'access':
      return access(e, at(e.subject), at(e.key));
    case 'field':
      return lookUp(at(e.subject), e.name) ?? unknown(e);
    case 'call':
      return called(file, state, e);
    default:
      return unknown(e);
  }
}

/** What a value adds to a text that it is put into. */
function piecesOf(value: Value): readonly (string | Value)[] {
  if (value.kind === 'text') return value.parts;
  if (value.kind === 'number') return [String(value.value)];
  if (value.kind === 'module') return [`Elixir.${value.name}`];
  return value.kind === 'atom' ? [value.value] : [value];
}

function text(expr: Expr, pieces: readonly (string | Value)[]): Value {
  const parts: (string | Value)[] = [];
  let length = pieces.length;
  for (const piece of pieces) {
    const last = parts.length - 1;
    if (typeof piece === 'string' && typeof parts[last] === 'string') parts[last] += piece;
    else parts.push(piece);
    length += typeof piece === 'string' ? piece.length : 0;
    if (length > textLimit) return unknown(expr);
  }
  return { kind: 'text', parts, expr };
}

/** A text from a template of `templateOf`. */
function fromTemplate(expr: Expr, template: string): Value {
  const pieces = template.split(environmentMark);
  const parts = pieces.flatMap((piece, i) => (i === 0 ? [piece] : [unknown(expr, { kind: 'environment' }), piece]));
  return text(expr, parts);
}

const pair = (e: Pair, at: (e: Expr) => Value): TupleValue => ({ kind: 'tuple', items: [at(e.key), at(e.value)], expr: e });

function list(expr: Expr, items: readonly Value[], tail?: Value): ListValue {
  if (!tail) return limited(expr, items, false);
  const rest = listOf(tail);
  return limited(expr, [...items, ...rest.items], rest.open);
}

function limited(expr: Expr, items: readonly Value[], open: boolean): ListValue {
  return items.length > itemLimit
    ? { kind: 'list', items: items.slice(0, itemLimit), open: true, expr }
    : { kind: 'list', items, open, expr };
}

/** What is known of a value as a list; an open empty one where it may be anything. */
function listOf(value: Value): ListValue {
  if (value.kind === 'list') return value;
  if (value.kind === 'map') return { kind: 'list', items: value.items, open: value.open, expr: value.expr };
  if (value.kind !== 'either') return { kind: 'list', items: [], open: true, expr: value.expr };
  const items = new Set(value.options.flatMap((o) => (o.kind === 'list' ? o.items : [])));
  return limited(value.expr, [...items], true);
}

/** One of several values. Lists become one open list, so that what a condition adds is not lost. */
function join(expr: Expr, values: readonly Value[]): Value {
  const options = new Set(values.flatMap((v) => optionsOf(v)));
  const [first] = options;
  if (!first) return unknown(expr);
  if (options.size === 1) return first;
  if ([...options].every((o) => o.kind === 'list')) return listOf({ kind: 'either', options: [...options], expr });
  return options.size > optionLimit ? unknown(expr) : { kind: 'either', options: [...options], expr };
}

function binary(e: Binary, at: (e: Expr) => Value): Value {
  switch (e.operator) {
    case '++':
      return concat(e, [at(e.left), at(e.right)]);
    case '--':
      return { ...listOf(at(e.left)), open: true, expr: e };
    case '<>':
      return text(e, [...piecesOf(at(e.left)), ...piecesOf(at(e.right))]);
    case '||':
    case 'or': {
      const left = at(e.left);
      if (left.kind === 'unknown') return left.source ? { ...left, fallback: at(e.right), expr: e } : join(e, [left, at(e.right)]);
      return left.kind === 'either' ? join(e, [...left.options.filter((o) => !isNil(o)), at(e.right)]) : isNil(left) ? at(e.right) : left;
    }
    case '&&':
    case 'and':
      return join(e, [{ kind: 'atom', value: 'nil', expr: e }, at(e.right)]);
    case '..':
      return range(e, at(e.left), at(e.right));
    case '+':
    case '-':
    case '*': {
      const [left, right] = [at(e.left), at(e.right)];
      if (left.kind !== 'number' || right.kind !== 'number') return unknown(e);
      const value =
        e.operator === '+' ? left.value + right.value : e.operator === '-' ? left.value - right.value : left.value * right.value;
      return { kind: 'number', value, expr: e };
    }
    default:
      return unknown(e);
  }
}

function concat(expr: Expr, values: readonly Value[]): ListValue {
  const lists = values.map(listOf);
  return limited(
    expr,
    lists.flatMap((l) => l.items),
    lists.some((l) => l.open),
  );
}

function range(expr: Expr, from: Value, to: Value): Value {
  if (from.kind !== 'number' || to.kind !== 'number') return unknown(expr);
  const [first, last] = [Math.trunc(from.value), Math.trunc(to.value)];
  const count = Math.abs(last - first) + 1;
  const step = last < first ? -1 : 1;
  const items = Array.from({ length: Math.min(count, itemLimit) }, (_, i): Value => ({ kind: 'number', value: first + i * step, expr }));
  return { kind: 'list', items, open: !(count <= itemLimit), expr };
}

/** `for x <- list, do: body` has as many items as the list; a filter may drop some. */
function comprehension(e: For, at: (e: Expr) => Value): Value {
  if (e.clauses.length > 0 || e.options.length > 0) return unknown(e);
  const body = at(e.body);
  const [only, ...others] = e.steps;
  const source = only?.kind === 'arrow' ? listOf(at(only.value)) : undefined;
  if (!source || others.length > 0) return { kind: 'list', items: [body], open: true, expr: e };
  return { kind: 'list', items: source.items.map(() => body), open: source.open, expr: e };
}

function access(e: Access, subject: Value, key: Value): Value {
  const name = key.kind === 'atom' ? key.value : key.kind === 'module' ? key.name : undefined;
  return (name === undefined ? undefined : lookUp(subject, name)) ?? unknown(e);
}

// --- names

function variable(file: FileFacts, state: State, e: Variable): Value {
  const bound = bindingOf(file, state, e);
  if (!bound) return unknown(e);
  if (bound.kind === 'arrow') {
    const items = listOf(valueOf(file, state, bound.value)).items;
    return items.length === 0 ? unknown(e) : join(e, items);
  }
  return valueOf(file, state, bound.kind === 'match' ? bound.value : bound);
}

/** What a variable is bound to: the value of the last match on its bare name before it. */
export function boundTo(file: FileFacts, e: Variable): Expr | undefined {
  const bound = bindingOf(file, stateOf(file), e);
  return bound?.kind === 'match' ? bound.value : undefined;
}

/** What binds the variable: a match or generator on the bare name, or the subject of a `case` that names it; undefined for parameters. */
function bindingOf(file: FileFacts, state: State, e: Variable): Expr | undefined {
  let child: Expr = e;
  for (let parent = parentOf(file, child); parent; child = parent, parent = parentOf(file, child)) {
    switch (parent.kind) {
      case 'block': {
        const index = indexOf(state, parent.id, parent.body);
        const position = index.positions.get(child.id) ?? 0;
        const bindings = index.bindings.get(e.name) ?? [];
        const last = bindings[lastIndexBefore(bindings, (b) => b.position, position)];
        if (last) return last.match.pattern.kind === 'variable' ? last.match : undefined;
        break;
      }
      case 'clause': {
        if (parent.patterns.includes(child) || !parent.patterns.some((p) => binds(p, e.name))) break;
        const only = parent.patterns.length === 1 ? parent.patterns[0] : undefined;
        const branch = parentOf(file, parent);
        return only?.kind === 'variable' && branch?.kind === 'case' ? branch.subject : undefined;
      }
      case 'for':
      case 'with': {
        const steps = parent.steps;
        const before = steps.includes(child) ? steps.slice(0, steps.indexOf(child)) : steps;
        for (const step of [...before].reverse()) {
          if ((step.kind !== 'arrow' && step.kind !== 'match') || !binds(step.pattern, e.name)) continue;
          const direct = step.pattern.kind === 'variable' && !(step.kind === 'arrow' && parent.kind === 'with');
          return direct ? step : undefined;
        }
        break;
      }
      case 'if':
        if (parent.condition !== child && parent.condition.kind === 'match' && binds(parent.condition.pattern, e.name)) {
          return parent.condition.pattern.kind === 'variable' ? parent.condition : undefined;
        }
        break;
    }
  }
  return undefined;
}

function indexOf(state: State, id: number, body: readonly Expr[]): BlockIndex {
  const known = state.blocks.get(id);
  if (known) return known;
  const positions = new Map<number, number>();
  const bindings = new Map<string, { position: number; match: Match }[]>();
  for (const [position, statement] of body.entries()) {
    positions.set(statement.id, position);
    if (statement.kind !== 'match') continue;
    for (const name of namesIn(statement.pattern)) {
      const all = bindings.get(name);
      if (all) all.push({ position, match: statement });
      else bindings.set(name, [{ position, match: statement }]);
    }
  }
  const index = { positions, bindings };
  state.blocks.set(id, index);
  return index;
}

/** The index of the last item whose key is below `limit`, of items sorted by key; -1 if there is none. */
function lastIndexBefore<T>(sorted: readonly T[], key: (item: T) => number, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(sorted[middle] as T) < limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function* namesIn(pattern: Expr): Generator<string> {
  const stack: Expr[] = [pattern];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (next.kind === 'variable') yield next.name;
    else if (next.kind === 'tuple' || next.kind === 'list')
      stack.push(...next.items, ...(next.kind === 'list' && next.tail ? [next.tail] : []));
    else if (next.kind === 'map') stack.push(...next.pairs.map((p) => p.value));
    else if (next.kind === 'pair') stack.push(next.value);
    else if (next.kind === 'match') stack.push(next.pattern, next.value);
    else if (next.kind === 'binary') stack.push(next.left, next.right);
  }
}

function binds(pattern: Expr, name: string): boolean {
  for (const bound of namesIn(pattern)) if (bound === name) return true;
  return false;
}

function attribute(file: FileFacts, state: State, e: Attribute): Value {
  const module = moduleOf(file, e);
  if (!module) {
    const write = scriptWrite(file, e);
    return write ? valueOf(file, state, write) : unknown(e);
  }
  if (accumulatingOf(state, module).has(e.name)) return unknown(e);
  const writes = module.attributes.get(e.name) ?? [];
  let index = lastIndexBefore(writes, (w) => w.range.start, e.range.start);
  // `@a @a ++ [1]` reads what was written before.
  while (index >= 0 && (writes[index] as Expr).range.end >= e.range.end) index--;
  const written = writes[index];
  return written ? valueOf(file, state, written) : unknown(e);
}

function accumulatingOf(state: State, module: ModuleDef): ReadonlySet<string> {
  const known = state.accumulating.get(module);
  if (known) return known;
  const names = new Set<string>();
  for (const statement of module.body) {
    const attribute = statement.kind === 'call' && statement.name === 'register_attribute' ? statement.args[1] : undefined;
    if (attribute?.kind === 'atom') names.add(attribute.value);
  }
  state.accumulating.set(module, names);
  return names;
}

/** Outside of modules an attribute is not Elixir, but a part of a module may stand alone in a document. */
function scriptWrite(file: FileFacts, e: Attribute): Expr | undefined {
  let found: AttributeWrite | undefined;
  for (const statement of file.script.kind === 'block' ? file.script.body : []) {
    if (statement.range.end > e.range.start) break;
    if (statement.kind === 'attribute-write' && statement.name === e.name) found = statement;
  }
  return found?.value;
}

// --- calls

function called(file: FileFacts, state: State, e: Call): Value {
  const at = (inside: Expr): Value => valueOf(file, state, inside);
  const arg = (i: number): Value => {
    const given = e.args[i];
    return given ? at(given) : unknown(e);
  };
  const own = e.module === undefined ? undefined : state.modules.get(e.module);
  if (own) {
    const def = findFunction(own, e.name, e.args.length);
    if (!def || (def.kind !== 'def' && def.kind !== 'defp')) return unknown(e);
    return join(
      e,
      def.clauses.map((c) => at(c.clause.body)),
    );
  }
  const name = e.module === undefined || e.module === 'Kernel' || e.module === 'Config' ? e.name : `${e.module}.${e.name}`;
  switch (name) {
    case 'config_env':
    case 'Mix.env':
      return unknown(e, { kind: 'environment' });
    case 'System.get_env':
    case 'System.fetch_env!':
    case 'System.fetch_env': {
      const variable = textOf(arg(0));
      return variable === undefined ? unknown(e) : unknown(e, { kind: 'variable', name: variable }, e.args[1] && arg(1));
    }
    case 'Application.get_env':
    case 'Application.compile_env':
    case 'Application.compile_env!':
    case 'Application.fetch_env!':
    case 'Application.fetch_env': {
      const [app, key] = [textOf(arg(0)), textOf(arg(1))];
      return app === undefined || key === undefined ? unknown(e) : unknown(e, { kind: 'configuration', app, key }, e.args[2] && arg(2));
    }
    case 'Keyword.merge':
    case 'Map.merge':
    case 'Config.Reader.merge':
      return merge(e, arg(0), arg(1));
    case 'Keyword.put':
    case 'Map.put':
      return put(e, arg(0), arg(1), arg(2));
    case 'Keyword.put_new':
    case 'Map.put_new': {
      const key = textOf(arg(1));
      return key !== undefined && lookUp(arg(0), key) ? arg(0) : put(e, arg(0), arg(1), arg(2));
    }
    case 'Keyword.delete':
    case 'Map.delete': {
      const key = textOf(arg(1));
      return { ...(key === undefined ? { ...listOf(arg(0)), open: true } : without(arg(0), new Set([key]))), expr: e };
    }
    case 'Keyword.get':
    case 'Keyword.fetch!':
    case 'Map.get':
    case 'Map.fetch!': {
      const key = textOf(arg(1));
      const found = key === undefined ? undefined : lookUp(arg(0), key);
      return found ?? unknown(e);
    }
    case 'Keyword.new':
    case 'Map.new':
    case 'Enum.to_list':
    case 'Map.to_list':
    case 'Enum.uniq':
    case 'Enum.reverse':
    case 'Enum.sort':
    case 'List.flatten':
    case 'List.wrap': {
      if (e.args.length > 1) return { kind: 'list', items: [], open: true, expr: e };
      const given = arg(0);
      return name === 'List.flatten' ? flattened(given) : given.kind === 'unknown' ? given : listOf(given);
    }
    case 'Enum.filter':
    case 'Enum.reject':
    case 'Enum.take':
    case 'Enum.drop':
    case 'Enum.uniq_by':
    case 'Keyword.take':
    case 'Keyword.drop':
    case 'Keyword.filter':
    case 'Keyword.reject':
    case 'Map.take':
    case 'Map.drop':
      return { ...listOf(arg(0)), open: true, expr: e };
    case 'Enum.concat':
      return e.args.length > 1 ? concat(e, [arg(0), arg(1)]) : concat(e, listOf(arg(0)).items);
    case 'Enum.map':
      return mapped(e, listOf(arg(0)), at);
    case 'String.to_atom':
    case 'String.to_existing_atom': {
      const given = arg(0);
      const known = textOf(given);
      return known === undefined ? passed(e, given) : { kind: 'atom', value: known, expr: e };
    }
    case 'to_string':
    case 'to_charlist':
    case 'String.to_charlist':
    case 'Atom.to_string':
    case 'Atom.to_charlist':
    case 'List.to_string': {
      const given = arg(0);
      return given.kind === 'unknown' ? passed(e, given) : text(e, piecesOf(given));
    }
    case 'String.to_integer':
    case 'String.trim':
    case 'String.downcase':
    case 'String.upcase':
      return passed(e, arg(0));
    case 'Path.expand':
    case 'Path.join':
    case 'Path.dirname':
    case 'Path.wildcard':
      return path(e, arg);
    default:
      return unknown(e);
  }
}

/** A conversion of a value that is not known keeps where it comes from. */
function passed(e: Expr, given: Value): Value {
  return given.kind === 'unknown' && given.source ? unknown(e, given.source) : unknown(e);
}

function mapped(e: Call, source: ListValue, at: (e: Expr) => Value): Value {
  const fun = e.args[1];
  if (fun?.kind === 'capture' && fun.module === 'String' && fun.name === 'to_atom') {
    const items = source.items.map((item): Value => {
      const known = textOf(item);
      return known === undefined ? unknown(e) : { kind: 'atom', value: known, expr: item.expr };
    });
    return { kind: 'list', items, open: source.open, expr: e };
  }
  const body = fun?.kind === 'fn' && fun.clauses.length === 1 ? fun.clauses[0]?.body : undefined;
  const item = body ? at(body) : unknown(e);
  return { kind: 'list', items: source.items.map(() => item), open: source.open, expr: e };
}

function flattened(value: Value): ListValue {
  const whole = listOf(value);
  const items: Value[] = [];
  let open = whole.open;
  for (const item of whole.items) {
    if (item.kind === 'list' || item.kind === 'either' || item.kind === 'unknown') {
      const inside = listOf(item);
      items.push(...inside.items);
      open ||= inside.open;
    } else items.push(item);
  }
  return limited(value.expr, items, open);
}

function without(value: Value, names: ReadonlySet<string>): ListValue {
  const whole = listOf(value);
  return { ...whole, items: whole.items.filter((item) => !names.has(entryOf(item)?.name ?? '')) };
}

function merge(expr: Expr, base: Value, over: Value): ListValue {
  const later = listOf(over);
  const names = new Set(later.items.flatMap((item) => entryOf(item)?.name ?? []));
  return concat(expr, [without(base, names), later]);
}

function put(e: Call, base: Value, key: Value, value: Value): ListValue {
  const entry: TupleValue = { kind: 'tuple', items: [key, value], expr: e };
  const name = entryOf(entry)?.name;
  const rest = name === undefined ? { ...listOf(base), open: true } : without(base, new Set([name]));
  return limited(e, [entry, ...rest.items], rest.open);
}

// --- paths

/** The directory of a path with `/`; empty at the root. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** A path without `.` and `..`, which stop at the root; `/` in front is kept. */
export function normalisePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return (path.startsWith('/') ? '/' : '') + parts.join('/');
}

function path(e: Call, arg: (i: number) => Value): Value {
  const parts = e.name === 'join' && arg(0).kind === 'list' ? listOf(arg(0)).items : e.args.map((_, i) => arg(i));
  const texts = parts.map(templateOf);
  const [first, second] = texts;
  if (first === undefined || texts.includes(undefined)) return unknown(e);
  switch (e.name) {
    case 'expand':
      return fromTemplate(e, normalisePath(first.startsWith('/') ? first : `${second ?? ''}/${first}`));
    case 'join':
      return fromTemplate(e, normalisePath(texts.join('/')));
    case 'dirname':
      return fromTemplate(e, directoryOf(first));
    default:
      return { kind: 'list', items: [fromTemplate(e, first)], open: true, expr: e };
  }
}
