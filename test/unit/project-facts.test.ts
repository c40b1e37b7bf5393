import assert from 'node:assert/strict';
import test from 'node:test';
import { createExtractor } from '../../core/facts/extract';
import { buildProject } from '../../core/project/build';
import { contributionOf } from '../../core/project/contribution';
import { isProjectFile } from '../../core/project/manifests';
import { compareVersions, type Place, type ProjectFacts, versionOf } from '../../core/project/project';
import { dedent } from '../../core/text';

const extract = await createExtractor();

type Files = Readonly<Record<string, string>>;

/** The facts of a project of these files, and the text that a place covers. */
function project(files: Files): ProjectFacts & { at(place: Place | undefined): string | undefined } {
  const texts = new Map(Object.entries(files).map(([path, text]) => [path, dedent(text)]));
  const elixir = [...texts].filter(([path]) => /\.exs?$/.test(path)).map(([path, text]) => extract(path, text));
  const others = new Map([...texts].filter(([path]) => !/\.exs?$/.test(path)));
  const facts = buildProject({ root: '/shop', texts: others, facts: elixir });
  return { ...facts, at: (place) => place && texts.get(place.path)?.slice(place.range.start, place.range.end) };
}

const shop: Files = {
  'mix.exs': `
    defmodule Shop.MixProject do
      use Mix.Project

      @elixir "~> 1.15"

      def project do
        [
          app: :shop,
          version: "1.4.0",
          elixir: @elixir,
          start_permanent: Mix.env() == :prod,
          deps: deps(Mix.env()) ++ cluster_deps(),
          releases: [
            shop: [
              include_executables_for: [:unix],
              cookie: "kept-in-git",
              steps: [:assemble, :tar]
            ],
            admin: [cookie: System.fetch_env!("ADMIN_COOKIE")]
          ]
        ]
      end

      def application, do: [mod: {Shop.Application, []}]

      defp deps(env) do
        [
          {:phoenix, "~> 1.7"},
          {:credo, "~> 1.7", only: [:dev, :test], runtime: false},
          {:shop_events, path: "../events"},
          {:ra, "~> 2.13"},
          {:gen_rpc, github: "priestjim/gen_rpc", tag: "3.2.0"}
        ] ++ if(env == :test, do: [], else: [{:telemetry, ">= 1.0.0"}])
      end

      defp cluster_deps do
        base = [{:libcluster, "~> 3.3"}]

        if Mix.env() == :test do
          [{:local_cluster, "~> 2.0"} | base]
        else
          base
        end
      end
    end
  `,
  'mix.lock': `
    %{
      "credo": {:hex, :credo, "1.7.5", "643213503b1c766ec0496d828c90c424471ea54da77c8a168c725686377b9545", [:mix], [{:bunt, "~> 0.2.1 or ~> 1.0", [hex: :bunt, repo: "hexpm", optional: false]}], "hexpm", "f799e9b5cd1891577d8c773d245668aa74a2fcd15eb277f51a0131690ebfb3fd"},
      "gen_rpc": {:git, "https://github.com/priestjim/gen_rpc.git", "8d1b36e", [tag: "3.2.0"]},
      "libcluster": {:hex, :libcluster, "3.3.3", "a4f17721a19004cfc4467268e17cff8b1f951befe428975dd4f6f7b84d927fe0", [:mix], [{:jason, "~> 1.1", [hex: :jason, repo: "hexpm", optional: false]}], "hexpm", "7c0a2275a0bb83c07acd17dab3c3bfb4897b145106750eeccc62d302e3bdfee5"},
      "ra": {:hex, :ra, "2.13.6", "e6cb3b4f7a0a2a1b2c8e2e5b6d3c6e7f", [:rebar3], [{:gen_batch_server, "0.8.8", [hex: :gen_batch_server, repo: "hexpm", optional: false]}], "hexpm", "aa"},
      "telemetry": {:git, "https://github.com/beam-telemetry/telemetry.git", "abc", [branch: "main"]},
    }
  `,
  'config/config.exs': `
    import Config
    config :shop, Shop.Repo, pool_size: 10
    import_config "#{'#'}{config_env()}.exs"
  `,
  'config/prod.exs': `
    import Config
    config :libcluster, topologies: [shop: [strategy: Cluster.Strategy.Epmd, config: [hosts: [:"shop@a", :"shop@b", :"shop@c"]]]]
  `,
  'lib/shop/application.ex': `
    defmodule Shop.Application do
      use Application

      def start(_type, _args) do
        topologies = Application.get_env(:libcluster, :topologies, [])

        children = [
          {Cluster.Supervisor, [topologies, [name: Shop.ClusterSupervisor]]},
          Shop.Stock,
          {Highlander, {Shop.Billing, interval: 5_000}}
        ]

        Supervisor.start_link(children, strategy: :one_for_one)
      end
    end
  `,
  'lib/shop/stock.ex': `
    defmodule Shop.Stock do
      use GenServer
      def start_link(options), do: GenServer.start_link(__MODULE__, options)
      def count(node, sku \\\\ :all), do: :erpc.call(node, __MODULE__, :local_count, [sku])
      def local_count(sku), do: :ets.lookup(:stock, sku)
      @impl true
      def init(options), do: {:ok, options}
      defp secret, do: :inside
    end
  `,
  'rel/env.sh.eex': `
    #!/bin/sh
    # export RELEASE_DISTRIBUTION=sname
    export RELEASE_DISTRIBUTION=name
    export RELEASE_NODE=shop@\${POD_IP}
  `,
  'k8s/shop.yaml': `
    apiVersion: apps/v1
    kind: StatefulSet
    metadata:
      name: shop
    spec:
      replicas: 3
      template:
        spec:
          containers:
            - name: shop
              image: registry.example.com/team/shop:1.4.0
  `,
  '.tool-versions': `
    erlang 26.2.1
    elixir 1.16.1-otp-26
  `,
};

