/** The packages of generated code in mix.exs. */
import { Range, Selection, Uri, WorkspaceEdit, window, workspace } from 'vscode';
import { dependenciesEdit } from '../../../core/design/mix-file';
import type { PackageNeed } from '../../webview/messages';
import type { Outcome } from '../knowledge-base';
import { mixFolder } from './project';

/** Writes the packages into `deps` of mix.exs as an edit that is shown, selected and not saved. */
export async function addDependencies(dependencies: readonly PackageNeed[]): Promise<Outcome> {
  const folder = await mixFolder();
  if (!folder) return { done: false, text: 'No folder that is open has a mix.exs.' };
  const document = await workspace.openTextDocument(Uri.joinPath(folder.uri, 'mix.exs'));
  const made = dependenciesEdit(document.getText(), dependencies);
  if (made === undefined) {
    return { done: false, text: 'mix.exs has no function deps that ends in a list: add the packages where yours are.' };
  }
  const editor = await window.showTextDocument(document, { preview: false });
  const present = made.present.length > 0 ? ` ${made.present.join(', ')} ${made.present.length === 1 ? 'is' : 'are'} there already.` : '';
  if (made.edit === undefined) return { done: true, text: present.trim() };
  const { range, newText } = made.edit;
  const place = new Range(document.positionAt(range.start), document.positionAt(range.end));
  const edit = new WorkspaceEdit();
  edit.replace(document.uri, place, newText);
  if (!(await workspace.applyEdit(edit))) return { done: false, text: 'mix.exs cannot be edited.' };
  const added = new Range(document.positionAt(range.start), document.positionAt(range.start + newText.length));
  editor.revealRange(added);
  editor.selection = new Selection(added.start, added.end);
  return { done: true, text: `Added to mix.exs: look it over and save it.${present}` };
}
