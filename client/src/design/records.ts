/** Architecture decision records as files of the project. */
import { FileType, Range, Uri, WorkspaceEdit, window, workspace } from 'vscode';
import type { DecisionRecord } from '../../webview/messages';
import { chooseFolder, exists } from '../folders';
import type { Outcome } from '../knowledge-base';

/** Folders in which projects keep their records, the usual one first. */
const recordFolders = ['docs/decisions', 'docs/adr', 'doc/adr', 'doc/decisions', 'adr', 'decisions'];

/**
 * Creates each record under the next number, as `docs/decisions/0001-stock-ledger.md`, in the folder that the project uses for records. One that is
 * there under its name is edited and left unsaved, so that the difference can be seen.
 */
export async function saveRecords(records: readonly DecisionRecord[]): Promise<Outcome | undefined> {
  const folder = await chooseFolder('The folder for the decision records', 'Open a folder first: the records are files in it.');
  if (!folder) return undefined;
  const home = await homeOf(folder.uri);
  const names = (await exists(home)) ? await fileNames(home) : [];
  const edit = new WorkspaceEdit();
  const said: string[] = [];
  // The edit's own `size` leaves out files that it creates.
  let changes = 0;
  let next = Math.max(0, ...names.map((name) => Number(/^(\d{1,6})-/.exec(name)?.[1] ?? 0))) + 1;
  let first: Uri | undefined;
  for (const { fileName, text } of records) {
    const there = names.find((name) => name.replace(/^\d+-/, '') === fileName);
    const uri = Uri.joinPath(home, there ?? `${String(next++).padStart(4, '0')}-${fileName}`);
    const shown = workspace.asRelativePath(uri, false);
    first ??= uri;
    if (there === undefined) {
      edit.createFile(uri, { contents: new TextEncoder().encode(text) });
      changes++;
      said.push(`Created ${shown}.`);
      continue;
    }
    const document = await workspace.openTextDocument(uri);
    if (document.getText() === text) said.push(`${shown} is there already, as it is here.`);
    else {
      edit.replace(uri, new Range(document.positionAt(0), document.positionAt(document.getText().length)), text);
      changes++;
      said.push(`Edited ${shown}: look it over and save it.`);
    }
  }
  if (changes > 0 && !(await workspace.applyEdit(edit))) return { done: false, text: 'The records cannot be written.' };
  if (first) await window.showTextDocument(first, { preview: false });
  return { done: true, text: said.join(' ') };
}

async function homeOf(folder: Uri): Promise<Uri> {
  for (const name of recordFolders) {
    const home = Uri.joinPath(folder, name);
    if (await exists(home)) return home;
  }
  return Uri.joinPath(folder, recordFolders[0] ?? '');
}

async function fileNames(folder: Uri): Promise<readonly string[]> {
  const entries = await workspace.fs.readDirectory(folder);
  return entries.flatMap(([name, type]) => (type === FileType.File ? [name] : []));
}
