/** What a status bar is told about a file. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { type FileStatus, fileStatus } from '../../core/protocol';
import { type Editor, startEditor, temporaryFolder, uriOf } from './editor';
import { election, quorum } from './texts';
import { stdio, worker } from './transports';

const statusOf = (editor: Editor, uri: string) => editor.connection.sendRequest(fileStatus, { uri }) as Promise<FileStatus>;

for (const transport of [stdio, worker]) {
  test(`the configuration that holds, its errors, and how long the text took (${transport.name})`, async (t) => {
    const folder = temporaryFolder(t, 'shop');
    const editor = await startEditor(t, transport, { folders: [uriOf(folder)] });
    const uri = uriOf(folder, 'lib/shop/election.ex');
    await editor.open(uri, election);
    await editor.diagnostics(uri);
    const { took, ...alone } = await statusOf(editor, uri);
    assert.ok(took !== undefined && took > 0);
    assert.deepEqual(alone, {});

    const configuration = uriOf(folder, 'lib/.netsplit.json');
    mkdirSync(path.join(folder, 'lib'), { recursive: true });
    writeFileSync(path.join(folder, 'lib/.netsplit.json'), `{ "rules": { "${quorum}": "off" } }`);
    await editor.changeFiles([{ uri: configuration, type: 1 }]);
    assert.deepEqual(await statusOf(editor, uri), { configuration, configurationErrors: 0, took });

    writeFileSync(path.join(folder, 'lib/.netsplit.json'), `{ "rules": { "${quorum}": "loud", "no-such-rule": "off" } }`);
    await editor.changeFiles([{ uri: configuration, type: 2 }]);
    assert.deepEqual(await statusOf(editor, uri), { configuration, configurationErrors: 2, took });
  });
}

test('why a file has no findings', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)], settings: {} });
  writeFileSync(path.join(folder, '.netsplit.json'), '{ "exclude": ["lib/old/**"] }');
  const notLinted = async (file: string) => (await statusOf(editor, uriOf(folder, file))).notLinted;
  assert.equal(await notLinted('lib/a.ex'), undefined);
  assert.equal(await notLinted('lib/old/a.ex'), 'excluded');
  assert.equal(await notLinted('deps/ra/src/a.ex'), 'foreign');
  await editor.open(uriOf(folder, 'lib/huge.ex'), '#'.repeat(2 * 1024 * 1024 + 1));
  assert.equal(await notLinted('lib/huge.ex'), 'tooLarge');

  editor.settings = { enable: false };
  await editor.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  assert.equal(await notLinted('lib/a.ex'), 'off');
});

test('a project with too many files is known as one', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)], settings: { maxFiles: 2 } });
  const uri = uriOf(folder, 'lib/shop/election.ex');
  await editor.open(uri, election);
  await editor.diagnostics(uri);
  assert.equal((await statusOf(editor, uri)).projectTooLarge, true);
});
