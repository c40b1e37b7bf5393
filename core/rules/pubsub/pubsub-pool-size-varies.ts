import { type Call, type Expr, keywordValue, type Pair, pairsOf } from '../../elixir/ir';
import { callsTo, type FileFacts } from '../../facts/facts';
import { definitionOf, inputsOf } from '../../facts/values';
import { settingOf } from '../../project/config';
import type { ConfigEntry, ProjectFacts } from '../../project/project';
import type { Rule } from '../../rule';

export default {
  id: 'pubsub-pool-size-varies',
  summary: 'The pool of `Phoenix.PubSub` depends on the machine, and nodes with different pools lose each other’s broadcasts.',
  category: 'correctness',
  severity: 'error',
  onlyInCluster: true,
  rationale: `
    With \`pool_size: n\` every node joins n groups, and a broadcast goes to one of them, chosen by the sender. A node with fewer groups is simply
    not there for the others: with four on one node and one on the other, three messages of four are lost, and every call answers \`:ok\`.
    It shows when the machines differ: a new instance type, a limit on CPUs in Kubernetes, a node group that is being replaced.

    Reported where \`pool_size:\` or \`broadcast_pool_size:\` comes from the number of schedulers or processors; as information where it comes
    from an environment variable, which may be the same everywhere. \`registry_size:\` may differ. Silent for adapters other than \`PG2\`.

    There is no fix, since the number is a decision: write a literal. To change it in a running cluster takes two deploys: first the larger
    \`pool_size:\` with \`broadcast_pool_size:\` at the old number, then without it.`,
  references: [
    'https://hexdocs.pm/phoenix_pubsub/Phoenix.PubSub.html#module-pool-size',
    'https://github.com/phoenixframework/phoenix_pubsub/issues/59',
  ],
  examples: [
    {
      title: 'A pool for each scheduler',
      bad: `
        children = [
          {Phoenix.PubSub, name: Shop.PubSub, pool_size: System.schedulers_online()}
          #                                              ^^^^^^^^^^^^^^^^^^^^^^^^^^
        ]`,
    },
    {
      title: 'Through a variable and arithmetic',
      bad: `
        def start(_type, _args) do
          size = max(1, div(:erlang.system_info(:logical_processors), 2))
          children = [{Phoenix.PubSub, [name: Shop.PubSub, adapter: Phoenix.PubSub.PG2, pool_size: size]}]
          #                                                                                        ^^^^
          Supervisor.start_link(children, strategy: :one_for_one)
        end`,
    },
    {
      title: 'From the environment',
      bad: `
        def child do
          size = String.to_integer(System.get_env("PUBSUB_POOL", "1"))
          Phoenix.PubSub.child_spec(name: Shop.PubSub, pool_size: size)
          #                                                       ^^^^
        end`,
    },
    {
      title: 'From the configuration',
      project: {
        'config/config.exs': 'import Config\n\nconfig :shop, Shop.PubSub, pool_size: System.schedulers_online()\n',
      },
      bad: `
        def child do
          size = Application.fetch_env!(:shop, Shop.PubSub)[:pool_size]
          {Phoenix.PubSub, name: Shop.PubSub, pool_size: size}
          #                                              ^^^^
        end`,
    },
    {
      title: 'The same on every node; the registry may differ',
      good: `
        children = [
          {Phoenix.PubSub, name: Shop.PubSub, pool_size: 4, registry_size: System.schedulers_online()}
        ]`,
    },
    {
      title: 'Another adapter',
      good: `
        children = [
          {Phoenix.PubSub,
           name: Shop.PubSub, adapter: Phoenix.PubSub.Redis, pool_size: System.schedulers_online()}
        ]`,
    },
    {
      title: 'Another pool',
      good: 'children = [{Shop.Workers, pool_size: System.schedulers_online()}]',
    },
  ],
  triggers: { words: ['PubSub'] },

  *check(file, { project }) {
    for (const options of optionsIn(file)) {
      if (hasOtherAdapter(file, options)) continue;
      for (const { key, value } of sizesIn(options)) {
        const source = varyingSource(file, value, project);
        if (!source) continue;
        const { call } = source;
        const isVariable = !isMachine(call);
        const name = key.kind === 'atom' ? key.value : '';
        yield {
          range: value.range,
          message: isVariable
            ? `Nodes with another \`${name}\` silently lose broadcasts. Make sure that this variable is the same on all of them, or write a number.`
            : `\`${name}\` follows the machine: broadcasts between nodes that differ are silently lost. Write a number, the same for all nodes.`,
          ...(isVariable && { severity: 'info' as const }),
          ...(call !== value && { related: [{ message: 'The size comes from here.', range: call.range, path: source.file.path }] }),
        };
      }
    }
  },
} satisfies Rule;

