/** The host on a machine with a disk. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { type Host, maxBytes } from './host';

/** Drops a byte order mark, as editors do: offsets are those of the document that they would show. */
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Reads the disk; URIs must be of scheme `file`. */
export const disk: Host = {
  async list(directory) {
    try {
      const entries = await readdir(directory.fsPath, { withFileTypes: true });
      return entries.map((entry) => ({ name: entry.name, kind: entry.isFile() ? 'file' : entry.isDirectory() ? 'directory' : 'other' }));
    } catch {
      return [];
    }
  },
  async read(file) {
    try {
      // The size first: a huge file must not be held to learn that it is huge.
      const { size } = await stat(file.fsPath);
      return size > maxBytes ? undefined : decoder.decode(await readFile(file.fsPath));
    } catch {
      return undefined;
    }
  },
};
