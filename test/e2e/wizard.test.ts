/** The two stories of a design, lived through in VS Code's window: a cart that is decided question by question, and a bug that is investigated. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, Locator, Page } from 'playwright-core';
import { startBrowser } from './host/browser';
import { createProfile } from './host/profile';
import { installExtension, pageAddress, type Server, scratchFolder, startServer } from './host/server';
import { type Workbench, workbenchOf } from './workbench';

const scratch = scratchFolder();
const folder = path.join(scratch, 'inventory');
const knowledge = path.join(folder, 'project-learnings.md');

let server: Server | undefined;
let browser: Browser | undefined;
let workbench: Workbench;
let page: Page;
/** Of the quick input: title, what is typed, what can be chosen, and what is wrong with what was typed. */
let title: Locator;
let input: Locator;
let rows: Locator;
let message: Locator;

before(async () => {
  cpSync('examples/inventory', folder, { recursive: true });
  const profile = createProfile(scratch, { 'editor.minimap.enabled': false, 'workbench.colorTheme': 'Dark Modern' });
  await installExtension(path.resolve('out/netsplit.vsix'), profile);
  [server, browser] = await Promise.all([startServer({ profile }), startBrowser()]);
  const context = await browser.newContext({ viewport: { width: 1280, height: 760 } });
  context.setDefaultTimeout(60_000);
  page = await context.newPage();
  workbench = workbenchOf(page);
  const widget = page.locator('.quick-input-widget:visible');
  title = widget.locator('.quick-input-title');
  input = widget.locator('input[type="text"], input:not([type="checkbox"])').first();
  rows = widget.locator('.monaco-list-row');
  message = widget.locator('.quick-input-message');
  await page.goto(pageAddress(server, { folder }), { waitUntil: 'commit' });
  await page.locator('.explorer-folders-view').waitFor();
  await workbench.open('leader.ex');
});

