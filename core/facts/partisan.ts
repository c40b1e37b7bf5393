/** Partisan 5: the settings that it reads, and what people write instead. */

/** Keys of `config :partisan` that are read; every other one is ignored. */
export const partisanKeys: ReadonlySet<string> = new Set(
  `acceptor_pool_size binary_padding broadcast broadcast_mods causal_labels channel_fallback channels connect_disterl connection_interval
   connection_jitter connection_ping disable_fast_forward disable_fast_receive disterl_enabled distance_enabled egress_delay exchange_selection
   exchange_tick_period fanout forward_options gossip hyparview ingress_delay lazy_tick_period listen_addrs listen_ip listen_port
   membership_binary_compression membership_strategy membership_strategy_tracing metadata name orchestration_strategy parallelism
   partisan_data_dir peer_discovery peer_ip peer_port peer_service_manager periodic_enabled periodic_interval pid_encoding random_seed
   ref_encoding register_pid_for_encoding remote_ref_format remote_ref_uri_padding replaying reservations retransmit_interval shrinking tag
   tls tls_client_options tls_server_options tracing transmission_logging_mfa xbot_interval`.split(/\s+/),
);

/** Keys under `hyparview:`. */
export const hyparviewKeys: ReadonlySet<string> = new Set(
  `active_max_size active_min_size active_rwl passive_max_size passive_rwl random_promotion random_promotion_interval shuffle_interval
   shuffle_k_active shuffle_k_passive xbot_enabled xbot_interval`.split(/\s+/),
);

/** Names of version 4 that are still understood, but under `hyparview:` only. */
export const oldHyparviewKeys: Readonly<Record<string, string>> = {
  arwl: 'active_rwl',
  prwl: 'passive_rwl',
  max_active_size: 'active_max_size',
  min_active_size: 'active_min_size',
  max_passive_size: 'passive_max_size',
  passive_view_shuffle_period: 'shuffle_interval',
  random_promotion_period: 'random_promotion_interval',
};

/** Keys that never existed or exist no more, and the one that does what they promise. */
export const renamedPartisanKeys: Readonly<Record<string, string>> = {
  partisan_peer_service_manager: 'peer_service_manager',
  peer_service: 'peer_service_manager',
  peer_service_module: 'peer_service_manager',
  peer_manager: 'peer_service_manager',
  manager: 'peer_service_manager',
  overlay: 'peer_service_manager',
  topology: 'peer_service_manager',
  node_name: 'name',
  discovery: 'peer_discovery',
  listen_address: 'listen_addrs',
  listen_addresses: 'listen_addrs',
  port: 'listen_port',
  ip: 'listen_ip',
  tls_enabled: 'tls',
};

/** The overlay that a manager makes: `mesh` connects each node with every other one. */
export type Overlay = 'mesh' | 'partial';

/** Managers that exist. */
export const partisanManagers: ReadonlyMap<string, Overlay> = new Map<string, Overlay>([
  ['partisan_pluggable_peer_service_manager', 'mesh'],
  ['partisan_hyparview_peer_service_manager', 'partial'],
  ['partisan_client_server_peer_service_manager', 'partial'],
  ['partisan_static_peer_service_manager', 'partial'],
]);

/** The manager that an invented module, an old name or a plain word stands for. */
export function partisanManagerFor(name: string): string | undefined {
  const lower = name.toLowerCase().replace(/_/g, '');
  if (lower.includes('hyparview')) return 'partisan_hyparview_peer_service_manager';
  if (lower.includes('clientserver')) return 'partisan_client_server_peer_service_manager';
  return /default|pluggable|fullmesh|fullmembership/.test(lower) ? 'partisan_pluggable_peer_service_manager' : undefined;
}