test('mix.exs: the application, its requirements, its dependencies from every branch', () => {
  const facts = project(shop);
  assert.equal(facts.umbrella, false);
  assert.deepEqual(facts.apps, [{ name: 'shop', root: '' }]);
  assert.equal(facts.elixir?.requirement, '~> 1.15');
  assert.equal(facts.at(facts.elixir), '"~> 1.15"');
  const asked = [...facts.dependencies.values()].filter((d) => d.place);
  assert.deepEqual(
    asked.map(({ name, requirement, only, locked }) => [name, requirement, only?.join(), locked]),
    [
      ['phoenix', '~> 1.7', undefined, undefined],
      ['credo', '~> 1.7', 'dev,test', '1.7.5'],
      ['shop_events', undefined, undefined, undefined],
      ['ra', '~> 2.13', undefined, '2.13.6'],
      ['gen_rpc', undefined, undefined, '3.2.0'],
      ['telemetry', '>= 1.0.0', undefined, undefined],
      ['libcluster', '~> 3.3', undefined, '3.3.3'],
      ['local_cluster', '~> 2.0', 'test', undefined],
    ],
  );
  assert.equal(facts.at(facts.dependencies.get('ra')?.place), '{:ra, "~> 2.13"}');
  assert.equal(versionOf(facts, 'ra'), '2.13.6');
  assert.equal(versionOf(facts, 'phoenix'), '1.7');
  assert.equal(versionOf(facts, 'gen_batch_server'), undefined);
});

test('mix.lock: packages that only others ask for have no place', () => {
  const facts = project({
    'mix.exs': shop['mix.exs']!,
    'mix.lock': '%{"jason": {:hex, :jason, "1.4.1", "00", [:mix], [], "hexpm", "11"}, "mime": {:hex, :mime, "2.0.5"}}',
  });
  assert.deepEqual(facts.dependencies.get('jason'), { name: 'jason', locked: '1.4.1' });
  assert.equal(facts.dependencies.get('mime')?.locked, '2.0.5');
});

test('a release with a literal cookie is known, one from the environment is not', () => {
  const cookies = project(shop).release.filter(({ name }) => name === 'cookie');
  assert.deepEqual(
    cookies.map(({ value, path }) => [value, path]),
    [['kept-in-git', 'mix.exs']],
  );
  assert.equal(project(shop).at(cookies[0]), 'cookie: "kept-in-git"');
});

