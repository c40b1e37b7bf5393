/** The extension in VS Code's window, installed from its VSIX beside another Elixir extension, as a person uses it. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import type { Browser } from 'playwright-core';
import { startBrowser } from './host/browser';
import { packageNeighbour } from './host/neighbour';
import { serverProcesses } from './host/processes';
import { createProfile, type Settings } from './host/profile';
import { installExtension, type Profile, pageAddress, type Server, scratchFolder, startServer } from './host/server';
import { type Workbench, workbenchOf } from './workbench';

const settings: Settings = {
  'editor.minimap.enabled': false,
  'workbench.colorTheme': 'Dark Modern',
  // Words of the file would be offered while placeholders are filled, and Tab would take one of them.
  'editor.wordBasedSuggestions': 'off',
  '[elixir]': { 'editor.codeActionsOnSave': { 'source.fixAll.netsplit': 'explicit' } },
};

/** Two findings with safe fixes. */
const votes = `defmodule Inventory.Votes do
  def won?(votes, members), do: length(votes) >= div(length(members), 2)
  def stored?(acks, replicas), do: length(acks) >= div(length(replicas), 2)
end
`;

const scratch = scratchFolder();
const folder = path.join(scratch, 'inventory');
const votesFile = path.join(folder, 'lib/inventory/votes.ex');
const fenceFile = path.join(folder, 'lib/inventory/fence.ex');

let profile: Profile;
let server: Server | undefined;
let browser: Browser | undefined;
let workbench: Workbench;

