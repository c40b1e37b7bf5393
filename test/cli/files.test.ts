import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { directory, elapsed, netsplit, write } from './netsplit';

/** The paths of the files in which something is found. */
async function found(cwd: string, ...args: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr } = await netsplit(['check', '--format', 'concise', ...args], { cwd });
  assert.doesNotMatch(stderr, /internal error/);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace(/:\d+:\d+: .*/, ''));
}

test('every .ex and .exs file below the paths is linted, but no dependency and no build output', async (t) => {
  const skipped = ['deps/d.ex', '_build/dev/b.ex', 'node_modules/n.ex', '.elixir_ls/e.ex', 'apps/a/deps/d.ex', 'lib/a.eex', 'lib/a.erl'];
  const linted = ['.formatter.exs', 'apps/a/lib/a.ex', 'config/runtime.exs', 'lib/a.ex', 'lib/b.exs'];
  const cwd = directory(t, {
    ...Object.fromEntries([...skipped, ...linted].map((file) => [file, elapsed])),
    // In scripts rules below `error` are off by themselves.
    '.netsplit.json': '{ "overrides": [{ "files": ["**"], "rules": { "clock-wall-elapsed": "warning" } }] }',
  });
  assert.deepEqual(await found(cwd), linted);
  assert.deepEqual(await found(cwd, 'lib', 'config/runtime.exs', './lib/a.ex'), ['config/runtime.exs', 'lib/a.ex', 'lib/b.exs']);
  assert.deepEqual(await found(path.join(cwd, 'apps'), '../lib', 'a/lib'), ['../lib/a.ex', '../lib/b.exs', 'a/lib/a.ex']);
});

test('what is named is linted, wherever it stands', async (t) => {
  const cwd = directory(t, {
    'deps/d/lib/d.ex': elapsed,
    'ignored.ex': elapsed,
    'excluded.ex': elapsed,
    script: elapsed,
    '.gitignore': 'ignored.ex\ndeps/\n',
    '.netsplit.json': '{ "exclude": ["excluded.ex"] }',
  });
  assert.deepEqual(await found(cwd, 'ignored.ex', 'excluded.ex', 'script'), ['excluded.ex', 'ignored.ex', 'script']);
  assert.deepEqual(await found(cwd, 'deps/d'), ['deps/d/lib/d.ex']);
  const none = await netsplit(['check'], { cwd });
  assert.equal(none.status, 2);
  assert.match(none.stderr, /nothing to lint in the working directory: the configuration excludes the only file/);
});

test('.gitignore files count where they stand, inner ones over outer ones, also above the path', async (t) => {
  const cwd = directory(t, {
    '.gitignore': '/top.ex\ngenerated/\n*.gen.ex\n\n# comment\n',
    'top.ex': elapsed,
    'lib/top.ex': elapsed,
    'lib/generated/g.ex': elapsed,
    'lib/a.gen.ex': elapsed,
    'lib/keep/.gitignore': '!*.gen.ex\nlocal.ex\n',
    'lib/keep/b.gen.ex': elapsed,
    'lib/keep/local.ex': elapsed,
    'lib/other/local.ex': elapsed,
  });
  const expected = ['lib/keep/b.gen.ex', 'lib/other/local.ex', 'lib/top.ex'];
  assert.deepEqual(await found(cwd), expected);
  assert.deepEqual(await found(cwd, 'lib'), expected);
  assert.deepEqual(await found(path.join(cwd, 'lib/keep'), '.'), ['b.gen.ex']);
});

test('symbolic links are followed within the root, each file once, and cycles end', async (t) => {
  const outside = directory(t, { 'o.ex': elapsed });
  const cwd = directory(t, { 'lib/a.ex': elapsed, 'deps/d/d.ex': elapsed, 'shared/s.ex': elapsed });
  symlinkSync('..', path.join(cwd, 'lib/up'));
  symlinkSync('loop', path.join(cwd, 'loop'));
  symlinkSync('missing.ex', path.join(cwd, 'lib/dangling.ex'));
  symlinkSync(outside, path.join(cwd, 'lib/outside'));
  symlinkSync(path.join(outside, 'o.ex'), path.join(cwd, 'lib/o.ex'));
  symlinkSync('../shared', path.join(cwd, 'lib/shared'));
  symlinkSync('../deps/d', path.join(cwd, 'lib/d'));
  assert.deepEqual(await found(cwd), ['lib/a.ex', 'shared/s.ex']);
  // Below `lib` alone, `shared` is out of the root.
  assert.deepEqual(await found(cwd, 'lib'), ['lib/a.ex']);
  assert.deepEqual(await found(cwd, 'lib/o.ex', 'lib/shared'), ['lib/o.ex', 'lib/shared/s.ex']);
  symlinkSync('inner', path.join(cwd, 'shared/link'));
  write(cwd, { 'shared/inner/i.ex': elapsed });
  assert.deepEqual(await found(cwd, 'shared'), ['shared/inner/i.ex', 'shared/s.ex']);
});

test('names with spaces, quotes and other scripts', async (t) => {
  const names = ['lib/a b.ex', "lib/it's.ex", 'lib/Ünï.ex', 'lib/購.ex', 'lib/%41.ex', 'lib/[x].ex'];
  const cwd = directory(t, Object.fromEntries(names.map((name) => [name, elapsed])));
  assert.deepEqual(await found(cwd), [...names].sort());
});
