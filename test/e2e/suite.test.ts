/** The extension in VS Code's extension host: what `suite/` says, run by `@vscode/test-electron`. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { createProfile } from './host/profile';
import { scratchFolder } from './host/server';
import type { Results } from './suite/run';

test('in the extension host', async (t) => {
  const scratch = scratchFolder();
  t.after(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  const folder = path.join(scratch, 'inventory');
  cpSync('examples/inventory', folder, { recursive: true });
  const results = path.join(scratch, 'results.json');
  const { userData, extensions } = createProfile(scratch);
  const failure = await runTests({
    vscodeExecutablePath: await executable(),
    extensionDevelopmentPath: path.resolve('.'),
    extensionTestsPath: path.resolve('out/test/e2e/suite.cjs'),
    launchArgs: [folder, '--disable-extensions', `--user-data-dir=${userData}`, `--extensions-dir=${extensions}`],
    extensionTestsEnv: {
      NETSPLIT_RESULTS: results,
      NETSPLIT_EXPECTED: path.resolve('test/fixtures/inventory.expected.tsv'),
      NETSPLIT_CLI: path.resolve('dist/cli.js'),
    },
  }).then(
    () => undefined,
    (error: unknown) => error,
  );

  // VS Code also exits with 0 when the extension host dies under the tests: only what they wrote themselves counts.
  assert.ok(existsSync(results), `The tests did not start: ${failure}`);
  const { running, results: outcomes }: Results = JSON.parse(readFileSync(results, 'utf8'));
  for (const { title, took, error } of outcomes) {
    await t.test(`${title} (${took} ms within VS Code)`, () => {
      if (error !== undefined) throw new Error(error);
    });
  }
  assert.equal(running, undefined, `The tests were ended within one of them: ${failure}`);
  assert.ok(outcomes.length > 0, 'There was no test.');
  assert.equal(failure, undefined);
});

/** VS Code itself where it can be shown and downloaded, else what takes its place. */
async function executable(): Promise<string> {
  const launcher = path.resolve('out/test/e2e/launcher.mjs');
  if (process.env.DISPLAY === undefined) return launcher;
  try {
    return await downloadAndUnzipVSCode({ version: 'stable' });
  } catch (error) {
    console.log(`VS Code cannot be downloaded (${error}): its server and Chromium take its place.`);
    return launcher;
  }
}