before(async () => {
  cpSync('examples/inventory', folder, { recursive: true });
  writeFileSync(votesFile, votes);
  writeFileSync(fenceFile, '');
  profile = createProfile(scratch, settings);
  await installExtension(await packageNeighbour(scratch), profile);
  await installExtension(path.resolve('out/netsplit.vsix'), profile);
  [server, browser] = await Promise.all([startServer({ profile }), startBrowser()]);
  const context = await browser.newContext({ viewport: { width: 1280, height: 760 } });
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

step('findings of an opened file are underlined', async () => {
  await workbench.open('quorum.ex');
  await workbench.underlined('error').waitFor();
  await workbench.underlined('warning').waitFor();
  assert.equal(await workbench.messages().count(), 0, 'A message lies over the window.');
});

step('the language status says what was found, and which configuration holds', async () => {
  const rows = workbench.statusRows();
  await workbench.point(
    workbench.status,
    rows.filter({ hasText: 'Netsplit: 4 findings' }).filter({ hasText: '2 errors, 2 warnings' }),
    rows.filter({ hasText: '.netsplit.json' }).getByText('Open'),
  );
  await workbench.picture('status');
  await workbench.line('defmodule Inventory.Quorum do').click();
});

step('the Problems panel lists them with rule and place, and the other end of each', async () => {
  await workbench.run('Problems: Focus on Problems View');
  const rows = workbench.problems();
  await rows.filter({ hasText: 'quorum-forgets-self' }).waitFor();
  const texts = (await rows.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
  const found = texts.flatMap((text) => /netsplit ([\w-]+) \[Ln (\d+)/.exec(text)?.slice(1).join(' ') ?? []);
  assert.deepEqual(found.sort(), [
    'quorum-forgets-self 25',
    'quorum-from-visible-nodes 20',
    'quorum-half-is-not-majority 9',
    'quorum-over-strict 14',
  ]);
  assert.ok(
    texts.some((text) => text.includes('[Ln 8, Col 14]') && text.includes('Half is computed here')),
    texts.join('\n'),
  );
});

step('the pointer shows what is wrong, why it matters and what mends it', async () => {
  await workbench.run('View: Toggle Primary Side Bar Visibility');
  const hover = workbench.hover();
  await workbench.point(
    workbench.underlined('error'),
    hover.filter({ hasText: 'Half of `cluster_size` is not a majority' }).first(),
    hover.filter({ hasText: 'Two majorities always share a member' }).first(),
    hover.filter({ hasText: 'Quick fix: Require one more than half.' }).first(),
    workbench.page.getByRole('button', { name: /^Quick Fix/ }).first(),
  );
  await workbench.picture('editor');
  await workbench.page.keyboard.press('Escape');
});

for (const [theme, kind] of [
  ['Light Modern', 'vs'],
  ['Dark High Contrast', 'hc-black'],
  ['Dark Modern', 'vs-dark'],
] as const) {
  step(`findings are seen in ${theme}`, async () => {
    await workbench.run('Preferences: Color Theme');
    await workbench.pick(theme);
    await workbench.page.locator(`.monaco-workbench.${kind}`).waitFor();
    const hover = workbench.hover().filter({ hasText: 'Two majorities always share a member' }).first();
    await workbench.point(workbench.underlined('error'), hover);
    await workbench.picture(theme.toLowerCase().replaceAll(' ', '-'));
    await workbench.page.keyboard.press('Escape');
  });
}

step('the light bulb mends the code, and the finding is gone', async () => {
  await workbench.line('length(acks) >= quorum').click();
  await workbench.bulb().click();
  await workbench.choose('Require one more than half');
  await workbench.line('quorum = div(cluster_size, 2) + 1').waitFor();
  await workbench.problems().filter({ hasText: 'quorum-half-is-not-majority' }).waitFor({ state: 'detached' });
});

step('a rule is explained on its page', async () => {
  await workbench.line('length(votes) > div(cluster_size, 2) + 1').click();
  await workbench.page.keyboard.press('Control+.');
  await workbench.choose('Explain quorum-over-strict');
  const page = workbench.page.frameLocator('iframe.webview').frameLocator('iframe#active-frame');
  await page.getByRole('heading', { name: 'quorum-over-strict' }).waitFor();
  await workbench.picture('page');
  await workbench.run('View: Close Editor');
});

step('a rule is turned off for a line', async () => {
  await workbench.line('length(votes) > div(cluster_size, 2) + 1').click();
  await workbench.page.keyboard.press('Control+.');
  await workbench.choose('Disable quorum-over-strict for this line');
  await workbench.line('# netsplit:disable-for-next-line quorum-over-strict').waitFor();
  await workbench.problems().filter({ hasText: 'quorum-over-strict' }).waitFor({ state: 'detached' });
  await workbench.picture('disabled');
});

step('saving applies all safe fixes', async () => {
  await workbench.open('votes.ex');
  await workbench.problems().filter({ hasText: 'Ln 3' }).waitFor();
  await workbench.line('defmodule Inventory.Votes do').click();
  await workbench.page.keyboard.press('End');
  await workbench.page.keyboard.type(' # Checked.');
  await workbench.page.keyboard.press('Control+s');
  await workbench.line('div(length(replicas), 2) + 1').waitFor();
  const expected = votes.replace('Votes do', 'Votes do # Checked.').replaceAll(', 2)', ', 2) + 1');
  await written(votesFile, expected);
});

step('a snippet is inserted under the name of its file, and Tab goes through it', async () => {
  const { page } = workbench;
  await workbench.open('fence.ex');
  await page.keyboard.type('lease-fence');
  await workbench.run('Trigger Suggest');
  await workbench.completions().filter({ hasText: 'lease-fence' }).waitFor();
  await workbench.picture('snippet-offered');
  await page.keyboard.press('Enter');
  await workbench.line('defmodule Inventory.Fence do').waitFor();
  await page.keyboard.type('Inventory.Vault');
  await page.keyboard.press('Tab');
  await page.keyboard.type('allow');
  await page.keyboard.press('Tab');
  await page.keyboard.type('invoices');
  await workbench.picture('snippet-filled');
  await page.keyboard.press('Tab');
  await page.keyboard.type(' # The end.');
  await page.keyboard.press('Control+s');

  const snippets = JSON.parse(readFileSync('snippets/lease.code-snippets', 'utf8')) as Record<string, { prefix: string; body: string[] }>;
  const [, ...lines] = Object.values(snippets).find(({ prefix }) => prefix === 'lease-fence')?.body ?? [];
  const values: Record<string, string> = { '${2:admit}': 'allow', $2: 'allow', '${3:reports}': 'invoices', $0: ' # The end.' };
  const filled = lines.map((line) =>
    line.replaceAll(/\$\{.*?\}|(?<!\\)\$\d/g, (marker) => values[marker] ?? marker).replaceAll('\\$', '$'),
  );
  await written(fenceFile, ['defmodule Inventory.Vault do', ...filled].join('\n'));
});

step('settings are offered where settings are', async () => {
  const { page } = workbench;
  await page.keyboard.press('Control+End');
  await page.keyboard.type('\nlibcluster-gossip');
  await workbench.run('Trigger Suggest');
  await workbench.completions().filter({ hasText: 'No suggestions' }).waitFor();
  await workbench.open('runtime.exs');
  await page.keyboard.press('Control+End');
  await page.keyboard.type('\nlibcluster-gossip');
  await workbench.run('Trigger Suggest');
  await workbench.completions().filter({ hasText: 'libcluster-gossip' }).waitFor();
  await page.keyboard.press('Enter');
  await workbench.line('strategy: Cluster.Strategy.Gossip,').waitFor();
});

step('what works across nodes is marked within the colours of another extension', async () => {
  await workbench.open('quorum.ex');
  await workbench.line('[node() | Node.list()]').getByText('Node', { exact: true }).click();
  await workbench.run('Developer: Inspect Editor Tokens and Scopes');
  const inspector = workbench.page.locator('.token-inspect-widget');
  await inspector.filter({ hasText: 'support.class.distributed.elixir' }).filter({ hasText: 'entity.name.type.class.elixir' }).waitFor();
  await workbench.picture('scopes');
  await workbench.page.keyboard.press('Escape');
});

step('the walkthrough is there, with its pictures', async () => {
  await workbench.run('Welcome: Open Walkthrough');
  await workbench.pick('Get Started with Netsplit');
  const { page } = workbench;
  await page.getByText('Open an Elixir file').first().waitFor();
  const picture = page.frameLocator('iframe.webview').frameLocator('iframe#active-frame').locator('svg');
  await picture.first().waitFor();
  await workbench.picture('walkthrough');
  await workbench.run('View: Close Editor');
});

step('a server that ends again and again is given up with one message, whose button opens the log', async () => {
  const rows = workbench.problems();
  for (let round = 1; round <= 5; round++) {
    await rows.first().waitFor();
    const [id, ...others] = serverProcesses(process.pid);
    assert.ok(id !== undefined && others.length === 0, 'There is not one server.');
    process.kill(id, 'SIGKILL');
    await rows.first().waitFor({ state: 'detached' });
  }
  const message = workbench.messages().filter({ hasText: 'has ended 5 times within 3 minutes' });
  await message.waitFor();
  assert.equal(await workbench.messages().count(), 1);
  await workbench.picture('given up');
  await message.getByRole('button', { name: 'Show Log' }).click();
  await workbench.page.locator('.output-view-pane, .output-view').getByText('The server has ended by itself').first().waitFor();
  await workbench.picture('log');
});

step('the command starts it again', async () => {
  await workbench.run('Netsplit: Restart Server');
  await workbench.run('Problems: Focus on Problems View');
  await workbench.problems().first().waitFor();
});

/** Waits until a file has this text. */
async function written(file: string, text: string): Promise<void> {
  const changes = watch(path.dirname(file));
  try {
    const limit = AbortSignal.timeout(60_000);
    while (readFileSync(file, 'utf8') !== text) {
      await new Promise<void>((resolve, reject) => {
        changes.once('change', () => resolve());
        limit.onabort = () => reject(new Error(`Not saved:\n${readFileSync(file, 'utf8')}`));
      });
    }
  } finally {
    changes.close();
  }
}