test('the cluster: topologies, children, modules, calls, replicas and the signs of it', () => {
  const facts = project(shop);
  assert.deepEqual(
    facts.topologies.map(({ name, strategy, environment, path }) => [name, strategy, environment, path]),
    [['shop', 'Cluster.Strategy.Epmd', 'prod', 'config/prod.exs']],
  );
  assert.deepEqual([...facts.children.keys()], ['Cluster.Supervisor', 'Shop.Stock', 'Highlander', 'Shop.Billing']);
  assert.equal(facts.at(facts.children.get('Highlander')?.[0]), '{Highlander, {Shop.Billing, interval: 5_000}}');
  const stock = facts.modules.get('Shop.Stock');
  assert.equal(facts.at(stock), 'Shop.Stock');
  assert.deepEqual(stock?.behaviours, ['GenServer']);
  assert.deepEqual([...(stock?.functions ?? [])].sort(), ['count/1', 'count/2', 'init/1', 'local_count/1', 'start_link/1']);
  assert.deepEqual(
    facts.calls.get(':erpc.call')?.map((place) => [place.path, facts.at(place)]),
    [['lib/shop/stock.ex', ':erpc.call']],
  );
  assert.equal(facts.calls.get(':rpc.call'), undefined);
  assert.deepEqual(
    facts.replicas.map(({ kind, name, count }) => [kind, name, count]),
    [['StatefulSet', 'shop', 3]],
  );
  assert.equal(facts.at(facts.replicas[0]), '3');
  assert.deepEqual(
    facts.signs.map(({ what, path }) => `${what} in ${path}`),
    [
      'ra in mix.exs',
      'libcluster in mix.exs',
      ':erpc.call in lib/shop/stock.ex',
      'RELEASE_DISTRIBUTION=name in rel/env.sh.eex',
      '3 replicas in k8s/shop.yaml',
    ],
  );
});

test('the size of the cluster is known when all that names it agrees', () => {
  assert.equal(project(shop).clusterSize?.size, 3);
  const five = { ...shop, 'k8s/shop.yaml': shop['k8s/shop.yaml']!.replace('replicas: 3', 'replicas: 5') };
  assert.equal(project(five).clusterSize, undefined);
  assert.equal(project({ ...five, 'config/prod.exs': '' }).clusterSize?.size, 5);
  const members = 'defmodule M do\n  def go, do: :ra.start_cluster(:default, :kv, {:module, M, %{}}, [kv: :a@h1, kv: :a@h2])\nend';
  assert.equal(project({ 'lib/m.ex': members }).clusterSize?.size, 2);
  const local =
    'defmodule M do\n  def go, do: :ra.start_cluster(:default, :kv, {:module, M, %{}}, [{:kv, :"a@127.0.0.1"}, {:kv, :"b@127.0.0.1"}])\nend';
  assert.equal(project({ 'lib/m.ex': local }).clusterSize, undefined);
});

test('without dependencies, calls or settings for it there is no sign of a cluster', () => {
  const facts = project({
    'mix.exs':
      'defmodule A.MixProject do\n  use Mix.Project\n  def project, do: [app: :a, deps: [{:local_cluster, "~> 2.0", only: :test}]]\nend',
    'lib/a.ex': 'defmodule A do\n  def lock(f), do: :global.trans({:file, self()}, f, [node()])\nend',
    'test/a_test.exs': 'defmodule ATest do\n  def go(n), do: :rpc.call(n, A, :f, [])\nend',
    'rel/vm.args': '-name a@127.0.0.1',
    'k8s/a.yaml': 'kind: Deployment\nspec:\n  replicas: 4\n',
  });
  assert.deepEqual(facts.signs, []);
  assert.equal(facts.replicas[0]?.count, 4);
});

test('the lowest OTP: what is named, else what the version of Elixir needs; a package runs on all that it allows', () => {
  const mix = (more: string): string =>
    `defmodule A.MixProject do\n  use Mix.Project\n  def project, do: [app: :a, elixir: "~> 1.14 or ~> 1.17"${more}]\nend`;
  const named = project({ 'mix.exs': mix(''), '.tool-versions': 'erlang 27.1\nelixir 1.17.3-otp-27\n' });
  assert.equal(named.otp?.major, 27);
  assert.equal(named.at(named.otp), '27.1');
  const image = project({ 'mix.exs': mix(''), Dockerfile: 'FROM hexpm/elixir:1.15.7-erlang-26.1.2-alpine-3.18.4 AS build\n' });
  assert.equal(image.otp?.major, 26);
  assert.equal(image.at(image.otp), 'hexpm/elixir:1.15.7-erlang-26.1.2-alpine-3.18.4');
  const lowest = project({ Dockerfile: `ARG OTP=25.3\nFROM erlang:\${OTP}-alpine\n`, '.tool-versions': 'erlang 26.0\n' });
  assert.deepEqual([lowest.otp?.major, lowest.otp?.path], [25, 'Dockerfile']);
  const implied = project({ 'mix.exs': mix('') });
  assert.deepEqual([implied.otp?.major, implied.at(implied.otp)], [23, '"~> 1.14 or ~> 1.17"']);
  const published = project({ 'mix.exs': mix(', package: [licenses: ["MIT"]]'), '.tool-versions': 'erlang 27.1\n' });
  assert.equal(published.otp?.major, 23);
  const official = project({ Dockerfile: 'FROM elixir:1.18-slim\n' });
  assert.equal(official.otp?.major, 25);
  assert.equal(project({ 'lib/a.ex': 'defmodule A do\nend' }).otp, undefined);
});

