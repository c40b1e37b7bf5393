import assert from 'node:assert/strict';
import test from 'node:test';
import { createExtractor } from '../../core/facts/extract';
import { buildProject } from '../../core/project/build';
import { configIn, settingOf } from '../../core/project/config';
import { evaluate } from '../../core/project/evaluate';
import type { ConfigEntry } from '../../core/project/project';
import { lookUp, textOf, type Value } from '../../core/project/value';
import { dedent } from '../../core/text';

const extract = await createExtractor();

function configOf(files: Readonly<Record<string, string>>): readonly ConfigEntry[] {
  const facts = Object.entries(files).map(([path, text]) => extract(path, dedent(text)));
  return buildProject({ root: '', texts: new Map(), facts }).config;
}

/** `app keys environment` of each setting, in order. */
const outline = (config: readonly ConfigEntry[]): readonly string[] =>
  config.map(({ app, keys, environment }) => [app, keys.join('.'), environment].filter(Boolean).join(' '));

/** A value as a compact text: `?` is unknown. */
function shown(value: Value | undefined): string {
  switch (value?.kind) {
    case undefined:
      return 'none';
    case 'atom':
      return `:${value.value}`;
    case 'module':
      return value.name;
    case 'number':
      return String(value.value);
    case 'text':
      return `"${value.parts.map((p) => (typeof p === 'string' ? p : `{${shown(p)}}`)).join('')}"`;
    case 'tuple':
      return `{${value.items.map(shown).join(', ')}}`;
    case 'list':
      return `[${[...value.items.map(shown), ...(value.open ? ['…'] : [])].join(', ')}]`;
    case 'map':
      return `%{${[...value.items.map(shown), ...(value.open ? ['…'] : [])].join(', ')}}`;
    case 'either':
      return value.options.map(shown).join(' | ');
    case 'unknown': {
      const { source, fallback } = value;
      const from =
        source?.kind === 'variable' ? `$${source.name}` : source?.kind === 'configuration' ? `${source.app}/${source.key}` : source?.kind;
      return `?${from ?? ''}${fallback ? ` or ${shown(fallback)}` : ''}`;
    }
  }
}

/** What the last expression of a script comes to. */
function scriptValue(script: string): string {
  const file = extract('config/config.exs', dedent(script));
  return shown(evaluate(file, file.script));
}

test('values: literals, and what names them', () => {
  assert.equal(scriptValue('[a: 1, b: [c: "x", d: :y], e: {Mod, []}]'), '[{:a, 1}, {:b, [{:c, "x"}, {:d, :y}]}, {:e, {Mod, []}}]');
  assert.equal(scriptValue('alias My.App\nx = %{App => 1, "k" => ~c"abc"}\nx'), '%{{My.App, 1}, {"k", "abc"}}');
  assert.equal(scriptValue('hosts = ~w(a@h b@h)a\n[hosts: hosts ++ [:c@h]]'), '[{:hosts, [:a@h, :b@h, :c@h]}]');
  assert.equal(scriptValue('n = 2\nn * 30 + 1'), '61');
  assert.equal(scriptValue('x = 1\nx = [x]\nx = [x]\nx'), '[[1]]');
  assert.equal(scriptValue('{a, b} = {1, 2}\na'), '?');
  assert.equal(scriptValue('f = fn x -> x end\nf.(1)'), '?');
  assert.equal(scriptValue('x = x\nx'), '?');
});

test('values: what the system gives keeps its name', () => {
  assert.equal(scriptValue('System.get_env("HOST")'), '?$HOST');
  assert.equal(scriptValue('System.get_env("HOST", "localhost")'), '?$HOST or "localhost"');
  assert.equal(scriptValue('System.get_env("HOST") || "localhost"'), '?$HOST or "localhost"');
  assert.equal(scriptValue('String.to_atom(System.fetch_env!("COOKIE"))'), '?$COOKIE');
  assert.equal(scriptValue('System.fetch_env!("COOKIE") |> String.to_atom()'), '?$COOKIE');
  assert.equal(scriptValue('"shop@#{System.get_env("IP")}.local"'), '"shop@{?$IP}.local"');
  assert.equal(scriptValue('Application.get_env(:libcluster, :topologies, [])'), '?libcluster/topologies or []');
  assert.equal(scriptValue('Unknown.function(1)'), '?');
});

