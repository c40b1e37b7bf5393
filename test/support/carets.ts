/** Carets: comments under a line of code that point at parts of it. */
import { lineStarts, type Range } from '../../core/text';

/** What a caret comment points at. */
export interface Mark {
  readonly range: Range;
  /** What stands behind the carets. */
  readonly label?: string;
}

/** `# ^^^ ^^ label`. Where the `#` stands directly before a caret it counts too, to point at the beginning of a line. */
const caretLine = /^[ \t]*#[ \t]*\^+(?:[ \t]+\^+)*(?:[ \t]+[^^\r\n]*)?\r?\n?$/;

/**
 * The marks of a text, in its order, as ranges of the text as it stands, caret comments included. Each caret comment points at the nearest line
 * above that is none; carets that reach the end of that line stand for a range that may go on below it.
 */
export function marksIn(text: string): readonly Mark[] {
  const starts = lineStarts(text);
  const marks: Mark[] = [];
  let target: number | undefined;
  for (const [index, start] of starts.entries()) {
    const line = text.slice(start, starts[index + 1]);
    if (!caretLine.test(line)) {
      target = start;
      continue;
    }
    if (target === undefined) throw new Error(`There is no line above the carets: ${line.trim()}`);
    const label = /\^[ \t]+([^^\s][^^]*)$/.exec(line)?.[1]?.trim();
    for (const carets of line.matchAll(/#?\^+/g)) {
      const range = { start: target + carets.index, end: target + carets.index + carets[0].length };
      marks.push(label === undefined ? { range } : { range, label });
    }
  }
  return marks.sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
}

/** The text without its caret comments. */
export function withoutCarets(text: string): string {
  const lines = text.match(/[^\n]*\n|[^\n]+/g) ?? [];
  const kept = lines.filter((line) => !caretLine.test(line));
  const lastIsCaret = caretLine.test(lines.at(-1) ?? '') && !lines.at(-1)?.endsWith('\n');
  return lastIsCaret ? kept.join('').replace(/\r?\n$/, '') : kept.join('');
}

/** The range, or its part on its first line where it goes on below it. */
export function onFirstLine(text: string, range: Range): Range {
  const breaks = /\r?\n/.exec(text.slice(range.start, range.end));
  return breaks ? { start: range.start, end: range.start + text.slice(range.start, range.start + breaks.index).trimEnd().length } : range;
}
