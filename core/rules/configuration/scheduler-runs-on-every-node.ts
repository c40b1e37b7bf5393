import { type Expr, keywordPair, type List } from '../../elixir/ir';
import { type FileFacts, parentOf } from '../../facts/facts';
import { lineLength, replace } from '../../fix';
import { configIn } from '../../project/config';
import { compareVersions, type Place, type ProjectFacts, versionOf } from '../../project/project';
import type { Finding, Fix, Rule } from '../../rule';
import { applyEdits, contains } from '../../text';

/** Supervisors that run their child on one node of the cluster. */
const singletons = ['Highlander', 'HighlanderPG', 'Singleton', 'Horde.Singleton', 'Horde.DynamicSupervisor'];

export default {
  id: 'scheduler-runs-on-every-node',
  summary: 'A Quantum scheduler runs on every node of the cluster, so that each job runs once per node.',
  category: 'consistency',
  severity: 'warning',
  fixable: 'safe',
  rationale: `
    Every node that starts a scheduler of Quantum has its own, and each fires every job: invoices go out once per node, and the day the
    cluster grows is the day customers notice. The option \`global: true\` was removed in Quantum 3.0 and is ignored since, without a word.
    \`run_strategy\` chooses where the job of *this* scheduler runs; it does not make the others silent.

    Reported at the child of the supervisor, where the project shows signs of a cluster and the scheduler has jobs; as information where all
    of them run with \`Quantum.RunStrategy.Local\`, which says that each node is meant to do them. \`global: true\` is an error where the project
    locks Quantum 3. Silent inside of Highlander or Horde, and where a condition decides whether the scheduler starts.

    The fix removes \`global:\`. To run jobs once, put the scheduler under \`Highlander\` with \`Quantum.RunStrategy.Local\`, or use Oban's cron; a
    netsplit can still run them twice, so jobs have to bear it.`,
  references: [
    'https://github.com/quantum-elixir/quantum-core/blob/main/CHANGELOG.md',
    'https://github.com/quantum-elixir/quantum-core/issues/478',
    'https://hexdocs.pm/highlander',
  ],
  examples: [
    {
      title: 'One scheduler per node',
      path: 'lib/shop/application.ex',
      project: {
        'mix.exs':
          'defmodule Shop.MixProject do\n  use Mix.Project\n  def project, do: [app: :shop, deps: [{:quantum, "~> 3.5"}, {:libcluster, "~> 3.5"}]]\nend\n',
        'lib/shop/scheduler.ex': 'defmodule Shop.Scheduler do\n  use Quantum, otp_app: :shop\nend\n',
        'config/config.exs': 'import Config\n\nconfig :shop, Shop.Scheduler, jobs: [{"@daily", {Shop.Invoices, :send, []}}]\n',
      },
      bad: `
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            children = [
              Shop.Repo,
              Shop.Scheduler
            # ^^^^^^^^^^^^^^
            ]

            Supervisor.start_link(children, strategy: :one_for_one)
          end
        end`,
    },
    {
      title: 'An option that is ignored',
      path: 'config/config.exs',
      project: {
        'mix.exs': 'defmodule Shop.MixProject do\n  use Mix.Project\n  def project, do: [app: :shop, deps: [{:quantum, "~> 3.5"}]]\nend\n',
        'lib/shop/scheduler.ex': 'defmodule Shop.Scheduler do\n  use Quantum, otp_app: :shop\nend\n',
      },
      bad: `
        config :shop, Shop.Scheduler,
          global: true,
        # ^^^^^^^^^^^^
          jobs: [
            {"@daily", {Shop.Invoices, :send, []}}
          ]`,
      good: `
        config :shop, Shop.Scheduler,
          jobs: [
            {"@daily", {Shop.Invoices, :send, []}}
          ]`,
    },
    {
      title: 'On one node of the cluster',
      path: 'lib/shop/application.ex',
      project: {
        'mix.exs':
          'defmodule Shop.MixProject do\n  use Mix.Project\n  def project, do: [app: :shop, deps: [{:quantum, "~> 3.5"}, {:libcluster, "~> 3.5"}]]\nend\n',
        'lib/shop/scheduler.ex': 'defmodule Shop.Scheduler do\n  use Quantum, otp_app: :shop\nend\n',
        'config/config.exs': 'import Config\n\nconfig :shop, Shop.Scheduler, jobs: [{"@daily", {Shop.Invoices, :send, []}}]\n',
      },
      good: `
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            Supervisor.start_link([{Highlander, Shop.Scheduler}], strategy: :one_for_one)
          end
        end`,
    },
    {
      title: 'No cluster',
      path: 'lib/shop/application.ex',
      project: {
        'lib/shop/scheduler.ex': 'defmodule Shop.Scheduler do\n  use Quantum, otp_app: :shop\nend\n',
        'config/config.exs': 'import Config\n\nconfig :shop, Shop.Scheduler, jobs: [{"@daily", {Shop.Invoices, :send, []}}]\n',
      },
      good: `
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            Supervisor.start_link([Shop.Scheduler], strategy: :one_for_one)
          end
        end`,
    },
    {
      title: 'Quantum 2 knows the option',
      path: 'config/config.exs',
      project: {
        'mix.exs': 'defmodule Shop.MixProject do\n  use Mix.Project\n  def project, do: [app: :shop, deps: [{:quantum, "~> 2.4"}]]\nend\n',
        'lib/shop/scheduler.ex': 'defmodule Shop.Scheduler do\n  use Quantum.Scheduler, otp_app: :shop\nend\n',
      },
      good: 'config :shop, Shop.Scheduler, global: true',
    },
  ],
  triggers: { words: ['global', 'Supervisor', 'Application'] },

  *check(file, { project }) {
    const schedulers = project && schedulersOf(project);
    if (!schedulers || schedulers.size === 0 || compareVersions(versionOf(project, 'quantum') ?? '0', '3') < 0) return;
    yield* ignoredOptions(file, schedulers);
    if (project.signs.length === 0) return;
    for (const scheduler of schedulers) {
      const strategy = jobsOf(project, scheduler);
      const places = strategy ? (project.children.get(scheduler) ?? []) : [];
      for (const place of places)
        if (place.path === file.path && !isSingle(file, project, place)) yield onEachNode(project, place, strategy === 'local');
    }
  },
} satisfies Rule;

