/** Every generator: what it writes, what it needs, and how far its code has been proven. */
import { type Discovery, decideCluster } from '../clustering';
import type { GeneratedFile } from '../document';
import type { Platform } from '../questions';
import { clockSkew, hybridClock, vectorClock } from './clocks';
import { crdtCounter, crdtNeighbours, crdtPartitionTest, crdtReplica } from './delta-crdt';
import { globalPartitionTest, globalSingleton } from './global-singleton';
import { hordeKeeper, hordeSingleton, hordeWorker } from './horde';
import { inventoryClient, inventoryMachine, inventoryPartitionTest } from './inventory';
import { leaseClient, leaseFence, leaseHolder, leaseMachine, leasePartitionTest } from './lease';
import { clusterSupervisor } from './libcluster';
import { mnesiaPartitionTest, mnesiaTables } from './mnesia';
import { type CodeOptions, type Names, namesOf } from './names';
import { iptablesScript, toxiproxyScript } from './network-faults';
import { peerCluster } from './peer-cluster';
import { clusterHealth, nodeMonitor, quorumGuard } from './quorum-guard';
import { raMembers, raServer } from './ra-cluster';
import { storeClient, storeMachine, storePartitionTest } from './store';
import { presenceTracker } from './tracker';

export type GeneratorId =
  | 'ra-inventory'
  | 'ra-store'
  | 'ra-lease'
  | 'quorum-guard'
  | 'node-monitor'
  | 'cluster-health'
  | 'hybrid-clock'
  | 'vector-clock'
  | 'clock-skew'
  | 'global-singleton'
  | 'libcluster'
  | 'delta-crdt'
  | 'mnesia-majority'
  | 'horde-singleton'
  | 'phoenix-tracker'
  | 'partisan'
  | 'network-faults';

/** A package of the code that a generator writes, as in `deps` of mix.exs. */
export interface CodeDependency {
  readonly name: string;
  /** `~> 3.1`. */
  readonly requirement: string;
}

/** What has been done with the code in Netsplit's own tests: run on connected nodes, which are cut and healed, or compiled with the signatures of its library. */
export type Proof =
  | { readonly kind: 'ran-on-nodes'; readonly with: string }
  | { readonly kind: 'compiled'; readonly against: string }
  | { readonly kind: 'parsed' };

export interface Generator {
  readonly id: GeneratorId;
  /** As in a list: `Inventory on :ra`. */
  readonly title: string;
  /** One sentence: what the code does. */
  readonly what: string;
  readonly dependencies: readonly CodeDependency[];
  readonly proof: Proof;
  /** The files, with paths relative to the project. Total and deterministic. */
  generate(options: GeneratorOptions): readonly GeneratedFile[];
}

/** Options of any generator; what does not concern one is ignored. */
export interface GeneratorOptions extends CodeOptions {
  /** For `libcluster` and `partisan`: where the nodes run; static hosts where absent. */
  readonly platform?: Platform;
  /** For `partisan`: others can reach the nodes. */
  readonly untrusted?: boolean;
}

const ra: CodeDependency = { name: 'ra', requirement: '>= 2.0.0 and < 4.0.0' };
const telemetry: CodeDependency = { name: 'telemetry', requirement: '~> 1.0' };
const otp: Proof = { kind: 'ran-on-nodes', with: 'Erlang/OTP' };
const onRa: Proof = { kind: 'ran-on-nodes', with: ':ra' };

/** The width that `mix format` keeps to unless it is told otherwise. */
const formatterWidth = 98;

type Part = readonly [path: string, what: string, content: string];

