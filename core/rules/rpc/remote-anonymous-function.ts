import type { Call, Capture, Expr, Fn } from '../../elixir/ir';
import { callsTo, type FileFacts, textOf } from '../../facts/facts';
import { originsOf } from '../../facts/origins';
import { raMajor } from '../../facts/ra';
import { isLocal } from '../../facts/remote';
import { definitionOf } from '../../facts/values';
import { isTestPath } from '../../project/environment';
import type { Rule } from '../../rule';

/** Calls that take a function for another node, with its place among the arguments. */
const taking: readonly (readonly [call: string, index: number])[] = [
  [':erpc.call/2', 1],
  [':erpc.call/3', 1],
  [':erpc.cast/2', 1],
  [':erpc.multicall/2', 1],
  [':erpc.multicall/3', 1],
  [':erpc.multicast/2', 1],
  [':erpc.send_request/2', 1],
  ['Node.spawn/2', 1],
  ['Node.spawn/3', 1],
  ['Node.spawn_link/2', 1],
  ['Node.spawn_monitor/2', 1],
  [':erlang.spawn/2', 1],
];
/** Tasks, which run on another node when their supervisor is `{name, node}`. */
const tasks = ['Task.Supervisor.async', 'Task.Supervisor.async_nolink', 'Task.Supervisor.start_child'];
const rpcs = [':rpc.call', ':rpc.block_call', ':rpc.multicall', ':erpc.call', ':erpc.multicall'];
const queries = [':ra.consistent_query', ':ra.leader_query'];

export default {
  id: 'remote-anonymous-function',
  summary: 'An anonymous function is sent to another node, which must have the very same code to run it.',
  category: 'correctness',
  severity: 'info',
  rationale: `
    An anonymous function is a reference into one compiled version of its module. A node with another build of it, as every second node during a
    rolling deployment, answers \`:badfun\`; a node without the module at all answers so too. What the function closes over goes with it: a pid, an
    ETS table or a \`Cachex\` reference of this node means nothing over there, and a large state is copied.

    Send the module, the name and the arguments of a public function. \`&Module.fun/1\` is only a name and can be sent. \`:ra\` 3 refuses functions
    in \`consistent_query\` and \`leader_query\`, which is an error where that version is known: pass \`{module, function, arguments}\`, the state is
    added as the last argument.

    There is no fix, because the function has to be given a name.`,
  references: [
    'https://www.erlang.org/doc/system/eff_guide_functions.html',
    'https://www.erlang.org/doc/apps/kernel/erpc.html#call/2',
    'https://github.com/rabbitmq/ra',
  ],
  examples: [
    {
      title: 'A closure',
      bad: `
        def put(node, key, value) do
          Node.spawn(node, fn -> Store.put(key, value) end)
          #                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'On all nodes',
      bad: `
        def sizes(nodes) do
          :erpc.multicall(nodes, fn -> Queue.size() end, 5_000)
          #                      ^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'A private function',
      bad: `
        defmodule Sizes do
          def all(node), do: :erpc.call(node, &size/0, 5_000)
          #                                   ^^^^^^^
          defp size, do: Queue.size()
        end`,
    },
    {
      title: 'A task on another node',
      bad: `
        def run(node, job) do
          Task.Supervisor.async({MyApp.Tasks, node}, fn -> Job.run(job) end)
          #                                          ^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'Refused by ra 3',
      path: 'lib/my_app/stock.ex',
      project: { 'mix.exs': 'defmodule MyApp.MixProject do\n  def project, do: [app: :my_app, deps: [{:ra, "~> 3.1"}]]\nend' },
      bad: `
        def count(server, sku) do
          :ra.consistent_query(server, fn state -> Map.get(state, sku) end)
          #                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    { title: 'Module, function, arguments', good: 'Node.spawn(node, Store, :put, [key, value])' },
    { title: 'A name that can be sent', good: ':erpc.call(node, &Queue.size/0, 5_000)' },
    { title: 'This very node', good: ':erpc.call(node(), fn -> Queue.size() end, 5_000)' },
    { title: 'A supervisor of this node', good: 'Task.Supervisor.async(MyApp.Tasks, fn -> Job.run(job) end)' },
    { title: 'A query that ra 3 takes', good: ':ra.consistent_query(server, {Stock, :count, [sku]})' },
  ],
  triggers: { calls: [...taking.map(([call]) => call), ...tasks, ...rpcs, ...queries] },

  *check(file, context) {
    if (isTestPath(file.path)) return;
    for (const { fn, call } of sentFunctions(file)) {
      yield {
        range: fn.range,
        message:
          'The other node can only run this when it has the same build of this module, as it has not during a deployment. Send module, function and arguments.',
        related: [{ message: 'Sent here.', range: call.callee }],
      };
    }
    for (const call of callsTo(file, queries)) {
      const query = call.args[1] && definitionOf(file, call.args[1]);
      const isRefused = raMajor(context) === 3;
      if (query?.kind !== 'fn' && !(isRefused && query?.kind === 'capture')) continue;
      yield {
        range: (call.args[1] as Expr).range,
        ...(isRefused && { severity: 'error' as const }),
        message: isRefused
          ? '`:ra` 3 takes no function here and raises. Pass `{module, function, arguments}`; the state is added as the last argument.'
          : 'The leader can only run this when it has the same build of this module. Pass `{module, function, arguments}`; `:ra` 3 takes nothing else.',
      };
    }
  },
} satisfies Rule;

interface Sent {
  readonly call: Call;
  readonly fn: Expr;
}

function sentFunctions(file: FileFacts): readonly Sent[] {
  const found: Sent[] = [];
  const add = (call: Call, fn: Expr | undefined): void => {
    if (fn && isBound(file, definitionOf(file, fn)) && !isLocal(file, call)) found.push({ call, fn });
  };
  for (const [mfa, index] of taking) for (const call of callsTo(file, [mfa])) add(call, call.args[index]);
  for (const call of callsTo(file, tasks)) if (isElsewhere(file, call)) add(call, call.args[1]);
  // `:rpc.call(node, :erlang, :apply, [fn …, arguments])`
  for (const call of callsTo(file, rpcs)) {
    const [, , name, args] = call.args;
    if (name?.kind === 'atom' && name.value === 'apply' && args?.kind === 'list') add(call, args.items[0]);
  }
  return found.sort((a, b) => a.fn.range.start - b.fn.range.start);
}

/** `{name, node}`, where the node is not this one. */
function isElsewhere(file: FileFacts, call: Call): boolean {
  const [supervisor] = call.args;
  const node = supervisor?.kind === 'tuple' && supervisor.items.length === 2 ? supervisor.items[1] : undefined;
  return node !== undefined && !originsOf(file, node).some((o) => o.kind === 'this-node');
}

/** Whether the function belongs to one build of its module: written with `fn` or `&`, or a function of the module by its bare name. */
function isBound(file: FileFacts, e: Expr): e is Fn | Capture {
  return e.kind === 'fn' || (e.kind === 'capture' && !e.receiver && !textOf(file, e.range).includes('.'));
}
