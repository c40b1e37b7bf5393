/** The Mix projects of the linted files: found upwards, read once, and known beyond the files that are linted. */
import path from 'node:path';
import type { Extract } from '../../core/facts/extract';
import type { FileFacts } from '../../core/facts/facts';
import { buildProject, isProjectFile } from '../../core/project/build';
import type { ProjectFacts } from '../../core/project/project';
import type { Disk } from './disk';
import { isElixirFile, walk } from './files';
import { relativePath } from './paths';

/** The root of the project that a file in `directory` belongs to: where its `mix.exs` is, or the umbrella's around it. */
export function projectRootOf(directory: string, disk: Disk): string | undefined {
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
  /** What the project at `root` is; read when a rule first asks for it. */
  factsOf(root: string): ProjectFacts;
  /** The facts of a file of the project (none: a lone file), extracted once as long as its text stays. */
  fileFacts(root: string | undefined, file: string, text: string): FileFacts;
  /** A text of the project at `root` is not what it was. */
  changed(root: string): void;
  /** Frees what is known of the files of a project. */
  forget(root: string | undefined): void;
}

/** `isRelevant` tells by the text whether a rule could have something to say about a file. */
export function createProjectReader(
  extract: Extract,
  isRelevant: (text: string) => boolean,
  cwd: string,
  disk: Disk,
  onProject: <T>(read: () => T) => T,
): ProjectReader {
  const built = new Map<string, ProjectFacts>();
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

  const build = (root: string): ProjectFacts => {
    const apps = appsOf(path.join(root, 'mix.exs'), disk);
    const isOwn = (directory: string): boolean => path.dirname(directory) === apps || !disk.holds(directory, 'mix.exs');
    const isWanted = (file: string): boolean => isElixirFile(file) || isProjectFile(relativePath(root, file));
    const texts = new Map<string, string>();
    const facts: FileFacts[] = [];
    for (const { path: file } of walk(root, cwd, disk, isWanted, isOwn).files) {
      const source = disk.read(file);
      if (source.kind !== 'text') continue;
      const relative = relativePath(root, file);
      const manifest = isProjectFile(relative);
      if (manifest) texts.set(relative, source.text);
      if (isElixirFile(file) && (manifest || tellsOfCluster.test(source.text) || isRelevant(source.text))) {
        facts.push(fileFacts(root, file, source.text));
      }
    }
    return buildProject({ root, texts, facts });
  };

  const read = (root: string): ProjectFacts => {
    const facts = built.get(root) ?? onProject(() => build(root));
    built.set(root, facts);
    return facts;
  };

  return {
    factsOf: (root) => lazily(() => read(root)),
    fileFacts,
    changed: (root) => void built.delete(root),
    forget: (root) => void known.delete(root),
  };
}

/** Words of which one stands in every file that says something about processes, their names, their supervision or other nodes. */
const tellsOfCluster =
  /\b(?:Supervisor|DynamicSupervisor|Application|GenServer|GenStage|Agent|Registry|Task|child_spec|start_link|start_child|behaviour|defmacro|Node|node|nodes|rpc|erpc|global|pg|net_kernel|mnesia|ets|topologies|libcluster|Cluster|Horde|Swarm|syn|ra|partisan|Partisan|PubSub|Presence|Tracker|Quantum|Oban)\b/;

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
