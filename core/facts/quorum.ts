/**
 * Quorum arithmetic in a file: what a comparison of two counts really asks for, however it is written. `votes >= div(n, 2)`,
 * `2 * votes >= n`, `votes / n >= 0.5` and a variable `quorum = trunc(n / 2)` that is compared later all need no more than half.
 */
import type { Binary, Call, Expr } from '../elixir/ir';
import { bindingAt, bindingOf, usesOf } from './bindings';
import { ancestorsOf, type FileFacts, textOf } from './facts';
import { fieldWrites } from './origins';
import { calledFunction, callersOf, definitionOf, everyCallSeen, resultsOf, sameValue } from './values';
import { countsNodesWithoutSelf } from './visible-nodes';

/**
 * How many it takes: `half` where half of an even number, or less, is enough; `majority`; `over` where a majority is not enough for some
 * number.
 */
export type Need = 'half' | 'majority' | 'over';

/** An expression whose value grows as half of a number does: `div(n, 2)`, `n / 2`, `div(n, 2) + 1`. */
export interface HalfBased {
  /** The number of which it is half, as written. */
  readonly total: Expr;
  /** What a count must reach to be no less than it; two where `others` of `div(others + 1, 2)` may be the others or all. */
  readonly needs: readonly Need[];
  /** The expression that halves, where names have been followed to it. */
  readonly bound: Expr;
  /** The names that were followed, outermost first. */
  readonly through: readonly Expr[];
}

/** A comparison of a count with a half of a total, or with a number near it. */
export interface QuorumComparison extends HalfBased {
  readonly expr: Binary;
  readonly count: Expr;
  /** It holds where there are too few. */
  readonly refuses: boolean;
}

/** A change of a comparison, to know what it would ask for. */
export interface Change {
  readonly operator?: string;
  /** Added to the value of `bound`. */
  readonly add?: number;
}

type Evaluate = (values: readonly number[]) => number;

const comparing: ReadonlySet<string> = new Set(['>=', '>', '<=', '<', '==']);
const arithmetic: ReadonlySet<string> = new Set(['+', '-', '*', '/', '>>>']);
const functions: Readonly<Record<string, (a: number, b: number) => number>> = {
  'Kernel.div': (a, b) => Math.trunc(a / b),
  'Integer.floor_div': (a, b) => Math.floor(a / b),
  'Integer.ceil_div': (a, b) => Math.ceil(a / b),
  'Bitwise.bsr': (a, b) => a >> b,
  'Kernel.trunc': (a) => Math.trunc(a),
  'Kernel.floor': (a) => Math.floor(a),
  'Kernel.ceil': (a) => Math.ceil(a),
  'Kernel.round': (a) => Math.round(a),
  'Float.floor': (a) => Math.floor(a),
  'Float.ceil': (a) => Math.ceil(a),
  'Float.round': (a) => Math.round(a),
};
const halving: ReadonlySet<string> = new Set(['Kernel.div', 'Integer.floor_div', 'Integer.ceil_div', 'Bitwise.bsr']);

/** How many names are followed to one definition. */
const hopLimit = 6;

/** The sizes that are tried: common clusters, and large ones that tell a half from a third. */
const sizes = [2, 3, 4, 5, 6, 7, 8, 9, 40, 41];

/** What is tracked while arithmetic is read. */
interface Reading {
  readonly file: FileFacts;
  /** What the arithmetic is about: the values that are not computed here. */
  readonly leaves: Expr[];
  readonly through: Expr[];
  /** Sums are one count, not arithmetic. */
  readonly sumsAreCounts: boolean;
  readonly shifted?: { readonly at: Expr; readonly by: number };
  /** What is added to the leaf: with `others + 1` the total may be that sum. */
  offset: number;
  scaled: boolean;
  bound?: Expr;
}

const known = new WeakMap<FileFacts, readonly QuorumComparison[]>();

/** Every comparison of a count with a half of a total, or with a majority of it, in the order of the text. */
export function quorumComparisonsIn(file: FileFacts): readonly QuorumComparison[] {
  let found = known.get(file);
  if (!found) {
    found = file.exprs.some(halves) ? file.exprs.flatMap((e) => comparisonOf(file, e) ?? []) : [];
    known.set(file, found);
  }
  return found;
}