test('an umbrella: applications, dependencies of all, configuration of the root and of each', () => {
  const app = (name: string, deps: string): string =>
    `defmodule ${name}.MixProject do\n  use Mix.Project\n  def project, do: [app: :${name.toLowerCase()}, deps: ${deps}]\nend`;
  const facts = project({
    'mix.exs':
      'defmodule U.MixProject do\n  use Mix.Project\n  def project, do: [apps_path: "apps", deps: [{:credo, "~> 1.7", only: :dev}]]\nend',
    'mix.lock': '%{\n  "horde": {:hex, :horde, "0.9.0"},\n}',
    'apps/web/mix.exs': app(
      'Web',
      '[{:store, in_umbrella: true}, {:credo, "~> 1.7", only: :test}], config_path: "../../config/config.exs"',
    ),
    'apps/store/mix.exs': app('Store', '[{:horde, "~> 0.9.0"}]'),
    'apps/store/config/config.exs': 'use Mix.Config\nconfig :store, old: true\nconfig :store, size: 1',
    'apps/web/config/config.exs': 'import Config\nconfig :web, unused: true',
    'apps/store/priv/demo/mix.exs': app('Demo', '[{:swarm, "~> 3.0"}]'),
    'config/config.exs': 'import Config\nconfig :store, size: 3',
  });
  assert.equal(facts.umbrella, true);
  assert.deepEqual(facts.apps, [
    { name: 'store', root: 'apps/store' },
    { name: 'web', root: 'apps/web' },
  ]);
  assert.deepEqual([...facts.dependencies.keys()].sort(), ['credo', 'horde', 'store']);
  assert.deepEqual(facts.dependencies.get('credo')?.only, ['dev', 'test']);
  assert.equal(facts.dependencies.get('horde')?.locked, '0.9.0');
  assert.deepEqual(
    facts.config.map(({ path, keys }) => `${path} ${keys.join('.')}`),
    ['apps/store/config/config.exs old', 'apps/store/config/config.exs size', 'config/config.exs size'],
  );
});

test('words: what is nowhere mentioned can be proven; quoted and broken code counts', () => {
  const facts = project({
    'lib/a.ex': 'defmodule A do\n  def f, do: %{known_key: :an_atom}\n  # :only_in_a_comment\n  def g, do: :mnesia.info()\nend',
    'lib/b.ex':
      'defmodule B do\n  defmacro __using__(_) do\n    quote do\n      def handle_info({:inconsistent_database, _, _}, s), do: s\n    end\n  end\nend',
    'lib/c.ex': 'defmodule C do\n  def f(, do: {:half_written\nend',
  });
  for (const word of ['known_key', 'an_atom', 'mnesia', 'A', 'inconsistent_database', 'half_written'])
    assert.ok(facts.words.has(word), word);
  assert.equal(facts.words.has('only_in_a_comment'), false);
  assert.equal(facts.words.has('unsplit'), false);
  assert.ok([...facts.words].includes('an_atom'));
});

test('a change of one file derives that file again, and no other', () => {
  const [a, b] = [extract('lib/a.ex', 'defmodule A do\nend'), extract('lib/b.ex', 'defmodule B do\nend')];
  const [ofA, ofB] = [contributionOf(a), contributionOf(b)];
  buildProject({ root: '', texts: new Map(), facts: [a, b] });
  const changed = extract('lib/b.ex', 'defmodule B2 do\nend');
  const facts = buildProject({ root: '', texts: new Map(), facts: [a, changed] });
  assert.deepEqual([...facts.modules.keys()], ['A', 'B2']);
  assert.equal(contributionOf(a), ofA);
  assert.notEqual(contributionOf(changed), ofB);
  assert.equal(facts.modules.get('A'), ofA.modules[0]);
});

test('the order of the files does not matter', () => {
  const texts = Object.entries(shop).filter(([path]) => !/\.exs?$/.test(path));
  const files = Object.entries(shop).flatMap(([path, text]) => (/\.exs?$/.test(path) ? [extract(path, dedent(text))] : []));
  const plain = ({ calls, words, files: _, ...facts }: ProjectFacts): unknown => ({
    ...facts,
    calls: [...calls].sort(([a], [b]) => (a < b ? -1 : 1)),
    words: [...words].sort(),
  });
  assert.deepEqual(
    plain(buildProject({ root: '', texts: new Map([...texts].reverse()), facts: [...files].reverse() })),
    plain(buildProject({ root: '', texts: new Map(texts), facts: files })),
  );
});

