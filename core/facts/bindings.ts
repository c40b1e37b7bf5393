/** Which binding a use of a variable refers to. Elixir's bindings do not leave their branch, so each use has at most one. */
import { type Call, type Clause, children, type Expr, type Fn, type Variable } from '../elixir/ir';
import { ancestorsOf, type FileFacts, type FunctionClause } from './facts';

/** How to reach a part of a value: the second element of a tuple, the value of a key, … */
export type Step =
  | { readonly step: 'tuple'; readonly index: number; readonly size: number }
  | { readonly step: 'list'; readonly index: number }
  | { readonly step: 'tail' }
  | { readonly step: 'key'; readonly key: string }
  /** A part that has no name: of a binary, under a computed key. */
  | { readonly step: 'part' };

export type Path = readonly Step[];

export type Source =
  /** Part `path` of the value of `expr`. */
  | { readonly from: 'value'; readonly expr: Expr; readonly path: Path }
  /** Part `path` of one element of the collection `expr`. */
  | { readonly from: 'element'; readonly expr: Expr; readonly path: Path }
  | { readonly from: 'parameter'; readonly clause: FunctionClause; readonly index: number; readonly path: Path }
  /** Of an anonymous function whose caller is not known. */
  | { readonly from: 'argument'; readonly fn: Fn; readonly index: number; readonly path: Path }
  /** The accumulator of a reduction: at first `initial`. */
  | { readonly from: 'accumulator'; readonly initial: Expr; readonly path: Path }
  | { readonly from: 'message'; readonly path: Path }
  | { readonly from: 'failure' };

export interface Binding {
  readonly name: string;
  /** The variable in the pattern. */
  readonly at: Variable;
  readonly source: Source;
  /** The clause whose pattern binds it, where it is a branch. */
  readonly clause?: Clause;
}

interface Bindings {
  /** By the id of the variable that is used. */
  readonly uses: ReadonlyMap<number, Binding>;
  /** By the id of the variable in the pattern. */
  readonly made: ReadonlyMap<number, Binding>;
}

const known = new WeakMap<FileFacts, Map<number, Bindings>>();

/** The binding that this use refers to; undefined for a name that is not bound (a call without parentheses, broken code). */
export function bindingOf(file: FileFacts, variable: Variable): Binding | undefined {
  return bindingsAround(file, variable).uses.get(variable.id);
}

/** The binding that this variable makes in its pattern. */
export function bindingAt(file: FileFacts, variable: Variable): Binding | undefined {
  return bindingsAround(file, variable).made.get(variable.id);
}

/** Every use of a binding. */
export function usesOf(file: FileFacts, binding: Binding): readonly Variable[] {
  const found: Variable[] = [];
  for (const [id, used] of bindingsAround(file, binding.at).uses) {
    const expr = used === binding ? file.exprs[id] : undefined;
    if (expr?.kind === 'variable') found.push(expr);
  }
  return found;
}

function bindingsAround(file: FileFacts, e: Expr): Bindings {
  let top = e;
  for (const ancestor of ancestorsOf(file, e)) top = ancestor;
  let perFile = known.get(file);
  if (!perFile) known.set(file, (perFile = new Map()));
  let bindings = perFile.get(top.id);
  if (!bindings) perFile.set(top.id, (bindings = bind(top, file.owners.get(top.id))));
  return bindings;
}

interface Env {
  readonly names: Map<string, Binding>;
  readonly outer: Env | undefined;
}

function lookup(env: Env | undefined, name: string): Binding | undefined {
  for (let at = env; at; at = at.outer) {
    const found = at.names.get(name);
    if (found) return found;
  }
  return undefined;
}

const nested = (outer: Env): Env => ({ names: new Map(), outer });

/** Functions that hand each element of their first argument to the function in the given position, as its first parameter. */
const elementFunctions = /^(?:Enum|Stream|Map|MapSet|Keyword|List|Task|Task\.Supervisor|Flow|Parallel)$/;

