/** The folders around a file, as far up as a project and its configuration may reach. */
import { type URI, Utils } from 'vscode-uri';
import type { Host } from './host';

/** The folders that hold the file, innermost first, up to the root of its repository; without a repository to that of the file system. */
export type Upwards = (file: URI) => Promise<readonly URI[]>;

/** `isTop` says where to stop although no repository is seen: a virtual workspace shows none. */
export function createUpwards(host: Host, isTop: (folder: URI) => boolean): Upwards {
  const known = new Map<string, Promise<readonly URI[]>>();

  async function from(folder: URI): Promise<readonly URI[]> {
    const parent = Utils.dirname(folder);
    const entries = isTop(folder) || parent.path === folder.path ? undefined : await host.list(folder);
    if (!entries || entries.some((entry) => entry.name === '.git')) return [folder];
    return [folder, ...(await cached(parent))];
  }

  function cached(folder: URI): Promise<readonly URI[]> {
    const key = folder.toString();
    let folders = known.get(key);
    if (!folders) {
      folders = from(folder);
      known.set(key, folders);
    }
    return folders;
  }

  return (file) => cached(Utils.dirname(file));
}
