/** What the server needs of the place where it runs: directories and texts, named by URI. */
import type { URI } from 'vscode-uri';
import type { DirectoryEntry } from '../../core/protocol';

export interface Host {
  /** The entries of a directory; empty when it cannot be read. */
  list(directory: URI): Promise<readonly DirectoryEntry[]>;
  /** The text of a file; undefined when there is none, when it is larger than `maxBytes` or not UTF-8. */
  read(file: URI): Promise<string | undefined>;
}

/** A larger file is not read: it is data or generated. */
export const maxBytes = 2 * 1024 * 1024;

const encoder = new TextEncoder();

/** Whether a text would be larger than `maxBytes` as a file. */
export function isTooLarge(text: string): boolean {
  return text.length > maxBytes || (text.length * 3 > maxBytes && encoder.encode(text).byteLength > maxBytes);
}