function bind(top: Expr, owner: FunctionClause | undefined): Bindings {
  const uses = new Map<number, Binding>();
  const made = new Map<number, Binding>();
  const root: Env = { names: new Map(), outer: undefined };
  if (owner && top.kind === 'clause' && owner.clause === top) {
    for (const [index, pattern] of top.patterns.entries()) {
      bindPattern(pattern, (path) => ({ from: 'parameter', clause: owner, index, path }), [], root, undefined);
    }
    if (top.guard) walk(top.guard, root);
    walk(top.body, root);
  } else walk(top, root);
  return { uses, made };

  function walk(e: Expr, env: Env): void {
    switch (e.kind) {
      case 'variable': {
        const binding = lookup(env, e.name);
        if (binding) uses.set(e.id, binding);
        return;
      }
      case 'match':
        walk(e.value, env);
        bindPattern(e.pattern, (path) => ({ from: 'value', expr: e.value, path }), [], env, undefined);
        return;
      case 'fn':
        for (const clause of e.clauses) bindClause(clause, nested(env), (index, path) => ({ from: 'argument', fn: e, index, path }));
        return;
      case 'case':
        walk(e.subject, env);
        for (const clause of e.clauses) bindClause(clause, nested(env), (_, path) => ({ from: 'value', expr: e.subject, path }));
        return;
      case 'cond':
        for (const clause of e.clauses) {
          const own = nested(env);
          for (const condition of clause.patterns) walk(condition, own);
          walk(clause.body, own);
        }
        return;
      case 'if':
        walk(e.condition, env);
        if (e.consequent) walk(e.consequent, nested(env));
        if (e.alternative) walk(e.alternative, nested(env));
        return;
      case 'with': {
        const own = nested(env);
        const failing: Expr[] = [];
        for (const step of e.steps) {
          if (step.kind === 'arrow') failing.push(step.value);
          arrowOr(step, own, 'value');
        }
        walk(e.body, own);
        const only = failing.length === 1 ? failing[0] : undefined;
        for (const clause of e.otherwise) {
          bindClause(clause, nested(env), (_, path) => (only ? { from: 'value', expr: only, path } : { from: 'failure' }));
        }
        return;
      }
      case 'for': {
        const own = nested(env);
        for (const step of e.steps) arrowOr(step, own, 'element');
        for (const option of e.options) walk(option.value, own);
        const initial = e.options.find((o) => o.key.kind === 'atom' && o.key.value === 'reduce')?.value;
        for (const clause of e.clauses) {
          bindClause(clause, nested(own), (_, path) => (initial ? { from: 'accumulator', initial, path } : { from: 'failure' }));
        }
        walk(e.body, nested(own));
        return;
      }
      case 'receive':
        for (const clause of e.clauses) bindClause(clause, nested(env), (_, path) => ({ from: 'message', path }));
        if (e.after) {
          walk(e.after.timeout, env);
          walk(e.after.body, nested(env));
        }
        return;
      case 'try':
        walk(e.body, nested(env));
        for (const clause of [...e.rescue, ...e.catch]) bindClause(clause, nested(env), () => ({ from: 'failure' }));
        for (const clause of e.otherwise) bindClause(clause, nested(env), (_, path) => ({ from: 'value', expr: e.body, path }));
        if (e.after) walk(e.after, nested(env));
        return;
      case 'call':
        walkCall(e, env);
        return;
      default:
        for (const child of children(e)) walk(child, env);
    }
  }

  function arrowOr(step: Expr, env: Env, from: 'value' | 'element'): void {
    if (step.kind !== 'arrow') {
      walk(step, env);
      return;
    }
    walk(step.value, env);
    bindPattern(step.pattern, (path) => ({ from, expr: step.value, path }), [], env, undefined);
    if (step.guard) walk(step.guard, env);
  }

  function bindClause(clause: Clause, env: Env, source: (index: number, path: Path) => Source): void {
    for (const [index, pattern] of clause.patterns.entries()) bindPattern(pattern, (path) => source(index, path), [], env, clause);
    if (clause.guard) walk(clause.guard, env);
    walk(clause.body, env);
  }

  /** A call whose arguments are anonymous functions: what it hands to them is known for the usual ones. */
  function walkCall(call: Call, env: Env): void {
    if (call.receiver) walk(call.receiver, env);
    const [first] = call.args;
    for (const [position, arg] of call.args.entries()) {
      if (arg.kind !== 'fn') {
        walk(arg, env);
        continue;
      }
      const reduces = /^(?:reduce|reduce_while|map_reduce|flat_map_reduce|foldl|foldr|scan)$/.test(call.name);
      for (const clause of arg.clauses) {
        bindClause(clause, nested(env), (index, path): Source => {
          if (first && position > 0) {
            if (call.module === 'Kernel' && (call.name === 'then' || call.name === 'tap')) return { from: 'value', expr: first, path };
            if (call.module && elementFunctions.test(call.module)) {
              if (index === 0) return { from: 'element', expr: first, path };
              const initial = call.args[1];
              if (reduces && index === 1 && initial && initial !== arg) return { from: 'accumulator', initial, path };
            }
          }
          return { from: 'argument', fn: arg, index, path };
        });
      }
    }
    for (const block of call.blocks ?? []) walk(block, nested(env));
  }

  function bindPattern(pattern: Expr, source: (path: Path) => Source, path: Path, env: Env, clause: Clause | undefined): void {
    const into = (part: Expr, step: Step): void => bindPattern(part, source, [...path, step], env, clause);
    switch (pattern.kind) {
      case 'variable': {
        // A name that stands twice in a pattern is one variable.
        const binding: Binding = { name: pattern.name, at: pattern, source: source(path), ...(clause && { clause }) };
        made.set(pattern.id, binding);
        env.names.set(pattern.name, binding);
        return;
      }
      case 'tuple':
        for (const [index, item] of pattern.items.entries()) into(item, { step: 'tuple', index, size: pattern.items.length });
        return;
      case 'list':
        for (const [index, item] of pattern.items.entries()) {
          if (item.kind === 'pair') into(item.value, keyStep(item.key));
          else into(item, { step: 'list', index });
        }
        if (pattern.tail) into(pattern.tail, { step: 'tail' });
        return;
      case 'map':
        if (pattern.struct) bindPattern(pattern.struct, source, [...path, { step: 'key', key: '__struct__' }], env, clause);
        for (const pair of pattern.pairs) {
          walk(pair.key, env);
          into(pair.value, keyStep(pair.key));
        }
        return;
      case 'match':
        bindPattern(pattern.pattern, source, path, env, clause);
        bindPattern(pattern.value, source, path, env, clause);
        return;
      case 'unary':
        if (pattern.operator === '^') walk(pattern.operand, env);
        return;
      case 'binary':
        if (pattern.operator === 'in') bindPattern(pattern.left, source, path, env, clause);
        else {
          into(pattern.left, { step: 'part' });
          into(pattern.right, { step: 'part' });
        }
        return;
      case 'bitstring':
      case 'call':
        for (const item of children(pattern)) into(item, { step: 'part' });
        return;
      default:
        return;
    }
  }

  function keyStep(key: Expr): Step {
    if (key.kind === 'atom') return { step: 'key', key: key.value };
    if (key.kind === 'string' && key.parts.length === 1 && typeof key.parts[0] === 'string') return { step: 'key', key: key.parts[0] };
    return { step: 'part' };
  }
}
