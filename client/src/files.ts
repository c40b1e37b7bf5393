/** Reads files for the server, which in a browser and in virtual workspaces cannot. */
import { type Disposable, FileType, Uri, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { type DirectoryEntry, type FileParams, listDirectory, readFile } from '../../core/protocol';

/** Larger files are data or generated, and are not sent. */
const maxBytes = 2 * 1024 * 1024;

const decoder = new TextDecoder('utf-8', { fatal: true });

export function answerFileRequests(client: BaseLanguageClient): Disposable {
  const answers = [
    client.onRequest(listDirectory, ({ uri }: FileParams) => list(Uri.parse(uri))),
    client.onRequest(readFile, ({ uri }: FileParams) => read(Uri.parse(uri))),
  ];
  return { dispose: () => answers.forEach((answer) => void answer.dispose()) };
}

async function list(folder: Uri): Promise<readonly DirectoryEntry[] | null> {
  try {
    const entries = await workspace.fs.readDirectory(folder);
    return entries.map(([name, type]) => ({
      name,
      kind: type === FileType.File ? 'file' : type === FileType.Directory ? 'directory' : 'other',
    }));
  } catch {
    return null;
  }
}

async function read(file: Uri): Promise<string | null> {
  try {
    const { size } = await workspace.fs.stat(file);
    return size > maxBytes ? null : decoder.decode(await workspace.fs.readFile(file));
  } catch {
    return null;
  }
}
