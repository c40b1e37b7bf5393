import assert from 'node:assert/strict';
import test from 'node:test';
import { createExtractor } from '../../core/facts/extract';
import { buildProject } from '../../core/project/build';
import { partKinds } from '../../core/review/kinds';
import { reviewMarkdown } from '../../core/review/markdown';
import { reviewMermaid } from '../../core/review/mermaid';
import { type Review, reviewProject } from '../../core/review/review';
import { rules } from '../../core/rules';
import { lineAt, lineStarts } from '../../core/text';

const extract = await createExtractor();

function review(files: Readonly<Record<string, string>>): Review {
  const texts = new Map(Object.entries(files).filter(([path]) => !/\.exs?$/.test(path)));
  const facts = Object.entries(files).flatMap(([path, text]) => (/\.exs?$/.test(path) ? [extract(path, text)] : []));
  return reviewProject({ project: buildProject({ root: '', texts, facts }), name: 'app', findings: [], textOf: (path) => files[path] });
}

const mix = (deps: string) => `defmodule App.MixProject do
  use Mix.Project
  def project, do: [app: :app, deps: [${deps}]]
end
`;

const itemsOf = (files: Readonly<Record<string, string>>, kind: string): readonly string[] =>
  review(files)
    .parts.filter((part) => part.kind === kind)
    .flatMap(({ items }) => items.map(({ name }) => name));

test('a rule belongs to one kind of part at most', () => {
  for (const { id } of rules) {
    const kinds = partKinds.filter((kind) => kind.rules.test(id)).map((kind) => kind.id);
    assert.ok(kinds.length <= 1, `${id}: ${kinds}`);
  }
});

test('names are told apart by what they mean, not by how they are written', () => {
  const module = (name: string) => `defmodule ${name} do\n  @table :rows\n  def start, do: :ets.new(@table, [:named_table])\nend\n`;
  const files = {
    'mix.exs': mix('{:libcluster, "~> 3.3"}'),
    'lib/a.ex': module('A'),
    'lib/b.ex': module('B').replace(':rows', ':columns'),
    'lib/c.ex': 'defmodule C do\n  def start(name), do: :ets.new(name, [:named_table])\nend\n',
    'lib/d.ex': 'defmodule D do\n  def start, do: :ets.new(__MODULE__, [:named_table])\n  def own, do: :ets.new(:private, [])\nend\n',
  };
  assert.deepEqual(itemsOf(files, 'ets'), ['`:rows`', '`:columns`', '`name` in `C`', '`D`']);
});

test('what is each node’s own is no part where there is one node', () => {
  const files = { 'mix.exs': mix(''), 'lib/a.ex': 'defmodule A do\n  def start, do: :ets.new(:rows, [:named_table])\nend\n' };
  assert.deepEqual(review(files).parts, []);
});

test('tests, tasks and scripts are no part of the cluster', () => {
  const call = 'defmodule A do\n  def run(node), do: :erpc.call(node, fn -> :ok end)\nend\n';
  const at = (path: string) => itemsOf({ 'mix.exs': mix('{:libcluster, "~> 3.3"}'), [path]: call }, 'remote-call');
  assert.deepEqual(at('lib/a.ex'), ['`A`']);
  for (const path of ['test/a.exs', 'lib/mix/tasks/a.ex', 'priv/repo/a.exs', 'bench/a.exs']) assert.deepEqual(at(path), [], path);
});

test('Mnesia: what the code decides about a partition is what is told', () => {
  const table = (options: string) => `defmodule Tables do\n  def create, do: :mnesia.create_table(:rows, ${options})\nend\n`;
  const partOf = (options: string, more: Readonly<Record<string, string>> = {}) =>
    review({ 'mix.exs': mix(''), 'lib/tables.ex': table(options), ...more }).parts.find(({ kind }) => kind.startsWith('mnesia'));
  assert.equal(partOf('disc_copies: [node()]')?.kind, 'mnesia-local');
  assert.equal(partOf('disc_copies: [node() | Node.list()], majority: true')?.kind, 'mnesia-majority');
  const unhandled = partOf('disc_copies: [node() | Node.list()]');
  assert.equal(unhandled?.kind, 'mnesia');
  assert.match(unhandled?.partition.heal ?? '', /nothing here handles `:inconsistent_database`/);
  const handler = 'defmodule Heal do\n  def handle_info({:mnesia_system_event, {:inconsistent_database, _, n}}, s), do: {n, s}\nend\n';
  const handled = partOf('disc_copies: [node() | Node.list()]', { 'lib/heal.ex': handler });
  assert.match(handled?.partition.heal ?? '', /the handler decides/);
  const joins = 'defmodule Join do\n  def join(nodes), do: :mnesia.change_config(:extra_db_nodes, nodes)\nend\n';
  assert.equal(partOf('disc_copies: [node()]', { 'lib/join.ex': joins })?.kind, 'mnesia');
});

