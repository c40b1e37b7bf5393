/** Packages in a mix.exs: where they are written, found without a parser, so that an editor can offer the edit. */
import { lineEnding, type TextEdit } from '../text';
import type { CodeDependency } from './generate/generators';

/** What has to be done to a mix.exs. */
export interface DependenciesEdit {
  /** Adds the packages that are missing; absent when none is. */
  readonly edit?: TextEdit;
  /** Names of the packages that it lists already, in whatever version. */
  readonly present: readonly string[];
}

/** The OTP application that a mix.exs names; undefined where it says none, as an umbrella's does. */
export function applicationOf(text: string): string | undefined {
  return /^\s*app:\s*:([a-z][a-z0-9_]*)/m.exec(text)?.[1];
}

/** Adds packages at the end of the list that the function `deps` returns, or that stands under `deps:`. Undefined when there is no such list. */
export function dependenciesEdit(text: string, dependencies: readonly CodeDependency[]): DependenciesEdit | undefined {
  const code = withoutTexts(text);
  const head = /\bdefp?\s+deps\b\s*(?:\(\s*\))?\s*(?:do\b|,\s*do:)\s*\[/.exec(code) ?? /\bdeps:\s*\[/.exec(code);
  if (!head) return undefined;
  const open = head.index + head[0].length - 1;
  const close = closing(code, open);
  if (close === undefined) return undefined;
  const list = code.slice(open + 1, close);
  const isPresent = ({ name }: CodeDependency) => new RegExp(`\\{\\s*:${name}\\s*,`).test(list);
  const present = dependencies.filter(isPresent).map(({ name }) => name);
  const missing = dependencies
    .filter((one) => !isPresent(one))
    .map(({ name, requirement }) => `{:${name}, ${JSON.stringify(requirement)}}`);
  return missing.length === 0 ? { present } : { edit: insertion(text, code, open, close, missing), present };
}

function insertion(text: string, code: string, open: number, close: number, tuples: readonly string[]): TextEdit {
  const eol = lineEnding(text);
  const end = open + 1 + code.slice(open + 1, close).trimEnd().length;
  const indentation = (at: number) => /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', at - 1) + 1))?.[0] ?? '';
  if (end === open + 1) {
    const outer = indentation(open);
    const lines = tuples.map((tuple) => `${outer}  ${tuple}`).join(`,${eol}`);
    // What stands in an empty list is a comment, or space.
    const kept = text.slice(open + 1, close).trimEnd();
    return { range: { start: open + 1, end: close }, newText: `${kept}${eol}${lines}${eol}${outer}` };
  }
  if (!code.slice(open, close).includes('\n')) return { range: { start: end, end }, newText: `, ${tuples.join(', ')}` };
  const lineEnd = Math.min(close, (/\r?\n/.exec(text.slice(end))?.index ?? text.length) + end);
  const inner = indentation(end);
  const lines = tuples.map((tuple) => `${inner}${tuple}`).join(`,${eol}`);
  // A comment behind the last entry stays behind it.
  return {
    range: { start: end, end: lineEnd },
    newText: `,${text.slice(end, lineEnd).trimEnd()}${eol}${lines}${lineEnd === close ? eol : ''}`,
  };
}

/** Where the bracket at `open` is closed. */
function closing(code: string, open: number): number | undefined {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if ('[{('.includes(code.charAt(at))) depth++;
    else if (']})'.includes(code.charAt(at)) && --depth === 0) return at;
  }
  return undefined;
}

/** The same length with comments as spaces, and strings as letters: what is left of brackets and words is code. */
function withoutTexts(text: string): string {
  const token = /#[^\r\n]*|\?\\?[^\s]|"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'/g;
  return text.replace(token, (found) => (found.startsWith('#') ? ' '.repeat(found.length) : found.replace(/[^\r\n]/g, 'x')));
}
