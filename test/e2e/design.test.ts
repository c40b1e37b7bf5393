/** The design page in VS Code's window: from the command palette to files of the project, and over a reload. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import test, { after, before } from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Browser, Frame, FrameLocator } from 'playwright-core';
import { storedDesigns } from '../../core/design/learnings';
import { startBrowser } from './host/browser';
import { createProfile, type Settings } from './host/profile';
import { installExtension, pageAddress, type Server, scratchFolder, startServer } from './host/server';
import { type Workbench, workbenchOf } from './workbench';

const settings: Settings = { 'editor.minimap.enabled': false, 'workbench.colorTheme': 'Dark Modern' };

const scratch = scratchFolder();
const folder = path.join(scratch, 'inventory');

let server: Server | undefined;
let browser: Browser | undefined;
let workbench: Workbench;

before(async () => {
  cpSync('examples/inventory', folder, { recursive: true });
  const mixFile = path.join(folder, 'mix.exs');
  writeFileSync(mixFile, readFileSync(mixFile, 'utf8').replace(/,\n\s*\{:telemetry, .*\}/, ''));
  const profile = createProfile(scratch, settings);
  await installExtension(path.resolve('out/netsplit.vsix'), profile);
  [server, browser] = await Promise.all([startServer({ profile }), startBrowser()]);
  const context = await browser.newContext({ viewport: { width: 1500, height: 900 } });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  workbench = workbenchOf(page);
  await page.goto(pageAddress(server, { folder }), { waitUntil: 'commit' });
  await page.locator('.explorer-folders-view').waitFor();
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

function design(): FrameLocator {
  return workbench.page.frameLocator('iframe.webview').frameLocator('iframe#active-frame');
}

async function choose(question: string, answer: string): Promise<void> {
  await design().getByRole('combobox', { name: question, exact: true }).focus();
  await workbench.page.keyboard.press('Enter');
  await design().getByRole('option', { name: answer, exact: true }).click();
}

/** Waits until a file of the folder holds a text, and returns all of it. */
async function fileWith(name: string, text: string): Promise<string> {
  const file = path.join(folder, name);
  const read = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  const changes = watch(folder, { recursive: true });
  try {
    const limit = AbortSignal.timeout(60_000);
    while (!read().includes(text)) {
      await new Promise<void>((resolve, reject) => {
        changes.once('change', () => resolve());
        limit.onabort = () => reject(new Error(`${name} does not hold ${text}:\n${read()}`));
      });
    }
    return read();
  } finally {
    changes.close();
  }
}

step('the command opens the page', async () => {
  await workbench.open('quorum.ex');
  await workbench.underlined('error').waitFor();
  await workbench.run('Netsplit: Design a Replicated Component');
  await workbench.pick('Open the page');
  await design().getByRole('heading', { level: 2, name: 'More has to be known' }).waitFor();
});

step('answers change the ranking at once', async () => {
  await choose('What is it?', 'Inventory, stock, seats');
  await design().getByRole('heading', { level: 2, name: 'Raft with :ra' }).waitFor();
  await design().getByRole('textbox', { name: 'How many nodes are there today?' }).fill('5');
  await design().getByText('3 of 5 decide').waitFor();
  await design().getByRole('textbox', { name: 'Name', exact: true }).fill('stock ledger');
  await design().getByRole('textbox', { name: 'Name of the design' }).fill('Stock');
  assert.equal(await design().getByRole('textbox', { name: 'OTP application' }).inputValue(), 'inventory', 'from mix.exs');
  await workbench.picture('design-page');
});

step('the decision is saved into the knowledge base, and can be read back', async () => {
  await design().getByRole('button', { name: 'Save decision' }).click();
  const text = await fileWith('project-learnings.md', 'netsplit:end decision/stock');
  const [stored] = storedDesigns(text);
  assert.deepEqual(stored?.design, {
    name: 'Stock',
    app: 'inventory',
    cluster: { size: 5 },
    classes: [{ name: 'stock ledger', answers: { kind: 'inventory' } }],
  });
  await workbench.page.locator('.notification-toast', { hasText: 'project-learnings.md: created' }).waitFor();
});