/** Whether something is halved or doubled here: without that nothing in the file is compared with a half. */
function halves(e: Expr): boolean {
  if (e.kind === 'float') return e.value === 0.5;
  if (e.kind === 'call') return /^(?:(?:floor_|ceil_)?div|bsr)$/.test(e.name);
  return e.kind === 'binary' && (e.operator === '/' || e.operator === '>>>' || (e.operator === '*' && (isTwo(e.left) || isTwo(e.right))));
}

const isTwo = (e: Expr): boolean => e.kind === 'integer' && e.value === 2;

/** Whether exactly a majority would be needed after the change. */
export function isMajorityAfter(file: FileFacts, comparison: QuorumComparison, change: Change): boolean {
  const changed = comparisonOf(file, comparison.expr, change, comparison.bound);
  return changed !== undefined && needsOnly(changed, 'majority');
}

/** The operator that differs where both sides are equal: `>=` and `>`, `<` and `<=`. */
export function oppositeAtEquality({ expr: { operator } }: QuorumComparison): string | undefined {
  return { '>=': '>', '>': '>=', '<=': '<', '<': '<=' }[operator];
}

/** The comparison as a quorum's, or undefined where it is none. */
export function comparisonOf(file: FileFacts, e: Expr, change: Change = {}, bound?: Expr): QuorumComparison | undefined {
  if (e.kind !== 'binary' || !comparing.has(e.operator)) return undefined;
  const shifted = bound && change.add ? { at: bound, by: change.add } : undefined;
  for (const countIsLeft of [true, false]) {
    const [countSide, totalSide] = countIsLeft ? [e.left, e.right] : [e.right, e.left];
    const leaves: Expr[] = [];
    const counting = reading(file, leaves, true, shifted);
    const count = compile(counting, countSide);
    const counted = leaves.length;
    const totalling = reading(file, leaves, false, shifted);
    const total = compile(totalling, totalSide);
    if (leaves.length !== 2 || counted === 0 || (counted === 2) !== isNumber(totalSide)) continue;
    if (!counting.scaled && !totalling.scaled) continue;
    const passes = (values: readonly number[]): boolean =>
      compare(change.operator ?? e.operator, count(values), total(values), countIsLeft);
    const result = needsOf(file, leaves[1] as Expr, totalling.offset, passes);
    if (!result) continue;
    const halves = (totalling.scaled ? totalling : counting).bound ?? totalSide;
    const through = [...totalling.through, ...counting.through.filter((name) => name !== leaves[0])];
    return { expr: e, count: leaves[0] as Expr, total: leaves[1] as Expr, bound: halves, through, ...result };
  }
  return undefined;
}

/** The value as something near half of a total, or undefined where it is not: as the number that a count has to reach. */
export function halfBased(file: FileFacts, e: Expr): HalfBased | undefined {
  const state = reading(file, [], false);
  const value = compile(state, e);
  const total = state.leaves[0];
  if (!total || state.leaves.length !== 1 || !state.scaled) return undefined;
  const result = needsOf(file, total, state.offset, ([count, n]) => (count as number) >= value([n as number]));
  return result && !result.refuses ? { total, needs: result.needs, bound: state.bound ?? e, through: state.through } : undefined;
}

function reading(file: FileFacts, leaves: Expr[], sumsAreCounts: boolean, shifted?: Reading['shifted']): Reading {
  return { file, leaves, through: [], sumsAreCounts, offset: 0, scaled: false, ...(shifted && { shifted }) };
}

/** Tries all sizes: how many it takes for each, counting up. */
function needsOf(
  file: FileFacts,
  total: Expr,
  offset: number,
  passes: (values: readonly number[]) => boolean,
): { readonly needs: readonly Need[]; readonly refuses: boolean } | undefined {
  const literal = definitionOf(file, total);
  const tried = literal.kind === 'integer' ? [literal.value] : sizes;
  const needs: Need[] = [];
  let refuses = false;
  for (const added of sizesAdded(file, total, offset)) {
    const surplus = tried.map((n) => {
      const thresholds = firstPassing((count) => passes([count, n - added]), n + 4);
      if (thresholds?.refuses) refuses = true;
      return thresholds ? thresholds.count - (Math.floor(n / 2) + 1) : Number.NaN;
    });
    const need = needFor(surplus);
    if (need) needs.push(need);
  }
  return needs.length > 0 ? { needs, refuses } : undefined;
}

