/** What a report of a defect needs to say; nothing of the user's code, names or paths. */
import { type ExtensionContext, env, extensions, languages, UIKind, version, window, workspace } from 'vscode';
import { type BaseLanguageClient, State } from 'vscode-languageclient';

/** Other extensions for Elixir, whose servers run beside this one. */
const neighbours = [
  'jakebecker.elixir-ls',
  'expert-lsp.expert',
  'lexical-lsp.lexical',
  'elixir-tools.elixir-tools',
  'phoenixframework.phoenix',
];

/** Copies versions, settings and the state of the server as Markdown. */
export async function copyDebugInfo(context: ExtensionContext, client: BaseLanguageClient): Promise<void> {
  const { name, version: ownVersion } = context.extension.packageJSON as { readonly name: string; readonly version: string };
  // A path is the user's own.
  const settings = JSON.stringify(workspace.getConfiguration('netsplit'), (key, value) => (key === 'learnings' ? undefined : value));
  const findings = languages.getDiagnostics().map(([, diagnostics]) => diagnostics.filter(({ source }) => source === 'netsplit').length);
  const found = findings.filter((count) => count > 0);
  const lines = [
    `${name} ${ownVersion}`,
    `${env.appName} ${version}, ${env.uiKind === UIKind.Web ? 'web' : 'desktop'}${env.remoteName ? ', remote' : ''}`,
    `server: ${stateName(client.state)}`,
    `folders: ${(workspace.workspaceFolders ?? []).map(({ uri }) => uri.scheme).join(', ') || 'none'}`,
    `settings: ${settings}`,
    `findings: ${found.reduce((sum, count) => sum + count, 0)} in ${found.length} files`,
    `beside it: ${neighbours.filter((id) => extensions.getExtension(id)).join(', ') || 'no other known Elixir extension'}`,
  ];
  await env.clipboard.writeText(`${lines.map((line) => `- ${line}`).join('\n')}\n`);
  void window.showInformationMessage('The debug information is in the clipboard.');
}

function stateName(state: State): string {
  return { [State.Running]: 'running', [State.Starting]: 'starting', [State.Stopped]: 'stopped', [State.StartFailed]: 'failed to start' }[
    state
  ];
}
