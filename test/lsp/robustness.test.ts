/** Much at once, and the world changing meanwhile: what is shown in the end is what is there in the end. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { FileChangeType, type WorkspaceDiagnosticReport } from 'vscode-languageserver/node';
import { isPublishedTo, pulls, rangeOf, startEditor, temporaryFolder, textAt, uriOf } from './editor';
import { election, mended, quorum, wonByHalf, writtenByHalf } from './texts';
import { stdio, worker } from './transports';

const top = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
const isError = ({ type }: { readonly type: number }): boolean => type === 1;

/** The text with a module name of its own. */
const numbered = (text: string, i: number): string => text.replace('Shop.Election', `Shop.Election${i}`);

for (const [name, transport, capabilities] of [
  ['pulled', stdio, pulls],
  ['pulled from a worker', worker, pulls],
  ['published', stdio, isPublishedTo],
] as const) {
  test(`200 files are opened at once and changed: each shows what its last text says (${name})`, async (t) => {
    const folder = temporaryFolder(t, 'shop');
    const editor = await startEditor(t, transport, { capabilities, folders: [uriOf(folder)] });
    const files = Array.from({ length: 200 }, (_, i) => ({ i, uri: uriOf(folder, `lib/shop/election_${i}.ex`) }));
    const earlier: Promise<unknown>[] = [];
    for (const { i, uri } of files) {
      await editor.open(uri, numbered(i % 2 === 0 ? election : mended, i));
      if (capabilities === pulls) earlier.push(editor.pull(uri));
    }
    // What was wrong is mended, and what was right no longer is.
    for (const { i, uri } of files) await editor.change(uri, numbered(i % 2 === 0 ? mended : election, i));
    for (const { i, uri } of files) {
      const diagnostics =
        capabilities === pulls
          ? await editor.diagnostics(uri)
          : (await editor.published(uri, ({ version }) => version === 2)).diagnostics.filter(({ code }) => code === quorum);
      assert.deepEqual(
        diagnostics.map(({ range }) => textAt(editor.textOf(uri), range)),
        i % 2 === 0 ? [] : [wonByHalf, writtenByHalf],
        uri,
      );
    }
    await Promise.all(earlier);
    assert.deepEqual(editor.log.filter(isError), []);
  });
}

test('typing in several files at once: nothing published is older than what was published before, and the last is right', async (t) => {
  const folder = temporaryFolder(t);
  const editor = await startEditor(t, stdio, { capabilities: isPublishedTo, folders: [uriOf(folder)] });
  const uris = Array.from({ length: 5 }, (_, i) => uriOf(folder, `election_${i}.ex`));
  for (const uri of uris) await editor.open(uri, election);
  for (let round = 0; round < 30; round++) {
    for (const uri of uris) await editor.change(uri, round % 2 === 0 ? '#' : '\n', top);
    // The server gets to linting between the bursts.
    if (round % 10 === 9) await editor.codeActions(uris[0] ?? '', top);
  }
  for (const uri of uris) await editor.change(uri, mended);
  for (const uri of uris) {
    const last = await editor.published(uri, ({ version }) => version === 32);
    assert.deepEqual(last.diagnostics, []);
    const versions = editor.publications.filter((published) => published.uri === uri).map(({ version }) => version ?? 0);
    assert.deepEqual(
      versions,
      [...versions].sort((a, b) => a - b),
    );
  }
  assert.equal(await editor.shutdown(), 0);
});

test('a file of 2 MiB is linted to its end; beyond, what was shown goes, and comes back with the text that is smaller', async (t) => {
  const editor = await startEditor(t, stdio, { capabilities: isPublishedTo });
  const uri = uriOf(temporaryFolder(t), 'data.ex');
  const line = `# ${'x'.repeat(125)}\n`;
  const filled = line.repeat(Math.floor((2 * 1024 * 1024 - election.length) / line.length));
  await editor.open(uri, filled + election);
  const opened = await editor.published(uri, ({ version }) => version === 1);
  assert.deepEqual(
    opened.diagnostics.map(({ range }) => textAt(editor.textOf(uri), range)),
    [wonByHalf, writtenByHalf],
  );
  await editor.change(uri, line.repeat(20), top);
  assert.deepEqual((await editor.published(uri, ({ version }) => version === 2)).diagnostics, []);
  await editor.logged(/data\.ex is larger than 2 MiB/);
  assert.equal(await editor.hover(uri, top.start), null);
  await editor.change(uri, '', { start: top.start, end: { line: 20, character: 0 } });
  assert.equal((await editor.published(uri, ({ version }) => version === 3)).diagnostics.length, 2);
});

test('a folder is deleted while it is read and linted: every request is answered, and open documents go on', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  for (let i = 0; i < 300; i++) writeFileSync(path.join(folder, `lib/copy_${i}.ex`), numbered(election, i));
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)], settings: { workspaceDiagnostics: 'all' } });
  const uri = uriOf(folder, 'lib/shop/election.ex');
  await editor.open(uri, election);
  const pending = [
    editor.connection.sendRequest('workspace/diagnostic', { previousResultIds: [] }),
    editor.pull(uri),
    editor.hover(uri, rangeOf(election, wonByHalf).start),
    editor.codeActions(uri, rangeOf(election, wonByHalf)),
  ];
  rmSync(folder, { recursive: true });
  await editor.changeFiles([
    { uri: uriOf(folder), type: FileChangeType.Deleted },
    { uri: uriOf(folder, 'mix.exs'), type: FileChangeType.Deleted },
    { uri: uriOf(folder, 'lib/copy_1.ex'), type: FileChangeType.Deleted },
  ]);
  await Promise.all(pending);
  await editor.change(uri, mended);
  assert.deepEqual(await editor.diagnostics(uri), []);
  await editor.change(uri, election);
  assert.equal((await editor.diagnostics(uri)).length, 2);
  await editor.save(uri);
  await editor.close(uri);
  const report = (await editor.connection.sendRequest('workspace/diagnostic', {
    previousResultIds: [{ uri: uriOf(folder, 'lib/copy_1.ex'), value: 'of before' }],
  })) as WorkspaceDiagnosticReport;
  assert.deepEqual(
    report.items.map((item) => [item.uri, item.kind === 'full' && item.items.length]),
    [[uriOf(folder, 'lib/copy_1.ex'), 0]],
  );
  assert.deepEqual(editor.log.filter(isError), []);
  assert.equal(await editor.shutdown(), 0);
});

