/** Turning a wall-clock measurement into a monotonic one: every reading and every difference that belong together, at once. */
import type { Call, Expr } from './elixir/ir';
import { bindingOf } from './facts/bindings';
import { type Difference, differencesIn, directReading, isWallElapsed, readersOf } from './facts/clocks';
import { type FileFacts, functionClauseOf, parentOf, textOf } from './facts/facts';
import { makesLineTooLong, replace } from './fix';
import type { Fix } from './rule';
import type { TextEdit } from './text';

/** Readings that take a unit, or none for the native one, exactly as `System.monotonic_time` does. */
const plainReadings: ReadonlySet<string> = new Set([
  'System.system_time',
  'System.os_time',
  ':os.system_time',
  ':erlang.system_time',
  'System.monotonic_time',
]);
const units: ReadonlySet<string> = new Set(['second', 'millisecond', 'microsecond', 'nanosecond']);

/**
 * Replaces the readings of one measurement, and the differences of them, with `System.monotonic_time`; undefined when a reading is also used for
 * something else (then it may have to stay a wall-clock time), or is written in a way that is not known.
 */
export function useMonotonicTime(file: FileFacts, difference: Difference): Fix | undefined {
  const group = measurement(file, difference);
  if (!group) return undefined;
  const edits: TextEdit[] = [];
  const unit = group.differences.map((d) => unitOf(d)).reduce<string | undefined>((a, b) => (a === b ? a : 'mixed'), unitOf(difference));
  if (unit === 'mixed' || unit === undefined) return undefined;
  const inline = new Set<Call>();
  for (const d of group.differences) {
    const [left, right] = [d.left, d.right].map((side) => sideText(file, side, unit, inline));
    if (left === undefined || right === undefined) return undefined;
    if (d.expr.kind === 'call') edits.push(replace(d.expr.range, parenthesised(file, d.expr, `${left} - ${right}`)));
    else
      for (const side of [d.left, d.right])
        if (side.kind === 'call') edits.push(replace(side.range, sideText(file, side, unit, inline) ?? ''));
  }
  for (const reading of group.readings) {
    if (inline.has(reading)) continue;
    const text = monotonic(file, reading, unit);
    if (text === undefined) return undefined;
    edits.push(replace(reading.range, text));
  }
  const fix: Fix = { title: 'Measure with `System.monotonic_time`', edits };
  return makesLineTooLong(file.text, edits) ? { ...fix, safety: 'unsafe' } : fix;
}

interface Measurement {
  readonly differences: readonly Difference[];
  readonly readings: ReadonlySet<Call>;
}

/** The difference with all others that share a reading with it, and their readings. */
function measurement(file: FileFacts, start: Difference): Measurement | undefined {
  const clause = functionClauseOf(file, start.expr);
  const others = differencesIn(file).filter((d) => functionClauseOf(file, d.expr) === clause && isWallElapsed(file, d));
  const differences = new Set<Difference>();
  const readings = new Set<Call>();
  const pending: Difference[] = [start];
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (differences.has(next)) continue;
    differences.add(next);
    for (const side of [next.left, next.right]) {
      const reading = directReading(file, side);
      if (!reading) return undefined;
      if (readings.has(reading)) continue;
      readings.add(reading);
      const readers = side === reading ? [] : readersOf(file, reading);
      if (!readers) return undefined;
      for (const reader of readers) {
        const use = others.find((d) => d.left === reader || d.right === reader);
        if (!use) return undefined;
        pending.push(use);
      }
    }
  }
  return { differences: [...differences], readings };
}

/** `native` for differences of plain readings; the unit of the result for the others; undefined where it is not written. */
function unitOf({ expr }: Difference): string | undefined {
  if (expr.kind === 'binary') return 'native';
  const name = `${expr.module}.${expr.name}`;
  if (name === ':timer.now_diff') return 'microsecond';
  const unit = expr.args[2];
  if (name === 'Timex.diff') {
    const singular = unit?.kind === 'atom' ? unit.value.replace(/s$/, '') : 'microsecond';
    return units.has(singular) ? singular : undefined;
  }
  if (!unit) return 'second';
  return unit.kind === 'atom' && units.has(unit.value) ? unit.value : undefined;
}

function sideText(file: FileFacts, side: Expr, unit: string, inline: Set<Call>): string | undefined {
  if (side.kind === 'variable') return bindingOf(file, side) ? side.name : undefined;
  if (side.kind !== 'call') return undefined;
  inline.add(side);
  return monotonic(file, side, unit);
}

function monotonic(file: FileFacts, reading: Call, unit: string): string | undefined {
  if (unit !== 'native') return `System.monotonic_time(:${unit})`;
  if (reading.piped || reading.applied || !plainReadings.has(`${reading.module}.${reading.name}`)) return undefined;
  return `System.monotonic_time${file.text.slice(reading.callee.end, reading.range.end)}`;
}

/** A difference may stand where a call stood, in parentheses where an operator or a pipe would take it apart. */
function parenthesised(file: FileFacts, e: Expr, text: string): string {
  const parent = parentOf(file, e);
  const tight = parent?.kind === 'binary' || parent?.kind === 'unary' || parent?.kind === 'field' || parent?.kind === 'access';
  const piped = parent?.kind === 'call' && parent.piped && parent.args[0] === e;
  return tight || piped ? `(${text})` : text;
}

/** Plain readings of the wall clock become readings of the monotonic one, in the same unit; undefined when one of them is written otherwise. */
export function readMonotonic(file: FileFacts, readings: readonly (Call | undefined)[], title: string): Fix | undefined {
  const edits: TextEdit[] = [];
  for (const reading of new Set(readings)) {
    const text = reading && monotonic(file, reading, 'native');
    if (!reading || text === undefined) return undefined;
    edits.push(replace(reading.range, text));
  }
  return edits.length > 0 ? { title, edits, safety: 'unsafe' } : undefined;
}

/** The text of an expression, for messages: shortened to one line. */
export function shortText(file: FileFacts, e: Expr): string {
  const text = textOf(file, e.range).replace(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
