/** The design page as it was built, used as a person does. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test, { after } from 'node:test';
import type { AxeResults } from 'axe-core';
import { isToExtension } from '../../client/webview/messages';
import { type Design, parseAnswers } from '../../core/design/answers';
import { decide } from '../../core/design/decide';
import { decisionSection, madrDocuments, reportOf } from '../../core/design/document';
import { generateCode } from '../../core/design/generate/generate';
import { storedDesigns, upsert } from '../../core/design/learnings';
import { closeBrowser, type DesignPage, openPage, themeNames } from './browser';

after(closeBrowser);

const inventory = {
  name: 'Shop',
  app: 'shop',
  cluster: { size: 5, geography: 'one-data-centre', platform: 'kubernetes-statefulset' },
  classes: [
    { name: 'stock ledger', kind: 'inventory', invariants: ['never-negative'] },
    { name: 'cart', kind: 'cart', offline: true },
  ],
};

const wide = ['Options', 'Guarantees', 'Failures', 'Cluster', 'Simulator', 'Code', 'Document'];

function designOf(answers: unknown): Design {
  const { design, errors } = parseAnswers(answers);
  assert.deepEqual(errors, []);
  return design;
}

/** The names of the options in the order in which they are shown. */
async function ranking({ page }: DesignPage): Promise<readonly string[]> {
  return (await page.locator('.option-name').allInnerTexts()).map((text) => text.replace(/\s*Recommended$/, ''));
}

