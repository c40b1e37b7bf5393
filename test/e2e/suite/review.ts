import assert from 'node:assert/strict';
import { suite, teardown, test } from 'mocha';
import { commands, type Tab, TabInputWebview, Uri, window, workspace } from 'vscode';
import { closeAll, folder, open, until } from './editor';

/** The tabs that preview Markdown. */
const previews = (): readonly Tab[] =>
  window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => input instanceof TabInputWebview && input.viewType.includes('markdown.preview'));

suite('Review', () => {
  teardown(closeAll);

  test('the command shows what the cluster of the project is, as a page', async () => {
    await open('lib/inventory/leader.ex');
    await commands.executeCommand('netsplit.review');
    await until(previews, (tabs) => tabs.some(({ label }) => label.includes('Review of inventory')), 'the page to be shown');
    const page = Uri.from({ scheme: 'netsplit-review', path: '/Review of inventory.md', query: folder().toString() });
    const text = (await workspace.openTextDocument(page)).getText();
    assert.match(text, /^# The cluster of inventory\n/);
    assert.match(text, /### State machines of `:ra`/);
    assert.match(text, /\[lib\/inventory\/stock_machine\.ex:1\]\(\w+:\/\/.*\/lib\/inventory\/stock_machine\.ex#L1\)/);
  });

  test('without an open file it is the project of the folder', async () => {
    await commands.executeCommand('netsplit.review');
    await until(previews, (tabs) => tabs.some(({ label }) => label.includes('Review of inventory')), 'the page to be shown');
  });
});
