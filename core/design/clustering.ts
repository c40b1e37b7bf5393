/** How the nodes find and reach each other: the matrix, its arithmetic, the strategy of libcluster, and the path out of a full mesh. */
import { largestSize } from './criteria';
import { codeNames } from './names';
import { type ClusterAnswers, grouped, type Platform } from './questions';
import { isSize } from './quorum';

/** A figure that decides something, with where it comes from. */
export interface Boundary {
  readonly value: number;
  readonly why: string;
  readonly sources: readonly string[];
}

/** The largest full mesh that is recommended. */
export const fullMeshLimit: Boundary = {
  value: 50,
  why: 'Partisan’s authors measured limits between 60 and 200 nodes, and outages of :global were reported from 60 nodes on; 50 keeps a distance.',
  sources: [
    'https://www.usenix.org/conference/atc19/presentation/meiklejohn',
    'https://github.com/erlang/otp/issues/6214',
    'https://github.com/erlang/otp/issues/6470',
  ],
};

/** From this size on the answer carries a path out of the full mesh. */
export const migrationFrom: Boundary = {
  value: 40,
  why: 'A change of topology takes months, and growth does not wait for it.',
  sources: fullMeshLimit.sources,
};

/** Partisan’s defaults for HyParView. */
export const hyparview = { activeView: 6, passiveView: 30, source: 'https://github.com/lasp-lang/partisan' } as const;

export type TopologyId = 'full-mesh' | 'hyparview' | 'untrusted' | 'regions';

/** What is recommended for the cluster, and why. */
export interface ClusterDecision {
  readonly topology: TopologyId;
  readonly name: string;
  readonly because: readonly string[];
  /** The larger of today's and the projected size; absent when unknown. */
  readonly nodes?: number;
  /** Links of a full mesh of that many nodes, n(n−1)/2; absent when unknown. */
  readonly meshConnections?: number;
  /** Links with HyParView’s active view, at most; absent when unknown. */
  readonly hyparviewConnections?: number;
  /** The other rows of the matrix, with the reason that rules them out where there is one. */
  readonly alternatives: readonly { readonly topology: TopologyId; readonly name: string; readonly when: string; readonly veto?: string }[];
  readonly discovery?: Discovery;
  /** Steps out of the full mesh; empty below 40 nodes. */
  readonly migration: readonly string[];
  readonly security: readonly string[];
  /** Answers that are missing here. */
  readonly open: readonly string[];
  readonly references: readonly string[];
}

/** How nodes are found. */
export interface Discovery {
  readonly library: string;
  readonly version: string;
  /** Another package that the strategy comes from. */
  readonly package?: string;
  /** Module of the strategy, or the discovery type of Partisan. */
  readonly strategy: string;
  /** Keys without which it does not start, or silently does nothing. */
  readonly required: readonly DiscoveryKey[];
  readonly optional: readonly DiscoveryKey[];
  readonly notes: readonly string[];
  /** Elixir for `config/runtime.exs`. */
  readonly config: string;
}

export interface DiscoveryKey {
  readonly key: string;
  /** As Elixir source. */
  readonly example: string;
  readonly meaning: string;
}

const names: Readonly<Record<TopologyId, string>> = {
  'full-mesh': 'Distributed Erlang with libcluster',
  hyparview: 'Partisan with HyParView',
  untrusted: 'Partisan with TLS and a topology of your own',
  regions: 'Partisan with Multi-Raft, or regional clusters joined by a log',
};

const whens: Readonly<Record<TopologyId, string>> = {
  'full-mesh': `up to ${fullMeshLimit.value} nodes, trusted network`,
  hyparview: `more than ${fullMeshLimit.value} nodes, trusted network`,
  untrusted: 'any size, untrusted network, peer to peer',
  regions: 'several regions over a WAN',
};

/** The links of a full mesh: n(n−1)/2; NaN unless `n` is a size. */
export function meshConnections(n: number): number {
  return isSize(n) ? (n * (n - 1)) / 2 : Number.NaN;
}

/** The links of HyParView, at most: each of `n` nodes keeps `active` symmetric links; NaN unless `n` is a size. */
export function hyparviewConnections(n: number, active: number = hyparview.activeView): number {
  return isSize(n) ? Math.floor((n * Math.min(active, n - 1)) / 2) : Number.NaN;
}

