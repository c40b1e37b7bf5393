/** Editing one file updates the findings of the others. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { application, bare, clustered, endless, files, names, remote } from '../support/cross-file';
import { type Editor, isPublishedTo, startEditor, temporaryFolder, textAt, uriOf } from './editor';
import { stdio, type Transport, worker } from './transports';

type File = keyof typeof files;

interface Opened {
  readonly editor: Editor;
  uri(file: string): string;
  /** The rules that find something in a file. */
  rulesOf(file: File): Promise<readonly unknown[]>;
}

/** The application on disk, with some of its files open. */
async function opened(
  t: TestContext,
  transport: Transport,
  open: readonly File[],
  options: Parameters<typeof startEditor>[2] = {},
): Promise<Opened> {
  const folder = temporaryFolder(t);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  const editor = await startEditor(t, transport, { folders: [uriOf(folder)], ...options });
  const uri = (file: string): string => uriOf(folder, file);
  for (const file of open) await editor.open(uri(file), files[file]);
  return { editor, uri, rulesOf: async (file) => (await editor.diagnostics(uri(file))).map(({ code }) => code) };
}

const started = ['global-name-already-started'];
const unwired = ['libcluster-supervisor-wiring'];

for (const transport of [stdio, worker]) {
  test(`a child, its definition and its name; a topology and its supervisor (${transport.name})`, async (t) => {
    const [app, leader, helper, config] = [
      'lib/shop/application.ex',
      'lib/shop/leader.ex',
      'lib/shop/names.ex',
      'config/prod.exs',
    ] as const;
    const { editor, uri, rulesOf } = await opened(t, transport, [app, leader, helper, config]);
    assert.deepEqual(await rulesOf(leader), started);
    assert.deepEqual(await rulesOf(config), unwired);
    const [finding] = await editor.diagnostics(uri(leader));
    const related = finding?.relatedInformation?.map(({ location }) => [location.uri, textAt(editor.textOf(location.uri), location.range)]);
    assert.deepEqual(related, [
      [uri(helper), '{:via, Horde.Registry, {Shop.Registry, name}}'],
      [uri(app), 'Shop.Leader'],
    ]);

    await editor.change(uri(app), clustered);
    assert.deepEqual(await rulesOf(config), []);
    assert.deepEqual(await rulesOf(leader), started);
    await editor.change(uri(app), clustered.replace(', Shop.Leader', ''));
    assert.deepEqual(await rulesOf(leader), ['global-name-already-started'], 'nothing starts it, and nothing handles what it answers');
    assert.equal((await editor.diagnostics(uri(leader)))[0]?.severity, 3);
    await editor.change(uri(app), application);
    assert.deepEqual(await rulesOf(leader), started);
    assert.deepEqual(await rulesOf(config), unwired);

    await editor.change(uri(helper), names.replace('name}}', '{name, node()}}}'));
    assert.deepEqual(await rulesOf(leader), []);
    await editor.close(uri(helper));
    assert.deepEqual(await rulesOf(leader), started, 'the helper is again what stands on disk');
  });
}

test('a wrapper for remote calls and its callers', async (t) => {
  const [wrapper, caller] = ['lib/shop/remote.ex', 'lib/shop/stock.ex'] as const;
  const { editor, uri, rulesOf } = await opened(t, stdio, [wrapper, caller]);
  assert.deepEqual(await rulesOf(caller), []);
  await editor.change(uri(caller), bare);
  assert.equal((await rulesOf(caller)).length, 3);
  await editor.change(uri(caller), files[caller]);
  await editor.change(uri(wrapper), endless);
  assert.deepEqual(await rulesOf(caller), []);
  assert.deepEqual(await rulesOf(wrapper), ['rpc-infinite-timeout']);

  const refreshed = editor.refresh();
  await editor.open(uri('.netsplit.json'), '{ "rpcWrappers": ["Shop.Remote.call"] }', 'jsonc');
  await refreshed;
  assert.deepEqual(await rulesOf(wrapper), []);
  await editor.change(uri(wrapper), remote);
  assert.deepEqual(await rulesOf(wrapper), []);
});

test('a client that is published to is told of the other files with the next save', async (t) => {
  const [app, leader] = ['lib/shop/application.ex', 'lib/shop/leader.ex'] as const;
  const { editor, uri } = await opened(t, stdio, [app, leader], { capabilities: isPublishedTo });
  await editor.published(uri(leader), ({ diagnostics }) => diagnostics[0]?.code === 'global-name-already-started');
  await editor.change(uri(app), application.replace('[Shop.Leader]', '[{Highlander, Shop.Leader}]'));
  await editor.save(uri(app));
  await editor.published(uri(leader), ({ diagnostics }) => diagnostics.length === 0);
});
