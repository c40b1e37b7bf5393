/** The command that applies every safe fix to the file in the active editor. */
import { type CodeAction, commands, Range, window, workspace } from 'vscode';

const kind = 'source.fixAll.netsplit';

export async function fixAll(): Promise<void> {
  const document = window.activeTextEditor?.document;
  if (!document) return;
  const everything = document.validateRange(new Range(0, 0, document.lineCount, 0));
  const actions = await commands.executeCommand<readonly CodeAction[]>('vscode.executeCodeActionProvider', document.uri, everything, kind);
  const edit = actions.find((action) => action.edit)?.edit;
  if (edit) await workspace.applyEdit(edit);
  else window.setStatusBarMessage('Netsplit: there is nothing to fix that is safe to fix.', 5000);
}
