import { type Expr, type Pair, pairsOf } from '../../elixir/ir';
import type { FileFacts } from '../../facts/facts';
import { type HordeModule, hordeKeys, hordeOption, hordeStartsIn } from '../../facts/horde';
import { definitionOf } from '../../facts/values';
import { replace } from '../../fix';
import { nearest } from '../../nearest';
import { compareVersions, isUnreleased, versionOf } from '../../project/project';
import type { Context, Finding, Rule } from '../../rule';
import type { Range } from '../../text';

/** Options that are read, by module; the first is required. */
const options: Readonly<Record<HordeModule, readonly string[]>> = {
  'Horde.Registry': ['keys', 'name', 'members', 'delta_crdt_options', 'listeners', 'meta', 'distribution_strategy'],
  'Horde.DynamicSupervisor': [
    'strategy',
    'name',
    'members',
    'delta_crdt_options',
    'distribution_strategy',
    'process_redistribution',
    'proxy_message_ttl',
    'max_restarts',
    'max_seconds',
    'max_children',
    'extra_arguments',
  ],
};
/** Options that similar modules have, with what to do instead. */
const ignored: Readonly<Record<string, string>> = {
  partitions: 'Horde has no partitions: remove it.',
  shutdown: 'Set it in the child specification of the Horde, or in `delta_crdt_options`.',
  restart: 'Set it in the child specification of the Horde.',
};

export default {
  id: 'horde-invalid-option',
  summary: 'Horde is started with an option that it refuses or does not read.',
  category: 'correctness',
  severity: 'error',
  fixable: 'safe',
  rationale: `
    Horde looks like \`Registry\` and \`DynamicSupervisor\` and is not quite: \`keys: :duplicate\` raises when the application starts, so does a registry
    without \`keys\` or a supervisor without \`strategy\`. \`partitions\`, \`shutdown\`, \`restart\` and anything misspelt are not read at all, without a
    word; these are a warning. \`Horde.Supervisor\` is called \`Horde.DynamicSupervisor\` since version 0.7.

    Options that are put together elsewhere are only judged as far as they are written here. Silent for Horde before 0.7, and for Horde
    from a revision or a folder.

    The fix is for the new name of the module.`,
  references: [
    'https://hexdocs.pm/horde/Horde.Registry.html#start_link/1',
    'https://hexdocs.pm/horde/Horde.DynamicSupervisor.html#start_link/1',
  ],
  examples: [
    {
      title: 'Keys that it does not have',
      bad: `
        children = [
          {Horde.Registry, name: MyApp.Registry, keys: :duplicate, members: :auto}
          #                                      ^^^^^^^^^^^^^^^^
        ]`,
    },
    {
      title: 'Required',
      bad: `
        children = [
          {Horde.DynamicSupervisor, name: MyApp.Sup, members: :auto}
        #  ^^^^^^^^^^^^^^^^^^^^^^^
        ]`,
    },
    {
      title: 'Not read',
      bad: `
        children = [
          {Horde.Registry, name: MyApp.Registry, keys: :unique, members: :auto, partitions: 4}
          #                                                                     ^^^^^^^^^^^^^
        ]`,
    },
    {
      title: 'Misspelt',
      bad: `
        def init(_) do
          Horde.DynamicSupervisor.init(
            strategy: :one_for_one,
            distribution_stategy: Horde.UniformQuorumDistribution
          # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          )
        end`,
    },
    {
      title: 'The old name',
      bad: `
        def start(spec) do
          Horde.Supervisor.start_child(MyApp.Sup, spec)
        # ^^^^^^^^^^^^^^^^
        end`,
      good: `
        def start(spec) do
          Horde.DynamicSupervisor.start_child(MyApp.Sup, spec)
        end`,
    },
    { title: 'As it should be', good: 'children = [{Horde.Registry, name: MyApp.Registry, keys: :unique, members: :auto}]' },
    { title: 'Keys from elsewhere', good: 'children = [{Horde.Registry, [name: MyApp.Registry] ++ registry_options()}]' },
    {
      title: 'An old version',
      path: 'lib/my_app/sup.ex',
      project: { 'mix.exs': 'defmodule MyApp.MixProject do\n  def project, do: [app: :my_app, deps: [{:horde, "~> 0.6.0"}]]\nend' },
      good: 'def start(spec), do: Horde.Supervisor.start_child(MyApp.Sup, spec)',
    },
    {
      title: 'A test that expects it to raise',
      path: 'test/registry_test.exs',
      good: `
        defmodule RegistryTest do
          use ExUnit.Case

          test "only unique keys" do
            assert_raise ArgumentError, fn -> Horde.Registry.start_link(name: MyApp.Registry, keys: :duplicate) end
          end
        end`,
    },
  ],
  triggers: { words: ['Horde'] },

  *check(file, context) {
    const version = versionOf(context.project, 'horde');
    if ((version !== undefined && compareVersions(version, '0.7') < 0) || isUnreleased(context.project, 'horde')) return;
    for (const start of hordeStartsIn(file)) {
      const [required = '', ...others] = options[start.module];
      const keys = hordeOption(file, start, 'keys');
      if (start.module === 'Horde.Registry' && keys?.value.kind === 'atom' && keys.value.value !== 'unique') {
        yield { range: keys.range, message: 'Horde raises when it starts: it has only `keys: :unique`.' };
      }
      const written = hordeKeys(file, start);
      if (written && written.length > 0 && !hordeOption(file, start, required)) {
        yield { range: start.at, message: `Horde raises when it starts: \`${required}\` is required.` };
      }
      for (const pair of pairsIn(file, start.options)) {
        const name = pair.key.kind === 'atom' ? pair.key.value : '';
        const unread = name === required || others.includes(name) ? undefined : adviceFor(name, options[start.module]);
        if (unread !== undefined)
          yield { range: pair.range, severity: 'warning', message: `\`${start.module}\` does not read \`${name}\`. ${unread}` };
      }
    }
    yield* renamed(file, context);
  },
} satisfies Rule;

