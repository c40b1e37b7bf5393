/** libcluster 3: its strategies, what they read of their configuration, and what people write instead. */

/** What a strategy reads of its `config:`; every other key is ignored. */
export interface Strategy {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** What happens at start without a required key: most strategies crash, some do nothing. */
  readonly without: 'crash' | 'nothing';
  /** Values that a key may have; any other crashes. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
  /** Keys of other strategies, other versions and the documentation, by what this strategy calls them. */
  readonly renamed: Readonly<Record<string, string>>;
}

const interval = { poll_interval: 'polling_interval', polling_timeout: 'polling_interval', interval: 'polling_interval' } as const;

/** By the full name of their module. */
export const strategies: ReadonlyMap<string, Strategy> = new Map<string, Strategy>([
  [
    'Cluster.Strategy.Epmd',
    {
      required: ['hosts'],
      optional: ['timeout'],
      without: 'nothing',
      renamed: {
        nodes: 'hosts',
        host: 'hosts',
        node_list: 'hosts',
        polling_interval: 'timeout',
        poll_interval: 'timeout',
        interval: 'timeout',
      },
    },
  ],
  ['Cluster.Strategy.LocalEpmd', { required: [], optional: [], without: 'nothing', renamed: {} }],
  [
    'Cluster.Strategy.ErlangHosts',
    { required: [], optional: ['timeout'], without: 'nothing', renamed: { polling_interval: 'timeout', poll_interval: 'timeout' } },
  ],
  [
    'Cluster.Strategy.Gossip',
    {
      required: [],
      optional: ['port', 'if_addr', 'multicast_if', 'multicast_addr', 'multicast_ttl', 'secret', 'broadcast_only'],
      without: 'nothing',
      renamed: { multicast_address: 'multicast_addr', multicast_interface: 'multicast_if', ttl: 'multicast_ttl', password: 'secret' },
    },
  ],
  [
    'Cluster.Strategy.DNSPoll',
    {
      required: ['query', 'node_basename'],
      optional: ['polling_interval', 'resolver'],
      without: 'crash',
      renamed: {
        ...interval,
        dns_query: 'query',
        basename: 'node_basename',
        node_name: 'node_basename',
        app_name: 'node_basename',
        application_name: 'node_basename',
        kubernetes_node_basename: 'node_basename',
      },
    },
  ],
  [
    'Cluster.Strategy.Kubernetes',
    {
      required: ['kubernetes_node_basename', 'kubernetes_selector'],
      optional: [
        'mode',
        'kubernetes_namespace',
        'kubernetes_ip_lookup_mode',
        'kubernetes_service_name',
        'kubernetes_cluster_name',
        'kubernetes_master',
        'kubernetes_service_account_path',
        'kubernetes_use_cached_resources',
        'polling_interval',
      ],
      without: 'crash',
      values: { mode: ['ip', 'dns', 'hostname'], kubernetes_ip_lookup_mode: ['endpoints', 'pods'] },
      renamed: {
        ...interval,
        node_basename: 'kubernetes_node_basename',
        basename: 'kubernetes_node_basename',
        application_name: 'kubernetes_node_basename',
        selector: 'kubernetes_selector',
        kubernetes_label_selector: 'kubernetes_selector',
        namespace: 'kubernetes_namespace',
        service: 'kubernetes_service_name',
        service_name: 'kubernetes_service_name',
        ip_lookup_mode: 'kubernetes_ip_lookup_mode',
        kubernetes_mode: 'mode',
      },
    },
  ],
  [
    'Cluster.Strategy.Kubernetes.DNS',
    {
      required: ['service', 'application_name'],
      optional: ['polling_interval', 'resolver'],
      without: 'crash',
      renamed: {
        ...interval,
        service_name: 'service',
        kubernetes_service_name: 'service',
        app_name: 'application_name',
        node_basename: 'application_name',
        kubernetes_node_basename: 'application_name',
      },
    },
  ],
  [
    'Cluster.Strategy.Kubernetes.DNSSRV',
    {
      required: ['service', 'application_name', 'namespace'],
      optional: ['polling_interval', 'resolver'],
      without: 'crash',
      renamed: {
        ...interval,
        service_name: 'service',
        kubernetes_service_name: 'service',
        app_name: 'application_name',
        node_basename: 'application_name',
        kubernetes_node_basename: 'application_name',
        kubernetes_namespace: 'namespace',
      },
    },
  ],
  [
    'Cluster.Strategy.Rancher',
    {
      required: ['node_basename'],
      optional: ['polling_interval'],
      without: 'crash',
      renamed: { ...interval, basename: 'node_basename', application_name: 'node_basename' },
    },
  ],
]);

/** What libcluster itself reads of a topology; every other key is ignored. */
export const topologyKeys: readonly string[] = ['strategy', 'config', 'connect', 'disconnect', 'list_nodes'];

/** Strategies of other packages that live in libcluster's namespace. */
export const foreignStrategies: ReadonlySet<string> = new Set(['Cluster.Strategy.Consul']);

/** Names of strategies that never existed, and the one that does what they promise. */
export const inventedStrategies: ReadonlyMap<string, string> = new Map([
  ['Cluster.Strategy.DNS', 'Cluster.Strategy.DNSPoll'],
  ['Cluster.Strategy.Dns', 'Cluster.Strategy.DNSPoll'],
  ['Cluster.Strategy.DNSPolling', 'Cluster.Strategy.DNSPoll'],
  ['Cluster.Strategy.DNSSRV', 'Cluster.Strategy.Kubernetes.DNSSRV'],
  ['Cluster.Strategy.KubernetesDNS', 'Cluster.Strategy.Kubernetes.DNS'],
  ['Cluster.Strategy.KubernetesDns', 'Cluster.Strategy.Kubernetes.DNS'],
  ['Cluster.Strategy.KubernetesDNSSRV', 'Cluster.Strategy.Kubernetes.DNSSRV'],
  ['Cluster.Strategy.Kubernetes.SRV', 'Cluster.Strategy.Kubernetes.DNSSRV'],
  ['Cluster.Strategy.Kubernetes.Endpoints', 'Cluster.Strategy.Kubernetes'],
  ['Cluster.Strategy.Kubernetes.API', 'Cluster.Strategy.Kubernetes'],
  ['Cluster.Strategy.K8s', 'Cluster.Strategy.Kubernetes'],
  ['Cluster.Strategy.EC2', 'ClusterEC2.Strategy.Tags'],
  ['Cluster.Strategy.Static', 'Cluster.Strategy.Epmd'],
  ['Cluster.Strategy.StaticNodes', 'Cluster.Strategy.Epmd'],
  ['Cluster.Strategy.Multicast', 'Cluster.Strategy.Gossip'],
  ['Cluster.Strategy.UDP', 'Cluster.Strategy.Gossip'],
]);

/** Functions that make, break and list connections, with their arities, of the modules that topologies name. */
export const connectionFunctions: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
  ':net_kernel': { connect_node: [1], hidden_connect_node: [1], disconnect: [1], async_disconnect: [1], nodes_info: [0] },
  ':erlang': { disconnect_node: [1], nodes: [0, 1, 2], node: [0, 1], monitor_node: [2, 3], setnode: [2, 3] },
  ':partisan': { join: [1], leave: [0], disconnect_node: [1], nodes: [0, 1], is_connected: [1, 2] },
  ':partisan_peer_service': { join: [1], sync_join: [1], leave: [0, 1], members: [0], update_members: [1] },
  Node: { connect: [1], disconnect: [1], list: [0, 1, 2] },
};