async function expectTitle({ page }: DesignPage, title: string): Promise<void> {
  await page.getByRole('heading', { level: 2, name: title }).waitFor();
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds, one line each. Forced colours are the system's: axe reads those of the page, so `contrast` is false then. */
async function violations({ page }: DesignPage, contrast = true): Promise<readonly string[]> {
  // The page's own policy keeps scripts out: this comes in past it, as a debugger does.
  await page.evaluate(axeSource);
  const { violations: found } = (await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'], rules: { 'color-contrast': { enabled: ${contrast} } } })`,
  )) as AxeResults;
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)}\n  ${failureSummary}`));
}

for (const theme of themeNames) {
  test(`axe finds nothing in ${theme}`, async () => {
    const page = await openPage({ theme, state: { answers: inventory } });
    for (const tab of wide) {
      await page.tab(tab);
      if (tab === 'Options') await page.page.locator('summary', { hasText: 'Raft with :ra' }).click();
      assert.deepEqual(await violations(page), [], tab);
      await page.picture(`design-${theme}-${tab}`.toLowerCase().replaceAll(' ', '-'));
    }
    assert.deepEqual(page.complaints, []);
  });
}

test('axe finds nothing on a narrow page, while answers are wrong, with nothing known and with forced colours', async () => {
  const page = await openPage({
    width: 600,
    state: { answers: { ...inventory, classes: [{ name: 'stock', kind: 'inventory', offline: true }] } },
  });
  for (const tab of ['Answers', ...wide]) {
    await page.tab(tab);
    assert.deepEqual(await violations(page), [], tab);
    const overflow = await page.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(overflow <= 0, `${tab} is ${overflow} pixels too wide`);
    await page.picture(`design-narrow-${tab}`.toLowerCase());
  }
  const empty = await openPage({ state: undefined });
  assert.deepEqual(await violations(empty), []);
  await empty.page.emulateMedia({ forcedColors: 'active' });
  assert.deepEqual(await violations(empty, false), []);
  await empty.picture('design-forced-colours');
});

test('every change is worked out at once: the ranking is another one before the event that changed it has ended', async () => {
  const page = await openPage({ state: { answers: inventory } });
  await expectTitle(page, 'Raft with :ra');
  const { rankings, milliseconds } = await page.page.evaluate(() => {
    const names = () => [...document.querySelectorAll('.option-name')].map((element) => element.textContent?.trim());
    const select = document.querySelector('vscode-single-select[data-path="classes[0].kind"]') as HTMLElement & { value: string };
    const changes = Array.from({ length: 20 }, (_, index) => {
      select.value = index % 2 === 0 ? 'cart' : 'inventory';
      const start = performance.now();
      select.dispatchEvent(new Event('change'));
      return { names: names(), milliseconds: performance.now() - start };
    });
    return { rankings: changes.map((one) => one.names), milliseconds: changes.map((one) => one.milliseconds).sort((a, b) => a - b) };
  });
  const [cart, inventoryAgain] = rankings;
  assert.match(cart?.[0] ?? '', /^Postgres as the single writer/);
  assert.match(inventoryAgain?.[0] ?? '', /^Raft with :ra/);
  rankings.forEach((names, index) => void assert.deepEqual(names, index % 2 === 0 ? cart : inventoryAgain));
  console.log(`A change was worked out and shown in ${milliseconds[10]?.toFixed(1)} ms (median of 20).`);
});

test('the shopping cart is decided for a CRDT, and Raft is shown with the reasons against it', async () => {
  const page = await openPage();
  await expectTitle(page, 'More has to be known');
  await page.choose('What is it?', 'Shopping cart');
  await page.choose('Do clients write while disconnected?', 'Yes');
  await page.choose('What may a reader see?', 'Eventual');
  await expectTitle(page, 'CRDT with delta_crdt');
  const [best = ''] = await ranking(page);
  assert.equal(best, 'CRDT with delta_crdt');
  const { ranked } = decide(designOf({ classes: [{ name: 'component', kind: 'cart', offline: true, consistency: 'eventual' }] }))
    .classes[0]!;
  const fitOf = (option: string) => ranked.find((one) => one.option === option)!.fit.toFixed(1);
  const row = (name: string) => page.page.locator('details.option', { hasText: name }).first();
  assert.match(await row('CRDT with delta_crdt').innerText(), new RegExp(`Fit\\s+${fitOf('delta-crdt')}`));
  assert.match(await row('Raft with :ra').innerText(), new RegExp(`Fit\\s+${fitOf('ra')}`));
  assert.ok(Number(fitOf('delta-crdt')) >= 9 && Number(fitOf('ra')) <= 3);
  await row('Raft with :ra').locator('summary').click();
  await row('Raft with :ra').getByRole('table').waitFor();
  await page.picture('design-cart');
});

test('everything can be done with the keyboard', async () => {
  const page = await openPage();
  const { keyboard } = page.page;
  const focused = () =>
    page.page.evaluate(() => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      const host = (element?.getRootNode() as ShadowRoot | undefined)?.host as (Element & { label?: string }) | undefined;
      return (element?.getAttribute('aria-label') || host?.label || element?.textContent || '').trim().replace(/\s+/g, ' ');
    });
  const order: string[] = [];
  const tabTo = async (name: string) => {
    for (let presses = 0; presses < 60; presses++) {
      await keyboard.press('Tab');
      order.push(await focused());
      if (order.at(-1)?.startsWith(name)) return;
    }
    assert.fail(`Tab does not reach ${name}: ${order.map((one) => one.slice(0, 30)).join(' · ')}`);
  };
  await tabTo('Options');
  const expected = [
    'Save decision',
    'Save as ADR',
    'Open saved…',
    'component',
    'Add component',
    'Name',
    'What it needs',
    'What is it?',
    'What may a reader see?',
  ];
  assert.deepEqual(
    order.slice(0, expected.length).map((name, index) => name.startsWith(expected[index]!)),
    expected.map(() => true),
    order.join(' · '),
  );

  await page.page.reload();
  order.length = 0;
  await tabTo('What is it?');
  await keyboard.press('ArrowDown');
  await page.page.getByRole('option', { name: 'Inventory, stock, seats' }).waitFor();
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await expectTitle(page, 'Raft with :ra');
  assert.equal(await focused().then((name) => name.startsWith('What is it?')), true, 'the focus stays where the answer was given');
  await tabTo('Never negative');
  await keyboard.press('Space');
  assert.deepEqual(await page.page.locator('.fold .count').first().innerText(), '2 of 6 answered');

  await tabTo('Options');
  await keyboard.press('ArrowRight');
  await page.page.getByRole('tabpanel', { name: 'Guarantees' }).waitFor();
  await keyboard.press('End');
  await page.page.getByRole('tabpanel', { name: 'Document' }).waitFor();
  await keyboard.press('Home');
  await page.page.getByRole('tabpanel', { name: 'Options' }).waitFor();
  await tabTo('Raft with :ra');
  await keyboard.press('Enter');
  await page.page.getByRole('table', { name: 'How Raft with :ra got its fit' }).waitFor();

  await page.tab('Simulator');
  await tabTo('Instant of the run');
  const heading = page.page.getByRole('heading', { name: /^At \d+ ms$/ });
  const before = await heading.innerText();
  await keyboard.press('ArrowRight');
  assert.notEqual(await heading.innerText(), before);
  await tabTo('Link n1 to n3');
  const link = page.page.getByRole('button', { name: 'Link n1 to n3' });
  const state = await link.innerText();
  await keyboard.press('Space');
  assert.notEqual(await link.innerText(), state);
});

const markup = '<img src=x onerror="window.broken=1"><b>&lt;i&gt;</b>';

test('markup in free-text answers stays text, wherever they are shown', async () => {
  const page = await openPage();
  await page.choose('What is it?', 'Inventory, stock, seats');
  await page.field('Name').first().fill(markup);
  await page.field('Name of the design').fill(`Design ${markup}`);
  await page.field('OTP application').fill(markup);
  await page.field('How many nodes are there today?').fill(`5${markup}`);
  await page.page.locator('.chip', { hasText: markup }).waitFor();
  await page.page.getByRole('heading', { level: 1, name: `Design ${markup}` }).waitFor();
  await page.page.locator('.note.error', { hasText: 'expected the name of an OTP application' }).waitFor();
  await page.page.locator('.note.error', { hasText: 'expected a whole number of nodes' }).waitFor();
  for (const tab of wide) {
    await page.tab(tab);
    const folded = page.page.locator('#panel details:not([open]) > summary');
    while ((await folded.count()) > 0) await folded.first().click();
    await expectNoMarkup(page, tab);
  }
  await page.page.getByRole('button', { name: 'Decision record' }).click();
  await page.page.getByRole('article').getByText(markup, { exact: false }).first().waitFor();
  await expectNoMarkup(page, 'Decision record');
});

test('markup in what was kept and in messages stays text', async () => {
  const answers = { name: markup, classes: [{ name: markup, kind: 'cart' }] };
  const scenario = {
    name: markup,
    description: markup,
    protocol: 'crdt-map',
    nodes: 3,
    seed: 1,
    until: 3000,
    steps: [{ at: 100, do: 'write', node: 'n1', key: markup, value: markup }],
  };
  const state = { answers, view: 'simulator', simulation: { scenario, story: markup, at: 3000, edited: true }, file: markup };
  const page = await openPage({ state });
  await page.page.getByRole('rowheader', { name: `#1 write ${markup} = ${markup}` }).waitFor();
  await page.tell({ type: 'outcome', done: false, text: markup });
  await page.page.locator('.outcome', { hasText: markup }).waitFor();
  for (const tab of wide) {
    await page.tab(tab);
    await expectNoMarkup(page, tab);
  }
});

