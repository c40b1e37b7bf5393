import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { unknownFunctions } from '../../core/facts/exports';
import { createExtractor } from '../../core/facts/extract';
import { buildProject } from '../../core/project/build';
import { compareVersions } from '../../core/project/project';

const extract = await createExtractor();

/** What is said to be missing in a text; with a lock file, in a project. */
function missing(text: string, lock?: string): readonly string[] {
  const file = extract('lib/shop.ex', text);
  const project = lock === undefined ? undefined : buildProject({ root: '/shop', texts: new Map([['mix.lock', lock]]), facts: [file] });
  const found = unknownFunctions(file, { rpcWrappers: [], ...(project && { project }) });
  return found.map(({ module, name, arity, versions }) => `${module}.${name}/${arity} ${versions.join(' ')}`);
}

const locked = (name: string, version: string): string => `%{"${name}": {:hex, :${name}, "${version}", "", [:mix], [], "hexpm", ""}}`;

test('the table of exports is sorted, complete and without duplicates', () => {
  const [header, ...rows] = readFileSync('core/libraries/exports.tsv', 'utf8').trimEnd().split('\n');
  assert.equal(header, 'library\tversion\tmodule\tfunction\tarity');
  assert.equal(new Set(rows).size, rows.length);
  assert.deepEqual(rows, [...rows].sort(new Intl.Collator('en', { numeric: true }).compare));
  for (const row of rows) assert.match(row, /^[a-z_]+\t\d+(?:\.\d+)*\t(?::[a-z_]+|[A-Z]\w*(?:\.[A-Z]\w*)*)\t[^\t]+\t\d+$/);
  const versions = new Map<string, Set<string>>();
  for (const row of rows) {
    const [library = '', version = ''] = row.split('\t');
    versions.set(library, (versions.get(library) ?? new Set()).add(version));
  }
  assert.deepEqual([...(versions.get('ra') ?? [])].sort(compareVersions), ['2.2', '2.14', '3.1']);
});

test('without a project a function of any version is good', () => {
  assert.deepEqual(missing(':ra.restart_server(id)\n:ra.consistent_aux(id, query, 5_000)\n:ra.get_leader(id)'), [
    ':ra.get_leader/1 2.2 2.14 3.1',
  ]);
});

test('the locked version decides', () => {
  const text = ':ra.restart_server(id)\n:ra.key_metrics(id)\n:ra.consistent_aux(id, query, 5_000)';
  assert.deepEqual(missing(text, locked('ra', '2.2.0')), [':ra.key_metrics/1 2.2', ':ra.consistent_aux/3 2.2']);
  assert.deepEqual(missing(text, locked('ra', '2.14.3')), [':ra.consistent_aux/3 2.14']);
  assert.deepEqual(missing(text, locked('ra', '3.1.10')), [':ra.restart_server/1 3.1']);
});

test('between two known versions what either has is good', () => {
  const text = ':ra.restart_server(id)\n:ra.key_metrics(id)\n:ra.consistent_aux(id, query, 5_000)\n:ra.get_leader(id)';
  assert.deepEqual(missing(text, locked('ra', '2.9.1')), [':ra.consistent_aux/3 2.2 2.14', ':ra.get_leader/1 2.2 2.14']);
  assert.deepEqual(missing(text, locked('ra', '2.17.2')), [':ra.get_leader/1 2.14 3.1']);
});

test('nothing is said of a major version that is not known, or of a library that the project does not have', () => {
  assert.deepEqual(missing(':ra.get_leader(id)', locked('ra', '1.1.9')), []);
  assert.deepEqual(missing(':ra.get_leader(id)', locked('ra', '4.0.0')), []);
  assert.deepEqual(missing('Horde.Cluster.join_hordes(a, b)', locked('horde', '0.4.0')), []);
  assert.deepEqual(missing(':ra.get_leader(id)', locked('jason', '1.4.0')), []);
});

test('a module whose name several packages have needs the dependency', () => {
  assert.deepEqual(missing('HashRing.find_node(ring, key)'), []);
  assert.deepEqual(missing('HashRing.find_node(ring, key)', locked('libring', '1.7.0')), ['HashRing.find_node/2 1.7.0']);
});

test('aliases, imports, pipes, captures and apply are seen through', () => {
  const text = `
    alias Horde.Registry, as: Names

    def a(r), do: r |> Names.lookup_all(:a)
    def b(nodes), do: Enum.each(nodes, &:global.whereis/1)
    def c(id), do: apply(:ra, :leader, [id])
    def d(id), do: :ra.members(id)`;
  assert.deepEqual(missing(text), ['Horde.Registry.lookup_all/2 0.10.0', ':global.whereis/1 25 27 29', ':ra.leader/1 2.2 2.14 3.1']);
});
