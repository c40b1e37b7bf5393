import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { netsplit } from './netsplit';

test('examples/inventory: every planted mistake at its line, and nothing else', async () => {
  const cwd = path.resolve('examples/inventory');
  const { stdout } = await netsplit(['check', '--format', 'json', '--fail-on', 'never'], { cwd });
  const { findings } = JSON.parse(stdout) as { findings: { path: string; rule: string; range: { start: { line: number } } }[] };
  const [, ...expected] = readFileSync('test/fixtures/inventory.expected.tsv', 'utf8').trim().split('\n');
  assert.deepEqual(findings.map((f) => `${f.path}\t${f.range.start.line}\t${f.rule}`).sort(), expected.sort());
});

test('examples/inventory-fixed: silence', async () => {
  const { status, stdout, stderr } = await netsplit(['check', '--fail-on', 'info'], { cwd: path.resolve('examples/inventory-fixed') });
  assert.equal(status, 0, stderr);
  assert.match(stdout + stderr, /No findings in 34 files/);
});
