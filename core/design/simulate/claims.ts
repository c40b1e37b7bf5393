/** Who acted as the only one of something, and when two did. */
import type { Overlap } from './types';
import { nodeName } from './types';

/** A record of claims, kept while a run goes on. */
export interface Claims {
  /** The node acts as the only `what` from now on; undefined: no longer. */
  claim(now: number, node: number, what: string | undefined): void;
  /** The overlaps up to `end`, in order of their beginning. */
  overlaps(end: number): readonly Overlap[];
}

interface Open {
  readonly from: number;
  readonly nodes: Set<number>;
}

/** Follows a cluster of `size` nodes; an overlap lasts from the second claim of one thing until only one claims it. */
export function claimsOf(size: number): Claims {
  const current: (string | undefined)[] = new Array(size).fill(undefined);
  const open = new Map<string, Open>();
  const closed: Overlap[] = [];

  function claimants(what: string): readonly number[] {
    const nodes: number[] = [];
    for (let node = 0; node < size; node++) if (current[node] === what) nodes.push(node);
    return nodes;
  }

  function overlap(what: string, { from, nodes }: Open, to: number): Overlap {
    return { from: Math.round(from), to: Math.round(to), nodes: [...nodes].sort((a, b) => a - b).map(nodeName), claim: what };
  }

  function update(now: number, what: string): void {
    const nodes = claimants(what);
    const running = open.get(what);
    if (nodes.length > 1) {
      if (running === undefined) open.set(what, { from: now, nodes: new Set(nodes) });
      else for (const node of nodes) running.nodes.add(node);
    } else if (running !== undefined) {
      open.delete(what);
      closed.push(overlap(what, running, now));
    }
  }

  return {
    claim(now, node, what) {
      const before = current[node];
      if (before === what) return;
      current[node] = what;
      if (before !== undefined) update(now, before);
      if (what !== undefined) update(now, what);
    },
    overlaps(end) {
      const still = [...open].map(([what, running]) => overlap(what, running, end));
      return [...closed, ...still].sort((a, b) => a.from - b.from);
    },
  };
}
