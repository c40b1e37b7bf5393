/** Findings of files that are not open, where the user asks for them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {
  CancellationToken,
  CancellationTokenSource,
  FileChangeType,
  LSPErrorCodes,
  type PreviousResultId,
  type ResponseError,
  type WorkspaceDiagnosticReport,
  WorkspaceDiagnosticRequest,
} from 'vscode-languageserver/node';
import { type Editor, startEditor, temporaryFolder, uriOf } from './editor';
import { election, mended } from './texts';
import { stdio, worker } from './transports';

const pullWorkspace = (editor: Editor, previousResultIds: PreviousResultId[] = [], token: CancellationToken = CancellationToken.None) =>
  editor.connection.sendRequest('workspace/diagnostic', { previousResultIds }, token) as Promise<WorkspaceDiagnosticReport>;

/** The number of findings by file, or that they are as before. */
const summaryOf = (folder: string, { items }: WorkspaceDiagnosticReport) =>
  items.map((report) => [report.uri.replace(`${uriOf(folder)}/`, ''), report.kind === 'full' ? report.items.length : report.kind]).sort();

const previousOf = ({ items }: WorkspaceDiagnosticReport): PreviousResultId[] =>
  items.map(({ uri, resultId }) => ({ uri, value: resultId ?? assert.fail() }));

test('the workspace is offered only while the settings say so', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)], settings: { workspaceDiagnostics: 'off' } });
  const offered = await editor.registered('textDocument/diagnostic');
  assert.equal(offered.registerOptions.workspaceDiagnostics, false);
  assert.deepEqual(await pullWorkspace(editor), { items: [] });
  editor.settings = { workspaceDiagnostics: 'all' };
  await editor.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  while (!editor.registrations.some(({ registerOptions }) => registerOptions?.workspaceDiagnostics === true)) await editor.registeredNext();
  assert.equal(editor.registrations.filter(({ method }) => method === 'textDocument/diagnostic').length, 1);
});

for (const transport of [stdio, worker]) {
  test(`every file of every folder, as it is in the editor or on disk (${transport.name})`, async (t) => {
    const folder = temporaryFolder(t, 'shop');
    const editor = await startEditor(t, transport, { folders: [uriOf(folder)], settings: { workspaceDiagnostics: 'all' } });
    await editor.open(uriOf(folder, 'lib/shop/election.ex'), mended);
    const report = await pullWorkspace(editor);
    assert.deepEqual(summaryOf(folder, report), [
      ['lib/shop/checkout.ex', 1],
      ['lib/shop/clock.ex', 1],
      ['lib/shop/election.ex', 0],
      ['lib/shop/report.ex', 0],
      ['mix.exs', 0],
    ]);

    // Nothing is new: the answer waits for a change, and then says what it is.
    const pending = pullWorkspace(editor, previousOf(report));
    await editor.change(uriOf(folder, 'lib/shop/election.ex'), election);
    await editor.save(uriOf(folder, 'lib/shop/election.ex'));
    assert.deepEqual(summaryOf(folder, await pending), [
      ['lib/shop/checkout.ex', 'unchanged'],
      ['lib/shop/clock.ex', 'unchanged'],
      ['lib/shop/election.ex', 2],
      ['lib/shop/report.ex', 'unchanged'],
      ['mix.exs', 'unchanged'],
    ]);
  });
}

test('reports come in parts to a client that takes them so', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  for (let i = 0; i < 50; i++) writeFileSync(path.join(folder, `lib/copy_${i}.ex`), election.replace('Election', `Election${i}`));
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)], settings: { workspaceDiagnostics: 'all' } });
  const parts: number[] = [];
  editor.connection.onProgress(WorkspaceDiagnosticRequest.partialResult, 'parts', ({ items }) => void parts.push(items.length));
  const last: WorkspaceDiagnosticReport = await editor.connection.sendRequest('workspace/diagnostic', {
    previousResultIds: [],
    partialResultToken: 'parts',
  });
  assert.deepEqual([...parts, last.items.length], [20, 20, 15]);
});

test('only the projects with an open file, and no more files than are allowed', async (t) => {
  const [first, second] = [temporaryFolder(t, 'shop'), temporaryFolder(t, 'shop')];
  const editor = await startEditor(t, stdio, { folders: [uriOf(first), uriOf(second)], settings: { workspaceDiagnostics: 'open' } });
  await editor.open(uriOf(second, 'lib/shop/election.ex'), election);
  const uris = (await pullWorkspace(editor)).items.map(({ uri }) => uri);
  assert.equal(uris.length, 5);
  assert.ok(uris.every((uri) => uri.startsWith(uriOf(second))));

  editor.settings = { workspaceDiagnostics: 'all', maxFiles: 3 };
  const refreshed = editor.refresh();
  await editor.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  await refreshed;
  assert.equal((await pullWorkspace(editor)).items.length, 3);
  await editor.logged(/netsplit\.maxFiles/);
});

test('a file that is gone has no findings any more', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)], settings: { workspaceDiagnostics: 'all' } });
  const report = await pullWorkspace(editor);
  const gone = { uri: uriOf(folder, 'lib/gone.ex'), value: 'of another time' };
  writeFileSync(path.join(folder, 'lib/shop/election.ex'), mended);
  await editor.changeFiles([{ uri: uriOf(folder, 'lib/shop/election.ex'), type: FileChangeType.Changed }]);
  const next = await pullWorkspace(editor, [...previousOf(report), gone]);
  assert.deepEqual(
    summaryOf(folder, next).filter(([, state]) => state === 0),
    [
      ['lib/gone.ex', 0],
      ['lib/shop/election.ex', 0],
    ],
  );
});

test('a pull of the workspace that waits can be cancelled, and does not keep the server from ending', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)], settings: { workspaceDiagnostics: 'all' } });
  const report = await pullWorkspace(editor);
  const cancellation = new CancellationTokenSource();
  const cancelled = pullWorkspace(editor, previousOf(report), cancellation.token);
  cancellation.cancel();
  await assert.rejects(cancelled, (error: ResponseError<unknown>) => error.code === LSPErrorCodes.RequestCancelled);
  const waiting = pullWorkspace(editor, previousOf(report));
  const ended = editor.shutdown();
  assert.deepEqual(await waiting, { items: [] });
  assert.equal(await ended, 0);
});
