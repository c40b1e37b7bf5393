/** The extension in a browser: vscode.dev, github.dev. */
import { type ExtensionContext, Uri } from 'vscode';
import { BrowserMessageReader, BrowserMessageWriter, LanguageClient, type MessageTransports } from 'vscode-languageclient/browser';
import * as extension from './extension';

export { deactivate } from './extension';

type Port = ConstructorParameters<typeof BrowserMessageReader>[0] & ConstructorParameters<typeof BrowserMessageWriter>[0];

/** The browser's own; declared here because the types of a page are not those of an extension. */
declare const Worker: new (url: string, options: { readonly name: string }) => Port & { terminate(): void };

export function activate(context: ExtensionContext): Promise<void> {
  const url = Uri.joinPath(context.extensionUri, 'dist', 'server.js').toString(true);
  let worker: InstanceType<typeof Worker> | undefined;
  // VS Code wraps `Worker`, so that the client would not know a worker as one: it is given its two ends.
  const start = async (): Promise<MessageTransports> => {
    // A worker outlives its connection: a restart must not leave one behind.
    worker?.terminate();
    worker = new Worker(url, { name: 'Netsplit' });
    return { reader: new BrowserMessageReader(worker), writer: new BrowserMessageWriter(worker) };
  };
  context.subscriptions.push({ dispose: () => worker?.terminate() });
  return extension.activate(context, (options) => new LanguageClient('netsplit', 'Netsplit', start, options));
}
