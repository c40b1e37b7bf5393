/** Which links carry packets, and datagrams over them. */
import type { Random } from './random';
import type { NetworkSettings } from './types';

/** The links of a cluster, by direction. */
export interface Links {
  /** Whether packets from one node reach the other. */
  open(from: number, to: number): boolean;
  /** Whether both directions are open. */
  whole(a: number, b: number): boolean;
  set(from: number, to: number, open: boolean): void;
}

/** Links between all of `size` nodes, all open. */
export function fullMesh(size: number): Links {
  const closed = new Uint8Array(size * size);
  return {
    open: (from, to) => closed[from * size + to] === 0,
    whole: (a, b) => closed[a * size + b] === 0 && closed[b * size + a] === 0,
    set(from, to, open) {
      closed[from * size + to] = open ? 0 : 1;
    },
  };
}

/** How messages travel; `deliver` is called when and if they arrive. */
export interface Transport {
  send(from: number, to: number, deliver: () => void): void;
}

/** Datagrams: each takes its own time, so that one may overtake another; lost if the link is closed when it would arrive. */
export function datagrams(
  links: Links,
  settings: NetworkSettings,
  random: Random,
  schedule: (delay: number, act: () => void) => void,
): Transport {
  const [shortest, longest] = settings.latency;

  function travel(from: number, to: number, deliver: () => void): void {
    schedule(random.between(shortest, longest), () => {
      if (links.open(from, to)) deliver();
    });
  }

  return {
    send(from, to, deliver) {
      if (random.chance(settings.loss)) return;
      travel(from, to, deliver);
      if (random.chance(settings.duplicate)) travel(from, to, deliver);
    },
  };
}
