/** Quorum arithmetic: who may decide, how many may fail, and how membership changes. Everything is total; sizes that make no sense give NaN. */

/** A replica set of `n` members that waits for `r` of them on a read and for `w` on a write. */
export interface Quorum {
  readonly n: number;
  readonly r: number;
  readonly w: number;
}

/** One line of the table that shows what another member buys. */
export interface QuorumRow {
  /** Voting members. */
  readonly n: number;
  readonly majority: number;
  /** Members that may be down or cut off while the rest still decides. */
  readonly tolerated: number;
  /** What to know about this size; empty when there is nothing to add. */
  readonly note: string;
}

/** One step of a membership change: exactly one member joins or leaves. */
export interface MembershipStep {
  readonly action: 'add' | 'remove';
  readonly from: number;
  readonly to: number;
  /** Members that must agree for the step to be committed: a majority of the larger of the two sets. */
  readonly majority: number;
}

/** Why the number of visible nodes is not a cluster size; shown wherever a quorum is explained. */
export const visibleNodesCaveat =
  'Compute the quorum from the configured number of voters. The nodes that are visible right now shrink with the partition, ' +
  'so each side would have a majority of itself.';

/** Voters that are enough for most clusters: five tolerate two failures, and each further pair slows every write. */
export const usualVoters = 5;

/** Whether `n` can be a number of members: a whole number of at least 1. */
export function isSize(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 1;
}

/** The smallest number of `n` members of which two sets always share one; NaN unless `n` is a size, so that no comparison with it holds. */
export function majority(n: number): number {
  return isSize(n) ? Math.floor(n / 2) + 1 : Number.NaN;
}

/** How many of `n` members may fail while a majority remains; NaN unless `n` is a size. */
export function toleratedFailures(n: number): number {
  return n - majority(n);
}

/** How many of `n` members must fail or refuse before no majority is possible; NaN unless `n` is a size. */
export function blockingFailures(n: number): number {
  return toleratedFailures(n) + 1;
}

/** Whether `reachable` members, the asking one included, may decide for `n`. */
export function hasQuorum(reachable: number, n: number): boolean {
  return reachable >= majority(n);
}

/** Whether `n`, `r` and `w` are sizes with reads and writes of at most `n` members. */
export function isQuorum({ n, r, w }: Quorum): boolean {
  return isSize(n) && isSize(r) && isSize(w) && r <= n && w <= n;
}

/** Whether every set of `r` readers meets every set of `w` writers, so that a read can see the newest acknowledged write. */
export function readsSeeWrites(quorum: Quorum): boolean {
  return isQuorum(quorum) && quorum.r + quorum.w > quorum.n;
}

/** Whether every two sets of `w` writers meet, so that two writes cannot both succeed unseen by each other. */
export function writesAreOrdered(quorum: Quorum): boolean {
  return isQuorum(quorum) && 2 * quorum.w > quorum.n;
}

/** Whether the last of `n` members adds no tolerance: an even member raises the majority and nothing else. */
export function lastMemberIsIdle(n: number): boolean {
  return isSize(n) && n % 2 === 0;
}

/** How many of `nodes` should vote: odd, at most five; two nodes stay two, because there is no better choice among them. NaN unless a size. */
export function recommendedVoters(nodes: number): number {
  if (!isSize(nodes)) return Number.NaN;
  if (nodes <= 2) return nodes;
  return Math.min(usualVoters, nodes % 2 === 0 ? nodes - 1 : nodes);
}

/** Majority and tolerance for each of `sizes`; sizes that make no sense are left out. */
export function quorumTable(sizes: readonly number[]): readonly QuorumRow[] {
  return sizes.filter(isSize).map((n) => ({ n, majority: majority(n), tolerated: toleratedFailures(n), note: noteOn(n) }));
}

/**
 * The steps from `from` to `to` voters, one member at a time: then the majorities of neighbouring configurations always share a member.
 * At most sixteen steps are listed; `omitted` counts the rest. No steps when either is not a size.
 */
export function membershipPath(from: number, to: number): { readonly steps: readonly MembershipStep[]; readonly omitted: number } {
  if (!isSize(from) || !isSize(to)) return { steps: [], omitted: 0 };
  const steps: MembershipStep[] = [];
  const direction = to >= from ? 1 : -1;
  const total = Math.abs(to - from);
  for (let i = 0; i < Math.min(total, 16); i++) {
    const at = from + direction * i;
    const next = at + direction;
    steps.push({ action: direction > 0 ? 'add' : 'remove', from: at, to: next, majority: majority(Math.max(at, next)) });
  }
  return { steps, omitted: total - steps.length };
}

function noteOn(n: number): string {
  if (n === 1) return 'No replica: a restart is an outage, a lost disk is lost data.';
  if (n === 2) return 'Tolerates nothing: either node stops the cluster. A third voter makes it tolerate one.';
  if (lastMemberIsIdle(n)) return `Tolerates no more than ${n - 1} voters do, and waits for one more.`;
  return '';
}
