/** `config/*.exs` → settings in the order in which Mix applies them. */
import type { Call, Expr } from '../elixir/ir';
import { type FileFacts, moduleOf } from '../facts/facts';
import type { Range } from '../text';
import { bitOf, type Environments, environmentOf, environmentsAt, environmentsOfPath, everyEnvironment } from './environment';
import { evaluate } from './evaluate';
import { directoryOf, normalisePath } from './paths';
import type { ConfigEntry, Environment } from './project';
import { type Entry, entriesOf, environmentMark, keyOf, optionsOf, templateOf, type Value } from './value';

/** What a configuration file does, in order. */
type Step = Setting | Import;
interface Setting {
  readonly kind: 'setting';
  readonly entry: ConfigEntry;
  readonly environments: Environments;
}
interface Import {
  readonly kind: 'import';
  /** A path, relative to the file or, with `/`, to the root; may hold `*` and `environmentMark`. */
  readonly template: string;
  readonly environments: Environments;
}

const entryLimit = 20_000;
const keyLimit = 32;
const importLimit = 200;

const steps = new WeakMap<FileFacts, readonly Step[]>();

/** The settings of one configuration file, in its order; the environment is that of its branches and of its name. */
export function configIn(file: FileFacts): readonly ConfigEntry[] {
  const named = environmentsOfPath(file.path);
  const entries: ConfigEntry[] = [];
  for (const step of stepsOf(file))
    if (step.kind === 'setting') entries.push(placed(step.entry, step.environments & named || step.environments));
  return entries;
}

/** A directory that Mix reads configuration for, relative to the project's root and without `/` at its end. */
export interface ConfigRoot {
  readonly directory: string;
  /** Of the first file, where `mix.exs` names another than `config/config.exs`; relative to the directory. */
  readonly configPath?: string;
}

/**
 * The settings of a project in Mix's order: `config.exs` with what it imports, then `runtime.exs`. `roots` are the project's own
 * directory, first, and those of an umbrella's applications, whose files count where nothing imports them.
 */
