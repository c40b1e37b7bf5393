import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { clean, directory, elapsed, late, mix, netsplit, outcomeOf, read, start, write } from './netsplit';

const place = 'a.ex:5:5: warning[clock-wall-elapsed]';

test('the exit status is 0 without findings, 1 with findings', async (t) => {
  const cwd = directory(t, { 'a.ex': clean });
  const without = await netsplit(['check'], { cwd });
  assert.deepEqual(without, { status: 0, stdout: '', stderr: 'netsplit: No findings in 1 file.\n' });
  write(cwd, { 'a.ex': elapsed });
  const found = await netsplit(['check'], { cwd });
  assert.equal(found.status, 1);
  assert.ok(found.stdout.startsWith(place), found.stdout);
  assert.equal(found.stderr, 'netsplit: 1 warning in 1 file.\n');
});

test('--fail-on says which severities make the status 1', async (t) => {
  const cwd = directory(t, { 'a.ex': elapsed });
  for (const [failOn, status] of [
    ['error', 0],
    ['warning', 1],
    ['info', 1],
    ['hint', 1],
    ['never', 0],
  ] as const) {
    const outcome = await netsplit(['check', '--fail-on', failOn], { cwd });
    assert.equal(outcome.status, status, failOn);
    assert.ok(outcome.stdout.startsWith(place), failOn);
  }
});

test('--rule sets the level of a rule, over the configuration', async (t) => {
  const cwd = directory(t, { 'a.ex': elapsed, '.netsplit.json': '{ "rules": { "clock-wall-elapsed": "hint" } }' });
  const configured = await netsplit(['check'], { cwd });
  assert.equal(configured.status, 0);
  assert.match(configured.stdout, /^a\.ex:5:5: hint\[/);
  const raised = await netsplit(['check', '--rule', 'clock-wall-elapsed=error'], { cwd });
  assert.equal(raised.status, 1);
  assert.match(raised.stdout, /^a\.ex:5:5: error\[/);
  assert.equal((await netsplit(['check', '--rule=clock-wall-elapsed=off'], { cwd })).stdout, '');
  const on = await netsplit(['check', '--rule=clock-wall-elapsed=off', '--rule=suppression-without-reason=info', '--fail-on=info'], {
    cwd: directory(t, { 'a.ex': '# netsplit:disable-for-this-file clock-wall-lease\n' }),
  });
  assert.match(on.stdout, /info\[suppression-without-reason\]/);
});

test('wrong arguments: status 2, nothing on stdout, and a message that helps', async (t) => {
  const cwd = directory(t, { 'a.ex': elapsed });
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['check', 'nowhere.ex'], /`nowhere\.ex`: does not exist/],
    [['check', 'a.ex/b.ex'], /a part of the path is not a directory/],
    [['check', '--formt', 'json'], /unknown flag `--formt`\. Did you mean `--format`\?/],
    [['check', '--unsafe-fix'], /Did you mean `--unsafe-fixes`\?/],
    [['check', '-x'], /unknown flag `-x`/],
    [['check', '--format'], /`--format` needs a value/],
    [['check', '--format', '--fix'], /`--format` needs a value/],
    [['check', '--format', 'jsn'], /`--format` is one of pretty, .*; got `jsn`\. Did you mean `json`\?/],
    [['check', '--format', 'json', '--format', 'sarif'], /`--format` is given twice/],
    [['check', '--fix=yes'], /`--fix` takes no value/],
    [['check', '--fail-on', 'warn'], /`--fail-on` is one of error, warning, info, hint, never/],
    [['check', '--rule', 'clock-wall-elapse=off'], /there is no rule `clock-wall-elapse`\. Did you mean `clock-wall-elapsed`\?/],
    [['check', '--rule', 'clock-wall-elapsed'], /expected ID=LEVEL/],
    [['check', '--rule', 'clock-wall-elapsed=fatal'], /the level is one of error, warning, info, hint, off/],
    [['check', '--unsafe-fixes'], /goes with `--fix` or `--diff`/],
    [['check', '--diff', '--format', 'json'], /leave out `--format`/],
    [['check', '--config', 'nowhere.json'], /configuration `nowhere\.json` cannot be read: does not exist/],
    [['check', '--output-file', 'report.json'], /expected FORMAT:PATH/],
    [['check', '--output-file', 'yaml:report.yaml'], /the format is one of/],
    [['check', '--output-file', 'json:no/such/report.json'], /the report cannot be written to `no\/such\/report\.json`/],
    [['check', '-'], /`-` needs a name/],
    [['check', '--stdin-filename', 'a.ex'], /goes with `-` as the only path/],
    [['check', '--stdin-filename', 'a.ex', '-', 'b.ex'], /goes with `-` as the only path/],
    [['check', '--stdin-filename', 'a.ex', '--fix', '-'], /use `--diff`/],
    [['chek'], /there is no command `chek`\. Did you mean `check`\?/],
    [['--verson'], /unknown flag `--verson` before a command\. Did you mean `--version`\?/],
    [[], /a command is missing[\s\S]*Usage: netsplit COMMAND/],
  ];
  for (const [args, message] of wrong) {
    const outcome = await netsplit(args, { cwd });
    assert.equal(outcome.status, 2, args.join(' '));
    assert.match(outcome.stderr, message, args.join(' '));
    if (!args.includes('--output-file')) assert.equal(outcome.stdout, '', args.join(' '));
    assert.doesNotMatch(outcome.stderr, /internal error|at .*\.js/);
  }
});

