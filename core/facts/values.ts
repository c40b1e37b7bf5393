/** Following values: definitions, results, structural equality, dependence, order. */
import { type Call, type Clause, children, type Expr } from '../elixir/ir';
import { type Binding, bindingOf, type Path, type Step } from './bindings';
import { ancestorsOf, callsTo, type FileFacts, type FunctionDef, findFunction, functionClauseOf, moduleOf } from './facts';

/** The expressions whose value can be the value of `e`: the ends of its branches. */
export function resultsOf(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case 'block': {
      const last = e.body.at(-1);
      return last ? resultsOf(last) : [e];
    }
    case 'match':
      return resultsOf(e.value);
    case 'if':
      return [...(e.consequent ? resultsOf(e.consequent) : []), ...(e.alternative ? resultsOf(e.alternative) : [])];
    case 'case':
    case 'cond':
      return e.clauses.flatMap((c) => resultsOf(c.body));
    case 'with':
      return [...resultsOf(e.body), ...e.otherwise.flatMap((c) => resultsOf(c.body))];
    case 'receive':
      return [...e.clauses.flatMap((c) => resultsOf(c.body)), ...(e.after ? resultsOf(e.after.body) : [])];
    case 'try':
      return [
        ...(e.otherwise.length > 0 ? e.otherwise.flatMap((c) => resultsOf(c.body)) : resultsOf(e.body)),
        ...[...e.rescue, ...e.catch].flatMap((c) => resultsOf(c.body)),
      ];
    default:
      return [e];
  }
}

/** The function of the same module that a call runs. */
export function calledFunction(file: FileFacts, call: Call): FunctionDef | undefined {
  if (call.module === undefined) return undefined;
  const module = file.modules.find((m) => m.name === call.module);
  return module && findFunction(module, call.name, call.args.length);
}

/** Calls of a function within its file. Complete for a private function unless it is captured. */
export function callersOf(file: FileFacts, def: FunctionDef): readonly Call[] {
  const calls: Call[] = [];
  for (let arity = def.minArity; arity <= def.arity; arity++) calls.push(...callsTo(file, [`${def.module.name}.${def.name}/${arity}`]));
  return calls;
}

/** Whether every call of the function is seen: it is private, and no one holds a reference to it. */
export function everyCallSeen(file: FileFacts, def: FunctionDef): boolean {
  return def.kind === 'defp' && !file.captures.has(`${def.module.name}.${def.name}`);
}

/**
 * The expression that a name stands for: follows variables bound to a whole value, module attributes written once and calls of
 * functions of the module with one clause and one result. Returns `e` itself where there is nothing to follow.
 */
export function definitionOf(file: FileFacts, e: Expr, hops = 8): Expr {
  const next = hops > 0 ? defining(file, e) : undefined;
  return next && next !== e ? definitionOf(file, next, hops - 1) : e;
}

function defining(file: FileFacts, e: Expr): Expr | undefined {
  switch (e.kind) {
    case 'variable': {
      const source = bindingOf(file, e)?.source;
      return source?.from === 'value' ? partOf(source.expr, source.path) : undefined;
    }
    case 'attribute': {
      const writes = moduleOf(file, e)?.attributes.get(e.name);
      return writes?.length === 1 ? writes[0] : undefined;
    }
    case 'call': {
      const def = calledFunction(file, e);
      const clause = def?.clauses.length === 1 ? def.clauses[0] : undefined;
      if (!clause) return undefined;
      const results = resultsOf(clause.clause.body);
      return results.length === 1 ? results[0] : undefined;
    }
    case 'match':
      return e.value;
    case 'block':
      return e.body.length > 0 ? e.body.at(-1) : undefined;
    default:
      return undefined;
  }
}

/** The expression that is the part `path` of `e`, where `e` is written as a constructor of that shape. */
export function partOf(e: Expr, path: Path): Expr | undefined {
  let at: Expr | undefined = e;
  for (const step of path) at = at && directPart(at, step);
  return at;
}

function directPart(e: Expr, step: Step): Expr | undefined {
  if (e.kind === 'match') return directPart(e.value, step);
  if (e.kind === 'block') {
    const last = e.body.at(-1);
    return last && directPart(last, step);
  }
  if (step.step === 'tuple') return e.kind === 'tuple' && e.items.length === step.size ? e.items[step.index] : undefined;
  if (step.step === 'list') return e.kind === 'list' ? e.items[step.index] : undefined;
  if (step.step === 'key' && (e.kind === 'map' || e.kind === 'list')) {
    const pairs = e.kind === 'map' ? e.pairs : e.items;
    for (const pair of pairs) if (pair.kind === 'pair' && pair.key.kind === 'atom' && pair.key.value === step.key) return pair.value;
  }
  return undefined;
}

/** Whether two expressions are the same code with the same values: equal structure, variables of the same binding. */
export function sameValue(file: FileFacts, a: Expr, b: Expr): boolean {
  if (a === b) return true;
  const left = followed(file, a);
  const right = followed(file, b);
  if (left === right) return true;
  if (left.kind !== right.kind) return false;
  switch (left.kind) {
    case 'variable':
      if (right.kind !== 'variable' || left.name !== right.name) return false;
      return bindingOf(file, left) === bindingOf(file, right) && bindingOf(file, left) !== undefined;
    case 'atom':
      return right.kind === 'atom' && left.value === right.value;
    case 'alias':
    case 'attribute':
      return right.kind === left.kind && left.name === right.name;
    case 'integer':
    case 'float':
      return right.kind === left.kind && left.value === right.value;
    case 'string':
    case 'charlist': {
      if (right.kind !== left.kind || left.parts.length !== right.parts.length) return false;
      return left.parts.every((part, i) => {
        const other = (right as typeof left).parts[i];
        return typeof part === 'string' || typeof other === 'string' || other === undefined ? part === other : sameValue(file, part, other);
      });
    }
    case 'field':
      if (right.kind !== 'field' || left.name !== right.name) return false;
      break;
    case 'binary':
    case 'unary':
      if (right.kind !== left.kind || left.operator !== right.operator) return false;
      break;
    case 'call':
      if (right.kind !== 'call' || left.name !== right.name || left.module !== right.module || !!left.receiver !== !!right.receiver)
        return false;
      break;
    case 'tuple':
    case 'list':
    case 'pair':
    case 'map':
    case 'access':
      break;
    default:
      return false;
  }
  const [mine, theirs] = [children(left), children(right)];
  return mine.length === theirs.length && mine.every((child, i) => sameValue(file, child, theirs[i] as Expr));
}

