/** What the design page should know of the folder that is open. */
import { Uri, type WorkspaceFolder, workspace } from 'vscode';
import { applicationOf } from '../../../core/design/mix-file';
import type { ProjectView } from '../../webview/messages';
import { exists } from '../folders';

/** The application and the locked packages of the first folder that has a mix.exs; empty without one. */
export async function projectView(): Promise<ProjectView> {
  const folder = await mixFolder();
  if (!folder) return { locked: {} };
  const mix = await textOf(Uri.joinPath(folder.uri, 'mix.exs'));
  const lock = await textOf(Uri.joinPath(folder.uri, 'mix.lock'));
  const app = applicationOf(mix ?? '');
  const locked = [...(lock ?? '').matchAll(/^\s*"([a-z][a-z0-9_]*)":\s*\{:hex,\s*:\w+,\s*"([^"]{1,40})"/gm)];
  return { ...(app !== undefined && { app }), locked: Object.fromEntries(locked.map(([, name, version]) => [name, version])) };
}

/** The first folder that has a mix.exs. */
export async function mixFolder(): Promise<WorkspaceFolder | undefined> {
  for (const folder of workspace.workspaceFolders ?? []) {
    if (await exists(Uri.joinPath(folder.uri, 'mix.exs'))) return folder;
  }
  return undefined;
}

async function textOf(file: Uri): Promise<string | undefined> {
  return (await exists(file)) ? (await workspace.openTextDocument(file)).getText() : undefined;
}