test('which files are read', () => {
  const wanted = [
    'mix.exs',
    'apps/web/mix.exs',
    'mix.lock',
    'config/config.exs',
    'config/runtime/test.exs',
    'apps/a/config/test/arbitrum.exs',
    'rel/vm.args.eex',
    'rel/env.sh.eex',
    'rel/server/env.sh.eex',
    'rel/config.exs',
    'rel/overlays/bin/server',
    '.tool-versions',
    'Dockerfile',
    'docker/Dockerfile.prod',
    'fly.toml',
    'deploy/fly.staging.toml',
    'k8s/app.yaml',
    'docker-compose.yml',
    'etc/vm.args.cloud',
  ];
  const others = [
    'lib/a.ex',
    'test/a_test.exs',
    'deps/ra/mix.exs',
    '_build/dev/x.yaml',
    'test/k8s/app.yaml',
    '.github/workflows/ci.yml',
    'README.md',
  ];
  assert.deepEqual(
    wanted.filter((path) => !isProjectFile(path)),
    [],
  );
  assert.deepEqual(others.filter(isProjectFile), []);
});

test('versions compare number by number', () => {
  assert.ok(compareVersions('2.9.1', '2.13.0') < 0);
  assert.ok(compareVersions('3.0', '3.0.0') === 0);
  assert.ok(compareVersions('10.0.0', '9.9.9') > 0);
});

test('every prefix of every file gives facts and no error', () => {
  const paths = Object.keys(shop);
  for (const path of paths) {
    const text = dedent(shop[path]!);
    const rest = { ...shop };
    delete (rest as Record<string, string>)[path];
    for (let end = 0; end < text.length; end += 23) {
      const cut = text.slice(0, end);
      const texts = new Map(/\.exs?$/.test(path) ? [] : [[path, cut]]);
      const facts = buildProject({ root: '', texts, facts: /\.exs?$/.test(path) ? [extract(path, cut)] : [] });
      assert.ok(facts.dependencies.size <= 8, path);
    }
  }
});

test('hostile texts take neither the process nor the time', () => {
  const many = 5000;
  const elixir: Files = {
    'mix.exs': `defmodule M do\n  use Mix.Project\n  def project, do: [deps: deps()]\n  def deps, do: deps() ++ other()\n  def other, do: deps()\nend`,
    'config/config.exs': [
      'import Config',
      'import_config "config.exs"',
      'import_config "*.exs"',
      'a0 = [x: 1, y: 2]',
      ...Array.from({ length: 60 }, (_, i) => `a${i + 1} = [x: a${i}, y: a${i}]\ns${i + 1} = s${i} <> s${i}\nl${i + 1} = l${i} ++ l${i}`),
      'config :a, a60',
      'config :b, [k: s60, l: l60]',
      'v = v',
      'config :c, v: v',
    ].join('\n'),
    'config/dev.exs': `import Config\nv0 = 1\n${Array.from({ length: 3000 }, (_, i) => `v${i + 1} = v${i}`).join('\n')}\nconfig :d, v: v3000`,
    'config/prod.exs': `import Config\n${'config :e, k: v\n'.repeat(3000)}`,
    'lib/a.ex': `defmodule A do\n  use Application\n  def start(_, _), do: Supervisor.start_link(${'['.repeat(300)}${']'.repeat(300)}, [])\n  def topologies, do: topologies()\nend`,
  };
  const texts = new Map([
    ['k8s/deep.yaml', `replicas: ${'['.repeat(many)}`],
    ['k8s/wide.yaml', `kind: Deployment\nreplicas: ${'{{ '.repeat(many)}`],
    ['k8s/alias.yaml', `a: &a [x]\nb: &b [${'*a,'.repeat(1000)}]\nservices: [${'*b,'.repeat(1000)}]\nreplicas: 1`],
    ['rel/vm.args', `${'<%'.repeat(many)}\n${'"'.repeat(many)}\n${"${'".repeat(many)}`],
    ['rel/env.sh', 'RELEASE_NODE="$('.repeat(5000)],
    ['Dockerfile', `ARG A=$A$A\nARG A=$A$A$A\nFROM $A\nENV ${'A="'.repeat(many)}`],
    ['fly.toml', `[[${'vm'.repeat(many)}\ncount = ${'9'.repeat(many)}`],
    ['mix.lock', `"a": {:hex, `.repeat(many)],
  ]);
  const facts = Object.entries(elixir).map(([path, text]) => extract(path, text));
  const built = buildProject({ root: '', texts, facts });
  assert.deepEqual(built.replicas, []);
  assert.ok(built.config.length < 100_000);
  assert.ok(built.config.some(({ app }) => app === 'd'));
});
