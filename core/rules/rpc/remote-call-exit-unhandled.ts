import { type Call, type Clause, descendants, type Expr, type Try } from '../../elixir/ir';
import type { FileFacts } from '../../facts/facts';
import { remotenessOf } from '../../facts/remote-targets';
import { isTestPath } from '../../project/environment';
import type { Rule } from '../../rule';

/** How a call to a process of another node exits. */
const reasons = ['noproc', 'nodedown', 'timeout'] as const;

/** Functions that wait for the answer of a process. */
const calling = /^(?:GenServer|GenStage|:gen_server|:gen_statem|:gen)\.call$/;

export default {
  id: 'remote-call-exit-unhandled',
  summary: 'Only some of the exits of a call to another node are caught.',
  category: 'availability',
  severity: 'info',
  rationale: `
    A call to a process of this node fails with \`{:noproc, _}\` or \`{:timeout, _}\`. A call to \`{name, node}\` or to a global name also exits with
    \`{{:nodedown, node}, _}\`, when the node cannot be reached or the connection breaks while it waits. Code that catches \`{:noproc, _}\` has thought
    of "it is not there" and forgotten the usual way in which a remote process is not there: the caller crashes in the one moment for which the
    \`catch\` was written.

    Reported when the \`catch\` names some of these reasons, and neither \`:nodedown\` nor everything; or not \`:noproc\`. A \`catch\` that only names
    \`:timeout\` is taken to mean it.

    There is no fix: what the caller answers then is for you to say. \`:exit, {reason, _call} -> {:error, reason}\` takes all of them.`,
  references: ['https://hexdocs.pm/elixir/GenServer.html#call/3', 'https://www.erlang.org/doc/apps/stdlib/gen_server.html#call/3'],
  examples: [
    {
      title: 'Not there, but not unreachable',
      bad: `
        def status(node) do
          GenServer.call({Cache, node}, :status)
        catch
          :exit, {:noproc, _call} -> {:error, :not_running}
          #      ^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'A server that callers name',
      bad: `
        defmodule Peers do
          def alive, do: Enum.filter(Node.list(), fn node -> alive?({__MODULE__, node}) end)

          defp alive?(server) do
            try do
              _ = Raft.status(server)
              true
            catch
              :exit, {:noproc, _call} -> false
              #      ^^^^^^^^^^^^^^^^
            end
          end
        end`,
    },
    {
      title: 'Every reason',
      good: `
        def status(node) do
          GenServer.call({Cache, node}, :status)
        catch
          :exit, {reason, _call} -> {:error, reason}
        end`,
    },
    {
      title: 'All that happens to remote calls',
      good: `
        def status(node) do
          GenServer.call({Cache, node}, :status)
        catch
          :exit, {:noproc, _call} -> {:error, :not_running}
          :exit, {:timeout, _call} -> {:error, :timeout}
          :exit, {{:nodedown, _node}, _call} -> {:error, :unreachable}
        end`,
    },
    {
      title: 'A process of this node',
      good: `
        def status do
          GenServer.call(Cache, :status)
        catch
          :exit, {:noproc, _call} -> {:error, :not_running}
        end`,
    },
    {
      title: 'Only slowness is expected',
      good: `
        def status(node) do
          GenServer.call({Cache, node}, :status, 500)
        catch
          :exit, {:timeout, _call} -> {:error, :timeout}
        end`,
    },
  ],
  triggers: { words: ['noproc', 'nodedown'], pattern: /\bexit\b/ },

  *check(file) {
    if (isTestPath(file.path)) return;
    for (const e of file.exprs) {
      if (e.kind !== 'try') continue;
      const [first] = exitClauses(e);
      const named = first && namedReasons(e);
      const missing = named && reasons.filter((reason) => !named.has(reason));
      if (
        !first ||
        !missing ||
        named.size === 0 ||
        !missing.some((reason) => reason !== 'timeout') ||
        !(named.has('noproc') || named.has('nodedown'))
      )
        continue;
      const call = remoteCallIn(file, e);
      const pattern = first.patterns[1];
      if (!call || !pattern) continue;
      yield {
        range: pattern.range,
        message: `A call to another node also exits with ${missing.map((reason) => exits[reason]).join(' and ')}: this lets that through. Catch every reason.`,
        related: [{ message: 'The call.', range: call.callee }],
      };
    }
  },
} satisfies Rule;

const exits: Readonly<Record<(typeof reasons)[number], string>> = {
  noproc: '`{:noproc, _}`',
  nodedown: '`{{:nodedown, node}, _}`',
  timeout: '`{:timeout, _}`',
};

function exitClauses({ catch: clauses }: Try): readonly Clause[] {
  return clauses.filter(({ patterns: [kind, reason] }) => reason && kind?.kind === 'atom' && kind.value === 'exit');
}

/** The reasons that the clauses name; undefined when one of them takes any. */
function namedReasons(e: Try): ReadonlySet<string> | undefined {
  const named = new Set<string>();
  for (const { patterns, guard } of e.catch) {
    const [kind, reason] = patterns;
    if (!reason || (kind?.kind === 'atom' && kind.value !== 'exit')) continue;
    const inside = [...descendants(reason), ...(guard ? descendants(guard) : [])];
    const atoms = inside.filter((part) => part.kind === 'atom').map((part) => part.value);
    if (atoms.length === 0) return undefined;
    for (const atom of atoms) named.add(atom);
  }
  return named;
}

function remoteCallIn(file: FileFacts, { body }: Try): Call | undefined {
  return [...descendants(body)].find((e): e is Call => e.kind === 'call' && isRemoteCall(file, e));
}

/** A call of a server on another node; of another module only where it is certainly given one. */
function isRemoteCall(file: FileFacts, call: Call): boolean {
  const target: Expr | undefined = call.args[0];
  const remoteness = target && remotenessOf(file, target);
  if (calling.test(`${call.module}.${call.name}`)) return remoteness !== undefined;
  return remoteness === 'node' && call.module !== undefined && !/^(?:Kernel|Logger|IO|Enum|:ets)$/.test(call.module);
}
