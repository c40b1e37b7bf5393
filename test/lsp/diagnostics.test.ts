/** Diagnostics are those of the newest text, of the user's own files, wherever they are. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver/node';
import { type Editor, isPublishedTo, pulls, rangeOf, startEditor, temporaryFolder, textAt, uriOf } from './editor';
import { elapsed, election, mended, quorum, timing, wonByHalf, writtenByHalf } from './texts';
import { stdio, worker } from './transports';

const codesOf = (diagnostics: readonly Diagnostic[]) => diagnostics.map(({ code }) => code);
const placesIn = (text: string, diagnostics: readonly Diagnostic[]) => diagnostics.map(({ range }) => textAt(text, range));

test('a client that cannot pull is published to, with the version, until the document is closed', async (t) => {
  const editor = await startEditor(t, stdio, { capabilities: isPublishedTo });
  assert.equal(editor.initialized.capabilities.diagnosticProvider, undefined);
  const uri = uriOf(temporaryFolder(t), 'election.ex');
  await editor.open(uri, election);
  const opened = await editor.published(uri, ({ version }) => version === 1);
  assert.deepEqual(placesIn(election, opened.diagnostics), [wonByHalf, writtenByHalf]);
  await editor.change(uri, ' + 1', { start: { line: 2, character: 44 }, end: { line: 2, character: 44 } });
  const changed = await editor.published(uri, ({ version }) => version === 2);
  assert.deepEqual(placesIn(editor.textOf(uri), changed.diagnostics), [writtenByHalf]);
  await editor.close(uri);
  await editor.published(uri, ({ version, diagnostics }) => version === undefined && diagnostics.length === 0);
});

test('after a burst of changes the published diagnostics are those of the newest text, and few were published', async (t) => {
  const editor = await startEditor(t, stdio, { capabilities: isPublishedTo });
  const uri = uriOf(temporaryFolder(t), 'election.ex');
  await editor.open(uri, mended);
  for (let i = 0; i < 49; i++) await editor.change(uri, `# ${i}\n`, { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } });
  await editor.change(uri, election, rangeOf(editor.textOf(uri), mended));
  const { diagnostics } = await editor.published(uri, ({ version }) => version === 51);
  assert.deepEqual(placesIn(editor.textOf(uri), diagnostics), [wonByHalf, writtenByHalf]);
  assert.ok(editor.publications.length < 10, `${editor.publications.length} publications`);
});

test('after a burst of changes a pull answers for the newest text', async (t) => {
  const editor = await startEditor(t, stdio);
  const uri = uriOf(temporaryFolder(t), 'election.ex');
  await editor.open(uri, mended);
  const pending: Promise<unknown>[] = [];
  for (let i = 0; i < 49; i++) {
    await editor.change(uri, '\n', { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } });
    pending.push(editor.pull(uri));
  }
  await editor.change(uri, election, rangeOf(editor.textOf(uri), mended));
  const diagnostics = await editor.diagnostics(uri);
  assert.deepEqual(placesIn(editor.textOf(uri), diagnostics), [wonByHalf, writtenByHalf]);
  await Promise.all(pending);
});

for (const [name, text] of [
  ['columns count UTF-16 code units', election.replace('length(votes)', '(_ = "👩‍🚀🎉"; length(votes))').replace(', 2)\n', ', 2) # 🎈\n')],
  ['lines end with CRLF', election.replaceAll('\n', '\r\n')],
  ['text that is half typed', `${election}\ndefmodule Half do\n  def f(`],
] as const) {
  test(`${name}: ranges are exact and fixes apply`, async (t) => {
    const editor = await startEditor(t, stdio);
    const uri = uriOf(temporaryFolder(t), 'election.ex');
    await editor.open(uri, text);
    const places = placesIn(text, await editor.diagnostics(uri));
    assert.equal(places.at(-1), writtenByHalf);
    const [fixAll] = await editor.codeActions(uri, rangeOf(text, 'defmodule'), { only: ['source.fixAll.netsplit'] });
    await editor.apply(fixAll ?? assert.fail('nothing to fix'));
    assert.deepEqual(await editor.diagnostics(uri), []);
    assert.equal(editor.textOf(uri), text.replace(writtenByHalf, `${writtenByHalf} + 1`).replace('members), 2)', 'members), 2) + 1'));
  });
}

test('untitled documents and lone files are linted; revisions, fetched code and other languages are not', async (t) => {
  const folder = temporaryFolder(t);
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)] });
  const linted = ['untitled:Untitled-1', uriOf(temporaryFolder(t), 'elsewhere.ex'), uriOf(folder, 'script.exs')];
  const left = [
    `git:${path.join(folder, 'lib/a.ex')}?ref`,
    uriOf(folder, 'deps/ra/lib/a.ex'),
    uriOf(folder, '_build/dev/a.ex'),
    'output:extension-output',
  ];
  for (const uri of [...linted, ...left]) await editor.open(uri, election);
  for (const uri of linted) assert.equal((await editor.diagnostics(uri)).length, 2, uri);
  for (const uri of left) assert.deepEqual(await editor.diagnostics(uri), [], uri);
  const markdown = uriOf(folder, 'README.md');
  await editor.open(markdown, election, 'markdown');
  assert.deepEqual(await editor.diagnostics(markdown), []);
});

test('a document of more than 2 MiB is not linted, which the log says once', async (t) => {
  const editor = await startEditor(t, stdio);
  const uri = uriOf(temporaryFolder(t), 'data.ex');
  await editor.open(uri, `${election}# ${'é'.repeat(1024 * 1024)}\n`);
  assert.deepEqual(await editor.diagnostics(uri), []);
  await editor.logged(/data\.ex is larger than 2 MiB/);
  assert.deepEqual(await editor.diagnostics(uri), []);
  assert.equal(editor.log.length, 1);
  await editor.change(uri, election);
  assert.equal((await editor.diagnostics(uri)).length, 2);
});

for (const transport of [stdio, worker]) {
  test(`findings know the files of the project, as they are in the editor (${transport.name})`, async (t) => {
    const folder = temporaryFolder(t, 'shop');
    const editor = await startEditor(t, transport, { folders: [uriOf(folder)] });
    const clock = uriOf(folder, 'lib/shop/clock.ex');
    await editor.open(clock, 'defmodule Shop.Clock do\n  def now, do: System.system_time(:millisecond)\nend\n');
    const [finding] = await editor.diagnostics(clock);
    assert.equal(finding?.code, elapsed);
    const related = finding?.relatedInformation?.[0];
    assert.equal(related?.location.uri, uriOf(folder, 'lib/shop/report.ex'));
    assert.deepEqual(related?.location.range, { start: { line: 4, character: 4 }, end: { line: 4, character: 28 } });

    const report = uriOf(folder, 'lib/shop/report.ex');
    await editor.open(report, 'defmodule Shop.Report do\n  def at, do: Shop.Clock.now()\nend\n');
    assert.deepEqual(await editor.diagnostics(clock), []);
    await editor.close(report);
    assert.deepEqual(codesOf(await editor.diagnostics(clock)), [elapsed]);
  });
}

test('an app of an umbrella is part of the umbrella, a nested project is one of its own', async (t) => {
  const folder = temporaryFolder(t);
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  };
  write('mix.exs', 'defmodule All.MixProject do\n  use Mix.Project\n  def project, do: [apps_path: "apps", version: "1.0.0"]\nend\n');
  write('.tool-versions', 'erlang 27.1\n');
  for (const place of ['apps/shop', 'tools/shop']) {
    write(`${place}/mix.exs`, 'defmodule Shop.MixProject do\n  use Mix.Project\n  def project, do: [app: :shop, version: "1.0.0"]\nend\n');
  }
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)] });
  const severityAt = async (file: string) => {
    await editor.open(uriOf(folder, file), timing);
    return (await editor.diagnostics(uriOf(folder, file)))[0]?.severity;
  };
  assert.equal(await severityAt('apps/shop/lib/timing.ex'), DiagnosticSeverity.Error);
  assert.equal(await severityAt('lib/timing.ex'), DiagnosticSeverity.Error);
  assert.equal(await severityAt('other/lib/timing.ex'), DiagnosticSeverity.Error);
  assert.equal(await severityAt('tools/shop/lib/timing.ex'), DiagnosticSeverity.Warning);
  rmSync(path.join(folder, 'apps/shop/mix.exs'));
  await editor.changeFiles([{ uri: uriOf(folder, 'apps/shop/mix.exs'), type: 3 }]);
  assert.equal(await severityAt('apps/shop/lib/timing.ex'), DiagnosticSeverity.Error);
});

test('a file that .gitignore names is not part of the project, from the moment that it does', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)] });
  const clock = uriOf(folder, 'lib/shop/clock.ex');
  await editor.open(clock, 'defmodule Shop.Clock do\n  def now, do: System.system_time(:millisecond)\nend\n');
  assert.deepEqual(codesOf(await editor.diagnostics(clock)), [elapsed]);
  writeFileSync(path.join(folder, '.gitignore'), '# generated\n/lib/shop/rep*.ex\n');
  const refreshed = editor.refresh();
  await editor.changeFiles([{ uri: uriOf(folder, '.gitignore'), type: 1 }]);
  await refreshed;
  assert.deepEqual(await editor.diagnostics(clock), []);
});

test('a client that watches no files has the disk read again with each save', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  const { workspace, ...others } = pulls;
  const capabilities = { ...others, workspace: { ...workspace, didChangeWatchedFiles: { dynamicRegistration: false } } };
  const editor = await startEditor(t, stdio, { capabilities, folders: [uriOf(folder)] });
  const uri = uriOf(folder, 'lib/shop/timing.ex');
  await editor.open(uri, timing);
  assert.equal((await editor.diagnostics(uri))[0]?.severity, DiagnosticSeverity.Warning);
  writeFileSync(path.join(folder, '.tool-versions'), 'erlang 27.1\n');
  const refreshed = editor.refresh();
  await editor.save(uri);
  await refreshed;
  assert.equal((await editor.diagnostics(uri))[0]?.severity, DiagnosticSeverity.Error);
});

test('folders come and go while the server runs', async (t) => {
  const [first, second] = [temporaryFolder(t, 'shop'), temporaryFolder(t, 'shop')];
  writeFileSync(path.join(second, '.netsplit.json'), '{ "rules": { "no-such-rule": "off" } }');
  const editor = await startEditor(t, stdio, { folders: [uriOf(first)] });
  const folder = { uri: uriOf(second), name: 'second' };
  const changeFolders = (event: unknown) => editor.connection.sendNotification('workspace/didChangeWorkspaceFolders', { event });
  await changeFolders({ added: [folder], removed: [] });
  const configuration = uriOf(second, '.netsplit.json');
  await editor.published(configuration, ({ diagnostics }) => diagnostics.length === 1);
  const foreign = uriOf(second, 'deps/ra/lib/a.ex');
  await editor.open(foreign, election);
  assert.deepEqual(await editor.diagnostics(foreign), []);

  await changeFolders({ added: [], removed: [folder] });
  await editor.published(configuration, ({ diagnostics }) => diagnostics.length === 0);
  // Outside of every folder it is a file like any other.
  assert.deepEqual(codesOf(await editor.diagnostics(foreign)), [quorum, quorum]);
});

test('a virtual folder is read through the client, also by a server with a disk', async (t) => {
  const asked: string[] = [];
  const files: Readonly<Record<string, string>> = {
    '/shop/mix.exs': 'defmodule Shop.MixProject do\n  use Mix.Project\n  def project, do: [app: :shop, version: "1.0.0"]\nend\n',
    '/shop/.tool-versions': 'erlang 27.1\n',
  };
  const editor: Editor = await startEditor(t, stdio, { folders: ['vscode-vfs://github/shop'], initializationOptions: { files: true } });
  editor.connection.onRequest('netsplit/listDirectory', ({ uri }: { uri: string }) => {
    asked.push(uri);
    return uri === 'vscode-vfs://github/shop' ? Object.keys(files).map((file) => ({ name: path.basename(file), kind: 'file' })) : null;
  });
  editor.connection.onRequest('netsplit/readFile', ({ uri }: { uri: string }) => files[new URL(uri).pathname] ?? null);
  const uri = 'vscode-vfs://github/shop/lib/timing.ex';
  await editor.open(uri, timing);
  assert.equal((await editor.diagnostics(uri))[0]?.severity, DiagnosticSeverity.Error);
  assert.ok(asked.length > 0);
  assert.ok(
    asked.every((folder) => folder.startsWith('vscode-vfs://github/shop')),
    asked.join(' '),
  );
});
