import { type Call, type Expr, keywordValue } from '../../elixir/ir';
import { ancestorsOf, callsTo, type FileFacts, functionClauseOf } from '../../facts/facts';
import { isInteractive } from '../../facts/remote';
import { untrustedSource } from '../../facts/untrusted';
import { appendItem, replace } from '../../fix';
import { environmentsAt, environmentsOfPath } from '../../project/environment';
import { evaluate } from '../../project/evaluate';
import { isForTrial } from '../../project/manifests';
import { readMix } from '../../project/mix';
import { type TopologyExpr, topologiesIn } from '../../project/topologies';
import { entriesOf, isNil, lookUp, textOf } from '../../project/value';
import type { Context, Finding, Fix, Rule } from '../../rule';
import { contains, type Range } from '../../text';

const cookies = ['Node.set_cookie', ':erlang.set_cookie'];
/** Calls that reach another node, with the indices of the arguments that say where to or what is to run there. */
const remote: Readonly<Record<string, readonly number[]>> = {
  ':rpc.call': [1, 2],
  ':rpc.cast': [1, 2],
  ':rpc.block_call': [1, 2],
  ':rpc.async_call': [1, 2],
  ':erpc.call/4': [1, 2],
  ':erpc.call/5': [1, 2],
  ':erpc.cast/4': [1, 2],
  'Node.spawn/4': [1, 2],
  'Node.spawn_link/4': [1, 2],
  'Node.connect': [0],
  ':net_kernel.connect_node': [0],
};

