/** Looks for a schedule that breaks a promise. */
import { randomSchedule, type ScheduleFamily } from './schedule';
import type { Scenario } from './types';

/** A schedule that fails. */
export interface Found {
  /** The seed of the schedule. */
  readonly seed: number;
  /** How many schedules were run until then, this one included. */
  readonly tried: number;
  readonly scenario: Scenario;
}

/** Runs the family's schedules from seed `first` on, at most `tries`, until `fails` is true of one; undefined if none did. */
export function search(family: ScheduleFamily, first: number, tries: number, fails: (scenario: Scenario) => boolean): Found | undefined {
  for (let tried = 1; tried <= tries; tried++) {
    const seed = first + tried - 1;
    const scenario = randomSchedule(family, seed);
    if (fails(scenario)) return { seed, tried, scenario };
  }
  return undefined;
}
