/**
 * Judges a run of Raft by the four properties that make it safe, from what its nodes did to their logs and not from what they believe:
 * election safety, log matching, leader completeness and state machine safety (Ongaro and Ousterhout, figure 3).
 */
import type { RaftEntry, RaftEvent } from './protocol';
import { nodeName } from './types';

/** Watches one run. */
export interface RaftMonitor {
  observe(node: number, event: RaftEvent): void;
  /** Each breach once, as a sentence, in the order in which they were seen. */
  breaches(): readonly string[];
}

interface Committed {
  readonly entry: RaftEntry;
  /** The term of the node that applied it first. */
  readonly term: number;
}

/** Follows a cluster of `size` nodes. */
export function raftMonitor(size: number): RaftMonitor {
  const logs: RaftEntry[][] = Array.from({ length: size }, () => []);
  const leaderOfTerm = new Map<number, number>();
  const leadingTerm: number[] = new Array(size).fill(0);
  // By index and term: the entry that stands there, and the term before it. Equal neighbours everywhere make equal prefixes.
  const places = new Map<string, { readonly entry: RaftEntry; readonly before: number }>();
  const committed: Committed[] = [];
  const breaches = new Set<string>();

  function started(node: number, log: readonly RaftEntry[]): void {
    logs[node] = [...log];
    leadingTerm[node] = 0;
  }

  function appended(node: number, index: number, entry: RaftEntry): void {
    const log = logs[node] as RaftEntry[];
    const before = log[index - 2]?.term ?? 0;
    log.length = index - 1;
    log.push(entry);
    const place = `${index} ${entry.term}`;
    const known = places.get(place);
    if (known === undefined) places.set(place, { entry, before });
    else if (!same(known.entry, entry) || known.before !== before) {
      breaches.add(`Log matching: two logs differ at or before entry ${index} of term ${entry.term}.`);
    }
  }

  function elected(node: number, term: number): void {
    const other = leaderOfTerm.get(term);
    if (other !== undefined && other !== node) {
      breaches.add(`Election safety: ${nodeName(other)} and ${nodeName(node)} both lead term ${term}.`);
    }
    leaderOfTerm.set(term, node);
    leadingTerm[node] = term;
    for (let index = 1; index <= committed.length; index++) requireCommitted(node, term, index);
  }

  function requireCommitted(node: number, term: number, index: number): void {
    const fact = committed[index - 1];
    if (fact === undefined || fact.term >= term) return;
    const own = logs[node]?.[index - 1];
    if (own !== undefined && same(own, fact.entry)) return;
    breaches.add(`Leader completeness: ${nodeName(node)} leads term ${term} without entry ${index}, committed in term ${fact.term}.`);
  }

  function applied(node: number, index: number, entry: RaftEntry, term: number): void {
    const fact = committed[index - 1];
    if (fact !== undefined) {
      if (!same(fact.entry, entry))
        breaches.add(`State machine safety: ${nodeName(node)} applies another entry ${index} than was applied before.`);
      return;
    }
    committed[index - 1] = { entry, term };
    for (let leader = 0; leader < size; leader++) requireCommitted(leader, leadingTerm[leader] as number, index);
  }

  return {
    observe(node, event) {
      switch (event.type) {
        case 'started':
          return started(node, event.log);
        case 'appended':
          return appended(node, event.index, event.entry);
        case 'elected':
          return elected(node, event.term);
        case 'applied':
          return applied(node, event.index, event.entry, event.term);
      }
    },
    breaches: () => [...breaches],
  };
}

function same(a: RaftEntry, b: RaftEntry): boolean {
  return a.term === b.term && a.request?.id === b.request?.id;
}
