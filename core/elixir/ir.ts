/**
 * Elixir as it means, not as it is written: the intermediate representation that facts and rules read.
 *
 * Desugared already: pipes, captures, aliases, imports, `__MODULE__`, `apply/3` with literals, `do`/`do:`. Code that never runs
 * (docs, comments, quoted code, type specs) is not here. Every expression carries its range in the text.
 */
import type { Range } from '../text';

/** Fields that an expression may lack are there all the same, as undefined: objects of one kind have one shape, which keeps reading them fast. */
interface Base {
  /** Dense within one file, in the order of lowering. */
  readonly id: number;
  readonly range: Range;
}

export interface Atom extends Base {
  readonly kind: 'atom';
  /** Without the colon; `nil`, `true` and `false` are atoms too. */
  readonly value: string;
}
/** A module: `name` is the full name with aliases and nesting resolved (`App.Time`). */
export interface Alias extends Base {
  readonly kind: 'alias';
  readonly name: string;
}
export interface NumberLiteral extends Base {
  readonly kind: 'integer' | 'float';
  readonly value: number;
}
export interface StringLiteral extends Base {
  readonly kind: 'string' | 'charlist';
  /** Literal text and interpolated expressions in order; one string for a plain literal. */
  readonly parts: readonly (string | Expr)[];
}
export interface Sigil extends Base {
  readonly kind: 'sigil';
  readonly name: string;
  readonly text: string;
  readonly modifiers: string;
  readonly parts: readonly Expr[];
}
export interface Variable extends Base {
  readonly kind: 'variable';
  /** Placeholders of captures are named `&1`, `&2`, … */
  readonly name: string;
}
/** A read of a module attribute, `@name`. */
export interface Attribute extends Base {
  readonly kind: 'attribute';
  readonly name: string;
}
export interface AttributeWrite extends Base {
  readonly kind: 'attribute-write';
  readonly name: string;
  readonly value: Expr;
}
export interface Tuple extends Base {
  readonly kind: 'tuple';
  readonly items: readonly Expr[];
}
export interface List extends Base {
  readonly kind: 'list';
  /** Entries of a keyword list are `Pair`s, with atoms as keys. */
  readonly items: readonly Expr[];
  /** Of `[head | tail]`. */
  readonly tail?: Expr | undefined;
  /** A keyword list written without brackets, as last argument. */
  readonly bare?: boolean | undefined;
}
export interface Pair extends Base {
  readonly kind: 'pair';
  readonly key: Expr;
  readonly value: Expr;
}
export interface MapExpr extends Base {
  readonly kind: 'map';
  readonly pairs: readonly Pair[];
  /** The module of `%Struct{}`, or a variable in a pattern. */
  readonly struct?: Expr | undefined;
  /** Of `%{base | key: value}`. */
  readonly base?: Expr | undefined;
}
export interface Binary extends Base {
  readonly kind: 'binary';
  readonly operator: string;
  readonly left: Expr;
  readonly right: Expr;
  readonly operatorRange: Range;
}
export interface Unary extends Base {
  readonly kind: 'unary';
  readonly operator: string;
  readonly operand: Expr;
}
export interface Bitstring extends Base {
  readonly kind: 'bitstring';
  readonly items: readonly Expr[];
}
/** `subject.name` without parentheses, where the subject is not a module. */
export interface Field extends Base {
  readonly kind: 'field';
  readonly subject: Expr;
  readonly name: string;
}
/** `subject[key]`. */
export interface Access extends Base {
  readonly kind: 'access';
  readonly subject: Expr;
  readonly key: Expr;
}
export interface Call extends Base {
  readonly kind: 'call';
  /**
   * `GenServer`, `:rpc`, `App.Store`; `Kernel` for functions that Elixir imports by itself; the enclosing module for its own
   * functions; undefined where it is not known: a dynamic receiver, or a name that only a `use`d or imported module may define.
   */
  readonly module?: string | undefined;
  readonly name: string;
  /** With the left side of a pipe as the first one; a bare keyword list is one argument. */
  readonly args: readonly Expr[];
  /** What is written as the function: `:rpc.call`, `Store.get`, `send`. */
  readonly callee: Range;
  /** The receiver of a remote call where it is not a literal module. */
  readonly receiver?: Expr | undefined;
  /** The first argument came through `|>`. */
  readonly piped: boolean;
  /** Written without a module: a local, imported or Kernel function. */
  readonly local: boolean;
  /** The range between the parentheses, both excluded; absent when there are none. */
  readonly parens?: Range | undefined;
  /** Written as `apply(Module, :function, [arguments])`. */
  readonly applied?: boolean | undefined;
  /** Blocks of a macro that is not one of the branches below: `do`, `else`, … */
  readonly blocks?: readonly Block[] | undefined;
}
/** `&Mod.fun/2`. */
export interface Capture extends Base {
  readonly kind: 'capture';
  readonly module?: string | undefined;
  readonly receiver?: Expr | undefined;
  readonly name: string;
  readonly arity: number;
}
/** `fun.(args)`. */
export interface Apply extends Base {
  readonly kind: 'apply';
  readonly fun: Expr;
  readonly args: readonly Expr[];
}
export interface Match extends Base {
  readonly kind: 'match';
  readonly pattern: Expr;
  readonly value: Expr;
}
export interface Block extends Base {
  readonly kind: 'block';
  readonly body: readonly Expr[];
  /** Of a block given to a call: `do`, `else`, `rescue`, `catch`, `after`. */
  readonly keyword?: string | undefined;
}
/** One clause of `fn`, `case`, `receive`, `rescue`, …: patterns, guard, body. */
export interface Clause extends Base {
  readonly kind: 'clause';
  readonly patterns: readonly Expr[];
  readonly guard?: Expr | undefined;
  readonly body: Expr;
}
export interface Fn extends Base {
  readonly kind: 'fn';
  readonly clauses: readonly Clause[];
  /** Written with `&`: the parameters are `&1`, `&2`, … */
  readonly capture: boolean;
}
export interface Case extends Base {
  readonly kind: 'case';
  readonly subject: Expr;
  readonly clauses: readonly Clause[];
}
export interface Cond extends Base {
  readonly kind: 'cond';
  /** The condition of each clause stands in `patterns[0]`. */
  readonly clauses: readonly Clause[];
}
/** `if` and `unless`: of `unless` the branches are swapped already, so `consequent` runs when the condition is truthy. */
export interface If extends Base {
  readonly kind: 'if';
  readonly condition: Expr;
  readonly consequent?: Expr | undefined;
  readonly alternative?: Expr | undefined;
  readonly unless: boolean;
}
/** `pattern <- value` in `with` and `for`. */
export interface Arrow extends Base {
  readonly kind: 'arrow';
  readonly pattern: Expr;
  readonly guard?: Expr | undefined;
  readonly value: Expr;
}
export interface With extends Base {
  readonly kind: 'with';
  readonly steps: readonly Expr[];
  readonly body: Expr;
  readonly otherwise: readonly Clause[];
}
export interface Receive extends Base {
  readonly kind: 'receive';
  readonly clauses: readonly Clause[];
  readonly after?: { readonly timeout: Expr; readonly body: Expr } | undefined;
}
export interface Try extends Base {
  readonly kind: 'try';
  readonly body: Expr;
  readonly rescue: readonly Clause[];
  readonly catch: readonly Clause[];
  readonly otherwise: readonly Clause[];
  readonly after?: Expr | undefined;
}
export interface For extends Base {
  readonly kind: 'for';
  /** Generators are `Arrow`s, the rest are filters and matches. */
  readonly steps: readonly Expr[];
  /** `into:`, `reduce:`, `uniq:`. */
  readonly options: readonly Pair[];
  readonly body: Expr;
  /** Of `reduce:`, whose body is clauses. */
  readonly clauses: readonly Clause[];
}
/** Quoted code: opaque, it does not run here. */
export interface Quote extends Base {
  readonly kind: 'quote';
}
/** What could not be understood: broken source, or nesting deeper than the limit. */
export interface Unknown extends Base {
  readonly kind: 'unknown';
  readonly children: readonly Expr[];
}

