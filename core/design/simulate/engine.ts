/** Runs a scenario: one clock, one stream of chance, one event after the other. */
import { actorsOf } from './actors';
import type { Cluster, Copy, Machine, Origin, RunOperation, Shape } from './cluster';
import { clusterOf, tell } from './cluster';
import { boot, cutLinks, inflict, shapeOf } from './faults';
import type { Protocol } from './protocol';
import { ask, settle } from './requests';
import type { Frame, NodeView, Overlap, Scenario, Step } from './types';
import { isRequest, nodeName } from './types';

/** What a run leaves behind: what verdicts are made of. */
export interface Run {
  readonly frames: readonly Frame[];
  readonly operations: readonly RunOperation[];
  readonly origins: ReadonlyMap<number, Origin>;
  readonly overlaps: readonly Overlap[];
  /** The copies at the end. */
  readonly copies: readonly Copy[];
  /** In order; the first begins at 0. */
  readonly shapes: readonly Shape[];
  readonly safety: readonly string[];
  readonly messages: { readonly sent: number; readonly delivered: number };
}

/** The first node has been up longest: the uptime of the others is shorter by this much each, as after a rolling deploy. */
const uptimeStep = 10_000;

/** Runs the scenario to its end. Frames cost far more than the run itself: ask for them only to show them. */
export function run<Message, Disk>(protocol: Protocol<Message, Disk>, scenario: Scenario, withFrames: boolean): Run {
  const cluster = clusterOf(scenario, protocol.transport, (unfinished) => actorsOf(protocol, unfinished), withFrames);
  const { agenda, machines, operations } = cluster;
  tell(cluster, 'the cluster starts');
  for (const machine of machines) boot(cluster, machine, (scenario.nodes - 1 - machine.index) * uptimeStep, true);
  cluster.shapes.push(shapeOf(cluster));
  for (const step of scenario.steps) if (step.at <= scenario.until) agenda.enter(step.at, () => perform(cluster, step));
  for (;;) {
    const next = agenda.take(scenario.until);
    if (next === undefined) break;
    if (next.at > cluster.now) {
      if (Math.round(next.at) > Math.round(cluster.now)) flush(cluster);
      cluster.now = next.at;
    }
    next.act();
  }
  if (scenario.until > Math.round(cluster.now)) flush(cluster);
  cluster.now = scenario.until;
  for (const operation of operations) settle(cluster, operation, { outcome: 'unknown', reason: 'the run ended' });
  tell(cluster, 'the run ends');
  flush(cluster);
  return {
    frames: cluster.frames ?? [],
    operations,
    origins: cluster.origins,
    overlaps: cluster.claims.overlaps(scenario.until),
    copies: machines.flatMap(({ index }) => cluster.actors.copy(index) ?? []),
    shapes: cluster.shapes,
    safety: cluster.monitor.breaches(),
    messages: cluster.messages,
  };
}

function perform(cluster: Cluster, step: Step): void {
  if (isRequest(step)) {
    ask(cluster, step);
    return;
  }
  inflict(cluster, step);
  const shape = shapeOf(cluster);
  const last = cluster.shapes.at(-1);
  if (last === undefined || last.sides.join('|') !== shape.sides.join('|')) cluster.shapes.push(shape);
  else if (last.whole !== shape.whole) cluster.shapes[cluster.shapes.length - 1] = { ...last, whole: shape.whole };
}

/** Makes a frame of what has happened at this instant. */
function flush(cluster: Cluster): void {
  if (cluster.frames === undefined || cluster.events.length === 0) return;
  cluster.frames.push({
    at: Math.round(cluster.now),
    events: cluster.events,
    nodes: cluster.machines.map((machine) => viewOf(cluster, machine)),
    cut: cutLinks(cluster),
  });
  cluster.events = [];
}

function viewOf({ now, actors, distribution }: Cluster, { index, name, status, clocks }: Machine): NodeView {
  const common = { name, status, clockOffset: Math.round(clocks.wall(now) - now) };
  const seen = actors.view(index);
  if (seen === undefined) return { ...common, role: 'idle' };
  const { leader, ...view } = seen;
  return {
    ...common,
    ...view,
    ...(leader === undefined ? {} : { leader: nodeName(leader) }),
    ...(distribution === undefined ? {} : { connected: distribution.connected(index).map(nodeName) }),
  };
}
