/** Findings of files that are not open, where the user asks for them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import {
  CancellationToken,
  CancellationTokenSource,
  FileChangeType,
  LSPErrorCodes,
  type PreviousResultId,
  type ProgressToken,
  type ResponseError,
  WorkDoneProgress,
  WorkDoneProgressCancelNotification,
  WorkDoneProgressCreateRequest,
  type WorkspaceDiagnosticReport,
  WorkspaceDiagnosticRequest,
} from 'vscode-languageserver/node';
import { lintWorkspace, type WorkspaceSummary } from '../../core/protocol';
import { type Editor, pulls, startEditor, temporaryFolder, uriOf } from './editor';
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

/** Says that it shows progress, and keeps what it was told. */
async function watchful(t: TestContext, folder: string, settings: unknown) {
  const capabilities = { ...pulls, window: { workDoneProgress: true } };
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)], settings, capabilities });
  const told: { readonly kind: string; readonly title?: string }[] = [];
  const begun = new Promise<ProgressToken>((resolve) => {
    editor.connection.onRequest(WorkDoneProgressCreateRequest.type, ({ token }) => {
      editor.connection.onProgress(WorkDoneProgress.type, token, (value) => {
        told.push(value);
        if (value.kind === 'begin') resolve(token);
      });
    });
  });
  const lint = () => editor.connection.sendRequest(lintWorkspace, {}) as Promise<WorkspaceSummary>;
  return { editor, told, begun, lint };
}

/** Pulls as VS Code does once the workspace is offered. */
async function pullWhenOffered(editor: Editor): Promise<WorkspaceDiagnosticReport> {
  while (!editor.registrations.some(({ registerOptions }) => registerOptions?.workspaceDiagnostics === true)) await editor.registeredNext();
  return pullWorkspace(editor);
}

test('the user asks for every file although the settings do not, and sees how far it has come', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  for (let i = 0; i < 300; i++) writeFileSync(path.join(folder, `lib/copy_${i}.ex`), election.replace('Election', `Election${i}`));
  const { editor, told, begun, lint } = await watchful(t, folder, { workspaceDiagnostics: 'off' });
  const [summary, report] = await Promise.all([lint(), pullWhenOffered(editor), begun]);
  assert.deepEqual(summary, { files: 305, findings: 604, ended: 'complete' });
  assert.equal(report.items.length, 305);
  assert.equal(told[0]?.title, 'Netsplit: linting the workspace');
});

test('the user ends it, and is left alone until something changes', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  for (let i = 0; i < 600; i++) writeFileSync(path.join(folder, `lib/copy_${i}.ex`), election.replace('Election', `Election${i}`));
  const { editor, begun, lint } = await watchful(t, folder, { workspaceDiagnostics: 'off' });
  const ending = begun.then((token) => editor.connection.sendNotification(WorkDoneProgressCancelNotification.type, { token }));
  const [summary, report] = await Promise.all([lint(), pullWhenOffered(editor), ending]);
  assert.equal(summary.ended, 'cancelled');
  assert.ok(summary.files < 605);
  assert.equal(report.items.length, summary.files);

  const pending = pullWorkspace(editor, previousOf(report));
  writeFileSync(path.join(folder, 'lib/shop/election.ex'), mended);
  await editor.changeFiles([{ uri: uriOf(folder, 'lib/shop/election.ex'), type: FileChangeType.Changed }]);
  assert.equal((await pending).items.length, 605);
});

test('no more files than are allowed are linted when the user asks', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  const { editor, lint } = await watchful(t, folder, { workspaceDiagnostics: 'off', maxFiles: 3 });
  const [summary] = await Promise.all([lint(), pullWhenOffered(editor)]);
  assert.deepEqual([summary.files, summary.ended], [3, 'maxFiles']);
});
