/**
 * What goes into a simulation and what comes out of it: plain, serialisable data, the same for the page, the command line and a test.
 * All times are whole milliseconds since the start of the run unless said otherwise; nodes are called `n1` … `n9`.
 */

/** `n1` … `n9`. Erlang's term order of these names is their order here. */
export type NodeName = string;

/** The protocols that can be simulated. */
export const protocolNames = [
  'raft',
  'naive-election',
  'quorum-election',
  'crdt-map',
  'counter',
  'lww-register',
  'global-name',
  'horde',
  'mnesia',
] as const;

/** One of `protocolNames`. */
export type ProtocolName = (typeof protocolNames)[number];

/** Chosen values of a protocol's options; each protocol says which it has. */
export type Options = Readonly<Record<string, string>>;

/** A complete run, reproducible to the byte: the same scenario always gives the same trace. */
export interface Scenario {
  readonly name?: string;
  readonly description?: string;
  readonly protocol: ProtocolName;
  /** What is left out has the protocol's default. */
  readonly options?: Options;
  /** 1 to 9. */
  readonly nodes: number;
  /** A whole number from 0 to 4294967295: latencies, time-outs and losses are drawn from it. */
  readonly seed: number;
  readonly network?: Partial<NetworkSettings>;
  /** When the run ends. */
  readonly until: number;
  /** In any order; steps of the same instant happen in the order given. */
  readonly steps: readonly Step[];
}

/** How the network behaves when nothing is cut. */
export interface NetworkSettings {
  /** Shortest and longest time that a message travels. */
  readonly latency: readonly [number, number];
  /** The share of messages that vanish, 0 to 1. Distributed Erlang speaks TCP: there nothing is lost while the connection stands. */
  readonly loss: number;
  /** The share of messages that arrive twice, 0 to 1; not on distributed Erlang. */
  readonly duplicate: number;
  /**
   * The `net_ticktime` of distributed Erlang: a silent peer is taken for dead after 0.75 to 1.25 of it. Erlang's default is 60 seconds;
   * here it is one second, so that a run fits a page: the order of events is the same.
   */
  readonly tick: number;
  /** How often a node tries to connect to peers that it lost, as libcluster's polling strategies do; 0: never again. */
  readonly reconnect: number;
  /** OTP's `prevent_overlapping_partitions`, on by default since OTP 25: a node that hears of a lost link gives up the lost peer too. */
  readonly preventOverlapping: boolean;
  /** How long a client waits before it calls the outcome unknown. */
  readonly timeout: number;
}

/** The settings where a scenario has none. */
export const defaultNetwork: NetworkSettings = {
  latency: [1, 10],
  loss: 0,
  duplicate: 0,
  tick: 1000,
  reconnect: 1000,
  preventOverlapping: true,
  timeout: 1000,
};

/** Something that happens to the cluster, or that a client asks of one node, at an instant. */
export type Step = Fault | Request;

/** Something that goes wrong, or is mended. */
export type Fault =
  /** Packets between two nodes vanish, in both directions or only from the first to the second. */
  | { readonly at: number; readonly do: 'cut'; readonly link: readonly [NodeName, NodeName]; readonly oneWay?: boolean }
  /** Nodes of different groups cannot reach each other any more; links inside a group are healed. A node in no group is alone. */
  | { readonly at: number; readonly do: 'split'; readonly groups: readonly (readonly NodeName[])[] }
  /** One link, or all of them. */
  | { readonly at: number; readonly do: 'heal'; readonly link?: readonly [NodeName, NodeName] }
  /** The VM is killed: memory is gone, what the protocol keeps on disk stays. */
  | { readonly at: number; readonly do: 'crash'; readonly node: NodeName }
  | { readonly at: number; readonly do: 'restart'; readonly node: NodeName }
  /** The VM stands still (a stopped process, a paused machine); its clocks run on. */
  | { readonly at: number; readonly do: 'freeze'; readonly node: NodeName }
  | { readonly at: number; readonly do: 'thaw'; readonly node: NodeName }
  /** The wall clock jumps by so many milliseconds; the monotonic clock does not. */
  | { readonly at: number; readonly do: 'clock'; readonly node: NodeName; readonly jump: number }
  /** Both clocks run at this rate from now on: 1 is right, 1.1 gains 100 ms a second. */
  | { readonly at: number; readonly do: 'drift'; readonly node: NodeName; readonly rate: number };

/** Something that a client asks of the node it is connected to. */
export type Request =
  | { readonly at: number; readonly do: 'write'; readonly node: NodeName; readonly key: string; readonly value: string }
  | { readonly at: number; readonly do: 'add'; readonly node: NodeName; readonly key: string; readonly by: number }
  | { readonly at: number; readonly do: 'remove'; readonly node: NodeName; readonly key: string }
  | { readonly at: number; readonly do: 'read'; readonly node: NodeName; readonly key: string };

/** `write`, `add`, `remove` or `read`. */
export type RequestKind = Request['do'];

/** All kinds of request; each protocol answers some of them. */
export const requestKinds: readonly RequestKind[] = ['write', 'add', 'remove', 'read'];

