import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import type { Review } from '../../core/review/review';
import { clean, directory, mix, netsplit } from './netsplit';

const repository = path.resolve('.');

async function review(cwd: string, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await netsplit(['review', ...args], { cwd });
  assert.equal(status, 0, stderr);
  return stdout;
}

async function reviewed(cwd: string, ...args: readonly string[]): Promise<Review> {
  return JSON.parse(await review(cwd, '--format', 'json', ...args));
}

test('the example: its cluster, each part that is spread over nodes with its place, and what is found at it', async () => {
  const { project, cluster, parts, clusterFindings } = await reviewed(repository, 'examples/inventory');
  assert.equal(project.name, 'inventory');
  assert.equal(cluster.evidence, 'signs');
  assert.equal(cluster.otp?.major, 26);
  assert.deepEqual(
    cluster.topologies.map(({ name, strategy, environment }) => [name, strategy, environment]),
    [
      ['dev', 'Cluster.Strategy.LocalEpmd', 'dev'],
      ['floor', 'Cluster.Strategy.Epmd', 'prod'],
      ['stock', 'Cluster.Strategy.KubernetesDNSSRV', 'prod'],
      ['reports', 'Cluster.Strategy.DNSPoll', 'prod'],
    ],
  );
  assert.ok(clusterFindings.some(({ rule }) => rule === 'libcluster-unknown-strategy'));
  assert.equal(cluster.tickSeconds, 15);
  const machine = parts.find(({ kind }) => kind === 'ra');
  assert.ok(
    machine?.items.some(
      ({ name, places }) => name.includes('Inventory.StockMachine') && places[0]?.path === 'lib/inventory/stock_machine.ex',
    ),
  );
  assert.ok(
    machine?.findings.some(({ rule, path: file }) => rule === 'ra-machine-side-effect' && file === 'lib/inventory/stock_machine.ex'),
  );
  assert.deepEqual(machine?.sides, ['goes on', 'refuses']);
  const kinds = parts.map(({ kind }) => kind);
  for (const kind of ['decision', 'global-lock', 'mnesia', 'delta-crdt', 'pubsub', 'remote-call', 'node-events', 'ets'] as const)
    assert.ok(kinds.includes(kind), kind);
});

