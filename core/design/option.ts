/** What an option is: the facts about a way to replicate data or to keep one process, from which criteria, vetoes and documents read. Types only. */
import type { Consistency, Durability, Kind, Present } from './questions';

/** Who decides about a write: a majority of our own voters, a service outside the cluster, whichever side the client is on, or each node for itself. */
export type Decides = 'majority' | 'outside' | 'both-sides' | 'each-node';

/** What becomes of writes that met: nothing meets; add-wins map; the later timestamp; one process is killed; document types; or nobody merges. */
export type Merge = 'none-needed' | 'add-wins' | 'last-write' | 'kill-one' | 'document' | 'diverges';

/** Where an option keeps its data: all of it in the memory of each replica, on disk, in slices per node, or none. */
export type Keeps = 'memory-of-each-replica' | 'disk' | 'slices' | 'nothing';

/** A library of the package registry; the version is the one the facts were verified with. */
export interface Library {
  readonly name: string;
  readonly version?: string;
  readonly note?: string;
}

/** How well an option suits a kind of data, from 0 to 1, and why. */
export type Suits = readonly [match: number, why: string];

/** A technique that belongs to an option: it is named and explained, never recommended by itself. */
export interface Technique {
  readonly id: TechniqueId;
  readonly name: string;
  readonly what: string;
  readonly when: string;
}

export type TechniqueId =
  | 'application-merge'
  | 'read-repair'
  | 'vector-clocks'
  | 'hybrid-logical-clock'
  | 'per-node-keys'
  | 'fencing'
  | 'idempotency-keys';

export interface Option {
  readonly id: OptionId;
  /** As a heading: `Raft with :ra`. */
  readonly name: string;
  readonly subject: 'data' | 'process';
  readonly cap: 'CP' | 'AP';
  /** Behaviour in a partition and otherwise: `PC/EC`. */
  readonly pacelc: 'PC/EC' | 'PC/EL' | 'PA/EL';
  /** One or two sentences: what it is and does. */
  readonly summary: string;
  /** The strongest guarantee it can give. */
  readonly guarantee: Consistency;
  readonly decides: Decides;
  readonly merge: Merge;
  readonly survives: Durability;
  readonly keeps: Keeps;
  /** The answer to `present` that it runs on; absent for options on our own nodes. */
  readonly service?: Exclude<Present, 'none'>;
  /** Answers to `present` that make it cheaper, because the library is there. */
  readonly eased?: readonly Exclude<Present, 'none'>[];
  /** 1 (a library) to 5 (a system of its own), when nothing of it is there yet. */
  readonly burden: 1 | 2 | 3 | 4 | 5;
  readonly burdenWhy: string;
  /** How much consensus the team must understand to run it. */
  readonly skill: 'none' | 'some' | 'much';
  /** Writes per second to plan with before measuring; absent when there is no common bottleneck. */
  readonly capacity?: { readonly writesPerSecond: number; readonly why: string };
  /** How it takes distance: every write pays a round trip, writes are placed near their users, or nothing waits. */
  readonly distance: 'pays-round-trip' | 'placed' | 'does-not-wait';
  /** Where a read is answered. */
  readonly reads: 'local' | 'leader' | 'outside';
  /** More nodes than this make it slow or fragile; absent when the cluster's size does not matter. */
  readonly comfortable?: { readonly nodes: number; readonly why: string };
  /** After a partition it stays apart until somebody restarts nodes. */
  readonly healsByHand?: true;
  /** Names and numbers it makes cannot collide, although nobody agrees on them. */
  readonly uniqueByConstruction?: true;
  /** Reasons why it is never recommended, whatever the answers. */
  readonly neverRecommended?: string;
  /** Kinds for which it is considered. */
  readonly suits: Readonly<Partial<Record<Kind, Suits>>>;
  readonly libraries: readonly Library[];
  readonly needs: readonly string[];
  readonly pros: readonly string[];
  readonly cons: readonly string[];
  readonly cannot: readonly string[];
  /** Behaviour in a partition. */
  readonly partition: { readonly majority: string; readonly minority: string; readonly heal: string };
  /** What to watch; thresholds are computed elsewhere. */
  readonly monitoring: readonly string[];
  readonly techniques: readonly TechniqueId[];
  /** Rules that look for its typical mistakes. */
  readonly rules: readonly string[];
  readonly references: readonly string[];
}

export type OptionId = ReplicationId | ProcessId;

export type ReplicationId =
  | 'ra'
  | 'multi-raft'
  | 'khepri'
  | 'postgres'
  | 'mnesia-majority'
  | 'mnesia'
  | 'delta-crdt'
  | 'document-crdt'
  | 'phoenix-tracker'
  | 'phoenix-pubsub'
  | 'local-cache'
  | 'distributed-cache'
  | 'node-ids'
  | 'etcd-consul'
  | 'redis-fencing'
  | 'lww-register'
  | 'paxos';

export type ProcessId =
  | 'ra-leader'
  | 'oban'
  | 'postgres-lock'
  | 'service-lock'
  | 'redis-lock'
  | 'highlander'
  | 'global'
  | 'horde-uniform'
  | 'horde-quorum'
  | 'syn'
  | 'swarm';