/** The row of the matrix for these answers. Unknown answers count as trusted and near; both are named in `open`. */
export function decideCluster(answers: ClusterAnswers, app = 'my_app'): ClusterDecision {
  const nodes = largestSize(answers);
  const topology = topologyFor(answers, nodes);
  const discovery = discoveryFor(topology, answers.platform, app);
  return {
    topology,
    name: names[topology],
    because: reasons(topology, answers, nodes),
    ...(nodes === undefined ? {} : { nodes, meshConnections: meshConnections(nodes), hyparviewConnections: hyparviewConnections(nodes) }),
    alternatives: (Object.keys(names) as TopologyId[]).filter((id) => id !== topology).map((id) => alternative(id, answers, nodes)),
    ...(discovery === undefined ? {} : { discovery }),
    migration: nodes !== undefined && nodes >= migrationFrom.value && topology !== 'untrusted' ? migration(nodes) : [],
    security: security(answers, topology),
    open: open(answers),
    references: [
      ...(topology === 'full-mesh'
        ? ['https://hexdocs.pm/libcluster', 'https://www.erlang.org/doc/system/distributed.html']
        : ['https://github.com/lasp-lang/partisan', 'https://asc.di.fct.unl.pt/~jleitao/pdf/dsn07-leitao.pdf']),
      ...fullMeshLimit.sources,
    ],
  };
}

function topologyFor({ network, geography }: ClusterAnswers, nodes: number | undefined): TopologyId {
  if (network === 'untrusted') return 'untrusted';
  if (geography === 'regions') return 'regions';
  return nodes !== undefined && nodes > fullMeshLimit.value ? 'hyparview' : 'full-mesh';
}

function reasons(topology: TopologyId, answers: ClusterAnswers, nodes: number | undefined): readonly string[] {
  const found: string[] = [];
  switch (topology) {
    case 'full-mesh':
      found.push(
        nodes === undefined
          ? 'Without a size the ordinary case is taken: a full mesh.'
          : `${count(nodes)} make ${links(meshConnections(nodes))} in full mesh, which distributed Erlang carries up to about ${fullMeshLimit.value} nodes.`,
      );
      break;
    case 'hyparview':
      found.push(
        `${count(nodes ?? 0)} in full mesh would need ${links(meshConnections(nodes ?? 0))}; with an active view of ${hyparview.activeView} it is at most ${grouped(hyparviewConnections(nodes ?? 0))}.`,
        fullMeshLimit.why,
      );
      break;
    case 'untrusted':
      found.push(
        'Every connected node of distributed Erlang may run any code on every other: its cookie is a password against mistakes, not a security boundary.',
      );
      found.push('Partisan with mutual TLS admits peers by certificate and sends messages instead of granting control.');
      break;
    case 'regions':
      found.push(
        'A full mesh over a WAN turns each lost packet between regions into node-down events everywhere, and :global then disconnects healthy nodes.',
      );
      found.push(
        'Keep a region’s nodes in a cluster of their own; let regions exchange data through groups placed per region or through a log, not through registered names.',
      );
      break;
  }
  if (answers.size !== undefined && nodes !== undefined && nodes > answers.size) {
    found.push(`Chosen for the projected ${count(nodes)}; today there are ${answers.size}.`);
  }
  if (answers.membership === 'changing') {
    found.push('Members come and go: voters of a quorum must not. Give them stable names and change them one at a time.');
  }
  return found;
}

function alternative(topology: TopologyId, answers: ClusterAnswers, nodes: number | undefined): ClusterDecision['alternatives'][number] {
  const veto = vetoOf(topology, answers, nodes);
  return { topology, name: names[topology], when: whens[topology], ...(veto === undefined ? {} : { veto }) };
}

function vetoOf(topology: TopologyId, { network }: ClusterAnswers, nodes: number | undefined): string | undefined {
  if (topology === 'full-mesh' && network === 'untrusted') {
    return 'The cookie is not a security boundary: whoever connects controls every node. TLS on the distribution hides the traffic and checks certificates, but grants the same control.';
  }
  if (topology === 'full-mesh' && nodes !== undefined && nodes > fullMeshLimit.value) {
    return `${count(nodes)} in full mesh are ${links(meshConnections(nodes))}.`;
  }
  if (topology === 'hyparview' && network === 'untrusted')
    return 'HyParView takes every peer at its word about other peers: without admission by certificate one peer can fill all views.';
  return undefined;
}

