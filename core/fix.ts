/** Edits that rules share. Each leaves code that `mix format` would not change, where it would not have changed the original. */
import type { Call, Expr, List } from './elixir/ir';
import type { FileFacts } from './facts/facts';
import type { Fix } from './rule';
import { indentationAt, lineEnding, type Range, type TextEdit } from './text';

/** The longest line that `mix format` writes. */
export const lineLength = 98;

export const replace = (range: Range, newText: string): TextEdit => ({ range, newText });
export const insertAt = (offset: number, newText: string): TextEdit => ({ range: { start: offset, end: offset }, newText });

/** Another positional argument at the end of a call, or undefined where none may follow: after a bare keyword list, or with `apply/3`. */
export function appendArgument(file: FileFacts, call: Call, argument: string, title: string): Fix | undefined {
  const last = call.args.at(-1);
  if (!last || call.applied || (last.kind === 'list' && (last as List).bare) || call.blocks) return undefined;
  if (call.piped && call.args.length === 1) return call.parens ? { title, edits: [insertAt(call.parens.end, argument)] } : undefined;
  const ownLine = closesOnOwnLine(file, call, last);
  // Behind a list over several lines, `[\n  a\n])`, the formatter would put every argument on a line of its own.
  if (!ownLine && file.text.slice(last.range.start, last.range.end).includes('\n')) return undefined;
  const separator = ownLine ? `,${lineEnding(file.text)}${indentationAt(file.text, last.range.start)}` : ', ';
  return { title, edits: [insertAt(last.range.end, separator + argument)] };
}

function closesOnOwnLine(file: FileFacts, call: Call, last: Expr): boolean {
  return call.parens !== undefined && /^\s*\n/.test(file.text.slice(last.range.end, call.parens.end));
}

/** Another item at the end of a list that is not empty: on a line of its own where the list closes on one. */
export function appendItem(file: FileFacts, list: List, item: string): TextEdit | undefined {
  const last = list.items.at(-1);
  if (!last || list.tail) return undefined;
  const closesOnOwn = /^,?\s*\n/.test(file.text.slice(last.range.end, list.range.end));
  const separator = closesOnOwn ? `,${lineEnding(file.text)}${indentationAt(file.text, last.range.start)}` : ', ';
  return insertAt(last.range.end, separator + item);
}

/** The same call of another function: `DateTime.utc_now` becomes `System.monotonic_time`. */
export function replaceCallee(call: Call, name: string): TextEdit {
  return replace(call.callee, name);
}

/** `newLines` (without indentation) as whole lines before the line of `offset`, indented like it. */
export function insertLinesBefore(file: FileFacts, offset: number, newLines: readonly string[]): TextEdit {
  const lineStart = startOfLine(file.text, offset);
  return insertAt(lineStart, indented(file, newLines, /^[ \t]*/.exec(file.text.slice(lineStart))?.[0] ?? ''));
}

/** `newLines` as whole lines after the line on which `offset` is, with the given indentation. */
export function insertLinesAfter(file: FileFacts, offset: number, newLines: readonly string[], indentation: string): TextEdit {
  const next = file.text.indexOf('\n', offset);
  if (next >= 0) return insertAt(next + 1, indented(file, newLines, indentation));
  return insertAt(file.text.length, lineEnding(file.text) + indented(file, newLines, indentation).trimEnd());
}

function indented(file: FileFacts, lines: readonly string[], indentation: string): string {
  const end = lineEnding(file.text);
  return lines.map((line) => (line === '' ? end : indentation + line + end)).join('');
}

function startOfLine(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Whether the edits leave a line that `mix format` would break, where the text had none there. */
export function makesLineTooLong(text: string, edits: readonly TextEdit[]): boolean {
  return edits.some((edit) => {
    const start = startOfLine(text, edit.range.start);
    const newline = text.indexOf('\n', edit.range.end);
    const rest = text.slice(edit.range.end, newline < 0 ? text.length : newline).trimEnd();
    const before = text.slice(start, edit.range.start);
    return (before + edit.newText + rest).split('\n').some((line) => [...line.trimEnd()].length > lineLength);
  });
}

/** A fix of the rule's own safety, or an unsafe one where it leaves a line that `mix format` would break. */
export function safeWhereItFits(file: FileFacts, title: string, edits: readonly TextEdit[]): Fix {
  return makesLineTooLong(file.text, edits) ? { title, edits, safety: 'unsafe' } : { title, edits };
}