step('a decision record is created under the next number', async () => {
  await design().getByRole('button', { name: 'Save as ADR' }).click();
  const text = await fileWith('docs/decisions/0001-stock-ledger.md', 'status:');
  assert.match(text, /Raft with :ra/);
  await workbench.page.locator('.tab.active', { hasText: '0001-stock-ledger.md' }).waitFor();
  await workbench.run('View: Close Editor');
});

step('code is created as a file, and put in at the cursor', async () => {
  await design().getByRole('tab', { name: 'Code' }).click();
  await choose('File', 'lib/inventory/stock_ledger/machine.ex');
  await workbench.picture('design-code');
  await design().getByRole('button', { name: 'Create this file' }).click();
  await fileWith('lib/inventory/stock_ledger/machine.ex', 'defmodule Inventory.StockLedger.Machine do');
  await workbench.page.locator('.tab.active', { hasText: 'machine.ex' }).waitFor();
  await workbench.open('heartbeat.ex');
  await workbench.page.keyboard.press('Control+Home');
  await workbench.page.locator('.tab', { hasText: 'Design' }).click();
  await design().getByRole('button', { name: 'Insert at cursor' }).click();
  await workbench.page.locator('.tab.active', { hasText: 'heartbeat.ex' }).waitFor();
  await workbench.line('defmodule Inventory.StockLedger.Machine do').waitFor();
  await workbench.run('File: Revert File');
});

step('packages are added to mix.exs as an edit that is seen and not saved', async () => {
  const before = readFileSync(path.join(folder, 'mix.exs'), 'utf8');
  assert.doesNotMatch(before, /:telemetry/);
  await workbench.page.locator('.tab', { hasText: 'Design' }).click();
  await design()
    .getByRole('button', { name: /^Add .* to mix\.exs$/ })
    .click();
  await workbench.page.locator('.tab.active.dirty', { hasText: 'mix.exs' }).waitFor();
  await workbench.line('{:telemetry,').waitFor();
  await workbench.picture('design-mix');
  assert.equal(readFileSync(path.join(folder, 'mix.exs'), 'utf8'), before);
  await workbench.run('File: Revert File');
});

step('the simulator runs the protocol that is recommended', async () => {
  await workbench.page.locator('.tab', { hasText: 'Design' }).click();
  await design().getByRole('tab', { name: 'Simulator' }).click();
  await design().getByRole('heading', { name: 'It held' }).waitFor();
  await workbench.picture('design-simulator');
});

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function pageFrame(): Promise<Frame> {
  for (const frame of workbench.page.frames()) if ((await frame.locator('#page').count()) > 0) return frame;
  throw new Error('There is no design page.');
}

for (const [theme, kind] of [
  ['Light Modern', 'vs'],
  ['Dark High Contrast', 'hc-black'],
  ['Light High Contrast', 'hc-light'],
  ['Dark Modern', 'vs-dark'],
] as const) {
  step(`axe finds nothing on the page in ${theme}`, async () => {
    await workbench.run('Preferences: Color Theme');
    await workbench.pick(theme);
    await workbench.page.locator(`.monaco-workbench.${kind}`).waitFor();
    await design().locator(`body[data-vscode-theme-name="${theme}"]`).waitFor();
    const frame = await pageFrame();
    await frame.evaluate(axeSource);
    const { violations } = (await frame.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as AxeResults;
    assert.deepEqual(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
      [],
    );
    await workbench.picture(`design-${kind}`);
  });
}

step('the page is there again, as it was, when the window comes back', async () => {
  await workbench.page.reload({ waitUntil: 'commit' });
  await workbench.page.locator('.tab', { hasText: 'Design' }).waitFor();
  await design().getByRole('heading', { level: 2, name: 'Raft with :ra' }).waitFor();
  await design().getByRole('heading', { name: 'It held' }).waitFor();
  assert.equal(await design().getByRole('textbox', { name: 'How many nodes are there today?' }).inputValue(), '5');
});

step('a saved decision is opened from the knowledge base', async () => {
  await design().getByRole('button', { name: 'Open saved…' }).click();
  await workbench.page.locator('.quick-input-list .monaco-list-row', { hasText: 'decision/stock' }).click();
  await workbench.page.locator('.tab', { hasText: 'Design' }).nth(1).waitFor();
});
