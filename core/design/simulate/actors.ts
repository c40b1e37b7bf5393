/** Runs a protocol's replicas on the machines of a cluster. */
import type { Actors, Cluster, Machine } from './cluster';
import { on, send, tell } from './cluster';
import type { Host, Protocol, Replica } from './protocol';
import { answer, forward } from './requests';
import { nodeName } from './types';

/** A node's part of `protocol` on each machine of the cluster, none of them started yet. */
export function actorsOf<Message, Disk>(protocol: Protocol<Message, Disk>, cluster: Cluster): Actors {
  const options = cluster.scenario.options ?? {};
  const replicas = new Map<number, Replica<Message, Disk>>();
  const disks = new Map<number, Disk>();

  function hostOf(machine: Machine, first: boolean): Host<Message> {
    const { index: self, name, boots, clocks } = machine;
    const cancelled = new Set<number>();
    let timers = 0;
    return {
      self,
      size: cluster.scenario.nodes,
      first,
      name: nodeName,
      monotonic: () => clocks.monotonic(cluster.now),
      wall: () => clocks.wall(cluster.now),
      send: (to, message) => send(cluster, self, to, () => replicas.get(to)?.receive(self, message)),
      after(delay, act) {
        const timer = ++timers;
        cluster.agenda.enter(cluster.now + clocks.trueDuration(delay), () => {
          if (machine.boots !== boots) return;
          on(machine, () => {
            if (!cancelled.delete(timer)) act();
          });
        });
        return timer;
      },
      cancel: (timer) => cancelled.add(timer),
      random: (low, high) => cluster.random.between(low, high),
      connected: () => cluster.distribution?.connected(self) ?? [],
      accept: (request, value, saw) => answer(cluster, self, request, { outcome: 'accepted', value, saw }),
      refuse: (request, reason) => answer(cluster, self, request, { outcome: 'refused', reason }),
      leaveOpen: (request, reason) => answer(cluster, self, request, { outcome: 'unknown', reason }),
      forward: (request, to) => forward(cluster, self, request, to),
      builtOn(write, basis, seen) {
        if (!cluster.origins.has(write)) cluster.origins.set(write, { basis, seen: seen ?? basis });
      },
      claim: (what, holds) => cluster.claims.claim(cluster.now, self, what, holds),
      note: (text) => tell(cluster, `${name} ${text}`),
      observe: (event) => cluster.monitor.observe(self, event),
    };
  }

  return {
    start(machine, first) {
      const disk = disks.get(machine.index);
      disks.delete(machine.index);
      replicas.set(machine.index, protocol.start(hostOf(machine, first), options, disk));
    },
    crash(node) {
      const replica = replicas.get(node);
      if (replica !== undefined) disks.set(node, replica.crash());
      replicas.delete(node);
    },
    request: (node, request) => replicas.get(node)?.request(request),
    nodeUp: (node, peer) => replicas.get(node)?.nodeUp?.(peer),
    nodeDown: (node, peer) => replicas.get(node)?.nodeDown?.(peer),
    view: (node) => replicas.get(node)?.view(),
    copy(node) {
      const replica = replicas.get(node);
      const disk = disks.get(node);
      const holds = replica !== undefined ? replica.holds() : disk !== undefined ? protocol.holdsOnDisk?.(disk) : undefined;
      return holds && { node, running: replica !== undefined, data: replica?.view().data ?? {}, holds };
    },
  };
}
