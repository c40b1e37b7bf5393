import { callsTo, type FileFacts, moduleOf } from '../../facts/facts';
import { isTestPath } from '../../project/environment';
import type { ProjectFacts } from '../../project/project';
import type { Rule } from '../../rule';

const calls = ['Node.disconnect/1', ':erlang.disconnect_node/1'];

export default {
  id: 'node-disconnect-overlap',
  summary: 'Cutting one connection makes `:global` cut both nodes off from all others.',
  category: 'partition-tolerance',
  severity: 'info',
  rationale: `
    Since OTP 25 \`:global\` prevents overlapping partitions by default: when two nodes lose their connection while a third one sees both, it
    disconnects nodes until no such view is left. \`Node.disconnect/1\` on one link therefore does not cut one link: both nodes can end up alone, and
    discovery then connects them again, one by one.

    Silent in tests, in strategies of libcluster, where the connection is hidden or \`:global\` is told not to do so
    (\`prevent_overlapping_partitions: false\`), for projects that say they run on an older OTP, and where \`Node.connect\` in the same module makes the
    connection for itself, as a tool does that attaches to a node.

    To take a node out of the cluster, stop it (\`System.stop/1\` there) or let it leave on its own. There is no fix.`,
  references: [
    'https://www.erlang.org/doc/apps/kernel/global.html#prevent_overlapping_partitions',
    'https://hexdocs.pm/elixir/Node.html#disconnect/1',
  ],
  examples: [
    {
      title: 'One node is put out',
      bad: `
        def evict(node) do
          Node.disconnect(node)
        # ^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'A partition by hand',
      bad: `
        def isolate(nodes) do
          Enum.each(nodes, fn node -> :erlang.disconnect_node(node) end)
          #                           ^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'A connection of its own',
      good: `
        defmodule MyApp.Attach do
          def run(node) do
            true = Node.connect(node)
            result = :rpc.call(node, System, :version, [], 5_000)
            Node.disconnect(node)
            result
          end
        end`,
    },
    {
      title: 'Overlapping partitions are allowed',
      path: 'lib/my_app/members.ex',
      project: { 'config/config.exs': 'import Config\n\nconfig :kernel, prevent_overlapping_partitions: false' },
      good: 'def evict(node), do: Node.disconnect(node)',
    },
    {
      title: 'How libcluster is told to disconnect',
      path: 'config/runtime.exs',
      good: `
        config :libcluster,
          topologies: [
            k8s: [
              strategy: Cluster.Strategy.Kubernetes.DNS,
              disconnect: {:erlang, :disconnect_node, []}
            ]
          ]`,
    },
  ],
  triggers: { calls },

  *check(file, { project }) {
    if (isTestPath(file.path) || (project && (allowsOverlap(project) || isHidden(project) || (project.otp?.major ?? 25) < 25))) return;
    for (const call of callsTo(file, calls)) {
      if (isOwnConnection(file, call) || isStrategy(file, call)) continue;
      yield {
        range: call.callee,
        message:
          'Since OTP 25 `:global` then disconnects both nodes from the rest to avoid overlapping partitions. Stop the node, or let it leave by itself.',
      };
    }
  },
} satisfies Rule;

function allowsOverlap(project: ProjectFacts): boolean {
  const setting = 'prevent_overlapping_partitions';
  return (
    project.config.some(
      ({ app, keys, value }) => app === 'kernel' && keys[0] === setting && value.kind === 'atom' && value.value === 'false',
    ) || project.release.some(({ name, value }) => (name.includes(setting) && /false/.test(value)) || /connect_all$|^-hidden$/.test(name))
  );
}

/** `:global` takes no part in hidden connections. */
const isHidden = ({ calls }: ProjectFacts): boolean => calls.has(':net_kernel.hidden_connect_node');

/** The module connects to nodes itself, or uses hidden connections. */
function isOwnConnection(file: FileFacts, call: Parameters<typeof moduleOf>[1]): boolean {
  const module = moduleOf(file, call);
  const connects = callsTo(file, [
    'Node.connect',
    ':net_kernel.connect_node',
    ':net_kernel.hidden_connect_node',
    'Node.start',
    ':net_kernel.start',
  ]);
  return connects.some((connect) => moduleOf(file, connect) === module);
}

/** A strategy of libcluster disconnects nodes that discovery no longer names. */
function isStrategy(file: FileFacts, call: Parameters<typeof moduleOf>[1]): boolean {
  const module = moduleOf(file, call);
  return module !== undefined && [...module.behaviours, ...module.uses.map((use) => use.module)].includes('Cluster.Strategy');
}