test('where there is no Elixir file the status is 2', async (t) => {
  const cwd = directory(t, { 'README.md': '# None', 'lib/none.txt': '' });
  const outcome = await netsplit(['check'], { cwd });
  assert.deepEqual(outcome, { status: 2, stdout: '', stderr: 'netsplit: no Elixir file (.ex, .exs) in the working directory.\n' });
  assert.match(
    (await netsplit(['check', 'lib', 'README.md/..'], { cwd })).stderr,
    /does not exist|not a directory|`lib`, `README\.md\/\.\.`/,
  );
});

test('an empty file is linted like any other', async (t) => {
  const outcome = await netsplit(['check', 'empty.ex'], { cwd: directory(t, { 'empty.ex': '' }) });
  assert.deepEqual(outcome, { status: 0, stdout: '', stderr: 'netsplit: No findings in 1 file.\n' });
});

test('large, binary and non-UTF-8 files are named and counted, the others are linted', async (t) => {
  const cwd = directory(t, {
    'a.ex': elapsed,
    'binary.ex': Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]),
    'large.ex': `${elapsed}${'# filler\n'.repeat(600_000)}`,
    'latin1.ex': Buffer.from('# caf\xe9\n', 'latin1'),
    'utf16.exs': Buffer.from('\uFEFF# wide\n', 'utf16le'),
  });
  const outcome = await netsplit(['check'], { cwd });
  assert.equal(outcome.status, 1);
  assert.equal(outcome.stdout.split('\n').length, 2);
  assert.match(outcome.stderr, /^netsplit: binary\.ex: not linted: binary$/m);
  assert.match(outcome.stderr, /^netsplit: large\.ex: not linted: larger than 2 MiB \(5400\d\d\d bytes\)$/m);
  assert.match(outcome.stderr, /^netsplit: latin1\.ex: not linted: not UTF-8$/m);
  assert.match(outcome.stderr, /^netsplit: utf16\.exs: not linted: (binary|not UTF-8)$/m);
  assert.match(outcome.stderr, /1 warning in 1 file \(4 files not linted\)\.$/m);
  const json = JSON.parse((await netsplit(['check', '--format=json'], { cwd })).stdout);
  assert.equal(json.summary.files, 1);
  assert.equal(json.summary.skipped, 4);
  assert.equal((await netsplit(['check', 'a.ex', 'latin1.ex', '--fail-on=never'], { cwd })).status, 0);
  const alone = await netsplit(['check', 'large.ex'], { cwd });
  assert.equal(alone.status, 2);
  assert.match(alone.stderr, /no file could be linted/);
});