/** Through variables that only rename another variable or a literal: `k = key` is `key`. */
function followed(file: FileFacts, e: Expr): Expr {
  if (e.kind !== 'variable') return e;
  const source = bindingOf(file, e)?.source;
  const value = source?.from === 'value' ? partOf(source.expr, source.path) : undefined;
  if (value === undefined) return e;
  if (value.kind === 'variable') return followed(file, value);
  return value.kind === 'call' || value.kind === 'case' || value.kind === 'if' || value.kind === 'block' ? e : value;
}

/**
 * Whether the value of `e` is computed from the value of `source` (an expression of the same function): through bindings, calls and
 * the results of branches. What only decides which branch runs is not part of the value.
 */
export function dependsOn(file: FileFacts, e: Expr, source: Expr): boolean {
  const seen = new Set<number>();
  const stack: Expr[] = [e];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (next === source) return true;
    if (seen.has(next.id)) continue;
    seen.add(next.id);
    stack.push(...inputsOf(file, next));
  }
  return false;
}

/** The expressions from which the value of `e` is directly computed. */
export function inputsOf(file: FileFacts, e: Expr): readonly Expr[] {
  switch (e.kind) {
    case 'variable': {
      const binding = bindingOf(file, e);
      return binding ? sourcesOf(binding) : [];
    }
    case 'block':
    case 'match':
    case 'if':
    case 'case':
    case 'cond':
    case 'with':
    case 'receive':
    case 'try': {
      const results = resultsOf(e);
      return results.length === 1 && results[0] === e ? [] : results;
    }
    case 'clause':
      return resultsOf(e.body);
    case 'fn':
      return e.clauses.flatMap((c) => resultsOf(c.body));
    case 'for':
      return [
        ...resultsOf(e.body),
        ...e.clauses.flatMap((c) => resultsOf(c.body)),
        ...e.steps.flatMap((s) => (s.kind === 'arrow' ? [s.value] : [])),
      ];
    default:
      return children(e);
  }
}

function sourcesOf(binding: Binding): readonly Expr[] {
  const { source } = binding;
  if (source.from === 'value' || source.from === 'element') {
    // Of a literal constructor only the part that is bound counts.
    const part = source.from === 'value' ? partOf(source.expr, source.path) : undefined;
    return [part ?? source.expr];
  }
  return source.from === 'accumulator' ? [source.initial] : [];
}

/**
 * Whether `first` is evaluated before `second` on some path through their function: false when they stand in different branches, or
 * the other way round.
 */
export function precedes(file: FileFacts, first: Expr, second: Expr): boolean {
  const above = new Map<number, Expr>();
  let below: Expr = first;
  for (const ancestor of ancestorsOf(file, first)) {
    // Arguments are evaluated before the call that takes them.
    if (ancestor === second) return true;
    above.set(ancestor.id, below);
    below = ancestor;
  }
  below = second;
  for (const ancestor of ancestorsOf(file, second)) {
    const left = above.get(ancestor.id);
    if (left) return ordered(ancestor, left, below);
    below = ancestor;
  }
  return false;
}

function ordered(parent: Expr, first: Expr, second: Expr): boolean {
  if (first === second) return false;
  if (isBranch(parent, first) && isBranch(parent, second)) return false;
  const parts = children(parent);
  return parts.indexOf(first) < parts.indexOf(second);
}

function isBranch(parent: Expr, child: Expr): boolean {
  switch (parent.kind) {
    case 'case':
    case 'cond':
      return child.kind === 'clause';
    case 'receive':
      return child.kind === 'clause' || child === parent.after?.body;
    case 'if':
      return child !== parent.condition;
    case 'with':
      return child === parent.body || child.kind === 'clause';
    case 'fn':
      return child.kind === 'clause';
    case 'try':
      return child.kind === 'clause';
    default:
      return false;
  }
}

/** The clause of a branch around `e`, innermost first, with what is branched on. */
export function* branchesAround(file: FileFacts, e: Expr): Generator<{ readonly branch: Expr; readonly within: Expr | Clause }> {
  let below = e;
  for (const ancestor of ancestorsOf(file, e)) {
    if (isBranch(ancestor, below)) yield { branch: ancestor, within: below };
    below = ancestor;
  }
}

/** Names of the callbacks from which a function is reached within its module; `undefined` when it can be called from elsewhere. */
export function callbacksReaching(file: FileFacts, def: FunctionDef, seen = new Set<FunctionDef>()): ReadonlySet<string> | undefined {
  if (def.callback !== undefined) return new Set([def.callback]);
  if (seen.has(def)) return new Set();
  seen.add(def);
  if (!everyCallSeen(file, def)) return undefined;
  const names = new Set<string>();
  for (const call of callersOf(file, def)) {
    const caller = functionClauseOf(file, call)?.def;
    const reaching = caller && callbacksReaching(file, caller, seen);
    if (!reaching) return undefined;
    for (const name of reaching) names.add(name);
  }
  return names;
}
