/** The knowledge base of a folder in the editor: sections are written as edits that can be undone. */
import { commands, Range, TextEdit, Uri, WorkspaceEdit, type WorkspaceFolder, window, workspace } from 'vscode';
import { knowledgeBases, type Section, type Upsert, upsert } from '../../core/design/learnings';
import { chooseFolder, exists } from './folders';

/** How something ended, in a sentence; `file` is what there is to look at. */
export interface Outcome {
  readonly done: boolean;
  readonly text: string;
  readonly file?: Uri;
}

/** The file that a folder's sections are written into, whether or not it exists. Throws an Error when the setting is not a Markdown file in the folder. */
export async function knowledgeBaseOf(folder: WorkspaceFolder): Promise<Uri> {
  const chosen = workspace.getConfiguration('netsplit', folder.uri).get<string>('learnings.path', '').trim();
  if (chosen !== '') {
    const parts = chosen.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
    if (!/\.(md|markdown)$/i.test(chosen) || parts.includes('..') || /^([\\/]|[a-z]:)/i.test(chosen)) {
      throw new Error(`netsplit.learnings.path is “${chosen}”; expected a Markdown file in the folder, such as docs/project-learnings.md.`);
    }
    return Uri.joinPath(folder.uri, ...parts);
  }
  const files = knowledgeBases.map((name) => Uri.joinPath(folder.uri, name));
  const [first, other] = files as [Uri, Uri];
  return (await exists(first)) ? first : other;
}

/** Puts a section into the knowledge base of the folder that is open, or that the user picks, and saves it. Undefined when no folder is picked. */
export async function saveSection(section: Section): Promise<Outcome | undefined> {
  const folder = await chooseFolder(
    'The folder whose knowledge base is written',
    'Open a folder first: the knowledge base is a file in it.',
  );
  return folder && writeSection(section, folder);
}

/** As `saveSection`, for a folder that is known. */
export async function writeSection(section: Section, folder: WorkspaceFolder): Promise<Outcome> {
  try {
    const file = await knowledgeBaseOf(folder);
    const shown = workspace.asRelativePath(file, false);
    return (await exists(file)) ? await update(file, shown, section) : await create(file, shown, section);
  } catch (error) {
    return { done: false, text: error instanceof Error ? error.message : String(error) };
  }
}

async function create(file: Uri, shown: string, section: Section): Promise<Outcome> {
  const edit = new WorkspaceEdit();
  edit.createFile(file, { contents: new TextEncoder().encode(upsert('', section).text) });
  if (!(await workspace.applyEdit(edit))) return { done: false, text: `${shown} cannot be created.` };
  return { done: true, text: `${shown}: created, with “${titleOf(section)}”.`, file };
}

const described: Readonly<Record<Upsert['outcome'], string>> = { appended: 'added', replaced: 'updated', unchanged: 'already has' };

async function update(file: Uri, shown: string, section: Section): Promise<Outcome> {
  const stored = decoded(await workspace.fs.readFile(file));
  if (stored === undefined) return { done: false, text: `${shown} stays as it is: it is not UTF-8.`, file };
  const document = await workspace.openTextDocument(file);
  const unsaved = document.isDirty;
  if (!unsaved) {
    // What the editor shows may be older than the file.
    if (asShown(stored) !== asShown(document.getText())) return { done: false, text: justChanged(shown), file };
    // The editor would give all lines one ending.
    if (isMixed(stored)) return await updateBytes(file, shown, stored, section);
  }
  const { edits, outcome, notes } = upsert(document.getText(), section);
  const said = [`${shown}: ${described[outcome]} “${titleOf(section)}”.`, ...notes].join(' ');
  if (edits.length === 0) return { done: true, text: said, file };
  const edit = new WorkspaceEdit();
  edit.set(
    file,
    edits.map(({ range, newText }) => new TextEdit(new Range(document.positionAt(range.start), document.positionAt(range.end)), newText)),
  );
  if (!(await workspace.applyEdit(edit))) return { done: false, text: `${shown} stays as it is: it cannot be edited.`, file };
  if (unsaved) return { done: true, text: `${said} Not saved yet, because it holds other changes of yours.`, file };
  if (await document.save()) return { done: true, text: said, file };
  await window.showTextDocument(document, { preview: false });
  await commands.executeCommand('workbench.action.files.revert');
  return {
    done: false,
    text: `${shown} stays as it is: it cannot be saved. It may be read-only, or somebody else has just changed it.`,
    file,
  };
}

async function updateBytes(file: Uri, shown: string, stored: string, section: Section): Promise<Outcome> {
  const { text, outcome, notes } = upsert(stored, section);
  const said = [`${shown}: ${described[outcome]} “${titleOf(section)}”.`, ...notes].join(' ');
  if (text === stored) return { done: true, text: said, file };
  if (decoded(await workspace.fs.readFile(file)) !== stored) return { done: false, text: justChanged(shown), file };
  await workspace.fs.writeFile(file, new TextEncoder().encode(text));
  return { done: true, text: said, file };
}

function justChanged(shown: string): string {
  return `${shown} has just been changed by somebody else, and stays as it is. Write again.`;
}

/** With its byte order mark; undefined where the bytes are no UTF-8. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function asShown(text: string): string {
  return text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
}

function isMixed(text: string): boolean {
  return new Set(text.match(/\r\n|\r|\n/g)).size > 1 || /\r(?!\n)/.test(text);
}

function titleOf({ heading }: Section): string {
  return heading.replace(/^#+\s*/, '');
}

/** The whole text of the folder's knowledge base; undefined where there is none. */
export async function knowledgeBaseText(folder: WorkspaceFolder): Promise<{ readonly file: Uri; readonly text: string } | undefined> {
  const file = await knowledgeBaseOf(folder);
  if (!(await exists(file))) return undefined;
  return { file, text: (await workspace.openTextDocument(file)).getText() };
}
