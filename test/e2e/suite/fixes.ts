import assert from 'node:assert/strict';
import { setup, suite, teardown, test } from 'mocha';
import { ConfigurationTarget, commands, Position, type TextDocument, WorkspaceEdit, workspace } from 'vscode';
import { actionsAt, closeAll, open, remove, take, until, untilFindings } from './editor';
import { fix, mended, quorum, votes, votesFindings } from './texts';

const file = 'lib/votes.ex';

suite('Fixes', () => {
  let document: TextDocument;

  setup(async () => {
    ({ document } = await open(file, votes));
    await untilFindings(document.uri, votesFindings);
  });

  teardown(async () => {
    await closeAll();
    await remove(file);
  });

  test('a quick fix mends one finding', async () => {
    await take(document, 2, fix);
    assert.equal(document.getText(), votes.replace(', 2)', ', 2) + 1'));
    await untilFindings(document.uri, [`3 ${quorum}`]);
  });

  test('a safe fix is the preferred one', async () => {
    const actions = await actionsAt(document, 2);
    assert.deepEqual(
      actions.filter(({ isPreferred }) => isPreferred).map(({ title }) => title),
      [fix],
    );
  });

  test('a rule is turned off for a line, and for a file', async () => {
    await take(document, 3, `Disable ${quorum} for this line`);
    assert.match(document.lineAt(2).text, /^ {2}# netsplit:disable-for-next-line quorum-half-is-not-majority$/);
    await untilFindings(document.uri, [`2 ${quorum}`]);
    await take(document, 2, `Disable ${quorum} for this file`);
    await untilFindings(document.uri, []);
  });

  test('a command applies all safe fixes', async () => {
    await commands.executeCommand('netsplit.fixAll');
    await until(
      () => document.getText(),
      (text) => text === mended,
      'the mended text',
    );
    await untilFindings(document.uri, []);
  });

  test('saving applies all safe fixes where the settings ask for it', async () => {
    const settings = workspace.getConfiguration('editor', document);
    await settings.update('codeActionsOnSave', { 'source.fixAll.netsplit': 'explicit' }, ConfigurationTarget.Workspace);
    try {
      const edit = new WorkspaceEdit();
      edit.insert(document.uri, new Position(0, 0), '# Votes.\n');
      assert.ok(await workspace.applyEdit(edit));
      assert.ok(await document.save());
      assert.equal(document.getText(), `# Votes.\n${mended}`);
      assert.equal(document.isDirty, false);
      await untilFindings(document.uri, []);
    } finally {
      await settings.update('codeActionsOnSave', undefined, ConfigurationTarget.Workspace);
    }
  });
});
