/** Lines of code with carets under a range, for terminals. */
import stringWidth from 'string-width';
import { lineAt, type Range } from '../../../core/text';
import type { Document } from '../report';
import { type Colours, printable } from '../terminal';

export interface FrameOptions {
  /** Width of the line numbers. */
  readonly gutter: number;
  /** Lines shown before and after those of the range. */
  readonly context: number;
  readonly colours: Colours;
  /** The colour of the carets. */
  readonly mark: (text: string) => string;
}

/** Of a longer range only the first lines are shown. */
const maxLines = 4;
/** Of a longer line only the part around the range is shown; code units. */
const maxWidth = 140;
const tab = '    ';

/** The lines that hold `range`, each part of it with carets under it. */
export function frame({ text, starts }: Document, range: Range, { gutter, context, colours, mark }: FrameOptions): readonly string[] {
  const first = lineAt(starts, range.start);
  const last = Math.max(first, lineAt(starts, Math.max(range.start, range.end - 1)));
  const lastShown = Math.min(last, first + maxLines - 1);
  const bar = colours.dim('|');
  const empty = `${' '.repeat(gutter)} ${bar}`;
  const numbered = (line: number, code: string) => `${colours.dim(String(line + 1).padStart(gutter))} ${bar} ${code}`.trimEnd();
  const lines: string[] = [empty];
  for (let line = Math.max(0, first - context); line < first; line++)
    lines.push(numbered(line, shownLine(lineText(text, starts, line)).text));
  for (let line = first; line <= lastShown; line++) {
    const code = lineText(text, starts, line);
    const start = starts[line] ?? 0;
    const indentation = code.length - code.trimStart().length;
    const from = Math.min(code.length, line === first ? range.start - start : indentation);
    const to = Math.max(from, Math.min(code.trimEnd().length, range.end - start));
    const shown = shownLine(code, from);
    lines.push(numbered(line, shown.text));
    if (from === to && line !== first) continue;
    const before = ' '.repeat(stringWidth(shown.of(0, from)));
    lines.push(`${empty} ${before}${mark('^'.repeat(Math.max(1, stringWidth(shown.of(from, to)))))}`);
  }
  if (lastShown < last) return [...lines, `${' '.repeat(gutter)} ${colours.dim(':')}`];
  for (let line = last + 1; line <= last + context && (starts[line] ?? text.length) < text.length; line++) {
    lines.push(numbered(line, shownLine(lineText(text, starts, line)).text));
  }
  return context > 0 ? [...lines, empty] : lines;
}

function lineText(text: string, starts: readonly number[], line: number): string {
  return text.slice(starts[line], starts[line + 1] ?? text.length).replace(/[\r\n]+$/, '');
}

interface ShownLine {
  readonly text: string;
  /** What is shown of the columns from `from` up to `to`, counted from 0. */
  of(from: number, to: number): string;
}

/** A line as terminals can show it: tabs as spaces, control characters visible, and of a long line the part around column `around`. */
function shownLine(line: string, around = 0): ShownLine {
  const cut = line.length > maxWidth;
  const start = cut ? Math.max(0, Math.min(around - 40, line.length - maxWidth)) : 0;
  const end = cut ? start + maxWidth : line.length;
  const opening = start > 0 ? '…' : '';
  const of = (from: number, to: number) =>
    (from <= start && to > from ? opening : '') + printable(line.slice(Math.max(from, start), Math.min(to, end))).replaceAll('\t', tab);
  return { text: of(0, line.length) + (end < line.length ? '…' : ''), of };
}
