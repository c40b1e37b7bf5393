import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite, teardown, test } from 'mocha';
import { EndOfLine, Range, type Uri, WorkspaceEdit, window, workspace } from 'vscode';
import { closeAll, open, remove, take, untilFindings } from './editor';
import { fix, mended, quorum, votes, votesFindings } from './texts';

suite('Documents', () => {
  teardown(closeAll);

  test('a document that is not yet a file', async () => {
    const document = await workspace.openTextDocument({ language: 'elixir', content: votes });
    await window.showTextDocument(document);
    await untilFindings(document.uri, votesFindings);
    await take(document, 3, fix);
    await untilFindings(document.uri, [`2 ${quorum}`]);
  });

  test('a file outside of the folder', async () => {
    const outside = mkdtempSync(path.join(tmpdir(), 'netsplit-outside-'));
    try {
      const { document } = await open(path.join(outside, 'votes.ex'), votes);
      await untilFindings(document.uri, votesFindings);
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  test('lines that end in carriage return and line feed', async () => {
    const { document } = await open('lib/windows.ex', votes.replaceAll('\n', '\r\n'));
    assert.equal(document.eol, EndOfLine.CRLF);
    await untilFindings(document.uri, votesFindings);
    await take(document, 3, `Disable ${quorum} for this line`);
    await take(document, 2, fix);
    await untilFindings(document.uri, []);
    assert.doesNotMatch(document.getText(), /[^\r]\n/);
    await closeAll();
    await remove('lib/windows.ex');
  });

  test('a file of nearly 2 MiB, with findings at its very end', async () => {
    const filler = 'defmodule Shop.Filler do\n  def add(a, b), do: a + b\nend\n';
    const count = Math.floor((2 * 1024 * 1024 - votes.length) / filler.length);
    const { document } = await open('lib/large.ex', filler.repeat(count) + votes);
    await untilFindings(
      document.uri,
      [2, 3].map((line) => `${count * 3 + line} ${quorum}`),
    );
    await closeAll();
    await remove('lib/large.ex');
  });

  test('typing in bursts leaves no finding of a text that is gone', async () => {
    const { document } = await open('lib/burst.ex', votes);
    await untilFindings(document.uri, votesFindings);
    for (let round = 0; round < 20; round++) {
      for (const text of [mended, votes]) await replace(document.uri, text);
    }
    await replace(document.uri, `\n\n${votes}`);
    await untilFindings(document.uri, [`4 ${quorum}`, `5 ${quorum}`]);
    await replace(document.uri, mended);
    await untilFindings(document.uri, []);
    await closeAll();
    await remove('lib/burst.ex');
  });
});

async function replace(uri: Uri, text: string): Promise<void> {
  const edit = new WorkspaceEdit();
  edit.replace(uri, new Range(0, 0, 1_000_000, 0), text);
  assert.ok(await workspace.applyEdit(edit));
}
