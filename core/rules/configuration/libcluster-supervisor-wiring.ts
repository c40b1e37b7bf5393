import type { Expr, Pair } from '../../elixir/ir';
import { callsTo, type FileFacts } from '../../facts/facts';
import { connectionFunctions } from '../../facts/libcluster';
import { insertAt, replace, safeWhereItFits } from '../../fix';
import { evaluate } from '../../project/evaluate';
import { type ConfigEntry, compareVersions, type ProjectFacts, versionOf } from '../../project/project';
import { type TopologyExpr, topologiesIn } from '../../project/topologies';
import { keyOf, listOf, type Value } from '../../project/value';
import type { Finding, Rule } from '../../rule';

export default {
  id: 'libcluster-supervisor-wiring',
  summary:
    'The supervisor of libcluster gets its topologies in the wrong shape, is not started, or is told to call a function that does not exist.',
  category: 'correctness',
  severity: 'error',
  fixable: 'safe',
  rationale: `
    \`Cluster.Supervisor\` takes a list of one or two things: the topologies, and options for the supervisor. Given the topologies alone it
    crashes with \`Protocol.UndefinedError\` when the application starts.

    libcluster starts nothing by itself: \`config :libcluster, topologies: …\` without a \`Cluster.Supervisor\` in a supervision tree is never
    read, and the nodes stay alone. This is a warning, and needs a Mix project in which no file mentions \`Cluster.Supervisor\`.

    \`connect:\`, \`disconnect:\` and \`list_nodes:\` name a function to which the node is appended. It is looked up when it is needed: one that does
    not exist raises when a node has to be dropped, which is in the middle of a partition. (\`Epmd\` never drops one: there it is a warning.)
    \`:net_kernel.disconnect_node/1\` is such a name. Functions of other modules than \`:net_kernel\`, \`:erlang\`, \`Node\` and Partisan are not looked at.

    The fixes wrap the topologies in a list, and put in libcluster's own default function.`,
  references: [
    'https://hexdocs.pm/libcluster/Cluster.Supervisor.html',
    'https://www.erlang.org/doc/apps/erts/erlang.html#disconnect_node/1',
  ],
  examples: [
    {
      title: 'The topologies alone',
      bad: `
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            topologies = Application.get_env(:libcluster, :topologies, [])

            children = [
              {Cluster.Supervisor, topologies},
              #                    ^^^^^^^^^^
              Shop.Endpoint
            ]

            Supervisor.start_link(children, strategy: :one_for_one)
          end
        end`,
      good: `
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            topologies = Application.get_env(:libcluster, :topologies, [])

            children = [
              {Cluster.Supervisor, [topologies]},
              Shop.Endpoint
            ]

            Supervisor.start_link(children, strategy: :one_for_one)
          end
        end`,
    },
    {
      title: 'A keyword list',
      bad: `
        children = [
          {Cluster.Supervisor, [lan: [strategy: Cluster.Strategy.Gossip]]}
          #                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        ]`,
      good: `
        children = [
          {Cluster.Supervisor, [[lan: [strategy: Cluster.Strategy.Gossip]]]}
        ]`,
    },
    {
      title: 'Options without a list of their own',
      bad: `
        def child(topologies) do
          {Cluster.Supervisor, [topologies, name: Shop.ClusterSupervisor]}
          #                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
      good: `
        def child(topologies) do
          {Cluster.Supervisor, [topologies, [name: Shop.ClusterSupervisor]]}
        end`,
    },
    {
      title: 'A function that does not exist',
      path: 'config/runtime.exs',
      bad: `
        config :libcluster,
          topologies: [
            dns: [
              strategy: Cluster.Strategy.DNSPoll,
              config: [query: "shop.internal", node_basename: "shop"],
              disconnect: {:net_kernel, :disconnect_node, []}
              #           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            ]
          ]`,
      good: `
        config :libcluster,
          topologies: [
            dns: [
              strategy: Cluster.Strategy.DNSPoll,
              config: [query: "shop.internal", node_basename: "shop"],
              disconnect: {:erlang, :disconnect_node, []}
            ]
          ]`,
    },
    {
      title: 'With a strategy that only connects',
      path: 'config/runtime.exs',
      bad: `
        config :libcluster,
          topologies: [
            fixed: [
              strategy: Cluster.Strategy.Epmd,
              config: [hosts: [:"a@10.0.0.1", :"b@10.0.0.2"], timeout: 30_000],
              disconnect: {:net_kernel, :disconnect_node, []}
              #           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            ]
          ]`,
      good: `
        config :libcluster,
          topologies: [
            fixed: [
              strategy: Cluster.Strategy.Epmd,
              config: [hosts: [:"a@10.0.0.1", :"b@10.0.0.2"], timeout: 30_000],
              disconnect: {:erlang, :disconnect_node, []}
            ]
          ]`,
      severity: 'warning',
    },
    {
      title: 'Nobody starts it',
      path: 'config/config.exs',
      project: {
        'mix.exs':
          'defmodule Shop.MixProject do\n  use Mix.Project\n  def project, do: [app: :shop, deps: [{:libcluster, "~> 3.5"}]]\nend\n',
        'lib/shop/application.ex':
          'defmodule Shop.Application do\n  use Application\n  def start(_, _), do: Supervisor.start_link([Shop.Endpoint], strategy: :one_for_one)\nend\n',
      },
      bad: `
        import Config

        config :libcluster, topologies: [lan: [strategy: Cluster.Strategy.Gossip]]
        #                   ^^^^^^^^^^^`,
    },
    {
      title: 'As it takes them',
      good: `
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            topologies = Application.get_env(:libcluster, :topologies, [])
            arguments = [topologies, [name: Shop.Cluster]]

            children = [
              {Cluster.Supervisor, [topologies, [name: Shop.ClusterSupervisor]]},
              Supervisor.child_spec({Cluster.Supervisor, arguments}, id: Shop.Cluster)
            ]

            Supervisor.start_link(children, strategy: :one_for_one)
          end
        end`,
    },
    {
      title: 'Functions that exist, and those of the project',
      path: 'config/runtime.exs',
      good: `
        config :libcluster,
          topologies: [
            fixed: [
              strategy: Cluster.Strategy.ErlangHosts,
              connect: {:net_kernel, :hidden_connect_node, []},
              disconnect: {Shop.Cluster, :keep, []},
              list_nodes: {:erlang, :nodes, [:hidden]}
            ]
          ]`,
    },
  ],
  triggers: { words: ['topologies', 'Strategy', 'Cluster'] },

  *check(file, context) {
    for (const argument of argumentsIn(file)) yield* wrongShape(file, argument);
    for (const topology of topologiesIn(file)) yield* missingFunctions(file, topology);
    const place = context.project && neverStarted(context.project);
    if (place?.path === file.path) {
      yield {
        range: place.keyRange,
        message:
          'No supervisor starts `Cluster.Supervisor`: these topologies are never read, and the nodes stay alone. Add it to a supervision tree.',
        severity: 'warning',
      };
    }
  },
} satisfies Rule;

// --- the argument of the supervisor

/** What `Cluster.Supervisor` is started with, in child specifications and calls. */
function* argumentsIn(file: FileFacts): Iterable<Expr> {
  for (const call of callsTo(file, ['Cluster.Supervisor.start_link/1', 'Cluster.Supervisor.child_spec/1'])) {
    if (call.args[0]) yield call.args[0];
  }
  for (const e of file.exprs) {
    const [module, argument] = e.kind === 'tuple' && e.items.length === 2 ? e.items : [];
    if (module?.kind === 'alias' && module.name === 'Cluster.Supervisor' && argument) yield argument;
  }
}

function* wrongShape(file: FileFacts, argument: Expr): Iterable<Finding> {
  const value = evaluate(file, argument);
  if (areTopologies(argument, value)) {
    const isPairs = argument.kind === 'list' && argument.bare;
    const edits = [insertAt(argument.range.start, '['), insertAt(argument.range.end, ']')];
    yield {
      range: argument.range,
      message: '`Cluster.Supervisor` crashes on the topologies alone. Wrap them in a list: `[topologies]` or `[topologies, options]`.',
      ...(!isPairs && { fix: safeWhereItFits(file, 'Wrap the topologies in a list', edits) }),
    };
    return;
  }
  const [topologies, ...options] = argument.kind === 'list' ? argument.items : [];
  const [first] = options;
  const last = options.at(-1);
  if (!topologies || topologies.kind === 'pair' || !first || !last || !options.every((option): option is Pair => option.kind === 'pair'))
    return;
  const range = { start: first.range.start, end: last.range.end };
  const edits = [insertAt(range.start, '['), insertAt(range.end, ']')];
  yield {
    range,
    message: '`Cluster.Supervisor` crashes: its options have to be a list of their own. Put them in brackets.',
    fix: safeWhereItFits(file, 'Put the options in a list', edits),
  };
}

/** Whether the argument is the topologies themselves: a keyword list, what the application's environment holds, what is called so. */
function areTopologies(argument: Expr, value: Value): boolean {
  if (value.kind === 'unknown') {
    if (value.source?.kind === 'configuration') return /topolog/.test(value.source.key);
    return value.expr.kind === 'call' && /topologies$/.test(nameOf(argument));
  }
  const { items, open } = listOf(value);
  if (items.length === 0) return value.kind === 'list' && !open;
  return items.every((item) => item.kind === 'tuple' && item.items[0]?.kind === 'atom');
}

const nameOf = (e: Expr): string => (e.kind === 'variable' || e.kind === 'call' || e.kind === 'attribute' ? e.name : '');

// --- functions

const functionKeys = [
  { key: 'connect', appended: 1, usual: '{:net_kernel, :connect_node, []}' },
  { key: 'disconnect', appended: 1, usual: '{:erlang, :disconnect_node, []}' },
  { key: 'listNodes', appended: 0, usual: '{:erlang, :nodes, [:connected]}' },
] as const;

function* missingFunctions(file: FileFacts, topology: TopologyExpr): Iterable<Finding> {
  for (const { key, appended, usual } of functionKeys) {
    const given = topology[key]?.value;
    const value = given && evaluate(file, given);
    if (!given || value?.kind !== 'tuple' || value.items.length !== 3) continue;
    const [module, name, args] = value.items as [Value, Value, Value];
    if (name.kind !== 'atom' || args.kind !== 'list' || args.open) continue;
    const owner = module.kind === 'atom' ? `:${module.value}` : (keyOf(module) ?? '');
    const arities = connectionFunctions[owner]?.[name.value];
    const arity = args.items.length + appended;
    // The table has all functions of :erlang that have to do with nodes, not the others.
    const isKnown = owner in connectionFunctions && (owner !== ':erlang' || /node|connect/.test(name.value));
    if (!isKnown || arities?.includes(arity)) continue;
    const fix = safeWhereItFits(file, `Use \`${usual}\``, [replace(value.expr.range, usual)]);
    // `Epmd` and `LocalEpmd` connect only.
    const isNeverCalled = key === 'disconnect' && /^Cluster\.Strategy\.(?:Local)?Epmd$/.test(topology.strategyName ?? '');
    const moment = isNeverCalled ? 'as soon as a strategy drops nodes, which this one does not' : moments[key];
    yield {
      range: given.range,
      ...(isNeverCalled && { severity: 'warning' as const }),
      message: `\`${owner}.${name.value}/${arity}\` does not exist: libcluster crashes ${moment}. Use \`${usual}\`.`,
      ...(!owner.includes('partisan') && { fix: arities ? { ...fix, safety: 'unsafe' as const } : fix }),
    };
  }
}

const moments = {
  connect: 'when it finds a node',
  disconnect: 'when a node has to be dropped',
  listNodes: 'when it looks for nodes',
} as const;

// --- the whole project

/** Where topologies are configured for a `Cluster.Supervisor` that no file mentions. */
function neverStarted(project: ProjectFacts): ConfigEntry | undefined {
  const dependency = project.dependencies.get('libcluster');
  if (!dependency?.place || (dependency.only && !dependency.only.includes('prod'))) return undefined;
  // Without an application of its own the project starts nothing: its configuration is for whoever tries it out.
  if (![...project.modules.values()].some(({ behaviours }) => behaviours.includes('Application'))) return undefined;
  // Before 3.0 the application started them itself.
  if (compareVersions(versionOf(project, 'libcluster') ?? '3', '3') < 0 || project.words.has('Cluster.Supervisor')) return undefined;
  return project.config.find(({ app, keys, environment, value }) => {
    if (app !== 'libcluster' || keys.length !== 1 || keys[0] !== 'topologies') return false;
    return (environment === undefined || environment === 'prod') && value.kind === 'list' && value.items.length > 0;
  });
}
