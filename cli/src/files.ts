/** Which files are linted: the paths of the command line, walked. */
import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { isManifest, kindOf } from '../../core/project/manifests';
import type { Disk } from './disk';
import { Failure, reasonOf } from './failure';
import { comparePaths, isWithin, relativePath } from './paths';

/** Build output and other people's code: not entered wherever they stand. */
const skippedDirectories: ReadonlySet<string> = new Set(['.git', 'deps', '_build', 'node_modules', '.elixir_ls']);

/** A place that the system would not let us look into. */
export interface UnreadablePlace {
  /** Absolute. */
  readonly path: string;
  readonly reason: string;
}

export interface Found {
  /** In the order of the walk: by name, links last. */
  readonly files: readonly FoundFile[];
  readonly unreadable: readonly UnreadablePlace[];
}

export interface FoundFile {
  /** Absolute, as it was reached. */
  readonly path: string;
  /** Absolute, with every symbolic link followed. */
  readonly real: string;
}

export interface Target {
  /** Absolute. */
  readonly path: string;
  /** Relative to the working directory, with `/`. */
  readonly shown: string;
  /** Named on the command line: linted whatever the configuration excludes. */
  readonly named: boolean;
  /** Root of its project; undefined: a lone file. */
  readonly root: string | undefined;
  /** Not Elixir, but a file of its project that findings may stand in: `vm.args`, a deployment file. */
  readonly manifest: boolean;
}

/** Answers for a directory the root of the project that its files belong to. */
export type RootOf = (directory: string) => string | undefined;

/** A file, by its absolute path, as one to lint. */
export function targetOf(file: string, named: boolean, cwd: string, rootOf: RootOf): Target {
  return { path: file, shown: relativePath(cwd, file), named, root: rootOf(path.dirname(file)), manifest: isManifestFile(file, rootOf) };
}

function isManifestFile(file: string, rootOf: RootOf): boolean {
  if (isElixirFile(file) || kindOf(file) === undefined) return false;
  const root = rootOf(path.dirname(file));
  return root !== undefined && isManifest(relativePath(root, file));
}

/** The files of the arguments, each once, in the order of their shown paths. A path that does not exist is a Failure. */
export function findTargets(
  args: readonly string[],
  cwd: string,
  disk: Disk,
  rootOf: RootOf,
): { readonly targets: readonly Target[]; readonly unreadable: readonly UnreadablePlace[] } {
  const unreadable: UnreadablePlace[] = [];
  const targets = new Map<string, Target>();
  const add = (file: FoundFile, named: boolean): void => {
    const known = targets.get(file.real);
    if (!known || (named && !known.named)) targets.set(file.real, targetOf(file.path, named, cwd, rootOf));
  };
  for (const argument of args) {
    const absolute = path.resolve(cwd, argument);
    if (!isDirectory(absolute, argument)) {
      add({ path: absolute, real: realPath(absolute) ?? absolute }, true);
      continue;
    }
    const found = walk(absolute, cwd, disk, (file) => isElixirFile(file) || isManifestFile(file, rootOf));
    for (const file of found.files) add(file, false);
    unreadable.push(...found.unreadable);
  }
  return { targets: [...targets.values()].sort((a, b) => comparePaths(a.shown, b.shown)), unreadable };
}

/** By its name. */
export function isElixirFile(file: string): boolean {
  return file.endsWith('.ex') || file.endsWith('.exs');
}

/**
 * The files below `start` that are `wanted` (asked with their absolute path), without what `.gitignore` files name. Symbolic links are
 * followed where they lead to a place below `start` that is not walked already; directories for which `enter` says no are left out.
 */