export default {
  id: 'cluster-secrets',
  summary: 'The cluster is open to whoever reads the repository, can send a datagram, or fills in a form.',
  category: 'security',
  severity: 'warning',
  fixable: 'unsafe',
  rationale: `
    A node that knows the cookie may run any code on every other node: the cookie is the password of the whole cluster.

    Reported are
    - cookies that stand in the source: \`Node.set_cookie(:secret)\`, \`set cookie: …\` of a Distillery release for production, \`-setcookie\` in
      \`vm.args\` or \`ERL_FLAGS\`, \`RELEASE_COOKIE\` in \`env.sh\`, a Dockerfile, a manifest of Kubernetes or \`fly.toml\`; as information in compose
      files, beside a node name of this host only, and in \`releases:\` of \`mix.exs\`, where \`RELEASE_COOKIE\` can still replace them;
    - \`Cluster.Strategy.Gossip\` for production without \`secret:\`: it connects to any node that a datagram names, and decodes the datagram with
      \`binary_to_term\`;
    - as errors, a module, function or node for \`:rpc\`, \`:erpc\`, \`Node.spawn/4\` or \`Node.connect/1\` that a request names: it runs what a
      stranger asks for, or lets their node in.

    Silent for tests and development, for cookies that are read, copied or put in by a template, and where the request's value is compared
    with a list.

    The fixes read the secret from the environment. They are unsafe, since the variable has to be set first.`,
  references: [
    'https://www.erlang.org/doc/system/distributed.html',
    'https://hexdocs.pm/libcluster/Cluster.Strategy.Gossip.html',
    'https://hexdocs.pm/mix/Mix.Tasks.Release.html#module-options',
  ],
  examples: [
    {
      title: 'A cookie in the source',
      bad: `
        def join(node) do
          Node.set_cookie(:stock_secret)
          #               ^^^^^^^^^^^^^
          Node.connect(node)
        end`,
      good: `
        def join(node) do
          Node.set_cookie(String.to_atom(System.fetch_env!("RELEASE_COOKIE")))
          Node.connect(node)
        end`,
    },
    {
      title: 'Gossip with anyone',
      path: 'config/runtime.exs',
      bad: `
        config :libcluster,
          topologies: [
            lan: [
              strategy: Cluster.Strategy.Gossip
              #         ^^^^^^^^^^^^^^^^^^^^^^^
            ]
          ]`,
      good: `
        config :libcluster,
          topologies: [
            lan: [
              strategy: Cluster.Strategy.Gossip,
              config: [secret: System.fetch_env!("CLUSTER_SECRET")]
            ]
          ]`,
    },
    {
      title: 'A release of Distillery',
      path: 'rel/config.exs',
      bad: `
        environment :prod do
          set include_erts: true
          set cookie: :"pYSQX;P)n)K7mk"
          #           ^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'A release of Mix',
      path: 'mix.exs',
      bad: `
        defmodule Shop.MixProject do
          use Mix.Project

          def project do
            [
              app: :shop,
              releases: [shop: [cookie: "pYSQXPnK7mk"]]
              #                 ^^^^^^^^^^^^^^^^^^^^^
            ]
          end
        end`,
    },
    {
      title: 'A request says what runs',
      bad: `
        defmodule ShopWeb.AdminController do
          use ShopWeb, :controller

          def run(conn, %{"module" => module}) do
            :erpc.call(primary(), String.to_existing_atom("Elixir." <> module), :run, [], 5_000)
            #                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            json(conn, %{})
          end

          defp primary, do: Application.fetch_env!(:shop, :primary)
        end`,
    },
    {
      title: 'A flag of the VM',
      path: 'rel/vm.args.eex',
      bad: `
        -name shop@shop.internal
        -setcookie pYSQXPnK7mk
        #          ^^^^^^^^^^^`,
    },
    {
      title: 'A manifest of Kubernetes',
      path: 'deploy/shop.yaml',
      bad: `
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
                  image: registry.example.com/shop:1.0.0
                  env:
                    - name: RELEASE_DISTRIBUTION
                      value: name
                    - name: RELEASE_COOKIE
                      value: "pYSQXPnK7mk"
                      #       ^^^^^^^^^^^`,
    },
    {
      title: 'An image',
      path: 'Dockerfile',
      bad: `
        FROM elixir:1.17-slim
        ENV MIX_ENV=prod RELEASE_COOKIE=pYSQXPnK7mk
        #                               ^^^^^^^^^^^
        CMD ["bin/shop", "start"]`,
    },
    {
      title: 'From a secret',
      path: 'deploy/shop.yaml',
      good: `
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
                  image: registry.example.com/shop:1.0.0
                  env:
                    - name: RELEASE_COOKIE
                      valueFrom:
                        secretKeyRef: { name: shop, key: cookie }`,
    },
    {
      title: 'Put in when it is built or started',
      path: 'rel/env.sh.eex',
      good: `
        export RELEASE_COOKIE="$(cat /run/secrets/cookie)"
        export ERL_FLAGS="-setcookie \${CLUSTER_COOKIE}"`,
    },
    {
      title: 'A helper of somebody who sits before it',
      good: `
        defmodule Shop.IEx.Helpers do
          def connect do
            Node.set_cookie(:shop)
            Node.connect(:"shop@127.0.0.1")
          end
        end`,
    },
    {
      title: 'For development',
      path: 'docker-compose.dev.yml',
      good: `
        services:
          shop:
            build: .
            environment:
              RELEASE_COOKIE: dev`,
    },
    {
      title: 'Copied, read, or for tests',
      good: `
        def join(node) do
          Node.set_cookie(node, Node.get_cookie())
          Node.set_cookie(String.to_atom(System.fetch_env!("RELEASE_COOKIE")))
        end`,
    },
    {
      title: 'Gossip with a secret',
      path: 'config/runtime.exs',
      good: `
        config :libcluster,
          topologies: [
            lan: [
              strategy: Cluster.Strategy.Gossip,
              config: [secret: System.fetch_env!("CLUSTER_SECRET")]
            ]
          ]`,
    },
    {
      title: 'Gossip in development',
      path: 'config/dev.exs',
      good: 'config :libcluster, topologies: [lan: [strategy: Cluster.Strategy.Gossip]]',
    },
    {
      title: 'A release for development',
      path: 'rel/config.exs',
      good: `
        environment :dev do
          set cookie: :dev
        end

        environment :laptop do
          set dev_mode: true
          set cookie: :shop
        end

        environment :prod do
          set cookie: System.get_env("COOKIE")
        end`,
    },
    {
      title: 'One of a list',
      good: `
        defmodule ShopWeb.AdminController do
          use ShopWeb, :controller

          def run(conn, %{"task" => task}) when task in ["sync", "prune"] do
            :erpc.call(Shop.Cluster.primary(), Shop.Tasks, String.to_existing_atom(task), [], 5_000)
            json(conn, %{})
          end
        end`,
    },
  ],
  triggers: {
    words: ['cookie', 'Gossip'],
    calls: [...cookies, ...Object.keys(remote)],
    manifestWords: ['setcookie', 'RELEASE_COOKIE'],
  },

  *check(file, context) {
    if (isBeside(file.path)) return;
    yield* setCookies(file);
    yield* releaseCookies(file);
    for (const topology of topologiesIn(file)) yield* openGossip(file, context, topology);
    for (const [mfa, indices] of Object.entries(remote)) {
      for (const call of callsTo(file, [mfa])) yield* foreignCalls(file, call, indices);
    }
  },

  *checkProject(project) {
    for (const { name, value, path, valueRange } of project.release) {
      if (!valueRange || (name !== '-setcookie' && name !== 'RELEASE_COOKIE') || !isWritten(value) || isForTrial(path)) continue;
      // Compose mostly starts a developer's cluster; a node of this host is mostly one for a person.
      const isLocal = project.release.some(
        (other) => other.path === path && other.name === '-name' && /@(?:localhost$|127\.)/.test(other.value),
      );
      const isForOneHost = isLocal || (/(?:^|[/.-])compose\b[^/]*$/.test(path) && !/prod/.test(path));
      yield { path, range: valueRange, message, ...(isForOneHost && { severity: 'info' as const }) };
    }
  },
} satisfies Rule;

