import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { clean, directory, elapsed, netsplit, read, write } from './netsplit';

const name = 'netsplit-baseline.json';

/** A second function with a finding like the one that `elapsed` has. */
const twice = `${elapsed.replace(/end\n$/, '')}
  def again(work) do
    start = System.os_time()
    work.()
    System.os_time() - start
  end
end
`;

test('what a baseline knows is not reported, wherever it has moved', async (t) => {
  const cwd = directory(t, { 'lib/a.ex': elapsed, 'lib/b.ex': clean });
  const written = await netsplit(['check', '--write-baseline', name], { cwd });
  assert.deepEqual([written.status, written.stdout], [0, '']);
  assert.match(written.stderr, /1 finding written to `netsplit-baseline\.json`/);

  const known = await netsplit(['check', '--baseline', name], { cwd });
  assert.deepEqual(known, { status: 0, stdout: '', stderr: 'netsplit: No findings in 2 files (1 in the baseline).\n' });

  write(cwd, { 'lib/a.ex': `# A line.\n\n${elapsed.replace('work.()', 'work.() |> IO.inspect()')}` });
  assert.equal((await netsplit(['check', '--baseline', name], { cwd })).status, 0);
});

test('one more of the same is new', async (t) => {
  const cwd = directory(t, { 'lib/a.ex': elapsed });
  await netsplit(['check', '--write-baseline', name], { cwd });
  write(cwd, { 'lib/a.ex': twice });
  const { status, stdout, stderr } = await netsplit(['check', '--baseline', name, '--format', 'json'], { cwd });
  assert.equal(status, 1);
  const report = JSON.parse(stdout);
  assert.deepEqual(
    report.findings.map((finding: { rule: string; range: { start: { line: number } } }) => [finding.rule, finding.range.start.line]),
    [['clock-wall-elapsed', 11]],
  );
  assert.deepEqual([report.summary.warning, report.summary.inBaseline], [1, 1]);
  assert.match(stderr, /1 warning in 1 file \(1 in the baseline\)/);
});

test('a baseline holds wherever the command is run, and for every format', async (t) => {
  const cwd = directory(t, { 'lib/a.ex': elapsed });
  await netsplit(['check', '--write-baseline', name], { cwd });
  const inside = await netsplit(['check', '--baseline', `../${name}`], { cwd: path.join(cwd, 'lib') });
  assert.equal(inside.status, 0);
  const sarif = await netsplit(['check', '--baseline', name, '--format', 'sarif'], { cwd });
  assert.deepEqual(JSON.parse(sarif.stdout).runs[0].results, []);
});

test('findings of the baseline that are gone are counted, those of files that were not linted are not', async (t) => {
  const cwd = directory(t, { 'a.ex': elapsed, 'b.ex': elapsed });
  await netsplit(['check', '--write-baseline', name], { cwd });
  write(cwd, { 'a.ex': clean });
  const { status, stderr } = await netsplit(['check', '--baseline', name, 'a.ex'], { cwd });
  assert.equal(status, 0);
  assert.match(stderr, /1 finding of the baseline no longer found/);
});

test('suppressed findings are in no baseline', async (t) => {
  const suppressed = elapsed.replace('    System.os_time() - start', '    # netsplit:disable-for-next-line clock-wall-elapsed -- why\n$&');
  const cwd = directory(t, { 'a.ex': suppressed });
  await netsplit(['check', '--write-baseline', name], { cwd });
  assert.deepEqual(JSON.parse(read(cwd, name)), { version: 1, findings: [] });
});

test('a baseline that is none: status 2, nothing on stdout, and what to do', async (t) => {
  const cwd = directory(t, {
    'a.ex': elapsed,
    'broken.json': '{ "version": 1,',
    'list.json': '[]',
    'old.json': '{ "version": 7, "findings": [] }',
    'shape.json': '{ "version": 1, "findings": [{ "rule": "a", "path": "b" }] }',
    'object.json': '{ "version": 1, "findings": {} }',
  });
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['--baseline', 'none.json'], /the baseline `none\.json` cannot be read: does not exist\. `--write-baseline none\.json` writes one/],
    [['--baseline', 'broken.json'], /`broken\.json` is not valid: it is not JSON/],
    [['--baseline', 'list.json'], /expected an object with `version` and `findings`/],
    [['--baseline', 'old.json'], /`version` must be 1, not 7/],
    [['--baseline', 'shape.json'], /`findings\[0\]` needs the texts `rule`, `path` and `fingerprint`/],
    [['--baseline', 'object.json'], /`findings` must be an array/],
    [['--write-baseline', 'no/such/folder.json'], /the baseline cannot be written to `no\/such\/folder\.json`: does not exist/],
    [['--baseline', 'old.json', '--write-baseline', 'old.json'], /do not go together/],
    [['--write-baseline', 'x.json', '--changed-since', 'HEAD'], /leave out `--changed-since`/],
  ];
  for (const [args, message] of wrong) {
    const { status, stdout, stderr } = await netsplit(['check', ...args], { cwd });
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
    assert.match(stderr, message);
  }
});
