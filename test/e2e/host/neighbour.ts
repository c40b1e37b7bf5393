/** What another Elixir extension brings: the language once more, and colours. Netsplit has neither a parser for colours nor any wish for one. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const manifest = {
  name: 'elixir-colours',
  publisher: 'netsplit-tests',
  version: '1.0.0',
  engines: { vscode: '^1.105.0' },
  contributes: {
    languages: [{ id: 'elixir', extensions: ['.ex', '.exs'] }],
    grammars: [{ language: 'elixir', scopeName: 'source.elixir', path: './elixir.json' }],
  },
};

/** Writes the extension below `folder` and returns its VSIX. */
export async function packageNeighbour(folder: string): Promise<string> {
  const sources = path.join(folder, 'neighbour');
  mkdirSync(sources);
  copyFileSync(path.resolve('node_modules/tm-grammars/grammars/elixir.json'), path.join(sources, 'elixir.json'));
  writeFileSync(path.join(sources, 'package.json'), JSON.stringify(manifest));
  const vsix = path.join(folder, 'neighbour.vsix');
  const args = ['package', '--no-dependencies', '--allow-missing-repository', '--skip-license', '--out', vsix];
  await promisify(execFile)(process.execPath, [path.resolve('node_modules/@vscode/vsce/vsce'), ...args], { cwd: sources });
  return vsix;
}
