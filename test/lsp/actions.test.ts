/** What can be done about a finding, and what becomes of the text. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { type CodeAction, type CodeActionContext, CodeActionTriggerKind, type MarkupContent } from 'vscode-languageserver/node';
import { type Editor, isPublishedTo, rangeOf, startEditor, temporaryFolder, textAt, uriOf } from './editor';
import { elapsed, election, mended, quorum, timing, wonByHalf } from './texts';
import { stdio } from './transports';

interface Opened {
  readonly editor: Editor;
  readonly uri: string;
  /** The code actions on the first occurrence of a part of the text. */
  actionsOn(part: string, context?: Partial<CodeActionContext>): Promise<readonly CodeAction[]>;
}

async function opened(t: TestContext, text: string, options: Parameters<typeof startEditor>[2] = {}): Promise<Opened> {
  const editor = await startEditor(t, stdio, options);
  const uri = uriOf(temporaryFolder(t), 'a.ex');
  await editor.open(uri, text);
  return { editor, uri, actionsOn: (part, context) => editor.codeActions(uri, rangeOf(editor.textOf(uri), part), context) };
}

async function applied({ editor, uri, actionsOn }: Opened, part: string, title: string): Promise<string> {
  const actions = await actionsOn(part);
  const action = actions.find((candidate) => candidate.title === title);
  assert.ok(action, `no "${title}" among ${actions.map((candidate) => candidate.title).join(', ')}`);
  await editor.apply(action);
  return editor.textOf(uri);
}

const disableLine = `Disable ${quorum} for this line`;
const disableFile = `Disable ${quorum} for this file`;

test('all findings of a rule are fixed at once', async (t) => {
  const document = await opened(t, election);
  assert.equal(await applied(document, wonByHalf, `Fix all 2 findings of ${quorum} in this file`), mended);
});

test('a comment above the line turns the rule off there', async (t) => {
  const document = await opened(t, election);
  const text = await applied(document, wonByHalf, disableLine);
  assert.equal(text, election.replace(`    ${wonByHalf}`, `    # netsplit:disable-for-next-line ${quorum}\n    ${wonByHalf}`));
  assert.equal((await document.editor.diagnostics(document.uri)).length, 1);
});

test('a comment that is there names one more rule', async (t) => {
  const above = '# netsplit:disable-for-next-line clock-wall-elapsed -- measured by hand';
  const document = await opened(t, election.replace(`    ${wonByHalf}`, `    ${above}\n    ${wonByHalf}`));
  const text = await applied(document, wonByHalf, disableLine);
  assert.ok(
    text.includes(`    # netsplit:disable-for-next-line clock-wall-elapsed, ${quorum} -- measured by hand\n    ${wonByHalf}`),
    text,
  );
});

test('lines end as the others do, and tabs stay tabs', async (t) => {
  const text = election.replaceAll('\n', '\r\n').replaceAll('  ', '\t');
  const document = await opened(t, text);
  const disabled = await applied(document, wonByHalf, disableLine);
  assert.equal(disabled, text.replace(`\t\t${wonByHalf}`, `\t\t# netsplit:disable-for-next-line ${quorum}\r\n\t\t${wonByHalf}`));
});

test('where the line above is inside of a string, the comment goes behind the line, or there is none', async (t) => {
  const inHeredoc = `defmodule A do\n  def f(votes, members) do\n    """\n    won: #{length(votes) >= div(length(members), 2)}\n    """\n  end\nend\n`;
  const document = await opened(t, inHeredoc);
  const titles = (await document.actionsOn(wonByHalf)).map(({ title }) => title);
  assert.ok(!titles.includes(disableLine), titles.join());
  assert.ok(titles.includes(disableFile), titles.join());

  const afterHeredoc = `defmodule A do\n  def f(votes, members) do\n    {"""\n    text\n    """, length(votes) >= div(length(members), 2)}\n  end\nend\n`;
  await document.editor.change(document.uri, afterHeredoc);
  const text = await applied(document, wonByHalf, disableLine);
  assert.equal(text, afterHeredoc.replace(', 2)}', `, 2)} # netsplit:disable-for-this-line ${quorum}`));
});

test('a comment at the top turns the rule off in the file, below a shebang, and names further rules', async (t) => {
  const script = `#!/usr/bin/env elixir\n${election}${timing}`;
  const document = await opened(t, script);
  const once = await applied(document, wonByHalf, disableFile);
  assert.equal(once, script.replace('\n', `\n# netsplit:disable-for-this-file ${quorum}\n`));
  const twice = await applied(document, 'System.os_time() - started', `Disable ${elapsed} for this file`);
  assert.equal(twice, script.replace('\n', `\n# netsplit:disable-for-this-file ${quorum}, ${elapsed}\n`));
  assert.deepEqual(await document.editor.diagnostics(document.uri), []);
});

test('a comment that turns nothing off is unnecessary text, and goes', async (t) => {
  const comment = `# netsplit:disable-for-next-line ${quorum} -- no longer`;
  const document = await opened(t, mended.replace('    length(votes)', `    ${comment}\n    length(votes)`));
  const [unused, ...others] = await document.editor.diagnostics(document.uri);
  assert.equal(others.length, 0);
  assert.equal(unused?.code, 'unused-suppression');
  assert.deepEqual(unused?.tags, [1]);
  const [remove] = await document.actionsOn(quorum, { only: ['quickfix'] });
  await document.editor.apply(remove ?? assert.fail('no fix'));
  assert.equal(document.editor.textOf(document.uri), mended);
});