/** What `Phoenix.PubSub` is started with, as a child or by its own specification. */
function* optionsIn(file: FileFacts): Iterable<Expr> {
  for (const e of file.exprs) {
    const [module, options] = e.kind === 'tuple' && e.items.length === 2 ? e.items : [];
    if (module?.kind === 'alias' && module.name === 'Phoenix.PubSub' && options) yield definitionOf(file, options);
  }
  for (const call of callsTo(file, ['Phoenix.PubSub.child_spec/1', 'Phoenix.PubSub.Supervisor.start_link/1'])) {
    const [options] = call.args;
    if (options) yield definitionOf(file, options);
  }
}

function hasOtherAdapter(file: FileFacts, options: Expr): boolean {
  const adapter = keywordValue(options, 'adapter');
  const value = adapter && definitionOf(file, adapter);
  return value !== undefined && !(value.kind === 'alias' && value.name === 'Phoenix.PubSub.PG2');
}

const sizesIn = (options: Expr): readonly Pair[] =>
  pairsOf(options).filter(({ key }) => key.kind === 'atom' && /^(?:broadcast_)?pool_size$/.test(key.value));

interface Source {
  readonly file: FileFacts;
  readonly call: Call;
}

/** A call that the size is computed from, here or in the configuration, and that differs from machine to machine; a variable last. */
function varyingSource(file: FileFacts, size: Expr, project: ProjectFacts | undefined): Source | undefined {
  const seen = new Set<number>();
  const stack: Expr[] = [size];
  let variable: Source | undefined;
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (seen.has(next.id)) continue;
    seen.add(next.id);
    if (next.kind === 'call') {
      if (isMachine(next)) return { file, call: next };
      if (next.module === 'System' && /^(?:get_env|fetch_env!?)$/.test(next.name)) variable ??= { file, call: next };
    }
    const setting = project && settingRead(file, next, project.config);
    const home = setting && project.files.get(setting.path);
    const configured = home && varyingSource(home, setting.value, undefined);
    if (configured && isMachine(configured.call)) return configured;
    variable ??= configured;
    const defined = definitionOf(file, next);
    stack.push(...(defined === next ? inputsOf(file, next) : [defined]));
  }
  return variable;
}

/** The entry that `Application.get_env(app, key)`, or `[:name]` of it, reads in production. */
function settingRead(file: FileFacts, e: Expr, config: readonly ConfigEntry[]): ConfigEntry | undefined {
  const inside = e.kind === 'access' && e.key.kind === 'atom' ? e.key.value : undefined;
  const read = e.kind === 'access' ? definitionOf(file, e.subject) : e;
  if (read.kind !== 'call' || read.module !== 'Application' || !/^(?:get|fetch|compile)_env!?$/.test(read.name)) return undefined;
  const [app, key] = read.args;
  const name = key?.kind === 'atom' ? key.value : key?.kind === 'alias' ? key.name : undefined;
  if (app?.kind !== 'atom' || name === undefined) return undefined;
  return settingOf(config, app.value, inside === undefined ? [name] : [name, inside]);
}

function isMachine({ module, name, args }: Call): boolean {
  if (module === 'System') return name === 'schedulers_online' || name === 'schedulers';
  const [item] = args;
  const isInfo = module === ':erlang' && name === 'system_info' && item?.kind === 'atom';
  return isInfo && /schedulers|logical_processors/.test(item.value);
}
