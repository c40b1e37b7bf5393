import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { createDisk } from '../../cli/src/disk';
import { createProjectReader } from '../../cli/src/project';
import { createExtractor } from '../../core/facts/extract';
import { clean, directory, late, mix, netsplit } from './netsplit';

const umbrella = `defmodule Umbrella.MixProject do
  use Mix.Project

  def project, do: [apps_path: "apps", version: "0.1.0", deps: []]
end
`;

/** The severity of the finding in each file: an error where the project runs on an Erlang/OTP whose clock may be warped at any time. */
async function severities(cwd: string, ...args: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const { stdout, stderr } = await netsplit(['check', '--format', 'concise', ...args], { cwd });
  assert.doesNotMatch(stderr, /internal error|failed/);
  const lines = stdout.split('\n').filter(Boolean);
  return Object.fromEntries(lines.map((line) => /^(.+?):\d+:\d+: (\w+)\[/.exec(line)!.slice(1, 3)));
}

test('a file knows its project, even when it alone is linted', async (t) => {
  const cwd = directory(t, { 'mix.exs': mix, '.tool-versions': 'erlang 27.1\n', 'lib/a.ex': late, 'lib/b.ex': clean });
  assert.deepEqual(await severities(cwd, 'lib/a.ex'), { 'lib/a.ex': 'error' });
  assert.deepEqual(await severities(path.join(cwd, 'lib'), 'a.ex'), { 'a.ex': 'error' });
});

test('a file without a mix.exs above it has no project', async (t) => {
  const cwd = directory(t, { '.tool-versions': 'erlang 27.1\n', 'a.ex': late });
  assert.deepEqual(await severities(cwd), { 'a.ex': 'warning' });
});

test('the apps of an umbrella are one project; other projects below it are their own', async (t) => {
  const cwd = directory(t, {
    'mix.exs': umbrella,
    '.tool-versions': 'erlang 27.1\n',
    'apps/one/mix.exs': mix,
    'apps/one/lib/a.ex': late,
    'examples/two/mix.exs': mix,
    'examples/two/lib/a.ex': late,
  });
  const expected = { 'apps/one/lib/a.ex': 'error', 'examples/two/lib/a.ex': 'warning' };
  assert.deepEqual(await severities(cwd), expected);
  assert.deepEqual(await severities(path.join(cwd, 'apps/one')), { 'lib/a.ex': 'error' });
});

test('a nested project says nothing about the one around it', async (t) => {
  const cwd = directory(t, {
    'mix.exs': mix,
    'lib/a.ex': late,
    'examples/two/mix.exs': mix,
    'examples/two/.tool-versions': 'erlang 27.1\n',
    'examples/two/lib/a.ex': late,
  });
  assert.deepEqual(await severities(cwd), { 'lib/a.ex': 'warning', 'examples/two/lib/a.ex': 'error' });
});

test('several projects in one run', async (t) => {
  const cwd = directory(t, {
    'old/mix.exs': mix,
    'old/lib/a.ex': late,
    'new/mix.exs': mix,
    'new/.tool-versions': 'erlang 27.1\n',
    'new/lib/a.ex': late,
    'scripts/a.exs': late,
    'lone.ex': late,
  });
  assert.deepEqual(await severities(cwd, 'new', 'old', 'lone.ex'), {
    'lone.ex': 'warning',
    'new/lib/a.ex': 'error',
    'old/lib/a.ex': 'warning',
  });
});

test('a module in a file that is not linted is found by its name', async (t) => {
  const storage = `defmodule App.Storage do
  def get(key), do: Agent.get(__MODULE__, &Map.get(&1, key))
  def put(key, value), do: Agent.update(__MODULE__, &Map.put(&1, key, value))
end
`;
  const counter = `defmodule App.Counter do
  alias App.Storage

  def increment(key) do
    count = Storage.get(key)
    Storage.put(key, count + 1)
  end
end
`;
  const pure = storage
    .replaceAll('Agent.get(__MODULE__, &Map.get(&1, key))', '{key, 1}')
    .replace('Agent.update(__MODULE__, &Map.put(&1, key, value))', '{key, value}');
  const found = (text: string) => directory(t, { 'mix.exs': mix, 'lib/storage.ex': text, 'lib/counter.ex': counter });
  assert.deepEqual(await severities(found(storage), 'lib/counter.ex'), { 'lib/counter.ex': 'warning' });
  assert.deepEqual(await severities(found(pure), 'lib/counter.ex'), {});
});

test('what manifests say of a project is the same whether or not its code is read', async () => {
  const cwd = path.resolve('examples/inventory');
  const extract = await createExtractor();
  const project = () => createProjectReader(extract, cwd, createDisk(), (work) => work()).factsOf(cwd, new Map(), new Map());
  const [lazy, whole] = [project(), project()];
  assert.ok(whole.modules.size > 5);
  for (const key of ['root', 'umbrella', 'apps', 'dependencies', 'otp', 'elixir', 'replicas', 'release'] as const)
    assert.deepEqual(lazy[key], whole[key], key);
});
