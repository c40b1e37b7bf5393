import type { Expr } from '../../elixir/ir';
import { callsTo, type FileFacts } from '../../facts/facts';
import { raMajor } from '../../facts/ra';
import { isUnreleased, type ProjectFacts } from '../../project/project';
import type { Rule } from '../../rule';

const servers = [':ra.start_cluster', ':ra.start_or_restart_cluster', ':ra.start_server', ':ra.restart_server'] as const;

/** Each of these starts a system, like everything of `:ra_system`; Khepri starts one of its own. */
const systems = [':ra.start', ':ra.start_in', ':khepri.start', ':khepri_cluster.start'] as const;

export default {
  id: 'ra-start-without-system',
  summary: 'A `:ra` server is started, and no system is, or the whole application is restarted for it.',
  category: 'availability',
  severity: 'warning',
  rationale: `
    Since \`:ra\` 2.0 servers live in a *system*, which has the write-ahead log and the segment writer. Starting the application, by listing it
    as a dependency, starts none: \`:ra.start_cluster/4\` then answers \`{:error, :cluster_not_formed}\`, and \`:ra.restart_server/2\`
    \`{:error, :system_not_started}\`. Call \`:ra_system.start_default/0\`, or \`:ra_system.start/1\` with a configuration of its own, before the first
    server, and each time that the node boots.

    \`:ra.start/0\` does start the default system, but stops the application first if it is running: every member that this node has already is
    killed. It is meant for the shell.

    That nothing starts a system is only said of a project; a file alone is not enough to know.`,
  references: ['https://hexdocs.pm/ra/ra_system.html', 'https://hexdocs.pm/ra/ra.html#start-0'],
  examples: [
    {
      title: 'No system',
      path: 'lib/shop/cluster.ex',
      project: { 'mix.lock': '%{"ra": {:hex, :ra, "2.14.0", "", [:rebar3], [], "hexpm", ""}}' },
      bad: `
        def form(ids) do
          :ra.start_cluster(:default, :stock, {:module, Shop.Stock, %{}}, ids)
        # ^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'The application is restarted',
      bad: `
        def start(_type, _args) do
          :ra.start()
        # ^^^^^^^^^
          Supervisor.start_link([Shop.Cluster], strategy: :one_for_one)
        end`,
    },
    {
      title: 'The default system, started elsewhere',
      path: 'lib/shop/cluster.ex',
      project: {
        'lib/shop/application.ex': 'defmodule Shop.Application do\n  def start(_type, _args), do: :ra_system.start_default()\nend',
      },
      good: `
        def form(ids) do
          :ra.start_cluster(:default, :stock, {:module, Shop.Stock, %{}}, ids)
        end`,
    },
    {
      title: 'On all nodes, from one of them',
      path: 'lib/shop/cluster.ex',
      project: { 'mix.lock': '%{"ra": {:hex, :ra, "2.14.0", "", [:rebar3], [], "hexpm", ""}}' },
      good: `
        def form(nodes) do
          for node <- nodes, do: :rpc.call(node, :ra, :start, [], 5_000)
          ids = for node <- nodes, do: {:stock, node}
          :ra.start_cluster(:default, :stock, {:module, Shop.Stock, %{}}, ids)
        end`,
    },
    {
      title: 'Version 1 has no systems',
      path: 'lib/shop/cluster.ex',
      project: { 'mix.lock': '%{"ra": {:hex, :ra, "1.1.9", "", [:rebar3], [], "hexpm", ""}}' },
      good: `
        def form(ids) do
          :ra.start_cluster(:stock, {:module, Shop.Stock, %{}}, ids)
        end`,
    },
    { title: 'A file alone', good: ':ra.restart_server(:default, {:stock, node()})' },
  ],
  triggers: { calls: [...servers, ':ra.start/0'] },

  *check(file, context) {
    const { project } = context;
    if (raMajor(context) === 1 || isUnreleased(project, 'ra')) return;
    for (const call of callsTo(file, [':ra.start/0'])) {
      if (isScript(file)) continue;
      yield {
        range: call.callee,
        message:
          '`:ra.start/0` stops the application if it runs, and with it every member on this node. Call `:ra_system.start_default/0`.',
      };
    }
    const [first] = callsTo(file, servers);
    if (!first || !project || isScript(file) || startsSystem(project) || !isFirst(file, project)) return;
    yield {
      range: first.callee,
      message: 'Nothing in this project starts a system of `:ra`, so this server does not start. Call `:ra_system.start_default/0` first.',
    };
  },
} satisfies Rule;

function startsSystem(project: ProjectFacts): boolean {
  if (project.words.has('ra_system') || systems.some((name) => project.calls.has(name))) return true;
  return [...project.files.values()].some((file) => file.exprs.some(namesStart));
}

/** `:rpc.call(node, :ra, :start, [])`, `{:ra, :start_in, [dir]}`: a start on another node, or later. */
function namesStart(e: Expr): boolean {
  const parts = e.kind === 'call' ? e.args : e.kind === 'tuple' ? e.items : [];
  return parts.some((part, i) => {
    const next = parts[i + 1];
    return part.kind === 'atom' && part.value === 'ra' && next?.kind === 'atom' && /^start(?:_in)?$/.test(next.value);
  });
}

/** Once for a project, in the first file. */
function isFirst(file: FileFacts, project: ProjectFacts): boolean {
  const places = servers.flatMap((name) => project.calls.get(name) ?? []).filter(({ path }) => !/(?:^|\/)test\//.test(path));
  return !places.some(({ path }) => path < file.path);
}

function isScript(file: FileFacts): boolean {
  return file.path.endsWith('.exs') || /(?:^|\/)(?:test|bench)\//.test(file.path);
}