export type Expr =
  | Atom
  | Alias
  | NumberLiteral
  | StringLiteral
  | Sigil
  | Variable
  | Attribute
  | AttributeWrite
  | Tuple
  | List
  | Pair
  | MapExpr
  | Binary
  | Unary
  | Bitstring
  | Field
  | Access
  | Call
  | Capture
  | Apply
  | Match
  | Block
  | Clause
  | Fn
  | Case
  | Cond
  | If
  | Arrow
  | With
  | Receive
  | Try
  | For
  | Quote
  | Unknown;

/** The direct parts of an expression, in the order in which Elixir evaluates them; patterns are included, before what they guard. */
export function children(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case 'string':
    case 'charlist':
      return e.parts.filter((p): p is Expr => typeof p !== 'string');
    case 'sigil':
      return e.parts;
    case 'attribute-write':
      return [e.value];
    case 'tuple':
    case 'bitstring':
      return e.items;
    case 'list':
      return e.tail ? [...e.items, e.tail] : e.items;
    case 'pair':
      return [e.key, e.value];
    case 'map':
      return [...(e.struct ? [e.struct] : []), ...(e.base ? [e.base] : []), ...e.pairs];
    case 'binary':
      return [e.left, e.right];
    case 'unary':
      return [e.operand];
    case 'field':
      return [e.subject];
    case 'access':
      return [e.subject, e.key];
    case 'call':
      return e.receiver || e.blocks ? [...(e.receiver ? [e.receiver] : []), ...e.args, ...(e.blocks ?? [])] : e.args;
    case 'capture':
      return e.receiver ? [e.receiver] : [];
    case 'apply':
      return [e.fun, ...e.args];
    case 'match':
      return [e.value, e.pattern];
    case 'block':
      return e.body;
    case 'clause':
      return e.guard ? [...e.patterns, e.guard, e.body] : [...e.patterns, e.body];
    case 'fn':
    case 'cond':
      return e.clauses;
    case 'case':
      return [e.subject, ...e.clauses];
    case 'if':
      return [e.condition, ...(e.consequent ? [e.consequent] : []), ...(e.alternative ? [e.alternative] : [])];
    case 'arrow':
      return e.guard ? [e.value, e.pattern, e.guard] : [e.value, e.pattern];
    case 'with':
      return [...e.steps, e.body, ...e.otherwise];
    case 'receive':
      return e.after ? [...e.clauses, e.after.timeout, e.after.body] : e.clauses;
    case 'try':
      return [e.body, ...e.rescue, ...e.catch, ...e.otherwise, ...(e.after ? [e.after] : [])];
    case 'for':
      return [...e.steps, ...e.options, ...e.clauses, e.body];
    case 'unknown':
      return e.children;
    default:
      return [];
  }
}

