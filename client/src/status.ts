/** The language status of the active editor: state, findings, configuration, and what makes Netsplit slow. */
import {
  commands,
  DiagnosticSeverity,
  Disposable,
  type Event,
  type LanguageStatusItem,
  LanguageStatusSeverity,
  languages,
  type TextDocument,
  Uri,
  window,
  workspace,
} from 'vscode';
import { type BaseLanguageClient, State } from 'vscode-languageclient';
import { type FileStatus, fileStatus } from '../../core/protocol';
import { type Counts, configurationRow, findingsRow, limitRow, type Row, type ServerState } from './status-rows';

const selector = [{ language: 'elixir' }];

/** Shows it from now on; `linted` fires when a document's diagnostics have arrived. */
export function showStatus(client: BaseLanguageClient, linted: Event<void>): Disposable {
  const findings = languages.createLanguageStatusItem('netsplit.findings', selector);
  findings.name = 'Netsplit: Findings';
  fill(findings, findingsRow('starting', undefined, { error: 0, warning: 0, info: 0, hint: 0 }, 0));
  /** Those rows come and go. */
  const others = new Map<string, LanguageStatusItem>();

  function show(id: string, name: string, row: Row | undefined): void {
    if (!row) {
      others.get(id)?.dispose();
      others.delete(id);
      return;
    }
    let item = others.get(id);
    if (!item) {
      item = languages.createLanguageStatusItem(id, selector);
      item.name = name;
      others.set(id, item);
    }
    fill(item, row);
  }

  async function update(): Promise<void> {
    const document = window.activeTextEditor?.document;
    const state = stateOf(client);
    if (document?.languageId !== 'elixir') return;
    const status = state === 'running' ? await statusOf(client, document) : undefined;
    const { here, elsewhere } = countsOf(document);
    fill(findings, findingsRow(state, status, here, elsewhere));
    show('netsplit.configuration', 'Netsplit: Configuration', status && configurationRow(status, nameOf));
    show('netsplit.limit', 'Netsplit: Limits', status && limitRow(status));
  }

  // One update at a time: of those that are asked for meanwhile the last one counts.
  let updating: Promise<void> | undefined;
  let isAskedAgain = false;
  function refresh(): void {
    if (updating) {
      isAskedAgain = true;
      return;
    }
    updating = update()
      .catch((error: unknown) => client.warn('The language status could not be shown', error, false))
      .finally(() => {
        updating = undefined;
        if (isAskedAgain) {
          isAskedAgain = false;
          refresh();
        }
      });
  }

  refresh();
  return Disposable.from(
    findings,
    { dispose: () => others.forEach((item) => void item.dispose()) },
    client.onDidChangeState(refresh),
    window.onDidChangeActiveTextEditor(refresh),
    languages.onDidChangeDiagnostics(refresh),
    linted(refresh),
    commands.registerCommand('netsplit.openConfig', (uri: string) => window.showTextDocument(Uri.parse(uri))),
  );
}

function fill(item: LanguageStatusItem, { text, detail = '', severity, busy = false, command }: Row): void {
  item.text = text;
  item.busy = busy;
  item.severity =
    severity === 'error'
      ? LanguageStatusSeverity.Error
      : severity === 'warning'
        ? LanguageStatusSeverity.Warning
        : LanguageStatusSeverity.Information;
  item.detail = detail;
  item.command = command && { ...command, arguments: [...(command.arguments ?? [])] };
}

function stateOf({ state }: BaseLanguageClient): ServerState {
  if (state === State.Running) return 'running';
  return state === State.Starting ? 'starting' : 'stopped';
}

/** Undefined when the server ended meanwhile: its next state is shown soon. */
async function statusOf(client: BaseLanguageClient, { uri }: TextDocument): Promise<FileStatus | undefined> {
  try {
    return await client.sendRequest<FileStatus>(fileStatus, { uri: client.code2ProtocolConverter.asUri(uri) });
  } catch {
    return undefined;
  }
}

function countsOf(document: TextDocument): { readonly here: Counts; readonly elsewhere: number } {
  const here = { error: 0, warning: 0, info: 0, hint: 0 };
  let elsewhere = 0;
  for (const [uri, diagnostics] of languages.getDiagnostics()) {
    for (const { source, severity } of diagnostics) {
      if (source !== 'netsplit') continue;
      if (uri.toString() === document.uri.toString()) here[severities[severity]]++;
      else elsewhere++;
    }
  }
  return { here, elsewhere };
}

const severities = {
  [DiagnosticSeverity.Error]: 'error',
  [DiagnosticSeverity.Warning]: 'warning',
  [DiagnosticSeverity.Information]: 'info',
  [DiagnosticSeverity.Hint]: 'hint',
} as const;

function nameOf(uri: string): string {
  return workspace.asRelativePath(Uri.parse(uri), false);
}
