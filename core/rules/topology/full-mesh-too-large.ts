import type { FileFacts } from '../../facts/facts';
import { partisanManagers } from '../../facts/partisan';
import { configIn, settingOf } from '../../project/config';
import { evaluate } from '../../project/evaluate';
import type { ProjectFacts } from '../../project/project';
import { hostsOf, type TopologyExpr, topologiesIn } from '../../project/topologies';
import { keyOf } from '../../project/value';
import type { Finding, Rule } from '../../rule';
import type { Range } from '../../text';

/** Larger clusters than this are reported. */
const limit = 50;

export default {
  id: 'full-mesh-too-large',
  summary: 'More nodes are connected than a full mesh bears.',
  category: 'availability',
  severity: 'info',
  optIn: true,
  rationale: `
    Distributed Erlang connects every node with every other one: 50 nodes are 1,225 connections, 100 are 4,950. Each carries a heartbeat and
    takes part in every change of membership; \`:global\` locks all nodes for every name. Clusters of 60 to 100 nodes are where reports of
    nodes that drop each other in waves, and of \`:global\` that hangs, begin.

    Reported where the hosts of libcluster's topologies, or the replicas in a deployment file, are more than ${limit}. Topologies that one
    node starts together join the same mesh, so several of them do not help. Silent where the nodes are hidden, the VM runs with
    \`-connect_all false\`, or Partisan is configured with a manager whose overlay is not a full mesh.

    There is no fix: the ways out are an overlay (Partisan with HyParView), hidden nodes around a small core, or several clusters.`,
  references: [
    'https://www.usenix.org/conference/atc19/presentation/meiklejohn',
    'https://github.com/erlang/otp/issues/6214',
    'https://github.com/lasp-lang/partisan',
  ],
  examples: [
    {
      title: 'Eighty hosts',
      path: 'config/prod.exs',
      bad: `
        config :libcluster,
          topologies: [
            fleet: [
              strategy: Cluster.Strategy.Epmd,
              config: [hosts: for(i <- 1..80, do: :"app@10.0.0.#{i}"), timeout: 30_000]
              #               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            ]
          ]`,
    },
    {
      title: 'Two topologies of one mesh',
      path: 'config/prod.exs',
      bad: `
        config :libcluster,
          topologies: [
            east: [
              strategy: Cluster.Strategy.Epmd,
              config: [hosts: for(i <- 1..40, do: :"app@10.1.0.#{i}"), timeout: 30_000]
              #               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            ],
            west: [
              strategy: Cluster.Strategy.Epmd,
              config: [hosts: for(i <- 1..30, do: :"app@10.2.0.#{i}"), timeout: 30_000]
            ]
          ]`,
    },
    {
      title: 'A hundred replicas',
      path: 'deploy/app.yaml',
      project: {
        'config/runtime.exs': `
          config :libcluster,
            topologies: [
              k8s: [
                strategy: Cluster.Strategy.Kubernetes.DNS,
                config: [service: "app-headless", application_name: "app"]
              ]
            ]`,
      },
      bad: `
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: app
        spec:
          replicas: 100
          #         ^^^
          template:
            spec:
              containers:
                - name: app
                  image: registry.example.com/app:1.0.0`,
    },
    {
      title: 'A few hosts',
      path: 'config/prod.exs',
      good: `
        config :libcluster,
          topologies: [
            fleet: [
              strategy: Cluster.Strategy.Epmd,
              config: [hosts: [:"a@10.0.0.1", :"b@10.0.0.2", :"c@10.0.0.3"], timeout: 30_000]
            ]
          ]`,
    },
    {
      title: 'Replicas that form no cluster',
      path: 'deploy/app.yaml',
      good: `
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: app
        spec:
          replicas: 100`,
    },
    {
      title: 'Hidden nodes make no mesh',
      path: 'config/prod.exs',
      good: `
        config :libcluster,
          topologies: [
            fleet: [
              strategy: Cluster.Strategy.Epmd,
              config: [hosts: for(i <- 1..80, do: :"app@10.0.0.#{i}"), timeout: 30_000],
              connect: {:net_kernel, :hidden_connect_node, []}
            ]
          ]`,
    },
    {
      title: 'Partisan with a partial overlay',
      path: 'config/prod.exs',
      good: `
        config :partisan, peer_service_manager: :partisan_hyparview_peer_service_manager

        config :libcluster,
          topologies: [
            fleet: [
              strategy: Cluster.Strategy.Epmd,
              config: [hosts: for(i <- 1..80, do: :"app@10.0.0.#{i}"), timeout: 30_000],
              connect: {:partisan_peer_service, :join, []}
            ]
          ]`,
    },
    {
      title: 'A mesh that is turned off',
      path: 'config/prod.exs',
      project: { 'rel/vm.args.eex': '-connect_all false\n' },
      good: `
        config :libcluster,
          topologies: [
            fleet: [
              strategy: Cluster.Strategy.Epmd,
              config: [hosts: for(i <- 1..80, do: :"app@10.0.0.#{i}"), timeout: 30_000]
            ]
          ]`,
    },
  ],
  triggers: { words: ['Strategy'], manifestWords: ['replicas', 'minReplicas', 'maxReplicas', 'scale', 'count', 'min_machines_running'] },

  *check(file, { project }) {
    const listed = isFullMesh(project, file) ? largestList(file, meshedIn(file)) : undefined;
    if (listed) yield finding(listed.range, listed.count);
  },

  *checkProject(project) {
    const most = [...project.replicas].sort((a, b) => b.count - a.count)[0];
    if (!most || most.count <= limit) return;
    const files = [...new Set(project.topologies.map(({ path }) => path))].flatMap((path) => project.files.get(path) ?? []);
    const meshed = files.flatMap((file) => meshedIn(file).map((topology) => ({ file, topology })));
    // Hosts that are listed are counted where they stand.
    const first = meshed.find(({ topology }) => topology.strategyName !== undefined && topology.strategy);
    if (!first?.topology.strategy || !isFullMesh(project, first.file) || files.some((file) => largestList(file, meshedIn(file)))) return;
    const related = [{ message: 'This topology connects them.', range: first.topology.strategy.value.range, path: first.file.path }];
    yield { path: most.path, ...finding(most.range, most.count), related };
  },
} satisfies Rule;

