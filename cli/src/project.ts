/** The Mix projects of the linted files: found upwards, read once, and known beyond the files that are linted. */
import path from 'node:path';
import type { Extract } from '../../core/facts/extract';
import type { FileFacts } from '../../core/facts/facts';
import { buildProject } from '../../core/project/build';
import { isProjectFile } from '../../core/project/manifests';
import type { ProjectFacts } from '../../core/project/project';
import type { Disk } from './disk';
import { isElixirFile, type RootOf, walk } from './files';
import { relativePath } from './paths';
import { relevantFiles } from './relevance';

/** Answers for a directory the root of the project that its files belong to: where its `mix.exs` is, or that of the umbrella around it. */
export function createProjectRoots(disk: Disk): RootOf {
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
  /**
   * What the project at `root` is, of which these Elixir files and manifests are linted, with their texts by path; read when a rule first asks
   * for it.
   */
  factsOf(root: string, linted: ReadonlyMap<string, string>, manifests: ReadonlyMap<string, string>): ProjectFacts;
  /** The same with every Elixir file of the project, whatever it tells: for those who look at the project itself. */
  wholeOf(root: string): ProjectFacts;
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

  const filesOf = (root: string, linted: ReadonlyMap<string, string>): ProjectFiles => {
    const apps = appsOf(path.join(root, 'mix.exs'), disk);
    const isOwn = (directory: string): boolean => path.dirname(directory) === apps || !disk.holds(directory, 'mix.exs');
    const isWanted = (file: string): boolean => isElixirFile(file) || isProjectFile(relativePath(root, file));
    const files: ProjectFiles = { texts: new Map(), manifests: [], code: [] };
    for (const { path: file } of walk(root, cwd, disk, isWanted, isOwn).files) {
      const relative = relativePath(root, file);
      if (!isProjectFile(relative)) files.code.push(file);
      else if (isElixirFile(file)) files.manifests.push(file);
      else for (const text of textsOf([file]).values()) files.texts.set(relative, text);
    }
    // What is linted is part of its project, though only standard input may hold it.
    for (const [file, text] of linted) files.texts.set(relativePath(root, file), text);
    return files;
  };

  const textsOf = (files: readonly string[]): ReadonlyMap<string, string> => {
    const texts = new Map<string, string>();
    for (const file of files) {
      const source = disk.read(file);
      if (source.kind === 'text') texts.set(file, source.text);
    }
    return texts;
  };

  const build = (root: string, { texts, manifests }: ProjectFiles, code: ReadonlyMap<string, string>): ProjectFacts => {
    const elixir = [...textsOf(manifests), ...code];
    return buildProject({ root, texts, facts: elixir.map(([file, text]) => fileFacts(root, file, text)) });
  };

  const relevantCode = (files: ProjectFiles, linted: ReadonlyMap<string, string>): ReadonlyMap<string, string> => {
    // What is linted is part of its project, though `.gitignore` names it or only standard input holds it.
    const code = new Map([...textsOf(files.code), ...linted]);
    for (const manifest of files.manifests) code.delete(manifest);
    const relevant = relevantFiles(code, [...linted.values()]);
    return new Map([...code].filter(([file]) => relevant.has(file)));
  };

  return {
    factsOf(root, linted, manifests) {
      let found: ProjectFiles | undefined;
      const files = () => (found ??= filesOf(root, manifests));
      return lazyProject(
        () => measure(() => build(root, files(), new Map())),
        () => measure(() => build(root, files(), relevantCode(files(), linted))),
      );
    },
    wholeOf(root) {
      const files = filesOf(root, new Map());
      return build(root, files, textsOf(files.code));
    },
    fileFacts,
    forget: (root) => void known.delete(root),
  };
}

/** The files of a project, absolute but for the texts, which are by path relative to its root. */
interface ProjectFiles {
  readonly texts: Map<string, string>;
  /** Elixir that says what the project is: `mix.exs` and configuration. */
  readonly manifests: string[];
  readonly code: string[];
}

/** What a project's manifests and deployment files alone say: its code need not be read for it. */
const ofManifests: ReadonlySet<PropertyKey> = new Set<keyof ProjectFacts>([
  'root',
  'umbrella',
  'apps',
  'dependencies',
  'otp',
  'elixir',
  'replicas',
  'release',
]);

/** A project that is read when something of it is first asked for, and only its manifests where they answer. */
function lazyProject(fromManifests: () => ProjectFacts, fromAll: () => ProjectFacts): ProjectFacts {
  let manifests: ProjectFacts | undefined;
  let all: ProjectFacts | undefined;
  const whole = (): ProjectFacts => (all ??= fromAll());
  const knowing = (key: PropertyKey): ProjectFacts => {
    if (all || !ofManifests.has(key)) return whole();
    return (manifests ??= fromManifests());
  };
  return new Proxy({} as ProjectFacts, {
    get: (_, key) => Reflect.get(knowing(key), key),
    has: (_, key) => Reflect.has(knowing(key), key),
    ownKeys: () => Reflect.ownKeys(whole()),
    getOwnPropertyDescriptor: (_, key) => {
      const descriptor = Reflect.getOwnPropertyDescriptor(knowing(key), key);
      return descriptor && { ...descriptor, configurable: true };
    },
  });
}
