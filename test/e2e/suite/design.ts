import assert from 'node:assert/strict';
import { suite, teardown, test } from 'mocha';
import { ConfigurationTarget, commands, TabInputWebview, type TextDocument, window, workspace } from 'vscode';
import { closeAll, fileAt, open, remove, until, untilFindings, write } from './editor';
import { quorum, votes, votesFindings } from './texts';

const knowledge = 'project-learnings.md';

const stock = {
  name: 'Shop',
  app: 'shop',
  cluster: { size: 5, geography: 'one-data-centre', network: 'trusted' },
  classes: [{ name: 'stock ledger', kind: 'inventory', invariants: ['never-negative'] }],
};

/** Runs a command and takes what is active in every question that it asks, until it is done. */
async function accepting(command: string, argument?: unknown): Promise<void> {
  let running = true;
  const done = Promise.resolve(commands.executeCommand(command, argument)).finally(() => {
    running = false;
  });
  await until(
    async () => {
      if (running) await commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return running;
    },
    (still) => !still,
    `${command} to end`,
  );
  await done;
}

async function textOf(file: string): Promise<string> {
  return new TextDecoder().decode(await workspace.fs.readFile(fileAt(file)));
}

async function isThere(file: string): Promise<boolean> {
  return workspace.fs.stat(fileAt(file)).then(
    () => true,
    () => false,
  );
}

function labels(): readonly string[] {
  return window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
}

function untilLabelled(part: string): Promise<readonly string[]> {
  return until(labels, (shown) => shown.some((label) => label.includes(part)), `a tab “${part}”`);
}

/** The document of a decision, which is worked out from its address. */
async function decision(path: string): Promise<TextDocument> {
  const found = await until(
    () => workspace.textDocuments.find(({ uri }) => uri.scheme === 'netsplit-decision' && uri.path === path),
    (document) => document !== undefined,
    `the document ${path}`,
  );
  assert.ok(found);
  return found;
}

