/** Generated code on its way into the project: at the cursor, or as files of its own. */
import { type Disposable, type TextEditor, Uri, WorkspaceEdit, type WorkspaceFolder, window, workspace } from 'vscode';
import type { CodeFile } from '../../webview/messages';
import { chooseFolder, exists } from '../folders';
import type { Outcome } from '../knowledge-base';
import { mixFolder } from './project';

let lastEditor: TextEditor | undefined;

/** Keeps the text editor in mind that was active last: while the page has the focus there is none. */
export function rememberEditors(): Disposable {
  lastEditor = window.activeTextEditor;
  return window.onDidChangeActiveTextEditor((editor) => {
    if (editor) lastEditor = editor;
  });
}

/** Puts text at the cursor of the editor that was active last, in place of its selection, and shows it. */
export async function insertAtCursor(text: string): Promise<Outcome> {
  const before = lastEditor;
  if (!before || before.document.isClosed) return { done: false, text: 'There is no editor to insert into: open a file first.' };
  const { document, selection, viewColumn } = before;
  const editor = await window.showTextDocument(document, { ...(viewColumn !== undefined && { viewColumn }), selection });
  const shown = workspace.asRelativePath(document.uri);
  const done = await editor.edit((edit) => edit.replace(editor.selection, text));
  return { done, text: done ? `Inserted into ${shown}.` : `${shown} cannot be edited.` };
}

/** Creates the files in the project, all or none; one that is alone is shown. A file that is there with other content is never replaced. */
export async function createFiles(files: readonly CodeFile[]): Promise<Outcome | undefined> {
  const folder =
    (await mixFolder()) ?? (await chooseFolder('The folder for the files', 'Open a folder first: the files are created in it.'));
  if (!folder) return undefined;
  const found = await Promise.all(files.map(async (file) => ({ ...file, ...(await stateOf(file, folder)) })));
  const others = found.filter(({ state }) => state === 'other');
  if (others.length > 0) {
    const names = others.map(({ path }) => path).join(', ');
    return { done: false, text: `Nothing is created: ${names} ${others.length === 1 ? 'is' : 'are'} there with other content.` };
  }
  const fresh = found.filter(({ state }) => state === 'absent');
  const edit = new WorkspaceEdit();
  for (const { uri, content } of fresh) edit.createFile(uri, { contents: new TextEncoder().encode(content) });
  if (fresh.length > 0 && !(await workspace.applyEdit(edit))) return { done: false, text: 'The files cannot be created.' };
  const [only] = found;
  if (found.length === 1 && only) await window.showTextDocument(only.uri, { preview: false });
  return { done: true, text: saidOf(fresh.length, found.length, only?.path ?? '') };
}

function saidOf(created: number, asked: number, path: string): string {
  if (asked === 1) return created === 1 ? `Created ${path}.` : `${path} is there already, as it is here.`;
  const there = asked - created;
  return `Created ${created} files${there > 0 ? `; ${there} ${there === 1 ? 'was' : 'were'} there already` : ''}.`;
}

async function stateOf(
  { path, content }: CodeFile,
  folder: WorkspaceFolder,
): Promise<{ readonly uri: Uri; readonly state: 'absent' | 'same' | 'other' }> {
  const uri = Uri.joinPath(folder.uri, path);
  if (!(await exists(uri))) return { uri, state: 'absent' };
  const bytes = await workspace.fs.readFile(uri);
  return { uri, state: new TextDecoder().decode(bytes) === content ? 'same' : 'other' };
}
