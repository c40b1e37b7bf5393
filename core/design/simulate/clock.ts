/** The two clocks of a node: one that counts since the VM started, and one that people set. */

/** The clocks of one node; `now` is the true time, and all times are milliseconds. */
export interface Clocks {
  /** Milliseconds since the VM started, as this node counts them. */
  monotonic(now: number): number;
  /** The time of day as this node believes it; true time is the time of the simulation. */
  wall(now: number): number;
  /** How much true time passes while this node counts `duration`. */
  trueDuration(duration: number): number;
  jump(offset: number): void;
  drift(now: number, rate: number): void;
  /** A new VM: the monotonic clock begins again at `uptime`. */
  boot(now: number, uptime: number): void;
}

/** Clocks that are right and start at 0. */
export function clocks(): Clocks {
  let anchor = 0;
  let monotonicAtAnchor = 0;
  let wallAtAnchor = 0;
  let rate = 1;

  function monotonic(now: number): number {
    return monotonicAtAnchor + (now - anchor) * rate;
  }

  function wall(now: number): number {
    return wallAtAnchor + (now - anchor) * rate;
  }

  function anchorAt(now: number, newMonotonic: number): void {
    wallAtAnchor = wall(now);
    monotonicAtAnchor = newMonotonic;
    anchor = now;
  }

  return {
    monotonic,
    wall,
    trueDuration: (duration) => duration / rate,
    jump(offset) {
      wallAtAnchor += offset;
    },
    drift(now, newRate) {
      anchorAt(now, monotonic(now));
      rate = newRate;
    },
    boot: anchorAt,
  };
}
