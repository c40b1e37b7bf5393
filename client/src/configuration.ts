/** The command that writes a `.netsplit.json` to start from. */
import { Uri, window, workspace } from 'vscode';
import { chooseFolder, exists } from './folders';

const initial = `// Netsplit's configuration for this folder and what is below it.
{
  // Severity of a rule: "error", "warning", "info", "hint" or "off".
  "rules": {},

  // Other severities for some files, as globs relative to this file; of several entries the last one that names a rule decides:
  // { "files": ["lib/my_app/legacy/**"], "rules": {} }
  "overrides": [],

  // Your own functions for remote calls that handle failure and time: "MyApp.Remote.call".
  "rpcWrappers": [],

  // Files that are not linted, as globs.
  "exclude": []
}
`;

/** Writes the file into the folder of the active editor, or the one that the user picks, and opens it; an existing one is only opened. */
export async function createConfiguration(): Promise<void> {
  const folder = await chooseFolder('The folder that .netsplit.json is for', 'Open a folder first: .netsplit.json is written into it.');
  if (!folder) return;
  const file = Uri.joinPath(folder.uri, '.netsplit.json');
  if (!(await exists(file))) await workspace.fs.writeFile(file, new TextEncoder().encode(initial));
  await window.showTextDocument(file);
}