function migration(nodes: number): readonly string[] {
  return [
    `Measure first: busy links (:erlang.system_monitor/2 with :busy_dist_port), time to register a name in :global, and reconnect storms after a restart of ${nodes} nodes.`,
    'Take load off the mesh: replace :global names and cluster-wide broadcasts by a look-up in a database or a ring; run short-lived or client nodes as hidden nodes.',
    'Split by purpose: one libcluster topology per service instead of one for all, so that no mesh passes 40 nodes.',
    'Put Partisan beside distributed Erlang: start it with its own listen_addrs and peer_discovery, move one message path to :partisan.forward_message/2 at a time.',
    `Switch the topology: peer_service_manager: :partisan_hyparview_peer_service_manager with active_max_size ${hyparview.activeView}, then stop libcluster on all nodes of a deploy.`,
    'Way back: keep the libcluster configuration in the release until the new topology has survived a partition test and one full rolling deploy.',
  ];
}

function security({ network }: ClusterAnswers, topology: TopologyId): readonly string[] {
  const always = [
    'Let only the nodes themselves reach epmd (4369) and the distribution ports; fix the ports with inet_dist_listen_min and inet_dist_listen_max.',
    'Take the cookie from a secret at run time (RELEASE_COOKIE), never from the repository.',
  ];
  if (topology === 'untrusted') {
    return [
      'Partisan: tls: true with tls_server_options and tls_client_options that both verify the peer (verify: :verify_peer) against your own authority.',
      'Leave distributed Erlang off on these nodes: no -name, no epmd.',
      'Decode foreign bytes with Plug.Crypto.non_executable_binary_to_term(binary, [:safe]) only.',
    ];
  }
  if (network === undefined)
    return [...always, 'Unknown network: until it is known to be private, use TLS for the distribution (-proto_dist inet_tls).'];
  return always;
}

function open({ size, network, geography, platform }: ClusterAnswers): readonly string[] {
  return [
    ...(size === undefined ? ['The number of nodes: without it no quorum can be computed.'] : []),
    ...(network === undefined ? ['Whether the network is trusted: taken as trusted.'] : []),
    ...(geography === undefined ? ['Where the nodes are: taken as one region.'] : []),
    ...(platform === undefined ? ['The platform: without it no discovery strategy is named.'] : []),
  ];
}

function discoveryFor(topology: TopologyId, platform: Platform | undefined, app: string): Discovery | undefined {
  if (platform === undefined) return undefined;
  return topology === 'hyparview' || topology === 'untrusted'
    ? partisanDiscovery(topology, platform, app)
    : libclusterDiscovery(platform, app);
}

function partisanDiscovery(topology: 'hyparview' | 'untrusted', platform: Platform, app: string): Discovery {
  const dns = ['kubernetes-pods', 'kubernetes-statefulset', 'kubernetes-dns', 'fly', 'consul', 'nomad'].includes(platform);
  const query =
    platform === 'fly'
      ? `${app}.internal`
      : platform === 'consul' || platform === 'nomad'
        ? `${app}.service.consul`
        : `${app}-headless.default.svc.cluster.local`;
  const manager = topology === 'hyparview' ? ':partisan_hyparview_peer_service_manager' : ':partisan_pluggable_peer_service_manager';
  const required: readonly DiscoveryKey[] = dns
    ? [
        { key: 'record_type', example: ':fqdns', meaning: 'kind of record that is asked for' },
        { key: 'query', example: `"${query}"`, meaning: 'name whose records are the nodes' },
        { key: 'node_basename', example: `"${app}"`, meaning: 'part of the node name before the @' },
      ]
    : [
        {
          key: 'addresses',
          example: `["${app}@10.0.0.1:10200", "${app}@10.0.0.2:10200"]`,
          meaning: 'nodes to begin with, each with its Partisan port',
        },
      ];
  const type = dns ? ':partisan_peer_discovery_dns' : ':partisan_peer_discovery_list';
  return {
    library: 'partisan',
    version: '5.0.3',
    strategy: type,
    required,
    optional: [],
    notes: [
      'Keys that Partisan does not know are ignored in silence.',
      'Without listen_addrs the port is random, and nodes on other hosts cannot connect.',
      'Node.list/0, GenServer calls to {name, node} and :global do not go over Partisan: use :partisan.nodes/0, :partisan_gen_server, :partisan.forward_message/2.',
      ...(topology === 'untrusted'
        ? [
            'The pluggable manager is a full mesh by default; choose membership_strategy or join peers yourself with :partisan_peer_service.join/1.',
          ]
        : []),
    ],
    config: [
      'config :partisan,',
      `  peer_service_manager: ${manager},`,
      ...(topology === 'hyparview'
        ? [`  hyparview: [active_max_size: ${hyparview.activeView}, passive_max_size: ${hyparview.passiveView}],`]
        : tlsLines),
      '  listen_addrs: [%{ip: {0, 0, 0, 0}, port: 10_200}],',
      '  peer_discovery: [',
      `    type: ${type},`,
      '    config: %{',
      required.map(({ key, example }) => `      ${key}: ${example}`).join(',\n'),
      '    }',
      '  ]',
    ].join('\n'),
  };
}

