/** The state of a run: nodes, links, clocks, requests, and the events to come. */
import { type Agenda, agenda } from './agenda';
import { type Claims, claimsRecord } from './claims';
import { type Clocks, clocks } from './clock';
import { type Distribution, distribution } from './distribution';
import { datagrams, fullMesh, type Links, type Transport } from './network';
import type { Pending, Protocol, ReplicaView } from './protocol';
import { type RaftMonitor, raftMonitor } from './raft-safety';
import { type Random, randomFrom } from './random';
import type { Frame, NetworkSettings, NodeName, Outcome, Request, Scenario, Status } from './types';
import { defaultNetwork, nodeName } from './types';

/** A node as the engine sees it: running or not, with its clocks. */
export interface Machine {
  readonly index: number;
  readonly name: NodeName;
  readonly clocks: Clocks;
  status: Status;
  /** Counts starts; what was entered for an earlier start is void. */
  boots: number;
  /** What a frozen node has yet to do. */
  backlog: (() => void)[];
}

/** The protocol's part of each node. */
export interface Actors {
  start(machine: Machine, first: boolean): void;
  crash(node: number): void;
  request(node: number, request: Pending): void;
  nodeUp(node: number, peer: number): void;
  nodeDown(node: number, peer: number): void;
  /** Undefined for a node that is down. */
  view(node: number): ReplicaView | undefined;
  /** The node's copy, in memory or on the disk of a node that is down, if it has one. */
  copy(node: number): Copy | undefined;
}

/** A node's copy of the data. */
export interface Copy {
  readonly node: number;
  /** Otherwise it lies on the disk of a node that is down, and `data` is empty. */
  readonly running: boolean;
  readonly data: Readonly<Record<string, string>>;
  /** The writes that stand in it. */
  readonly holds: readonly number[];
}

/** A request and what has come of it; `outcome` is undefined until the client has its answer. */
export interface RunOperation {
  readonly id: number;
  readonly request: Request;
  outcome: Outcome | undefined;
  reason: string | undefined;
  answeredAt: number;
  value: string | undefined;
  /** The writes whose effect a read showed. */
  saw: readonly number[];
  /** How often it was handed from node to node. */
  ways: number;
}

/** Where a write comes from. */
export interface Origin {
  /** The writes whose effect it carries on or replaces. */
  readonly basis: readonly number[];
  /** The writes that its writer knew of. */
  readonly seen: readonly number[];
}

/** A shape that the network had for a while. */
export interface Shape {
  readonly from: number;
  /** Running nodes that reach each other in both directions, directly or through others. */
  readonly sides: readonly (readonly number[])[];
  /** No link is cut. */
  readonly whole: boolean;
}

/** Everything that changes during a run. */
export interface Cluster {
  readonly scenario: Scenario;
  readonly settings: NetworkSettings;
  readonly machines: readonly Machine[];
  readonly actors: Actors;
  readonly operations: RunOperation[];
  /** By write. */
  readonly origins: Map<number, Origin>;
  readonly links: Links;
  readonly agenda: Agenda;
  readonly claims: Claims;
  readonly monitor: RaftMonitor;
  readonly random: Random;
  readonly transport: Transport;
  readonly distribution: Distribution | undefined;
  /** Undefined when nobody wants to watch. */
  readonly frames: Frame[] | undefined;
  readonly shapes: Shape[];
  readonly messages: { sent: number; delivered: number };
  /** What happened since the last frame. */
  events: string[];
  now: number;
}

/** A cluster whose nodes are all down yet. */
export function clusterOf(
  scenario: Scenario,
  transport: Protocol<never, never>['transport'],
  actorsOf: (cluster: Cluster) => Actors,
  withFrames: boolean,
): Cluster {
  const settings = { ...defaultNetwork, ...scenario.network };
  const { nodes: size, seed } = scenario;
  const random = randomFrom(seed);
  const links = fullMesh(size);
  const events = agenda();
  const schedule = (delay: number, act: () => void): void => events.enter(cluster.now + delay, act);
  const connections =
    transport === 'distribution'
      ? distribution({
          size,
          links,
          settings,
          random,
          now: () => cluster.now,
          schedule,
          on: (node, act) => on(machineOf(cluster, node), act),
          awake: (node) => machineOf(cluster, node).status === 'up',
          nodeUp: (node, peer) => cluster.actors.nodeUp(node, peer),
          nodeDown: (node, peer) => cluster.actors.nodeDown(node, peer),
          note: (node, text) => tell(cluster, `${nodeName(node)} ${text}`),
          name: nodeName,
        })
      : undefined;
  const unfinished: Omit<Cluster, 'actors'> = {
    scenario,
    settings,
    machines: Array.from({ length: size }, (_, index) => machine(index)),
    operations: [],
    origins: new Map(),
    links,
    agenda: events,
    claims: claimsRecord(),
    monitor: raftMonitor(size),
    random,
    transport: connections ?? datagrams(links, settings, random, schedule),
    distribution: connections,
    frames: withFrames ? [] : undefined,
    shapes: [],
    messages: { sent: 0, delivered: 0 },
    events: [],
    now: 0,
  };
  const cluster: Cluster = Object.assign(unfinished, { actors: actorsOf(unfinished as Cluster) });
  return cluster;
}

function machine(index: number): Machine {
  return { index, name: nodeName(index), clocks: clocks(), status: 'down', boots: 0, backlog: [] };
}

/** The machine at an index of this cluster. */
export function machineOf(cluster: Cluster, node: number): Machine {
  return cluster.machines[node] as Machine;
}

/** The machine of a name that the scenario uses. */
export function machineNamed(cluster: Cluster, name: NodeName): Machine {
  return machineOf(cluster, Number(name.slice(1)) - 1);
}

/** Lets a node act now, or when it thaws; a node that is down, or starts anew in between, does nothing. */
export function on(target: Machine, act: () => void): void {
  if (target.status === 'up') {
    act();
    return;
  }
  if (target.status === 'down') return;
  const boots = target.boots;
  target.backlog.push(() => {
    if (target.boots === boots) on(target, act);
  });
}

/** Lets something travel to another node; `receive` runs there if it arrives. */
export function send(cluster: Cluster, from: number, to: number, receive: () => void): void {
  cluster.messages.sent++;
  const target = machineOf(cluster, to);
  cluster.transport.send(from, to, () => {
    if (target.status === 'down') return;
    cluster.messages.delivered++;
    on(target, receive);
  });
}

/** Notes an event for the next frame. */
export function tell(cluster: Cluster, event: string): void {
  if (cluster.frames !== undefined) cluster.events.push(event);
}
