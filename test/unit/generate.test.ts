import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { emptyConfiguration, levelOf } from '../../core/configuration';
import { parseAnswers } from '../../core/design/answers';
import { decide } from '../../core/design/decide';
import type { GeneratedFile } from '../../core/design/document';
import { generateCode, generatorsFor } from '../../core/design/generate/generate';
import { type GeneratorOptions, generatorOf, generators, requirementOf } from '../../core/design/generate/generators';
import { options } from '../../core/design/options';
import { kindChoices, platformChoices } from '../../core/design/questions';
import { createExtractor } from '../../core/facts/extract';
import { lint } from '../../core/linter';
import { buildProject } from '../../core/project/build';
import { isProjectFile } from '../../core/project/manifests';
import { rules } from '../../core/rules';

const extract = await createExtractor();

/** Lints files as one project of an application that is clustered; each finding with its place. */
function findingsIn(files: readonly GeneratedFile[]): readonly string[] {
  const facts = files.filter(({ path }) => /\.exs?$/.test(path)).map(({ path, content }) => extract(path, content));
  const manifest = 'defmodule Shop.MixProject do\n  use Mix.Project\n  def project, do: [app: :shop, version: "1.0.0"]\nend\n';
  const project = buildProject({
    root: '',
    texts: new Map(files.filter(({ path }) => isProjectFile(path)).map(({ path, content }) => [path, content])),
    facts: [...facts, extract('mix.exs', manifest)],
  });
  return facts.flatMap((file) => {
    const { findings, failures } = lint(file, {
      rules,
      context: { rpcWrappers: [], project },
      levelOf: (rule) => levelOf(emptyConfiguration, rule, file.path),
    });
    assert.deepEqual(failures, []);
    const broken = file.broken ? [`${file.path} cannot be parsed in full`] : [];
    return [...broken, ...findings.map(({ rule, message, range }) => `${file.path}:${range.start} ${rule.id}: ${message}`)];
  });
}

/** What each generator is asked with: one name, then names that are short, long and odd. */
const variants: readonly GeneratorOptions[] = [
  {},
  { app: 'x', name: 'y' },
  { app: 'a_rather_long_name_of_an_application', name: 'Something with a very long name indeed' },
  { app: 'shop', name: 'Größe & Menge: “Lager” 2' },
  { app: 'shop', name: 'Cluster', class: 'Cluster' },
  { app: 'shop', name: '在庫' },
];

