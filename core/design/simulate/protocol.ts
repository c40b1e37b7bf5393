/** What a protocol is to the engine: one file each, a node's state in a closure, everything else asked of its host. */
import type { Holding } from './claims';
import type { LogEntry, NodeView, Options, ProtocolName, RequestKind, Role } from './types';

/** A request on its way through the cluster. */
export interface Pending {
  readonly id: number;
  readonly kind: RequestKind;
  readonly key: string;
  /** What `write` writes. */
  readonly value: string;
  /** How much `add` adds. */
  readonly by: number;
}

/** A number that `Host.cancel` takes. */
export type Timer = number;

/** What a node of a protocol may ask for. Nodes are numbers from 0 here; times are milliseconds of this node's own clocks. */
export interface Host<Message> {
  readonly self: number;
  readonly size: number;
  /** Whether the whole cluster starts now: then all nodes are up and connected. */
  readonly first: boolean;
  name(node: number): string;
  /** The monotonic clock of this VM: about the time since the VM started, at its own rate; jumps of the wall clock do not touch it. */
  monotonic(): number;
  /** The wall clock: jumps and drifts. */
  wall(): number;
  /** Sends to another node. On distributed Erlang nothing is sent to a node that is not connected. */
  send(to: number, message: Message): void;
  /** Calls back after so much time of this node's monotonic clock; never after a crash. */
  after(delay: number, act: () => void): Timer;
  cancel(timer: Timer): void;
  /** A whole number from `low` to `high`, both included. */
  random(low: number, high: number): number;
  /** The peers that this node takes for reachable, in order of name: `Node.list/0`. Empty off distributed Erlang. */
  connected(): readonly number[];
  /** Takes effect and tells the client; `saw` are the writes whose effect a read shows. Only the first answer to a request counts. */
  accept(request: Pending, value?: string, saw?: readonly number[]): void;
  /** Tells the client that nothing was done, and why. */
  refuse(request: Pending, reason: string): void;
  /** Tells the client that it may or may not be done, and why. */
  leaveOpen(request: Pending, reason: string): void;
  /** Hands a request to another node, which answers through this one. */
  forward(request: Pending, to: number): void;
  /**
   * Says on which writes this one was built: those whose effect it carries on or replaces. `seen` are those that its writer knew of, if these are
   * others. Only the first word on a write counts.
   */
  builtOn(write: number, basis: readonly number[], seen?: readonly number[]): void;
  /** Says that this node acts as the only one of something from now on, while the function says so, or no longer. */
  claim(what: string, holds: Holding): void;
  /** Tells the reader of the trace what happened here; the node's name is put in front. */
  note(text: string): void;
  /** Tells the safety monitor; see `raft-safety.ts`. */
  observe(event: RaftEvent): void;
}

/** What Raft's safety is judged by. Logs count from 1. */
export type RaftEvent =
  | { readonly type: 'started'; readonly log: readonly RaftEntry[] }
  | { readonly type: 'appended'; readonly index: number; readonly entry: RaftEntry }
  | { readonly type: 'elected'; readonly term: number }
  | { readonly type: 'applied'; readonly index: number; readonly entry: RaftEntry; readonly term: number };

/** An entry of Raft's log. */
export interface RaftEntry {
  readonly term: number;
  /** Absent: the no-op with which a leader opens its term. */
  readonly request?: Pending;
}

/** One running node. `Disk` is what a crash leaves behind. */
export interface Replica<Message, Disk> {
  receive(from: number, message: Message): void;
  request(request: Pending): void;
  /** On distributed Erlang: a connection came up, or went down. */
  nodeUp?(peer: number): void;
  nodeDown?(peer: number): void;
  crash(): Disk;
  view(): ReplicaView;
  /** The writes that stand in this node's copy now; undefined when it holds no copy. */
  holds(): readonly number[] | undefined;
}

/** What a running node shows of itself. */
export interface ReplicaView {
  readonly role: Role;
  readonly term?: number;
  readonly leader?: number;
  readonly log?: readonly LogEntry[];
  readonly committed?: number;
  readonly data?: NonNullable<NodeView['data']>;
}

/** A value that an option may have. */
export interface OptionChoice {
  readonly value: string;
  /** One sentence for people. */
  readonly help: string;
}

/** Something about a protocol that the user may choose. */
export interface ProtocolOption {
  readonly name: string;
  readonly help: string;
  /** The first one is the default. */
  readonly choices: readonly [OptionChoice, ...OptionChoice[]];
}

/** How many copies a write must stand in to count as kept: most nodes', their disks included, or every running one's. */
export type Keeping = 'majority' | 'all';

/** A protocol: what it is called, what it answers, and how a node of it starts. */
export interface Protocol<Message, Disk> {
  readonly name: ProtocolName;
  readonly title: string;
  /** Two or three sentences: what it does, and what it promises. */
  readonly summary: string;
  readonly requests: readonly RequestKind[];
  readonly options: readonly ProtocolOption[];
  /** Distributed Erlang: connections, nodeup and nodedown; or datagrams, which may be lost, doubled and overtaken. */
  readonly transport: 'distribution' | 'datagrams';
  keeping(options: Options): Keeping;
  /** The writes on the disk of a node that is down; absent where only memory holds them. */
  holdsOnDisk?(disk: Disk): readonly number[];
  /** Starts a node, with what its last crash left on disk. */
  start(host: Host<Message>, options: Options, disk: Disk | undefined): Replica<Message, Disk>;
}

/** The value of an option, or its default. */
export function optionValue(options: Options, option: ProtocolOption): string {
  return options[option.name] ?? option.choices[0].value;
}