/** The options that are written here, also where others are added to them. */
function pairsIn(file: FileFacts, options: Expr): readonly Pair[] {
  const value = definitionOf(file, options);
  if (value.kind === 'call' && value.module === 'Keyword') return value.args[0] ? pairsIn(file, value.args[0]) : [];
  return value.kind === 'list' ? pairsOf(value) : [];
}

function adviceFor(name: string, known: readonly string[]): string | undefined {
  const meant = name in ignored ? undefined : nearest(name, known);
  return meant === undefined ? ignored[name] : `Write \`${meant}\`.`;
}

/** Every mention of `Horde.Supervisor`: in calls, children and `use`. */
function* renamed(file: FileFacts, { project }: Context): Iterable<Finding> {
  const old = 'Horde.Supervisor';
  if (project?.modules.has(old) || file.modules.some((m) => m.name === old)) return;
  const places: Range[] = file.exprs.filter((e) => e.kind === 'alias' && e.name === old).map((e) => e.range);
  places.push(...file.exprs.flatMap((e) => (isCallOf(e, old) ? [{ start: e.callee.start, end: e.callee.end - e.name.length - 1 }] : [])));
  for (const { uses } of file.modules) for (const use of uses) if (use.module === old) places.push(use.range);
  for (const range of places.sort((a, b) => a.start - b.start)) {
    const fits = file.text.slice(range.start, range.end) === old;
    yield {
      range,
      message: '`Horde.Supervisor` does not exist since Horde 0.7: it is `Horde.DynamicSupervisor`.',
      ...(fits && { fix: { title: 'Use the new name', edits: [replace(range, 'Horde.DynamicSupervisor')] } }),
    };
  }
}

function isCallOf(e: Expr, module: string): e is Extract<Expr, { kind: 'call' }> {
  return e.kind === 'call' && e.module === module && !e.local && !e.applied;
}
