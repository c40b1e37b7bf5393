import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { directory, mix, netsplit } from './netsplit';

/** The first of the visible nodes leads: a mistake only where there is more than one. */
const election = `defmodule App.Leader do
  def leader, do: [node() | Node.list()] |> Enum.sort() |> hd()
end
`;

const packaged = mix.replace('deps: []', 'deps: [], package: [licenses: ["Apache-2.0"]]');
const clustered = mix.replace('deps: []', 'deps: [{:libcluster, "~> 3.3"}]');

async function check(cwd: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = await netsplit(['check', '--format', 'concise', ...args], { cwd });
  return { status, severity: /(\w+)\[election-by-node-order\]/.exec(stdout)?.[1], stdout, stderr };
}

test('a rule that only matters in a cluster speaks as info where there is no sign of one, and says what would raise it', async (t) => {
  const none = await check(directory(t, { 'mix.exs': mix, 'lib/leader.ex': election }));
  assert.deepEqual([none.severity, none.status], ['info', 0]);
  assert.match(none.stdout, /No sign of a cluster here: with one, such as libcluster, .*this is a warning\./);
  for (const files of [
    { 'mix.exs': clustered, 'lib/leader.ex': election },
    { 'mix.exs': packaged, 'lib/leader.ex': election },
    { 'leader.ex': election },
  ]) {
    const { severity, status, stdout } = await check(directory(t, files as Record<string, string>));
    assert.deepEqual([severity, status], ['warning', 1], Object.keys(files).join());
    assert.doesNotMatch(stdout, /No sign of a cluster/);
  }
});

test('a severity that the user has set holds without a cluster', async (t) => {
  const configured = directory(t, {
    'mix.exs': mix,
    'lib/leader.ex': election,
    '.netsplit.json': '{ "rules": { "election-by-node-order": "error" } }',
  });
  assert.equal((await check(configured)).severity, 'error');
  const plain = directory(t, { 'mix.exs': mix, 'lib/leader.ex': election });
  assert.equal((await check(plain, '--rule', 'election-by-node-order=warning')).severity, 'warning');
});

test('--explain-project tells every sign with its place', async (t) => {
  const cwd = directory(t, {
    'app/mix.exs': clustered,
    'app/lib/watch.ex': 'defmodule App.Watch do\n  def watch, do: :net_kernel.monitor_nodes(true)\nend\n',
    'app/rel/vm.args.eex': '-name app@10.0.0.1\n',
    'app/k8s/app.yaml': 'kind: StatefulSet\nmetadata:\n  name: app\nspec:\n  replicas: 3\n',
  });
  const { stderr } = await check(cwd, '--explain-project');
  assert.match(stderr, /the project `app` is clustered/);
  for (const sign of [
    'app/mix.exs:4:76: libcluster',
    'app/lib/watch.ex:2:18: :net_kernel.monitor_nodes',
    'app/rel/vm.args.eex:1:1: -name',
    'app/k8s/app.yaml:5:13: 3 replicas',
    '3 nodes or voting members:\n  app/k8s/app.yaml:5:13',
  ])
    assert.ok(stderr.includes(sign), `${sign}\n${stderr}`);
});

test('--explain-project says what was looked for where there is no sign, and that a package may be used in clusters', async (t) => {
  const none = await check(directory(t, { 'mix.exs': mix, 'lib/leader.ex': election }), '--explain-project');
  assert.match(none.stderr, /shows no sign of a cluster, so that these rules speak as `info`.*\n.* {2}election-by-node-order\n/s);
  assert.match(none.stderr, /A sign would be:\n.*libcluster.*`Node\.connect\/1`.*`-name` in `vm\.args`/s);
  const library = await check(directory(t, { 'mix.exs': packaged, 'lib/leader.ex': election }), '--explain-project');
  assert.match(library.stderr, /described as a package.*\n {2}mix\.exs:4:\d+: `package`/);
  const lone = await check(directory(t, { 'leader.ex': election }), '--explain-project');
  assert.match(lone.stderr, /1 file in no project/);
});

test('the signs of the example are those that are there', async () => {
  const { stderr } = await netsplit(['check', '--explain-project', '--format', 'json', 'examples/inventory'], { cwd: path.resolve('.') });
  assert.match(stderr, /the project `examples\/inventory` is clustered/);
  assert.match(stderr, /examples\/inventory\/mix\.exs:\d+:\d+: libcluster/);
});
