/** Schedules that a search found and shrank, by strategy; `strategies.ts` says what each one breaks, and a test finds them again. */
import type { Step } from './types';

/** What is left of a schedule: its strategy gives the protocol and the options. */
export interface FoundSchedule {
  readonly nodes: number;
  readonly seed: number;
  readonly until: number;
  readonly steps: readonly Step[];
}

/** By the id of the strategy. */
export const foundSchedules: Readonly<Record<string, FoundSchedule>> = {
  'leader-by-visibility': {
    nodes: 2,
    seed: 0,
    until: 6050,
    steps: [
      { at: 1000, do: 'split', groups: [['n1'], ['n2']] },
      { at: 4000, do: 'write', node: 'n2', key: 'x', value: '1' },
      { at: 6000, do: 'heal' },
    ],
  },
  'quorum-of-visible-nodes': {
    nodes: 3,
    seed: 0,
    until: 6000,
    steps: [{ at: 2000, do: 'split', groups: [['n1', 'n3'], ['n2']] }],
  },
  'half-is-a-quorum': {
    nodes: 4,
    seed: 0,
    until: 3000,
    steps: [
      {
        at: 0,
        do: 'split',
        groups: [
          ['n1', 'n3'],
          ['n2', 'n4'],
        ],
      },
    ],
  },
  'quorum-without-terms': {
    nodes: 3,
    seed: 6,
    until: 4050,
    steps: [
      { at: 3000, do: 'split', groups: [['n1'], ['n2', 'n3']] },
      { at: 3000, do: 'write', node: 'n1', key: 'x', value: '1' },
      { at: 4000, do: 'heal' },
    ],
  },
  'later-write-loses': {
    nodes: 3,
    seed: 0,
    until: 6050,
    steps: [
      { at: 0, do: 'write', node: 'n3', key: 'x', value: '1' },
      { at: 100, do: 'write', node: 'n2', key: 'x', value: '2' },
      { at: 100, do: 'split', groups: [['n1', 'n3'], ['n2']] },
      { at: 3000, do: 'write', node: 'n1', key: 'x', value: '3' },
      { at: 6000, do: 'heal' },
    ],
  },
  'one-way-neighbours': {
    nodes: 2,
    seed: 0,
    until: 4100,
    steps: [{ at: 4000, do: 'write', node: 'n2', key: 'x', value: '1' }],
  },
  'get-and-put-counter': {
    nodes: 2,
    seed: 1,
    until: 6100,
    steps: [
      { at: 0, do: 'add', node: 'n2', key: 'x', by: 1 },
      { at: 0, do: 'split', groups: [['n1'], ['n2']] },
      { at: 3000, do: 'add', node: 'n1', key: 'x', by: 1 },
      { at: 6000, do: 'heal' },
    ],
  },
  'counter-per-node-restarted': {
    nodes: 2,
    seed: 0,
    until: 500,
    steps: [
      { at: 0, do: 'add', node: 'n1', key: 'x', by: 1 },
      { at: 300, do: 'crash', node: 'n1' },
      { at: 300, do: 'restart', node: 'n1' },
      { at: 300, do: 'add', node: 'n1', key: 'x', by: 1 },
    ],
  },
  'wall-clock-timestamps': {
    nodes: 2,
    seed: 0,
    until: 2000,
    steps: [
      { at: 0, do: 'clock', node: 'n2', jump: 2500 },
      { at: 0, do: 'write', node: 'n2', key: 'x', value: '1' },
      { at: 2000, do: 'write', node: 'n1', key: 'x', value: '2' },
    ],
  },
  'hybrid-clock-timestamps': {
    nodes: 2,
    seed: 0,
    until: 6500,
    steps: [
      { at: 0, do: 'write', node: 'n2', key: 'x', value: '1' },
      { at: 0, do: 'split', groups: [['n1'], ['n2']] },
      { at: 3000, do: 'write', node: 'n1', key: 'x', value: '2' },
      { at: 6000, do: 'heal' },
    ],
  },
  'global-default-resolver': {
    nodes: 2,
    seed: 0,
    until: 6050,
    steps: [
      { at: 1000, do: 'split', groups: [['n1'], ['n2']] },
      { at: 4000, do: 'write', node: 'n2', key: 'x', value: '1' },
      { at: 6000, do: 'heal' },
    ],
  },
  'horde-singleton': {
    nodes: 2,
    seed: 0,
    until: 6500,
    steps: [
      { at: 1000, do: 'split', groups: [['n1'], ['n2']] },
      { at: 4000, do: 'write', node: 'n2', key: 'x', value: '1' },
      { at: 6000, do: 'heal' },
    ],
  },
  'horde-quorum-does-not-stop': {
    nodes: 3,
    seed: 0,
    until: 3000,
    steps: [{ at: 0, do: 'split', groups: [['n1'], ['n2', 'n3']] }],
  },
  'horde-quorum-of-visible-members': {
    nodes: 3,
    seed: 0,
    until: 12000,
    steps: [{ at: 4000, do: 'split', groups: [['n1', 'n2'], ['n3']] }],
  },
  'horde-conflict-swallowed': {
    nodes: 2,
    seed: 0,
    until: 12000,
    steps: [
      { at: 0, do: 'split', groups: [['n1'], ['n2']] },
      { at: 6000, do: 'heal' },
    ],
  },
  'mnesia-without-majority': {
    nodes: 2,
    seed: 0,
    until: 6000,
    steps: [
      { at: 0, do: 'split', groups: [['n1'], ['n2']] },
      { at: 3000, do: 'write', node: 'n1', key: 'x', value: '1' },
      { at: 6000, do: 'heal' },
    ],
  },
  'mnesia-restarted-after-partition': {
    nodes: 2,
    seed: 0,
    until: 3550,
    steps: [
      { at: 1000, do: 'split', groups: [['n1'], ['n2']] },
      { at: 2000, do: 'write', node: 'n2', key: 'x', value: '1' },
      { at: 2500, do: 'heal' },
      { at: 3500, do: 'crash', node: 'n2' },
      { at: 3500, do: 'restart', node: 'n2' },
    ],
  },
  'mnesia-reads-on-the-minority': {
    nodes: 3,
    seed: 0,
    until: 5050,
    steps: [
      { at: 2000, do: 'split', groups: [['n1'], ['n2', 'n3']] },
      { at: 2000, do: 'write', node: 'n2', key: 'x', value: '1' },
      { at: 5000, do: 'read', node: 'n1', key: 'x' },
    ],
  },
  'raft-local-reads': {
    nodes: 3,
    seed: 2,
    until: 1250,
    steps: [
      { at: 1180, do: 'write', node: 'n3', key: 'x', value: '1' },
      { at: 1200, do: 'read', node: 'n2', key: 'x' },
    ],
  },
  'lease-by-wall-clock': {
    nodes: 3,
    seed: 0,
    until: 1750,
    steps: [
      { at: 400, do: 'write', node: 'n3', key: 'x', value: '1' },
      { at: 500, do: 'split', groups: [['n1', 'n3'], ['n2']] },
      { at: 800, do: 'heal' },
      { at: 1000, do: 'clock', node: 'n2', jump: -625 },
      { at: 1000, do: 'split', groups: [['n1', 'n3'], ['n2']] },
      { at: 1500, do: 'write', node: 'n1', key: 'x', value: '2' },
      { at: 1700, do: 'read', node: 'n2', key: 'x' },
    ],
  },
  'lease-with-too-small-a-margin': {
    nodes: 3,
    seed: 296,
    until: 600,
    steps: [
      { at: 190, do: 'split', groups: [['n1', 'n2'], ['n3']] },
      { at: 190, do: 'drift', node: 'n3', rate: 0.25 },
      { at: 500, do: 'write', node: 'n2', key: 'x', value: '1' },
      { at: 550, do: 'read', node: 'n3', key: 'x' },
    ],
  },
};
