import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { options } from '../../core/design/options';
import { visibleNodesCaveat } from '../../core/design/quorum';
import { createExtractor } from '../../core/facts/extract';
import { textOf } from '../../core/facts/facts';
import { buildProject } from '../../core/project/build';
import { isProjectFile } from '../../core/project/manifests';
import { rules } from '../../core/rules';
import { hordeQuorum, mnesiaMajority, primitives, remoteCall, remoteSend } from '../../core/teach/primitives';
import { lessonAt } from '../../core/teach/teach';
import { dedent } from '../../core/text';

const extract = await createExtractor();

interface Taught {
  readonly on: string;
  readonly text: string;
  readonly rules: readonly string[];
  readonly reference: string | undefined;
}

/** The lesson where `‸` stands in the text of a file, within a project of the other files; undefined where there is none. */
function taught(marked: string, others?: Readonly<Record<string, string>>): Taught | undefined {
  const offset = marked.indexOf('‸');
  assert.ok(offset >= 0, 'no ‸ in the text');
  const file = extract('lib/example.ex', marked.replace('‸', ''));
  const texts = Object.entries(others ?? {}).map(([path, text]) => [path, dedent(text)] as const);
  const facts = texts.flatMap(([path, text]) => (/\.exs?$/.test(path) ? [extract(path, text)] : []));
  const project =
    others && buildProject({ root: '', texts: new Map(texts.filter(([path]) => isProjectFile(path))), facts: [file, ...facts] });
  const lesson = lessonAt(file, offset, project);
  return lesson && { on: textOf(file, lesson.range), text: lesson.text, rules: lesson.rules, reference: lesson.reference };
}

const inModule = (body: string): string => `defmodule Example do\n  def f(votes, cluster_size, node, x) do\n    ${body}\n  end\nend\n`;
const lesson = (body: string, others?: Readonly<Record<string, string>>): Taught => taught(inModule(body), others) ?? assert.fail(body);

const five = {
  'mix.exs': `
    defmodule Shop.MixProject do
      use Mix.Project
      def project, do: [app: :shop, version: "1.0.0"]
    end`,
  'k8s/shop.yaml': `
    apiVersion: apps/v1
    kind: StatefulSet
    metadata:
      name: shop
    spec:
      serviceName: shop
      replicas: 5`,
};

test('a quorum: the table of sizes, with the row of this project marked', () => {
  const { on, text, rules: pages } = lesson('length(votes) ‸>= div(cluster_size, 2) + 1', five);
  assert.equal(on, 'length(votes) >= div(cluster_size, 2) + 1');
  assert.equal(
    text,
    [
      '**Quorum** of `cluster_size`: this asks for a majority, of which two never exist at once.',
      '',
      '| Members | Majority | Tolerated failures | |',
      '| ---: | ---: | ---: | --- |',
      '| 2 | 2 | 0 | |',
      '| 3 | 2 | 1 | |',
      '| 4 | 3 | 1 | |',
      '| **5** | **3** | **2** | ← this project: `k8s/shop.yaml` |',
      '| 6 | 4 | 2 | |',
      '| 7 | 4 | 3 | |',
      '',
      visibleNodesCaveat,
    ].join('\n'),
  );
  assert.deepEqual(pages, ['quorum-from-visible-nodes']);
});

test('a quorum says what it asks for, wherever it is computed', () => {
  const half = lesson('‸quorum = div(cluster_size, 2)\n    length(votes) >= quorum');
  assert.equal(half.on, 'quorum = div(cluster_size, 2)');
  // Who is counted decides whether half is wrong: the rule says so, not the lesson.
  assert.match(half.text, /^\*\*Quorum\*\* of `cluster_size`\n/);
  assert.deepEqual(half.rules, ['quorum-half-is-not-majority']);
  assert.equal(lesson('quorum = div(cluster_size, 2)\n    length(votes) >= quo‸rum').on, 'length(votes) >= quorum');
  const bound = lesson('quorum = div‸(cluster_size, 2)\n    length(votes) >= quorum');
  assert.equal(bound.on, 'quorum = div(cluster_size, 2)');
  assert.deepEqual(lesson('length(votes) >‸ div(cluster_size, 2) + 1').rules, ['quorum-over-strict']);
  const visible = lesson('nodes = [node() | Node.list()]\n    length(votes) ‸>= div(length(nodes), 2) + 1');
  assert.match(visible.text, /^\*\*Quorum\*\* of `length\(nodes\)`: these are the nodes that are visible now, and each side/);
  assert.equal(taught('defmodule A do\n  @quorum di‸v(5, 2) + 1\nend\n')?.on, '@quorum div(5, 2) + 1');
  // Half of the members that are gone is enough to block: nothing is wrong, and nothing is said about it.
  assert.match(lesson('failed_votes ‸>= div(cluster_size, 2)').text, /^\*\*Quorum\*\* of `cluster_size`\n/);
});

