/** The extension in a browser, without any server: what `web/` says, run in the worker in which VS Code keeps extensions there. */
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { format } from 'node:util';
import { startBrowser } from './host/browser';
import { startWebServer } from './host/web';
import type { Result } from './web/run';

const limit = 120_000;

test('in a browser', async (t) => {
  let posted: string | undefined;
  const server = await startWebServer({
    extension: path.resolve('out/vsix'),
    tests: path.resolve('out/test/e2e/web.js'),
    onResults: (body) => (posted = body),
  });
  t.after(() => server.stop());
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  const said: string[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    const end = setTimeout(() => reject(new Error(`The tests did not end within ${limit} ms:\n${said.join('\n')}`)), limit);
    t.after(() => clearTimeout(end));
    page.on('crash', () => reject(new Error('The page crashed.')));
    page.on('pageerror', (error) => said.push(String(error.stack)));
    void page.exposeFunction('codeAutomationLog', (_kind: string, parts: readonly unknown[]) => void said.push(format(...parts)));
    void page.exposeFunction('codeAutomationExit', () => resolve()).then(() => page.goto(server.origin, { waitUntil: 'commit' }), reject);
  });
  await ended;

  // VS Code also ends well when the worker dies under the tests: only what they posted counts.
  assert.ok(posted !== undefined, `The tests did not run to their end:\n${said.join('\n')}`);
  const results = JSON.parse(posted) as readonly Result[];
  assert.ok(results.length > 0, 'There was no test.');
  for (const { title, error } of results) {
    await t.test(title, () => {
      if (error !== undefined) throw new Error(error);
    });
  }
});
