/** The extension in a browser: vscode.dev, github.dev. */
import { type ExtensionContext, Uri } from 'vscode';
import { LanguageClient } from 'vscode-languageclient/browser';
import * as extension from './extension';

export { deactivate } from './extension';

interface BrowserWorker {
  terminate(): void;
}

/** The browser's own; declared here because the types of a page are not those of an extension. */
declare const Worker: new (
  url: string,
  options: { readonly name: string },
) => Extract<ConstructorParameters<typeof LanguageClient>[2], object> & BrowserWorker;

export function activate(context: ExtensionContext): Promise<void> {
  const url = Uri.joinPath(context.extensionUri, 'dist', 'server.browser.js').toString(true);
  let worker: InstanceType<typeof Worker> | undefined;
  const start = async () => {
    // A worker outlives its connection: a restart must not leave one behind.
    worker?.terminate();
    worker = new Worker(url, { name: 'Netsplit' });
    return worker;
  };
  context.subscriptions.push({ dispose: () => worker?.terminate() });
  return extension.activate(context, (options) => new LanguageClient('netsplit', 'Netsplit', start, options));
}
