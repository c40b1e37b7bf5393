/** The Mix projects of the linted files: found upwards, read once, and known beyond the files that are linted. */
import path from 'node:path';
import type { Extract } from '../../core/facts/extract';
import type { FileFacts } from '../../core/facts/facts';
import { buildProject, isProjectFile } from '../../core/project/build';
import type { ProjectFacts } from '../../core/project/project';
import type { Disk } from './disk';
import { isElixirFile, walk } from './files';
import { relativePath } from './paths';
import { relevantFiles } from './relevance';

/** Answers for a directory the root of the project that its files belong to: where its `mix.exs` is, or that of the umbrella around it. */
export function createProjectRoots(disk: Disk): (directory: string) => string | undefined {
  const roots = new Map<string, string | undefined>();
  return (directory) => {
    if (!roots.has(directory)) roots.set(directory, projectRootOf(directory, disk));
    return roots.get(directory);
  };
}

function projectRootOf(directory: string, disk: Disk): string | undefined {
  const manifest = disk.findUpwards(directory, 'mix.exs');
  if (manifest === undefined) return undefined;
  const root = path.dirname(manifest);
  const outer = disk.findUpwards(path.dirname(root), 'mix.exs');
  return outer !== undefined && appsOf(outer, disk) === path.dirname(root) ? path.dirname(outer) : root;
}

/** The directory that holds the apps of an umbrella's `mix.exs`; undefined for another one. */
function appsOf(manifest: string, disk: Disk): string | undefined {
  const source = disk.read(manifest);
  const apps = source.kind === 'text' ? /\bapps_path:\s*"([^"]+)"/.exec(source.text)?.[1] : undefined;
  return apps === undefined ? undefined : path.resolve(path.dirname(manifest), apps);
}

export interface ProjectReader {
  /** What the project at `root` is, of which files with these texts are linted; read when a rule first asks for it. */
  factsOf(root: string, linted: readonly string[]): ProjectFacts;
  /** The facts of a file of the project (none: a lone file), extracted once as long as its text stays. */
  fileFacts(root: string | undefined, file: string, text: string): FileFacts;
  /** Frees what is known of the files of a project. */
  forget(root: string | undefined): void;
}

/** `measure` is given the work of reading a project, to run it. */
export function createProjectReader(extract: Extract, cwd: string, disk: Disk, measure: <T>(work: () => T) => T): ProjectReader {
  const known = new Map<string | undefined, Map<string, FileFacts>>();

  const fileFacts = (root: string | undefined, file: string, text: string): FileFacts => {
    const files = known.get(root) ?? new Map<string, FileFacts>();
    known.set(root, files);
    const facts = files.get(file);
    if (facts?.text === text) return facts;
    const extracted = extract(relativePath(root ?? cwd, file), text);
    files.set(file, extracted);
    return extracted;
  };

  const read = (root: string, linted: readonly string[]): ProjectFacts => {
    const apps = appsOf(path.join(root, 'mix.exs'), disk);
    const isOwn = (directory: string): boolean => path.dirname(directory) === apps || !disk.holds(directory, 'mix.exs');
    const isWanted = (file: string): boolean => isElixirFile(file) || isProjectFile(relativePath(root, file));
    const texts = new Map<string, string>();
    const elixir = new Map<string, string>();
    const facts: FileFacts[] = [];
    for (const { path: file } of walk(root, cwd, disk, isWanted, isOwn).files) {
      const source = disk.read(file);
      if (source.kind !== 'text') continue;
      const relative = relativePath(root, file);
      if (!isElixirFile(file)) texts.set(relative, source.text);
      else if (isProjectFile(relative)) facts.push(fileFacts(root, file, source.text));
      else elixir.set(file, source.text);
    }
    for (const file of relevantFiles(elixir, linted)) facts.push(fileFacts(root, file, elixir.get(file) ?? ''));
    return buildProject({ root, texts, facts });
  };

  return {
    factsOf: (root, linted) => lazily(() => measure(() => read(root, linted))),
    fileFacts,
    forget: (root) => void known.delete(root),
  };
}

/** A value that is made when something of it is first asked for. */
function lazily<T extends object>(make: () => T): T {
  let made: T | undefined;
  const value = (): T => (made ??= make());
  return new Proxy({} as T, {
    get: (_, key) => Reflect.get(value(), key),
    has: (_, key) => Reflect.has(value(), key),
    ownKeys: () => Reflect.ownKeys(value()),
    getOwnPropertyDescriptor: (_, key) => {
      const descriptor = Reflect.getOwnPropertyDescriptor(value(), key);
      return descriptor && { ...descriptor, configurable: true };
    },
  });
}
