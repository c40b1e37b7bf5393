/** The extension on a desktop, or on the machine that it is connected to. */
import { type ExtensionContext, Uri } from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import * as extension from './extension';

export { deactivate } from './extension';

export function activate(context: ExtensionContext): Promise<void> {
  return extension.activate(context, (options) => {
    const server = { module: Uri.joinPath(context.extensionUri, 'dist', 'server.js').fsPath, transport: TransportKind.ipc };
    return new LanguageClient(
      'netsplit',
      'Netsplit',
      { run: server, debug: { ...server, options: { execArgv: ['--inspect=6009'] } } },
      options,
    );
  });
}