const tlsLines: readonly string[] = [
  '  tls: true,',
  '  tls_server_options: [',
  '    certfile: "/etc/certs/node.pem",',
  '    keyfile: "/etc/certs/node.key",',
  '    cacertfile: "/etc/certs/ca.pem",',
  '    verify: :verify_peer,',
  '    fail_if_no_peer_cert: true',
  '  ],',
  '  tls_client_options: [',
  '    certfile: "/etc/certs/node.pem",',
  '    keyfile: "/etc/certs/node.key",',
  '    cacertfile: "/etc/certs/ca.pem",',
  '    verify: :verify_peer',
  '  ],',
];

const prunes = 'Nodes that an answer omits are disconnected: one empty or shortened answer drops the cluster.';

/** The strategy of libcluster for a platform, with the keys that it needs. `app` names nodes and services in the example. */
export function libclusterDiscovery(platform: Platform, app = 'my_app'): Discovery {
  const dashed = app.replaceAll('_', '-');
  switch (platform) {
    case 'kubernetes-pods':
      return libcluster(codeNames(app).module, 'k8s', 'Cluster.Strategy.Kubernetes', {
        required: [
          ['kubernetes_node_basename', `"${app}"`, 'part of the node name before the @'],
          ['kubernetes_selector', `"app=${dashed}"`, 'label selector of the pods'],
        ],
        optional: [
          ['mode', ':ip', 'how node names are formed: :ip, :dns or :hostname; must match RELEASE_NODE'],
          ['kubernetes_namespace', '"default"', 'default: the service account’s own'],
          ['kubernetes_ip_lookup_mode', ':pods', ':endpoints waits for readiness, :pods does not'],
          ['polling_interval', '5_000', 'milliseconds'],
        ],
        notes: [
          'The service account must be allowed to list endpoints, or pods with kubernetes_ip_lookup_mode: :pods; an HTTP 403 counts as an empty answer.',
          'Names made of pod addresses change with every restart: no disk of :ra or Mnesia may hang on them. Use a StatefulSet for those.',
          prunes,
        ],
      });
    case 'kubernetes-statefulset':
      return libcluster(codeNames(app).module, 'k8s', 'Cluster.Strategy.Kubernetes.DNSSRV', {
        required: [
          ['service', `"${dashed}-headless"`, 'headless service of the StatefulSet'],
          ['application_name', `"${app}"`, 'part of the node name before the @'],
          ['namespace', '"default"', 'namespace of the service'],
        ],
        optional: [['polling_interval', '5_000', 'milliseconds']],
        notes: [
          'Pod names are stable: fit for voters of :ra and for Mnesia.',
          'Set publishNotReadyAddresses on the service, or nodes cannot form a cluster before they are ready.',
          prunes,
        ],
      });
    case 'kubernetes-dns':
      return libcluster(codeNames(app).module, 'k8s', 'Cluster.Strategy.Kubernetes.DNS', {
        required: [
          ['service', `"${dashed}-headless"`, 'headless service'],
          ['application_name', `"${app}"`, 'part of the node name before the @'],
        ],
        optional: [['polling_interval', '5_000', 'milliseconds']],
        notes: ['Nodes must be named application_name@pod-address.', prunes],
      });
    case 'fly':
      return libcluster(codeNames(app).module, 'fly', 'Cluster.Strategy.DNSPoll', {
        required: [
          ['query', `"${dashed}.internal"`, 'private DNS name of the app'],
          ['node_basename', `"${app}"`, 'part of the node name before the @'],
        ],
        optional: [['polling_interval', '5_000', 'milliseconds; poll_interval, as the module’s own documentation has it, is not read']],
        notes: ['Addresses are IPv6: start the node with -proto_dist inet6_tcp and a name that ends in FLY_PRIVATE_IP.', prunes],
      });
    case 'ec2':
      return libcluster(codeNames(app).module, 'ec2', 'ClusterEC2.Strategy.Tags', {
        package: 'libcluster_ec2 0.8.1',
        required: [['ec2_tagname', '"Cluster"', 'tag that marks the instances']],
        optional: [
          ['ec2_tagvalue', `"${dashed}"`, 'default: this instance’s own value'],
          ['app_prefix', `"${app}"`, 'part of the node name before the @; default "app"'],
          ['polling_interval', '5_000', 'milliseconds'],
        ],
        notes: ['The instance role must be allowed ec2:DescribeInstances; an error of the API counts as an empty answer.', prunes],
      });
    case 'consul':
    case 'nomad':
      return libcluster(codeNames(app).module, 'consul', 'Cluster.Strategy.Consul', {
        package: 'libcluster_consul 1.3.0',
        required: [
          [
            'list_using',
            '[{Cluster.Strategy.Consul.Health, [passing: true]}]',
            'endpoints that are asked; without it the strategy dies at once',
          ],
          ['service_name', `"${dashed}"`, 'service whose instances are the nodes'],
        ],
        optional: [
          ['base_url', '"http://127.0.0.1:8500"', 'the agent'],
          ['node_basename', `"${app}"`, 'default: this node’s own'],
          ['polling_interval', '10_000', 'milliseconds'],
        ],
        notes: [
          ...(platform === 'nomad'
            ? ['Register the allocation’s service with provider = "consul"; libcluster has no strategy for Nomad’s own services.']
            : []),
          prunes,
        ],
      });
    case 'static-hosts':
      return libcluster(codeNames(app).module, 'static', 'Cluster.Strategy.Epmd', {
        required: [
          [
            'hosts',
            `[:"${app}@10.0.0.1", :"${app}@10.0.0.2", :"${app}@10.0.0.3"]`,
            'node names as atoms; missing or empty disables the strategy in silence',
          ],
          ['timeout', '30_000', 'milliseconds between attempts; without it nodes connect once at boot and never again'],
        ],
        optional: [],
        notes: ['Nothing is pruned: a list is a list.'],
      });
    case 'gossip':
      return libcluster(codeNames(app).module, 'gossip', 'Cluster.Strategy.Gossip', {
        required: [['secret', 'System.fetch_env!("CLUSTER_SECRET")', 'without it packets are clear text and are decoded from anybody']],
        optional: [
          ['port', '45_892', 'UDP'],
          ['multicast_addr', '"233.252.1.32"', 'group'],
          ['broadcast_only', 'true', 'where multicast is filtered'],
        ],
        notes: ['Most clouds and container networks drop multicast.'],
      });
    case 'postgres':
      return libcluster(codeNames(app).module, 'postgres', 'LibclusterPostgres.Strategy', {
        package: 'libcluster_postgres 0.2.0',
        required: [
          ['hostname', '"localhost"', `as for Postgrex; ${codeNames(app).module}.Repo.config() may be passed whole`],
          ['username', '"postgres"', 'as for Postgrex'],
          ['password', 'System.fetch_env!("PGPASSWORD")', 'as for Postgrex'],
          ['database', `"${app}"`, 'as for Postgrex'],
        ],
        optional: [
          ['channel_name', '"cluster"', 'default: made from the cookie'],
          ['heartbeat_interval', '5_000', 'milliseconds'],
        ],
        notes: ['Nodes announce themselves and are never pruned.', 'LISTEN needs a session: connect past PgBouncer in transaction mode.'],
      });
    case 'local':
      return libcluster(codeNames(app).module, 'local', 'Cluster.Strategy.LocalEpmd', {
        required: [],
        optional: [],
        notes: ['Connects once, to the nodes that epmd of this machine knows; for development only.'],
      });
  }
}

