/** The library functions that configuration is put together with, over values. */
import type { Call, Expr } from '../elixir/ir';
import { directoryOf, normalisePath } from './paths';
import {
  concat,
  flattened,
  fromTemplate,
  keyOf,
  list,
  listOf,
  lookUp,
  merge,
  piecesOf,
  put,
  templateOf,
  text,
  textOf,
  unknown,
  type Value,
  without,
} from './value';

/** An argument by its index; unknown where there is none. */
type Argument = (index: number) => Value;

/** The value of a call, or undefined for functions that are not known. */
export function callValue(e: Call, at: (e: Expr) => Value): Value | undefined {
  const name = e.module === undefined || e.module === 'Kernel' || e.module === 'Config' ? e.name : `${e.module}.${e.name}`;
  const function_ = functions.get(name);
  if (!function_) return undefined;
  const argument = (index: number): Value => {
    const given = e.args[index];
    return given ? at(given) : unknown(e);
  };
  return function_(e, argument, at);
}

type LibraryFunction = (e: Call, argument: Argument, at: (e: Expr) => Value) => Value;

const functions = new Map<string, LibraryFunction>();

function define(names: string, function_: LibraryFunction): void {
  for (const name of names.split(' ')) functions.set(name, function_);
}

// --- where values come from

define('config_env Mix.env', (e) => unknown(e, { kind: 'environment' }));

define('System.get_env System.fetch_env! System.fetch_env', (e, argument) => {
  const name = textOf(argument(0));
  return name === undefined ? unknown(e) : unknown(e, { kind: 'variable', name }, e.args[1] && argument(1));
});

define(
  'Application.get_env Application.compile_env Application.compile_env! Application.fetch_env! Application.fetch_env',
  (e, argument) => {
    const [app, key] = [textOf(argument(0)), textOf(argument(1))];
    return app === undefined || key === undefined ? unknown(e) : unknown(e, { kind: 'configuration', app, key }, e.args[2] && argument(2));
  },
);

// --- keyword lists and maps

define('Keyword.merge Map.merge', (e, argument) => merge(e, argument(0), argument(1)));

define('Keyword.put Map.put', (e, argument) => put(e, argument(0), argument(1), argument(2)));

define('Keyword.put_new Map.put_new', (e, argument) => {
  const key = keyOf(argument(1));
  return key !== undefined && lookUp(argument(0), key) ? argument(0) : put(e, argument(0), argument(1), argument(2));
});

define('Keyword.delete Map.delete', (e, argument) => {
  const key = keyOf(argument(1));
  return key === undefined ? openList(e, argument(0)) : without(e, argument(0), new Set([key]));
});

define('Keyword.get Keyword.fetch! Map.get Map.fetch!', (e, argument) => {
  const key = keyOf(argument(1));
  return (key === undefined ? undefined : lookUp(argument(0), key)) ?? unknown(e);
});

// --- lists

define('Keyword.new Map.new Enum.to_list Map.to_list Enum.uniq Enum.reverse Enum.sort List.wrap', (e, argument) => {
  if (e.args.length !== 1) return list(e, [], true);
  const given = argument(0);
  return given.kind === 'unknown' ? given : listOf(given);
});

define('Enum.filter Enum.reject Enum.take Enum.drop Enum.uniq_by Map.take Map.drop', (e, argument) => openList(e, argument(0)));
define('Keyword.take Keyword.drop Keyword.filter Keyword.reject', (e, argument) => openList(e, argument(0)));

define('List.flatten', (e, argument) => flattened(e, argument(0)));

define('Enum.concat', (e, argument) => (e.args.length > 1 ? concat(e, [argument(0), argument(1)]) : concat(e, listOf(argument(0)).items)));

define('Enum.map', (e, argument, at) => {
  const source = listOf(argument(0));
  const fun = e.args[1];
  if (fun?.kind === 'capture' && fun.module === 'String' && fun.name === 'to_atom') {
    const atoms = source.items.map((item) => toAtom(item.expr, item));
    return list(e, atoms, source.open);
  }
  const body = fun?.kind === 'fn' && fun.clauses.length === 1 ? fun.clauses[0]?.body : undefined;
  const item = body ? at(body) : unknown(e);
  return list(
    e,
    source.items.map(() => item),
    source.open,
  );
});

/** The list with other items, or fewer. */
const openList = (e: Expr, value: Value): Value => ({ ...listOf(value), open: true, expr: e });

// --- texts

define('String.to_atom String.to_existing_atom', (e, argument) => toAtom(e, argument(0)));

define('to_string to_charlist String.to_charlist Atom.to_string Atom.to_charlist List.to_string', (e, argument) => {
  const given = argument(0);
  return given.kind === 'unknown' ? passed(e, given) : text(e, piecesOf(given));
});

define('String.to_integer String.trim String.downcase String.upcase', (e, argument) => passed(e, argument(0)));

function toAtom(e: Expr, given: Value): Value {
  const known = textOf(given);
  return known === undefined ? passed(e, given) : { kind: 'atom', value: known, expr: e };
}

/** A conversion of a value that is not known keeps where it comes from. */
function passed(e: Expr, given: Value): Value {
  return given.kind === 'unknown' && given.source ? unknown(e, given.source) : unknown(e);
}

// --- paths: `/` in front stands for the project's root

define('Path.expand', (e, argument) =>
  pathFrom(e, [argument(0), ...(e.args.length > 1 ? [argument(1)] : [])], (path, from = '') =>
    normalisePath(path.startsWith('/') ? path : `/${from}/${path}`),
  ),
);

define('Path.join', (e, argument) => {
  const first = argument(0);
  return pathFrom(e, e.args.length === 1 ? listOf(first).items : [first, argument(1)], (...parts) => normalisePath(parts.join('/')));
});

define('Path.dirname', (e, argument) => pathFrom(e, [argument(0)], directoryOf));

define('Path.wildcard', (e, argument) => list(e, [pathFrom(e, [argument(0)], (path) => path)], true));

function pathFrom(e: Expr, values: readonly Value[], make: (...parts: [string, ...string[]]) => string): Value {
  const [first, ...others] = values.map(templateOf);
  const known = others.filter((part) => part !== undefined);
  return first === undefined || known.length < others.length ? unknown(e) : fromTemplate(e, make(first, ...known));
}
