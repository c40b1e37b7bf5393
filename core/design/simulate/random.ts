/** The simulation's only source of chance: a small generator with a seed, so that every run can be repeated. */

/** A stream of chance. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** True in the given share of cases, 0 to 1. */
  chance(share: number): boolean;
  /** One element; the list must not be empty. */
  pick<T>(list: readonly T[]): T;
}

/**
 * Chris Doty-Humphrey's sfc32 (small fast counting generator, 128 bits of state, period of at least 2^32), started from the seed with two
 * fixed words and warmed up by twelve rounds. The same seed gives the same stream on every engine: only 32-bit integer arithmetic is used.
 */
export function randomFrom(seed: number): Random {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;

  function word(): number {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  }

  for (let round = 0; round < 12; round++) word();

  function next(): number {
    return word() / 0x100000000;
  }

  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (share) => share > 0 && next() < share,
    pick: (list) => list[Math.floor(next() * list.length)] as (typeof list)[number],
  };
}