test('lines and columns are those an editor shows', async (t) => {
  const last = (text: string) => text.replace('    System.os_time() - start', '\t"🛒é"; System.os_time() - start');
  const cwd = directory(t, {
    'bom.ex': `\uFEFF${elapsed}`,
    'bom_first.ex': '\uFEFF# netsplit:disable-for-this-file clock-wall-lease -- none\n',
    'crlf.ex': elapsed.replaceAll('\n', '\r\n'),
    'emoji.ex': last(elapsed),
  });
  const { stdout } = await netsplit(['check'], { cwd });
  const places = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/: .*/, ''));
  // A tab is one column, the emoji two UTF-16 code units.
  assert.deepEqual(places, ['bom.ex:5:5', 'bom_first.ex:1:34', 'crlf.ex:5:5', 'emoji.ex:5:9']);
});

test('a broken file is linted as far as it can be read', async (t) => {
  const cwd = directory(t, { 'a.ex': `${elapsed}\ndefmodule Half do\n  def (((\n` });
  const outcome = await netsplit(['check'], { cwd });
  assert.equal(outcome.status, 1);
  assert.ok(outcome.stdout.startsWith(place), outcome.stdout);
});

const nobody = process.getuid?.() === 0 ? { uid: 65534 } : {};

test('a directory that cannot be read is named, the rest is reported, and the status is 2', async (t) => {
  const cwd = directory(t, { 'a.ex': elapsed, 'locked/b.ex': elapsed, 'closed.ex': elapsed });
  chmodSync(cwd, 0o755);
  chmodSync(path.join(cwd, 'locked'), 0);
  chmodSync(path.join(cwd, 'closed.ex'), 0);
  const outcome = await netsplit(['check'], { cwd, ...nobody });
  chmodSync(path.join(cwd, 'locked'), 0o755);
  assert.equal(outcome.status, 2);
  assert.ok(outcome.stdout.startsWith(place), outcome.stdout);
  assert.match(outcome.stderr, /^netsplit: locked: cannot be read: permission denied$/m);
  assert.match(outcome.stderr, /^netsplit: closed\.ex: cannot be read: permission denied$/m);
  const named = await netsplit(['check', 'closed.ex'], { cwd, ...nobody });
  assert.equal(named.status, 2);
  assert.equal(named.stdout, '');
});

test('a file that is written to all the time is seen as it was at one moment, or not at all', async (t) => {
  const cwd = directory(t, { 'a.ex': elapsed });
  const longer = `# A comment that makes the text longer.\n${elapsed}`;
  const writer = spawn(process.execPath, [
    '-e',
    `const { writeFileSync } = require('node:fs');
     const [file, ...texts] = process.argv.slice(1);
     for (let i = 0; ; i++) { writeFileSync(file, texts[i % 2]); if (i === 0) process.stdout.write('begun'); }`,
    path.join(cwd, 'a.ex'),
    elapsed,
    longer,
  ]);
  t.after(() => writer.kill('SIGKILL'));
  await once(writer.stdout, 'data');
  for (let run = 0; run < 5; run++) {
    const { status, stdout, stderr } = await netsplit(['check', 'a.ex'], { cwd });
    const seen = stdout.replace(/: .*/s, '');
    assert.ok(
      (status === 1 && ['a.ex:5:5', 'a.ex:6:5'].includes(seen)) ||
        (status === 0 && seen === '') ||
        (status === 2 && /is being written to/.test(stderr)),
      stdout + stderr,
    );
  }
});

