/** `.netsplit.json`: parsing, and the severity of a rule for a file. */
import { createScanner, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import picomatch from 'picomatch';
import type { Level } from './linter';
import { didYouMean } from './nearest';
import type { Rule } from './rule';
import type { Range } from './text';

export interface Configuration {
  /** Rule id → severity or `off`. */
  readonly rules: ReadonlyMap<string, Level>;
  /** Later ones win. `files` are globs relative to the configuration file. */
  readonly overrides: readonly { readonly files: readonly string[]; readonly rules: ReadonlyMap<string, Level> }[];
  /** `Module.function` of the user's own wrappers of remote calls. */
  readonly rpcWrappers: readonly string[];
  /** Globs of files that are not linted, relative to the configuration file. */
  readonly exclude: readonly string[];
}

export interface ConfigurationError {
  /** What is wrong, and what was expected. */
  readonly message: string;
  readonly range: Range;
}

/** Every severity, most severe first, and `off`. */
export const levels: readonly Level[] = ['error', 'warning', 'info', 'hint', 'off'];

/** What holds where there is no configuration file. */
export const emptyConfiguration: Configuration = { rules: new Map(), overrides: [], rpcWrappers: [], exclude: [] };

/** The configuration with severities on top that hold for every file, as `--rule ID=LEVEL` asks for. */
export function withLevels(configuration: Configuration, rules: ReadonlyMap<string, Level>): Configuration {
  if (rules.size === 0) return configuration;
  return { ...configuration, overrides: [...configuration.overrides, { files: ['**'], rules }] };
}

/**
 * The severity of a rule for a file; `path` is relative to the configuration file's directory, with `/`. The last override that matches the
 * file and names the rule decides, then `rules`, then the rule itself. In tests, benchmarks, `priv`, scripts, lone `.exs` files and Mix tasks
 * only rules whose own severity is `error` run, unless an override asks for more: such code runs on one node, by hand, and may well be careless.
 */
export function levelOf(configuration: Configuration, rule: Rule, path: string): Level {
  const override = overrideOf(configuration, rule, path);
  if (override) return override;
  if (rule.severity !== 'error' && isSupportCode(path)) return 'off';
  return configuration.rules.get(rule.id) ?? (rule.optIn ? 'off' : rule.severity);
}

/** Whether the severity of a rule for a file is the user's, not the rule's own. */
export function isConfigured(configuration: Configuration, rule: Rule, path: string): boolean {
  return configuration.rules.has(rule.id) || overrideOf(configuration, rule, path) !== undefined;
}

/** Whether the configuration leaves the file out. */
export function isExcluded(configuration: Configuration, path: string): boolean {
  return matches(configuration.exclude, path);
}

function overrideOf(configuration: Configuration, rule: Rule, path: string): Level | undefined {
  for (let i = configuration.overrides.length - 1; i >= 0; i--) {
    const override = configuration.overrides[i];
    const level = override?.rules.get(rule.id);
    if (override && level && matches(override.files, path)) return level;
  }
  return undefined;
}

/** The last answer: it is asked for every rule of a file in turn. */
let support: { readonly path: string; readonly is: boolean } | undefined;

/** Code that serves the project rather than being it: what stands in its folders outside of `lib`, Mix tasks, tests wherever they are. */
function isSupportCode(path: string): boolean {
  if (support?.path !== path) support = { path, is: servesProject(path) };
  return support.is;
}

/** Scripts that say what the project is; any other is run by hand. */
const isSetting = /(?:^|\/)(?:config|rel)\/|(?:^|\/)(?:mix|config|runtime|releases|prod|dev)\.exs$/;

function servesProject(path: string): boolean {
  const folders = path.split('/');
  const file = folders.pop() ?? '';
  if (file === '.iex.exs' || file.endsWith('_test.exs')) return true;
  if (file.endsWith('.exs') && !isSetting.test(path)) return true;
  const lib = folders.indexOf('lib');
  if (lib >= 0 && folders[lib + 1] === 'mix' && folders[lib + 2] === 'tasks') return true;
  return (lib < 0 ? folders : folders.slice(0, lib)).some((folder) => /^(?:test|bench.*|priv|scripts?)$/.test(folder));
}

const matchers = new WeakMap<readonly string[], (path: string) => boolean>();

/** Whether a glob matches the path or a folder that holds it. */
function matches(globs: readonly string[], path: string): boolean {
  let matcher = matchers.get(globs);
  if (!matcher) {
    const patterns = globs.map((glob) => glob.replace(/^\.\//, '').replace(/\/+$/, '')).flatMap((glob) => [glob, `${glob}/**`]);
    matcher = patterns.length === 0 ? () => false : picomatch(patterns, { dot: true, nonegate: true });
    matchers.set(globs, matcher);
  }
  return matcher(path);
}

/** A configuration is at most four levels deep. What is much deeper is none, and the parser calls itself for each level. */
const maxDepth = 100;

function beyondDepth(text: string): ConfigurationError | undefined {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (scanner.scan(); scanner.getTokenOffset() < text.length; scanner.scan()) {
    const start = scanner.getTokenOffset();
    const token = text.charAt(start);
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    if (depth > maxDepth)
      return { message: `More than ${maxDepth} brackets within each other are no configuration.`, range: { start, end: start + 1 } };
  }
  return undefined;
}

/** Reads a configuration; what is wrong is left out of the result and named in `errors`. Comments and trailing commas are allowed. */
export function parseConfiguration(
  text: string,
  rules: readonly Rule[],
): { readonly configuration: Configuration; readonly errors: readonly ConfigurationError[] } {
  const tooDeep = beyondDepth(text);
  if (tooDeep) return { configuration: emptyConfiguration, errors: [tooDeep] };
  const ids = rules.map((rule) => rule.id);
  const errors: ConfigurationError[] = [];
  const syntaxErrors: ParseError[] = [];
  const root = parseTree(text.replace(/^\uFEFF/, ' '), syntaxErrors, { allowTrailingComma: true });
  const [firstError] = syntaxErrors;
  if (firstError) errors.push(syntaxError(firstError, text));

  const configuration = {
    rules: new Map<string, Level>(),
    overrides: [] as Configuration['overrides'][number][],
    rpcWrappers: [] as readonly string[],
    exclude: [] as readonly string[],
  };
  readObject(root, 'The configuration', {
    $schema(node) {
      readString(node, '`$schema`');
    },
    rules(node) {
      configuration.rules = readLevels(node);
    },
    overrides(node) {
      for (const item of readArray(node, '`overrides`')) readOverride(item);
    },
    rpcWrappers(node) {
      configuration.rpcWrappers = readStrings(node, '`rpcWrappers`', functionError);
    },
    exclude(node) {
      configuration.exclude = readStrings(node, '`exclude`', globError);
    },
  });
  return { configuration, errors: errors.sort((a, b) => a.range.start - b.range.start) };

  function report(node: Node, message: string): void {
    errors.push({ message, range: { start: node.offset, end: node.offset + node.length } });
  }

  function readOverride(node: Node): void {
    let files: readonly string[] | undefined;
    let overridden: ReadonlyMap<string, Level> | undefined;
    const isObject = readObject(node, 'An override', {
      files(value) {
        files = readStrings(value, '`files`', globError);
      },
      rules(value) {
        overridden = readLevels(value);
      },
    });
    if (!isObject) return;
    if (!files) report(node, 'An override needs `files`, an array of globs: `{ "files": ["test/**"], "rules": { … } }`.');
    if (!overridden) report(node, 'An override needs `rules`: `{ "files": ["test/**"], "rules": { … } }`.');
    if (files && overridden) configuration.overrides.push({ files, rules: overridden });
  }

  function readLevels(node: Node): Map<string, Level> {
    const read = new Map<string, Level>();
    for (const [key, value] of properties(node, '`rules`')) {
      const id = String(key.value);
      if (!ids.includes(id)) {
        report(key, `There is no rule \`${id}\`.${didYouMean(id, ids)}`);
        continue;
      }
      const level = levels.find((known) => known === value.value);
      if (level) read.set(id, level);
      else report(value, `The severity of \`${id}\` must be one of ${listed(levels)}.${didYouMean(String(value.value), levels)}`);
    }
    return read;
  }

  /** Hands each known property to its reader; false when `node` is no object. */
  function readObject(node: Node | undefined, what: string, readers: Readonly<Record<string, (value: Node) => void>>): boolean {
    if (!node) return false;
    const known = Object.keys(readers);
    for (const [key, value] of properties(node, what)) {
      const name = String(key.value);
      const reader = known.includes(name) ? readers[name] : undefined;
      if (reader) reader(value);
      else report(key, `The key \`${name}\` is not known. Expected one of ${listed(known)}.${didYouMean(name, known)}`);
    }
    return node.type === 'object';
  }

  function properties(node: Node, what: string): readonly (readonly [key: Node, value: Node])[] {
    if (node.type !== 'object') {
      report(node, `${what} must be an object, not ${typeName(node)}.`);
      return [];
    }
    const seen = new Set<unknown>();
    return (node.children ?? []).flatMap(({ children: [key, value] = [] }) => {
      if (!key || !value) return [];
      if (seen.has(key.value)) report(key, `The key \`${key.value}\` stands here twice; the later one holds.`);
      seen.add(key.value);
      return [[key, value] as const];
    });
  }

  function readArray(node: Node, what: string): readonly Node[] {
    if (node.type === 'array') return node.children ?? [];
    report(node, `${what} must be an array, not ${typeName(node)}.`);
    return [];
  }

  function readStrings(node: Node, what: string, errorOf: (value: string) => string | undefined): readonly string[] {
    return readArray(node, what).flatMap((item) => {
      const value = readString(item, `Each entry of ${what}`);
      const error = value === undefined ? undefined : errorOf(value);
      if (error) report(item, error);
      return value === undefined || error ? [] : [value];
    });
  }

  function readString(node: Node, what: string): string | undefined {
    if (node.type === 'string') return node.value;
    report(node, `${what} must be a string, not ${typeName(node)}.`);
    return undefined;
  }
}

function functionError(value: string): string | undefined {
  if (/^(?:[A-Z]\w*(?:\.[A-Z]\w*)*|:[a-z]\w*)\.[a-z_]\w*[?!]?$/.test(value)) return undefined;
  return `\`${value}\` is not a function. Write the module and the name, without the arity: \`MyApp.Remote.call\`.`;
}

/** The matcher refuses much longer ones. */
const maxGlob = 1000;

function globError(value: string): string | undefined {
  if (value.trim() === '') return 'A glob must not be empty.';
  if (value.length > maxGlob) return `A glob has at most ${maxGlob} characters.`;
  if (value.startsWith('!')) return `\`${value}\`: a glob cannot be negated. Name the files that it is for.`;
  if (value.includes('\\')) return `\`${value}\`: write folders with \`/\`.`;
  if (value.startsWith('/') || /^[A-Za-z]:/.test(value) || value.split('/').includes('..')) {
    return `\`${value}\`: globs are relative to the folder of this file, and stay in it.`;
  }
  return undefined;
}

function typeName(node: Node): string {
  return node.type === 'null' ? 'null' : node.type === 'object' || node.type === 'array' ? `an ${node.type}` : `a ${node.type}`;
}

function listed(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

const syntaxMessages: Partial<Record<ReturnType<typeof printParseErrorCode>, string>> = {
  InvalidSymbol: 'names and texts stand in double quotes',
  PropertyNameExpected: 'expected a name in double quotes',
  ValueExpected: 'expected a value',
  ColonExpected: 'expected `:` after the name',
  CommaExpected: 'expected `,` before this',
  CloseBraceExpected: 'expected `}`',
  CloseBracketExpected: 'expected `]`',
  EndOfFileExpected: 'expected nothing after the configuration',
  UnexpectedEndOfComment: 'this comment does not end',
  UnexpectedEndOfString: 'this text does not end',
  InvalidEscapeCharacter: 'this text has an invalid escape',
  InvalidCharacter: 'this text has a control character',
};

function syntaxError(error: ParseError, text: string): ConfigurationError {
  const range = { start: error.offset, end: error.offset + error.length };
  if (text.trim() === '') return { message: 'The configuration is empty. Write `{}` for the defaults.', range };
  return { message: `Not valid JSON: ${syntaxMessages[printParseErrorCode(error.error)] ?? 'this cannot be read'}.`, range };
}