test('a quorum marks the size that the code writes, also one beyond the usual', () => {
  assert.match(lesson('votes_needed = ‸div(5, 2) + 1', five).text, /\| \*\*5\*\* \| \*\*3\*\* \| \*\*2\*\* \| ← written here \|/);
  assert.match(
    lesson('quorum = ‸div(9, 2) + 1').text,
    /\| 7 \| 4 \| 3 \| \|\n\| \*\*9\*\* \| \*\*5\*\* \| \*\*4\*\* \| ← written here \|\n/,
  );
  assert.match(lesson('quorum = ‸div(4, 2) + 1').text, /\n4: Tolerates no more than 3 voters do, and waits for one more\.\n/);
  assert.doesNotMatch(lesson('length(votes) >= ‸div(cluster_size, 2) + 1').text, /←/);
});

test('where the project does not say how many nodes are members, the sizes of its deployments are marked', () => {
  const deployment = (name: string, replicas: number) => `
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: ${name}
    spec:
      replicas: ${replicas}`;
  const { text } = lesson('length(votes) ‸>= div(cluster_size, 2) + 1', {
    'mix.exs': five['mix.exs'],
    'k8s/a.yaml': deployment('shop', 3),
    'k8s/b.yaml': deployment('shop-jobs', 8),
    'k8s/c.yaml': deployment('shop-admin', 1),
  });
  assert.match(text, /\n\| \*\*3\*\* \| \*\*2\*\* \| \*\*1\*\* \| ← this project: `k8s\/a\.yaml` \|\n/);
  assert.match(text, /\n\| \*\*8\*\* \| \*\*5\*\* \| \*\*3\*\* \| ← this project: `k8s\/b\.yaml` \|\n\n8: Tolerates no more than 7/);
  assert.equal(text.split('←').length, 3);
});

/** The two lines, without their labels. */
function linesOf({ text }: Taught): readonly string[] {
  const found = /^.+ in a partition\n\n- \*\*While split:\*\* (.+)\n- \*\*Once healed:\*\* (.+)(?:\n|$)/.exec(text);
  assert.ok(found, text);
  return found.slice(1);
}

test('every primitive is told in two lines, with a page that says more', () => {
  const ids = new Set(rules.map(({ id }) => id));
  for (const primitive of [...primitives, remoteCall, remoteSend, hordeQuorum, mnesiaMajority]) {
    const { functions, partition, rules: pages, reference } = primitive;
    assert.ok(pages.length > 0 || reference?.startsWith('https://'), functions[0]);
    for (const id of pages) assert.ok(ids.has(id), `${functions[0]}: there is no rule ${id}`);
    for (const line of [partition.split, partition.heal]) {
      assert.match(line, /^[^a-z\n].*[^.]\.$/, functions[0]);
      assert.ok(line.length < 300, `${functions[0]}: ${line.length} characters`);
    }
  }
  const named = primitives.flatMap(({ functions }) => functions);
  assert.equal(new Set(named).size, named.length, 'a function is told about twice');
});

test('every function that is told about exists, where its library is known', () => {
  const rows = readFileSync('core/libraries/exports.tsv', 'utf8').trimEnd().split('\n').slice(1);
  const known = new Map<string, Set<string>>();
  for (const row of rows) {
    const [, , module = '', name = ''] = row.split('\t');
    known.set(module, (known.get(module) ?? new Set()).add(name));
  }
  let checked = 0;
  for (const name of primitives.flatMap(({ functions }) => functions)) {
    const [module, called] = [name.slice(0, name.lastIndexOf('.')), name.slice(name.lastIndexOf('.') + 1)];
    if (!known.has(module)) continue;
    assert.ok(known.get(module)?.has(called), `${module} has no ${called}`);
    checked++;
  }
  assert.ok(checked > 80, `${checked}`);
});