const found = new WeakMap<ProjectFacts, ReadonlySet<string>>();

/** Modules that `use Quantum`. */
function schedulersOf(project: ProjectFacts): ReadonlySet<string> {
  let schedulers = found.get(project);
  if (schedulers) return schedulers;
  const modules = project.dependencies.has('quantum') ? [...project.files.values()].flatMap((file) => file.modules) : [];
  schedulers = new Set(
    modules.filter(({ uses }) => uses.some(({ module }) => /^Quantum(?:\.Scheduler)?$/.test(module))).map(({ name }) => name),
  );
  found.set(project, schedulers);
  return schedulers;
}

/** Whether the scheduler has jobs, and whether all are meant for each node. */
function jobsOf(project: ProjectFacts, scheduler: string): 'local' | 'any' | undefined {
  const jobs = project.config.filter(({ keys }) => keys[0] === scheduler && keys[1] === 'jobs');
  const hasJobs = jobs.some(({ keys, value }) => keys.length > 2 || value.kind !== 'list' || value.items.length > 0);
  if (!hasJobs) return project.calls.has(`${scheduler}.add_job`) ? 'any' : undefined;
  const entries = jobs.filter(({ keys }) => keys.length === 3);
  const isLocal = (value: Expr): boolean => {
    const strategy = keywordPair(value, 'run_strategy')?.value;
    const module = strategy?.kind === 'tuple' ? strategy.items[0] : strategy;
    return module?.kind === 'alias' && module.name === 'Quantum.RunStrategy.Local';
  };
  const allLocal = entries.length > 0 && entries.every(({ value }) => isLocal(value));
  const byDefault = project.config.some(
    ({ keys, value }) =>
      keys.length === 2 && keys[0] === scheduler && keys[1] === 'run_strategy' && value.kind === 'alias' && /Local$/.test(value.name),
  );
  return allLocal || byDefault ? 'local' : 'any';
}

/** Whether something makes the scheduler run on one node, or decides whether it runs at all. */
function isSingle(file: FileFacts, project: ProjectFacts, { path, range }: Place): boolean {
  const around = singletons.flatMap((name) => project.children.get(name) ?? []);
  if (around.some((outer) => outer.path === path && contains(outer.range, range))) return true;
  const child = file.exprs.find((e) => e.range.start === range.start && e.range.end === range.end);
  for (let at = child; at; at = parentOf(file, at)) {
    const parent = parentOf(file, at);
    if (parent?.kind === 'if' && at !== parent.condition) return true;
    if (parent?.kind === 'case' || parent?.kind === 'cond') return true;
  }
  return false;
}

function onEachNode(project: ProjectFacts, { range }: Place, isLocal: boolean): Finding {
  const [sign] = project.signs;
  return {
    range,
    message: 'Each node starts this scheduler, so every job runs once per node. Start it on one node, with `Highlander` or Oban’s cron.',
    ...(isLocal && { severity: 'info' as const }),
    ...(sign && { related: [{ message: 'A sign of a cluster.', path: sign.path, range: sign.range }] }),
  };
}

/** `global: true` in the configuration of a scheduler, or where it is defined. */
function* ignoredOptions(file: FileFacts, schedulers: ReadonlySet<string>): Iterable<Finding> {
  const message = 'Quantum ignores `global` since version 3.0: every node runs the jobs. Remove it, and start the scheduler on one node.';
  for (const { keys, range } of configIn(file)) {
    if (keys.length !== 2 || keys[1] !== 'global' || !schedulers.has(keys[0] ?? '')) continue;
    const fix = removeEntry(file, range);
    yield { range, message, severity: 'error', ...(fix && { fix }) };
  }
  for (const { name, uses } of file.modules) {
    for (const { options } of schedulers.has(name) ? uses : []) {
      const pair = keywordPair(options, 'global');
      const fix = pair && removeEntry(file, pair.range);
      if (pair) yield { range: pair.range, message, severity: 'error', ...(fix && { fix }) };
    }
  }
}

/** Removes a pair of a keyword list with the comma and the white space behind it, or before it where it is the last. */
function removeEntry(file: FileFacts, range: Place['range']): Fix | undefined {
  const pair = file.exprs.find((e) => e.kind === 'pair' && e.range.start === range.start && e.range.end === range.end);
  const list = pair && parentOf(file, pair);
  if (list?.kind !== 'list' || list.items.length < 2) return undefined;
  const at = (list as List).items.indexOf(pair as Expr);
  const [before, after] = [list.items[at - 1], list.items[at + 1]];
  const gone = after ? { start: range.start, end: after.range.start } : { start: before?.range.end ?? range.start, end: range.end };
  const edits = [replace(gone, '')];
  // What stood on several lines may now be written on one.
  const holder = parentOf(file, list)?.range ?? list.range;
  const rest = applyEdits(file.text, edits).slice(holder.start, holder.end - (gone.end - gone.start));
  const mayBeJoined = rest.includes('\n') && !/[[{(]\s*\n/.test(rest) && rest.replace(/\s*\n\s*/g, ' ').length <= lineLength;
  return { title: 'Remove `global:`', edits, safety: mayBeJoined ? 'unsafe' : 'safe' };
}
