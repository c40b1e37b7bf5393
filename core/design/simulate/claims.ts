/** Who acted as the only one of something, and when two did. */
import type { Overlap } from './types';
import { nodeName } from './types';

/** Whether a claim holds: for as long as the node does not take it back, or for as long as this says so. */
export type Holding = boolean | (() => boolean);

/** A record of claims, kept while a run goes on. */
export interface Claims {
  /** The node acts as the only `what`; false: no longer. */
  claim(now: number, node: number, what: string, holds: Holding): void;
  /** A node that stands still acts as nothing, and goes on where it was. */
  suspend(now: number, node: number, suspended: boolean): void;
  /** A node that is gone claims nothing. */
  forget(now: number, node: number): void;
  /** The overlaps up to `end`, in order of their beginning. */
  overlaps(end: number): readonly Overlap[];
}

interface Open {
  readonly from: number;
  readonly nodes: Set<number>;
}

/** An overlap lasts from the second claim of one thing until it is seen that at most one is left. */
export function claimsRecord(): Claims {
  const claimants = new Map<string, Map<number, Holding>>();
  const suspendedNodes = new Set<number>();
  const open = new Map<string, Open>();
  const closed: Overlap[] = [];

  function holders(what: string): readonly number[] {
    const nodes: number[] = [];
    for (const [node, holds] of claimants.get(what) ?? []) {
      if (!suspendedNodes.has(node) && (holds === true || (holds !== false && holds()))) nodes.push(node);
    }
    return nodes;
  }

  function overlap(what: string, { from, nodes }: Open, to: number): Overlap {
    return { from: Math.round(from), to: Math.round(to), nodes: [...nodes].sort((a, b) => a - b).map(nodeName), claim: what };
  }

  function update(now: number, what: string): void {
    const running = open.get(what);
    if (running === undefined && (claimants.get(what)?.size ?? 0) < 2) return;
    const nodes = holders(what);
    if (nodes.length > 1) {
      if (running === undefined) open.set(what, { from: now, nodes: new Set(nodes) });
      else for (const node of nodes) running.nodes.add(node);
    } else if (running !== undefined) {
      open.delete(what);
      closed.push(overlap(what, running, now));
    }
  }

  function updateAllOf(now: number, node: number): void {
    for (const [what, nodes] of claimants) if (nodes.has(node)) update(now, what);
  }

  return {
    claim(now, node, what, holds) {
      const nodes = claimants.get(what) ?? new Map<number, Holding>();
      claimants.set(what, nodes);
      if (holds === false) nodes.delete(node);
      else nodes.set(node, holds);
      update(now, what);
    },
    suspend(now, node, suspended) {
      if (suspended) suspendedNodes.add(node);
      else suspendedNodes.delete(node);
      updateAllOf(now, node);
    },
    forget(now, node) {
      suspendedNodes.delete(node);
      for (const [what, nodes] of claimants) if (nodes.delete(node)) update(now, what);
    },
    overlaps(end) {
      for (const what of claimants.keys()) update(end, what);
      const still = [...open].map(([what, running]) => overlap(what, running, end));
      return [...closed, ...still].sort((a, b) => a.from - b.from);
    },
  };
}
