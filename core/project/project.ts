/** What is known of a project beyond one file: types. Built by `build.ts` from texts and facts. */
import type { Expr } from '../elixir/ir';
import type { FileFacts } from '../facts/facts';
import type { Range } from '../text';

/**
 * The environments of Mix. Where one is optional, undefined says that production is among several; `dev` also stands for development and
 * test together, `prod` also for an environment like it (`staging`).
 */
export type Environment = 'dev' | 'test' | 'prod';

/** A place in a file of the project. */
export interface Place {
  /** Relative to the project's root, with `/`. */
  readonly path: string;
  readonly range: Range;
}

export interface ProjectFacts {
  /** Directory of the `mix.exs` (of the umbrella's, where there is one), as the host names it. */
  readonly root: string;
  readonly umbrella: boolean;
  readonly apps: readonly App[];
  /** By name: what `mix.exs` files ask for and what `mix.lock` holds. */
  readonly dependencies: ReadonlyMap<string, Dependency>;
  /** Lowest OTP major the project says it runs on, and where it says so. */
  readonly otp?: Place & { readonly major: number };
  readonly elixir?: Place & { readonly requirement: string };
  /** Settings of `config/*.exs` in Mix's order: of two with the same path and environment the later one holds. */
  readonly config: readonly ConfigEntry[];
  readonly topologies: readonly Topology[];
  /** What deployment files say about how many instances run, without those of well-known other programs; an autoscaler's limits are two. */
  readonly replicas: readonly (Place & { readonly count: number; readonly kind: string; readonly name?: string })[];
  /**
   * Release and VM settings: `-setcookie`, `-proto_dist`, `RELEASE_DISTRIBUTION`, … from `rel/*`, by flag or variable. `valueRange` is known of
   * those that do not stand in Elixir.
   */
  readonly release: readonly (Place & { readonly name: string; readonly value: string; readonly valueRange?: Range })[];
  /** Voting members or nodes, where the project says how many. */
  readonly clusterSize?: Place & { readonly size: number };
  /** Where it is described as a package: others run it, in clusters that its own files know nothing of. */
  readonly package?: Place;
  /** Evidence that this project's nodes talk to each other; empty: no sign of a cluster. */
  readonly signs: readonly (Place & { readonly what: string })[];
  /** Facts of every Elixir file of the project, by path: for questions that follow a call into another file. */
  readonly files: ReadonlyMap<string, FileFacts>;
  /** Modules of the project by full name. */
  readonly modules: ReadonlyMap<string, ProjectModule>;
  /** Calls by `Module.function`, over all files of the project. */
  readonly calls: ReadonlyMap<string, readonly Place[]>;
  /** Every module named in a child list of a supervisor, or in the `child_spec` of another one; the place of a wrapper holds that of its child. */
  readonly children: ReadonlyMap<string, readonly Place[]>;
  /** Atoms, keys and module names of all files, to prove that something is never mentioned: `inconsistent_database`. */
  readonly words: ReadonlySet<string>;
}

export interface App {
  /** The OTP application. */
  readonly name: string;
  /** Relative to the project's root; empty for the root itself. */
  readonly root: string;
}

export interface Dependency {
  readonly name: string;
  /** From `mix.lock`: `3.1.10`. */
  readonly locked?: string;
  /** From `mix.exs`: `~> 2.0`. */
  readonly requirement?: string;
  /** Taken from a revision of a repository or from a folder: no version tells what it has. */
  readonly unreleased?: true;
  /** Environments of `only:`. */
  readonly only?: readonly string[];
  readonly place?: Place;
}

export interface ConfigEntry extends Place {
  readonly app: string;
  /** Keys from the application's environment down: `['topologies', 'k8s', 'strategy']`; module names as written in full. */
  readonly keys: readonly string[];
  /** The literal, also where a variable names it; `range` is the entry as written, key and value. */
  readonly value: Expr;
  readonly keyRange: Range;
  readonly environment?: Environment;
}

/** One libcluster topology, wherever it stands. */
export interface Topology extends Place {
  readonly name: string;
  /** Full module name, where it is a literal. */
  readonly strategy?: string;
  readonly environment?: Environment;
}

export interface ProjectModule extends Place {
  readonly name: string;
  readonly behaviours: readonly string[];
  /** Public functions as `name/arity`. */
  readonly functions: ReadonlySet<string>;
}

/** The locked version of a dependency, else the lowest that its requirement names; undefined when neither is known. */
export function versionOf(project: ProjectFacts | undefined, name: string): string | undefined {
  const dependency = project?.dependencies.get(name);
  return dependency?.locked ?? /\d+(?:\.\d+)*/.exec(dependency?.requirement ?? '')?.[0];
}

/** Whether a dependency is taken from a place that no version describes, so that it may have what no release has. */
export function isUnreleased(project: ProjectFacts | undefined, name: string): boolean {
  return project?.dependencies.get(name)?.unreleased === true;
}

/** Compares dotted versions number by number: negative, zero or positive. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((v) => v.split(/[.+-]/).map((part) => Number.parseInt(part, 10) || 0)) as [number[], number[]];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The name of the application that a file belongs to, or undefined without a project that has it. */
export function applicationOf(project: ProjectFacts | undefined, path: string): string | undefined {
  let found: App | undefined;
  for (const app of project?.apps ?? []) {
    const holds = app.root === '' || path.startsWith(`${app.root}/`);
    if (holds && (found === undefined || app.root.length > found.root.length)) found = app;
  }
  return found?.name;
}