type KeyTuple = readonly [key: string, example: string, meaning: string];

function libcluster(
  module: string,
  topology: string,
  strategy: string,
  parts: {
    readonly package?: string;
    readonly required: readonly KeyTuple[];
    readonly optional: readonly KeyTuple[];
    readonly notes: readonly string[];
  },
): Discovery {
  const keys = (tuples: readonly KeyTuple[]) => tuples.map(([key, example, meaning]) => ({ key, example, meaning }));
  const settings = parts.required.map(([key, example]) => `        ${key}: ${example}`);
  return {
    library: 'libcluster',
    version: '3.5.0',
    ...(parts.package === undefined ? {} : { package: parts.package }),
    strategy,
    required: keys(parts.required),
    optional: keys(parts.optional),
    notes: [...parts.notes, `Start it with {Cluster.Supervisor, [topologies, [name: ${module}.ClusterSupervisor]]}.`],
    config: [
      'config :libcluster,',
      '  topologies: [',
      `    ${topology}: [`,
      ...(settings.length > 0
        ? [`      strategy: ${strategy},`, '      config: [', settings.join(',\n'), '      ]']
        : [`      strategy: ${strategy}`]),
      '    ]',
      '  ]',
    ].join('\n'),
  };
}

function count(nodes: number): string {
  return nodes === 1 ? '1 node' : `${grouped(nodes)} nodes`;
}

function links(connections: number): string {
  return connections === 1 ? '1 connection' : `${grouped(connections)} connections`;
}