/** `e` and everything below it, parents first. */
export function* descendants(e: Expr): Generator<Expr> {
  const stack: Expr[] = [e];
  for (let next = stack.pop(); next; next = stack.pop()) {
    yield next;
    const parts = children(next);
    for (let i = parts.length - 1; i >= 0; i--) stack.push(parts[i] as Expr);
  }
}

/** `Module.function/arity` as Elixir and the rules write it, or undefined for a call whose module is not known. */
export function mfaOf(call: Call): string | undefined {
  return call.module === undefined ? undefined : `${call.module}.${call.name}/${call.args.length}`;
}

/** The value of a keyword list's or map's atom key. */
export function keywordValue(e: Expr | undefined, key: string): Expr | undefined {
  return keywordPair(e, key)?.value;
}

/** The pair of a keyword list's or map's atom key. */
export function keywordPair(e: Expr | undefined, key: string): Pair | undefined {
  for (const pair of pairsOf(e)) if (pair.key.kind === 'atom' && pair.key.value === key) return pair;
  return undefined;
}

/** The pairs of a keyword list (also the keyword tail of a list) or a map; none for anything else. */
export function pairsOf(e: Expr | undefined): readonly Pair[] {
  if (e?.kind === 'map') return e.pairs;
  if (e?.kind === 'list') return e.items.filter((item): item is Pair => item.kind === 'pair');
  return [];
}

/** The text of a plain string or charlist without interpolation. */
export function stringValue(e: Expr | undefined): string | undefined {
  if (e?.kind === 'sigil') return e.parts.length === 0 ? e.text : undefined;
  if (e?.kind !== 'string' && e?.kind !== 'charlist') return undefined;
  return e.parts.every((p) => typeof p === 'string') ? e.parts.join('') : undefined;
}
