/** Severities come from the project's `.netsplit.json`, then from the editor, and follow both as they change. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { DiagnosticSeverity, FileChangeType } from 'vscode-languageserver/node';
import { type Editor, isPublishedTo, pulls, startEditor, temporaryFolder, textAt, uriOf } from './editor';
import { election, mended, quorum } from './texts';
import { stdio, worker } from './transports';

const rulesAre = (level: string): string => JSON.stringify({ rules: { [quorum]: level } });
const severitiesOf = async (editor: Editor, uri: string) => [...new Set((await editor.diagnostics(uri)).map(({ severity }) => severity))];

async function announce(editor: Editor, uri: string, type: FileChangeType): Promise<void> {
  const refreshed = editor.refresh();
  await editor.changeFiles([{ uri, type }]);
  await refreshed;
}

test('settings are asked for, and asked for again when they change', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)], settings: { rules: { [quorum]: 'hint' } } });
  const uri = uriOf(folder, 'lib/shop/election.ex');
  await editor.open(uri, election);
  assert.deepEqual(await severitiesOf(editor, uri), [DiagnosticSeverity.Hint]);
  await editor.registered('workspace/didChangeConfiguration');
  for (const [settings, severities] of [
    [{ rules: { [quorum]: 'off' } }, []],
    [{ rules: { [quorum]: 'info', 'no-such-rule': 'off' } }, [DiagnosticSeverity.Information]],
    [{ enable: false }, []],
    [null, [DiagnosticSeverity.Error]],
    [{ rules: 'nonsense', run: 7, enable: 'yes' }, [DiagnosticSeverity.Error]],
  ] as const) {
    editor.settings = settings;
    const refreshed = editor.refresh();
    await editor.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
    await refreshed;
    assert.deepEqual(await severitiesOf(editor, uri), severities, JSON.stringify(settings));
  }
});

test('a client that cannot be asked gives settings at the start and with each change', async (t) => {
  const uri = uriOf(temporaryFolder(t), 'election.ex');
  const initializationOptions = { settings: { rules: { [quorum]: 'hint' } } };
  const editor = await startEditor(t, stdio, { capabilities: isPublishedTo, initializationOptions });
  await editor.open(uri, election);
  await editor.published(uri, ({ diagnostics }) => diagnostics[0]?.severity === DiagnosticSeverity.Hint);
  await editor.connection.sendNotification('workspace/didChangeConfiguration', { settings: { netsplit: { rules: { [quorum]: 'off' } } } });
  await editor.published(uri, ({ diagnostics }) => diagnostics.length === 0);
});

for (const transport of [stdio, worker]) {
  test(`.netsplit.json wins over the settings, and holds as long as it is there (${transport.name})`, async (t) => {
    const folder = temporaryFolder(t, 'shop');
    const file = path.join(folder, '.netsplit.json');
    const editor = await startEditor(t, transport, { folders: [uriOf(folder)], settings: { rules: { [quorum]: 'hint' } } });
    const uri = uriOf(folder, 'lib/shop/election.ex');
    await editor.open(uri, election);
    assert.deepEqual(await severitiesOf(editor, uri), [DiagnosticSeverity.Hint]);

    writeFileSync(file, rulesAre('warning'));
    await announce(editor, uriOf(file), FileChangeType.Created);
    assert.deepEqual(await severitiesOf(editor, uri), [DiagnosticSeverity.Warning]);

    writeFileSync(file, JSON.stringify({ exclude: ['lib/shop'] }));
    await announce(editor, uriOf(file), FileChangeType.Changed);
    assert.deepEqual(await editor.diagnostics(uri), []);

    const nearer = path.join(folder, 'lib/.netsplit.json');
    writeFileSync(nearer, rulesAre('info'));
    await announce(editor, uriOf(nearer), FileChangeType.Created);
    assert.deepEqual(await severitiesOf(editor, uri), [DiagnosticSeverity.Information]);

    for (const gone of [nearer, file]) {
      rmSync(gone);
      await announce(editor, uriOf(gone), FileChangeType.Deleted);
    }
    assert.deepEqual(await severitiesOf(editor, uri), [DiagnosticSeverity.Hint]);
  });
}

test('what is wrong in .netsplit.json is shown in it, and what it said before still holds', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  const file = path.join(folder, '.netsplit.json');
  const configuration = uriOf(file);
  writeFileSync(file, rulesAre('info'));
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)] });
  const uri = uriOf(folder, 'lib/shop/election.ex');
  await editor.open(uri, election);
  assert.deepEqual(await severitiesOf(editor, uri), [DiagnosticSeverity.Information]);
  assert.deepEqual(editor.publications, []);

  const wrong = '{\n  // 👩‍🚀\n  "rules": { "quorum-half-is-not-majorty": "hint" }\n}\n';
  writeFileSync(file, wrong);
  await announce(editor, configuration, FileChangeType.Changed);
  const { diagnostics } = await editor.published(configuration, () => true);
  assert.deepEqual(
    diagnostics.map(({ range, severity, source }) => [textAt(wrong, range), severity, source]),
    [['"quorum-half-is-not-majorty"', DiagnosticSeverity.Error, 'netsplit']],
  );
  assert.match(String(diagnostics[0]?.message), /quorum-half-is-not-majority/);
  assert.deepEqual(await severitiesOf(editor, uri), [DiagnosticSeverity.Information]);

  // Opened, the editor's text is the one that counts.
  await editor.open(configuration, wrong, 'jsonc');
  await editor.change(configuration, rulesAre('hint'));
  await editor.published(configuration, (params) => params.diagnostics.length === 0);
  assert.deepEqual(await severitiesOf(editor, uri), [DiagnosticSeverity.Hint]);
  assert.deepEqual(await editor.diagnostics(configuration), []);
  await editor.close(configuration);
  await editor.published(configuration, (params) => params.diagnostics.length === 1);

  rmSync(file);
  await announce(editor, configuration, FileChangeType.Deleted);
  await editor.published(configuration, (params) => params.diagnostics.length === 0);
  assert.deepEqual(await severitiesOf(editor, uri), [DiagnosticSeverity.Error]);
});

test('an invalid .netsplit.json at the root is shown before any file is opened; one of a dependency is not', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  writeFileSync(path.join(folder, '.netsplit.json'), '{ "rules": ');
  mkdirSync(path.join(folder, 'deps/ra'), { recursive: true });
  writeFileSync(path.join(folder, 'deps/ra/.netsplit.json'), '[]');
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)] });
  await editor.published(uriOf(folder, '.netsplit.json'), ({ diagnostics }) => diagnostics.length > 0);
  await editor.registered('workspace/didChangeWatchedFiles');
  await editor.changeFiles([
    { uri: uriOf(folder, 'deps/ra/.netsplit.json'), type: FileChangeType.Created },
    { uri: uriOf(folder, '.netsplit.json'), type: FileChangeType.Changed },
  ]);
  await editor.open(uriOf(folder, 'lib/shop/election.ex'), election);
  await editor.diagnostics(uriOf(folder, 'lib/shop/election.ex'));
  assert.deepEqual([...new Set(editor.publications.map(({ uri }) => uri))], [uriOf(folder, '.netsplit.json')]);
});

for (const capabilities of [pulls, isPublishedTo]) {
  test(`with run: onSave findings follow the saves (${capabilities === pulls ? 'pulled' : 'published'})`, async (t) => {
    const folder = temporaryFolder(t);
    const settings = { run: 'onSave' };
    const editor = await startEditor(t, stdio, { capabilities, settings, initializationOptions: { settings }, folders: [uriOf(folder)] });
    const uri = uriOf(folder, 'election.ex');
    await editor.open(uri, election);
    const count = async (): Promise<number> =>
      capabilities === pulls ? (await editor.diagnostics(uri)).length : (await editor.published(uri, () => true)).diagnostics.length;
    assert.equal(await count(), 2);
    await editor.change(uri, mended);
    // Answered after the change, so that the change is known to have arrived.
    await editor.codeActions(uri, { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } });
    assert.equal(await count(), 2);
    const refreshed = capabilities === pulls ? editor.refresh() : editor.published(uri, ({ version }) => version === 2);
    await editor.save(uri);
    await refreshed;
    assert.equal(await count(), 0);
  });
}
