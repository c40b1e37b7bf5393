/** What named rules find, for documents that a client writes. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { type Evidence, type EvidenceParams, evidence } from '../../core/protocol';
import { rules } from '../../core/rules/index';
import { type Editor, startEditor, temporaryFolder, uriOf } from './editor';
import { election } from './texts';
import { stdio, worker } from './transports';

const rule = 'quorum-half-is-not-majority';

const ask = (editor: Editor, params: EvidenceParams) => editor.connection.sendRequest<Evidence>(evidence, params);

for (const transport of [stdio, worker]) {
  test(`every file of the folder is looked at, with the code around each finding, before and after its fix (${transport.name})`, async (t) => {
    const folder = temporaryFolder(t, 'shop');
    const editor = await startEditor(t, transport, { folders: [uriOf(folder)] });
    const uri = uriOf(folder, 'lib/shop/election.ex');
    await editor.open(uri, election);
    const { rules: said, findings } = await ask(editor, { rules: [rule, 'no-such-rule'] });
    assert.deepEqual(
      said.map(({ id }) => id),
      [rule],
    );
    assert.ok(said[0]!.examples.length > 0 && said[0]!.rationale !== '');
    const found = findings.filter((finding) => finding.uri === uri);
    assert.ok(found.length > 0);
    for (const { rule: id, path, before, after } of found) {
      assert.deepEqual([id, path], [rule, 'lib/shop/election.ex']);
      assert.ok(election.includes(before) && after !== undefined && after !== before);
    }
    assert.deepEqual(new Set(findings.map((finding) => finding.rule)), new Set([rule]));
  });
}

test('one file, rules that are off until asked for, and none', async (t) => {
  const folder = temporaryFolder(t, 'shop');
  const editor = await startEditor(t, stdio, { folders: [uriOf(folder)] });
  const optional = rules.filter(({ optIn }) => optIn).map(({ id }) => id);
  assert.ok(optional.length > 0);
  assert.deepEqual((await ask(editor, { rules: optional, files: [] })).findings, []);
  assert.equal((await ask(editor, { rules: optional, files: [] })).rules.length, optional.length);
  assert.deepEqual(await ask(editor, { rules: [], files: [uriOf(folder, 'lib/shop/clock.ex')] }), { rules: [], findings: [] });
  assert.deepEqual((await ask(editor, { rules: [rule], files: [uriOf(folder, 'lib/shop/nowhere.ex')] })).findings, []);
  // What is no list of rules is an error, not an answer that reads as if nothing was found.
  await assert.rejects(ask(editor, {} as EvidenceParams));
});
