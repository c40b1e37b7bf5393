/** The editor as the tests use it. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type CodeAction,
  CodeActionKind,
  commands,
  type Diagnostic,
  languages,
  type TextDocument,
  type TextEditor,
  Uri,
  window,
  workspace,
} from 'vscode';

const limit = 50_000;

/** The folder that is open. */
export function folder(): Uri {
  const uri = workspace.workspaceFolders?.[0]?.uri;
  assert.ok(uri, 'No folder is open.');
  return uri;
}

/** A file of the open folder, or one with an absolute path. */
export function fileAt(file: string): Uri {
  return path.isAbsolute(file)
    ? Uri.file(file).with({ scheme: folder().scheme, authority: folder().authority })
    : Uri.joinPath(folder(), file);
}

export async function write(file: string, text: string): Promise<Uri> {
  const uri = fileAt(file);
  await workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  return uri;
}

export async function remove(file: string): Promise<void> {
  await workspace.fs.delete(fileAt(file));
}

/** Opens a file, with this text if it is to be a new one. */
export async function open(file: string, text?: string): Promise<TextEditor> {
  if (text !== undefined) await write(file, text);
  return window.showTextDocument(fileAt(file), { preview: false });
}

export async function closeAll(): Promise<void> {
  for (const document of workspace.textDocuments) {
    if (document.isDirty)
      await window.showTextDocument(document).then(() => commands.executeCommand('workbench.action.revertAndCloseActiveEditor'));
  }
  await commands.executeCommand('workbench.action.closeAllEditors');
}

/** The rule of a finding. */
export function ruleOf({ code }: Diagnostic): string {
  return String(typeof code === 'object' ? code.value : code);
}

/** Findings of a document as lines, counted from 1, and rules. */
export function findings(uri: Uri): readonly string[] {
  const own = languages.getDiagnostics(uri).filter(({ source }) => source === 'netsplit');
  return own.map((diagnostic) => `${diagnostic.range.start.line + 1} ${ruleOf(diagnostic)}`).sort();
}

/** Waits until a document has exactly these findings. */
export function untilFindings(uri: Uri, expected: readonly string[]): Promise<readonly string[]> {
  const wanted = [...expected].sort();
  return until(
    () => findings(uri),
    (found) => found.join('\n') === wanted.join('\n'),
    `findings of ${uri.path} to be ${JSON.stringify(wanted)}`,
  );
}

/** Reads until the value is accepted; rejects with the last one. */
export async function until<T>(read: () => T | PromiseLike<T>, accept: (value: T) => boolean, what: string): Promise<T> {
  const end = Date.now() + limit;
  for (;;) {
    const value = await read();
    if (accept(value)) return value;
    if (Date.now() > end) throw new Error(`Waited ${limit} ms for ${what}; last: ${JSON.stringify(value)}`);
    await delay(20);
  }
}

/** The actions that a person is offered at a line, counted from 1. */
export async function actionsAt({ uri, lineAt }: TextDocument, line: number): Promise<readonly CodeAction[]> {
  return commands.executeCommand('vscode.executeCodeActionProvider', uri, lineAt(line - 1).range, CodeActionKind.QuickFix.value);
}

/** Takes one of the actions at a line, once it is offered. */
export async function take(document: TextDocument, line: number, title: string): Promise<void> {
  const actions = await until(
    () => actionsAt(document, line),
    (offered) => offered.some((action) => action.title === title),
    `“${title}” at line ${line}`,
  );
  const action = actions.find((offered) => offered.title === title);
  assert.ok(action?.edit, `“${title}” has no edit.`);
  assert.ok(await workspace.applyEdit(action.edit));
}
