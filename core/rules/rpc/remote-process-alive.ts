import type { Call, Capture, Expr, Field } from '../../elixir/ir';
import { clusterSourceOf, ownRegistration, tellsNodesApart } from '../../facts/cluster-names';
import { ancestorsOf, callsTo, type FileFacts, functionClauseOf, moduleOf, parentOf, textOf } from '../../facts/facts';
import { originsOf } from '../../facts/origins';
import { isSentProcess } from '../../facts/sent-processes';
import { sameValue } from '../../facts/values';
import { makesLineTooLong, replace } from '../../fix';
import { isTestPath } from '../../project/environment';
import type { Fix, Related, Rule } from '../../rule';

const functions = ['Process.alive?', ':erlang.is_process_alive'];

export default {
  id: 'remote-process-alive',
  summary: '`Process.alive?/1` is asked about a process that may be on another node.',
  category: 'correctness',
  severity: 'error',
  onlyInCluster: true,
  fixable: 'unsafe',
  rationale: `
    \`Process.alive?/1\` only knows processes of its own node: for any other pid it raises \`ArgumentError\`. On one machine, in development and in
    tests, all is well; with a second node the clean-up job, the dashboard or the health endpoint crashes on the first pid that lives elsewhere.

    Reported when the pid comes from a look-up in the whole cluster (\`:global\`, \`:pg\`, \`Horde\`, \`:syn\`, \`Swarm\`, \`Phoenix.Tracker\`, an rpc), or was
    sent to a process that is registered for the whole cluster. Silent where the function asks for \`node(pid)\` anywhere, or rescues the error,
    where nothing tells from where the pid comes, and in tests.

    The fix asks the node of the process, which raises when that node cannot be reached: decide what that means. Where you want to know when a
    process ends, \`Process.monitor/1\` works across nodes and also tells when the connection is lost.`,
  references: ['https://hexdocs.pm/elixir/Process.html#alive?/1', 'https://www.erlang.org/doc/apps/erts/erlang.html#is_process_alive/1'],
  examples: [
    {
      title: 'A global name',
      bad: `
        def running?(name) do
          pid = :global.whereis_name(name)
          is_pid(pid) and Process.alive?(pid)
          #               ^^^^^^^^^^^^^^
        end`,
      good: `
        def running?(name) do
          pid = :global.whereis_name(name)
          is_pid(pid) and :erpc.call(node(pid), Process, :alive?, [pid], 5_000)
        end`,
    },
    {
      title: 'An entry of a registry',
      bad: `
        def running?(id) do
          case Horde.Registry.lookup(MyApp.Registry, id) do
            [{pid, _value}] -> Process.alive?(pid)
            #                  ^^^^^^^^^^^^^^
            [] -> false
          end
        end`,
    },
    {
      title: 'Members of a group',
      bad: `
        def alive(group) do
          Enum.filter(:pg.get_members(group), &Process.alive?/1)
          #                                   ^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'Subscribers of a process that every node can reach',
      bad: `
        defmodule Feed do
          use GenServer

          def start_link(table) do
            GenServer.start_link(__MODULE__, table, name: {:global, __MODULE__})
          end

          def init(table), do: {:ok, table}

          def handle_cast({:subscribe, pid}, table) do
            :ets.insert(table, {pid, Process.monitor(pid)})
            {:noreply, table}
          end

          def handle_info(:sweep, table) do
            :ets.foldl(
              fn {pid, _ref}, _ -> unless Process.alive?(pid), do: :ets.delete(table, pid) end,
              #                           ^^^^^^^^^^^^^^
              nil,
              table
            )

            {:noreply, table}
          end
        end`,
    },
    {
      title: 'The job of one of several nodes',
      bad: `
        def start?(job) do
          cond do
            node() not in job.nodes -> false
            Process.alive?(job.pid) -> false
          # ^^^^^^^^^^^^^^
            true -> true
          end
        end`,
    },
    {
      title: 'Only on its own node',
      good: `
        def running?(name) do
          pid = :global.whereis_name(name)
          is_pid(pid) and node(pid) == node() and Process.alive?(pid)
        end`,
    },
    {
      title: 'Members of this node',
      good: 'Enum.filter(:pg.get_local_members(group), &Process.alive?/1)',
    },
    {
      title: 'A registry of this node',
      good: `
        case Registry.lookup(MyApp.Registry, id) do
          [{pid, _value}] -> Process.alive?(pid)
          [] -> false
        end`,
    },
    {
      title: 'Rescued',
      good: `
        def running?(name) do
          Process.alive?(:global.whereis_name(name))
        rescue
          ArgumentError -> false
        end`,
    },
  ],
  triggers: { calls: functions },

  *check(file) {
    if (isTestPath(file.path)) return;
    for (const call of callsTo(file, ['Process.alive?/1', ':erlang.is_process_alive/1'])) {
      const [pid] = call.args;
      const evidence = pid && !isRescued(file, call) && !tellsNodesApart(file, call) ? evidenceFor(file, pid) : undefined;
      if (!pid || !evidence) continue;
      const fix = askItsNode(file, call, pid);
      yield { range: call.callee, message: message(call), related: [evidence], ...(fix && { fix }) };
    }
    for (const capture of functions.flatMap((name) => file.captures.get(name) ?? [])) {
      const parent = parentOf(file, capture);
      const list = parent?.kind === 'call' && parent.module === 'Enum' ? parent.args[0] : undefined;
      const source = list && list !== capture && !isRescued(file, capture) ? clusterSourceOf(file, list) : undefined;
      if (source && !tellsNodesApart(file, capture)) yield { range: capture.range, message: message(capture), related: [found(source)] };
    }
  },
} satisfies Rule;

function message(at: Call | Capture): string {
  return `\`${at.module}.${at.name}/1\` raises for a process of another node, and this one may be there. Ask \`node(pid)\`, or monitor the process.`;
}

const found = (source: Call): Related => ({ message: 'Processes of all nodes are found here.', range: source.callee });

function evidenceFor(file: FileFacts, pid: Expr): Related | undefined {
  const source = clusterSourceOf(file, pid);
  if (source) return found(source);
  const module = moduleOf(file, pid);
  const registration = module && ownRegistration(file, module);
  if (registration && isSentProcess(file, pid)) {
    return { message: 'Processes of every node can send to the one that is registered here.', range: registration.at.range };
  }
  return pid.kind === 'field' ? nodesOfRecord(file, pid) : undefined;
}

/** `node() in job.nodes`, beside `job.pid`: the record is one of several nodes, and its process on any of them. */
function nodesOfRecord(file: FileFacts, pid: Field): Related | undefined {
  const clause = functionClauseOf(file, pid);
  for (const e of file.exprs) {
    if (e.kind !== 'field' || e.name !== 'nodes' || functionClauseOf(file, e) !== clause) continue;
    const test = parentOf(file, e);
    const isTest = (test?.kind === 'binary' && /^(?:not )?in$/.test(test.operator)) || (test?.kind === 'call' && test.name === 'member?');
    if (!isTest || !sameValue(file, e.subject, pid.subject)) continue;
    const asked = test.kind === 'binary' ? test.left : test.args[1];
    if (asked && originsOf(file, asked).some((o) => o.kind === 'this-node'))
      return { message: 'It belongs to several nodes.', range: e.range };
  }
  return undefined;
}

function isRescued(file: FileFacts, e: Expr): boolean {
  for (const ancestor of ancestorsOf(file, e)) if (ancestor.kind === 'try' && ancestor.rescue.length > 0) return true;
  return false;
}

function askItsNode(file: FileFacts, call: Call, pid: Expr): Fix | undefined {
  if (call.piped || call.applied || pid.kind !== 'variable') return undefined;
  const name = textOf(file, pid.range);
  const edits = [replace(call.range, `:erpc.call(node(${name}), Process, :alive?, [${name}], 5_000)`)];
  return makesLineTooLong(file.text, edits) ? undefined : { title: 'Ask the node of the process', edits };
}