suite('Design', () => {
  teardown(async () => {
    await closeAll();
    if (await isThere(knowledge)) await remove(knowledge);
  });

  test('a design that is given is decided, and its document is shown', async () => {
    await accepting('netsplit.design', { answers: stock });
    await untilLabelled('shop.md');
    const text = (await decision('/shop.md')).getText();
    assert.match(text, /^# Distributed design: Shop\n/);
    for (const part of [
      /Raft with :ra/,
      /Generated code/,
      /stock_ledger_partition_test\.exs/,
      /Monitoring and alerting/,
      /\*\*Rollback\*\*/,
    ])
      assert.match(text, part);
  });

  test('nothing but Enter decides with everything unknown, but for what the project says itself', async () => {
    await accepting('netsplit.design');
    await untilLabelled('inventory.md');
    const document = await decision('/inventory.md');
    const { app, classes } = JSON.parse(document.uri.query);
    assert.deepEqual([app, classes.length], ['inventory', 1]);
    assert.match(document.getText(), /no recommendation/);
    // The answers are kept, and offered first.
    await closeAll();
    await accepting('netsplit.design');
    await untilLabelled('inventory.md');
  });

  test('a scenario that is named is shown as a page of its own, and the next one takes its place', async () => {
    const pages = () =>
      window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .filter(({ input }) => input instanceof TabInputWebview && input.viewType.endsWith('netsplit.simulation'))
        .map(({ label }) => label);
    await commands.executeCommand('netsplit.simulate', { preset: 'even-split' });
    const [first] = await until(pages, (shown) => shown.length === 1, 'a page');
    await commands.executeCommand('netsplit.simulate', { preset: 'half-is-a-quorum', seed: 3 });
    await until(pages, (shown) => shown.length === 1 && shown[0] !== first, 'another title');
  });

  test('the scenario of a page can be copied and is what the command line reads', async () => {
    const scenario = { protocol: 'raft', nodes: 3, steps: [{ at: 1000, do: 'split', groups: [['n1'], ['n2', 'n3']] }] };
    await commands.executeCommand('netsplit.simulate', { scenario, copy: true });
    const { env } = await import('vscode');
    const copied = await until(
      () => env.clipboard.readText(),
      (text) => text.includes('raft'),
      'the scenario',
    );
    assert.equal(JSON.parse(copied).steps.length, 1);
  });
});

suite('What was learned', () => {
  const file = 'lib/votes.ex';

  teardown(async () => {
    await workspace.getConfiguration('files').update('readonlyInclude', undefined, ConfigurationTarget.Workspace);
    await workspace.getConfiguration('netsplit').update('learnings.path', undefined, ConfigurationTarget.Workspace);
    await closeAll();
    for (const name of [file, knowledge, 'docs/learned.md']) if (await isThere(name)) await remove(name);
  });

  test('a finding is written down with its code, wrong and right', async () => {
    const { document } = await open(file, votes);
    await untilFindings(document.uri, votesFindings);
    await commands.executeCommand('netsplit.learn', { rule: quorum, uri: document.uri.toString(), line: 3 });
    const text = await textOf(knowledge);
    assert.match(text, /^## Distributed Systems Gotchas\n\n### /);
    assert.match(text, /Found in `lib\/votes\.ex`, line 3\./);
    assert.match(text, /\*\*Wrong\*\*[\s\S]*div\(length\(replicas\), 2\)\n[\s\S]*\*\*Right\*\*[\s\S]*div\(length\(replicas\), 2\) \+ 1/);
  });

  test('what others wrote stays, with its line ends, and what is written again is replaced', async () => {
    const theirs = '# Ours\r\n\r\nKept  \r\n';
    await write(knowledge, theirs);
    await commands.executeCommand('netsplit.learn', { rule: quorum });
    const once = await textOf(knowledge);
    assert.ok(once.startsWith(theirs));
    assert.doesNotMatch(once, /[^\r]\n/);
    await commands.executeCommand('netsplit.learn', { rule: quorum });
    assert.equal(await textOf(knowledge), once);
    // Lines that end in several ways are left as they are, to the byte.
    await write(knowledge, `Mixed\r\n\n${theirs}`);
    await until(
      async () => (await workspace.openTextDocument(fileAt(knowledge))).getText().startsWith('Mixed'),
      (newer) => newer,
      'the editor to see the change',
    );
    await commands.executeCommand('netsplit.learn', { rule: quorum });
    const mixed = await textOf(knowledge);
    assert.ok(mixed.startsWith(`Mixed\r\n\n${theirs}`));
    assert.match(mixed, /Distributed Systems Gotchas/);
  });

  test('the setting names the file', async () => {
    await workspace.getConfiguration('netsplit').update('learnings.path', 'docs/learned.md', ConfigurationTarget.Workspace);
    await commands.executeCommand('netsplit.learn', { rule: quorum });
    assert.match(await textOf('docs/learned.md'), /Distributed Systems Gotchas/);
    assert.equal(await isThere(knowledge), false);
    await workspace.getConfiguration('netsplit').update('learnings.path', '../outside.md', ConfigurationTarget.Workspace);
    await commands.executeCommand('netsplit.learn', { rule: quorum });
    assert.equal(await isThere('../outside.md'), false);
  });

  test('a file that is read-only stays as it is', async () => {
    await write(knowledge, '# Ours\n');
    await workspace.getConfiguration('files').update('readonlyInclude', { [`**/${knowledge}`]: true }, ConfigurationTarget.Workspace);
    await commands.executeCommand('netsplit.learn', { rule: quorum });
    assert.equal(await textOf(knowledge), '# Ours\n');
    assert.deepEqual(
      workspace.textDocuments.filter(({ isDirty }) => isDirty).map(({ uri }) => uri.path),
      [],
    );
  });

  test('a file that is no text stays as it is', async () => {
    const bytes = new Uint8Array([0x23, 0x20, 0xc3, 0x28, 0x0a]);
    await workspace.fs.writeFile(fileAt(knowledge), bytes);
    await commands.executeCommand('netsplit.learn', { rule: quorum });
    assert.deepEqual([...(await workspace.fs.readFile(fileAt(knowledge)))], [...bytes]);
  });

  test('a file with changes of the user is edited and not saved', async () => {
    const editor = await open(knowledge, '# Ours\n');
    await until(
      () => editor.document.getText(),
      (text) => text === '# Ours\n',
      'the editor to see the file',
    );
    assert.ok(await editor.edit((edit) => edit.insert(editor.document.positionAt(7), 'Not yet.\n')));
    await commands.executeCommand('netsplit.learn', { rule: quorum });
    assert.equal(await textOf(knowledge), '# Ours\n');
    assert.match(editor.document.getText(), /^# Ours\nNot yet\.\n[\s\S]*Distributed Systems Gotchas/);
    assert.ok(editor.document.isDirty);
    await commands.executeCommand('undo');
    assert.equal(editor.document.getText(), '# Ours\nNot yet.\n');
  });

  test('a bug is investigated: what the rules find is evidence, and the document is in the knowledge base', async () => {
    const { document } = await open(file, votes);
    await untilFindings(document.uri, votesFindings);
    await accepting('netsplit.investigate', { symptom: 'duplicate-leaders' });
    const text = await textOf(knowledge);
    assert.match(text, /^## Bug investigation: Two leaders/);
    // The example has findings of its own; the one that was just made is among them.
    assert.match(text, new RegExp(`### Evidence\\n[\\s\\S]*- \`lib/votes\\.ex\`, line 2: .*\\(\`${quorum}\`\\)`));
    for (const part of [/in IEx on one of the nodes/, /To reproduce:/, /iptables/, /lease_partition_test\.exs/, /Before:[\s\S]*After:/])
      assert.match(text, part);
    await until(
      () => window.activeTextEditor?.document.uri.path ?? '',
      (shown) => shown.endsWith(knowledge),
      'the document to be shown',
    );
  });
});