test('values: functions of lists and keyword lists', () => {
  assert.equal(scriptValue('Keyword.merge([a: 1, b: 2], b: 3)'), '[{:a, 1}, {:b, 3}]');
  assert.equal(scriptValue('[a: 1] |> Keyword.put(:b, 2) |> Keyword.delete(:a)'), '[{:b, 2}]');
  assert.equal(scriptValue('Keyword.merge(unknown(), b: 3)'), '[{:b, 3}, …]');
  assert.equal(scriptValue('Enum.concat([[1], [2]])'), '[1, 2]');
  assert.equal(scriptValue('for i <- 1..3, do: :"app@h#{i}"').split(', ').length, 3);
  assert.equal(scriptValue('Enum.map([1, 2], fn _ -> :x end)'), '[:x, :x]');
  assert.equal(scriptValue('x = [a: [b: 1]]\nx[:a][:b]'), '1');
  assert.equal(scriptValue('List.flatten([[a: 1], [b: 2]])'), '[{:a, 1}, {:b, 2}]');
});

test('values: a condition that is not known leaves what each branch adds', () => {
  assert.equal(scriptValue('t = []\nt = if System.get_env("A"), do: Keyword.put(t, :a, 1), else: t\nt'), '[{:a, 1}, …]');
  assert.equal(scriptValue('if x, do: 1, else: 2'), '1 | 2');
  assert.equal(scriptValue('if x, do: 1'), '1 | :nil');
  assert.equal(scriptValue('case x do\n  1 -> [a: 1]\n  _ -> [b: 2]\nend'), '[{:a, 1}, {:b, 2}, …]');
});

test('values: attributes and functions of a module', () => {
  const file = extract(
    'lib/a.ex',
    dedent(`
      defmodule A do
        @hosts [:a@h]
        @hosts @hosts ++ [:b@h]
        Module.register_attribute(__MODULE__, :all, accumulate: true)
        @all 1
        def topologies, do: base(2) ++ [extra: [hosts: @hosts, all: @all]]
        defp base(n) do
          name = :base
          [{name, n}]
        end
        def loop, do: loop()
      end
    `),
  );
  const functions = file.modules[0]!.functions;
  const valueOfFunction = (name: string): Value => evaluate(file, functions.find((f) => f.name === name)!.clauses[0]!.clause.body);
  assert.equal(shown(valueOfFunction('topologies')), '[{:base, ?}, {:extra, [{:hosts, [:a@h, :b@h]}, {:all, ?}]}]');
  assert.equal(shown(valueOfFunction('loop')), '?');
  assert.equal(textOf(lookUp(valueOfFunction('base'), 'base')), undefined);
});

test('every key on the way down is a setting with its own range', () => {
  const text = dedent(`
    import Config
    config :kernel, prevent_overlapping_partitions: false
    config :shop, Shop.Repo, pool: [size: 10, name: "ü😀"]
  `);
  const entries = configIn(extract('config/config.exs', text));
  const slice = (range: { start: number; end: number }): string => text.slice(range.start, range.end);
  assert.deepEqual(
    entries.map((e) => [`${e.app} ${e.keys.join('.')}`, slice(e.keyRange), slice(e.value.range), slice(e.range)]),
    [
      ['kernel prevent_overlapping_partitions', 'prevent_overlapping_partitions:', 'false', 'prevent_overlapping_partitions: false'],
      ['shop Shop.Repo', 'Shop.Repo', 'pool: [size: 10, name: "ü😀"]', 'Shop.Repo, pool: [size: 10, name: "ü😀"]'],
      ['shop Shop.Repo.pool', 'pool:', '[size: 10, name: "ü😀"]', 'pool: [size: 10, name: "ü😀"]'],
      ['shop Shop.Repo.pool.size', 'size:', '10', 'size: 10'],
      ['shop Shop.Repo.pool.name', 'name:', '"ü😀"', 'name: "ü😀"'],
    ],
  );
});