async function expectNoMarkup({ page, complaints }: DesignPage, where: string): Promise<void> {
  const found = await page.evaluate(() => ({
    elements: document.querySelectorAll('#page :is(img, script, b, i, iframe, object, embed)').length,
    broken: 'broken' in window,
  }));
  assert.deepEqual(found, { elements: 0, broken: false }, where);
  assert.deepEqual(complaints, [], where);
}

test('what was answered, folded and looked at is there again after a reload', async () => {
  const page = await openPage();
  await page.choose('What is it?', 'Money');
  await page.field('How many nodes are there today?').fill('many');
  await page.page.locator('summary', { hasText: 'Platform and team' }).click();
  await page.page.getByRole('checkbox', { name: 'Postgres' }).locator('xpath=..').click();
  await page.tab('Simulator');
  await page.page.getByRole('button', { name: 'Crash n2' }).click();
  await page.page.getByText('Changed by you.').waitFor();
  const seen = () => page.page.locator('#page').innerText();
  const before = await seen();
  await page.reload();
  await page.page.getByText('Changed by you.').waitFor();
  assert.equal(await seen(), before);
  assert.equal(await page.field('How many nodes are there today?').inputValue(), 'many');
});

test('a page whose kept state is damaged begins anew', async () => {
  for (const state of [
    'x',
    5,
    [],
    { answers: 7, drafts: [1], current: 'a', view: 'nothing', folds: { a: 1 }, simulation: { scenario: {} }, file: 3 },
  ]) {
    const page = await openPage({ state });
    await expectTitle(page, 'More has to be known');
    assert.deepEqual(page.complaints, []);
  }
});