test('only what is asked for is offered', async (t) => {
  const { editor, uri, actionsOn } = await opened(t, `${election}${timing}`);
  const kinds = async (context: Partial<CodeActionContext>) => [...new Set((await actionsOn(wonByHalf, context)).map(({ kind }) => kind))];
  assert.deepEqual(await kinds({ only: ['quickfix'] }), ['quickfix']);
  assert.deepEqual(await kinds({ only: ['source'] }), ['source.fixAll.netsplit']);
  assert.deepEqual(await kinds({ only: ['source.fixAll.netsplit'] }), ['source.fixAll.netsplit']);
  assert.deepEqual(await kinds({ only: ['refactor'] }), []);
  assert.deepEqual(await kinds({ only: ['source.fixAll.eslint'] }), []);
  assert.deepEqual(await kinds({ triggerKind: CodeActionTriggerKind.Automatic }), ['quickfix']);

  const [first, second] = await editor.diagnostics(uri);
  const everything = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
  const fixed = async (diagnostics: CodeActionContext['diagnostics']) =>
    (await editor.codeActions(uri, everything, { only: ['quickfix'], diagnostics }))
      .filter(({ isPreferred }) => isPreferred)
      .flatMap((action) => action.diagnostics ?? [])
      .map(({ code }) => code);
  assert.deepEqual(await fixed([]), [quorum, quorum, elapsed]);
  assert.deepEqual(await fixed([{ ...(first ?? assert.fail()), source: 'credo' }]), [quorum, quorum, elapsed]);
  assert.deepEqual(await fixed([second ?? assert.fail()]), [quorum, quorum]);
});

test('nothing is offered where nothing is found', async (t) => {
  const { actionsOn } = await opened(t, mended);
  assert.deepEqual(await actionsOn('defmodule'), []);
});

const simulates = { initializationOptions: { commands: ['netsplit.simulate'] } };
const simulationsOf = (actions: readonly CodeAction[]) =>
  actions.filter(({ command }) => command?.command === 'netsplit.simulate').map(({ title, command }) => [title, command?.arguments]);

test('what a rule warns of can be seen in a simulated partition, where a scenario shows it and the client can', async (t) => {
  const both = `${election}defmodule Shop.Leader do
  def quorum?(voters) do
    nodes = [node() | Node.list()]
    Enum.count(nodes, &(&1 in voters)) >= div(length(nodes), 2) + 1
  end
end
`;
  const { editor, uri, actionsOn } = await opened(t, both, simulates);
  assert.deepEqual(simulationsOf(await actionsOn(wonByHalf)), [['Show what happens in a partition', [{ preset: 'half-is-a-quorum' }]]]);
  const everything = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
  assert.deepEqual(simulationsOf(await editor.codeActions(uri, everything)), [
    ['Show what happens in a partition: quorum-half-is-not-majority', [{ preset: 'half-is-a-quorum' }]],
    ['Show what happens in a partition: quorum-from-visible-nodes', [{ preset: 'quorum-of-visible-nodes' }]],
  ]);

  const withoutScenario = await opened(t, timing, simulates);
  assert.deepEqual(simulationsOf(await withoutScenario.actionsOn('System.os_time() - started')), []);
  const withoutCommand = await opened(t, election);
  assert.deepEqual(simulationsOf(await withoutCommand.actionsOn(wonByHalf)), []);
});

test('a client without versioned edits gets plain ones, and no command that it does not have', async (t) => {
  const { editor, uri, actionsOn } = await opened(t, election, { capabilities: isPublishedTo });
  const actions = await actionsOn(wonByHalf);
  assert.ok(actions.every((action) => action.command === undefined && action.edit?.documentChanges === undefined));
  await editor.apply(actions[0] ?? assert.fail());
  assert.notEqual(editor.textOf(uri), election);
});

test('hover: plain text where the client shows no Markdown, also on a rule that a comment names', async (t) => {
  const comment = `# netsplit:disable-for-next-line ${quorum} -- two sides by design`;
  const text = election.replace(`    ${wonByHalf}`, `    ${comment}\n    ${wonByHalf}`);
  const { editor, uri } = await opened(t, text, { capabilities: isPublishedTo });
  const hoverOn = async (part: string) => editor.hover(uri, rangeOf(text, part).start);
  const hover = (await hoverOn(quorum)) ?? assert.fail('no hover');
  assert.equal(textAt(text, hover.range ?? assert.fail()), quorum);
  const { kind, value } = hover.contents as MarkupContent;
  assert.equal(kind, 'plaintext');
  assert.match(value, /^quorum-half-is-not-majority: /);
  assert.doesNotMatch(value, /[`*]/);
  assert.match(value, /docs\/rules\/quorum-half-is-not-majority\.md$/);
  assert.equal(await hoverOn('defmodule'), null);
  // Turned off there, the rule says nothing; what a quorum is can still be read.
  const suppressed = (await hoverOn(wonByHalf))?.contents as MarkupContent | undefined;
  assert.match(suppressed?.value ?? '', /^Quorum of length\(members\)/);
  const found = (await hoverOn('length(acks)'))?.contents as MarkupContent | undefined;
  assert.match(found?.value ?? '', /^quorum-half-is-not-majority: /);
});
