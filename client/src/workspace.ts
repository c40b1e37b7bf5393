/** The command that lints every file of the workspace. */
import { commands, window } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { lintWorkspace as request, type WorkspaceSummary } from '../../core/protocol';

/** Has every file linted, and shows what was found. How far it has come is shown by the server, in the status bar. */
export async function lintWorkspace(client: BaseLanguageClient): Promise<WorkspaceSummary | undefined> {
  if (!client.isRunning()) {
    void window.showErrorMessage('Netsplit’s server is not running.');
    return undefined;
  }
  const summary = await client.sendRequest<WorkspaceSummary>(request, {});
  if (summary.findings > 0) await commands.executeCommand('workbench.actions.view.problems');
  window.setStatusBarMessage(`$(check) Netsplit: ${textOf(summary)}`, 10_000);
  return summary;
}

function textOf({ files, findings, ended }: WorkspaceSummary): string {
  const found = `${findings} ${findings === 1 ? 'finding' : 'findings'} in ${files} ${files === 1 ? 'file' : 'files'}`;
  switch (ended) {
    case 'complete':
      return found;
    case 'cancelled':
      return `${found}; ended before all were linted`;
    case 'maxFiles':
      return `${found}; there are more files than netsplit.maxFiles allows`;
    case 'time':
      return `${found}; ended because it took too long`;
  }
}
