/** One session as a user has it, over every way to talk to the built server. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { type CodeAction, DiagnosticSeverity, type Hover, type MarkupContent } from 'vscode-languageserver/node';
import { rangeOf, startEditor, temporaryFolder, textAt, uriOf } from './editor';
import { nodeIpc, socket, stdio, worker } from './transports';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };

const election = `defmodule Shop.Election do
  def won?(votes, members) do
    length(votes) >= div(length(members), 2)
  end

  def may_write?(acks, replicas) do
    length(acks) >= div(length(replicas), 2)
  end
end
`;
const rule = 'quorum-half-is-not-majority';

for (const transport of [stdio, nodeIpc, socket, worker]) {
  test(`a session over ${transport.name}`, async (t) => {
    const folder = temporaryFolder(t, 'shop');
    const editor = await startEditor(t, transport, {
      folders: [uriOf(folder)],
      initializationOptions: {
        pages: 'file:///extension/docs/rules',
        commands: ['netsplit.explainRule', 'netsplit.simulate', 'other.command'],
      },
    });
    const { capabilities, serverInfo } = editor.initialized;
    assert.deepEqual(serverInfo, { name: 'netsplit', version });
    assert.equal(capabilities.positionEncoding, 'utf-16');
    for (const other of ['documentFormattingProvider', 'definitionProvider', 'renameProvider'] as const)
      assert.equal(capabilities[other], undefined);
    await editor.registered('textDocument/diagnostic');

    const uri = uriOf(folder, 'lib/shop/election.ex');
    await editor.open(uri, election);
    const report = await editor.pull(uri);
    assert.equal(report.kind, 'full');
    const diagnostics = report.kind === 'full' ? report.items : [];
    assert.deepEqual(
      diagnostics.map(({ code, source, severity, range }) => [code, source, severity, textAt(election, range)]),
      [
        [rule, 'netsplit', DiagnosticSeverity.Error, 'length(votes) >= div(length(members), 2)'],
        [rule, 'netsplit', DiagnosticSeverity.Error, 'length(acks) >= div(length(replicas), 2)'],
      ],
    );
    assert.equal(diagnostics[0]?.codeDescription?.href, `file:///extension/docs/rules/${rule}.md`);
    const again = await editor.pull(uri, report.resultId);
    assert.deepEqual(again, { kind: 'unchanged', resultId: report.resultId });

    const hover = (await editor.connection.sendRequest('textDocument/hover', {
      textDocument: { uri },
      position: { line: 2, character: 6 },
    })) as Hover;
    assert.equal(textAt(election, hover.range ?? assert.fail()), 'length(votes) >= div(length(members), 2)');
    const { kind, value } = hover.contents as MarkupContent;
    assert.equal(kind, 'markdown');
    for (const part of [rule, 'Two majorities always share a member', `](file:///extension/docs/rules/${rule}.md)`])
      assert.ok(value.includes(part), part);

    const first = diagnostics[0] ?? assert.fail();
    const actions = await editor.codeActions(uri, first.range, { diagnostics: [first] });
    assert.deepEqual(
      actions.map(({ title, kind, isPreferred }) => [title, kind, isPreferred ?? false]),
      [
        [actions[0]?.title, 'quickfix', true],
        [`Fix all 2 findings of ${rule} in this file`, 'quickfix', false],
        [`Disable ${rule} for this line`, 'quickfix', false],
        [`Disable ${rule} for this file`, 'quickfix', false],
        [`Explain ${rule}`, 'quickfix', false],
        ['Show what happens in a partition', 'quickfix', false],
        ['Fix all safe findings of Netsplit', 'source.fixAll.netsplit', false],
      ],
    );
    assert.deepEqual(actions[0]?.diagnostics, [first]);
    assert.deepEqual(actions[4]?.command, { title: `Explain ${rule}`, command: 'netsplit.explainRule', arguments: [rule] });
    assert.deepEqual(actions[5]?.command, {
      title: 'Show what happens in a partition',
      command: 'netsplit.simulate',
      arguments: [{ preset: 'half-is-a-quorum' }],
    });

    await editor.apply(actions[0] as CodeAction);
    assert.match(editor.textOf(uri), /div\(length\(members\), 2\) \+ 1|> div\(length\(members\), 2\)/);
    const [left, ...more] = await editor.diagnostics(uri);
    assert.equal(more.length, 0);
    assert.equal(textAt(editor.textOf(uri), left?.range ?? assert.fail()), 'length(acks) >= div(length(replicas), 2)');

    const [fixAll, ...others] = await editor.codeActions(uri, rangeOf(editor.textOf(uri), 'defmodule'), { only: ['source.fixAll'] });
    assert.equal(others.length, 0);
    await editor.apply(fixAll ?? assert.fail('there is no action that fixes all'));
    assert.deepEqual(await editor.diagnostics(uri), []);

    // The project tells which OTP it runs on, and there the finding weighs more.
    const checkout = uriOf(folder, 'lib/shop/checkout.ex');
    await editor.open(
      checkout,
      'defmodule Shop.Checkout do\n  def took(f) do\n    a = System.os_time()\n    f.()\n    System.os_time() - a > 5_000\n  end\nend\n',
    );
    assert.deepEqual((await editor.diagnostics(checkout)).map(severityOf), [['clock-wall-elapsed', DiagnosticSeverity.Warning]]);
    writeFileSync(path.join(folder, '.tool-versions'), 'erlang 27.1\nelixir 1.17.2\n');
    const created = editor.refresh();
    await editor.changeFiles([{ uri: uriOf(folder, '.tool-versions'), type: 1 }]);
    await created;
    assert.deepEqual((await editor.diagnostics(checkout)).map(severityOf), [['clock-wall-elapsed', DiagnosticSeverity.Error]]);
    rmSync(path.join(folder, '.tool-versions'));
    const deleted = editor.refresh();
    await editor.changeFiles([{ uri: uriOf(folder, '.tool-versions'), type: 3 }]);
    await deleted;
    assert.deepEqual((await editor.diagnostics(checkout)).map(severityOf), [['clock-wall-elapsed', DiagnosticSeverity.Warning]]);

    assert.deepEqual(
      editor.log.filter(({ type }) => type <= 2),
      [],
    );
    assert.equal(await editor.shutdown(), 0);
    assert.equal(editor.server.errors(), '');
  });
}

function severityOf({ code, severity }: { readonly code?: unknown; readonly severity?: unknown }) {
  return [code, severity];
}