/** What to add to the value to have the size, as far as it is known: both nothing and the number that is written there may be right. */
function sizesAdded(file: FileFacts, total: Expr, offset: number): readonly number[] {
  if (offset === 0) return [0];
  return offset === 1 && countsNodesWithoutSelf(file, total) ? [1] : [0, offset];
}

function needFor(surplus: readonly number[]): Need | undefined {
  if (surplus.some(Number.isNaN)) return undefined;
  if (surplus.every((d) => d === 0)) return 'majority';
  if (surplus.every((d) => d <= 0 && d >= -2)) return 'half';
  return surplus.every((d) => d === 0 || d === 1) ? 'over' : undefined;
}

/** The count from which on a condition holds, or, where it refuses, no longer does. */
function firstPassing(holds: (count: number) => boolean, limit: number): { readonly count: number; readonly refuses: boolean } | undefined {
  const refuses = holds(-4);
  let count = -4;
  while (count <= limit && holds(count) === refuses) count++;
  return count > limit || count === -4 ? undefined : { count, refuses };
}

function compare(operator: string, count: number, total: number, countIsLeft: boolean): boolean {
  const [left, right] = countIsLeft ? [count, total] : [total, count];
  switch (operator) {
    case '>=':
      return left >= right;
    case '>':
      return left > right;
    case '<=':
      return left <= right;
    case '<':
      return left < right;
    default:
      return left === right;
  }
}

/** Reads arithmetic; what is none becomes a leaf. */
function compile(state: Reading, e: Expr): Evaluate {
  const evaluate = operation(state, e);
  if (state.shifted?.at !== e) return evaluate;
  const { by } = state.shifted;
  return (values) => evaluate(values) + by;
}

function operation(state: Reading, e: Expr): Evaluate {
  if (isNumber(e)) return () => e.value;
  const parts = partsOf(e);
  if (parts) {
    if (isCount(state, parts)) return leaf(state, e);
    if (!parts.sum) {
      state.scaled = true;
      state.bound ??= outermost(state, e);
    }
    const [a, b] = parts.operands.map((operand, i) =>
      // What is halved is a size, also where it is a literal.
      i === 0 && parts.halves && isNumber(operand) ? leaf(state, operand) : compile(state, operand),
    );
    if (parts.sum) state.offset ||= offsetOf(state, e);
    return (values) => parts.compute(a?.(values) ?? Number.NaN, b?.(values) ?? Number.NaN);
  }
  const next = nextDefinition(state.file, e);
  if (!next || state.through.length >= hopLimit || !reachesArithmetic(state, next, hopLimit)) return leaf(state, e);
  state.through.push(e);
  return compile(state, next);
}

/** A sum that is one count: on the side of what is counted, and where two counts are added. */
function isCount(state: Reading, { sum, operands }: Parts): boolean {
  return sum && (state.sumsAreCounts || !operands.some(isNumber));
}

/** The sum in which `div(n, 2)` of `div(n, 2) + 1` stands. */
function outermost(state: Reading, e: Expr): Expr {
  let at = e;
  for (const ancestor of ancestorsOf(state.file, e)) {
    const parts = partsOf(ancestor);
    if (!parts) break;
    at = ancestor;
  }
  return at;
}

/** 1 for `others + 1`, -1 for `members - 1`; zero for any other sum. */
function offsetOf(state: Reading, e: Expr): number {
  if (e.kind !== 'binary') return 0;
  const [number, other] = isNumber(e.right) ? [e.right, e.left] : [e.left, e.right];
  if (!isNumber(number) || !state.leaves.includes(other)) return 0;
  return e.operator === '+' ? number.value : number === e.right ? -number.value : 0;
}

