/** `mix.exs` and `mix.lock` → the application, its dependencies with locked versions, its releases. */
import { children, type Expr, keywordValue, type Tuple } from '../elixir/ir';
import type { FileFacts, FunctionDef, ModuleDef } from '../facts/facts';
import type { Range } from '../text';
import { environmentNames, environmentsAt, everyEnvironment } from './environment';
import { evaluate } from './evaluate';
import { type Entry, entriesOf, lookUp, optionsOf, textOf, type Value } from './value';

export interface MixFacts {
  /** The OTP application; absent in an umbrella's own `mix.exs`. */
  readonly app?: string;
  readonly elixir?: { readonly requirement: string; readonly range: Range };
  /** Directory of an umbrella's applications, relative to the file. */
  readonly appsPath?: string;
  readonly configPath?: string;
  /** It is published as a package: others run it on what it allows, not on what its authors use. */
  readonly published: boolean;
  /** Of its description as a package. */
  readonly packageRange?: Range;
  readonly dependencies: readonly MixDependency[];
  /** Literal cookies of `releases:`. */
  readonly cookies: readonly { readonly value: string; readonly range: Range }[];
}

export interface MixDependency {
  readonly name: string;
  readonly requirement?: string;
  /** From a repository or a folder: `path:`, `git:`, `github:`. */
  readonly isElsewhere?: true;
  /** Of `only:`, or of the branch that adds it. */
  readonly only?: readonly string[];
  readonly range: Range;
}

/** Reads a `mix.exs`; undefined when no module of the file describes a project. */
export function readMix(file: FileFacts): MixFacts | undefined {
  const module =
    file.modules.find((m) => m.uses.some((u) => u.module === 'Mix.Project')) ?? file.modules.find((m) => functionOf(m, 'project'));
  const project = module && functionOf(module, 'project');
  if (!module || !project) return undefined;
  const values = project.clauses.map(({ clause }) => evaluate(file, clause.body)).flatMap(optionsOf);
  const value = (key: string): Value | undefined => {
    for (const each of values) {
      const inside = lookUp(each, key);
      if (inside) return inside;
    }
    return undefined;
  };
  const app = textOf(value('app'));
  const elixir = value('elixir');
  const requirement = textOf(elixir);
  const appsPath = textOf(value('apps_path'));
  const configPath = textOf(value('config_path'));
  const described = value('package');
  return {
    ...(app !== undefined && { app }),
    ...(elixir && requirement !== undefined && { elixir: { requirement, range: elixir.expr.range } }),
    ...(appsPath !== undefined && { appsPath }),
    ...(configPath !== undefined && { configPath }),
    published: described !== undefined,
    ...(described && { packageRange: described.expr.range }),
    dependencies: dependenciesOf(file, module, project),
    cookies: cookiesOf(value('releases')),
  };
}

function functionOf(module: ModuleDef, name: string): FunctionDef | undefined {
  return module.functions.find((f) => f.name === name && f.minArity === 0);
}

function cookiesOf(releases: Value | undefined): MixFacts['cookies'] {
  const cookies: { value: string; range: Range }[] = [];
  for (const release of (releases && optionsOf(releases).flatMap((r): readonly Entry[] => entriesOf(r) ?? [])) ?? []) {
    for (const options of optionsOf(release.value)) {
      for (const entry of entriesOf(options) ?? []) {
        const value = entry.name === 'cookie' ? textOf(entry.value) : undefined;
        if (value !== undefined) cookies.push({ value, range: entry.expr.range });
      }
    }
  }
  return cookies;
}

// --- dependencies

/**
 * Dependencies are searched for, not evaluated: everything that has the form of one in `deps:` and in the functions and attributes
 * that it is put together from, whatever the conditions.
 */
function dependenciesOf(file: FileFacts, module: ModuleDef, project: FunctionDef): readonly MixDependency[] {
  const found: MixDependency[] = [];
  const followed = new Set<string>();
  const seen = new Set<number>();
  const stack: Expr[] = [];
  const follow = (name: string): void => {
    if (followed.has(name)) return;
    followed.add(name);
    for (const def of module.functions) if (def.name === name) stack.push(...def.clauses.map(({ clause }) => clause.body));
  };
  for (const { clause } of project.clauses) {
    const written = depsOf(clause.body);
    if (written) stack.push(written);
  }
  if (stack.length === 0) follow('deps');
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (seen.has(next.id)) continue;
    seen.add(next.id);
    const dependency = next.kind === 'tuple' ? dependencyOf(file, next) : undefined;
    if (dependency) {
      found.push(dependency);
      continue;
    }
    if (next.kind === 'call' && next.module === module.name) follow(next.name);
    else if (next.kind === 'capture' && next.module === module.name) follow(next.name);
    else if (next.kind === 'attribute') stack.push(...(module.attributes.get(next.name) ?? []));
    stack.push(...children(next));
  }
  return found.sort((a, b) => a.range.start - b.range.start);
}

