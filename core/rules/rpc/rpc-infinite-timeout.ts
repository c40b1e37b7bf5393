import type { Call, Expr } from '../../elixir/ir';
import { callsTo, type FileFacts } from '../../facts/facts';
import { endlessCalls, isBounded, isInteractive, isLocal, isWrapper } from '../../facts/remote';
import { isRemoteTarget } from '../../facts/sinks';
import { waiterOf } from '../../facts/waiting';
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

    A warning where it is seen that something waits: a callback of a process or a request (also through functions of the same file), or a call of
    several nodes that is as slow as the slowest of them. Elsewhere it depends on callers that the file does not show, and is only
    information, as it is where the function is told how long it may take. To handle \`{:badrpc, reason}\` does not help against a node that
    says nothing.

    Calls to the own node, calls inside a task with its own limit, functions named in \`rpcWrappers\`, and code that a person runs and can interrupt
    (IEx helpers, Mix tasks, command lines) are left alone, so are tests.

    The fix adds a limit of five seconds, where nothing says that the function needs longer. It is unsafe because the caller must now live with
    the timeout: \`:rpc\` answers \`{:badrpc, :timeout}\`, \`:erpc\` raises, and the function may have run all the same.`,
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
      severity: 'info',
    },
    {
      title: 'A process waits, and all that is in its mailbox',
      bad: `
        defmodule App.Prices do
          use GenServer

          def init(node), do: {:ok, node}

          def handle_call({:price, sku}, _from, node), do: {:reply, price(node, sku), node}

          defp price(node, sku), do: :erpc.call(node, App.Catalogue, :price, [sku])
          #                          ^^^^^^^^^^
        end`,
      severity: 'warning',
    },
    {
      title: 'A request waits',
      bad: `
        def show(conn, %{"node" => node, "sku" => sku}) do
          json(conn, :rpc.call(App.Nodes.named(node), App.Stock, :count, [sku]))
          #          ^^^^^^^^^
        end`,
      severity: 'warning',
    },
    {
      title: 'The failure of the node is handled, its silence is not',
      bad: `
        def stock(node, sku) do
          case :rpc.call(node, Stock, :count, [sku]) do
            #  ^^^^^^^^^
            {:badrpc, reason} -> {:error, reason}
            count -> {:ok, count}
          end
        end`,
      severity: 'info',
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
      severity: 'warning',
    },
    {
      title: 'Five seconds may be too few for what it does: no fix',
      bad: `
        def load(node, tables) do
          :rpc.call(node, :mnesia, :wait_for_tables, [tables, 30_000])
        # ^^^^^^^^^
        end`,
      severity: 'info',
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
      title: 'With two arguments there is no place for a timeout: no fix',
      bad: `
        def flush, do: GenServer.multi_call(Cache, :flush)
        #              ^^^^^^^^^^^^^^^^^^^^`,
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
      const hasOwnLimit = argumentsOf(call).some(isLimit) || asksServer(call);
      const fix = hasOwnLimit || takesItsTime(call) ? undefined : limited(file, call);
      const waits = `\`${call.module}.${call.name}/${call.args.length}\` has no time limit: a node that is cut off is waited for up to 75 seconds, one that hangs for ever`;
      const who = callsSeveral(call) ? ', and the slowest holds up the rest' : seenToWait(file, call);
      yield {
        range: call.callee,
        ...((who === undefined || hasOwnLimit) && { severity: 'info' }),
        message: `${waits}${who ?? ''}. Pass a timeout.`,
        ...(fix && { fix }),
      };
    }
    for (const call of callsTo(file, ['GenServer.call/3'])) {
      const timeout = call.args[2];
      if (timeout?.kind !== 'atom' || timeout.value !== 'infinity' || !isRemoteTarget(call.args[0]) || isBounded(file, call)) continue;
      yield {
        range: timeout.range,
        ...(seenToWait(file, call) === undefined && { severity: 'info' }),
        message: 'This waits for ever for a process on another node. Pass a timeout, and handle the exit that it brings.',
      };
    }
  },
} satisfies Rule;

function callsSeveral(call: Call): boolean {
  return /^multi_?call$/.test(call.name);
}

/** Who waits, as the end of a clause; undefined when the file does not show it. */
function seenToWait(file: FileFacts, call: Call): string | undefined {
  const waiter = waiterOf(file, call);
  switch (waiter?.kind) {
    case 'process':
      return `, and \`${waiter.callback}\` of this process waits with it`;
    case 'request':
      return ', and the request waits with it';
    default:
      return undefined;
  }
}

/** Functions for which five seconds may be too few. */
function takesItsTime(call: Call): boolean {
  const name = call.args.at(-2);
  return name?.kind === 'atom' && /start|stop|load|sync|wait|backup|restore|migrat|copy|compile/.test(name.value);
}

/** What is passed to the function on the other node, where it is written as a list. */
function argumentsOf(call: Call): readonly Expr[] {
  const last = call.args.at(-1);
  return last?.kind === 'list' ? last.items : [];
}

/** `:rpc.call(node, GenServer, :call, [server, request])`: over there it waits five seconds. */
function asksServer(call: Call): boolean {
  const [module, name] = call.args.slice(-3, -1);
  const isServer = module?.kind === 'alias' && module.name === 'GenServer' && name?.kind === 'atom' && name.value === 'call';
  return isServer && argumentsOf(call).length === 2;
}

const limitNames = /timeout|_ms$|interval|deadline/;

/** Whether the called function is told how long it may take. */
function isLimit(e: Expr): boolean {
  switch (e.kind) {
    case 'integer':
      return e.value >= 5_000;
    case 'call':
      return e.module === ':timer';
    case 'variable':
    case 'attribute':
    case 'field':
      return limitNames.test(e.name);
    default:
      return false;
  }
}

function limited(file: FileFacts, call: Call): Fix | undefined {
  // Only with the nodes before it does `multi_call` take a timeout.
  if (call.name === 'multi_call' && call.args.length === 2) return undefined;
  const fix = appendArgument(file, call, '5_000', 'Wait at most 5 seconds');
  return fix && !makesLineTooLong(file.text, fix.edits) ? fix : undefined;
}
