/** Releases and images → VM flags and variables that decide how nodes find and trust each other. Ranges are true in the text. */
import type { Range } from '../text';

/** A flag of the VM (`-setcookie`, `-kernel prevent_overlapping_partitions`) or a variable (`RELEASE_NODE`) with its value. */
export interface ReleaseSetting {
  readonly name: string;
  /** As written, without the quotes around it; empty for a flag that takes none. */
  readonly value: string;
  /** The name with its value. */
  readonly range: Range;
  /** The value without the quotes around it; the name where there is none. */
  readonly valueRange: Range;
}

/** What a `Dockerfile` says: variables, and the versions of the images it is built from. */
export interface ImageFacts {
  readonly settings: readonly ReleaseSetting[];
  /** `hexpm/elixir:1.15.7-erlang-26.1.2-…`: versions as written, each with the range of the image's name. */
  readonly versions: readonly { readonly elixir?: string; readonly otp?: string; readonly range: Range }[];
}

/** Whether a variable of the environment is about distribution. */
export function isReleaseVariable(name: string): boolean {
  return /^(?:RELEASE_(?:DISTRIBUTION|NODE|COOKIE|NAME|MODE)|ERL_[AZ]?FLAGS|ELIXIR_ERL_OPTIONS)$/.test(name);
}

/** A variable with, for `ERL_FLAGS` and its like, the flags that its value holds. `at` is where the value begins, behind a quote. */
export function variableSettings(name: string, value: string, range: Range, at: number): readonly ReleaseSetting[] {
  const own = { name, value, range, valueRange: { start: at, end: Math.min(at + value.length, range.end) } };
  return /FLAGS|OPTIONS/.test(name) ? [own, ...readFlags(value, at)] : [own];
}

/** Longer texts are no settings that a person wrote. */
const textLimit = 200_000;
const wordLimit = 4000;

// --- vm.args

interface Token {
  readonly text: string;
  readonly range: Range;
  /** Without the quotes around it. */
  readonly inside: Range;
}

/** Flags that take every word up to the next flag. */
const listFlags: ReadonlySet<string> = new Set(['-pa', '-pz', '-args', '-extra', '-eval', '-run', '-s']);

/** Reads a `vm.args` file or the value of `ERL_FLAGS`; `offset` is where the text stands in its file. */
export function readFlags(text: string, offset = 0): readonly ReleaseSetting[] {
  if (text.length > textLimit) return [];
  const settings: ReleaseSetting[] = [];
  let flag: Token | undefined;
  let values: Token[] = [];
  const flush = (): void => {
    if (flag) settings.push(...settingsOf(flag, values));
    values = [];
  };
  for (const token of tokensOf(text, offset)) {
    if (/^[-+][^\d\s]/.test(token.text)) {
      flush();
      flag = token;
    } else values.push(token);
  }
  flush();
  return settings;
}

function settingsOf(flag: Token, values: readonly Token[]): readonly ReleaseSetting[] {
  const from = flag.range.start;
  const [first] = values;
  if (!first) return [{ name: flag.text, value: '', range: flag.range, valueRange: flag.range }];
  const last = values.at(-1) ?? first;
  if (values.length === 1 || listFlags.has(flag.text) || flag.text.startsWith('+')) {
    const valueRange = { start: first.inside.start, end: last.inside.end };
    return [{ name: flag.text, value: values.map((v) => v.text).join(' '), range: { start: from, end: last.range.end }, valueRange }];
  }
  const settings: ReleaseSetting[] = [];
  for (let i = 0; i < values.length; i += 2) {
    const [key, value] = [values[i], values[i + 1]];
    if (!key) break;
    const start = i === 0 ? from : key.range.start;
    settings.push({
      name: `${flag.text} ${key.text}`,
      value: value?.text ?? '',
      range: { start, end: (value ?? key).range.end },
      valueRange: (value ?? key).inside,
    });
  }
  return settings;
}

function* tokensOf(text: string, offset: number): Generator<Token> {
  const word = /#[^\r\n]*|(?:"[^"\r\n]*"|'[^'\r\n]*'|<%(?:[^%]|%(?!>)){0,400}%>|\$\{[^}\r\n]{0,200}\}|[^\s"'#]|(?<=\S)#)+|["']/g;
  for (const match of text.matchAll(word)) {
    if (match[0].startsWith('#')) continue;
    const start = offset + match.index;
    const written = unquoted(match[0]);
    const end = start + match[0].length;
    const quote = written === match[0] ? 0 : 1;
    yield { text: written, range: { start, end }, inside: { start: start + quote, end: end - quote } };
  }
}

function unquoted(text: string): string {
  const quote = text[0];
  return text.length > 1 && (quote === '"' || quote === "'") && text.indexOf(quote, 1) === text.length - 1 ? text.slice(1, -1) : text;
}

// --- shell

/** Reads the assignments of a shell script such as `rel/env.sh.eex` that are about distribution. */
export function readShell(text: string): readonly ReleaseSetting[] {
  if (text.length > textLimit) return [];
  const settings: ReleaseSetting[] = [];
  for (const match of text.matchAll(/(?<![\w$-])([A-Z][A-Z_]*)=/g)) {
    const name = match[1] ?? '';
    if (!isReleaseVariable(name) || isCommented(text, match.index)) continue;
    const start = match.index + match[0].length;
    const end = endOfWord(text, start);
    const raw = text.slice(start, end);
    const value = unquoted(raw);
    settings.push(...variableSettings(name, value, { start: match.index, end }, value === raw ? start : start + 1));
  }
  return settings;
}