/** The value of the `deps:` pair, wherever in the body of `project/0` it stands. */
function depsOf(body: Expr): Expr | undefined {
  const stack: Expr[] = [body];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const deps = next.kind === 'list' || next.kind === 'map' ? keywordValue(next, 'deps') : undefined;
    if (deps) return deps;
    stack.push(...children(next));
  }
  return undefined;
}

const options: ReadonlySet<string> = new Set(
  'app branch compile depth env git github hex in_umbrella manager only optional organization override path ref repo runtime sparse subdir submodules system_env tag targets warn_if_outdated'.split(
    ' ',
  ),
);

function dependencyOf(file: FileFacts, e: Tuple): MixDependency | undefined {
  const [name, second, third] = e.items;
  if (name?.kind !== 'atom' || !second || e.items.length > 3) return undefined;
  const isOptions = (value: Value | undefined): boolean =>
    value !== undefined && optionsOf(value).some((o) => entriesOf(o)?.some((entry) => options.has(entry.name)) === true);
  const [asked, given] = [evaluate(file, second), third && evaluate(file, third)];
  const requirement = textOf(asked.kind === 'text' ? asked : undefined);
  const isRequirement = requirement !== undefined && /^\s*(?:~>|[<>]=?|[!=]=)?\s*\d/.test(requirement);
  if (third ? !isOptions(given) && !isRequirement : !isRequirement && !isOptions(asked)) return undefined;
  const only = third ? onlyOf(given) : onlyOf(asked);
  const sources = optionsOf(given ?? asked).flatMap((o) => ['path', 'git', 'github'].flatMap((key) => lookUp(o, key) ?? []));
  const inside = environmentsAt(file, e);
  const environments = only ?? (inside === everyEnvironment ? undefined : environmentNames(inside));
  return {
    name: name.value,
    ...(isRequirement && requirement !== undefined && { requirement }),
    ...(sources.length > 0 && { isElsewhere: true }),
    ...(environments && { only: environments }),
    range: e.range,
  };
}

function onlyOf(given: Value | undefined): readonly string[] | undefined {
  const only = given && optionsOf(given).flatMap((o) => lookUp(o, 'only') ?? [])[0];
  if (!only) return undefined;
  const names = (only.kind === 'list' ? only.items : [only]).map((v) => (v.kind === 'atom' ? v.value : undefined));
  return names.includes(undefined) ? undefined : (names as string[]);
}

// --- mix.lock

/** The versions that a `mix.lock` holds, by dependency: of Hex packages, and of Git ones whose tag is a version. */
export function readLock(text: string): ReadonlyMap<string, string | undefined> {
  const versions = new Map<string, string | undefined>();
  const entry = /"([^"\n]{1,200})":[ \t]*\{:(hex|git),[ \t]*([^\n]{0,500})/g;
  for (let match = entry.exec(text); match; match = entry.exec(text)) {
    const [whole, name = '', kind, rest = ''] = match;
    // Entries may share a line: the next one is searched for right behind the braces that open this one.
    entry.lastIndex = match.index + whole.length - rest.length;
    if (versions.has(name)) continue;
    const version =
      kind === 'hex'
        ? /^:(?:"[^"]*"|\w+),[ \t]*"([^"]+)"/.exec(rest)?.[1]
        : /^"[^"]*",[ \t]*"[^"]*",[ \t]*\[[^\]]*\btag:[ \t]*"v?(\d+(?:\.\d+)+[^"]*)"/.exec(rest)?.[1];
    versions.set(name, version);
  }
  return versions;
}

// --- Elixir and OTP

/** The lowest version that a requirement of Elixir allows, as `[major, minor]`. */
export function lowestVersion(requirement: string): readonly [number, number] | undefined {
  let lowest: [number, number] | undefined;
  for (const alternative of requirement.split(/\bor\b|\|\|/)) {
    const match = /(?:^|~>|>=|==|>)\s*v?(\d+)\.(\d+)/.exec(alternative.trim());
    if (!match) return undefined;
    const version: [number, number] = [Number(match[1]), Number(match[2])];
    if (!lowest || version[0] < lowest[0] || (version[0] === lowest[0] && version[1] < lowest[1])) lowest = version;
  }
  return lowest;
}

/** Lowest OTP major by minor version of Elixir 1, from Elixir's table of compatibility. */
const otpByMinor = [17, 17, 18, 18, 18, 18, 19, 19, 20, 20, 21, 21, 22, 22, 23, 24, 24, 25, 25, 26, 27];

/** The lowest OTP major that a version of Elixir runs on; undefined for versions that are not known. */
export function otpForElixir(version: readonly [number, number]): number | undefined {
  return version[0] === 1 ? otpByMinor[version[1]] : undefined;
}
