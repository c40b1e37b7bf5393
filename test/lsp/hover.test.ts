/** A hover explains: what a rule found, and what there is to learn about a quorum or a call to other nodes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import type { MarkupContent } from 'vscode-languageserver/node';
import { type Editor, isPublishedTo, rangeOf, startEditor, temporaryFolder, textAt, uriOf } from './editor';
import { election, wonByHalf } from './texts';
import { stdio, type Transport, worker } from './transports';

const pages = { initializationOptions: { pages: 'file:///extension/docs/rules/' } };

/** What a hover shows on the first occurrence of a part of an open document, and what it is about. */
async function hoverOn(editor: Editor, uri: string, part: string): Promise<{ readonly on: string; readonly value: string } | undefined> {
  const text = editor.textOf(uri);
  const hover = await editor.hover(uri, rangeOf(text, part).start);
  if (!hover) return undefined;
  return { on: textAt(text, hover.range ?? assert.fail('no range')), value: (hover.contents as MarkupContent).value };
}

/** An editor with the project of the examples, which has been read, and one of its files open. */
async function inventory(t: TestContext, transport: Transport, file: string): Promise<{ readonly editor: Editor; readonly uri: string }> {
  const folder = temporaryFolder(t, path.resolve('examples/inventory'));
  const editor = await startEditor(t, transport, { folders: [uriOf(folder)], settings: { workspaceDiagnostics: 'open' }, ...pages });
  const uri = uriOf(folder, file);
  await editor.open(uri, readFileSync(path.join(folder, file), 'utf8'));
  // A hover does not wait for a project that takes long to read; this does.
  await editor.connection.sendRequest('workspace/diagnostic', { previousResultIds: [] });
  return { editor, uri };
}

for (const transport of [stdio, worker]) {
  test(`a quorum is explained for the size of this cluster, below what is wrong with it (${transport.name})`, async (t) => {
    const { editor, uri } = await inventory(t, transport, 'lib/inventory/quorum.ex');
    const hover = (await hoverOn(editor, uri, '>= quorum')) ?? assert.fail('no hover');
    assert.equal(hover.on, 'length(acks) >= quorum');
    assert.match(hover.value, /^\*\*quorum-half-is-not-majority\*\*: .+/);
    assert.match(hover.value, /\n\n---\n\n\*\*Quorum\*\* of `cluster_size`\n/);
    assert.match(hover.value, /\n\| \*\*5\*\* \| \*\*3\*\* \| \*\*2\*\* \| ← this project: `deploy\/stock\.yaml` \|\n/);
    // The page of the rule is named once.
    assert.equal(hover.value.split('quorum-half-is-not-majority.md').length, 2);
  });
}

test('a call to other nodes is explained in two lines with the page that says more, and nothing else is', async (t) => {
  const { editor, uri } = await inventory(t, stdio, 'lib/inventory/leader.ex');
  const hover = (await hoverOn(editor, uri, 'PubSub.broadcast')) ?? assert.fail('no hover');
  assert.equal(hover.on, 'PubSub.broadcast(Inventory.PubSub, @topic, {:leader, node(), term})');
  assert.equal(
    hover.value,
    [
      '`Phoenix.PubSub.broadcast` in a partition',
      '',
      '- **While split:** Delivers on its own side.',
      '- **Once healed:** What was sent meanwhile is gone for the other side.',
      '',
      'More: [pubsub-broadcast-as-guarantee](file:///extension/docs/rules/pubsub-broadcast-as-guarantee.md), ' +
        '[pubsub-pool-size-varies](file:///extension/docs/rules/pubsub-pool-size-varies.md)',
    ].join('\n'),
  );
  for (const part of ['defmodule', 'GenServer', 'Logger.info', 'Inventory.PubSub, @topic', 'max(term', '@doc'])
    assert.equal(await hoverOn(editor, uri, part), undefined, part);
});

test('a client that shows plain text gets plain text, and in a lone file no size is marked', async (t) => {
  const editor = await startEditor(t, stdio, { capabilities: isPublishedTo });
  await editor.open('untitled:Untitled-1', `${election}:ra.local_query(id, fun)\n`);
  const quorum = (await hoverOn(editor, 'untitled:Untitled-1', wonByHalf)) ?? assert.fail('no hover');
  assert.match(quorum.value, /\nQuorum of length\(members\)\n/);
  assert.match(quorum.value, /\n\| 5 \| 3 \| 2 \| \|\n/);
  assert.doesNotMatch(quorum.value, /[`*←]/);
  const query = (await hoverOn(editor, 'untitled:Untitled-1', ':ra.local_query')) ?? assert.fail('no hover');
  assert.match(query.value, /^:ra\.local_query in a partition\n\n- While split: Answers on both sides/);
  assert.match(query.value, /\nMore: ra-stale-read: file:.+\/docs\/rules\/ra-stale-read\.md$/);
});

test('nothing is taught where nothing is linted', async (t) => {
  const folder = temporaryFolder(t);
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)] });
  const foreign = uriOf(folder, 'deps/ra/lib/a.ex');
  await editor.open(foreign, ':rpc.call(node, M, :f, [])\n');
  assert.equal(await hoverOn(editor, foreign, ':rpc'), undefined);
});