test('two answers that cannot both hold are named, each with the way to its field', async () => {
  const page = await openPage({
    state: {
      answers: {
        name: 'Shop',
        classes: [{ name: 'stock', kind: 'inventory', invariants: ['never-negative'], partition: 'serve-both-sides' }],
      },
    },
  });
  const alert = page.page.getByRole('alert');
  await alert.getByText('these two answers cannot both hold').waitFor();
  const text = (await alert.innerText()).replace(/\s+/g, ' ');
  assert.match(text, /What must never be broken\? Never negative/);
  assert.match(text, /What should happen while the network is split\? Serve both sides, merge later/);
  await alert.getByRole('button', { name: 'What should happen while the network is split?' }).click();
  const field = page.page.getByRole('combobox', { name: 'What should happen while the network is split?' });
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  assert.match((await field.getAttribute('aria-description')) ?? '', /Cannot hold together with “What must never be broken\?”/);
  assert.equal(await page.page.evaluate(() => document.activeElement?.getAttribute('data-path')), 'classes[0].partition');
  await page.picture('design-contradiction');
  await page.choose('What should happen while the network is split?', 'Refuse on the minority side');
  await alert.waitFor({ state: 'detached' });
});

test('a number out of range is named in its field and counts as unknown until it is mended', async () => {
  const page = await openPage({ state: { answers: inventory } });
  const field = page.field('How many nodes are there today?');
  await page.tab('Guarantees');
  for (const wrong of ['0', '-3', '1.5', '1000001', 'many', '5 or 7', 'NaN', '1e9']) {
    await field.fill(wrong);
    await page.page.locator('.note.error', { hasText: 'expected a whole number of nodes from 1 to 1000000, or unknown' }).waitFor();
    assert.equal(await field.getAttribute('aria-invalid'), 'true', wrong);
    await page.page.getByText('Say how many nodes there are').waitFor();
  }
  for (const [right, words] of [
    ['2', /two nodes/i],
    ['5', /5 voters: 3 decide, 2 may fail/],
    ['1,000,000', /5 voters: 3 decide/],
    [' 7 ', /5 voters: 3 decide/],
  ] as const) {
    await field.fill(right);
    await page.page.locator('main', { hasText: words }).waitFor();
    assert.equal(await page.page.locator('.note.error').count(), 0, right);
  }
  await field.fill('');
  await page.page.getByText('Say how many nodes there are').waitFor();
});

test('components are added, looked at and removed', async () => {
  const page = await openPage({ state: { answers: inventory } });
  await page.page.getByRole('button', { name: /^cart/ }).click();
  await expectTitle(page, 'CRDT with delta_crdt');
  await page.page.getByRole('button', { name: 'Add component' }).click();
  await expectTitle(page, 'More has to be known');
  await page.field('Name').first().fill('cart');
  await page.page.locator('.note.error', { hasText: 'expected a name of its own' }).waitFor();
  await page.page.getByRole('button', { name: 'Remove this component' }).click();
  await expectTitle(page, 'CRDT with delta_crdt');
  assert.equal(await page.page.locator('nav .chip').count(), 3);
});

