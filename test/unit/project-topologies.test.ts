import assert from 'node:assert/strict';
import test from 'node:test';
import { createExtractor } from '../../core/facts/extract';
import { hostsOf, type TopologyExpr, topologiesIn } from '../../core/project/topologies';
import { dedent } from '../../core/text';

const extract = await createExtractor();

function topologies(path: string, text: string): readonly (TopologyExpr & { readonly text: string; readonly hosts: number | undefined })[] {
  const source = dedent(text);
  const file = extract(path, source);
  return topologiesIn(file).map((t) => ({ ...t, text: source.slice(t.range.start, t.range.end), hosts: hostsOf(file, t)?.nodes.length }));
}

const outline = (found: readonly TopologyExpr[]): readonly string[] =>
  found.map(({ name, strategyName, environment }) => [name, strategyName, environment].filter(Boolean).join(' '));

test('config :libcluster, with every pair of a topology', () => {
  const [one, two, ...others] = topologies(
    'config/config.exs',
    `
      import Config
      config :libcluster,
        debug: true,
        topologies: [
          k8s: [
            strategy: Cluster.Strategy.Kubernetes.DNS,
            config: [service: System.get_env("SERVICE"), application_name: "shop"],
            connect: {:net_kernel, :connect_node, []},
            disconnect: {:erlang, :disconnect_node, []},
            list_nodes: {:erlang, :nodes, [:connected]},
            hosts: []
          ],
          "quoted name": [strategy: Shop.OwnStrategy]
        ]
    `,
  );
  assert.equal(others.length, 0);
  assert.equal(one?.name, 'k8s');
  assert.equal(one.strategyName, 'Cluster.Strategy.Kubernetes.DNS');
  assert.equal(one.open, false);
  assert.deepEqual(
    one.pairs.map(({ key }) => key.kind === 'atom' && key.value),
    ['strategy', 'config', 'connect', 'disconnect', 'list_nodes', 'hosts'],
  );
  assert.equal(one.config?.value.kind, 'list');
  assert.equal(one.connect?.value.kind, 'tuple');
  assert.equal(one.disconnect?.value.kind, 'tuple');
  assert.equal(one.listNodes?.value.kind, 'tuple');
  assert.equal(two?.name, 'quoted name');
  assert.equal(two.text, '"quoted name": [strategy: Shop.OwnStrategy]');
});

test('a topology without a strategy is one where libcluster reads it', () => {
  const [only] = topologies('config/config.exs', 'import Config\nconfig :libcluster, topologies: [a: [config: [hosts: []]]]');
  assert.equal(only?.name, 'a');
  assert.equal(only.strategy, undefined);
});

test('children of a supervisor, by a variable, an attribute, a function or in place', () => {
  const found = topologies(
    'lib/app.ex',
    `
      defmodule App do
        use Application
        @topologies [attribute: [strategy: Cluster.Strategy.Gossip]]

        def start(_, _) do
          topologies = [variable: [strategy: Cluster.Strategy.Epmd, config: [hosts: [:"a@h", :"b@h"]]]]

          children = [
            {Cluster.Supervisor, [topologies, [name: A]]},
            {Cluster.Supervisor, [@topologies, [name: B]]},
            {Cluster.Supervisor, [own(), [name: C]]},
            {Cluster.Supervisor, [[place: [strategy: App.Custom]], [name: D]]},
            {Cluster.Supervisor, wrong: [strategy: App.Custom]}
          ]

          Supervisor.start_link(children, strategy: :one_for_one)
        end

        defp own do
          config = Keyword.take(App.Repo.config(), [:hostname])
          [function: [strategy: LibclusterPostgres.Strategy, config: config]]
        end
      end
    `,
  );
  assert.deepEqual(outline(found), [
    'attribute Cluster.Strategy.Gossip',
    'variable Cluster.Strategy.Epmd',
    'place App.Custom',
    'wrong App.Custom',
    'function LibclusterPostgres.Strategy',
  ]);
  assert.equal(found[1]?.hosts, 2);
});