export const generators: readonly Generator[] = [
  {
    id: 'ra-inventory',
    title: 'Inventory on :ra',
    what: 'Stock that is never sold twice: reservations decided by a majority, repeated requests applied once.',
    dependencies: [ra],
    proof: onRa,
    generate: (options) =>
      raFiles(options, 'inventory', (names) => ({
        client: inventoryClient(names),
        machine: inventoryMachine(names),
        test: inventoryPartitionTest(names),
      })),
  },
  {
    id: 'ra-store',
    title: 'Key-value store on :ra',
    what: 'Values under keys with versions: one order of writes, conditional writes, watchers.',
    dependencies: [ra],
    proof: onRa,
    generate: (options) =>
      raFiles(options, 'store', (names) => ({ client: storeClient(names), machine: storeMachine(names), test: storePartitionTest(names) })),
  },
  {
    id: 'ra-lease',
    title: 'Leader or lease on :ra, with fencing',
    what: 'One holder at a time, which counts with its own monotonic clock, and a growing number that the resource compares.',
    dependencies: [ra],
    proof: onRa,
    generate: (options) =>
      raFiles(options, 'lease', (names) => ({
        client: leaseClient(names),
        machine: leaseMachine(names),
        test: leasePartitionTest(names),
        tested: 'Cuts five real nodes into three and two, and looks whether there is one leader at any time.',
        more: [
          [`lib/${names.app}/${names.snake}/holder.ex`, 'The process that holds the lease.', leaseHolder(names)],
          [`lib/${names.app}/${names.snake}/fence.ex`, 'The resource’s side: refuses overtaken holders.', leaseFence(names)],
        ],
      })),
  },
  {
    id: 'quorum-guard',
    title: 'Quorum guard',
    what: 'Tells whether this node sees a majority of the configured nodes, and runs work only then.',
    dependencies: [],
    proof: otp,
    generate: guardFiles,
  },
  {
    id: 'node-monitor',
    title: 'Node monitor',
    what: 'Notices nodes that come and go, with the reason, and the loss of the quorum.',
    dependencies: [],
    proof: otp,
    generate: (options) => [
      ...guardFiles(options),
      ...library(options, [['node_monitor', 'Notices nodes that come and go.', nodeMonitor]]),
    ],
  },
  {
    id: 'cluster-health',
    title: 'Health of the cluster',
    what: 'Visible nodes against the needed quorum, for a readiness probe and as a telemetry event.',
    dependencies: [telemetry],
    proof: otp,
    generate: (options) => [
      ...guardFiles(options),
      ...library(options, [['cluster_health', 'Visible nodes against the needed quorum.', clusterHealth]]),
    ],
  },
  {
    id: 'hybrid-clock',
    title: 'Hybrid logical clock',
    what: 'Timestamps that follow cause and effect and stay close to wall time.',
    dependencies: [],
    proof: otp,
    generate: (options) => library(options, [['hybrid_clock', 'A hybrid logical clock.', hybridClock]]),
  },
  {
    id: 'vector-clock',
    title: 'Vector clock',
    what: 'Tells whether one version has seen another or both were written without knowing of each other, with the merge.',
    dependencies: [],
    proof: otp,
    generate: (options) => library(options, [['vector_clock', 'A vector clock with its merge.', vectorClock]]),
  },
  {
    id: 'clock-skew',
    title: 'Clock skew probe',
    what: 'Measures how far the clocks of connected nodes are apart, as a telemetry event.',
    dependencies: [telemetry],
    proof: otp,
    generate: (options) => library(options, [['clock_skew', 'Measures the skew between the nodes’ clocks.', clockSkew]]),
  },
  {
    id: 'global-singleton',
    title: 'Singleton through :global',
    what: 'One process with a standby on every node, and a resolver for two that meet.',
    dependencies: [],
    proof: otp,
    generate: (options) => [
      ...guardFiles(options),
      ...library(options, [['singleton', 'Holds the name or stands by; resolves conflicts.', globalSingleton]]),
      ...tests(
        options,
        'singleton_partition_test',
        globalPartitionTest(namesOf(options, 'singleton')),
        'Cuts five real nodes into three and two, and looks whether one process is left after the heal.',
      ),
    ],
  },
  {
    id: 'libcluster',
    title: 'Cluster with libcluster',
    what: 'Finds and connects the nodes on the platform, with every key that its strategy needs.',
    dependencies: [{ name: 'libcluster', requirement: '~> 3.5' }],
    proof: { kind: 'compiled', against: 'libcluster 3.5.0' },
    generate: (options) => [
      configFile(options, 'How nodes find each other.', discoveryConfig(options, 3)),
      ...library(options, [['cluster', 'Starts libcluster with the configured topologies.', clusterSupervisor]]),
    ],
  },
  {
    id: 'delta-crdt',
    title: 'Sets and counters on delta_crdt',
    what: 'Sets and counters that every node may change at any time, and that merge after a partition.',
    dependencies: [{ name: 'delta_crdt', requirement: '~> 0.6.4' }],
    proof: { kind: 'compiled', against: 'delta_crdt 0.6.4' },
    generate: crdtFiles,
  },
  {
    id: 'mnesia-majority',
    title: 'Mnesia tables with majority',
    what: 'Tables that only a majority of their copies may change, and a handler for what comes after a partition.',
    dependencies: [],
    proof: { kind: 'ran-on-nodes', with: 'Mnesia of Erlang/OTP' },
    generate: mnesiaFiles,
  },
  {
    id: 'horde-singleton',
    title: 'Singleton with Horde',
    what: 'One process on a node that Horde chooses, with static members and a clause for a lost name.',
    dependencies: [{ name: 'horde', requirement: '~> 0.10' }],
    proof: { kind: 'compiled', against: 'Horde 0.10.0' },
    generate: (options) =>
      library(options, [
        ['horde_singleton', 'The registry and the supervisor.', hordeSingleton],
        ['horde_singleton/keeper', 'Asks Horde for the process when nodes come and go.', hordeKeeper],
        ['horde_singleton/worker', 'The process, which stops when it lost its name.', hordeWorker],
      ]),
  },
  {
    id: 'phoenix-tracker',
    title: 'Presence with Phoenix.Tracker',
    what: 'Who is online on all nodes; changes are announced on each node by itself.',
    dependencies: [{ name: 'phoenix_pubsub', requirement: '~> 2.2' }],
    proof: { kind: 'compiled', against: 'phoenix_pubsub 2.2.0' },
    generate: (options) => library(options, [['tracker', 'Tracks processes and announces changes locally.', presenceTracker]]),
  },
  {
    id: 'partisan',
    title: 'Partisan',
    what: 'An overlay network instead of the full mesh, or with TLS where others can reach the nodes.',
    dependencies: [{ name: 'partisan', requirement: '~> 5.0' }],
    proof: { kind: 'parsed' },
    generate: (options) => [configFile(options, 'The overlay network.', discoveryConfig(options, 120))],
  },
  {
    id: 'network-faults',
    title: 'Network faults for staging',
    what: 'Scripts that drop packets between hosts and spoil links to services.',
    dependencies: [],
    proof: { kind: 'parsed' },
    generate: (options) => {
      const names = namesOf(options, 'faults');
      return files(options, [
        ['scripts/partition.sh', 'Cuts a host off with iptables, for a limited time.', iptablesScript(names)],
        ['scripts/toxiproxy.sh', 'Spoils the link to a service with toxiproxy.', toxiproxyScript(names)],
      ]);
    },
  },
];

