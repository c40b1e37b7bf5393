/** "The leader is gone, so I lead": every side of a partition finds a leader. */
import type { Protocol } from '../protocol';
import { type ElectionMessage, startElection } from './election';

/** The election without any guard. */
export const naiveElection: Protocol<ElectionMessage, undefined> = {
  name: 'naive-election',
  title: 'Election by visibility',
  summary:
    'When the leader cannot be seen any more, the first of the visible nodes leads. A partition looks the same as a dead leader: ' +
    "each side has its own leader, both take writes, and after the heal one side's are thrown away.",
  requests: ['write', 'add', 'read'],
  options: [],
  transport: 'distribution',
  keeping: () => 'all',
  start: (host) => startElection(host, () => true),
};