test('code is copied, inserted, created and its packages are asked for, as the core generates it', async () => {
  const page = await openPage({ state: { answers: inventory } });
  await page.tell({ type: 'project', project: { app: 'shop', locked: { ra: '2.7.1' } } });
  await page.tab('Code');
  const { files, dependencies } = generateCode(decide(designOf(inventory)));
  await page.choose('File', 'lib/shop/stock_ledger/machine.ex');
  const machine = files.find(({ path }) => path === 'lib/shop/stock_ledger/machine.ex')!;
  assert.equal(await page.page.locator('#panel pre').innerText(), machine.content);
  for (const name of ['Copy', 'Insert at cursor', 'Create this file', `Create all ${files.length} files`]) {
    await page.page.getByRole('button', { name, exact: true }).click();
  }
  await page.page.getByRole('button', { name: /^Add .* to mix\.exs$/ }).click();
  await page.asked('add-dependencies');
  assert.deepEqual(
    page.said.filter(({ type }) => type !== 'ready'),
    [
      { type: 'copy', text: machine.content },
      { type: 'insert', text: machine.content },
      { type: 'create-files', files: [{ path: machine.path, content: machine.content }] },
      { type: 'create-files', files: files.map(({ path, content }) => ({ path, content })) },
      {
        type: 'add-dependencies',
        dependencies: dependencies.map(({ name, requirement }) => ({ name, requirement: name === 'ra' ? '~> 2.7' : requirement })),
      },
    ],
  );
  for (const message of page.said) assert.ok(isToExtension(message), JSON.stringify(message).slice(0, 200));
});

test('a decision is saved as the command line saves it, and read back', async () => {
  const page = await openPage({ state: { answers: inventory } });
  await page.page.getByRole('button', { name: 'Save decision' }).click();
  await page.page.getByRole('button', { name: 'Save as ADR' }).click();
  const { section } = await page.asked('save-decision');
  const { records } = await page.asked('save-records');
  const decision = decide(designOf(inventory));
  const report = reportOf(decision, generateCode(decision).files, 'named');
  const { id, heading, body } = decisionSection(report);
  assert.deepEqual(section, { id, heading, body });
  assert.deepEqual(records, madrDocuments(report));
  const [stored] = storedDesigns(upsert('', section).text);
  assert.deepEqual(stored?.design, designOf(inventory));
  for (const message of page.said) assert.ok(isToExtension(message), JSON.stringify(message).slice(0, 200));

  const other = await openPage();
  await other.tell({ type: 'design', answers: inventory });
  await other.page.getByRole('heading', { level: 1, name: 'Shop' }).waitFor();
  await expectTitle(other, 'Raft with :ra');
});

test('a click on a link cuts it, and the run shows what becomes of it', async () => {
  const page = await openPage({ state: { answers: { ...inventory, cluster: { size: 3 } }, view: 'simulator' } });
  const button = page.page.getByRole('button', { name: 'Link n1 to n2' });
  await page.page.getByRole('slider', { name: /^Instant of the run/ }).press('Home');
  assert.equal(await button.innerText(), 'open');
  await page.page.locator('.drawing [data-link="n1 n2"]').click({ force: true });
  assert.equal(await button.innerText(), 'cut');
  await page.page.getByText('Changed by you.').waitFor();
  await page.page.getByRole('button', { name: 'Heal all links' }).click();
  assert.equal(await button.innerText(), 'open');
  await page.page.getByRole('button', { name: 'Write at n3' }).click();
  await page.page.getByRole('button', { name: 'Crash n3' }).click();
  await page.page.getByRole('row', { name: /^n3 down/ }).waitFor();
  await page.page.getByRole('button', { name: 'Begin again' }).click();
  await page.page.getByText('Changed by you.').waitFor({ state: 'detached' });

  await page.page.getByRole('button', { name: 'Play', exact: true }).click();
  const heading = page.page.getByRole('heading', { name: /^At \d+ ms$/ });
  const before = await heading.innerText();
  await page.page
    .locator('h3', { hasText: /^At \d+ ms$/ })
    .filter({ hasNotText: before })
    .waitFor();
  await page.page.getByRole('button', { name: 'Pause', exact: true }).click();
});