test('a variable stands for the literal that it names', () => {
  const text = 'import Config\nopts = [size: 3]\napp = :shop\nconfig app, Repo, Keyword.put(opts, :name, "x")\nconfig :a, key, 1\n';
  const entries = configIn(extract('config/config.exs', text));
  assert.deepEqual(outline(entries), ['shop Repo', 'shop Repo.name', 'shop Repo.size']);
  const size = entries.find((e) => e.keys.includes('size'));
  assert.equal(text.slice(size!.range.start, size!.range.end), 'size: 3');
});

test('the order is that of Mix: config.exs with its imports, then runtime.exs', () => {
  const config = configOf({
    'config/runtime.exs':
      'import Config\nif config_env() == :prod do\n  config :shop, size: System.fetch_env!("SIZE")\nend\nconfig :shop, at: :runtime',
    'config/test.exs': 'import Config\nconfig :shop, size: 2',
    'config/dev.exs': 'import Config\nconfig :shop, size: 1',
    'config/prod.exs': 'import Config\nconfig :shop, size: 3\nimport_config "prod.secret.exs"',
    'config/prod.secret.exs': 'import Config\nconfig :shop, secret: 1',
    'config/config.exs': 'import Config\nconfig :shop, first: 1\nimport_config "#{config_env()}.exs"\nconfig :shop, last: 1',
  });
  assert.deepEqual(outline(config), [
    'shop first',
    'shop size dev',
    'shop size test',
    'shop size prod',
    'shop secret prod',
    'shop last',
    'shop size prod',
    'shop at',
  ]);
});

test('imports: Mix.Config, Mix.env, paths from __DIR__, wildcards, required files', () => {
  const config = configOf({
    'mix.exs': 'defmodule U.MixProject do\n  use Mix.Project\n  def project, do: [apps_path: "apps"]\nend',
    'config/config.exs': `
      use Mix.Config
      for config <- "../apps/*/config/config.exs" |> Path.expand(__DIR__) |> Path.wildcard() do
        import_config config
      end
      env_config = Path.expand("#{'#'}{Mix.env()}.exs", __DIR__)
      if File.exists?(env_config), do: import_config(env_config)
    `,
    'config/dev.exs': 'use Mix.Config\nconfig :u, env: 1',
    'apps/a/config/config.exs': 'use Mix.Config\nconfig :a, a: 1\nimport_config "#{Mix.env}.exs"',
    'apps/a/config/staging.exs': 'use Mix.Config\nconfig :a, env: :staging',
    'apps/a/config/prod.exs': 'use Mix.Config\nconfig :a, env: :prod',
    'apps/b/config/config.exs': 'import Config\nconfig :b, b: 1',
    'config/runtime.exs': 'import Config\nCode.require_file("#{config_env()}.exs", "config/runtime")',
    'config/runtime/test.exs': 'import Config\nconfig :u, runtime: 1',
    'config/elsewhere.exs': 'import Config\nconfig :u, never: 1',
  });
  assert.deepEqual(outline(config), ['a a', 'a env prod', 'a env prod', 'b b', 'u env dev', 'u runtime test']);
});

test('files of an environment count although nothing is seen to import them', () => {
  const config = configOf({
    'config/config.exs': 'import Config\nconfig :a, a: 1\nimport_config path_of(config_env())',
    'config/test.exs': 'import Config\nconfig :a, a: 2',
    'config/releases.exs': 'import Config\nconfig :a, a: 3',
  });
  assert.deepEqual(outline(config), ['a a', 'a a test', 'a a prod']);
});

test('files that import each other end', () => {
  const config = configOf({
    'config/config.exs': 'import Config\nimport_config "dev.exs"\nimport_config "*.exs"',
    'config/dev.exs': 'import Config\nimport_config "config.exs"\nconfig :a, a: 1',
  });
  assert.ok(config.length >= 1 && config.every((entry) => entry.environment === 'dev'));
});