test('a folder leaves the workspace while its files are linted: they are no longer shown, and the other folder is', async (t) => {
  const [leaving, staying] = [temporaryFolder(t, 'shop'), temporaryFolder(t, 'shop')];
  for (let i = 0; i < 100; i++) writeFileSync(path.join(leaving, `lib/copy_${i}.ex`), numbered(election, i));
  const folders = [uriOf(leaving), uriOf(staying)];
  const editor = await startEditor(t, stdio, { folders, settings: { workspaceDiagnostics: 'all' } });
  await editor.registered('workspace/didChangeWatchedFiles');
  const pull = (previousResultIds: readonly unknown[] = []) =>
    editor.connection.sendRequest('workspace/diagnostic', { previousResultIds }) as Promise<WorkspaceDiagnosticReport>;
  const pending = pull();
  await editor.connection.sendNotification('workspace/didChangeWorkspaceFolders', {
    event: { added: [], removed: [{ uri: uriOf(leaving), name: 'leaving' }] },
  });
  const previous = (await pending).items.map(({ uri, resultId }) => ({ uri, value: resultId }));
  const { items } = await pull(previous);
  const left = items.filter((item) => item.kind === 'unchanged' || item.items.length > 0).map(({ uri }) => uri);
  assert.ok(left.length > 0);
  assert.deepEqual(
    left.filter((uri) => !uri.startsWith(uriOf(staying))),
    [],
  );
  assert.deepEqual(editor.log.filter(isError), []);
});

test('an untitled document has everything that a file has', async (t) => {
  const editor = await startEditor(t, stdio);
  const uri = 'untitled:Untitled-1';
  await editor.open(uri, election);
  assert.equal((await editor.diagnostics(uri)).length, 2);
  assert.ok(await editor.hover(uri, rangeOf(election, wonByHalf).start));
  const [fixAll] = await editor.codeActions(uri, top, { only: ['source.fixAll.netsplit'] });
  await editor.apply(fixAll ?? assert.fail('nothing to fix'));
  assert.equal(editor.textOf(uri), mended);
  assert.deepEqual(await editor.diagnostics(uri), []);
});

test('a configuration that nobody can have meant is shown as wrong, and the last good one holds', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  const file = path.join(folder, '.netsplit.json');
  writeFileSync(file, JSON.stringify({ rules: { [quorum]: 'hint' } }));
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)] });
  const uri = uriOf(folder, 'lib/shop/election.ex');
  await editor.open(uri, election);
  const severities = async () => [...new Set((await editor.diagnostics(uri)).map(({ severity }) => severity))];
  assert.deepEqual(await severities(), [4]);
  await editor.open(uriOf(file), '{}', 'jsonc');
  for (const text of [
    '',
    '[]',
    'null',
    '{"rules"',
    '\u0000',
    '['.repeat(100_000),
    '{ "exclude": ["../.."] }',
    `{ "rules": { "${quorum}": 4 } }`,
  ]) {
    await editor.change(uriOf(file), JSON.stringify({ rules: { [quorum]: 'hint' } }));
    await editor.change(uriOf(file), text);
    assert.deepEqual(await severities(), [4], text.slice(0, 40));
    const { diagnostics } = await editor.published(uriOf(file), (params) => params.diagnostics.length > 0);
    assert.ok(diagnostics.every(({ source, severity }) => source === 'netsplit' && severity === 1));
  }
  assert.deepEqual(editor.log.filter(isError), []);
});

test('project files that cannot be read as what they are called do no harm', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  const write = (name: string, text: string | Buffer): void => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  };
  write('k8s/deep.yaml', `${'['.repeat(50_000)}`);
  write('k8s/deeper.yaml', Array.from({ length: 3000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'));
  write('k8s/bytes.yaml', Buffer.from([0xff, 0xfe, 0x00]));
  write('k8s/aliases.yaml', `a: &a [x]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [*a, *a]\n`).join('')}kind: StatefulSet\n`);
  write('fly.toml', '[[[[');
  write('Dockerfile', 'FROM');
  write('mix.lock', '%{');
  write('config/config.exs', `import Config\nconfig :kernel, ${'['.repeat(20_000)}`);
  write('rel/vm.args.eex', '-setcookie');
  write('.tool-versions', 'erlang ref:master\nelixir');
  write('.gitignore', '[\n\\\n!\n/[z-a]\n');
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)], settings: { workspaceDiagnostics: 'all' } });
  // Waits until the whole project has been read.
  await editor.connection.sendRequest('workspace/diagnostic', { previousResultIds: [] });
  const uri = uriOf(folder, 'lib/shop/election.ex');
  await editor.open(uri, election);
  assert.equal((await editor.diagnostics(uri)).length, 2);
  assert.deepEqual(editor.log.filter(isError), []);
});
