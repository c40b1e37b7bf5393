import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, suiteTeardown, test } from 'mocha';
import { commands, extensions, type Hover, languages, MarkdownString, Position } from 'vscode';
import { closeAll, fileAt, open, remove, ruleOf, until, untilFindings } from './editor';

suite('Findings', () => {
  suiteTeardown(closeAll);

  test('an Elixir file starts the extension, without any other extension for Elixir', async () => {
    const speakers = extensions.all.filter(({ packageJSON }) =>
      packageJSON.contributes?.languages?.some((language: { readonly id: string }) => language.id === 'elixir'),
    );
    assert.deepEqual(
      speakers.map(({ id }) => id),
      ['netsplit.netsplit'],
    );
    const { document } = await open('lib/inventory/quorum.ex');
    assert.equal(document.languageId, 'elixir');
    await until(
      () => extensions.getExtension('netsplit.netsplit')?.isActive,
      (active) => active === true,
      'the extension to be active',
    );
  });

  test('every file of the example has its findings where they belong', async () => {
    for (const [file, expected] of expectedFindings()) {
      await open(file);
      await untilFindings(fileAt(file), expected);
    }
  });

  test('a finding names its page, its range and the other end', async () => {
    const { document } = await open('lib/inventory/quorum.ex');
    const [finding] = await until(
      () => languages.getDiagnostics(document.uri).filter((diagnostic) => ruleOf(diagnostic) === 'quorum-half-is-not-majority'),
      (found) => found.length > 0,
      'the finding',
    );
    assert.ok(finding);
    assert.equal(document.getText(finding.range), 'length(acks) >= quorum');
    assert.ok(typeof finding.code === 'object' && finding.code.target.path.endsWith('/docs/rules/quorum-half-is-not-majority.md'));
    const [other] = finding.relatedInformation ?? [];
    assert.equal(other?.location.uri.path, document.uri.path);
    assert.equal(document.getText(other.location.range), 'div(cluster_size, 2)');
  });

  test('files that are not Elixir have theirs, in every language that they open in', async () => {
    const files = {
      'rel/canary/vm.args.eex': '-name canary@inventory.internal\n-setcookie pYSQXPnK7mk\n',
      'deploy/canary.yaml':
        'kind: Deployment\nspec:\n  template: { spec: { containers: [{ env: [{ name: RELEASE_COOKIE, value: a1b2 }] }] } }\n',
      'deploy/Dockerfile': 'FROM elixir:1.17\nENV MIX_ENV=prod\nENV RELEASE_COOKIE=a1b2\n',
    };
    const lines = { 'rel/canary/vm.args.eex': 2, 'deploy/canary.yaml': 3, 'deploy/Dockerfile': 3 };
    for (const [file, text] of Object.entries(files)) {
      const { document } = await open(file, text);
      await untilFindings(document.uri, [`${lines[file as keyof typeof lines]} cluster-secrets`]);
    }
    const { document } = await open('deploy/stock.yaml');
    await untilFindings(document.uri, []);
    for (const file of Object.keys(files)) await remove(file);
  });

  test('the pointer shows the rule', async () => {
    const { document } = await open('lib/inventory/quorum.ex');
    const hovers = await until(
      () => commands.executeCommand<Hover[]>('vscode.executeHoverProvider', document.uri, new Position(8, 6)),
      (shown) => shown.length > 0,
      'the hover',
    );
    const text = hovers
      .flatMap(({ contents }) => contents.map((part) => (part instanceof MarkdownString ? part.value : String(part))))
      .join('\n');
    assert.match(text, /\*\*quorum-half-is-not-majority\*\*/);
    assert.match(text, /Two majorities always share a member/);
    assert.match(text, /Quick fix: Require one more than half\./);
  });
});

/** By file: lines and rules, of the Elixir files only. */
function expectedFindings(): ReadonlyMap<string, readonly string[]> {
  const { NETSPLIT_EXPECTED: table = '' } = process.env;
  const rows = readFileSync(table, 'utf8')
    .trimEnd()
    .split('\n')
    .map((row) => row.split('\t'));
  const byFile = new Map<string, string[]>();
  for (const [file = '', line = '', rule = ''] of rows) {
    if (!/\.exs?$/.test(file)) continue;
    byFile.set(file, [...(byFile.get(file) ?? []), `${line} ${rule}`]);
  }
  assert.ok(byFile.size > 0, 'No finding is expected.');
  return byFile;
}
