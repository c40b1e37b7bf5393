/** How something ended, told to the user. */
import { window } from 'vscode';
import type { Outcome } from '../knowledge-base';

/** Shows an outcome, with its file to open; nothing is shown when there is none. Resolves at once, not when the message is closed. */
export async function tell(outcome: Outcome | undefined): Promise<void> {
  if (!outcome) return;
  const { done, text, file } = outcome;
  const show = done ? window.showInformationMessage : window.showErrorMessage;
  void show(text, ...(file ? ['Open'] : [])).then((choice) => (choice !== undefined && file ? window.showTextDocument(file) : undefined));
}
