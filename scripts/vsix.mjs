// The extension as one file: only what it needs, in a folder of its own, so that nothing else can get in.
import { cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { root } from './bundles.mjs';

/** Files and folders of the repository that are shipped. */
const shipped = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'client/media/icon.png',
  'client/media/walkthrough',
  'client/netsplit.schema.json',
  'dist/client.js',
  'dist/server.js',
  'dist/webview.js',
  'docs/rules',
  'snippets',
  'syntaxes',
];

/** The most that the compressed extension may weigh, in bytes. */
export const budget = 1.5 * 1024 * 1024;

/** Writes the extension, whose parts are built, to `file` and returns its size in bytes. Throws when it is above the budget. */
export async function packageExtension(file) {
  const stage = path.join(root, 'out/vsix');
  rmSync(stage, { recursive: true, force: true });
  for (const part of shipped) cpSync(path.join(root, part), path.join(stage, part), { recursive: true });
  writeFileSync(path.join(stage, 'package.json'), JSON.stringify(manifest(), null, 2));

  await createVSIX({ cwd: stage, packagePath: file, dependencies: false, rewriteRelativeLinks: false, allowMissingRepository: true });
  const { size } = statSync(file);
  if (size > budget) throw new Error(`The extension weighs ${size} bytes compressed; ${budget} are allowed.`);
  return size;
}

/** Without what is only for development and for npm. */
function manifest() {
  const { devDependencies, scripts, bin, files, ...rest } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return { ...rest, files: shipped };
}
