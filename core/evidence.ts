/** A finding of the linter as documents need it: with the code around it, before and after its fix. */

import type { FindingFacts } from './design/gotcha';
import type { LintFinding } from './linter';
import { applyEdits, lineAt, lineStarts } from './text';

/** Lines of context above and below what is in no function; and the most that are looked at for the ends of a function. */
const around = 2;
const within = 40;

/** What a document says of a finding in this text, under this path. `starts` are the offsets of the text's lines. */
export function factsOfFinding(
  { rule, message, range, fix }: LintFinding,
  path: string,
  text: string,
  starts: readonly number[] = lineStarts(text),
): FindingFacts {
  const line = lineAt(starts, range.start);
  const edits = fix?.edits ?? [];
  const { first, last } = excerptOf(text.split(/\r\n|\r|\n/), line, lineAt(starts, range.end));
  const start = starts[first] ?? 0;
  const end = starts[last + 1] ?? text.length;
  const before = text.slice(start, end);
  // A fix that reaches beyond the excerpt is not shown: half of it would be wrong.
  const shownWhole = edits.length > 0 && edits.every((edit) => edit.range.start >= start && edit.range.end <= end);
  const moved = edits.map(({ range: { start: from, end: to }, newText }) => ({ range: { start: from - start, end: to - start }, newText }));
  return { rule, message, path, line: line + 1, before, ...(shownWhole && { after: applyEdits(before, moved) }) };
}

/** The lines of the function around a finding; where there is none, or it is long, a few around the finding itself. Lines count from 0. */
function excerptOf(lines: readonly string[], from: number, to: number): { readonly first: number; readonly last: number } {
  const few = { first: Math.max(0, from - around), last: Math.min(lines.length - 1, to + around) };
  const indentOf = (line: string): number => line.length - line.trimStart().length;
  for (let first = from; first >= Math.max(0, from - within); first--) {
    const head = lines[first] ?? '';
    if (!/^\s*(?:def|defp|defmacro|defmacrop)\s/.test(head)) continue;
    for (let at = first + 1; at <= Math.min(lines.length - 1, first + within); at++) {
      const line = lines[at] ?? '';
      if (line.trim() === '' || indentOf(line) > indentOf(head)) continue;
      // Without an `end` of its own it is a function of one expression, and this line is behind it.
      const last = line.trim() === 'end' && indentOf(line) === indentOf(head) ? at : at - 1;
      return last >= to ? { first, last } : few;
    }
    return few;
  }
  return few;
}