/** The generator with this id. */
export function generatorOf(id: GeneratorId): Generator {
  return generators.find((generator) => generator.id === id) ?? (generators[0] as Generator);
}

/** The requirement for mix.exs: the version that the project has locked where the code fits it, else the generator's own. */
export function requirementOf(dependency: CodeDependency, locked: string | undefined): string {
  const version = /^(\d+)\.(\d+)\./.exec(locked ?? '');
  if (dependency.name !== 'ra') return dependency.requirement;
  const major = Number(version?.[1]);
  return version && (major === 2 || major === 3) ? `~> ${version[1]}.${version[2]}` : '~> 3.1';
}

interface RaParts {
  readonly client: string;
  readonly machine: string;
  readonly test: string;
  /** What the test does, where it is not what it does for most. */
  readonly tested?: string;
  readonly more?: readonly Part[];
}

function raFiles(options: CodeOptions, fallback: string, parts: (names: Names) => RaParts): readonly GeneratedFile[] {
  const names = namesOf(options, fallback);
  const { client, machine, test, tested, more = [] } = parts(names);
  const { app, snake } = names;
  return [
    configFile(options, 'Where the log is kept, and who the members are.', raConfig(names)),
    ...files(options, [
      [`lib/${app}/${snake}.ex`, 'The functions that the application calls: retries, unknown outcomes.', client],
      [`lib/${app}/${snake}/machine.ex`, 'The state machine: deterministic, with a clause for unknown commands.', machine],
      [`lib/${app}/${snake}/server.ex`, 'This node’s member: continued at each start, formed once.', raServer(names)],
      [`lib/${app}/${snake}/members.ex`, 'Adding, removing and replacing members, one at a time.', raMembers(names)],
      ...more,
    ]),
    ...tests(options, `${snake}_partition_test`, test, tested),
  ];
}

function raConfig({ app, module, component }: Names): string {
  return `# On a volume that outlives the container. A charlist: with a string :ra does not start.
config :ra, data_dir: String.to_charlist(System.fetch_env!("RA_DATA_DIR"))

# An odd number of nodes with stable names, separated by commas in the environment.
config :${app}, ${module}.${component},
  nodes: "RA_NODES" |> System.fetch_env!() |> String.split(",") |> Enum.map(&String.to_atom/1)
`;
}

