import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { clean, directory, elapsed, elapsedFixed, fixture, netsplit, read, write } from './netsplit';

/** A finding whose fix is unsafe, and one whose fix is safe. */
const both = `# netsplit:disable-next-line clock-wall-elapsed -- mistyped
${elapsed}`;

test('--fix applies safe fixes and reports what remains', async (t) => {
  const cwd = directory(t, { 'a.ex': both, 'clean.ex': clean });
  const { status, stdout, stderr } = await netsplit(['check', '--fix'], { cwd });
  assert.equal(status, 1);
  assert.match(stdout, /^a\.ex:1:12: warning\[unused-suppression\] [^\n]*\n$/);
  assert.match(stderr, /^netsplit: fixed 1 finding in 1 file\.$/m);
  assert.equal(read(cwd, 'a.ex'), both.replaceAll('os_time', 'monotonic_time'));
  const again = await netsplit(['check', '--fix'], { cwd });
  assert.doesNotMatch(again.stderr, /fixed/);
  assert.equal((await netsplit(['check', '--fix'], { cwd: directory(t, { 'a.ex': elapsed }) })).status, 0);
});

test('--unsafe-fixes applies both kinds, again and again until nothing changes', async (t) => {
  // The mistyped comment turns the finding below it off once it is spelled right; then nothing is left to fix there.
  const cwd = directory(t, {
    'a.ex': `${elapsed}\n${both.replace('Elapsed', 'Other').replace('    System', '    # netsplit:disable-next-line clock-wall-elapsed -- why\n    System')}`,
  });
  const { stderr } = await netsplit(['check', '--fix', '--unsafe-fixes'], { cwd });
  const text = read(cwd, 'a.ex');
  assert.ok(text.startsWith(elapsedFixed), text);
  assert.doesNotMatch(text, /disable-next-line/);
  assert.match(stderr, /^netsplit: fixed \d+ findings in 1 file\.$/m);
  assert.equal((await netsplit(['check', '--fix', '--unsafe-fixes'], { cwd })).status, 0);
});

test('fixes keep the byte order mark, line ends, mode and links', async (t) => {
  const cwd = directory(t, {
    'bom.ex': `\uFEFF${elapsed}`,
    'crlf.ex': elapsed.replaceAll('\n', '\r\n'),
    'run.ex': `#!/usr/bin/env elixir\n${elapsed}`,
    'real/a.ex': elapsed,
  });
  chmodSync(path.join(cwd, 'run.ex'), 0o750);
  symlinkSync('real/a.ex', path.join(cwd, 'link.ex'));
  const { status } = await netsplit(['check', '--fix'], { cwd });
  assert.equal(status, 0);
  assert.equal(read(cwd, 'bom.ex'), `\uFEFF${elapsedFixed}`);
  assert.equal(read(cwd, 'crlf.ex'), elapsedFixed.replaceAll('\n', '\r\n'));
  assert.equal(read(cwd, 'run.ex'), `#!/usr/bin/env elixir\n${elapsedFixed}`);
  assert.equal(statSync(path.join(cwd, 'run.ex')).mode & 0o777, 0o750);
  assert.equal(read(cwd, 'real/a.ex'), elapsedFixed);
  write(cwd, { 'real/a.ex': elapsed });
  assert.equal((await netsplit(['check', '--fix', 'link.ex'], { cwd })).status, 0);
  assert.ok(lstatSync(path.join(cwd, 'link.ex')).isSymbolicLink());
  assert.equal(read(cwd, 'real/a.ex'), elapsedFixed);
  assert.deepEqual(readdirSync(cwd).sort(), ['.git', 'bom.ex', 'crlf.ex', 'link.ex', 'real', 'run.ex']);
});

test('a file that cannot be written is named, and the status is 2', async (t) => {
  const cwd = directory(t, { 'a.ex': elapsed, 'b.ex': elapsed });
  chmodSync(cwd, 0o777);
  chmodSync(path.join(cwd, 'a.ex'), 0o444);
  chmodSync(path.join(cwd, 'b.ex'), 0o666);
  const nobody = process.getuid?.() === 0 ? { uid: 65534 } : {};
  const { status, stderr } = await netsplit(['check', '--fix'], { cwd, ...nobody });
  assert.equal(status, 2);
  assert.match(stderr, /^netsplit: a\.ex: cannot be written: permission denied; not fixed$/m);
  assert.equal(read(cwd, 'a.ex'), elapsed);
  assert.equal(read(cwd, 'b.ex'), elapsedFixed);
});

test('--diff shows what --fix would change, as a patch that applies, and writes nothing', async (t) => {
  const cwd = fixture(t, 'shop');
  write(cwd, { 'lib/bom.ex': `\uFEFF${elapsed}`, 'lib/crlf.ex': elapsed.replaceAll('\n', '\r\n'), 'lib/no end.ex': elapsed.trimEnd() });
  const before = contents(cwd);
  const { status, stdout, stderr } = await netsplit(['check', '--diff'], { cwd });
  assert.equal(status, 1);
  assert.deepEqual(contents(cwd), before);
  assert.match(stdout, /^--- a\/lib\/bom\.ex\n\+\+\+ b\/lib\/bom\.ex\n@@ /);
  assert.match(stderr, /netsplit: 1 error, 6 warnings in 8 files/);

  const applied = directory(t, before);
  execFileSync('git', ['apply', '-'], { cwd: applied, input: stdout });
  await netsplit(['check', '--fix'], { cwd });
  assert.deepEqual(contents(applied), contents(cwd));
  assert.notDeepEqual(contents(cwd), before);
  assert.equal((await netsplit(['check', '--diff'], { cwd })).stdout, '');
});

test('--diff --unsafe-fixes shows unsafe fixes too', async (t) => {
  const cwd = directory(t, { 'a.ex': both });
  assert.doesNotMatch((await netsplit(['check', '--diff'], { cwd })).stdout, /^-#/m);
  const { stdout } = await netsplit(['check', '--diff', '--unsafe-fixes'], { cwd });
  // Spelled right, the comment has nothing to turn off, and goes.
  assert.match(stdout, /^-# netsplit:disable-next-line clock-wall-elapsed -- mistyped$/m);
  assert.equal(read(cwd, 'a.ex'), both);
});

test('--diff works for standard input', async (t) => {
  const { status, stdout } = await netsplit(['check', '--diff', '--stdin-filename', 'lib/a.ex', '-'], {
    cwd: directory(t, {}),
    input: elapsed,
  });
  assert.equal(status, 1);
  assert.match(stdout, /^--- a\/lib\/a\.ex$/m);
  assert.match(stdout, /^\+ {4}System\.monotonic_time\(\) - start$/m);
});

/** Every file below a directory but the repository's own, by path. */
function contents(root: string): Readonly<Record<string, string>> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
      .filter((file) => !file.startsWith('.git/'))
      .sort()
      .map((file) => [file, readFileSync(path.join(root, file), 'utf8')]),
  );
}