export function walk(
  start: string,
  cwd: string,
  disk: Disk,
  wanted: (file: string) => boolean,
  enter: (directory: string) => boolean = () => true,
): Found {
  const root = realPath(start) ?? start;
  const files: FoundFile[] = [];
  const unreadable: UnreadablePlace[] = [];
  const links: { readonly path: string; readonly ignores: readonly IgnoreFile[] }[] = [];
  const seen = new Set<string>();

  const visit = (directory: string, real: string, outer: readonly IgnoreFile[]): void => {
    seen.add(real);
    const entries = disk.list(directory);
    if ('kind' in entries) {
      unreadable.push({ path: directory, reason: entries.reason });
      return;
    }
    const ignores = entries.some((entry) => entry.name === '.gitignore') ? [...outer, ...ignoreFileIn(directory, disk)] : outer;
    for (const entry of entries) {
      const at = path.join(directory, entry.name);
      if (entry.isSymbolicLink()) links.push({ path: at, ignores });
      else if (entry.isDirectory()) {
        if (skippedDirectories.has(entry.name) || isIgnored(`${at}/`, ignores) || !enter(at)) continue;
        visit(at, path.join(real, entry.name), ignores);
      } else if (entry.isFile() && wanted(at) && !isIgnored(at, ignores)) {
        const file = { path: at, real: path.join(real, entry.name) };
        seen.add(file.real);
        files.push(file);
      }
    }
  };

  const follow = (link: string, ignores: readonly IgnoreFile[]): void => {
    const target = realPath(link);
    if (target === undefined || seen.has(target) || !isWithin(root, target)) return;
    if (
      relativePath(root, target)
        .split('/')
        .some((name) => skippedDirectories.has(name))
    )
      return;
    const directory = statSync(target).isDirectory();
    if (isIgnored(directory ? `${link}/` : link, ignores)) return;
    if (directory) {
      if (enter(link)) visit(link, target, ignores);
    } else if (wanted(link)) {
      seen.add(target);
      files.push({ path: link, real: target });
    }
  };

  visit(start, root, outerIgnoreFiles(start, cwd, disk));
  for (let link = links.shift(); link; link = links.shift()) follow(link.path, link.ignores);
  return { files, unreadable };
}

/** A `.gitignore`, whose patterns are relative to its directory. */
interface IgnoreFile {
  readonly directory: string;
  readonly patterns: Ignore;
}

function ignoreFileIn(directory: string, disk: Disk): readonly IgnoreFile[] {
  const source = disk.read(path.join(directory, '.gitignore'));
  if (source.kind !== 'text') return [];
  const ignorecase = process.platform === 'win32' || process.platform === 'darwin';
  return [{ directory, patterns: ignore({ ignorecase }).add(source.text) }];
}

/** The `.gitignore` files above `start`: up to the repository's root, else to the working directory. None when they name `start` itself. */
function outerIgnoreFiles(start: string, cwd: string, disk: Disk): readonly IgnoreFile[] {
  const top = disk.repositoryOf(start) ?? (isWithin(cwd, start) ? cwd : start);
  const found: IgnoreFile[] = [];
  for (let at = start; at !== top; ) {
    at = path.dirname(at);
    found.unshift(...ignoreFileIn(at, disk));
  }
  return isIgnored(`${start}/`, found) ? [] : found;
}

/** The innermost file that says something decides, as in git; a directory's path ends with `/`. */
function isIgnored(file: string, ignores: readonly IgnoreFile[]): boolean {
  for (let i = ignores.length - 1; i >= 0; i--) {
    const { directory, patterns } = ignores[i] as IgnoreFile;
    const slash = file.endsWith('/') ? '/' : '';
    const relative = relativePath(directory, file) + slash;
    if (relative.startsWith('.') && (relative.startsWith('../') || relative === './')) continue;
    const answer = patterns.test(relative);
    if (answer.ignored) return true;
    if (answer.unignored) return false;
  }
  return false;
}

function isDirectory(absolute: string, argument: string): boolean {
  try {
    return statSync(absolute).isDirectory();
  } catch (error) {
    throw new Failure(`\`${argument}\`: ${reasonOf(error)}.`);
  }
}

function realPath(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}
