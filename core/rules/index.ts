/** Every rule, by id. Kept in alphabetical order; a test compares it with the folder. */
import type { Rule } from '../rule';
import clockMonotonicAsTimestamp from './clock/clock-monotonic-as-timestamp';
import clockMonotonicShared from './clock/clock-monotonic-shared';
import clockWallElapsed from './clock/clock-wall-elapsed';
import clockWallElapsedState from './clock/clock-wall-elapsed-state';
import clockWallLease from './clock/clock-wall-lease';
import clockWallLocalDeadline from './clock/clock-wall-local-deadline';
import suppressionWithoutReason from './suppression/suppression-without-reason';
import unusedSuppression from './suppression/unused-suppression';

export const rules: readonly Rule[] = [
  clockMonotonicAsTimestamp,
  clockMonotonicShared,
  clockWallElapsed,
  clockWallElapsedState,
  clockWallLease,
  clockWallLocalDeadline,
  suppressionWithoutReason,
  unusedSuppression,
];