/** Whether a step is a client's request, not a fault. */
export function isRequest(step: Step): step is Request {
  return (requestKinds as readonly string[]).includes(step.do);
}

/** What the client was told: done, certainly not done, or nothing that it could rely on. */
export type Outcome = 'accepted' | 'refused' | 'unknown';

/**
 * What became of a write in the end. `kept`: in effect, or replaced by a write that had seen it. `merged`: in effect together with a write that
 * neither had seen nor was seen by it. `divergent`: in effect on some replicas only. `lost`: acknowledged, and without a trace.
 * `absent`: without a trace, and never acknowledged.
 */
export type Fate = 'kept' | 'merged' | 'divergent' | 'lost' | 'absent';

/** A request and what came of it. */
export interface Operation {
  /** Counts from 1 in the order of asking. */
  readonly id: number;
  readonly request: Request;
  readonly outcome: Outcome;
  /** Why it was refused or is unknown. */
  readonly reason?: string;
  /** When the client was answered, or gave up. */
  readonly answeredAt: number;
  /** What a read returned; absent where there was nothing under the key. */
  readonly value?: string;
  /** Only writes have one. */
  readonly fate?: Fate;
}

/** An entry of Raft's log. */
export interface LogEntry {
  readonly term: number;
  /** `x := 1`, or `no-op`. */
  readonly text: string;
}

/** Whether a VM runs, is gone, or stands still. */
export type Status = 'up' | 'down' | 'frozen';

/** `holder` runs the one process that should exist once; `replica` is one of equals; `idle` has no part in it right now. */
export type Role = 'leader' | 'candidate' | 'follower' | 'holder' | 'replica' | 'idle';

/** A node at an instant. */
export interface NodeView {
  readonly name: NodeName;
  readonly status: Status;
  readonly role: Role;
  /** Raft's term. */
  readonly term?: number;
  /** Whom this node takes for the leader or holder. */
  readonly leader?: NodeName;
  readonly log?: readonly LogEntry[];
  /** How many entries of the log this node knows to be committed. */
  readonly committed?: number;
  /** Key to value, as a reader of this node's copy would see it; absent on a node that holds no copy. */
  readonly data?: Readonly<Record<string, string>>;
  /** How far the wall clock is from the true time, in milliseconds. */
  readonly clockOffset: number;
  /** Whom this node takes for reachable, where the protocol runs on distributed Erlang. */
  readonly connected?: readonly NodeName[];
}

/** The cluster at an instant at which something visible happened. */
export interface Frame {
  readonly at: number;
  /** What happened since the frame before, as sentences. */
  readonly events: readonly string[];
  readonly nodes: readonly NodeView[];
  /** Links that carry nothing, by direction: `[from, to]`. */
  readonly cut: readonly (readonly [NodeName, NodeName])[];
}

/** More than one node acted as the only one. */
export interface Overlap {
  readonly from: number;
  readonly to: number;
  readonly nodes: readonly NodeName[];
  /** What both claimed: `the leader`, `the leader of term 3`. */
  readonly claim: string;
}

/** What the clients of one side of the network got while its shape stayed the same. */
export interface Availability {
  readonly from: number;
  readonly to: number;
  readonly side: readonly NodeName[];
  readonly asked: number;
  readonly accepted: number;
  readonly refused: number;
  readonly unknown: number;
}

/** What a run proves. */
export interface Verdicts {
  /** Two leaders (holders) at once; in Raft, of the same term: an old leader of an earlier term can commit nothing. */
  readonly twoLeaders: readonly Overlap[];
  /** Ids of acknowledged writes that left no trace. */
  readonly lost: readonly number[];
  /** Ids of acknowledged writes that only some replicas have. */
  readonly divergent: readonly number[];
  /** Ids of reads that missed a write acknowledged before they were asked. */
  readonly stale: readonly number[];
  /** Ids of writes that were refused and took effect nevertheless. */
  readonly refusedKept: readonly number[];
  readonly convergence: Convergence;
  readonly availability: readonly Availability[];
  /** Raft only: each breach of its four safety properties, as a sentence. */
  readonly safety: readonly string[];
}

/** Whether the copies agree in the end. */
export interface Convergence {
  /** Whether all copies on running nodes are equal at the end. */
  readonly converged: boolean;
  /** Whether the network was still cut then: convergence cannot be expected. */
  readonly partitioned: boolean;
  /** The keys that differ, with each copy's value; a node without the key is left out. */
  readonly differing: readonly { readonly key: string; readonly values: Readonly<Record<NodeName, string>> }[];
}

/** Everything that a run shows. */
export interface Trace {
  readonly scenario: Scenario;
  readonly frames: readonly Frame[];
  readonly operations: readonly Operation[];
  readonly verdicts: Verdicts;
  readonly messages: { readonly sent: number; readonly delivered: number };
}

/** The name of the node at an index from 0. */
export function nodeName(index: number): NodeName {
  return `n${index + 1}`;
}

/** The names of a cluster of so many nodes. */
export function nodeNames(nodes: number): readonly NodeName[] {
  return Array.from({ length: nodes }, (_, index) => nodeName(index));
}