function isCommented(text: string, at: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', at) + 1, at);
  return line.length > 2000 || /(?:^|\s)#/.test(line);
}

/** Where a word of the shell ends: at white space or `;` outside of quotes, `$(…)`, `${…}` and backticks. */
function endOfWord(text: string, start: number): number {
  const closers: string[] = [];
  const limit = Math.min(text.length, start + wordLimit);
  for (let i = start; i < limit; i++) {
    const c = text[i] as string;
    const inside = closers.at(-1);
    if (c === '\\' && inside !== "'") i++;
    else if (c === inside) closers.pop();
    else if (inside === "'") continue;
    else if (c === '$' && (text[i + 1] === '(' || text[i + 1] === '{')) closers.push(text[++i] === '(' ? ')' : '}');
    else if (c === '`' || c === '"') closers.push(c);
    else if (c === "'" && inside !== '"') closers.push(c);
    else if (inside === undefined && /[\s;&|)]/.test(c)) return i;
  }
  return limit;
}

// --- Dockerfile

/** Reads the `ENV` and `FROM` instructions of a `Dockerfile`; defaults of `ARG` are put in. */
export function readDockerfile(text: string): ImageFacts {
  const settings: ReleaseSetting[] = [];
  const versions: ImageFacts['versions'][number][] = [];
  if (text.length > textLimit) return { settings, versions };
  const defaults = new Map<string, string>();
  // Comments and continued lines become spaces, so that an instruction is one line and every offset stays.
  const lines = text.replace(/^[ \t]*#[^\n]*(?:\n|$)/gm, blank).replace(/\\[ \t]*\r?\n/g, blank);
  for (const match of lines.matchAll(/^[ \t]*(ENV|ARG|FROM)[ \t]+([^\r\n]*)/gim)) {
    const instruction = (match[1] ?? '').toUpperCase();
    const rest = match[2] ?? '';
    const at = match.index + match[0].length - rest.length;
    if (instruction === 'FROM') {
      const image = /^(?:--\S+[ \t]+)*(\S+)/.exec(rest);
      const name = image?.[1];
      if (!image || name === undefined) continue;
      const start = at + image[0].length - name.length;
      const version = versionsOf(substituted(name, defaults));
      if (version) versions.push({ ...version, range: { start, end: start + name.length } });
      continue;
    }
    for (const { name, value, range, valueAt } of assignments(rest, at)) {
      if (instruction === 'ARG') defaults.set(name, substituted(value, defaults));
      else if (isReleaseVariable(name)) settings.push(...variableSettings(name, value, range, valueAt));
    }
  }
  return { settings, versions };
}

const blank = (text: string): string => ' '.repeat(text.length);

interface Assignment {
  readonly name: string;
  readonly value: string;
  readonly range: Range;
  readonly valueAt: number;
}

/** `A=1 B="2 3"`, or the old `A 1`. */
function assignments(rest: string, at: number): readonly Assignment[] {
  const old = /^(\w+)[ \t]+(?!=)(.*\S)/.exec(rest);
  if (old && !/^\w+=/.test(rest)) {
    const [whole, name = '', raw = ''] = old;
    const value = unquoted(raw);
    const valueAt = at + whole.length - raw.length + (value === raw ? 0 : 1);
    return [{ name, value, range: { start: at, end: at + whole.length }, valueAt }];
  }
  return [...rest.matchAll(/(\w+)=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']*)/g)].map((match) => {
    const [whole, name = '', raw = ''] = match;
    const start = at + match.index;
    const value = unquoted(raw);
    const valueAt = start + name.length + 1 + (value === raw ? 0 : 1);
    return { name, value, range: { start, end: start + whole.length }, valueAt };
  });
}

function substituted(text: string, values: ReadonlyMap<string, string>): string {
  const result = text.replace(/\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\})/g, (whole, plain, braced, otherwise) => {
    return values.get(plain ?? braced) ?? otherwise ?? whole;
  });
  return result.length > 1000 ? text : result;
}

/** Versions by the name of an image: of Elixir's official image, of Hex's with both, of Erlang's. */
function versionsOf(image: string): { elixir?: string; otp?: string } | undefined {
  const [, path, tag] = /^(?:.*\/)?((?:hexpm\/)?[\w.-]+):([\w.+-]+)/.exec(image.replace(/^hexpm\//, 'x/hexpm/')) ?? [];
  if (path === undefined || tag === undefined) return undefined;
  if (path === 'erlang' || path === 'hexpm/erlang') {
    const otp = /^\d+(?:\.\d+)*/.exec(tag)?.[0];
    return otp === undefined ? undefined : { otp };
  }
  if (!/elixir/.test(path)) return undefined;
  const elixir = /^v?(\d+\.\d+(?:\.\d+)?)/.exec(tag)?.[1];
  const otp = /-(?:erlang|otp)-(\d+(?:\.\d+)*)/.exec(tag)?.[1];
  return elixir === undefined && otp === undefined
    ? undefined
    : { ...(elixir !== undefined && { elixir }), ...(otp !== undefined && { otp }) };
}

// --- .tool-versions

/** The versions that asdf and mise install: the first one of each tool that is a number. */
export function readToolVersions(text: string): ReadonlyMap<string, { readonly version: string; readonly range: Range }> {
  const versions = new Map<string, { version: string; range: Range }>();
  for (const match of text.matchAll(/^([\w-]+)[ \t]+(\d\S*)/gm)) {
    const [whole, tool = '', version = ''] = match;
    const end = match.index + whole.length;
    if (!versions.has(tool)) versions.set(tool, { version, range: { start: end - version.length, end } });
  }
  return versions;
}
