/** The review of a project, as an editor asks for it. */
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { type ProjectReview, reviewOfProject } from '../../core/protocol';
import { type Editor, startEditor, temporaryFolder, uriOf } from './editor';
import { stdio, worker } from './transports';

const reviewOf = (editor: Editor, uri: string) => editor.connection.sendRequest(reviewOfProject, { uri }) as Promise<ProjectReview>;

function inventory(t: TestContext): string {
  const folder = path.join(temporaryFolder(t), 'inventory');
  cpSync('examples/inventory', folder, { recursive: true });
  return folder;
}

for (const transport of [stdio, worker]) {
  test(`the project of any of its files, with links to each place (${transport.name})`, async (t) => {
    const folder = inventory(t);
    const editor = await startEditor(t, transport, { folders: [uriOf(folder)] });
    const review = await reviewOf(editor, uriOf(folder, 'lib/inventory/leader.ex'));
    assert.ok('markdown' in review);
    assert.deepEqual([review.name, review.root], ['inventory', uriOf(folder)]);
    assert.match(review.markdown, /^# The cluster of inventory\n/);
    assert.ok(review.markdown.includes(`[lib/inventory/stock_machine.ex:1](${uriOf(folder, 'lib/inventory/stock_machine.ex')}#L1)`));
    assert.match(review.markdown, /\*\*error\*\* \[config\/runtime\.exs:\d+\]\(.*\(`libcluster-unknown-strategy`\)/);
  });
}

test('it sees what is not saved yet', async (t) => {
  const folder = inventory(t);
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)] });
  const uri = uriOf(folder, 'lib/inventory/gateways.ex');
  await editor.open(uri, 'defmodule Inventory.Gateways do\n  def own, do: :global.register_name(:gateways, self())\nend\n');
  const review = await reviewOf(editor, uri);
  assert.ok('markdown' in review);
  assert.match(review.markdown, /### Names in `:global`\n\n- `:gateways`: \[lib\/inventory\/gateways\.ex:2\]/);
});

test('why there is none', async (t) => {
  const folder = inventory(t);
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)], settings: { maxFiles: 3 } });
  assert.deepEqual(await reviewOf(editor, uriOf(folder, 'mix.exs')), { none: 'tooLarge' });
  assert.deepEqual(await reviewOf(editor, uriOf(temporaryFolder(t), 'a.ex')), { none: 'noProject' });
});
