/** Which project a file belongs to, by the `mix.exs` files that are there. */
import { directoryOf } from './paths';

/** The project's directory by the directory of each `mix.exs`: that of the umbrella for its applications. */
export type ProjectRoots = ReadonlyMap<string, string>;

/** Reads where projects begin from the texts of `mix.exs` files, by path with `/`; the directory of `mix.exs` itself is empty. */
export function projectRoots(mixFiles: ReadonlyMap<string, string>): ProjectRoots {
  const umbrellas = new Map<string, string>();
  for (const [path, text] of mixFiles) {
    // A line that says so, not one that is a comment.
    const apps = /^[^#\n]{0,500}\bapps_path:\s*"([^"\n]{1,200})"/m.exec(text)?.[1];
    if (apps !== undefined) umbrellas.set(directoryOf(path), apps.replace(/^\.\/|\/+$/g, ''));
  }
  const roots = new Map<string, string>();
  for (const path of mixFiles.keys()) {
    const directory = directoryOf(path);
    roots.set(directory, umbrellaOf(directory, umbrellas) ?? directory);
  }
  return roots;
}

/** The umbrella of which a directory is an application: a direct child of its `apps_path`. */
function umbrellaOf(directory: string, umbrellas: ReadonlyMap<string, string>): string | undefined {
  for (const at of parents(directoryOf(directory))) {
    const apps = umbrellas.get(at);
    if (apps !== undefined && (at === '' ? apps : `${at}/${apps}`) === directoryOf(directory)) return at;
  }
  return undefined;
}

/** The directory of the project that a file belongs to, and of its own `mix.exs`; undefined outside of every project. */
export function projectOf(roots: ProjectRoots, path: string): { readonly root: string; readonly app: string } | undefined {
  for (const directory of parents(directoryOf(path))) {
    const root = roots.get(directory);
    if (root !== undefined) return { root, app: directory };
  }
  return undefined;
}

/** A directory and those above it, innermost first; the last one is empty for a relative path. */
function* parents(directory: string): Generator<string> {
  for (let at = directory; ; at = directoryOf(at)) {
    yield at;
    if (at === '') return;
  }
}
