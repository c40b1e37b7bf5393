/** What goes wrong: links, machines and clocks. */
import type { Cluster, Machine, Shape } from './cluster';
import { machineNamed, tell } from './cluster';
import { describeFault } from './describe';
import { hangUp } from './requests';
import type { Fault, NodeName } from './types';
import { nodeName } from './types';

/** Lets a fault happen now; one that makes no sense in the node's state, such as a restart of a running node, changes nothing. */
export function inflict(cluster: Cluster, fault: Fault): void {
  tell(cluster, describeFault(fault));
  switch (fault.do) {
    case 'cut':
      setLink(cluster, machineNamed(cluster, fault.link[0]), machineNamed(cluster, fault.link[1]), fault.oneWay ? 'one-way' : 'closed');
      break;
    case 'split':
      split(cluster, fault.groups);
      break;
    case 'heal':
      if (fault.link === undefined) split(cluster, [cluster.machines.map(({ name }) => name)]);
      else setLink(cluster, machineNamed(cluster, fault.link[0]), machineNamed(cluster, fault.link[1]), 'open');
      break;
    case 'clock':
      machineNamed(cluster, fault.node).clocks.jump(fault.jump);
      break;
    case 'drift':
      machineNamed(cluster, fault.node).clocks.drift(cluster.now, fault.rate);
      break;
    case 'crash':
      crash(cluster, machineNamed(cluster, fault.node));
      break;
    case 'restart':
      if (machineNamed(cluster, fault.node).status === 'down') boot(cluster, machineNamed(cluster, fault.node), 0, false);
      break;
    case 'freeze':
      freeze(cluster, machineNamed(cluster, fault.node));
      break;
    case 'thaw':
      thaw(cluster, machineNamed(cluster, fault.node));
      break;
  }
}

/** Starts a node whose VM counts as up for `uptime` already; `first` when the whole cluster starts. */
export function boot(cluster: Cluster, machine: Machine, uptime: number, first: boolean): void {
  machine.status = 'up';
  machine.boots++;
  machine.clocks.boot(cluster.now, uptime);
  cluster.actors.start(machine, first);
  cluster.distribution?.started(machine.index);
}

function crash(cluster: Cluster, machine: Machine): void {
  if (machine.status === 'down') return;
  cluster.actors.crash(machine.index);
  machine.status = 'down';
  machine.backlog = [];
  cluster.claims.forget(cluster.now, machine.index);
  cluster.distribution?.crashed(machine.index);
  hangUp(cluster, machine.index);
}

/** Whoever stands still acts as nothing. */
function freeze(cluster: Cluster, machine: Machine): void {
  if (machine.status !== 'up') return;
  machine.status = 'frozen';
  cluster.claims.suspend(cluster.now, machine.index, true);
  cluster.distribution?.frozen(machine.index);
}

function thaw(cluster: Cluster, machine: Machine): void {
  if (machine.status !== 'frozen') return;
  machine.status = 'up';
  cluster.claims.suspend(cluster.now, machine.index, false);
  const backlog = machine.backlog;
  machine.backlog = [];
  for (const act of backlog) act();
}

function setLink(cluster: Cluster, { index: a }: Machine, { index: b }: Machine, to: 'open' | 'closed' | 'one-way'): void {
  const before = cluster.links.whole(a, b);
  cluster.links.set(a, b, to === 'open');
  if (to !== 'one-way') cluster.links.set(b, a, to === 'open');
  const after = cluster.links.whole(a, b);
  if (before && !after) cluster.distribution?.linkCut(a, b);
  if (!before && after) cluster.distribution?.linkHealed(a, b);
}

function split(cluster: Cluster, groups: readonly (readonly NodeName[])[]): void {
  const { machines } = cluster;
  const group = machines.map(({ name }) => groups.findIndex((names) => names.includes(name)));
  for (const a of machines) {
    for (const b of machines.slice(a.index + 1)) {
      const together = group[a.index] === group[b.index] && group[a.index] !== -1;
      setLink(cluster, a, b, together ? 'open' : 'closed');
    }
  }
}

/** The shape of the network now. */
export function shapeOf(cluster: Cluster): Shape {
  const { machines, links, now } = cluster;
  const left = new Set(machines.filter(({ status }) => status !== 'down').map(({ index }) => index));
  const sides: number[][] = [];
  for (const start of [...left]) {
    if (!left.delete(start)) continue;
    const side = [start];
    for (const node of side) {
      for (const other of [...left]) {
        if (!links.whole(node, other)) continue;
        left.delete(other);
        side.push(other);
      }
    }
    sides.push(side.sort((a, b) => a - b));
  }
  return { from: now, sides, whole: cutLinks(cluster).length === 0 };
}

/** The links that carry nothing, by direction. */
export function cutLinks({ machines, links }: Cluster): readonly (readonly [NodeName, NodeName])[] {
  return machines.flatMap(({ index: from }) =>
    machines
      .filter(({ index: to }) => to !== from && !links.open(from, to))
      .map(({ index: to }): readonly [NodeName, NodeName] => [nodeName(from), nodeName(to)]),
  );
}