function leaf(state: Reading, e: Expr): Evaluate {
  let index = state.leaves.findIndex((other) => sameValue(state.file, other, e));
  if (index < 0) index = state.leaves.push(e) - 1;
  return (values) => values[index] ?? Number.NaN;
}

interface Parts {
  readonly operands: readonly Expr[];
  readonly sum: boolean;
  readonly halves: boolean;
  compute(a: number, b: number): number;
}

function partsOf(e: Expr): Parts | undefined {
  if (e.kind === 'binary' && arithmetic.has(e.operator)) {
    const compute = (a: number, b: number): number => {
      if (e.operator === '+') return a + b;
      if (e.operator === '-') return a - b;
      if (e.operator === '*') return a * b;
      return e.operator === '/' ? a / b : a >> b;
    };
    const sum = e.operator === '+' || e.operator === '-';
    return { operands: [e.left, e.right], sum, halves: e.operator === '/' || e.operator === '>>>', compute };
  }
  if (e.kind !== 'call') return undefined;
  const name = `${e.module}.${e.name}`;
  const compute = functions[name];
  if (!compute || e.args.length !== compute.length) return undefined;
  return { operands: e.args, sum: false, halves: halving.has(name), compute };
}

const isNumber = (e: Expr): e is Extract<Expr, { readonly kind: 'integer' | 'float' }> => e.kind === 'integer' || e.kind === 'float';

function reachesArithmetic(state: Reading, e: Expr, hops: number): boolean {
  const parts = partsOf(e);
  if (parts) return !isCount(state, parts);
  const next = hops > 0 ? nextDefinition(state.file, e) : undefined;
  return next !== undefined && reachesArithmetic(state, next, hops - 1);
}

/** What a name stands for: as `definitionOf`, also a field that is set once, and the parameter of a private function that is called once. */
function nextDefinition(file: FileFacts, e: Expr): Expr | undefined {
  const definition = definitionOf(file, e, 1);
  if (definition !== e) return definition;
  if (e.kind === 'field') {
    const written = fieldWrites(file, e, e.name);
    return written.length === 1 ? written[0] : undefined;
  }
  const source = e.kind === 'variable' ? bindingOf(file, e)?.source : undefined;
  if (source?.from !== 'parameter' || source.path.length > 0 || !everyCallSeen(file, source.clause.def)) return undefined;
  const calls = callersOf(file, source.clause.def);
  return calls.length === 1 && calls[0]?.args.length === source.clause.def.arity ? calls[0].args[source.index] : undefined;
}

/** Whether a name is that of the number that a decision needs: `quorum`, `majority`, `votes_needed`. */
export function namesQuorum(name: string): boolean {
  if (/[?!]$/.test(name)) return false;
  return /^(?:[a-z0-9]+_)*(?:quorum|majority)(?:_(?:size|count|needed|required|votes|nodes|number))?$|^(?:votes|acks|nodes)_(?:needed|required)$|^(?:needed|required)_(?:votes|acks|nodes)$/.test(
    name,
  );
}

/** A value with a name: `name = value`, `@name value`, `name: value`, the result of `def name`, `:name -> value`. */
export interface NamedValue {
  readonly name: string;
  readonly value: Expr;
  /** Reads of the name within the file, as far as they are seen. */
  uses(): readonly Expr[];
}

/** A half-based value that is called a quorum. */
export interface NamedQuorum extends HalfBased, NamedValue {}

const knownNamed = new WeakMap<FileFacts, readonly NamedQuorum[]>();

/** Every half-based value of the file that is called a quorum. */
export function namedQuorumsIn(file: FileFacts): readonly NamedQuorum[] {
  const before = knownNamed.get(file);
  if (before) return before;
  const found = namedValuesIn(file, namesQuorum).flatMap((named) => {
    const half = partsOf(named.value) && halfBased(file, named.value);
    return half ? [{ ...half, ...named }] : [];
  });
  knownNamed.set(file, found);
  return found;
}

