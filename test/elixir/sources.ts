/** Elixir files of a folder. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Source {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Every `.ex` and `.exs` file below `folder`, by path. Symbolic links are not followed. */
export function elixirFiles(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && /\.exs?$/.test(entry.name));
  return files.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/')).sort();
}

export function readSource(folder: string, file: string): Source {
  return { path: file, text: readFileSync(path.join(folder, file), 'utf8') };
}