export function mergeConfig(files: ReadonlyMap<string, FileFacts>, roots: readonly ConfigRoot[]): readonly ConfigEntry[] {
  const paths = [...files.keys()].filter((path) => path.endsWith('.exs')).sort();
  const visited = new Map<string, number>();
  let globs = 0;
  let entries: ConfigEntry[] = [];

  const visit = (path: string, reached: Environments, stack: readonly string[]): void => {
    const file = files.get(path);
    const times = visited.get(path) ?? 0;
    if (!file || stack.includes(path) || stack.length > 50 || times >= 8) return;
    visited.set(path, times + 1);
    const set = reached & environmentsOfPath(path) || reached;
    for (const step of stepsOf(file)) {
      const environments = step.environments & set;
      if (environments === 0 || entries.length >= entryLimit * 4) continue;
      if (step.kind === 'setting') entries.push(placed(step.entry, environments));
      else for (const target of targetsOf(step.template, path, environments)) visit(target.path, target.environments, [...stack, path]);
    }
  };

  const targetsOf = (template: string, from: string, environments: Environments): readonly Target[] => {
    const full = normalisePath(template.startsWith('/') ? template.slice(1) : `${directoryOf(from)}/${template}`).replace(/^\//, '');
    if (!/[*\0]/.test(full)) return [{ path: full, environments }];
    const pattern = ++globs > importLimit ? undefined : globOf(full);
    if (!pattern) return [];
    const targets: Target[] = [];
    for (const path of paths) {
      const match = pattern.exec(path);
      if (!match) continue;
      const set = match[1] === undefined ? environments : bitOf(match[1]) & environments;
      if (set !== 0) targets.push({ path, environments: set, ...(match[1] !== undefined && { name: match[1] }) });
    }
    return targets.sort((a, b) => orderOf(a.name) - orderOf(b.name));
  };

  const once = (path: string, environments: Environments): void => {
    if (!visited.has(path)) visit(path, environments, []);
  };
  const inside = (root: ConfigRoot, path: string): string => normalisePath(`${root.directory}/${path}`).replace(/^\//, '');
  const compiled = (root: ConfigRoot): void => {
    once(inside(root, root.configPath ?? 'config/config.exs'), everyEnvironment);
    for (const name of ['dev', 'test', 'prod']) once(inside(root, `config/${name}.exs`), bitOf(name));
  };

  const [own, ...apps] = roots;
  if (!own) return [];
  compiled(own);
  const main = entries;
  entries = [];
  for (const app of apps) compiled(app);
  entries = [...entries, ...main];
  for (const root of [...apps, own]) {
    once(inside(root, 'config/releases.exs'), bitOf('prod'));
    once(inside(root, 'config/runtime.exs'), everyEnvironment);
  }
  return entries;
}

/** The setting that holds in an environment: the last one of its path, unless a later one replaces what it stands in. */
export function settingOf(
  config: readonly ConfigEntry[],
  app: string,
  keys: readonly string[],
  environment: Environment = 'prod',
): ConfigEntry | undefined {
  let found: ConfigEntry | undefined;
  for (const entry of config) {
    if (entry.app !== app || entry.keys.length > keys.length || (entry.environment ?? environment) !== environment) continue;
    if (!entry.keys.every((key, i) => key === keys[i])) continue;
    if (entry.keys.length === keys.length) found = entry;
    // Mix merges keyword lists; any other value takes the place of the whole.
    else if (entry.value.kind !== 'list' && isLiteral(entry.value)) found = undefined;
  }
  return found;
}

const isLiteral = (e: Expr): boolean => /^(?:atom|alias|integer|float|string|charlist|tuple|map)$/.test(e.kind);

interface Target {
  readonly path: string;
  readonly environments: Environments;
  readonly name?: string;
}

const orderOf = (name: string | undefined): number => (name === undefined ? 0 : ['dev', 'test', 'prod'].indexOf(name) + 1);

function globOf(template: string): RegExp | undefined {
  const pieces = template.split(/(\*+|\0)/);
  if (pieces.length > 13) return undefined;
  let marked = false;
  const source = pieces.map((piece) => {
    if (piece.startsWith('*')) return piece.length > 1 ? '.*' : '[^/]*';
    if (piece !== environmentMark) return piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const again = marked;
    marked = true;
    return again ? '\\1' : '([^/.]+)';
  });
  return new RegExp(`^${source.join('')}$`);
}

function placed(entry: ConfigEntry, environments: Environments): ConfigEntry {
  const environment = environmentOf(environments);
  return environment === undefined ? entry : { ...entry, environment };
}

// --- one file

function stepsOf(file: FileFacts): readonly Step[] {
  const known = steps.get(file);
  if (known) return known;
  const made: Step[] = [];
  const budget = { left: entryLimit };
  for (const call of configCalls(file)) {
    const environments = environmentsAt(file, call);
    if (call.name === 'config') {
      for (const entry of settingsOf(file, call, budget)) made.push({ kind: 'setting', entry, environments });
      continue;
    }
    const template = importedBy(file, call);
    if (template !== undefined) made.push({ kind: 'import', template, environments });
  }
  steps.set(file, made);
  return made;
}

const importing = ['import_config', 'require_file', 'eval_file'] as const;

function configCalls(file: FileFacts): readonly Call[] {
  const found: Call[] = [];
  const named = (key: string): void => {
    for (const call of file.calls.get(key) ?? []) {
      if (!call.receiver && (call.local || call.module !== undefined) && !moduleOf(file, call)?.name) found.push(call);
    }
  };
  for (const module of ['?', 'Config', 'Mix.Config']) for (const name of ['config', 'import_config']) named(`${module}.${name}`);
  if (/(?:^|\/)config\//.test(file.path)) for (const name of importing.slice(1)) named(`Code.${name}`);
  return found.sort((a, b) => a.range.start - b.range.start);
}

/** The path of `import_config path` and `Code.require_file path, directory`; the latter stands at the root where no directory is given. */
function importedBy(file: FileFacts, call: Call): string | undefined {
  const [path, directory] = call.args.map((arg) => {
    const value = evaluate(file, arg);
    return templateOf(value.kind === 'list' && value.items.length === 1 ? value.items[0] : value);
  });
  if (path === undefined || call.name === 'import_config' || path.startsWith('/')) return path;
  return call.args.length > 1 && directory === undefined ? undefined : `/${directory ?? ''}/${path}`;
}

interface Budget {
  left: number;
}

function* settingsOf(file: FileFacts, call: Call, budget: Budget): Generator<ConfigEntry> {
  const [appArg, second, third] = call.args;
  if (!appArg || !second) return;
  for (const app of optionsOf(evaluate(file, appArg))) {
    if (app.kind !== 'atom') continue;
    if (!third) {
      yield* below(file, app.value, [], evaluate(file, second), budget);
      continue;
    }
    const value = evaluate(file, third);
    for (const key of optionsOf(evaluate(file, second))) {
      const name = keyOf(key);
      if (name === undefined) continue;
      const range = { start: second.range.start, end: third.range.end };
      yield* setting(file, app.value, [name], { range, keyRange: second.range }, value, budget);
    }
  }
}

function* below(file: FileFacts, app: string, keys: readonly string[], value: Value, budget: Budget): Generator<ConfigEntry> {
  const entries: readonly Entry[] = value.kind === 'list' ? (entriesOf(value) ?? []) : [];
  for (const entry of entries) {
    yield* setting(file, app, [...keys, entry.name], { range: entry.expr.range, keyRange: entry.key.expr.range }, entry.value, budget);
  }
}

function* setting(
  file: FileFacts,
  app: string,
  keys: readonly string[],
  place: { readonly range: Range; readonly keyRange: Range },
  value: Value,
  budget: Budget,
): Generator<ConfigEntry> {
  if (budget.left-- <= 0 || keys.length > keyLimit) return;
  yield { app, keys, value: value.expr, path: file.path, ...place };
  yield* below(file, app, keys, value, budget);
}