/** What is told at a call, by what of it is the name of an option whose words are used. */
const calls: readonly (readonly [body: string, on: string, option: string])[] = [
  [':global.reg‸ister_name(:x, self())', ':global.register_name(:x, self())', 'global'],
  [':global.whereis_name‸(:x)', ':global.whereis_name(:x)', 'global'],
  ['Horde.DynamicSupervisor.start_ch‸ild(Jobs, x)', 'Horde.DynamicSupervisor.start_child(Jobs, x)', 'horde-uniform'],
  [':ra.process_comm‸and(x, :add)', ':ra.process_command(x, :add)', 'ra'],
  ['x |> ‸:ra.process_command(:add)', ':ra.process_command(:add)', 'ra'],
  ['DeltaCrdt.p‸ut(x, :a, 1)', 'DeltaCrdt.put(x, :a, 1)', 'delta-crdt'],
  [':mnesia.transac‸tion(x)', ':mnesia.transaction(x)', 'mnesia'],
  ['Phoenix.PubSub.broad‸cast(Shop.PubSub, "a", x)', 'Phoenix.PubSub.broadcast(Shop.PubSub, "a", x)', 'phoenix-pubsub'],
  ['Phoenix.Tracker.tr‸ack(T, self(), "a", 1, %{})', 'Phoenix.Tracker.track(T, self(), "a", 1, %{})', 'phoenix-tracker'],
  [':syn.regis‸ter(:shop, x, self())', ':syn.register(:shop, x, self())', 'syn'],
  ['Swarm.regis‸ter_name(x, M, :f, [])', 'Swarm.register_name(x, M, :f, [])', 'swarm'],
  ['children = [{Phoenix.Pub‸Sub, name: Shop.PubSub}]', 'Phoenix.PubSub', 'phoenix-pubsub'],
  ['children = [{Highlan‸der, Shop.Job}]', 'Highlander', 'highlander'],
  ['GenServer.start_link(M, x, name: {:glo‸bal, M})', '{:global, M}', 'global'],
  ['GenServer.call({:via, :s‸yn, {:shop, x}}, :a)', '{:via, :syn, {:shop, x}}', 'syn'],
];

for (const [body, on, id] of calls) {
  test(`in the words of the design: ${on}`, () => {
    const found = lesson(body);
    assert.equal(found.on, on);
    const { partition } = options.find((option) => option.id === id) ?? assert.fail(id);
    const [split, heal] = linesOf(found);
    for (const part of [partition.majority, partition.minority]) assert.ok(split?.includes(part), split);
    assert.equal(heal, partition.heal);
    assert.ok(found.rules.length > 0);
  });
}

/** What else is told about: a part of the first line. */
const others: readonly (readonly [body: string, split: RegExp])[] = [
  [':rpc.c‸all(node, M, :f, [])', /answers `\{:badrpc, reason\}`/],
  [':erpc.c‸all(node, M, :f, [])', /raises `\{:erpc, :timeout\}` or `\{:erpc, :noconnection\}`/],
  ['GenServer.multi_c‸all([node], M, :a)', /in the second element/],
  ['Node.mon‸itor(node, true)', /`\{:nodedown, node\}` comes at once .* after 45 to 75 s/],
  [':net_kernel.monitor_‸nodes(true)', /`:nodedown` comes at once/],
  ['Node.li‸st()', /Each side sees only itself/],
  ['Enum.map(x, &Node.con‸nect/1)', /then answers `false`/],
  ['Node.sp‸awn(node, x)', /Answers with a pid in any case/],
  [':pg.get_mem‸bers(:shop)', /Each side has its own members/],
  [':global.tr‸ans({:x, self()}, x)', /both sides get the same lock/],
  [':ra.local_qu‸ery(x, {M, :f, []})', /Answers on both sides/],
  [':ra.consistent_que‸ry(x, {M, :f, []})', /Ends in `\{:timeout, server_id\}`/],
  [':mnesia.dirty_wr‸ite({:x, 1})', /dirty operations ask nobody/],
  ['GenServer.ca‸ll({Shop, node}, :a)', /then it exits/],
  ['GenServer.ca‸st({Shop, node}, :a)', /lost without a word/],
  ['se‸nd({Shop, node}, :a)', /lost without a word/],
  ['Horde.Registry.look‸up(R, x)', /one name may have a process on both/],
];

for (const [body, split] of others) {
  test(`in words of its own: ${body.replace('‸', '')}`, () => assert.match(linesOf(lesson(body))[0] ?? '', split));
}

test('aliases and captures are seen through, and a call over several lines is marked by its name', () => {
  assert.equal(
    taught('defmodule A do\n  alias Phoenix.PubSub\n  def f(x), do: PubSub.br‸oadcast(A, "a", x)\nend\n')?.on,
    'PubSub.broadcast(A, "a", x)',
  );
  assert.equal(lesson('Enum.each(x, &:rpc.c‸all/4)').on, '&:rpc.call/4');
  assert.equal(lesson(':global.tr‸ans({:x, self()}, fn ->\n      x\n    end)').on, ':global.trans');
});

