/** Files that only the client can read: in a browser all of them, elsewhere those of virtual workspaces. */
import type { Connection } from 'vscode-languageserver';
import type { URI } from 'vscode-uri';
import { type DirectoryEntry, type FileParams, listDirectory, readFile } from '../../core/protocol';
import type { Host } from './host';

/** Asks the client, which answers where it announced `files` in its initialization options. */
export function clientFiles(connection: Connection): Host {
  const ask = async <Result>(method: string, uri: URI): Promise<Result | null> => {
    const params: FileParams = { uri: uri.toString() };
    return connection.sendRequest<Result | null>(method, params);
  };
  return {
    list: async (directory) => (await ask<readonly DirectoryEntry[]>(listDirectory, directory)) ?? [],
    read: async (file) => (await ask<string>(readFile, file)) ?? undefined,
  };
}

/** For a client that offers no files: every document is alone. */
export const noFiles: Host = { list: async () => [], read: async () => undefined };
