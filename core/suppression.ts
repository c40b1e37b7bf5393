/**
 * Comments that turn rules off, in Credo's spelling: `# netsplit:disable-for-next-line RULE[, RULE] -- reason`; also `disable-for-this-line`,
 * `disable-for-this-file`, and `disable-for-lines:N` for the line of the comment and the N lines after it.
 */
import type { Comment, FileFacts } from './facts/facts';
import { nearest } from './nearest';
import type { SuppressionError } from './rule';
import { lineAt, lineStarts, type Range } from './text';

export interface Directive {
  /** The whole comment. */
  readonly range: Range;
  /** None when the directive cannot be read. */
  readonly rules: readonly NamedRule[];
  readonly reason?: string;
  readonly error?: SuppressionError;
  /** Whether it holds for what starts at this offset; for what is said about the comment itself it always does. */
  covers(offset: number): boolean;
}

export interface NamedRule {
  readonly id: string;
  readonly range: Range;
}

const instructions = ['disable-for-next-line', 'disable-for-this-line', 'disable-for-this-file', 'disable-for-lines:N'];

/** The directives of a file, in its order. */
export function parseDirectives(file: Pick<FileFacts, 'text' | 'comments'>): readonly Directive[] {
  const directives = file.comments.filter((comment) => directive.test(comment.text)).map(withoutTrailingBlanks);
  if (directives.length === 0) return [];
  const starts = lineStarts(file.text);
  const isCode = codeLines(file, starts);
  return directives.map((comment) => parseDirective(comment, starts, isCode));
}

/** Beside `#` the `%%` of `vm.args`. */
const directive = /^((?:#+|%%+)\s*netsplit:)([a-z]\S*)(.*)$/s;

function withoutTrailingBlanks({ text, range }: Comment): Comment {
  const trimmed = text.trimEnd();
  return { text: trimmed, range: { start: range.start, end: range.start + trimmed.length } };
}

function parseDirective(comment: Comment, starts: readonly number[], isCode: (line: number) => boolean): Directive {
  const [, prefix = '', instruction = '', rest = ''] = directive.exec(comment.text) ?? [];
  const at = comment.range.start + prefix.length;
  const lines = linesOf(instruction, lineAt(starts, comment.range.start), starts.length - 1, isCode);
  if (!lines) return unreadable(comment, unknownInstruction(instruction, at));

  const separator = /(?:^|\s)--(?:\s|$)/.exec(rest);
  const reason = separator ? rest.slice(separator.index + separator[0].length).trim() : '';
  const rules = namedRules(separator ? rest.slice(0, separator.index) : rest, at + instruction.length);
  const wrong = rules.find((rule) => !/^[a-z0-9-]+$/.test(rule.id));
  if (rules.length === 0) {
    return unreadable(comment, { message: `Name the rule to turn off: \`${instruction} RULE -- reason\`.`, range: comment.range });
  }
  if (wrong) {
    const message = `\`${wrong.id}\` is not the id of a rule. Separate rules with commas, and put the reason after \`--\`.`;
    return unreadable(comment, { message, range: wrong.range });
  }
  return {
    range: comment.range,
    rules,
    ...(reason && { reason }),
    covers(offset) {
      const line = lineAt(starts, offset);
      return (lines.first <= line && line <= lines.last) || (comment.range.start <= offset && offset < comment.range.end);
    },
  };
}

function unreadable(comment: Comment, error: SuppressionError): Directive {
  return { range: comment.range, rules: [], error, covers: () => false };
}

/** The first and the last line for which an instruction holds, counted from 0; undefined when there is no such instruction. */
function linesOf(
  instruction: string,
  line: number,
  lastLine: number,
  isCode: (line: number) => boolean,
): { readonly first: number; readonly last: number } | undefined {
  switch (instruction) {
    case 'disable-for-this-line':
      return { first: line, last: line };
    case 'disable-for-this-file':
      return { first: 0, last: lastLine };
    case 'disable-for-next-line': {
      let next = line + 1;
      while (next < lastLine && !isCode(next)) next++;
      return { first: next, last: next };
    }
  }
  const count = /^disable-for-lines:0*([1-9]\d*)$/.exec(instruction)?.[1];
  return count === undefined ? undefined : { first: line, last: line + Number(count) };
}

function unknownInstruction(instruction: string, at: number): SuppressionError {
  const range = { start: at, end: at + instruction.length };
  if (/^disable-for-lines(:|$)/.test(instruction)) {
    return { message: '`disable-for-lines` needs the number of lines that follow: `disable-for-lines:3`.', range };
  }
  const meant = nearest(instruction, instructions.slice(0, 3));
  const known = instructions.map((name) => `\`${name}\``).join(', ');
  return meant
    ? { message: `\`${instruction}\` is not known. Did you mean \`${meant}\`?`, range, instead: meant }
    : { message: `\`${instruction}\` is not known. Known are ${known}.`, range };
}

/** The entries of a comma-separated list with their places; empty entries are left out. */
function namedRules(list: string, offset: number): readonly NamedRule[] {
  return [...list.matchAll(/[^,]+/g)].flatMap((match) => {
    const id = match[0].trim();
    const start = offset + match.index + match[0].indexOf(id);
    return id === '' ? [] : [{ id, range: { start, end: start + id.length } }];
  });
}

/** Tells lines that hold code from blank ones and from those with only a comment. */
function codeLines(file: Pick<FileFacts, 'text' | 'comments'>, starts: readonly number[]): (line: number) => boolean {
  const commentStarts = new Set(file.comments.map((comment) => comment.range.start));
  return (line) => {
    const start = starts[line] ?? file.text.length;
    const indentation = /^\s*/.exec(file.text.slice(start, starts[line + 1]))?.[0].length ?? 0;
    const first = start + indentation;
    return first < (starts[line + 1] ?? file.text.length) && !commentStarts.has(first);
  };
}