test('a file that changes between linting and fixing is left as it is, with status 2', {
  timeout: 60_000,
  skip: process.platform === 'win32',
}, async (t) => {
  const cwd = directory(t, { 'a.ex': elapsed });
  // Files are read in order: while the last one, a pipe, has not ended, the first is read and not yet fixed.
  execFileSync('mkfifo', [path.join(cwd, 'z.ex')]);
  const outcome = outcomeOf(start(['check', '--fix', 'a.ex', 'z.ex'], { cwd }));
  const pipe = await open(path.join(cwd, 'z.ex'), 'w');
  const changed = `# Somebody else was here.\n${elapsed}`;
  writeFileSync(path.join(cwd, 'a.ex'), changed);
  await pipe.writeFile(clean);
  await pipe.close();
  const { status, stderr } = await outcome;
  assert.equal(status, 2);
  assert.match(stderr, /a\.ex: has changed since it was linted; not fixed/);
  assert.equal(read(cwd, 'a.ex'), changed);
});

test('standard input takes the place of a file, with its configuration and project', async (t) => {
  const cwd = directory(t, {
    'app/mix.exs': mix,
    'app/.tool-versions': 'erlang 27.1\n',
    'app/lib/a.ex': clean,
    'quiet/.netsplit.json': '{ "rules": { "clock-wall-elapsed": "off" } }',
  });
  const inProject = await netsplit(['check', '--stdin-filename', 'app/lib/a.ex', '-'], { cwd, input: late });
  assert.equal(inProject.status, 1);
  // From Erlang/OTP 26 the clock may be warped at any time.
  assert.match(inProject.stdout, /^app\/lib\/a\.ex:5:5: error\[clock-wall-elapsed\]/);
  const alone = await netsplit(['check', '--stdin-filename', 'new.ex', '-'], { cwd, input: `\uFEFF${late}` });
  assert.match(alone.stdout, /^new\.ex:5:5: warning\[/);
  assert.equal((await netsplit(['check', '--stdin-filename', 'quiet/new.ex', '-'], { cwd, input: elapsed })).status, 0);
  const binary = await netsplit(['check', '--stdin-filename', 'new.ex', '-'], { cwd, input: Buffer.from([0, 1]) });
  assert.equal(binary.status, 2);
  assert.match(binary.stderr, /new\.ex: not linted: binary/);
});

test('two runs write the same bytes', async (t) => {
  const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`lib/f${i}/${i % 3}.ex`, elapsed]));
  const cwd = directory(t, { ...files, 'mix.exs': mix });
  for (const format of ['pretty', 'concise', 'sarif', 'junit']) {
    const [first, second] = await Promise.all([0, 1].map(() => netsplit(['check', '--format', format], { cwd })));
    assert.equal(first!.stdout, second!.stdout, format);
    assert.ok(first!.stdout.includes('lib/f29/2.ex'), format);
  }
  const { stdout } = await netsplit(['check', '--format', 'concise'], { cwd });
  const paths = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(':')[0]!);
  assert.deepEqual(paths, [...paths].sort());
});

test('--timings tells on stderr where the time went', async (t) => {
  const { stdout, stderr } = await netsplit(['check', '--timings', '--no-progress'], { cwd: directory(t, { 'a.ex': elapsed }) });
  assert.equal(stdout.trimEnd().split('\n').length, 1);
  assert.match(stderr, /\d ms {2}parse/);
  assert.match(stderr, /\d ms {2}clock-wall-elapsed/);
});

test('a reader that stops early is no failure', async (t) => {
  const files = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`f${i}.ex`, elapsed]));
  const child = start(['check', '--format', 'json'], { cwd: directory(t, files) });
  child.stdout?.once('data', () => child.stdout?.destroy());
  let stderr = '';
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  const [status] = await once(child, 'close');
  assert.equal(status, 1);
  assert.doesNotMatch(stderr, /EPIPE|internal error/);
});

test('directories are not files: a directory called like one is walked', async (t) => {
  const cwd = directory(t, { 'odd.ex/a.ex': elapsed });
  mkdirSync(path.join(cwd, 'empty.ex'));
  assert.match((await netsplit(['check'], { cwd })).stdout, /^odd\.ex\/a\.ex:5:5/);
});
