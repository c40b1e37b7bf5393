import type { Call } from '../../elixir/ir';
import { callsTo, type FileFacts, parentOf } from '../../facts/facts';
import { callsWithoutSystem, isMachineConfig, raMajor } from '../../facts/ra';
import { insertAt, makesLineTooLong } from '../../fix';
import { isUnreleased } from '../../project/project';
import type { Finding, Fix, Rule } from '../../rule';

export default {
  id: 'ra-start-cluster-signature',
  summary: 'A `:ra` function is called without the system, or its result is matched with the wrong size.',
  category: 'correctness',
  severity: 'error',
  fixable: 'safe',
  rationale: `
    Since \`:ra\` 2.0 every function that starts, stops or deletes servers takes the *system* first:
    \`:ra.start_cluster(:default, name, machine, server_ids)\`. The old three-argument call still compiles, because arity 3 exists with
    another meaning, and raises \`FunctionClauseError\` when it runs. The library's own tutorial shows the old form. \`restart_server/1\` and
    \`stop_server/1\` stood for the default system in 2.x, and are gone in 3.0.

    \`start_cluster\` answers \`{:ok, started, not_started}\`, three elements; a match on \`{:ok, _}\` crashes after the cluster has started.

    Silent when the project locks \`:ra\` 1.x, or takes it from a revision or a folder.

    The fix names the default system, which \`:ra_system.start_default/0\` must have started.`,
  references: ['https://github.com/rabbitmq/ra/blob/main/src/ra.erl'],
  examples: [
    {
      title: 'Before 2.0',
      bad: `
        def form(ids) do
          :ra.start_cluster(:inventory, {:module, Inventory.Machine, %{}}, ids)
        # ^^^^^^^^^^^^^^^^^
        end`,
      good: `
        def form(ids) do
          :ra.start_cluster(:default, :inventory, {:module, Inventory.Machine, %{}}, ids)
        end`,
    },
    {
      title: 'Before 2.0, with a timeout',
      bad: `
        def form(ids) do
          :ra.start_cluster(:inventory, {:module, Inventory.Machine, %{}}, ids, 10_000)
        # ^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'One server, since 3.0',
      bad: `
        def again do
          :ra.restart_server({:inventory, node()})
        # ^^^^^^^^^^^^^^^^^^
        end`,
      good: `
        def again do
          :ra.restart_server(:default, {:inventory, node()})
        end`,
      path: 'lib/example.ex',
      project: { 'mix.lock': '%{"ra": {:hex, :ra, "3.1.2", "", [:rebar3], [], "hexpm", ""}}' },
    },
    { title: 'In version 2 this is the server of the default system', good: ':ra.restart_server({:inventory, node()})' },
    {
      title: 'The result has three elements',
      bad: `
        def form(ids) do
          {:ok, _} = :ra.start_cluster(:default, :inventory, {:module, Machine, %{}}, ids)
        # ^^^^^^^^
          :ok
        end`,
      good: `
        def form(ids) do
          {:ok, _, _not_started} = :ra.start_cluster(:default, :inventory, {:module, Machine, %{}}, ids)
          :ok
        end`,
    },
    { title: 'With the system', good: '{:ok, _started, _failed} = :ra.start_cluster(:default, :kv, {:module, Kv, %{}}, ids)' },
    { title: 'Configurations of servers', good: ':ra.start_cluster(:default, server_configs, 5_000)' },
    {
      title: 'A revision from before 2.0, or after it',
      good: ':ra.start_cluster(:kv, {:module, Kv, %{}}, ids)',
      path: 'lib/example.ex',
      project: { 'mix.lock': '%{"ra": {:git, "https://github.com/rabbitmq/ra", "b6a0d626fe", [ref: "b6a0d626"]}}' },
    },
    {
      title: 'Version 1 has no systems',
      good: ':ra.start_cluster(:kv, {:module, Kv, %{}}, ids)',
      path: 'lib/example.ex',
      project: {
        'mix.exs':
          'defmodule App.MixProject do\n  use Mix.Project\n  def project, do: [app: :app, version: "0.1.0", deps: [{:ra, "~> 1.1"}]]\nend\n',
      },
    },
  ],
  triggers: {
    calls: [
      ':ra.start_cluster',
      ':ra.start_or_restart_cluster',
      ':ra.start_server',
      ':ra.restart_server',
      ':ra.stop_server',
      ':ra.force_delete_server',
      ':ra.leave_and_terminate',
    ],
  },

  *check(file, context) {
    if (raMajor(context) === 1 || isUnreleased(context.project, 'ra')) return;
    for (const { call, since } of callsWithoutSystem(file, context)) yield withoutSystem(file, call, since);
    for (const call of callsTo(file, [':ra.start_cluster/4', ':ra.start_or_restart_cluster/4', ':ra.start_or_restart_cluster/5'])) {
      if (!isMachineConfig(file, call.args[1])) yield* wrongSize(file, call);
    }
  },
} satisfies Rule;

function withoutSystem(file: FileFacts, call: Call, since: number): Finding {
  // With the system, `start_cluster` takes no timeout.
  const timed = call.name === 'start_cluster' && call.args.length === 4;
  const edits = call.parens && !call.piped && !timed ? [insertAt(call.parens.start, ':default, ')] : [];
  const fix: Fix = { title: 'Name the default system', edits, safety: makesLineTooLong(file.text, edits) ? 'unsafe' : 'safe' };
  return {
    range: call.callee,
    message: `Since \`:ra\` ${since}.0 \`${call.name}\` takes the system first; this call raises \`FunctionClauseError\` or does not exist. Pass \`:default\`${timed ? ', without the timeout' : ''}.`,
    ...(edits.length > 0 && { fix }),
  };
}

function* wrongSize(file: FileFacts, call: Call): Iterable<Finding> {
  const parent = parentOf(file, call);
  const patterns =
    parent?.kind === 'match'
      ? [parent.pattern]
      : parent?.kind === 'case'
        ? parent.clauses.flatMap((c) => c.patterns)
        : parent?.kind === 'arrow'
          ? [parent.pattern]
          : [];
  for (const pattern of patterns) {
    const [tag, started] = pattern.kind === 'tuple' ? pattern.items : [];
    if (pattern.kind !== 'tuple' || pattern.items.length !== 2 || tag?.kind !== 'atom' || tag.value !== 'ok' || !started) continue;
    const edits = [insertAt(started.range.end, ', _not_started')];
    yield {
      range: pattern.range,
      message: `\`:ra.${call.name}\` answers \`{:ok, started, not_started}\`; this pattern never matches. Match three elements.`,
      fix: { title: 'Match three elements', edits, safety: makesLineTooLong(file.text, edits) ? 'unsafe' : 'safe' },
    };
  }
}
