/** The extension in a browser's worker: nothing of Node is here, and files are read through VS Code. */
import { type CodeAction, commands, env, extensions, languages, UIKind, Uri, window, workspace } from 'vscode';
import { fix, mended, quorum, votes, votesFindings } from '../suite/texts';
import { same, until } from './expect';

/** How one test went; `error` is absent when it passed. */
export interface Result {
  readonly title: string;
  readonly error?: string;
}

const folder = Uri.from({ scheme: 'tmp', path: '/shop' });
const file = Uri.joinPath(folder, 'lib/votes.ex');
const configuration = Uri.joinPath(folder, '.netsplit.json');

const tests: Readonly<Record<string, () => Promise<void>>> = {
  async 'it runs in a browser, in a folder that is no folder of a disk'() {
    same(env.uiKind, UIKind.Web);
    same(env.remoteName ?? 'none', 'none');
    same(
      workspace.workspaceFolders?.map(({ uri }) => uri.toString()),
      [folder.toString()],
    );
  },

  async 'an opened file has its findings'() {
    await write(file, votes);
    await window.showTextDocument(file);
    await until('findings', () => findings(file), votesFindings);
    same(extensions.getExtension('netsplit.netsplit')?.isActive, true);
  },

  async 'the configuration of the folder is read through VS Code'() {
    await write(configuration, `{ "rules": { "${quorum}": "off" } }`);
    await until('findings', () => findings(file), []);
    await workspace.fs.delete(configuration);
    await until('findings', () => findings(file), votesFindings);
  },

  async 'quick fixes mend the text'() {
    const document = await workspace.openTextDocument(file);
    for (const line of [1, 2]) {
      const actions = await commands.executeCommand<CodeAction[]>('vscode.executeCodeActionProvider', file, document.lineAt(line).range);
      const action = actions.find(({ title }) => title === fix);
      if (!action?.edit) throw new Error(`There is no fix in ${actions.map(({ title }) => title).join(', ')}`);
      await workspace.applyEdit(action.edit);
    }
    same(document.getText(), mended);
    await until('findings', () => findings(file), []);
  },

  async 'a rule is explained'() {
    await commands.executeCommand('netsplit.explainRule', quorum);
    await until('the page', () => window.tabGroups.all.some(({ tabs }) => tabs.some(({ label }) => label.includes(`${quorum}.md`))), true);
  },

  async 'the server is restarted'() {
    const other = Uri.joinPath(folder, 'lib/other.ex');
    await write(other, votes);
    await window.showTextDocument(other);
    await until('findings', () => findings(other), votesFindings);
    const counts: number[] = [];
    const watching = languages.onDidChangeDiagnostics(() => counts.push(findings(other).length));
    await commands.executeCommand('netsplit.restartServer');
    await until('findings to go and to come back', () => counts.includes(0) && counts.at(-1) === votesFindings.length, true);
    watching.dispose();
  },
};

declare const location: { readonly origin: string };
declare function fetch(url: string, options: { readonly method: string; readonly body: string }): Promise<unknown>;

/** Runs all tests and posts how they went. */
export async function run(): Promise<void> {
  const results: Result[] = [];
  for (const [title, body] of Object.entries(tests)) {
    try {
      await body();
      results.push({ title });
    } catch (error) {
      results.push({ title, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
  const { extensionUri } = extensions.getExtension('netsplit.netsplit') ?? { extensionUri: Uri.parse(location.origin) };
  await fetch(`http://${extensionUri.authority}/results`, { method: 'POST', body: JSON.stringify(results) });
}

async function write(uri: Uri, text: string): Promise<void> {
  await workspace.fs.writeFile(uri, new TextEncoder().encode(text));
}

/** Findings as lines, counted from 1, and rules. */
function findings(uri: Uri): readonly string[] {
  const own = languages.getDiagnostics(uri).filter(({ source }) => source === 'netsplit');
  return own.map(({ range, code }) => `${range.start.line + 1} ${typeof code === 'object' ? code.value : code}`).sort();
}
