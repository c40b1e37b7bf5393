/** The facts of one file: plain data that rules read. Questions about where values come from are in `origins.ts` and `values.ts`. */
import type { Call, Capture, Clause, Expr } from '../elixir/ir';
import { processBehaviours } from '../elixir/kernel';
import type { Range } from '../text';

/** `:rpc.call/4`, `GenServer.multi_call/3`; without the arity, any. */
export type Mfa = string;

export interface FileFacts {
  /** With `/`, as the host names it: relative to the project's root where there is one. */
  readonly path: string;
  readonly text: string;
  /** Every module of the file, nested ones included, in the order of their `defmodule`. */
  readonly modules: readonly ModuleDef[];
  /** Code outside of any module: configuration, scripts, `mix.exs` around its module. */
  readonly script: Expr;
  readonly comments: readonly Comment[];
  /** Calls by `Module.function`, in the order of the text; calls of unknown module are under `?.function`. */
  readonly calls: ReadonlyMap<string, readonly Call[]>;
  /** `&Mod.fun/arity` by `Module.function`. */
  readonly captures: ReadonlyMap<string, readonly Capture[]>;
  /** By `Expr.id`: the id of the expression that directly holds it; -1 at the top of a function clause, module body or script. */
  readonly parents: Int32Array;
  /** By `Expr.id`. */
  readonly exprs: readonly Expr[];
  /** By the id of a top expression (function clause or attribute value): the function clause it belongs to. */
  readonly owners: ReadonlyMap<number, FunctionClause>;
  /** The parser had to skip something: absence proves nothing here. */
  readonly broken: boolean;
}

export interface ModuleDef {
  /** Full name: `App.Cluster.Leader`. */
  readonly name: string;
  readonly range: Range;
  readonly nameRange: Range;
  /** `use Module, options`. */
  readonly uses: readonly { readonly module: string; readonly options?: Expr; readonly range: Range }[];
  /** From `@behaviour`, and from the `use`d modules whose behaviour is known (`use GenServer`). */
  readonly behaviours: readonly string[];
  /** Every write of each attribute, in order. */
  readonly attributes: ReadonlyMap<string, readonly Expr[]>;
  readonly functions: readonly FunctionDef[];
  /** Keys of `defstruct`, with their default where one is written. */
  readonly struct?: ReadonlyMap<string, Expr | undefined>;
  /** An Ecto schema or another module whose fields are rows of a database. */
  readonly schema: boolean;
  /** `import`ed modules. */
  readonly imports: readonly string[];
  /** Expressions in the module's body outside of functions: macro calls with blocks, attribute writes. */
  readonly body: readonly Expr[];
}

export interface FunctionDef {
  readonly module: ModuleDef;
  readonly name: string;
  /** The number of parameters as written; defaults make the function callable with fewer, down to `minArity`. */
  readonly arity: number;
  readonly minArity: number;
  readonly kind: 'def' | 'defp' | 'defmacro' | 'defmacrop' | 'defdelegate' | 'defguard';
  readonly clauses: readonly FunctionClause[];
  /** `GenServer.handle_call/3`, when the module has that behaviour and the name and arity fit. */
  readonly callback?: string;
  readonly nameRange: Range;
}

export interface FunctionClause {
  readonly def: FunctionDef;
  /** Patterns (with defaults removed), guard and body; the range is the whole `def … end`. */
  readonly clause: Clause;
  readonly nameRange: Range;
  /** Default values of the parameters, by index. */
  readonly defaults: ReadonlyMap<number, Expr>;
  /** Written `def f(x), do: …`. */
  readonly oneLine: boolean;
}

export interface Comment {
  readonly range: Range;
  /** With the `#`. */
  readonly text: string;
}

/** Calls to any of the functions, in the order of the text. */
export function callsTo(file: FileFacts, functions: readonly Mfa[]): readonly Call[] {
  const found: Call[] = [];
  for (const mfa of functions) {
    const slash = mfa.lastIndexOf('/');
    const name = slash < 0 ? mfa : mfa.slice(0, slash);
    const arity = slash < 0 ? undefined : Number(mfa.slice(slash + 1));
    for (const call of file.calls.get(name) ?? []) if (arity === undefined || call.args.length === arity) found.push(call);
  }
  return functions.length > 1 ? found.sort((a, b) => a.range.start - b.range.start || a.id - b.id) : found;
}

/** The expression that directly holds `e`, or undefined at the top of a function clause, a module's body or the script. */
export function parentOf(file: FileFacts, e: Expr): Expr | undefined {
  const id = file.parents[e.id];
  return id === undefined || id < 0 ? undefined : file.exprs[id];
}

/** What holds `e`, innermost first. */
export function* ancestorsOf(file: FileFacts, e: Expr): Generator<Expr> {
  for (let at = parentOf(file, e); at; at = parentOf(file, at)) yield at;
}

/** The function clause in which `e` stands; undefined in a module's body or a script. */
export function functionClauseOf(file: FileFacts, e: Expr): FunctionClause | undefined {
  let top = e;
  for (let at = parentOf(file, e); at; at = parentOf(file, at)) top = at;
  return file.owners.get(top.id);
}

/** Whether the functions of the module are callbacks of a process. */
export function isProcess(module: ModuleDef): boolean {
  return module.behaviours.some((behaviour) => processBehaviours.has(behaviour));
}

/** The innermost module whose range holds `e`. */
export function moduleOf(file: FileFacts, e: Expr): ModuleDef | undefined {
  const owner = functionClauseOf(file, e);
  if (owner) return owner.def.module;
  let found: ModuleDef | undefined;
  for (const module of file.modules) {
    if (module.range.start <= e.range.start && e.range.end <= module.range.end) found = module;
  }
  return found;
}

/** The module's own function that takes `arity` arguments. */
export function findFunction(module: ModuleDef, name: string, arity: number): FunctionDef | undefined {
  return module.functions.find((f) => f.name === name && f.minArity <= arity && arity <= f.arity);
}

/** The text that `range` covers. */
export function textOf(file: FileFacts, range: Range): string {
  return file.text.slice(range.start, range.end);
}
