/** The Mix projects of the workspace: found from a file upwards, read once, and kept up to date file by file. */
import { type URI, Utils } from 'vscode-uri';
import type { Extract } from '../../core/facts/extract';
import type { FileFacts } from '../../core/facts/facts';
import { buildProject } from '../../core/project/build';
import { isProjectFile } from '../../core/project/manifests';
import type { ProjectFacts } from '../../core/project/project';
import type { Host } from './host';
import type { Texts } from './texts';
import type { Upwards } from './upwards';
import { isBelow, relativePath } from './uris';
import { isForeign, type Walk, walk } from './walk';

const isElixir = (path: string): boolean => /\.exs?$/.test(path);
const isWanted = (path: string): boolean => isElixir(path) || isProjectFile(path);

/** Files read at the same time. */
const width = 16;

interface File {
  readonly text: string;
  /** Of Elixir files. */
  readonly facts?: FileFacts;
}

interface Project {
  readonly root: URI;
  readonly files: Map<string, File>;
  /** Paths whose text may have changed. */
  readonly stale: Set<string>;
  /** Absent until the folder has been walked, and again when what it ignores has changed. */
  walk?: Walk;
  built?: ProjectFacts | undefined;
  /** Updates run one after the other. */
  updating: Promise<unknown>;
}

export interface Projects {
  /** The root of the project that a file belongs to: the folder of its `mix.exs`, or of the umbrella that it is part of. */
  rootOf(file: URI): Promise<URI | undefined>;
  /** What the project is, with every change made so far; undefined when it has too many files to be read. */
  factsOf(root: URI): Promise<ProjectFacts | undefined>;
  /** Whether it is known to have too many files. */
  isTooLarge(root: URI): boolean;
  /** The facts of a file with this text, extracted once. */
  fileFacts(root: URI | undefined, path: string, text: string): FileFacts;
  /** What the project would be with this text in the place of a file that is not Elixir; undefined while it is not known. */
  withText(root: URI, path: string, text: string): ProjectFacts | undefined;
  /** The files of the project, by path, as last read. */
  pathsOf(root: URI): readonly string[];
  /** Text of a file of the project, by its path, as last read. */
  textOf(root: URI, path: string): string | undefined;
  /** A document or file has another text, is new or is gone. Returns whether a project depends on it. */
  changed(file: URI): boolean;
  /** Everything may have changed: for clients that do not watch files. */
  forget(): void;
  /** Frees the projects below a folder. */
  drop(folder: URI): void;
}

export interface ProjectOptions {
  readonly host: Host;
  readonly texts: Texts;
  readonly upwards: Upwards;
  readonly extract: Extract;
  /** More files than this, and the project is not read. */
  maxFiles(root: URI): Promise<number>;
  log(message: string): void;
}

