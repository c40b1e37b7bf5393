import type { Call, Expr } from '../../elixir/ir';
import { callsTo, type FileFacts, parentOf } from '../../facts/facts';
import { raMajor } from '../../facts/ra';
import { definitionOf } from '../../facts/values';
import { insertAt, makesLineTooLong } from '../../fix';
import type { Finding, Fix, Rule } from '../../rule';

/** Calls in the form that they had before 2.0, when there was no system to name. */
const old: Readonly<Record<string, (file: FileFacts, call: Call) => boolean>> = {
  ':ra.start_cluster/3': (file, call) => isMachine(file, call.args[1]),
  ':ra.start_cluster/4': (file, call) => isMachine(file, call.args[1]),
  ':ra.start_or_restart_cluster/3': (file, call) => isMachine(file, call.args[1]),
  ':ra.start_or_restart_cluster/4': (file, call) => isMachine(file, call.args[1]),
  ':ra.start_server/4': (file, call) => isMachine(file, call.args[2]),
  ':ra.restart_server/1': (file, call) => isServerId(file, call.args[0]),
  ':ra.force_delete_server/1': (file, call) => isServerId(file, call.args[0]),
  ':ra.stop_server/1': (file, call) => isServerId(file, call.args[0]),
  ':ra.leave_and_terminate/1': (file, call) => isServerId(file, call.args[0]),
  ':ra.leave_and_terminate/2': (file, call) => isServerId(file, call.args[0]) && isServerId(file, call.args[1]),
};

export default {
  id: 'ra-start-cluster-signature',
  summary: 'A `:ra` function is called without the system, or its result is matched with the wrong size.',
  category: 'correctness',
  severity: 'error',
  fixable: 'safe',
  rationale: `
    Since \`:ra\` 2.0 every function that starts, stops or deletes servers takes the *system* first:
    \`:ra.start_cluster(:default, name, machine, server_ids)\`. The old three-argument call still compiles, because arity 3 exists with
    another meaning, and raises \`FunctionClauseError\` when it runs. The library's own tutorial shows the old form.

    \`start_cluster\` answers \`{:ok, started, not_started}\`, three elements; a match on \`{:ok, _}\` crashes after the cluster has started.

    Silent when the project locks \`:ra\` 1.x. The fix names the default system, which \`:ra_system.start_default/0\` must have started.`,
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
      title: 'One server',
      bad: `
        def again do
          :ra.restart_server({:inventory, node()})
        # ^^^^^^^^^^^^^^^^^^
        end`,
      good: `
        def again do
          :ra.restart_server(:default, {:inventory, node()})
        end`,
    },
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
      title: 'Version 1 has no systems',
      good: ':ra.start_cluster(:kv, {:module, Kv, %{}}, ids)',
      path: 'lib/example.ex',
      project: {
        'mix.exs':
          'defmodule App.MixProject do\n  use Mix.Project\n  def project, do: [app: :app, version: "0.1.0", deps: [{:ra, "~> 1.1"}]]\nend\n',
      },
    },
  ],
  triggers: { calls: Object.keys(old) },

  *check(file, context) {
    if (raMajor(context) === 1) return;
    for (const [mfa, isOld] of Object.entries(old)) {
      for (const call of callsTo(file, [mfa])) if (isOld(file, call)) yield withoutSystem(file, call);
    }
    for (const call of callsTo(file, [
      ':ra.start_cluster/4',
      ':ra.start_cluster/5',
      ':ra.start_or_restart_cluster/4',
      ':ra.start_or_restart_cluster/5',
    ])) {
      if (!isMachine(file, call.args[1])) yield* wrongSize(file, call);
    }
  },
} satisfies Rule;

function isMachine(file: FileFacts, e: Expr | undefined): boolean {
  const value = e && definitionOf(file, e);
  const [tag] = value?.kind === 'tuple' ? value.items : [];
  return tag?.kind === 'atom' && (tag.value === 'module' || tag.value === 'simple');
}

/** `{name, node}`, or something that is named like one. */
function isServerId(file: FileFacts, e: Expr | undefined): boolean {
  const value = e && definitionOf(file, e);
  if (value?.kind === 'tuple') return value.items.length === 2;
  return value?.kind === 'variable' && /server|member|leader|(?:^|_)id$/.test(value.name);
}

function withoutSystem(file: FileFacts, call: Call): Finding {
  const edits = call.parens && !call.piped ? [insertAt(call.parens.start, ':default, ')] : [];
  const fix: Fix = { title: 'Name the default system', edits, safety: makesLineTooLong(file.text, edits) ? 'unsafe' : 'safe' };
  return {
    range: call.callee,
    message: `Since \`:ra\` 2.0 \`${call.name}\` takes the system first; this call raises \`FunctionClauseError\` or does not exist. Pass \`:default\`.`,
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
