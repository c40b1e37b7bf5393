/** Clock arithmetic in a file: where times are subtracted and compared, and of which clock they are. */
import type { Binary, Call, Expr, Variable } from '../elixir/ir';
import type { ProjectFacts } from '../project/project';
import { contains } from '../text';
import { bindingOf, usesOf } from './bindings';
import { ancestorsOf, type FileFacts, functionClauseOf, moduleOf, parentOf } from './facts';
import { allOrigins, type Clock, clockOf, fieldWrites, fieldWritesIn, type Origin, originsOf, patternIds } from './origins';
import { definitionOf, sameValue } from './values';

/** `left - right`, `DateTime.diff(left, right)`, `:timer.now_diff(left, right)`. */
export interface Difference {
  readonly expr: Binary | Call;
  readonly left: Expr;
  readonly right: Expr;
}

/** `left < right`, `DateTime.compare(left, right)`, `DateTime.after?(left, right)`. */
export interface Comparison {
  readonly expr: Binary | Call;
  readonly left: Expr;
  readonly right: Expr;
}

const differenceCalls: ReadonlySet<string> = new Set(['DateTime.diff', 'NaiveDateTime.diff', 'Time.diff', 'Timex.diff', ':timer.now_diff']);
const comparisonCalls = /^(?:DateTime|NaiveDateTime|Time|Timex)\.(?:compare|after\?|before\?)$/;
const comparisons: ReadonlySet<string> = new Set(['<', '>', '<=', '>=']);

const knownDifferences = new WeakMap<FileFacts, readonly Difference[]>();

export function differencesIn(file: FileFacts): readonly Difference[] {
  const before = knownDifferences.get(file);
  if (before) return before;
  const found: Difference[] = [];
  for (const expr of file.exprs) {
    if (expr.kind === 'binary' && expr.operator === '-') {
      for (const left of addends(expr.left)) found.push({ expr, left, right: expr.right });
    } else if (expr.kind === 'call' && differenceCalls.has(`${expr.module}.${expr.name}`)) {
      const [left, right] = expr.args;
      if (left && right) found.push({ expr, left, right });
    }
  }
  knownDifferences.set(file, found);
  return found;
}

/** `total + now - started` is also the difference of `now` and `started`. */
function addends(e: Expr): readonly Expr[] {
  return e.kind === 'binary' && e.operator === '+' ? [...addends(e.left), ...addends(e.right)] : [e];
}

export function comparisonsIn(file: FileFacts): readonly Comparison[] {
  const found: Comparison[] = [];
  for (const expr of file.exprs) {
    if (expr.kind === 'binary' && comparisons.has(expr.operator)) found.push({ expr, left: expr.left, right: expr.right });
    else if (expr.kind === 'call' && comparisonCalls.test(`${expr.module}.${expr.name}`)) {
      const [left, right] = expr.args;
      if (left && right) found.push({ expr, left, right });
    }
  }
  return found;
}

/** Whether the value is certainly a reading of the clock, as it was read. */
export function isReading(file: FileFacts, e: Expr, clock: Clock): boolean {
  return allOrigins(originsOf(file, e), (o) => o.kind === 'clock' && o.clock === clock && !o.shifted);
}

/** Whether the value is certainly a reading of the clock moved by something: a deadline, the start of a window. */
export function isShiftedReading(file: FileFacts, e: Expr, clock: Clock): boolean {
  return allOrigins(originsOf(file, e), (o) => o.kind === 'clock' && o.clock === clock && o.shifted);
}

/** The first reading of a clock from which the value comes. */
export function readingOf(file: FileFacts, e: Expr): Call | undefined {
  const origin = originsOf(file, e).find((o) => o.kind === 'clock');
  return origin?.kind === 'clock' ? origin.at : undefined;
}

/** Both are readings of the wall clock, at two moments of one run. */
export function isWallElapsed(file: FileFacts, { left, right }: Difference): boolean {
  if (sameValue(file, left, right)) return false;
  return (isReading(file, left, 'wall') && isPassedReading(file, right)) || (isReading(file, right, 'wall') && isPassedReading(file, left));
}

/** A reading of the wall clock, at least in one call of the function: what other callers pass is not known. */
function isPassedReading(file: FileFacts, e: Expr): boolean {
  const value = definitionOf(file, e);
  // Of `stored || now` only what was stored makes a difference.
  if (value.kind === 'binary' && value.operator === '||') return isPassedReading(file, value.left);
  const origins = originsOf(file, e);
  const isWall = (o: Origin): boolean => o.kind === 'clock' && o.clock === 'wall' && !o.shifted;
  return origins.some(isWall) && origins.every((o) => isWall(o) || o.kind === 'parameter' || o.kind === 'message');
}

/**
 * The name of the state field that the value is, and every place of the module that sets it to something, when each of them is a
 * reading of the clock (`nil` apart); undefined otherwise.
 */
export function clockField(
  file: FileFacts,
  e: Expr,
  clock: Clock,
  shifted: boolean,
): { readonly name: string; readonly writes: readonly Expr[] } | undefined {
  const name = fieldName(originsOf(file, e));
  if (name === undefined) return undefined;
  const writes = fieldWrites(file, e, name).filter((w) => !(w.kind === 'atom' && w.value === 'nil') && !keepsField(file, w, name));
  const fits = (w: Expr): boolean => (shifted ? isShiftedReading(file, w, clock) : isReading(file, w, clock));
  return writes.length > 0 && writes.every(fits) ? { name, writes } : undefined;
}

