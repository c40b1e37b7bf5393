/** The package as npm gives it to its users. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { directory, elapsed, type Outcome, outcomeOf } from './netsplit';

/** Runs npm or npx, with nothing of the npm that runs the tests. */
function run(command: 'npm' | 'npx', args: readonly string[], cwd: string): Promise<Outcome> {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:npm_|NO_COLOR$|FORCE_COLOR$)/i.test(name));
  const child = spawn(command, args, { cwd, env: Object.fromEntries(own), shell: process.platform === 'win32' });
  child.stdin.end();
  return outcomeOf(child);
}

test('what npm packs can be installed without a network, and lints with npx', async (t) => {
  const root = directory(t, { 'lib/elapsed.ex': elapsed });
  // The bundles are built already, and other tests are using them.
  const packed = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', root], path.resolve('.'));
  assert.equal(packed.status, 0, packed.stderr);
  const [{ filename, files }] = JSON.parse(packed.stdout) as [{ filename: string; files: readonly { readonly path: string }[] }];
  const paths = files.map((file) => file.path);
  for (const file of ['dist/cli.js', 'dist/server.js', 'docs/editors.md', 'docs/rules/clock-wall-elapsed.md', 'LICENSE', 'README.md'])
    assert.ok(paths.includes(file), file);
  // npm takes along what `main` and `browser` name, which is the extension's.
  const foreign = paths.filter(
    (file) => !/^(?:dist\/(?:cli|server|client|client\.browser)\.js|docs\/.+\.md|LICENSE|README\.md|package\.json)$/.test(file),
  );
  assert.deepEqual(foreign, []);

  const installed = await run('npm', ['install', '--offline', '--no-audit', '--no-fund', path.join(root, filename)], root);
  assert.equal(installed.status, 0, installed.stderr);
  const netsplit = (...args: readonly string[]) => run('npx', ['--no-install', 'netsplit', ...args], root);

  const checked = await netsplit('check', '--format', 'json', 'lib');
  assert.equal(checked.status, 1, checked.stderr);
  const [finding, ...others] = JSON.parse(checked.stdout).findings;
  assert.equal(others.length, 0);
  assert.deepEqual([finding.rule, finding.path], ['clock-wall-elapsed', 'lib/elapsed.ex']);
  assert.ok(readFileSync(new URL(finding.help), 'utf8').startsWith('# clock-wall-elapsed\n'));
  // Its input ends at once, and without a word from an editor so does the server.
  const served = await netsplit('lsp', '--stdio');
  assert.deepEqual([served.stdout, served.stderr], ['', '']);
});