function crdtFiles(options: CodeOptions): readonly GeneratedFile[] {
  const names = namesOf(options, 'cart');
  const { app, snake } = names;
  return [
    ...files(options, [
      [`lib/${app}/${snake}.ex`, 'Sets and counters: the functions that the application calls.', crdtReplica(names)],
      [`lib/${app}/${snake}/neighbours.ex`, 'Wires the replicas of all nodes, both ways.', crdtNeighbours(names)],
      [`lib/${app}/${snake}/counter.ex`, 'The one writer of this node’s counters.', crdtCounter(names)],
    ]),
    ...tests(options, `${snake}_partition_test`, crdtPartitionTest(names)),
  ];
}

function mnesiaFiles(options: CodeOptions): readonly GeneratedFile[] {
  const names = namesOf(options, 'tables');
  const { app, module, snake, component } = names;
  const config = `# On a volume that outlives the container; the parent directory must exist. A charlist: Mnesia takes no string.
config :mnesia, dir: String.to_charlist(System.fetch_env!("MNESIA_DIR"))

config :${app}, ${module}.${component},
  nodes: "MNESIA_NODES" |> System.fetch_env!() |> String.split(",") |> Enum.map(&String.to_atom/1)
`;
  return [
    configFile(options, 'Where the tables are kept, and on which nodes.', config),
    ...files(options, [[`lib/${app}/${snake}.ex`, 'The tables, their forming, and what happens after a partition.', mnesiaTables(names)]]),
    ...tests(options, `${snake}_partition_test`, mnesiaPartitionTest(names)),
  ];
}

function guardFiles(options: CodeOptions): readonly GeneratedFile[] {
  const { app } = namesOf(options, 'quorum');
  const config = `# All nodes that belong to the cluster, whether they run or not, separated by commas in the environment.
config :${app},
  cluster_nodes:
    "CLUSTER_NODES" |> System.fetch_env!() |> String.split(",") |> Enum.map(&String.to_atom/1)
`;
  return [
    configFile(options, 'The nodes that count for the quorum.', config),
    ...library(options, [['quorum', 'Whether this node sees a majority of the configured nodes.', quorumGuard]]),
  ];
}

function discoveryConfig({ app = 'my_app', platform = 'static-hosts', untrusted = false }: GeneratorOptions, size: number): string {
  const found = decideCluster({ size, platform, network: untrusted ? 'untrusted' : 'trusted' }, app).discovery;
  return found === undefined ? '' : describe(found);
}

function describe({ library, version, notes, config }: Discovery): string {
  return [`# ${library} ${version}.`, ...notes.map((note) => `# ${note}`), ...config.split('\n').map(withinWidth), ''].join('\n');
}

/** A line that holds a list too long for the formatter's width, broken as it breaks it; other lines as they are. */
function withinWidth(line: string): string {
  const list = line.length > formatterWidth ? /^( *)(\w+: \[)(.*)\](,?)$/.exec(line) : null;
  if (list === null) return line;
  const [, indent = '', opening = '', items = '', comma = ''] = list;
  return [
    `${indent}${opening}`,
    items
      .split(', ')
      .map((item) => `${indent}  ${item}`)
      .join(',\n'),
    `${indent}]${comma}`,
  ].join('\n');
}

/** Settings that are read when a node starts. */
function configFile(options: CodeOptions, what: string, settings: string): GeneratedFile {
  return file(options, ['config/runtime.exs', what, `import Config\n\n${settings}`]);
}

const tested = 'Cuts a real cluster, writes on both sides, heals it, and looks whether the promise was kept.';

function tests(options: CodeOptions, name: string, content: string, what: string = tested): readonly GeneratedFile[] {
  const names = namesOf(options, 'cluster');
  return files(options, [
    ['test/support/peer_cluster.exs', 'Real nodes for tests, whose links can be cut and healed.', peerCluster(names)],
    [`test/${names.app}/${name}.exs`, what, content],
  ]);
}

function library(
  options: CodeOptions,
  modules: readonly (readonly [name: string, what: string, content: (names: Names) => string])[],
): readonly GeneratedFile[] {
  const names = namesOf(options, 'cluster');
  return files(
    options,
    modules.map(([name, what, content]) => [`lib/${names.app}/${name}.ex`, what, content(names)] as const),
  );
}

function files(options: CodeOptions, parts: readonly Part[]): readonly GeneratedFile[] {
  return parts.map((part) => file(options, part));
}

function file(options: CodeOptions, [path, what, content]: Part): GeneratedFile {
  return { ...(options.class === undefined ? {} : { class: options.class }), path, content, what };
}