/** `%{new | field: old.field}` sets nothing new. */
function keepsField(file: FileFacts, write: Expr, name: string): boolean {
  return write.kind !== 'call' && fieldName(originsOf(file, write)) === name;
}

/** The one field name that every origin ends in. */
export function fieldName(origins: readonly Origin[]): string | undefined {
  let name: string | undefined;
  for (const origin of origins) {
    const last = origin.kind === 'field' ? { step: 'key' as const, key: origin.name } : 'path' in origin ? origin.path.at(-1) : undefined;
    if (last?.step !== 'key' || (name !== undefined && name !== last.key)) return undefined;
    name = last.key;
  }
  return name;
}

/** The clock reading that the expression is: written right here, or bound whole to the variable that it is. */
export function directReading(file: FileFacts, e: Expr): Call | undefined {
  if (e.kind === 'call') return clockOf(e) ? e : undefined;
  if (e.kind !== 'variable') return undefined;
  const source = bindingOf(file, e)?.source;
  if (source?.from !== 'value' || source.path.length > 0 || source.expr.kind !== 'call' || !clockOf(source.expr)) return undefined;
  return functionClauseOf(file, source.expr) === functionClauseOf(file, e) ? source.expr : undefined;
}

/** Everything that reads the variable to which a clock reading is bound; none when it is used where it stands. */
export function readersOf(file: FileFacts, reading: Call): readonly Expr[] | undefined {
  const parent = parentOf(file, reading);
  if (parent?.kind !== 'match' || parent.pattern.kind !== 'variable') return [];
  const holder = parentOf(file, parent);
  if (holder?.kind !== 'block' || holder.body.at(-1) === parent) return undefined;
  const { pattern } = parent;
  const uses: Expr[] = [];
  for (const e of file.exprs) {
    if (e.kind !== 'variable' || e.name !== pattern.name) continue;
    const binding = bindingOf(file, e);
    if (binding?.at === pattern) return usesOf(file, binding);
  }
  return uses;
}

/** Whether something else than arithmetic, comparison or logging is done with the value: it is sent, stored, shown. */
export function leaves(file: FileFacts, e: Expr): boolean {
  let below = e;
  for (const parent of ancestorsOf(file, e)) {
    if (differenceCalls.has(callName(parent)) || comparisonCalls.test(callName(parent))) return false;
    if (parent.kind === 'binary' && (comparisons.has(parent.operator) || /^[-=!]/.test(parent.operator))) return false;
    if (parent.kind === 'call')
      return !/^(?:Logger|Kernel|Process|System|DateTime|NaiveDateTime|Time|Timex|:telemetry|:erlang)\./.test(callName(parent));
    if (parent.kind === 'tuple' || parent.kind === 'list' || parent.kind === 'pair') return true;
    if (parent.kind === 'block' || parent.kind === 'clause' || parent.kind === 'fn')
      return parent.kind === 'block' && parent.body.at(-1) === below;
    if (parent.kind === 'if' || parent.kind === 'case' || parent.kind === 'cond') return false;
    below = parent;
  }
  return true;
}

/** Every place of the module of `within` that reads the field: `state.name`, or a pattern that binds it. */
export function fieldReads(file: FileFacts, within: Expr, name: string): readonly Expr[] {
  const module = moduleOf(file, within);
  const patterns = patternIds(file);
  return file.exprs.filter((e) => {
    if (!module || !contains(module.range, e.range) || patterns.has(e.id)) return false;
    if (e.kind === 'field') return e.name === name;
    if (e.kind !== 'variable') return false;
    const source = bindingOf(file, e)?.source;
    const last = source && 'path' in source ? source.path.at(-1) : undefined;
    return last?.step === 'key' && last.key === name;
  });
}

function callName(e: Expr): string {
  return e.kind === 'call' ? `${e.module}.${e.name}` : '';
}

/**
 * Like `clockField`, for the field of a struct that the pattern names (`%State{} = state`) and that other modules of the project set: every
 * place of the project that sets a field of this name is a reading of the clock.
 */
export function structClockField(
  file: FileFacts,
  e: Expr,
  clock: Clock,
  project: ProjectFacts | undefined,
): { readonly name: string; readonly writes: readonly PlacedWrite[] } | undefined {
  const struct = e.kind === 'field' && e.subject.kind === 'variable' ? structOf(file, e.subject) : undefined;
  if (!project || e.kind !== 'field' || struct === undefined) return undefined;
  const home = project.modules.get(struct);
  const definition = home && project.files.get(home.path)?.modules.find((m) => m.name === struct);
  if (!definition?.struct?.has(e.name) || definition.schema) return undefined;
  const writes: PlacedWrite[] = [];
  for (const [path, other] of project.files) {
    if (!other.text.includes(e.name)) continue;
    for (const module of other.modules) {
      for (const value of fieldWritesIn(other, module, e.name)) {
        if (value.kind === 'atom' && value.value === 'nil') continue;
        if (!isReading(other, value, clock)) return undefined;
        writes.push({ path, value });
      }
    }
  }
  return writes.length > 0 ? { name: e.name, writes } : undefined;
}

export interface PlacedWrite {
  readonly path: string;
  readonly value: Expr;
}

/** The struct that the pattern around the variable's binding names. */
function structOf(file: FileFacts, variable: Variable): string | undefined {
  const binding = bindingOf(file, variable);
  const parent = binding && parentOf(file, binding.at);
  if (parent?.kind !== 'match') return undefined;
  for (const side of [parent.pattern, parent.value]) if (side.kind === 'map' && side.struct?.kind === 'alias') return side.struct.name;
  return undefined;
}