const branches: readonly (readonly [string, string | undefined])[] = [
  ['if config_env() == :prod do\n  config :a, k: 1\nend', 'a k prod'],
  ['if :test == Mix.env(), do: config(:a, k: 1)', 'a k test'],
  ['unless config_env() == :prod do\n  config :a, k: 1\nend', 'a k dev'],
  ['if config_env() != :test do\n  config :a, k: 1\nend', 'a k'],
  ['if config_env() in [:dev, :test] do\n  config :a, k: 1\nend', 'a k dev'],
  ['if config_env() not in [:dev, :test] do\n  config :a, k: 1\nend', 'a k prod'],
  ['if config_env() == :prod and System.get_env("X") do\n  config :a, k: 1\nend', 'a k prod'],
  ['if config_env() == :prod || System.get_env("X") do\n  config :a, k: 1\nend', 'a k'],
  ['if System.get_env("PHX_SERVER") do\n  config :a, k: 1\nend', 'a k'],
  ['env = config_env()\nif env == :dev do\n  config :a, k: 1\nend', 'a k dev'],
  ['if System.get_env("MIX_ENV") == "prod" do\n  config :a, k: 1\nend', 'a k prod'],
  ['case config_env() do\n  :test -> :ok\n  :dev -> :ok\n  _ -> config :a, k: 1\nend', 'a k prod'],
  ['case config_env() do\n  env when env in [:dev, :test] -> config :a, k: 1\n  _ -> :ok\nend', 'a k dev'],
  ['cond do\n  config_env() == :prod -> :ok\n  config_env() == :dev -> :ok\n  true -> config :a, k: 1\nend', 'a k test'],
  ['config_env() == :prod && config(:a, k: 1)', 'a k prod'],
  ['if config_env() == :prod do\n  :ok\nelse\n  if config_env() == :dev do\n    :ok\n  else\n    config :a, k: 1\n  end\nend', 'a k test'],
  ['if config_env() == :docker do\n  config :a, k: 1\nend', undefined],
];

for (const [code, expected] of branches) {
  test(`the environment of a branch: ${code.split('\n')[0]}`, () => {
    assert.deepEqual(outline(configOf({ 'config/config.exs': `import Config\n${code}` })), expected === undefined ? [] : [expected]);
  });
}

test('the setting that holds', () => {
  const config = configOf({
    'config/config.exs': 'import Config\nconfig :swarm, distribution_strategy: A, node: [a: 1]\nimport_config "#{config_env()}.exs"',
    'config/prod.exs': 'import Config\nconfig :swarm, static_quorum_size: 3, distribution_strategy: B',
    'config/test.exs': 'import Config\nconfig :swarm, static_quorum_size: 1\nconfig :swarm, node: :none',
  });
  const held = (keys: readonly string[], environment?: 'dev' | 'test'): string | undefined => {
    const value = settingOf(config, 'swarm', keys, environment)?.value;
    return value?.kind === 'alias' ? value.name : value?.kind === 'integer' ? String(value.value) : value?.kind;
  };
  assert.equal(held(['distribution_strategy']), 'B');
  assert.equal(held(['distribution_strategy'], 'dev'), 'A');
  assert.equal(held(['static_quorum_size']), '3');
  assert.equal(held(['static_quorum_size'], 'dev'), undefined);
  assert.equal(held(['node', 'a']), '1');
  assert.equal(held(['node', 'a'], 'test'), undefined);
  assert.equal(held(['node_whitelist']), undefined);
});

test('a fragment with functions is configuration too', () => {
  const file = extract('config/config.exs', 'import Config\ndef size, do: 3\nconfig :a, size: size()');
  assert.deepEqual(outline(configIn(file)), ['a size']);
  assert.equal(configIn(file)[0]?.value.kind, 'integer');
});

test('calls that are only like configuration are none', () => {
  const file = extract(
    'lib/a.ex',
    'defmodule A do\n  def go, do: config(:a, k: 1)\n  def config(_, _), do: :ok\nend\nOther.config(:a, k: 1)',
  );
  assert.deepEqual(configIn(file), []);
});
