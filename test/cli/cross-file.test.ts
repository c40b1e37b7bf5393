/** Findings that need more than one file. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { application, bare, clustered, endless, files, found, names } from '../support/cross-file';
import { directory, netsplit, write } from './netsplit';

/** Path and rule of each finding. */
async function check(cwd: string, ...args: readonly string[]): Promise<readonly (readonly [string, string])[]> {
  const { stdout } = await netsplit(['check', '--format', 'json', ...args], { cwd });
  const { findings } = JSON.parse(stdout) as { findings: { path: string; rule: string }[] };
  return findings.map(({ path, rule }) => [path, rule]);
}

test('a child started in one file, defined in another and named in a third; a topology that no supervisor starts', async (t) => {
  const cwd = directory(t, files);
  assert.deepEqual(await check(cwd), found);
  assert.deepEqual(await check(cwd, 'lib/shop/leader.ex'), found.slice(1));
  assert.deepEqual(await check(cwd, 'config'), found.slice(0, 1));

  write(cwd, { 'lib/shop/application.ex': clustered });
  assert.deepEqual(await check(cwd), found.slice(1));
  write(cwd, { 'lib/shop/names.ex': names.replace('name}}', '{name, node()}}}') });
  assert.deepEqual(await check(cwd), []);
  write(cwd, {
    'lib/shop/names.ex': names,
    'lib/shop/application.ex': application.replace('[Shop.Leader]', '[{Highlander, Shop.Leader}]'),
  });
  assert.deepEqual(await check(cwd), found.slice(0, 1));
});

test('callers of a wrapper for remote calls are left alone, known by what it does or by its name', async (t) => {
  const cwd = directory(t, { ...files, 'lib/shop/application.ex': clustered, 'lib/shop/names.ex': names.replace('name}}', 'node()}}') });
  assert.deepEqual(await check(cwd), []);
  write(cwd, { 'lib/shop/stock.ex': bare });
  assert.deepEqual(
    (await check(cwd)).map(([path]) => path),
    ['lib/shop/stock.ex', 'lib/shop/stock.ex', 'lib/shop/stock.ex'],
  );
  write(cwd, { 'lib/shop/stock.ex': files['lib/shop/stock.ex'], 'lib/shop/remote.ex': endless });
  assert.deepEqual(await check(cwd), [['lib/shop/remote.ex', 'rpc-infinite-timeout']]);
  write(cwd, { '.netsplit.json': '{ "rpcWrappers": ["Shop.Remote.call"] }' });
  assert.deepEqual(await check(cwd), []);
});
