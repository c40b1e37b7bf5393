import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { rules } from '../../core/rules/index';
import { netsplit } from './netsplit';

/** Applications with mistakes that are like those of real ones; of each the findings stand in a file of its own. */
const applications = ['inventory', 'presence', 'ledger'];

/** `path⇥line⇥rule` of each finding that is expected, sorted. */
function expectedOf(application: string): readonly string[] {
  const [, ...lines] = readFileSync(`test/fixtures/${application}.expected.tsv`, 'utf8').trim().split('\n');
  return lines.sort();
}

for (const application of applications) {
  test(`examples/${application}: every planted mistake at its line, and nothing else`, async () => {
    const cwd = path.resolve('examples', application);
    const { stdout } = await netsplit(['check', '--format', 'json', '--fail-on', 'never'], { cwd });
    const { findings } = JSON.parse(stdout) as { findings: { path: string; rule: string; range: { start: { line: number } } }[] };
    assert.deepEqual(findings.map((f) => `${f.path}\t${f.range.start.line}\t${f.rule}`).sort(), expectedOf(application));
  });
}

test('the examples show a finding of every rule that is on by default', () => {
  const shown = new Set(applications.flatMap(expectedOf).map((line) => line.split('\t')[2]));
  const missing = rules.filter((rule) => !rule.optIn && !shown.has(rule.id)).map((rule) => rule.id);
  assert.deepEqual(missing, []);
});

test('examples/inventory-fixed: silence', async () => {
  const { status, stdout, stderr } = await netsplit(['check', '--fail-on', 'info'], { cwd: path.resolve('examples/inventory-fixed') });
  assert.equal(status, 0, stderr);
  assert.match(stdout + stderr, /No findings in 34 files/);
});
