/**
 * The extension, on a desktop and in a browser. Both are one file, most of which they share; what only one of them can load is loaded where it
 * runs.
 */
import type { ExtensionContext } from 'vscode';

export { deactivate } from './extension';

declare const process: { readonly versions?: { readonly node?: string } } | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const { activate } = await (typeof process === 'object' && process.versions?.node ? import('./main.node') : import('./main.browser'));
  return activate(context);
}
