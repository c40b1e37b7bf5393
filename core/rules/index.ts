/** Every rule, by id. Kept in alphabetical order; a test compares it with the folder. */
import type { Rule } from '../rule';
import clockMonotonicAsTimestamp from './clock/clock-monotonic-as-timestamp';
import clockMonotonicShared from './clock/clock-monotonic-shared';
import clockWallElapsed from './clock/clock-wall-elapsed';
import clockWallElapsedState from './clock/clock-wall-elapsed-state';
import clockWallLease from './clock/clock-wall-lease';
import clockWallLocalDeadline from './clock/clock-wall-local-deadline';
import crdtReadModifyWrite from './crdt/crdt-read-modify-write';
import quorumHalfIsNotMajority from './quorum/quorum-half-is-not-majority';
import etsReadModifyWrite from './race/ets-read-modify-write';
import kvGetThenPut from './race/kv-get-then-put';
import suppressionWithoutReason from './suppression/suppression-without-reason';
import unusedSuppression from './suppression/unused-suppression';

export const rules: readonly Rule[] = [
  clockMonotonicAsTimestamp,
  clockMonotonicShared,
  clockWallElapsed,
  clockWallElapsedState,
  clockWallLease,
  clockWallLocalDeadline,
  crdtReadModifyWrite,
  etsReadModifyWrite,
  kvGetThenPut,
  quorumHalfIsNotMajority,
  suppressionWithoutReason,
  unusedSuppression,
];
