/** What rules find in the project, asked of the server. */
import { CancellationError, ProgressLocation, window, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { FindingFacts, RuleFacts } from '../../../core/design/gotcha';
import { type Evidence, type EvidenceParams, evidence } from '../../../core/protocol';
import { tell } from './outcome';

/** A finding with the file that it is in. */
export interface Found {
  readonly facts: FindingFacts;
  readonly uri: string;
}

/** Runs rules, by their ids, over these files, or over every file of the open folders; undefined when the user has cancelled it, or when they could not be run, which is shown. */
export async function findEvidence(
  client: BaseLanguageClient,
  rules: readonly string[],
  files?: readonly string[],
): Promise<{ readonly rules: readonly RuleFacts[]; readonly found: readonly Found[] } | undefined> {
  const params: EvidenceParams = { rules, ...filesOf(files) };
  const progress = { location: ProgressLocation.Notification, title: 'Looking for evidence', cancellable: true };
  try {
    const answer = await window.withProgress(progress, async (_progress, token) => {
      const all = await client.sendRequest<Evidence>(evidence, params, token);
      // A server that is told to stop answers with what it has.
      return token.isCancellationRequested ? undefined : all;
    });
    if (!answer) return undefined;
    const byId = new Map(answer.rules.map((rule) => [rule.id, rule]));
    const found = answer.findings.flatMap(({ rule: id, uri, ...facts }): Found[] => {
      const rule = byId.get(id);
      return rule ? [{ facts: { ...facts, rule }, uri }] : [];
    });
    return { rules: answer.rules, found };
  } catch (error) {
    if (!(error instanceof CancellationError)) {
      const why = error instanceof Error ? error.message : String(error);
      void tell({ done: false, text: `The rules could not be run: ${why} “Netsplit: Show Log” may say more.` });
    }
    return undefined;
  }
}

/** Without a folder the open documents are all there is. */
function filesOf(files: readonly string[] | undefined): Pick<EvidenceParams, 'files'> {
  if (files) return { files };
  if ((workspace.workspaceFolders ?? []).length > 0) return {};
  return { files: workspace.textDocuments.filter(({ languageId }) => languageId === 'elixir').map(({ uri }) => uri.toString()) };
}