test('a lock on this node alone is none of the cluster', () => {
  const locks =
    'defmodule Locks do\n  def one, do: :global.trans({:a, self()}, fn -> :ok end, [node()])\n  def all, do: :global.trans({:b, self()}, fn -> :ok end)\nend\n';
  assert.deepEqual(itemsOf({ 'mix.exs': mix(''), 'lib/locks.ex': locks }, 'global-lock'), ['`{:b, self()}`']);
});

test('a resolver of `:syn` is told, as the library leaves all to it', () => {
  const files = {
    'mix.exs': mix('{:syn, "~> 3.3"}'),
    'lib/scopes.ex': 'defmodule Scopes do\n  def add, do: :syn.add_node_to_scopes([:rooms])\nend\n',
  };
  const heal = (more: Readonly<Record<string, string>>) =>
    review({ ...files, ...more }).parts.find(({ kind }) => kind === 'syn')?.partition.heal ?? '';
  assert.match(heal({}), /later registration stays/);
  const handler =
    'defmodule Handler do\n  @behaviour :syn_event_handler\n  def resolve_registry_conflict(_scope, _name, {a, _, _}, _), do: a\nend\n';
  assert.match(heal({ 'lib/handler.ex': handler }), /`Handler\.resolve_registry_conflict\/4` decides which stays/);
});

test('sizes: a majority, what may be lost, and the split that is nearest to halves', () => {
  const sizeOf = (replicas: number) =>
    review({
      'mix.exs': mix('{:libcluster, "~> 3.3"}'),
      'k8s/app.yaml': `kind: StatefulSet\nmetadata:\n  name: app\nspec:\n  replicas: ${replicas}\n`,
    }).cluster.size;
  const told = [1, 2, 3, 4, 5, 60].map((replicas) => {
    const size = sizeOf(replicas)!;
    return [size.nodes, size.majority, size.tolerated, size.split, size.large];
  });
  assert.deepEqual(told, [
    [1, 1, 0, [1, 0], false],
    [2, 2, 0, [1, 1], false],
    [3, 2, 1, [2, 1], false],
    [4, 3, 1, [2, 2], false],
    [5, 3, 2, [3, 2], false],
    [60, 31, 29, [30, 30], true],
  ]);
});

test('broken and half-typed projects are reviewed as far as they go', () => {
  const whole = `defmodule A do\n  use GenServer\n  def start_link(_), do: GenServer.start_link(__MODULE__, [], name: {:global, __MODULE__})\n  def call(n), do: :rpc.call(n, A, :b, [])\nend\n`;
  for (let length = 0; length <= whole.length; length += 7) {
    const made = review({ 'mix.exs': mix('{:libcluster, "~> 3.3"}').slice(0, 40 + length), 'lib/a.ex': whole.slice(0, length) });
    assert.match(reviewMarkdown(made), /^# The cluster of app\n/);
    assert.match(reviewMermaid(made), /^flowchart LR\n/);
  }
});

test('places are those of the text', () => {
  const text = '# é 👩‍👩‍👧‍👦\r\ndefmodule A do\r\n  def call(n), do: :rpc.call(n, A, :b, [], 100)\r\nend\r\n';
  const [place] = review({ 'mix.exs': mix(''), 'lib/a.ex': text }).parts.flatMap(({ items }) => items.flatMap(({ places }) => places));
  assert.deepEqual(place, { path: 'lib/a.ex', line: lineAt(lineStarts(text), text.indexOf(':rpc')) + 1 });
});
