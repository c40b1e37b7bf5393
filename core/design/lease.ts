/** Arithmetic of leases: when the holder must stop, when the grantor may grant again, and which writes a resource accepts. */

/**
 * Erlang's own time correction may run the monotonic clock up to 1 % fast or slow, which is far more than a quartz drifts.
 * https://www.erlang.org/doc/apps/erts/time_correction.html
 */
export const beamDriftPpm = 10_000;

/** What a lease is built from. All durations are milliseconds. */
export interface LeaseTerms {
  /** What goes on the wire: a duration, never a deadline, because a deadline is read on another clock. */
  readonly durationMs: number;
  /** How far either clock may run fast or slow, in parts per million; `beamDriftPpm` unless something better is known. */
  readonly driftPpm: number;
  /** The longest time between the holder's look at its clock and the end of what it then does: a garbage collection, a slow disk. */
  readonly pauseMs: number;
  readonly roundTripMs: number;
}

/** The schedule of both sides, each by its own monotonic clock. All durations are milliseconds. */
export interface LeaseSchedule {
  /** The holder begins no protected work later than this after it *sent* its request. */
  readonly holderStopsMs: number;
  /** The holder asks for renewal this often: two lost renewals do not lose the lease. */
  readonly renewEveryMs: number;
  /** The grantor grants to nobody else earlier than this after it granted. */
  readonly grantorWaitsMs: number;
  /** `grantorWaitsMs` minus `holderStopsMs`: the price of not trusting clocks. */
  readonly marginMs: number;
  /** Without a holder for at most this long, in real time, when the holder dies right after a renewal. */
  readonly takeoverWithinMs: number;
}

/** The rules that no lease can do without, for documents and pages. */
export const leaseRules: readonly string[] = [
  'The grantor sends a duration. Holder and grantor each count it on their own monotonic clock; no deadline crosses the wire, is stored or survives a restart.',
  'The holder counts from the moment it sent the request, not from the answer, and stops a margin early.',
  'Every grant carries a fencing number that only grows; the protected resource refuses a write with a number lower than the highest it has seen.',
  'The check of the clock alone protects nothing: a process can be paused between the check and the write. The fencing number is what protects.',
];

/**
 * The schedule for `terms`, or undefined when the duration is too short to leave the holder any working time.
 * Safe for all clocks within the drift: work that the holder begins in time ends before the grantor grants anew.
 */
export function leaseSchedule(terms: LeaseTerms): LeaseSchedule | undefined {
  const { durationMs, driftPpm, pauseMs, roundTripMs } = terms;
  const rate = driftPpm / 1_000_000;
  if (![durationMs, driftPpm, pauseMs, roundTripMs].every((value) => Number.isFinite(value) && value >= 0) || rate >= 1) return undefined;
  const holderStopsMs = Math.floor((durationMs * (1 - rate)) / (1 + rate) - pauseMs);
  const renewEveryMs = Math.floor((holderStopsMs - roundTripMs) / 3);
  if (renewEveryMs <= 0) return undefined;
  return {
    holderStopsMs,
    renewEveryMs,
    grantorWaitsMs: durationMs,
    marginMs: durationMs - holderStopsMs,
    takeoverWithinMs: Math.ceil(durationMs / (1 - rate) + roundTripMs),
  };
}

/** Whether a resource that has seen fencing number `highest` accepts a write that carries `offered`. */
export function fenceAdmits(highest: number, offered: number): boolean {
  return offered >= highest;
}

/** The shortest round duration, in milliseconds, that gives a lease over this round trip room for three renewals and a pause of one second. */
export function suggestedLeaseMs(roundTripMs: number): number {
  return Math.max(10_000, Math.ceil((30 * roundTripMs) / 1_000) * 1_000);
}
