import { isUnknownCrdtCall } from '../../facts/crdt';
import { meantFunction, type UnknownFunction, unknownFunctions } from '../../facts/exports';
import type { FileFacts } from '../../facts/facts';
import { callsWithoutSystem } from '../../facts/ra';
import { replace } from '../../fix';
import type { Fix, Rule } from '../../rule';

/** What to call instead of functions that many believe to exist, or that existed once. */
const instead: Readonly<Record<string, string>> = {
  ':ra.get_leader': 'Ask `:ra_leaderboard.lookup_leader/1` with the name of the cluster, or `:ra.members/1`',
  ':ra.leader': 'Ask `:ra_leaderboard.lookup_leader/1` with the name of the cluster, or `:ra.members/1`',
  ':ra.command': 'Call `:ra.process_command/2`',
  ':ra.query': 'Call `:ra.consistent_query/2`',
  ':ra.stop': 'Stop the application: `Application.stop(:ra)`',
  ':net_kernel.disconnect_node': 'Call `Node.disconnect/1`',
  ':global.lock': 'Call `:global.set_lock/1` or `:global.trans/2`',
  ':pg.create': 'Groups need not be created: call `:pg.join/2`',
  'Horde.Cluster.join_hordes': 'Call `Horde.Cluster.set_members/2`',
};

export default {
  id: 'unknown-library-function',
  summary: 'A function is called that its library does not export.',
  category: 'correctness',
  severity: 'error',
  fixable: 'unsafe',
  rationale: `
    The code that calls \`:ra\`, \`:global\` or \`Horde\` directly often runs for the first time when a node joins, or is lost; that is a bad
    moment for \`UndefinedFunctionError\`. Names that sound right are easily made up, functions move between major versions, and the compiler
    only warns where it sees the library.

    Known are the exports of \`:ra\` 2.2, 2.14 and 3.1, \`delta_crdt\` 0.6, \`libcluster\` 3.5, \`Horde\` 0.10, Partisan 5.0, \`phoenix_pubsub\` 2.2 and
    \`libring\` 1.7, and of \`:global\`, \`:rpc\`, \`:erpc\`, \`:pg\`, \`:net_kernel\` and \`:mnesia\` of Erlang/OTP 25, 27 and 29. The locked version decides
    which of them count; where it lies between two, or is not known, a function of any of them is good.

    Silent for other modules, for projects that lock another major version, take the library from a revision or a
    folder, or define a module of that name themselves, and where the code
    asks \`function_exported?/3\` or rescues the error. The fix puts in the name that is nearest, and is unsafe: it is a guess.`,
  references: [
    'https://hexdocs.pm/ra',
    'https://hexdocs.pm/delta_crdt',
    'https://hexdocs.pm/horde',
    'https://www.erlang.org/doc/apps/kernel/api-reference.html',
  ],
  examples: [
    {
      title: 'A function that was made up',
      bad: `
        def leader(server) do
          :ra.get_leader(server)
        # ^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'A slip in the name',
      bad: `
        def owner(name) do
          :global.where_is_name(name)
        # ^^^^^^^^^^^^^^^^^^^^^
        end`,
      good: `
        def owner(name) do
          :global.whereis_name(name)
        end`,
    },
    {
      title: 'Another number of arguments',
      bad: `
        def form(machine, ids) do
          :ra.start_cluster(:default, :inventory, machine, ids, 10_000)
        # ^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'A capture',
      bad: `
        def join(supervisors) do
          Enum.each(supervisors, &Horde.Cluster.join_hordes(Shop.Supervisor, &1))
          #                       ^^^^^^^^^^^^^^^^^^^^^^^^^
          Enum.map(supervisors, &Horde.Cluster.members/2)
          #                     ^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'The version decides',
      bad: `
        def read(server, query) do
          :ra.consistent_aux(server, query, 5_000)
        # ^^^^^^^^^^^^^^^^^^
        end`,
      path: 'lib/example.ex',
      project: { 'mix.lock': '%{"ra": {:hex, :ra, "2.14.0", "", [:rebar3], [], "hexpm", ""}}' },
    },
    {
      title: 'A newer one has it',
      good: `
        def read(server, query) do
          :ra.consistent_aux(server, query, 5_000)
        end`,
      path: 'lib/example.ex',
      project: { 'mix.lock': '%{"ra": {:hex, :ra, "3.1.2", "", [:rebar3], [], "hexpm", ""}}' },
    },
    {
      title: 'A revision, which may have it',
      good: `
        def restart(id) do
          :ra.delete_server(id)
        end`,
      path: 'lib/example.ex',
      project: {
        'mix.exs':
          'defmodule App.MixProject do\n  use Mix.Project\n  def project, do: [app: :app, deps: [{:ra, git: "https://github.com/rabbitmq/ra", ref: "b6a0d626"}]]\nend\n',
      },
    },
    {
      title: 'A module of the project itself',
      good: `
        defmodule Horde.Cluster do
          def join_hordes(a, b), do: {a, b}
          def form(hordes), do: Horde.Cluster.join_hordes(hordes, [])
        end`,
    },
    {
      title: 'Asked for before it is called',
      good: `
        def watch(scope) do
          if function_exported?(:pg, :watch_scope, 1), do: :pg.watch_scope(scope)
        end`,
    },
  ],
  triggers: {
    calls: [
      ':erpc.*',
      ':global.*',
      ':mnesia.*',
      ':net_kernel.*',
      ':pg.*',
      ':rpc.*',
      ':ra.*',
      ...['aux', 'counters', 'directory', 'env', 'leaderboard', 'lib', 'machine', 'server', 'snapshot', 'system'].map((m) => `:ra_${m}.*`),
      'Cluster.Logger.*',
      'Cluster.Strategy.*',
      'Cluster.Supervisor.*',
      'DeltaCrdt.*',
      'HashRing.*',
      'Horde.*',
      'Phoenix.PubSub.*',
      'Phoenix.Tracker.*',
    ],
    parts: ['partisan'],
  },

  *check(file, context) {
    const withoutSystem = callsWithoutSystem(file, context).map(({ call }) => call);
    for (const unknown of unknownFunctions(file, context)) {
      const { at } = unknown;
      if (at.kind === 'call' && (withoutSystem.includes(at) || isUnknownCrdtCall(file, at, context))) continue;
      const fix = rename(file, unknown);
      yield {
        range: at.kind === 'call' ? at.callee : at.range,
        message: `\`${unknown.module}.${unknown.name}/${unknown.arity}\` raises \`UndefinedFunctionError\`: ${reason(unknown)}.`,
        ...(fix && { fix }),
      };
    }
  },
} satisfies Rule;

