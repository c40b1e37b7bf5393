/** Consistency levels: what a reader may see, how each is had with an option, what it costs, when to use it. */
import type { Option } from './option';
import { type Consistency, consistencyChoices } from './questions';

export interface ConsistencyLevel {
  readonly id: Consistency;
  readonly name: string;
  /** What a reader may see, and what it never sees. */
  readonly readerSees: string;
  /** How it is had in general. */
  readonly had: string;
  readonly cost: string;
  readonly useWhen: string;
}

/** The levels, weakest first. */
export const consistencyLevels: readonly ConsistencyLevel[] = [
  {
    id: 'eventual',
    name: 'Eventual',
    readerSees: 'Any earlier state, also one older than it saw before; once writes stop and links work, all replicas show the same.',
    had: 'CRDTs, last-write-wins, caches, asynchronous replicas.',
    cost: 'None in latency or availability; the application must live with old values and with merges.',
    useWhen: 'Availability matters more than agreement: likes, presence, carts, caches.',
  },
  {
    id: 'read-your-writes',
    name: 'Read your writes',
    readerSees: 'Its own writes always; those of others perhaps late and in another order.',
    had: 'A client that stays with one replica, or carries the position of its last write and waits until a replica has it.',
    cost: 'A session must be kept to its node, or reads wait for a replica that is behind.',
    useWhen: 'People must see what they just saved: profiles, settings of one user, sessions.',
  },
  {
    id: 'causal',
    name: 'Causal',
    readerSees: 'Effects never before their causes: who sees the answer has seen the question. Unrelated writes come in any order.',
    had: 'Vector clocks, or document types that carry the versions they build on.',
    cost: 'Metadata that grows with the number of writers; no round trip.',
    useWhen: 'Conversations and collaborative editing.',
  },
  {
    id: 'sequential',
    name: 'Sequential',
    readerSees: 'All writes in the same order as everybody else, perhaps late, never out of order.',
    had: 'One log that every replica applies, with reads from the local replica.',
    cost: 'Writes need the majority or the primary; reads are local and may be old.',
    useWhen: 'Configuration, feature flags, catalogues: one history, read everywhere.',
  },
  {
    id: 'linearizable',
    name: 'Linearizable',
    readerSees: 'Every write that was acknowledged before the read began. There is one copy, as far as anybody can tell.',
    had: 'Writes and reads through a consensus log or the primary.',
    cost: 'A round trip to a majority or to the primary for each operation, and no answer without it.',
    useWhen: 'Correctness depends on the newest value: stock, balances, locks, leaders.',
  },
];

/** How an option gives its strongest guarantee, and what that costs here. */
export interface ConsistencyChoice {
  readonly level: ConsistencyLevel;
  readonly implementation: string;
  readonly weaker: string;
}

export function levelOf(id: Consistency): ConsistencyLevel {
  return consistencyLevels[consistencyChoices.findIndex((choice) => choice.id === id)] ?? (consistencyLevels[0] as ConsistencyLevel);
}

const implementations: Readonly<Partial<Record<Option['id'], readonly [strongest: string, weaker: string]>>> = {
  ra: [
    'Writes with `:ra.process_command/3`, reads with `:ra.consistent_query/3`, which costs a heartbeat round to a majority.',
    '`:ra.leader_query/3` may be stale after a leader was cut off; `:ra.local_query/3` may be arbitrarily stale and is sequential.',
  ],
  'multi-raft': [
    'Writes with `:ra.process_command/3` to the group of the key; reads from its leader while its lease runs, else with `:ra.consistent_query/3`.',
    'Local queries on any member of the group are sequential per group; nothing orders two groups.',
  ],
  khepri: [
    'Writes with `:khepri.put/2`; read and decide in one `:khepri.transaction/2`, which goes through the log.',
    '`:khepri.get/2` with `%{favor: :consistency}` waits for the caller’s own updates, with `%{favor: :low_latency}` it does not wait.',
  ],
  postgres: [
    'Read and write in one transaction on the primary: a single statement with its condition, `SELECT … FOR UPDATE`, or SERIALIZABLE with a retry on serialization failures.',
    'A read replica is sequential at best and lags; READ COMMITTED without a row lock loses updates between a read and a write.',
  ],
  'mnesia-majority': [
    '`:mnesia.transaction/1` on tables with `majority: true`: one order of writes; a read on the minority side may still be old.',
    'Dirty operations are not isolated at all.',
  ],
  'etcd-consul': [
    'Transactions with compare conditions and default (linearizable) reads.',
    'Serializable reads in etcd and stale reads in Consul answer from one member and may be old.',
  ],
  'redis-fencing': [
    'Single commands and scripts on the primary run one after the other.',
    'Replicas lag, and a failover may forget the last writes.',
  ],
  'delta-crdt': [
    '`DeltaCrdt.put/3` and `DeltaCrdt.get/2` on the local replica: a caller that stays on its node sees its own writes.',
    'Other nodes see a write after the next sync, 200 ms by default, and after the heal of a partition.',
  ],
  'document-crdt': [
    'Updates carry what they build on; a `Yex.Sync.SharedDoc` applies them in causal order.',
    'Another editor sees an update when it arrives.',
  ],
  'phoenix-tracker': [
    '`Phoenix.Tracker.list/2` answers from the local replica.',
    'Entries of another node appear within a broadcast period and vanish after `down_period`.',
  ],
  'phoenix-pubsub': [
    'None: subscribers that are connected get a message, in order per sender.',
    'Read the truth on connect and after a reconnect.',
  ],
  'local-cache': [
    'None across nodes: each node has its own value until it expires.',
    'Broadcast an invalidation where the expiry is too long; it may be lost, so keep the expiry.',
  ],
  'distributed-cache': [
    'Each key has one owner while membership is stable.',
    'Around a membership change a key may have two owners, or none.',
  ],
  'node-ids': ['Uniqueness needs no agreement.', 'Order of ids is close to the order of time, no more.'],
  'lww-register': ['None: the higher timestamp stays.', 'A write may be acknowledged and vanish.'],
  'ra-leader': [
    'A grant is a command; “am I the leader” is answered by the holder’s own clock within its lease, and by `:ra.consistent_query/3` when in doubt.',
    'Any cached answer may be old: the fencing number is what the resource checks.',
  ],
  oban: [
    'A job is taken with a row lock in one transaction: one node runs it at a time.',
    '`Oban.Peer.leader?/2` may be old; do not build exclusion on it.',
  ],
  'postgres-lock': [
    'The lock or lease row lives in one primary; the fencing number is read in the same transaction that uses it.',
    'A holder learns of a lost session only when it asks.',
  ],
  'service-lock': [
    'A transaction creates the key if it is absent, bound to a lease; its revision is the fencing number.',
    'A watch tells of changes late.',
  ],
  'redis-lock': ['One primary grants.', 'A failover may grant again.'],
};

/** The strongest guarantee of an option, how it is had, and what its weaker ways give. */
export function consistencyOf(option: Option): ConsistencyChoice {
  const [implementation, weaker] = implementations[option.id] ?? [
    'A name is unique on the nodes that see each other.',
    'During a split each side has its own; after the heal one of them is stopped.',
  ];
  return { level: levelOf(option.guarantee), implementation, weaker };
}
