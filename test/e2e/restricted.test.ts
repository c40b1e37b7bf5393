/** The extension in a folder that the user does not trust: it runs nothing of it, so nothing is withheld. */
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { startBrowser } from './host/browser';
import { packageNeighbour } from './host/neighbour';
import { createProfile } from './host/profile';
import { installExtension, pageAddress, scratchFolder, startServer } from './host/server';
import { workbenchOf } from './workbench';

test('in Restricted Mode code is underlined and mended', async (t) => {
  const scratch = scratchFolder();
  t.after(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  const folder = path.join(scratch, 'inventory');
  cpSync('examples/inventory', folder, { recursive: true });
  const profile = createProfile(scratch, {
    'security.workspace.trust.enabled': true,
    'security.workspace.trust.startupPrompt': 'never',
    'security.workspace.trust.emptyWindow': false,
  });
  await installExtension(await packageNeighbour(scratch), profile);
  await installExtension(path.resolve('out/netsplit.vsix'), profile);
  const server = await startServer({ profile, asksForTrust: true });
  t.after(() => server.stop());
  const browser = await startBrowser();
  t.after(() => browser.close());
  const context = await browser.newContext({ viewport: { width: 1280, height: 760 } });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const workbench = workbenchOf(page);
  await page.goto(pageAddress(server, { folder }), { waitUntil: 'commit' });
  await page.locator('.explorer-folders-view').waitFor();
  await page.getByText('Restricted Mode').first().waitFor();

  await workbench.open('quorum.ex');
  await workbench.underlined('error').waitFor();
  await workbench.line('length(acks) >= quorum').click();
  await page.keyboard.press('Control+.');
  await workbench.choose('Require one more than half');
  await workbench.line('quorum = div(cluster_size, 2) + 1').waitFor();
  assert.equal(await workbench.messages().count(), 0);
  await workbench.picture('restricted');
});