/** Every value of the file whose name is one of those asked for. */
export function namedValuesIn(file: FileFacts, isAsked: (name: string) => boolean): readonly NamedValue[] {
  const found: NamedValue[] = [];
  const add = (name: string, value: Expr, uses: () => readonly Expr[]): void => {
    if (isAsked(name)) found.push({ name, value, uses });
  };
  for (const e of file.exprs) {
    if (e.kind === 'match' && e.pattern.kind === 'variable') {
      const { pattern } = e;
      add(pattern.name, e.value, () => {
        const binding = bindingAt(file, pattern);
        return binding ? usesOf(file, binding) : [];
      });
    } else if (e.kind === 'attribute-write') add(e.name, e.value, () => readsOf(file, 'attribute', e.name));
    else if (e.kind === 'pair' && e.key.kind === 'atom') {
      const { value } = e.key;
      add(value, e.value, () => readsOf(file, 'field', value));
    } else if (e.kind === 'case') {
      for (const { patterns, body } of e.clauses) {
        const [named] = patterns;
        if (named?.kind === 'atom' && isAsked(named.value)) for (const result of resultsOf(body)) add(named.value, result, () => []);
      }
    }
  }
  for (const def of file.modules.flatMap((module) => module.functions)) {
    if (!isAsked(def.name)) continue;
    for (const { clause } of def.clauses) for (const result of resultsOf(clause.body)) add(def.name, result, () => callersOf(file, def));
  }
  return found;
}

function readsOf(file: FileFacts, kind: 'attribute' | 'field', name: string): readonly Expr[] {
  return file.exprs.filter((e) => e.kind === kind && e.name === name);
}

/** Parts of identifiers of which one stands in every file that decides for nodes: triggers. */
export const quorumParts: readonly string[] = (
  'quorum majorit vote ballot elect consensus acks acked ack_ _ack grant promise raft paxos leader cluster nodes node_ members member_ ' +
  'servers server_ peers peer_ replica participant instances acceptor'
).split(' ');

/** Half of something, as every quorum is written: triggers. */
export const halfPattern = /(?:\b|_)div\b|\bbsr\b|\/\s*2\b|>>>|0\.5\b|\b(?:2|100)\s*\*|\*\s*(?:2|100)\b/;

/** Whether every reading of it needs that much. */
export function needsOnly(half: HalfBased, need: Need): boolean {
  return half.needs.every((n) => n === need);
}

/** Whether the value is a whole number that ` + 1` behind it makes the next one. */
export function isWhole(e: Expr): boolean {
  if (e.kind === 'binary')
    return (e.operator === '+' || e.operator === '-') && [e.left, e.right].every((side) => isNumber(side) || isWhole(side));
  return e.kind === 'call' && !e.piped && /^(?:Kernel\.(?:div|trunc|floor)|Integer\.floor_div)$/.test(`${e.module}.${e.name}`);
}

/** How a message names a number: as it is written, in backticks, where that is short. */
export function shortName(file: FileFacts, e: Expr, otherwise: string): string {
  const text = textOf(file, e.range);
  return text.length <= 40 && !text.includes('\n') ? `\`${text}\`` : `the ${otherwise}`;
}

/** Whether nothing but this comparison uses the number with which it compares. */
export function boundIsUsedOnce(file: FileFacts, { bound, through }: QuorumComparison): boolean {
  if (quorumComparisonsIn(file).filter((other) => other.bound === bound).length !== 1) return false;
  return through.every((name) => {
    if (name.kind === 'variable') {
      const binding = bindingOf(file, name);
      return binding !== undefined && usesOf(file, binding).length === 1;
    }
    if (name.kind === 'attribute') return readsOf(file, 'attribute', name.name).length === 1;
    const def = name.kind === 'call' ? calledFunction(file, name) : undefined;
    return def !== undefined && everyCallSeen(file, def) && callersOf(file, def).length === 1;
  });
}

/** The expression that stands for the total where it is the parameter of a function that was followed: what that call passes. */
export function actualTotal(file: FileFacts, { total, through }: HalfBased): Expr {
  const source = total.kind === 'variable' ? bindingOf(file, total)?.source : undefined;
  if (source?.from !== 'parameter' || source.path.length > 0) return total;
  const { def } = source.clause;
  const call = through.find((name): name is Call => name.kind === 'call' && calledFunction(file, name) === def);
  return (call?.args.length === def.arity ? call.args[source.index] : undefined) ?? total;
}
