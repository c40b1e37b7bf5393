import assert from 'node:assert/strict';
import { setup, suite, teardown, test } from 'mocha';
import {
  type CompletionList,
  ConfigurationTarget,
  commands,
  type Hover,
  languages,
  MarkdownString,
  Position,
  type Uri,
  workspace,
} from 'vscode';
import { closeAll, fileAt, open, until, untilFindings, write } from './editor';
import { quorum, votes, votesFindings } from './texts';

const name = '.netsplit.json';

suite('Configuration', () => {
  let before: string;
  let file: Uri;

  setup(async () => {
    before = new TextDecoder().decode(await workspace.fs.readFile(fileAt(name)));
    ({
      document: { uri: file },
    } = await open('lib/votes.ex', votes));
    await untilFindings(file, votesFindings);
  });

  teardown(async () => {
    await write(name, before);
    await closeAll();
    await workspace.fs.delete(file);
  });

  test('a rule that is turned off in .netsplit.json is silent, at once', async () => {
    await write(name, `{ "rules": { "${quorum}": "off" } }`);
    await untilFindings(file, []);
  });

  test('what is wrong in .netsplit.json is shown there, and what held before still holds', async () => {
    await write(name, `{ "rules": { "${quorum}": "off" } }`);
    await untilFindings(file, []);

    await write(name, `{\n  "rules": { "${quorum}": "loud" }\n}`);
    const [error] = await until(
      () => languages.getDiagnostics(fileAt(name)).filter(({ source }) => source === 'netsplit'),
      (shown) => shown.length > 0,
      'a diagnostic of the configuration',
    );
    assert.equal(error?.range.start.line, 1);
    await untilFindings(file, []);

    await write(name, '{ "rules": {} }');
    await untilFindings(file, votesFindings);
    await until(
      () => languages.getDiagnostics(fileAt(name)).filter(({ source }) => source === 'netsplit'),
      (shown) => shown.length === 0,
      'the diagnostic to go',
    );
  });

  test('.netsplit.json is completed, explained and held to its schema', async () => {
    await write(name, `{\n  "rules": {\n    "${quorum}": "error",\n    "no-such-rule": "off"\n  },\n  "exclude": ["/absolute"]\n}`);
    const { document } = await open(name);
    assert.equal(document.languageId, 'jsonc');
    const at = (line: number, character: number) => [document.uri, new Position(line, character)] as const;
    const labels = async (line: number, character: number) => {
      const list = await commands.executeCommand<CompletionList>('vscode.executeCompletionItemProvider', ...at(line, character));
      return list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    };
    // The server of JSON starts with the first file of it.
    await until(
      () => labels(2, 6),
      (found) => found.includes('clock-wall-elapsed'),
      'the rules as completions',
    );
    const severities = await labels(2, quorum.length + 10);
    assert.deepEqual(
      ['"error"', '"warning"', '"info"', '"hint"', '"off"'].filter((level) => !severities.includes(level)),
      [],
    );
    const [hover] = await commands.executeCommand<Hover[]>('vscode.executeHoverProvider', ...at(2, 10));
    const [text] = hover?.contents ?? [];
    assert.match(text instanceof MarkdownString ? text.value : String(text), /Quorum that half of the members reach/);

    const shown = await until(
      () => languages.getDiagnostics(document.uri),
      (found) => found.some(({ source }) => source === 'netsplit') && found.some(({ source }) => source !== 'netsplit'),
      'diagnostics of the server and of the schema',
    );
    const lines = (own: boolean) => [
      ...new Set(shown.filter(({ source }) => (source === 'netsplit') === own).map(({ range }) => range.start.line)),
    ];
    assert.deepEqual(lines(true).sort(), [3, 5]);
    assert.deepEqual(lines(false).sort(), [3, 5]);
  });

  test('settings turn rules off, and Netsplit as a whole', async () => {
    const settings = workspace.getConfiguration('netsplit', file);
    for (const [key, value] of [
      ['rules', { [quorum]: 'off' }],
      ['enable', false],
    ] as const) {
      await settings.update(key, value, ConfigurationTarget.Workspace);
      await untilFindings(file, []);
      await settings.update(key, undefined, ConfigurationTarget.Workspace);
      await untilFindings(file, votesFindings);
    }
  });
});