test('the example as Markdown: every finding that check reports is there', async () => {
  const markdown = await review(repository, 'examples/inventory');
  assert.match(markdown, /^# The cluster of inventory\n/);
  assert.match(markdown, /### State machines of `:ra`\n\n.*\| Minority \| Commands end in `\{:timeout, server_id\}`/s);
  assert.match(markdown, /after 11 to 19 s where packets just stop/);
  const check = await netsplit(['check', '--format', 'json', '--fail-on', 'never', 'examples/inventory'], { cwd: repository });
  for (const { rule, path: file, range } of JSON.parse(check.stdout).findings) {
    const place = `${path.relative('examples/inventory', file).split(path.sep).join('/')}:${range.start.line}`;
    assert.ok(
      markdown.split('\n').some((line) => line.includes(`\`${place}\`: `) && line.includes(`(\`${rule}\`)`)),
      `${rule} ${place}`,
    );
  }
});

test('the example done right: the same parts, its size, and nothing to change', async () => {
  const markdown = await review(repository, 'examples/inventory-fixed');
  assert.doesNotMatch(markdown, /What to change/);
  assert.match(markdown, /Topology of libcluster.*`Cluster\.Strategy\.Kubernetes\.DNSSRV`/s);
  const { parts } = await reviewed(repository, 'examples/inventory-fixed');
  assert.ok(parts.some(({ kind }) => kind === 'ra'));
  assert.deepEqual(
    parts.flatMap(({ findings }) => findings),
    [],
  );
});

test('a project without a cluster: it says so, and what was looked for', async (t) => {
  const markdown = await review(directory(t, { 'mix.exs': mix, 'lib/clean.ex': clean }));
  assert.match(markdown, /^# The cluster of app\n\nThere is no sign of a cluster/);
  assert.match(markdown, /A sign would be:\n\n- a dependency.*libcluster/s);
  assert.match(markdown, /Nothing of what was looked for: names in `:global`/);
  assert.doesNotMatch(markdown, /How the nodes find each other/);
});

test('a package: whose cluster it is', async (t) => {
  const cwd = directory(t, {
    'mix.exs': mix.replace('deps: []', 'deps: [], package: []'),
    'lib/watch.ex': 'defmodule Watch do\n  def watch, do: :net_kernel.monitor_nodes(true)\nend\n',
  });
  const markdown = await review(cwd);
  assert.match(markdown, /described as a package \(`mix\.exs:\d+`\), which others run in clusters of their own/);
  assert.match(markdown, /up to those who use the package/);
});

/** Singletons and stores of every kind, in a cluster of four. */
const spread = {
  'mix.exs': mix.replace('deps: []', 'deps: [{:libcluster, "~> 3.3"}, {:horde, "~> 0.9"}, {:syn, "~> 3.3"}, {:raft_fleet, "~> 0.10"}]'),
  'deploy/app.yaml': 'kind: StatefulSet\nmetadata:\n  name: app\nspec:\n  replicas: 4\n',
  'rel/vm.args.eex': '-setcookie very-secret\n-name app@10.0.0.1\n',
  'lib/app/application.ex': `defmodule App.Application do
  use Application

  def start(_type, _args) do
    children = [
      {Phoenix.PubSub, name: App.PubSub, adapter: Phoenix.PubSub.Redis, url: "redis://cache"},
      {Horde.Registry, name: App.Names, keys: :unique, members: :auto},
      {Horde.DynamicSupervisor,
       name: App.Sup, strategy: :one_for_one, members: [App.Sup], distribution_strategy: Horde.UniformQuorumDistribution},
      {Highlander, App.Nightly},
      {Oban, Application.fetch_env!(:app, Oban)},
      {Cachex, name: :prices}
    ]

    Supervisor.start_link(children, strategy: :one_for_one)
  end
end
`,
  'config/config.exs': 'import Config\n\nconfig :app, Oban, peer: Oban.Peers.Global, repo: App.Repo\n',
  'lib/app/repo.ex': 'defmodule App.Repo do\n  use Ecto.Repo, otp_app: :app, adapter: Ecto.Adapters.Postgres\nend\n',
  'lib/app/presence.ex': 'defmodule App.Presence do\n  use Phoenix.Presence, otp_app: :app, pubsub_server: App.PubSub\nend\n',
  'lib/app/leader.ex': `defmodule App.Leader do
  use GenServer

  def start_link(_), do: GenServer.start_link(__MODULE__, [], name: {:global, __MODULE__})
  def init(state), do: {:ok, state}
  def lead(pid), do: :global.register_name(:chief, pid, &__MODULE__.resolve/3)
  def resolve(_name, _one, two), do: two
  def group, do: :pg.join(:workers, self())
  def room(id, options), do: GenServer.start_link(App.Room, id, Keyword.put(options, :name, {:via, :syn, {:rooms, id}}))
end
`,
  'test/leader_test.exs':
    'defmodule LeaderTest do\n  def name, do: GenServer.start_link(__MODULE__, [], name: {:global, :only_in_tests})\nend\n',
};

test('every kind of part is found with its place, and told by what the code decides', async (t) => {
  const cwd = directory(t, spread);
  const { cluster, parts } = await reviewed(cwd);
  const found = Object.fromEntries(
    parts.map(({ kind, items }) => [kind, items.map(({ name, places }) => `${name} ${places[0]?.path}:${places[0]?.line}`)]),
  );
  assert.deepEqual(found, {
    'global-name': ['`App.Leader` lib/app/leader.ex:4', '`:chief` lib/app/leader.ex:6'],
    highlander: ['`App.Nightly` lib/app/application.ex:10'],
    'horde-quorum': ['`App.Sup` lib/app/application.ex:8'],
    'horde-registry': ['`App.Names` lib/app/application.ex:7'],
    syn: ['`{:rooms, id}` lib/app/leader.ex:9'],
    oban: ['started with `Application.fetch_env!(:app, Oban)` lib/app/application.ex:11'],
    tracker: ['`App.Presence` lib/app/presence.ex:1'],
    'pubsub-adapter': ['`App.PubSub` lib/app/application.ex:6'],
    pg: ['the default scope lib/app/leader.ex:8'],
    repo: ['`App.Repo` lib/app/repo.ex:1'],
    'local-cache': ['`:prices` lib/app/application.ex:12'],
  });
  const part = (kind: string) => parts.find((each) => each.kind === kind)!;
  assert.match(part('oban').items[0]?.note ?? '', /Oban\.Peers\.Global/);
  assert.match(part('global-name').partition.heal, /resolver named above decides; for the names without one: the default resolver/);
  assert.match(part('syn').partition.heal, /later registration stays/);
  assert.deepEqual([cluster.size?.nodes, cluster.size?.majority, cluster.size?.split], [4, 3, [2, 2]]);
  assert.deepEqual(
    cluster.libraries.map(({ name, modelled }) => [name, modelled]),
    [
      ['libcluster', true],
      ['horde', true],
      ['syn', true],
      ['raft_fleet', false],
    ],
  );
});

test('a cookie is never shown', async (t) => {
  const cwd = directory(t, spread);
  for (const format of ['markdown', 'json', 'mermaid']) assert.doesNotMatch(await review(cwd, '--format', format), /very-secret/);
  assert.match(await review(cwd), /`-setcookie`: `rel\/vm\.args\.eex:1`/);
});

test('the drawing has both sides, and an even split no majority', async (t) => {
  const drawing = await review(directory(t, spread), '--format', 'mermaid');
  assert.match(drawing, /^flowchart LR\n {2}subgraph majority\["app, 2 of 4 nodes, no majority"\]\n/);
  assert.match(drawing, /a\d+\["Supervisors of Horde with a quorum: refuses"\]/);
  assert.match(drawing, /majority x--x\|partition\| minority/);
  const odd = await review(repository, '--format', 'mermaid', 'examples/inventory');
  assert.match(odd, /subgraph majority\["inventory, majority of the nodes"\]/);
  assert.match(odd, /a\d+\["State machines of :ra: goes on"\].*b\d+\["State machines of :ra: refuses"\]/s);
});

test('any path of a project stands for the whole of it, seen from anywhere', async (t) => {
  const cwd = directory(t, spread);
  const whole = await review(cwd);
  assert.equal(await review(path.join(cwd, 'lib')), whole);
  assert.equal(await review(cwd, 'lib/app/leader.ex'), whole);
});

test('what cannot be reviewed: status 2, nothing on stdout, and why', async (t) => {
  const cwd = directory(t, { 'lib/a.ex': clean });
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /no Mix project at the working directory: no `mix\.exs` in it or above/],
    [['lib'], /no Mix project at `lib`/],
    [['nowhere'], /`nowhere`: does not exist/],
    [['lib', 'test'], /takes one path, got `test`/],
    [['--format', 'html'], /`--format` is one of markdown, json, mermaid/],
  ];
  for (const [args, message] of wrong) {
    const { status, stdout, stderr } = await netsplit(['review', ...args], { cwd });
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
    assert.match(stderr, message);
  }
});