/** The topologies of production that connect every node with every other one. */
function meshedIn(file: FileFacts): readonly TopologyExpr[] {
  const topologies = topologiesIn(file).filter(({ environment }) => environment === undefined || environment === 'prod');
  return topologies.filter((topology) => !isPartial(file, topology));
}

function finding(range: Range, count: number): Finding {
  const connections = ((count * (count - 1)) / 2).toLocaleString('en-US');
  return {
    range,
    message: `${count} nodes in a full mesh are ${connections} connections, more than distribution and \`:global\` bear. Use a partial overlay, hidden nodes or several clusters.`,
  };
}

/** Whether the topology makes its connections in a way that does not spread to all nodes. */
function isPartial(file: FileFacts, { connect }: TopologyExpr): boolean {
  const value = connect && evaluate(file, connect.value);
  const [module, name] = value?.kind === 'tuple' ? value.items : [];
  return /partisan/.test((module && keyOf(module)) ?? '') || (name && keyOf(name)) === 'hidden_connect_node';
}

/** Whether nothing keeps the nodes from connecting each with every other one. */
function isFullMesh(project: ProjectFacts | undefined, file: FileFacts): boolean {
  const manager = settingOf(project ? project.config : configIn(file), 'partisan', ['peer_service_manager'])?.value;
  if (manager?.kind === 'atom' && partisanManagers.get(manager.value) === 'partial') return false;
  return !project?.release.some(({ name, value }) => name === '-hidden' || (/connect_all$/.test(name) && value === 'false'));
}

/** All hosts of the topologies together, where they are too many; the place is the longest list. */
function largestList(file: FileFacts, topologies: readonly TopologyExpr[]): { readonly range: Range; readonly count: number } | undefined {
  const lists = new Map<number, { readonly nodes: readonly string[]; readonly range: Range }>();
  for (const topology of topologies) {
    const hosts = hostsOf(file, topology);
    if (hosts) lists.set(hosts.range.start, hosts);
  }
  const nodes = [...lists.values()].flatMap((list) => list.nodes);
  // Of a name that is only known when it runs, each is another node.
  const count = new Set(nodes.filter((name) => !name.includes('#{'))).size + nodes.filter((name) => name.includes('#{')).length;
  const [largest] = [...lists.values()].sort((a, b) => b.nodes.length - a.nodes.length);
  return largest && count > limit ? { range: largest.range, count } : undefined;
}