for (const generator of generators) {
  test(`${generator.id}: the code is complete, named after the application, and free of findings`, () => {
    for (const given of variants) {
      const files = generator.generate(given);
      assert.ok(files.length > 0);
      assert.deepEqual(new Set(files.map(({ path }) => path)).size, files.length, 'two files have one path');
      for (const file of files) {
        assert.match(file.path, /^[a-z][\w/]*\.(?:ex|exs|sh)$/);
        assert.ok(file.content.endsWith('\n') && !file.content.endsWith('\n\n'), `${file.path} does not end with one line end`);
        assert.doesNotMatch(file.content, /\t|\r| $|(?<!:)\bundefined\b|TODO/m, file.path);
        if (!file.path.endsWith('.sh')) assert.doesNotMatch(file.content, /\$\{/, file.path);
        if (given.app !== undefined) assert.doesNotMatch(file.content, /MyApp|my_app/, file.path);
        assert.equal(file.class, given.class);
        assert.match(file.what, /^[A-Z].*\.$/);
        if (file.path.startsWith('lib/')) assert.match(file.content, /@moduledoc """\n/, `${file.path} is not documented`);
      }
      assert.deepEqual(findingsIn(files), []);
    }
  });
}

test('libcluster and Partisan are configured for every platform without a finding', () => {
  for (const { id: platform } of platformChoices) {
    for (const given of [{ platform }, { platform, untrusted: true, app: 'shop' }]) {
      assert.deepEqual(findingsIn(generatorOf('libcluster').generate(given)), [], platform);
      assert.deepEqual(findingsIn(generatorOf('partisan').generate(given)), [], platform);
    }
  }
  const [config] = generatorOf('libcluster').generate({ app: 'shop', platform: 'fly' });
  assert.match(config!.content, /query: "shop\.internal"/);
  const [secured] = generatorOf('partisan').generate({ untrusted: true });
  assert.match(secured!.content, /verify: :verify_peer/);
});

test('scripts are shell', () => {
  for (const { path, content } of generatorOf('network-faults').generate({ app: 'shop' })) {
    const { status, stderr } = spawnSync('sh', ['-n'], { input: content, encoding: 'utf8' });
    assert.equal(status, 0, `${path}: ${stderr}`);
  }
});

test('names from the user become names of modules and files', () => {
  const paths = (name: string, app = 'shop') =>
    generatorOf('ra-store')
      .generate({ app, name })
      .map(({ path }) => path);
  assert.ok(paths('Shopping cart').includes('lib/shop/shopping_cart/machine.ex'));
  assert.ok(paths('featureFlags').includes('lib/shop/feature_flags.ex'));
  assert.ok(paths('3 Größen').includes('lib/shop/gro_en.ex'));
  assert.ok(paths('在庫').includes('lib/shop/store.ex'), 'the generator’s own name where nothing is left');
  assert.ok(paths('Repo').includes('lib/shop/repo_data.ex'), 'the application’s modules are left alone');
  const [client] = generatorOf('ra-store')
    .generate({ app: 'shop', name: 'Flags' })
    .filter(({ path }) => path === 'lib/shop/flags.ex');
  assert.match(client!.content, /^defmodule Shop\.Flags do$/m);
});

test('the version of :ra that the project has locked is kept', () => {
  const [ra] = generatorOf('ra-store').dependencies;
  assert.equal(requirementOf(ra!, '2.13.5'), '~> 2.13');
  assert.equal(requirementOf(ra!, '3.1.10'), '~> 3.1');
  assert.equal(requirementOf(ra!, undefined), '~> 3.1');
  assert.equal(requirementOf(ra!, '1.1.9'), '~> 3.1');
  const [horde] = generatorOf('horde-singleton').dependencies;
  assert.equal(requirementOf(horde!, undefined), '~> 0.10');
});

test('the options that run on our own nodes have a generator, the others need none', () => {
  const without = options.filter((option) => kindChoices.every(({ id }) => generatorsFor(option.id, id).length === 0)).map(({ id }) => id);
  // Databases and services, libraries that are used as they are, and what is never recommended.
  assert.deepEqual([...without].sort(), [
    'distributed-cache',
    'document-crdt',
    'etcd-consul',
    'highlander',
    'khepri',
    'local-cache',
    'mnesia',
    'node-ids',
    'oban',
    'paxos',
    'phoenix-pubsub',
    'postgres',
    'postgres-lock',
    'redis-fencing',
    'redis-lock',
    'service-lock',
    'swarm',
    'syn',
  ]);
});

const cluster = { size: 3, membership: 'fixed', geography: 'one-data-centre', network: 'trusted', platform: 'static-hosts' };
const strict = { consistency: 'linearizable', partition: 'refuse', invariants: ['never-negative'] };

test('a decision carries the code of its recommendations, each file once, free of findings', () => {
  const { design, errors } = parseAnswers({
    name: 'Shop',
    app: 'shop',
    cluster,
    classes: [
      { name: 'Stock', kind: 'inventory', ...strict },
      { name: 'stock', kind: 'inventory', ...strict },
      { name: 'Cart', kind: 'cart', consistency: 'eventual' },
      { name: 'Nightly', kind: 'leader', consistency: 'linearizable' },
    ],
  });
  assert.deepEqual(
    errors.filter(({ path }) => !path.includes('invariants') && !path.includes('partition')),
    [],
  );
  const decision = decide(design);
  const { files, dependencies } = generateCode(decision);
  assert.equal(new Set(files.map(({ path }) => path)).size, files.length);
  assert.deepEqual(findingsIn(files), []);
  const [config] = files.filter(({ path }) => path === 'config/runtime.exs');
  assert.equal(config!.content.match(/^import Config$/gm)?.length, 1);
  assert.match(config!.content, /config :libcluster,/);
  assert.match(config!.content, /cluster_nodes:/);
  for (const { recommended, name } of decision.classes) {
    if (recommended?.option === 'ra')
      assert.ok(
        files.some((file) => file.class === name),
        `${name} has no code`,
      );
  }
  const names = dependencies.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)].sort());
  assert.ok(names.includes('libcluster'));
  assert.deepEqual(generateCode(decide(design)), { files, dependencies }, 'the same decision gives the same code');
});

test('without a class or a platform there is code for the cluster only', () => {
  const { files } = generateCode(decide({ name: 'Nothing', cluster: {}, classes: [] }));
  assert.deepEqual(
    files.map(({ path }) => path),
    [
      'config/runtime.exs',
      'lib/my_app/quorum.ex',
      'lib/my_app/node_monitor.ex',
      'lib/my_app/cluster_health.ex',
      'lib/my_app/clock_skew.ex',
      'scripts/partition.sh',
      'scripts/toxiproxy.sh',
    ],
  );
});
