import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { clean, directory, elapsed, netsplit, write } from './netsplit';

/** Runs git as somebody, whatever the machine is set up with. */
function git(cwd: string, ...args: readonly string[]): void {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'commit.gpgsign=false', ...args], {
    cwd,
    env,
    stdio: 'pipe',
  });
}

/** A repository whose branch `main` holds these files. */
function repository(t: TestContext, files: Readonly<Record<string, string>>): string {
  const cwd = directory(t, files);
  rmSync(path.join(cwd, '.git'), { recursive: true });
  git(cwd, 'init', '-q', '-b', 'main');
  git(cwd, 'add', '.');
  git(cwd, 'commit', '-q', '-m', 'Begin');
  return cwd;
}

async function filesWithFindings(cwd: string, ...args: readonly string[]): Promise<readonly string[]> {
  const { status, stdout, stderr } = await netsplit(['check', '--format', 'concise', ...args], { cwd });
  assert.notEqual(status, 2, stderr);
  return [...new Set(stdout.split('\n').flatMap((line) => line.split(':')[0] || []))];
}

test('only files with changes since the branches parted are linted', async (t) => {
  const cwd = repository(t, { 'lib/old.ex': elapsed, 'lib/committed.ex': clean, 'lib/dirty.ex': clean, 'lib/staged.ex': clean });
  git(cwd, 'checkout', '-q', '-b', 'feature');
  write(cwd, { 'lib/committed.ex': elapsed });
  git(cwd, 'commit', '-q', '-a', '-m', 'Change');
  write(cwd, { 'lib/staged.ex': elapsed });
  git(cwd, 'add', '.');
  write(cwd, { 'lib/dirty.ex': elapsed, 'lib/new.ex': elapsed });
  // What happens on the other branch meanwhile is no change of this one.
  git(cwd, 'stash', '-q', '-u');
  git(cwd, 'checkout', '-q', 'main');
  write(cwd, { 'lib/old.ex': `# Moved on.\n${elapsed}` });
  git(cwd, 'commit', '-q', '-a', '-m', 'Go on');
  git(cwd, 'checkout', '-q', 'feature');
  git(cwd, 'stash', 'pop', '-q');

  const changed = ['lib/committed.ex', 'lib/dirty.ex', 'lib/new.ex', 'lib/staged.ex'];
  assert.deepEqual(await filesWithFindings(cwd, '--changed-since', 'main'), changed);
  const inside = await filesWithFindings(path.join(cwd, 'lib'), '--changed-since', 'main');
  assert.deepEqual(
    inside,
    changed.map((file) => path.basename(file)),
  );
  assert.deepEqual(await filesWithFindings(cwd, '--changed-since', 'main', 'lib/old.ex'), []);
  assert.deepEqual(await filesWithFindings(cwd), ['lib/committed.ex', 'lib/dirty.ex', 'lib/new.ex', 'lib/old.ex', 'lib/staged.ex']);
});

test('nothing changed: no findings, status 0, and it is said', async (t) => {
  const cwd = repository(t, { 'a.ex': elapsed });
  const { status, stdout, stderr } = await netsplit(['check', '--changed-since', 'HEAD', '--format', 'json'], { cwd });
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(stdout).findings, []);
  assert.match(stderr, /0 of 1 file changed since `HEAD`/);
});

test('where git cannot tell: status 2, nothing on stdout, and what to do', async (t) => {
  const cwd = repository(t, { 'a.ex': elapsed });
  git(cwd, 'checkout', '-q', '--orphan', 'other');
  git(cwd, 'commit', '-q', '-m', 'Apart');
  const lone = directory(t, { 'a.ex': elapsed });
  const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
    [cwd, ['--changed-since', 'nowhere'], /`--changed-since nowhere`: git knows no commit of that name/],
    [cwd, ['--changed-since', 'main'], /no commit in common/],
    [cwd, ['--changed-since', 'HEAD', path.join(lone, 'a.ex')], /is not in the repository of the working directory/],
    [lone, ['--changed-since', 'HEAD'], /the working directory is in no git repository/],
    [cwd, ['--changed-since', 'HEAD', '--stdin-filename', 'a.ex', '-'], /not about standard input/],
    [cwd, ['--changed-since'], /`--changed-since` needs a value/],
  ];
  for (const [at, args, message] of wrong) {
    const { status, stdout, stderr } = await netsplit(['check', ...args], { cwd: at });
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
    assert.match(stderr, message);
  }
});