/** Whether the cookie itself stands there: not a variable, a template or a word that asks for one. */
function isWritten(value: string): boolean {
  return /^[\w.,:;!?@#%^&*()+=~/-]+$/.test(value) && !/^(?:nocookie|(?:change|replace)[-_]?me|your\b.*)$/i.test(value);
}

/** Code that is run by hand, or in a test. */
const isBeside = (path: string): boolean =>
  environmentsOfPath(path) === 2 ||
  /(?:^|\/)(?:mix\/tasks|priv|scripts?|dev)\/|(?:^|\/)\.iex\.exs$|(?:^|[/._-])(?:example|sample)[._-][^/]*\.exs$/.test(path);

/** Whether the expression runs in production, beside other environments or alone. */
const isForProduction = (file: FileFacts, e: Expr): boolean => (environmentsAt(file, e) & environmentsOfPath(file.path) & 4) !== 0;

const message = 'Whoever reads this repository can run code on every node. Read the cookie from the environment.';

function* setCookies(file: FileFacts): Iterable<Finding> {
  // A script beside the system is run by hand, mostly to try something out.
  if (file.path.endsWith('.exs') && !/(?:^|\/)config\//.test(file.path)) return;
  for (const call of callsTo(file, cookies)) {
    const cookie = call.args.at(-1);
    const value = cookie && evaluate(file, cookie);
    const written = value && textOf(value);
    if (!cookie || written === undefined || written === 'nocookie' || !isForProduction(file, call) || isInteractive(file, call)) continue;
    yield { range: cookie.range, message, fix: fromEnvironment(cookie.range) };
  }
}

const fromEnvironment = (range: Range): Fix => ({
  title: 'Read it from `RELEASE_COOKIE`',
  edits: [replace(range, 'String.to_atom(System.fetch_env!("RELEASE_COOKIE"))')],
});

/** `releases:` of Mix, and `set cookie: …` of Distillery for production. */
function* releaseCookies(file: FileFacts): Iterable<Finding> {
  if (/(?:^|\/)mix\.exs$/.test(file.path)) {
    for (const { range } of readMix(file)?.cookies ?? []) yield { range, message, severity: 'info' };
  }
  if (!/(?:^|\/)rel\/.*\.exs$/.test(file.path)) return;
  for (const call of callsTo(file, ['?.set/1'])) {
    const cookie = lookUp(call.args[0] && evaluate(file, call.args[0]), 'cookie');
    const written = cookie && textOf(cookie);
    if (cookie && written !== undefined && !isOfOtherEnvironment(file, call)) yield { range: cookie.expr.range, message };
  }
}

function isOfOtherEnvironment(file: FileFacts, call: Call): boolean {
  for (const ancestor of ancestorsOf(file, call)) {
    const [name] = ancestor.kind === 'call' && ancestor.name === 'environment' ? ancestor.args : [];
    if (name?.kind === 'atom') return /^(?:dev|test|local)(?:_|$)/.test(name.value) || isDevelopment(file, ancestor);
  }
  return false;
}

/** Whether the release of an environment runs from the sources: `set dev_mode: true`. */
function isDevelopment(file: FileFacts, environment: Expr): boolean {
  return callsTo(file, ['?.set/1']).some((call) => {
    const mode = contains(environment.range, call.range) ? keywordValue(call.args[0], 'dev_mode') : undefined;
    return mode?.kind === 'atom' && mode.value === 'true';
  });
}

function* openGossip(file: FileFacts, context: Context, topology: TopologyExpr): Iterable<Finding> {
  const { strategy, strategyName, environment, config } = topology;
  if (!strategy || strategyName !== 'Cluster.Strategy.Gossip' || environment === 'dev' || environment === 'test') return;
  const value = config && evaluate(file, config.value);
  if (value ? value.kind !== 'list' || value.open || !entriesOf(value) : topology.open) return;
  const secret = lookUp(value, 'secret');
  const isLocal = /^127\./.test(textOf(lookUp(value, 'if_addr')) ?? '');
  if ((secret && !isNil(secret)) || isLocal || isCompleted(context, topology.name)) return;
  const fix = secret ? undefined : addSecret(file, topology);
  yield {
    range: strategy.value.range,
    message: 'Whoever can send a datagram here has it decoded with `binary_to_term`, and is connected to. Give `Gossip` a `secret:`.',
    ...(fix && { fix }),
  };
}

/** Whether another file of the configuration adds the secret. */
function isCompleted({ project }: Context, name: string): boolean {
  const path = ['topologies', name, 'config', 'secret'];
  return (project?.config ?? []).some(
    ({ app, keys }) => app === 'libcluster' && keys.length === 4 && keys.every((key, i) => key === path[i]),
  );
}

/** Only where configuration is read when the system starts. */
function addSecret(file: FileFacts, { options, config }: TopologyExpr): Fix | undefined {
  const list = config ? config.value : options;
  if (/(?:^|\/)config\/(?!runtime\.exs$)/.test(file.path) || list.kind !== 'list') return undefined;
  const secret = 'secret: System.fetch_env!("CLUSTER_SECRET")';
  const edit = appendItem(file, list, config ? secret : `config: [${secret}]`);
  return edit && { title: 'Read a secret from `CLUSTER_SECRET`', edits: [edit] };
}

function* foreignCalls(file: FileFacts, call: Call, indices: readonly number[]): Iterable<Finding> {
  if (isCompared(file, call)) return;
  for (const index of indices) {
    const argument = call.args[index];
    const source = argument && untrustedSource(file, argument);
    if (!source) continue;
    yield {
      range: argument.range,
      message:
        index === 0
          ? 'A stranger names the node that is let into the cluster, which may run any code here. Connect to configured nodes only.'
          : 'A stranger names the code that runs on another node. Choose it from a list.',
      severity: 'error',
      related: [{ message: 'It comes in here.', range: source.at.range }],
    };
    return;
  }
}

/** Whether the function looks something up in a list first, which may be what it calls. */
function isCompared(file: FileFacts, call: Call): boolean {
  const clause = functionClauseOf(file, call);
  return file.exprs.some(
    (e) =>
      ((e.kind === 'binary' && e.operator === 'in') || (e.kind === 'call' && /^(?:member\?|has_key\?)$/.test(e.name))) &&
      functionClauseOf(file, e) === clause,
  );
}
