import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { directory, elapsed, mix, netsplit } from './netsplit';

async function levels(cwd: string, ...args: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await netsplit(['check', '--format', 'jsonl', ...args], { cwd });
  const findings = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return Object.fromEntries(findings.map(({ path, severity }) => [path, severity]));
}

test('the nearest configuration above each file holds, up to the root of the repository', async (t) => {
  const level = (value: string) => JSON.stringify({ rules: { 'clock-wall-elapsed': value } });
  const cwd = directory(t, {
    '.netsplit.json': level('error'),
    'repository/.git/HEAD': '',
    'repository/a.ex': elapsed,
    'repository/umbrella/.netsplit.json': level('hint'),
    'repository/umbrella/apps/one/lib/a.ex': elapsed,
    'repository/umbrella/apps/two/.netsplit.json': level('info'),
    'repository/umbrella/apps/two/lib/a.ex': elapsed,
    'other/a.ex': elapsed,
  });
  assert.deepEqual(await levels(cwd), {
    'other/a.ex': 'error',
    'repository/a.ex': 'warning',
    'repository/umbrella/apps/one/lib/a.ex': 'hint',
    'repository/umbrella/apps/two/lib/a.ex': 'info',
  });
  assert.deepEqual(await levels(path.join(cwd, 'repository/umbrella/apps/two'), 'lib'), { 'lib/a.ex': 'info' });
  assert.deepEqual(await levels(cwd, '--config', '.netsplit.json', 'repository/umbrella'), {
    'repository/umbrella/apps/one/lib/a.ex': 'error',
    'repository/umbrella/apps/two/lib/a.ex': 'error',
  });
});

test('globs are relative to the configuration', async (t) => {
  const cwd = directory(t, {
    'app/.netsplit.json': `{
      // Comments and trailing commas are fine.
      "exclude": ["lib/generated"],
      "overrides": [{ "files": ["lib/old/**"], "rules": { "clock-wall-elapsed": "info" } },],
    }`,
    'app/lib/generated/a.ex': elapsed,
    'app/lib/old/deep/a.ex': elapsed,
    'app/lib/a.ex': elapsed,
  });
  const expected = { 'lib/a.ex': 'warning', 'lib/old/deep/a.ex': 'info' };
  assert.deepEqual(await levels(path.join(cwd, 'app')), expected);
  assert.deepEqual(await levels(cwd), Object.fromEntries(Object.entries(expected).map(([file, level]) => [`app/${file}`, level])));
});

test('a wrong configuration: status 2, every place, and what was expected', async (t) => {
  const cwd = directory(t, {
    'lib/a.ex': elapsed,
    'lib/.netsplit.json': '{\n  "rules": {\n    "clock-wall-elapse": "off",\n    "clock-wall-elapsed": "loud"\n  },\n  "ecxlude": []\n}\n',
    'broken/a.ex': elapsed,
    'broken/.netsplit.json': '{ "rules": { "clock-wall-elapsed" "off" } }',
  });
  const outcome = await netsplit(['check', 'lib'], { cwd });
  assert.equal(outcome.status, 2);
  assert.equal(outcome.stdout, '');
  assert.match(outcome.stderr, /^lib\/\.netsplit\.json:3:5: .*clock-wall-elapse\b.*clock-wall-elapsed/m);
  assert.match(outcome.stderr, /^lib\/\.netsplit\.json:4:27: .*warning/m);
  assert.match(outcome.stderr, /^lib\/\.netsplit\.json:6:3: .*exclude/m);
  const broken = await netsplit(['check', 'broken/a.ex'], { cwd });
  assert.equal(broken.status, 2);
  assert.match(broken.stderr, /^broken\/\.netsplit\.json:1:\d+: /m);
});

test('a configuration that is given does not replace one that is wrong silently', async (t) => {
  const cwd = directory(t, { 'a.ex': elapsed, '.netsplit.json': '{ "rules": 1 }', 'good.json': '{}' });
  assert.equal((await netsplit(['check'], { cwd })).status, 2);
  assert.equal((await netsplit(['check', '--config', 'good.json'], { cwd })).status, 1);
  assert.equal((await netsplit(['check', '--config', '.'], { cwd })).status, 2);
});

test('tests and scripts of a project are left to rules of severity error, wherever the project stands', async (t) => {
  const cwd = directory(t, { 'test/app/mix.exs': mix, 'test/app/lib/a.ex': elapsed, 'test/app/test/a_test.exs': elapsed });
  assert.deepEqual(await levels(cwd), { 'test/app/lib/a.ex': 'warning' });
});
