import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { clean, directory, elapsed, mix, netsplit, write } from './netsplit';

const timeless = (json: string): string => json.replace(/"durationMs": \d+/, '"durationMs": 0');

test('the report and the notes are the same for every number of threads', async (t) => {
  const cwd = directory(t, { 'lone/a.ex': elapsed, 'lone/binary.ex': 'a\0b', 'other/mix.exs': mix, 'other/lib/a.ex': elapsed });
  for (const example of ['inventory', 'inventory-fixed'])
    cpSync(path.resolve('examples', example), path.join(cwd, example), { recursive: true });
  write(cwd, { 'other/.netsplit.json': '{ "rules": { "clock-wall-elapsed": "hint" } }' });
  const args = ['check', '--format', 'json', '--rule', 'kv-get-then-put=error'];
  const alone = await netsplit([...args, '--jobs', '1'], { cwd });
  assert.equal(alone.status, 1);
  assert.match(alone.stderr, /lone\/binary\.ex: not linted: binary/);
  const report = JSON.parse(alone.stdout);
  assert.equal(report.summary.skipped, 1);
  assert.ok(report.findings.length > 30);
  for (const jobs of ['2', '9']) {
    const together = await netsplit([...args, '--jobs', jobs], { cwd });
    assert.equal(timeless(together.stdout), timeless(alone.stdout), jobs);
    assert.deepEqual([together.status, together.stderr], [alone.status, alone.stderr], jobs);
  }
});

test('suppressed findings, baselines and SARIF know all threads', async (t) => {
  const suppressed = elapsed.replace('    System.os_time() - start', '    # netsplit:disable-for-next-line clock-wall-elapsed -- why\n$&');
  const cwd = directory(t, { 'a.ex': elapsed, 'b.ex': suppressed, 'c.ex': elapsed, 'd.ex': clean });
  const [alone, together] = await Promise.all(['1', '3'].map((jobs) => netsplit(['check', '--format', 'sarif', '--jobs', jobs], { cwd })));
  assert.equal(JSON.parse(alone!.stdout).runs[0].results.length, 3);
  assert.equal(together!.stdout, alone!.stdout);
  await netsplit(['check', '--write-baseline', 'known.json', '--jobs', '3'], { cwd });
  const { status, stderr } = await netsplit(['check', '--baseline', 'known.json', '--jobs', '2'], { cwd });
  assert.deepEqual([status, stderr], [0, 'netsplit: No findings in 4 files (1 suppressed, 2 in the baseline).\n']);
});

test('a configuration that is given holds in every thread', async (t) => {
  const cwd = directory(t, { 'a.ex': elapsed, 'b.ex': elapsed, 'given.json': '{ "rules": { "clock-wall-elapsed": "off" } }' });
  const { status, stdout } = await netsplit(['check', '--config', 'given.json', '--jobs', '2'], { cwd });
  assert.deepEqual([status, stdout], [0, '']);
});

test('a number of threads that is none', async (t) => {
  const cwd = directory(t, { 'a.ex': elapsed });
  for (const jobs of ['0', '1.5', 'all', '99999']) {
    const { status, stdout, stderr } = await netsplit(['check', '--jobs', jobs], { cwd });
    assert.deepEqual([status, stdout], [2, ''], jobs);
    assert.match(stderr, /`--jobs` is a whole number from 1 to 9999; got/);
  }
});

test('threads run from the package as npm installs it', async (t) => {
  const cwd = directory(t, { 'a.ex': elapsed, 'b.ex': elapsed });
  const npm = path.resolve(path.dirname(process.execPath), process.platform === 'win32' ? 'npm.cmd' : 'npm');
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', cwd];
  const name = execFileSync(existsSync(npm) ? npm : 'npm', pack, { encoding: 'utf8', shell: process.platform === 'win32' }).trim();
  execFileSync('tar', ['-xzf', name], { cwd });
  const outcome = await netsplit(['check', '--format', 'concise', '--jobs', '2', 'a.ex', 'b.ex'], {
    cwd,
    bundle: path.join(cwd, 'package/dist/cli.js'),
  });
  assert.deepEqual(
    outcome.stdout.split('\n').map((line) => line.slice(0, 'a.ex:5:5: warning'.length)),
    ['a.ex:5:5: warning', 'b.ex:5:5: warning', ''],
  );
  assert.equal(outcome.stderr, 'netsplit: 2 warnings in 2 files.\n');
});