after(async () => {
  await browser?.close();
  await server?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

let stuck: string | undefined;

/** A test that begins where the one before it ended. It leaves a picture of what was seen when it failed. */
function step(name: string, run: () => Promise<void>): void {
  test(name, async () => {
    if (stuck !== undefined) throw new Error(`This goes on from “${stuck}”, which failed.`);
    try {
      await run();
    } catch (error) {
      stuck = name;
      await workbench.picture(`failed: ${name}`);
      throw error;
    }
  });
}

/** Waits until this is asked. */
async function asked(question: string): Promise<void> {
  await title.filter({ hasText: question }).waitFor();
}

/** Types an answer to a question, in place of what stands there. */
async function type(question: string, text: string): Promise<void> {
  await asked(question);
  await input.fill(text);
  await page.keyboard.press('Enter');
}

/** Chooses an answer to a question after typing a part of it. */
async function choose(question: string, choice: string): Promise<void> {
  await asked(question);
  await input.fill(choice);
  await rows.filter({ hasText: choice }).first().click();
}

/** Goes back to the question before. */
async function back(): Promise<void> {
  await page.locator('.quick-input-widget:visible [aria-label^="Back"]').click();
}

/** Takes what a question offers first. */
async function enter(question: string): Promise<void> {
  await asked(question);
  await page.keyboard.press('Enter');
}

step('a design begins with the choice between the questions and the page', async () => {
  await workbench.run('Netsplit: Design a Replicated Component');
  await rows.filter({ hasText: 'Open the page' }).waitFor();
  await choose('Design a replicated component', 'Answer step by step');
});

step('what the project says is there already, a wrong size is refused, and the steps are counted', async () => {
  await asked('What is being designed?');
  assert.equal(await input.inputValue(), 'Inventory');
  assert.match(((await title.textContent()) ?? '').replace(/\s+/g, ' '), /\(1\/\d+\)/);
  await type('What is being designed?', 'Shop');
  await asked('What is the OTP application called?');
  assert.equal(await input.inputValue(), 'inventory');
  await page.keyboard.press('Enter');
  for (const wrong of ['0', '-1', 'NaN', '1000001']) {
    await type('How many nodes are there today?', wrong);
    await message.filter({ hasText: 'expected a whole number of nodes from 1 to 1000000' }).waitFor();
  }
  await workbench.picture('wizard-number');
  await type('How many nodes are there today?', '5');
  await enter('How many nodes will there be?');
  await asked('Does the set of nodes change by itself?');
});

step('closed halfway, it goes on where it was', async () => {
  await page.keyboard.press('Escape');
  await title.waitFor({ state: 'detached' });
  await workbench.run('Netsplit: Design a Replicated Component');
  await rows.filter({ hasText: 'Go on with “Shop”' }).filter({ hasText: 'Question 5 of' }).waitFor();
  await page.keyboard.press('Enter');
  await asked('Does the set of nodes change by itself?');
  await back();
  await asked('How many nodes will there be?');
  await back();
  await asked('How many nodes are there today?');
  assert.equal(await input.inputValue(), '5');
  await page.keyboard.press('Enter');
  await enter('How many nodes will there be?');
});

step('the questions about the cluster', async () => {
  await enter('Does the set of nodes change by itself?');
  await choose('Where are the nodes?', 'One data centre');
  await enter('How long is a round trip');
  await choose('Is the network between the nodes trusted?', 'Trusted');
  await choose('Where do the nodes run', 'Kubernetes, headless service');
  await enter('What do you run already?');
  await enter('How much experience with consensus');
  await enter('How much operation can the team take on?');
});

step('two answers that cannot both hold are named, and one is given again', async () => {
  await type('What is the first class', 'shopping cart');
  await choose('shopping cart: What is it?', 'Shopping cart');
  await workbench.picture('wizard');
  await choose('What may a reader see?', 'Linearizable');
  await choose('What should happen while the network is split?', 'Serve both sides');
  await asked('Two answers that cannot both hold');
  await rows.filter({ hasText: 'consistency linearizable and partition serve-both-sides cannot both hold' }).waitFor();
  await workbench.picture('wizard-contradiction');
  await page.keyboard.press('Enter');
  await asked('What should happen while the network is split?');
  await back();
  await choose('What may a reader see?', 'Eventual');
  await choose('What should happen while the network is split?', 'Serve both sides');
});

step('the rest is left unknown: the cart is a CRDT with 9 of 10 or more, Raft has 3 or less', async () => {
  await enter('What must never be broken?');
  await choose('What if two people change the same item at once?', 'Sets');
  await choose('Do clients write while disconnected?', 'Yes');
  await asked('Which node does a client reach?');
  await page.locator('.quick-input-widget:visible [aria-label^="Decide Now"]').click();
  await asked('Shop: decided');
  const placeholder = (await input.getAttribute('placeholder')) ?? '';
  const fit = /shopping cart: CRDT with delta_crdt, ([\d.]+)\/10/.exec(placeholder);
  assert.ok(fit && Number(fit[1]) >= 9, placeholder);
  await workbench.picture('wizard-decided');
  await choose('Shop: decided', 'Show the decision');
  const document = page.frameLocator('iframe.webview').frameLocator('iframe#active-frame');
  await document.getByRole('heading', { name: 'Distributed design: Shop' }).waitFor();
  const raft = await document.locator('tr', { hasText: 'Raft with :ra' }).first().textContent();
  assert.ok(Number(/CP\s*([\d.]+)\/10/.exec(raft ?? '')?.[1]) <= 3, raft ?? '');
  await workbench.picture('decision');
  await workbench.run('View: Close All Editors');
});

step('it is written into the knowledge base, and read back to be changed', async () => {
  await workbench.run('Netsplit: Design a Replicated Component');
  await choose('Design a replicated component', 'Go on with “Shop”');
  await asked('Which node does a client reach?');
  await page.locator('.quick-input-widget:visible [aria-label^="Decide Now"]').click();
  await choose('Shop: decided', 'Write it into the knowledge base');
  await page.locator('.notification-toast', { hasText: 'project-learnings.md: created, with “Distributed design: Shop”' }).waitFor();
  assert.match(readFileSync(knowledge, 'utf8'), /^## Distributed design: Shop\n/);
  await workbench.run('Netsplit: Design a Replicated Component');
  await choose('Design a replicated component', 'decision/shop');
  await choose('Shop: decided', 'Change answers');
  await asked('What is being designed?');
  assert.equal(await input.inputValue(), 'Shop');
});

step('the questions are gone on with in the page', async () => {
  await page.locator('.quick-input-widget:visible [aria-label^="Go On in the Page"]').click();
  await page.locator('.tab.active', { hasText: 'Design' }).waitFor();
  const design = page.frameLocator('iframe.webview').frameLocator('iframe#active-frame');
  await design.getByText('CRDT with delta_crdt').first().waitFor({ state: 'attached' });
  await workbench.run('View: Close All Editors');
});

step('two leaders: the causes come in order, with what the rules find as evidence', async () => {
  await workbench.run('Netsplit: Investigate a Bug');
  await choose('Investigate a bug', 'Two leaders');
  await asked('Two leaders, or a singleton runs twice');
  await rows.filter({ hasText: 'The election asks who is visible' }).filter({ hasText: 'findings in your code' }).waitFor();
  await workbench.picture('investigation');
  await page.keyboard.press('Enter');
  await rows
    .filter({ hasText: /lib\/inventory\/\w+\.ex:\d+/ })
    .first()
    .waitFor();
  await input.fill('election-without-quorum');
  await rows.filter({ hasText: 'lib/inventory/leader.ex:' }).waitFor();
  await input.fill('');
  await page.keyboard.press('Enter');
  for (const [question, text] of [
    ['How often, and since when?', 'Twice since Monday'],
    ['What else happens at the time', 'After network trouble'],
    ['Which nodes are affected?', 'inventory@a, inventory@b'],
    ['What do logs or metrics say?', 'both: became leader'],
  ] as const) {
    await message.filter({ hasText: question }).waitFor();
    await input.fill(text);
    await page.keyboard.press('Enter');
  }
  await rows.filter({ hasText: 'Write it into the knowledge base' }).waitFor();
  await page.keyboard.press('Enter');
  await workbench.line('## Bug investigation: Two leaders, or a singleton runs twice').waitFor();
  const text = readFileSync(knowledge, 'utf8');
  for (const part of [
    /- Frequency: Twice since Monday\n/,
    /- Affected nodes: `inventory@a`, `inventory@b`\n/,
    /- both: became leader\n/,
    /`lib\/inventory\/leader\.ex`, line \d+: .*\(`election-without-quorum`\)/,
    /### Fix\n[\s\S]*Before:[\s\S]*After:/,
  ])
    assert.match(text, part);
  await workbench.picture('investigation-written');
});

step('the code that splits three and two and shows one leader is created', async () => {
  await page
    .locator('.notification-toast', { hasText: 'Bug investigation' })
    .getByRole('button', { name: 'Create Code That Reproduces It' })
    .click();
  await rows.filter({ hasText: 'Leader or lease on :ra, with fencing' }).waitFor();
  await page.keyboard.press('Enter');
  // The project has settings of its own, which stay.
  await rows.filter({ hasText: 'config/runtime.exs' }).filter({ hasText: 'is there with other content' }).waitFor();
  await page.keyboard.press('Enter');
  await page
    .locator('.notification-toast', { hasText: /Created \d+ files/ })
    .first()
    .waitFor();
  const created = path.join(folder, 'test/inventory/lease_partition_test.exs');
  assert.ok(existsSync(created));
  assert.match(readFileSync(created, 'utf8'), /test "three and two: one leader at any time"/);
  await page.locator('.notification-toast', { hasText: 'The code needs packages: ra.' }).waitFor();
  await workbench.run('Notifications: Clear All Notifications');
});

step('a partition is simulated, for everybody to read, and again with another seed', async () => {
  await workbench.run('Netsplit: Simulate a Partition');
  await asked('Simulate a partition');
  await input.fill('half-is-a-quorum');
  await rows.filter({ hasText: 'half-is-a-quorum' }).first().click();
  const run = page.frameLocator('iframe.webview').frameLocator('iframe#active-frame');
  await run.getByRole('heading', { name: 'What came of it' }).waitFor();
  await run.getByText('each acted as the leader').first().waitFor();
  await workbench.picture('simulation');
  // The page runs no scripts, so axe looks at a copy of it.
  const copy = await page.context().newPage();
  await copy.setContent(await run.locator('html').evaluate((html) => html.outerHTML));
  // The colour behind it is that of the frame.
  await copy.evaluate('document.documentElement.style.background = "var(--vscode-editor-background)"');
  await copy.evaluate(axe.source);
  const { violations } = await copy.evaluate<AxeResults>('axe.run(document)');
  await copy.close();
  assert.deepEqual(
    violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
    [],
  );
  const seed = /seed (\d+)/.exec((await run.locator('.facts').textContent()) ?? '')?.[1];
  await run.getByRole('link', { name: 'With another seed' }).click();
  await run.locator('.facts', { hasText: `seed ${Number(seed) + 1}` }).waitFor();
});
