/**
 * What expressions of configuration come to: literals, the variables, attributes and functions of the same file that name them,
 * and the few functions that configuration is put together with. Anything else is unknown, never guessed.
 *
 * Total: every expression of a file is evaluated at most once; cycles and deep chains are unknown.
 */
import type { Access, Binary, Call, Expr, For, Pair, Variable } from '../elixir/ir';
import { type FileFacts, findFunction, type ModuleDef } from '../facts/facts';
import { bindingOf, writtenTo } from './bindings';
import { callValue } from './functions';
import { directoryOf } from './paths';
import {
  concat,
  isNil,
  join,
  keyOf,
  list,
  listOf,
  lookUp,
  merge,
  optionsOf,
  piecesOf,
  range,
  type TupleValue,
  text,
  unknown,
  type Value,
} from './value';

const depthLimit = 200;

interface State {
  readonly file: FileFacts;
  /** By the id of the expression. */
  readonly values: Map<number, Value>;
  readonly modules: ReadonlyMap<string, ModuleDef>;
  depth: number;
}

const states = new WeakMap<FileFacts, State>();

/** The value of an expression of the file. */
export function evaluate(file: FileFacts, e: Expr): Value {
  let state = states.get(file);
  if (!state) {
    state = { file, values: new Map(), modules: new Map(file.modules.map((m) => [m.name, m])), depth: 0 };
    states.set(file, state);
  }
  return valueIn(state, e);
}

function valueIn(state: State, e: Expr): Value {
  const known = state.values.get(e.id);
  if (known) return known;
  if (state.depth >= depthLimit) return unknown(e);
  state.values.set(e.id, unknown(e));
  state.depth++;
  const value = compute(state, e);
  state.depth--;
  state.values.set(e.id, value);
  return value;
}

function compute(state: State, e: Expr): Value {
  const at = (inside: Expr): Value => valueIn(state, inside);
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
      return e.name === '__DIR__' ? text(e, [`/${directoryOf(state.file.path)}`]) : variable(state, e);
    case 'attribute': {
      const written = writtenTo(state.file, e);
      return written ? at(written) : unknown(e);
    }
    case 'attribute-write':
    case 'match':
      return at(e.value);
    case 'tuple':
      return { kind: 'tuple', items: e.items.map(at), expr: e };
    case 'pair':
      return pair(e, at);
    case 'list':
      return e.tail ? concat(e, [list(e, e.items.map(at), false), at(e.tail)]) : list(e, e.items.map(at), false);
    case 'map': {
      const own = list(
        e,
        e.pairs.map((p) => pair(p, at)),
        false,
      );
      const whole = e.base ? merge(e, at(e.base), own) : own;
      const items = whole.items.filter((i) => i.kind === 'tuple');
      return { kind: 'map', items, open: whole.open, expr: e, ...(e.struct?.kind === 'alias' && { struct: e.struct.name }) };
    }
    case 'binary':
      return binary(e, at);
    case 'block': {
      const last = e.body.at(-1);
      return last ? at(last) : nil(e);
    }
    case 'if':
      return join(e, [e.consequent ? at(e.consequent) : nil(e), e.alternative ? at(e.alternative) : nil(e)]);
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
      return access(e, at);
    case 'field':
      return lookUp(at(e.subject), e.name) ?? unknown(e);
    case 'call':
      return called(state, e, at);
    default:
      return unknown(e);
  }
}

const nil = (expr: Expr): Value => ({ kind: 'atom', value: 'nil', expr });

const pair = (e: Pair, at: (e: Expr) => Value): TupleValue => ({ kind: 'tuple', items: [at(e.key), at(e.value)], expr: e });

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
      if (left.kind === 'unknown' && left.source) return unknown(e, left.source, at(e.right));
      const some = optionsOf(left).filter((o) => !isNil(o));
      const certain = some.length === 1 && left === some[0] && left.kind !== 'unknown';
      return certain ? left : join(e, [...some, at(e.right)]);
    }
    case '&&':
    case 'and':
      return join(e, [nil(e), at(e.right)]);
    case '..':
      return range(e, at(e.left), at(e.right));
    case '+':
    case '-':
    case '*':
      return arithmetic(e, at(e.left), at(e.right));
    default:
      return unknown(e);
  }
}

function arithmetic(e: Binary, left: Value, right: Value): Value {
  if (left.kind !== 'number' || right.kind !== 'number') return unknown(e);
  const { value: a } = left;
  const { value: b } = right;
  return { kind: 'number', value: e.operator === '+' ? a + b : e.operator === '-' ? a - b : a * b, expr: e };
}

/** `for x <- list, do: body` has as many items as the list; a filter may drop some. */
function comprehension(e: For, at: (e: Expr) => Value): Value {
  if (e.clauses.length > 0 || e.options.length > 0) return unknown(e);
  const body = at(e.body);
  const [only, ...others] = e.steps;
  const source = only?.kind === 'arrow' ? listOf(at(only.value)) : undefined;
  if (!source || others.length > 0) return list(e, [body], true);
  return list(
    e,
    source.items.map(() => body),
    source.open,
  );
}

function access(e: Access, at: (e: Expr) => Value): Value {
  const key = keyOf(at(e.key));
  return (key === undefined ? undefined : lookUp(at(e.subject), key)) ?? unknown(e);
}

function variable(state: State, e: Variable): Value {
  const bound = bindingOf(state.file, e);
  if (bound?.kind !== 'arrow') return bound ? valueIn(state, bound) : unknown(e);
  const { items } = listOf(valueIn(state, bound.value));
  return items.length === 0 ? unknown(e) : join(e, items);
}

/** A function of the same file is what its clauses come to; parameters are unknown. */
function called(state: State, e: Call, at: (e: Expr) => Value): Value {
  const own = e.module === undefined ? undefined : state.modules.get(e.module);
  if (!own) return callValue(e, at) ?? unknown(e);
  const def = findFunction(own, e.name, e.args.length);
  if (!def || (def.kind !== 'def' && def.kind !== 'defp')) return unknown(e);
  return join(
    e,
    def.clauses.map((c) => at(c.clause.body)),
  );
}