export function createProjects({ host, texts, upwards, extract, maxFiles, log }: ProjectOptions): Projects {
  const projects = new Map<string, Project>();
  /** Text of `mix.exs` by folder, null where there is none. */
  const mixFiles = new Map<string, Promise<string | null>>();
  /** Of the last file whose facts no project keeps: it is asked about more than once. */
  let last: FileFacts | undefined;

  function mixOf(folder: URI): Promise<string | null> {
    const key = folder.toString();
    let text = mixFiles.get(key);
    if (!text) {
      text = texts.read(Utils.joinPath(folder, 'mix.exs')).then((found) => found ?? null);
      mixFiles.set(key, text);
    }
    return text;
  }

  async function rootOf(file: URI): Promise<URI | undefined> {
    if (file.scheme === 'untitled') return undefined;
    let root: URI | undefined;
    for (const folder of await upwards(file)) {
      const mix = await mixOf(folder);
      if (mix !== null && (root === undefined || isAppOf(mix, relativePath(folder, root)))) root = folder;
    }
    return root;
  }

  function projectAt(root: URI): Project {
    const key = root.toString();
    let project = projects.get(key);
    if (!project) {
      project = { root, files: new Map(), stale: new Set(), updating: Promise.resolve() };
      projects.set(key, project);
    }
    return project;
  }

  const isKept = (project: Project): boolean => projects.get(project.root.toString()) === project;

  async function scan(project: Project, limit: number): Promise<Walk> {
    const found = await walk({ host, upwards }, project.root, isWanted, limit, () => !isKept(project));
    const paths = new Set(found.complete ? ownPaths(found.paths, await mixOf(project.root)) : []);
    for (const path of project.files.keys()) if (!paths.has(path)) project.files.delete(path);
    for (const path of paths) project.stale.add(path);
    if (!found.complete) {
      log(
        `${project.root.toString()} has more than ${limit} files, so rules that look at the whole project do not run (netsplit.maxFiles).`,
      );
    }
    return { ...found, paths: [...paths] };
  }

  /** Reads what is stale. */
  async function update(project: Project): Promise<ProjectFacts | undefined> {
    if (!project.walk) {
      project.walk = await scan(project, await maxFiles(project.root));
      project.built = undefined;
    }
    if (!project.walk.complete) return undefined;
    const pending = [...project.stale];
    project.stale.clear();
    let breath = Date.now();
    for (let i = 0; i < pending.length && isKept(project); i += width) {
      const batch = pending.slice(i, i + width);
      const read = await Promise.all(batch.map((path) => texts.read(Utils.joinPath(project.root, path))));
      batch.forEach((path, at) => {
        const text = read[at];
        if (text === project.files.get(path)?.text) return;
        project.built = undefined;
        // Without its `mix.exs` a nested project becomes a part of this one.
        if (text === undefined && path.endsWith('/mix.exs')) delete project.walk;
        if (text === undefined) project.files.delete(path);
        else project.files.set(path, isElixir(path) ? { text, facts: extract(path, text) } : { text });
      });
      // Reading may resolve without a turn of the event loop, and messages such as a cancellation must get in between.
      if (Date.now() - breath > 20) {
        await new Promise((resume) => setTimeout(resume));
        breath = Date.now();
      }
    }
    if (!project.walk) return update(project);
    project.built ??= build(project);
    return project.built;
  }

  function fileFacts(root: URI | undefined, path: string, text: string): FileFacts {
    const kept = root && projects.get(root.toString())?.files.get(path)?.facts;
    for (const known of [kept, last]) if (known?.text === text && known.path === path) return known;
    // A project's files change by `update` alone, which knows what must be built again.
    last = extract(path, text);
    return last;
  }

  return {
    rootOf,
    fileFacts,
    factsOf(root) {
      const project = projectAt(root);
      const updated = project.updating.then(() => update(project));
      project.updating = updated.catch(() => undefined);
      return updated;
    },
    isTooLarge: (root) => projects.get(root.toString())?.walk?.complete === false,
    withText(root, path, text) {
      const project = projects.get(root.toString());
      if (!project?.walk?.complete) return undefined;
      if (project.built && project.files.get(path)?.text === text) return project.built;
      return build({ ...project, files: new Map(project.files).set(path, { text }) });
    },
    pathsOf: (root) => [...(projects.get(root.toString())?.files.keys() ?? [])].sort(),
    textOf: (root, path) => projects.get(root.toString())?.files.get(path)?.text,
    changed(file) {
      const name = Utils.basename(file);
      let concerned = name === 'mix.exs' && mixFiles.delete(Utils.dirname(file).toString());
      for (const project of projects.values()) {
        const path = relativePath(project.root, file);
        if (path === undefined || isForeign(path)) continue;
        const isKnown = project.files.has(path);
        // What the project consists of may be different now.
        if (name === '.gitignore' || (name === 'mix.exs' && !isKnown)) delete project.walk;
        else if (isKnown || (isWanted(path) && isNewTo(project, path))) project.stale.add(path);
        else continue;
        concerned = true;
      }
      return concerned;
    },
    forget() {
      mixFiles.clear();
      for (const project of projects.values()) delete project.walk;
    },
    drop(folder) {
      for (const [key, project] of projects) if (isBelow(folder, project.root)) projects.delete(key);
    },
  };
}

/** A file that the walk did not see belongs to the project unless it is ignored or in a project of its own. */
function isNewTo(project: Project, path: string): boolean {
  if (!project.walk?.complete || project.walk.isIgnored(path)) return false;
  const mix = project.files.get('mix.exs')?.text ?? null;
  const folders = [...project.files.keys(), path];
  return ownPaths(folders, mix).includes(path);
}

function build(project: Project): ProjectFacts {
  const texts = new Map<string, string>();
  const facts: FileFacts[] = [];
  for (const [path, file] of [...project.files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (isProjectFile(path)) texts.set(path, file.text);
    if (file.facts) facts.push(file.facts);
  }
  return buildProject({ root: project.root.toString(), texts, facts });
}

/** The paths that are of the project itself: those of nested projects are not, unless they are apps of this umbrella. */
function ownPaths(paths: readonly string[], mix: string | null): readonly string[] {
  const nested = paths.filter((path) => path.endsWith('/mix.exs')).map((path) => path.slice(0, -'mix.exs'.length));
  const others = nested.filter((folder) => mix === null || !isAppOf(mix, folder.slice(0, -1)));
  return others.length === 0 ? paths : paths.filter((path) => !others.some((folder) => path.startsWith(folder)));
}

/** Whether `mix.exs` is an umbrella's that holds the app at `path`, relative to it. */
function isAppOf(mix: string, path: string | undefined): boolean {
  const apps = /\bapps_path:\s*"([^"]+)"/.exec(mix)?.[1];
  if (apps === undefined || path === undefined) return false;
  const prefix = `${apps.replace(/^\.\/|\/+$/g, '')}/`;
  return path.startsWith(prefix) && !path.slice(prefix.length).includes('/');
}