function reason(unknown: UnknownFunction): string {
  const { module, name, exports, library, versions } = unknown;
  const [first, last] = [versions[0], versions.at(-1)];
  const where = `in ${library === 'otp' ? 'Erlang/OTP' : `\`${library}\``} ${first === last ? first : `${first} to ${last}`}`;
  const arities = exports.get(name);
  if (arities) return `${where} it takes ${listed(arities)} ${arities.join() === '1' ? 'argument' : 'arguments'}. Pass as many`;
  const meant = meantFunction(unknown);
  const advice = instead[`${module}.${name}`] ?? (meant === undefined ? 'Call one that exists' : `Call \`${meant}\``);
  return `there is no such function ${where}. ${advice}`;
}

function listed(numbers: readonly number[]): string {
  return numbers.length < 2 ? numbers.join() : `${numbers.slice(0, -1).join(', ')} or ${numbers.at(-1)}`;
}

/** The nearest name, where it takes as many arguments. */
function rename(file: FileFacts, unknown: UnknownFunction): Fix | undefined {
  const { at, name, arity, exports } = unknown;
  const meant = exports.has(name) || instead[`${unknown.module}.${name}`] ? undefined : meantFunction(unknown);
  if (meant === undefined || at.kind !== 'call' || at.applied || !exports.get(meant)?.includes(arity)) return undefined;
  const range = { start: at.callee.end - name.length, end: at.callee.end };
  if (file.text.slice(range.start, range.end) !== name) return undefined;
  return { title: `Call \`${meant}\``, edits: [replace(range, meant)] };
}
