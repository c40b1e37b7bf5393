import assert from 'node:assert/strict';
import { setup, suite, teardown, test } from 'mocha';
import { ConfigurationTarget, languages, type Uri, workspace } from 'vscode';
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