test('topologies that conditions put together', () => {
  const found = topologies(
    'config/runtime.exs',
    `
      import Config
      topologies = []

      topologies =
        if System.get_env("DNS_POLL") do
          dns_poll = [
            strategy: Cluster.Strategy.DNSPoll,
            config: [polling_interval: 5_000, query: System.get_env("DNS_POLL"), node_basename: "app"]
          ]

          Keyword.put(topologies, :dns, dns_poll)
        else
          topologies
        end

      topologies =
        if System.get_env("CLUSTER_NODES") do
          Keyword.put(topologies, :epmd, strategy: Cluster.Strategy.Epmd, config: [hosts: nodes()])
        else
          topologies
        end

      if config_env() == :prod do
        config :libcluster, topologies: topologies
      end
    `,
  );
  assert.deepEqual(outline(found), ['dns Cluster.Strategy.DNSPoll prod', 'epmd Cluster.Strategy.Epmd prod']);
});

test('options with a strategy of libcluster, wherever they stand', () => {
  const found = topologies(
    'lib/config.ex',
    `
      defmodule Config.Cluster do
        alias Cluster.Strategy.Kubernetes, as: K8s

        def services do
          %{
            web: {:web_k8s, [strategy: K8s, config: [mode: :ip]]},
            jobs: {:jobs_dns, [strategy: Elixir.Cluster.Strategy.DNSPoll, config: [query: "jobs"]]}
          }
        end

        def choose("gossip", more), do: [gossip: [strategy: Cluster.Strategy.Gossip]] ++ more
        def choose(_, _), do: [invented: [strategy: Cluster.Strategy.KubernetesDNS]]
      end
    `,
  );
  assert.deepEqual(outline(found), [
    'web_k8s Cluster.Strategy.Kubernetes',
    'jobs_dns Cluster.Strategy.DNSPoll',
    'gossip Cluster.Strategy.Gossip',
    'invented Cluster.Strategy.KubernetesDNS',
  ]);
});

test('the environment is that of the branch, the file or the test', () => {
  const text = 'import Config\nconfig :libcluster, topologies: [a: [strategy: Cluster.Strategy.LocalEpmd]]';
  const environmentIn = (path: string, source = text): string | undefined => topologies(path, source)[0]?.environment;
  assert.equal(environmentIn('config/config.exs'), undefined);
  assert.equal(environmentIn('config/dev.exs'), 'dev');
  assert.equal(environmentIn('apps/web/config/prod.exs'), 'prod');
  assert.equal(environmentIn('config/prod.secret.exs'), 'prod');
  assert.equal(environmentIn('config/dev/local.exs'), 'dev');
  assert.equal(environmentIn('lib/config/dev/local.ex'), undefined);
  assert.equal(environmentIn('config/runtime.exs'), undefined);
  assert.equal(environmentIn('test/support/cluster.ex', 'topologies = [a: [strategy: Cluster.Strategy.Epmd]]'), 'test');
  assert.equal(environmentIn('config/runtime.exs', text.replace(/config .*/, 'if config_env() in [:dev, :test] do\n  $&\nend')), 'dev');
});

test('hosts are counted where all of them are known', () => {
  const hosts = (code: string): number | undefined =>
    topologies(
      'config/config.exs',
      `import Config\nnames = [:"a@h", :"b@h"]\nconfig :libcluster, topologies: [a: [strategy: Cluster.Strategy.Epmd, config: [hosts: ${code}]]]`,
    )[0]?.hosts;
  assert.equal(hosts('[:"a@h1", :"b@h2", :"c@h3"]'), 3);
  assert.equal(hosts('names ++ [:"c@h"]'), 3);
  assert.equal(hosts('for(i <- 1..80, do: :"app@10.0.0.#{i}")'), 80);
  assert.equal(hosts('Enum.map(~w(a@h b@h), &String.to_atom/1)'), 2);
  assert.equal(hosts('System.get_env("HOSTS") |> String.split(",")'), undefined);
  assert.equal(hosts('[String.to_atom(System.get_env("NODE")), :"b@h"]'), undefined);
});

test('what is only like a topology is none', () => {
  const code = [
    'Supervisor.start_link(children, [strategy: :one_for_one, name: Topology])',
    'config :ueberauth, providers: [github: [strategy: Ueberauth.Strategy.Github]]',
    'config :election, strategy: Election.Strategy.Kubernetes',
    'topology = [a: [strategy: :one_for_one]]',
    'topologies = [kafka: [brokers: 3]]',
    '# strategy: Cluster.Strategy.Gossip',
  ];
  assert.deepEqual(outline(topologies('config/config.exs', `import Config\n${code.join('\n')}`)), []);
});
