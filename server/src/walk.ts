/** Which files of a folder belong to the project: the same for a disk and for files that the client reads. */
import ignore, { type Ignore } from 'ignore';
import { type URI, Utils } from 'vscode-uri';
import type { Host } from './host';
import type { Upwards } from './upwards';
import { relativePath } from './uris';

/** Directories of what is fetched or built; what is in them is not the user's. */
const foreign: ReadonlySet<string> = new Set(['deps', '_build', 'node_modules', '.elixir_ls', '.git']);

/** Whether a path or URI leads through a directory of what is fetched or built. */
export function isForeign(path: string): boolean {
  return path.split('/').some((segment) => foreign.has(segment));
}

export interface Walk {
  /** Paths relative to the root, with `/`, in the order of their directories. */
  readonly paths: readonly string[];
  /** There are more files than the limit allows, or the walk was cancelled. */
  readonly complete: boolean;
  /** Whether a path relative to the root is left out by a `.gitignore` or by its directory. */
  isIgnored(path: string): boolean;
}

interface Rules {
  /** Directory of the `.gitignore` relative to the root: `''`, `apps/web/`; of one above the root, what leads from there to the root. */
  readonly below: string;
  readonly above: string;
  readonly matcher: Ignore;
}

/** The files below `root` for which `wanted` holds, at most `limit`. */
export async function walk(
  { host, upwards }: { readonly host: Host; readonly upwards: Upwards },
  root: URI,
  wanted: (path: string) => boolean,
  limit: number,
  isCancelled: () => boolean,
): Promise<Walk> {
  const rules = await rulesAbove(host, root, upwards);
  const paths: string[] = [];
  const pending = [''];
  let complete = true;
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    if (isCancelled() || paths.length >= limit) {
      complete = false;
      break;
    }
    const entries = await host.list(directory === '' ? root : Utils.joinPath(root, directory));
    if (entries.some((entry) => entry.name === '.gitignore' && entry.kind === 'file')) {
      const text = await host.read(Utils.joinPath(root, directory, '.gitignore'));
      if (text !== undefined) rules.push({ below: directory, above: '', matcher: ignore().add(text) });
    }
    for (const entry of [...entries].sort((a, b) => (a.name < b.name ? 1 : -1))) {
      const path = directory + entry.name;
      if (entry.kind === 'directory') {
        if (!foreign.has(entry.name) && !isIgnored(rules, `${path}/`)) pending.push(`${path}/`);
      } else if (entry.kind === 'file' && wanted(path) && !isIgnored(rules, path)) {
        if (paths.length < limit) paths.push(path);
        else complete = false;
      }
    }
  }
  return { paths, complete, isIgnored: (path) => isForeign(path) || isIgnored(rules, path) };
}

/** The `.gitignore` files of the folders around `root`, the outermost first; without a repository around it, nothing above counts. */
async function rulesAbove(host: Host, root: URI, upwards: Upwards): Promise<Rules[]> {
  const around = await upwards(Utils.joinPath(root, '.gitignore'));
  const top = around.at(-1);
  if (!top || !(await host.list(top)).some((entry) => entry.name === '.git')) return [];
  const found: Rules[] = [];
  for (const folder of around.slice(1).reverse()) {
    const text = await host.read(Utils.joinPath(folder, '.gitignore'));
    if (text !== undefined) found.push({ below: '', above: `${relativePath(folder, root)}/`, matcher: ignore().add(text) });
  }
  return found;
}

/** The innermost `.gitignore` that says something about the path decides. */
function isIgnored(rules: readonly Rules[], path: string): boolean {
  for (let i = rules.length - 1; i >= 0; i--) {
    const { below, above, matcher } = rules[i] as Rules;
    if (!path.startsWith(below) || path.length === below.length) continue;
    const result = matcher.test(above + path.slice(below.length));
    if (result.ignored) return true;
    if (result.unignored) return false;
  }
  return false;
}