test('the simulator begins with what it is told, and says what breaks', async () => {
  const page = await openPage();
  await page.tell({ type: 'simulation', start: { protocol: 'naive-election', nodes: 5 } });
  await page.page.getByRole('tabpanel', { name: 'Simulator' }).waitFor();
  await page.page.getByRole('heading', { name: 'It broke' }).waitFor();
  await page.page.locator('.proven .bad', { hasText: 'each acted as the leader' }).first().waitFor();
  await page.picture('design-split-brain');

  const scenario = {
    name: 'Two of three',
    protocol: 'raft',
    nodes: 3,
    seed: 7,
    until: 6000,
    steps: [
      { at: 2000, do: 'split', groups: [['n1'], ['n2', 'n3']] },
      { at: 2500, do: 'write', node: 'n1', key: 'x', value: '1' },
    ],
  };
  await page.tell({ type: 'simulation', start: { scenario } });
  await page.page.getByRole('heading', { name: 'At 4600 ms' }).waitFor();
  await page.page.getByRole('button', { name: 'Link n1 to n2: cut' }).waitFor();
  await page.page.getByRole('button', { name: 'Crash n3' }).click();
  await page.page.getByText('Changed by you.').waitFor();
  await page.reload();
  await page.page.getByRole('row', { name: /^n3 down/ }).waitFor();
  await page.page.getByRole('button', { name: 'Begin again' }).click();
  await page.page.getByRole('button', { name: 'Copy scenario' }).click();
  assert.deepEqual(JSON.parse((await page.asked('copy')).text), scenario);
});

test('messages that are none are not heard, on either side', async () => {
  const page = await openPage({ state: { answers: inventory } });
  const before = await page.page.locator('#page').innerText();
  for (const message of [
    { type: 'design', answers: 5 },
    { type: 'simulation', start: { protocol: 'raft', nodes: 10 } },
    { type: 'simulation', start: { scenario: { protocol: 'raft', nodes: 10 } } },
    { type: 'simulation', start: {} },
    { type: 'outcome', done: 'yes', text: 'x' },
    { type: 'project', project: { app: 'No App', locked: {} } },
    { type: 'nothing' },
  ]) {
    await page.tell(message);
  }
  await page.tell({ type: 'outcome', done: true, text: 'The last.' });
  await page.page.locator('.outcome', { hasText: 'The last.' }).waitFor();
  assert.equal((await page.page.locator('#page').innerText()).replace(/\s*The last\./, ''), before);
  assert.deepEqual(page.complaints, []);

  const file = { path: 'lib/a.ex', content: '' };
  for (const message of [
    undefined,
    null,
    'ready',
    [],
    { type: 'copy' },
    { type: 'insert', text: 5 },
    ...['../a.ex', '/etc/passwd', 'lib/../../a', 'lib//a.ex', 'C:\\a', 'lib\\a.ex', '.git/hooks/x', '', 'lib/.a'].map((path) => ({
      type: 'create-files',
      files: [file, { path, content: '' }],
    })),
    { type: 'create-files', files: Array.from({ length: 501 }, () => file) },
    { type: 'add-dependencies', dependencies: [{ name: 'ra"}', requirement: '~> 3.1' }] },
    { type: 'add-dependencies', dependencies: [{ name: 'ra', requirement: '"}, {:evil, "1' }] },
    { type: 'save-decision', section: { id: 'gotcha/x', heading: '## Distributed design: x', body: '' } },
    { type: 'save-decision', section: { id: 'decision/x', heading: '## Distributed design: x\n# y', body: '' } },
    { type: 'save-records', records: [{ fileName: '../x.md', text: '' }] },
  ]) {
    assert.equal(isToExtension(message), false, JSON.stringify(message));
  }
});
