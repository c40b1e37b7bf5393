/** The server keeps to the protocol whatever a client sends. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  CancellationTokenSource,
  createProtocolConnection,
  ErrorCodes,
  LSPErrorCodes,
  type ResponseError,
} from 'vscode-languageserver/node';
import { startEditor, temporaryFolder, uriOf } from './editor';
import { election } from './texts';
import { nodeIpc, stdio, worker } from './transports';

const hasCode = (code: number) => (error: ResponseError<unknown>) => error.code === code;

test('requests before initialize and unknown methods are answered with errors', async (t) => {
  const server = await stdio.start();
  const connection = createProtocolConnection(server.reader, server.writer);
  t.after(async () => {
    connection.dispose();
    await server.kill();
  });
  connection.listen();
  await assert.rejects(connection.sendRequest('textDocument/hover', {}), hasCode(ErrorCodes.ServerNotInitialized));
  await connection.sendRequest('initialize', { processId: null, rootUri: null, capabilities: {} });
  await assert.rejects(connection.sendRequest('netsplit/noSuchMethod', {}), hasCode(ErrorCodes.MethodNotFound));
  await connection.sendNotification('netsplit/noSuchNotification', {});
  await connection.sendRequest('shutdown');
  await connection.sendNotification('exit');
  assert.equal(await server.ended, 0);
});

for (const transport of [stdio, nodeIpc]) {
  test(`exit without shutdown ends with 1 (${transport.name})`, async (t) => {
    const editor = await startEditor(t, transport);
    await editor.connection.sendNotification('exit');
    assert.equal(await editor.server.ended, 1);
  });
}

test('the server ends when its input does', async (t) => {
  const editor = await startEditor(t, stdio);
  editor.server.writer.end();
  assert.equal(await editor.server.ended, 1);
});

for (const transport of [stdio, worker]) {
  test(`a cancelled request is answered as cancelled, and the next one as ever (${transport.name})`, async (t) => {
    const editor = await startEditor(t, transport);
    const uri = uriOf(temporaryFolder(t), 'a.ex');
    await editor.open(uri, election);
    const cancellation = new CancellationTokenSource();
    const pending = editor.connection.sendRequest('textDocument/diagnostic', { textDocument: { uri } }, cancellation.token);
    cancellation.cancel();
    await assert.rejects(pending, hasCode(LSPErrorCodes.RequestCancelled));
    assert.equal((await editor.diagnostics(uri)).length, 2);
  });
}

test('documents that are not open, odd positions, options and folders do no harm', async (t) => {
  const editor = await startEditor(t, stdio, { initializationOptions: ['of', 'another', 'server'] });
  const uri = uriOf(temporaryFolder(t), 'a.ex');
  assert.deepEqual(await editor.diagnostics(uri), []);
  assert.equal(await editor.hover(uri, { line: 0, character: 0 }), null);
  assert.deepEqual(await editor.codeActions(uri, { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }), []);
  await editor.save(uri);
  await editor.close(uri);
  await editor.open(uri, election);
  assert.equal(await editor.hover(uri, { line: 9999, character: 9999 }), null);
  await editor.changeFiles([
    { uri: 'file:///no/such/place/mix.exs', type: 2 },
    { uri: 'untitled:Untitled-1', type: 1 },
  ]);
  for (const text of ['', '\u0000', '\ud800', '(((((', `${'['.repeat(20_000)}`, 'defmodule \u{1F600} do']) {
    await editor.change(uri, text);
    assert.deepEqual(await editor.diagnostics(uri), [], JSON.stringify(text.slice(0, 20)));
  }
  await editor.change(uri, election);
  assert.equal((await editor.diagnostics(uri)).length, 2);
  assert.equal(await editor.shutdown(), 0);
});
