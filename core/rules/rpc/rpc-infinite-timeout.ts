import type { Call } from '../../elixir/ir';
import { callsTo, type FileFacts } from '../../facts/facts';
import { endlessCalls, isBounded, isInteractive, isLocal, isWrapper } from '../../facts/remote';
import { isRemoteTarget } from '../../facts/sinks';
import { appendArgument, makesLineTooLong } from '../../fix';
import { isTestPath } from '../../project/environment';
import type { Fix, Rule } from '../../rule';

export default {
  id: 'rpc-infinite-timeout',
  summary: 'A call to another node waits for ever.',
  category: 'availability',
  severity: 'warning',
  fixable: 'unsafe',
  rationale: `
    \`:rpc.call/4\`, \`:erpc.call/4\`, their multicalls and \`GenServer.multi_call/3\` have no time limit of their own. A partition drops packets
    instead of refusing them, so the runtime notices a dead peer only after 45 to 75 seconds (\`net_ticktime\`), and a node that is alive but
    stuck is never noticed. Until then the caller hangs, then the callers of the caller, until a healthy part of the system has stopped because
    of a sick one.

    Calls to the own node, calls inside a task with its own limit, functions named in \`rpcWrappers\`, and code that a person runs and can interrupt
    (IEx helpers, Mix tasks, command lines) are left alone, so are tests.

    The fix adds a limit of five seconds. It is unsafe because the caller must now live with the timeout: \`:rpc\` answers
    \`{:badrpc, :timeout}\`, \`:erpc\` raises, and the function may have run all the same.`,
  references: [
    'https://www.erlang.org/doc/apps/kernel/rpc.html#call/5',
    'https://www.erlang.org/doc/apps/kernel/erpc.html#call/5',
    'https://hexdocs.pm/elixir/GenServer.html#multi_call/4',
  ],
  examples: [
    {
      title: 'A remote call',
      bad: `
        def stock(node, sku) do
          :rpc.call(node, Stock, :count, [sku])
        # ^^^^^^^^^
        end`,
      good: `
        def stock(node, sku) do
          :rpc.call(node, Stock, :count, [sku], 5_000)
        end`,
    },
    {
      title: 'On all nodes',
      bad: `
        def totals(sku) do
          {replies, bad} = :rpc.multicall(Node.list(), Stock, :count, [sku])
          #                ^^^^^^^^^^^^^^
          {Enum.sum(replies), bad}
        end`,
      good: `
        def totals(sku) do
          {replies, bad} = :rpc.multicall(Node.list(), Stock, :count, [sku], 5_000)
          {Enum.sum(replies), bad}
        end`,
    },
    {
      title: 'Through an alias and a pipe',
      bad: `
        alias GenServer, as: Server

        def flush(request) do
          Node.list() |> Server.multi_call(Cache, request)
          #              ^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'Told to wait for ever',
      bad: `
        def state(node) do
          GenServer.call({Cache, node}, :state, :infinity)
          #                                     ^^^^^^^^^
        end`,
    },
    {
      title: 'Another node or this one',
      bad: `
        def start(node, job) do
          target = if node in Node.list(), do: node, else: node()
          :rpc.call(target, Jobs, :start, [job])
        # ^^^^^^^^^
        end`,
    },
    { title: 'The fourth argument of this one is the timeout', good: ':rpc.multicall(Stock, :count, [sku], 5_000)' },
    { title: 'A local call has a limit by itself', good: 'GenServer.call(Cache, :state)' },
    { title: 'This very node', good: ':erpc.call(node(), Stock, :count, [sku])' },
    {
      title: 'Somebody sits before it and can interrupt it',
      good: `
        defmodule App.CLI do
          def eval(node, expr), do: :erpc.call(node, App.Eval, :run, [expr])
        end`,
    },
    {
      title: 'The task is given up after its timeout',
      good: `
        nodes
        |> Task.async_stream(fn node -> :erpc.call(node, Stock, :count, [sku]) end, timeout: 5_000)
        |> Enum.to_list()`,
    },
  ],
  triggers: { calls: [':rpc.*', ':erpc.*', 'GenServer.multi_call', 'GenServer.call/3'] },

  *check(file, context) {
    if (isTestPath(file.path)) return;
    for (const call of endlessCalls(file)) {
      if (isLocal(file, call) || isBounded(file, call) || isWrapper(file, call, context) || isInteractive(file, call)) continue;
      const fix = limited(file, call);
      yield {
        range: call.callee,
        message: `\`${call.module}.${call.name}/${call.args.length}\` waits for ever for a node that hangs or is cut off. Pass a timeout.`,
        ...(fix && { fix }),
      };
    }
    for (const call of callsTo(file, ['GenServer.call/3'])) {
      const timeout = call.args[2];
      if (timeout?.kind !== 'atom' || timeout.value !== 'infinity' || !isRemoteTarget(call.args[0]) || isBounded(file, call)) continue;
      yield {
        range: timeout.range,
        message: 'This waits for ever for a process on another node. Pass a timeout, and handle the exit that it brings.',
      };
    }
  },
} satisfies Rule;

function limited(file: FileFacts, call: Call): Fix | undefined {
  const fix = appendArgument(file, call, '5_000', 'Wait at most 5 seconds');
  return fix && !makesLineTooLong(file.text, fix.edits) ? fix : undefined;
}