test('what a call does depends on what the project says', () => {
  const quorum = `
    defmodule Shop.Jobs do
      use Horde.DynamicSupervisor
      def start_link(_), do: Horde.DynamicSupervisor.start_link(__MODULE__, [], name: __MODULE__)
      def init(_), do: Horde.DynamicSupervisor.init(strategy: :one_for_one, distribution_strategy: Horde.UniformQuorumDistribution)
    end`;
  const start = 'Horde.DynamicSupervisor.start_ch‸ild(Shop.Jobs, x)';
  assert.match(linesOf(lesson(start, { ...five, 'lib/jobs.ex': quorum }))[0] ?? '', /Refuses new children/);
  assert.match(linesOf(lesson(start, five))[0] ?? '', /every child runs on both sides/);

  const table = (majority: string) => `
    defmodule Shop.Tables do
      def install, do: :mnesia.create_table(:stock, disc_copies: [:a@h, :b@h, :c@h]${majority})
    end`;
  const write = ':mnesia.wr‸ite({:stock, 1})';
  assert.match(linesOf(lesson(write, { ...five, 'lib/tables.ex': table(', majority: true') }))[0] ?? '', /`\{:no_majority, table\}`/);
  assert.match(linesOf(lesson(write, { ...five, 'lib/tables.ex': table('') }))[0] ?? '', /Goes on too, with its own truth/);
  const local = 'defmodule Shop.Tables do\n  def install, do: :mnesia.create_table(:stock, attributes: [:key])\nend\n';
  assert.equal(taught(inModule(write), { ...five, 'lib/tables.ex': local }), undefined);

  const presence = 'defmodule Shop.Presence do\n  use Phoenix.Presence, otp_app: :shop, pubsub_server: Shop.PubSub\nend\n';
  const track = 'Shop.Presence.tr‸ack(self(), "a", 1, %{})';
  assert.match(linesOf(lesson(track, { ...five, 'lib/presence.ex': presence }))[0] ?? '', /`down_period`/);
  assert.equal(taught(inModule(track), five), undefined);
});

test('a resolver of :global is told about, the default one too', () => {
  const heal = (resolver: string) => linesOf(lesson(`:global.register_n‸ame(:x, self()${resolver})`))[1] ?? '';
  assert.match(heal(', &:global.random_exit_name/3'), /`random_exit_name`, kills/);
  assert.match(heal(', &:global.random_notify_name/3'), /`\{:global_name_conflict, name\}`/);
  assert.match(heal(', &:global.notify_all_name/3'), /the name is free again/);
  assert.match(heal(', &Example.resolve/3'), /the resolver that is given here decides/);
});

test('members of :ra that are written out are counted', () => {
  const { text } = lesson(':ra.start_clus‸ter(:default, :shop, {:module, M, %{}}, [{:shop, :a@h}, {:shop, :b@h}, {:shop, :c@h}])');
  assert.match(text, /\n- \*\*3 members:\*\* a majority is 2, so 1 may fail\.$/);
  assert.doesNotMatch(lesson(':ra.start_clus‸ter(:default, :shop, {:module, M, %{}}, x)').text, /members:/);
});

const quiet: readonly string[] = [
  'Enum.ma‸p(x, node)',
  ':rpc.call(no‸de, M, :f, [])',
  'length(votes) >= div(‸length(x), 10)',
  'batch_done >= div(‸batch_total, 2)',
  'page = div(‸x, 2) + 1',
  'GenServer.ca‸ll(Shop, :a)',
  'GenServer.ca‸ll({Shop, node()}, :a)',
  'GenServer.ca‸ll({:via, Registry, {R, x}}, :a)',
  'se‸nd(x, :a)',
  'x = {:glo‸bal, 1}',
  'Phoenix.PubSub.local_broad‸cast(P, "a", x)',
  'Shop.Node.li‸st()',
  '":global.regis‸ter_name"',
  '# :global.regis‸ter_name(x, self())',
];

test('elsewhere nothing is taught', () => {
  for (const body of quiet) assert.equal(taught(inModule(body)), undefined, body);
  assert.equal(taught('defmodule Shop do\n  defp list, do: []\n  def f, do: li‸st()\nend\n'), undefined);
  assert.equal(taught('‸'), undefined);
});
