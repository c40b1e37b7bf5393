/** Strategies that look right until the network splits, a clock jumps or a node restarts; how each is broken, and where to look for it. */
import type { ScheduleFamily } from './schedule';
import { type Assessment, assess } from './simulate';
import type { Options, ProtocolName, Scenario } from './types';

/** A way to run a protocol that breaks its promise. */
export interface Strategy {
  /** Kebab-case. */
  readonly id: string;
  readonly title: string;
  readonly protocol: ProtocolName;
  readonly options: Options;
  /** What goes wrong, as a sentence. */
  readonly breach: string;
  /** Whether a run of this strategy shows the breach. */
  readonly broken: (assessment: Assessment, scenario: Scenario) => boolean;
  /** The choice that stands the same schedule; absent where this protocol has none. */
  readonly better?: Options;
  /** Where a search finds the breach. */
  readonly family: Omit<ScheduleFamily, 'protocol' | 'options'>;
}

/** Whether the scenario, run with this strategy, shows its breach, and with the better choice does not. */
export function breaks(strategy: Strategy, scenario: Scenario): boolean {
  const { protocol, options, better, broken } = strategy;
  const own = { ...scenario, protocol, options };
  if (!broken(assess(own), own)) return false;
  if (better === undefined) return true;
  const other = { ...scenario, protocol, options: better };
  return !broken(assess(other), other);
}

/** The family of random schedules for the strategy. */
export function familyOf({ protocol, options, family }: Strategy): ScheduleFamily {
  return { protocol, options, ...family };
}

/** Longer than the time in which all nodes notice a partition. */
const lasting = 2000;

function loses({ verdicts }: Assessment): boolean {
  return verdicts.lost.length > 0;
}

function readsStale({ verdicts }: Assessment): boolean {
  return verdicts.stale.length > 0;
}

/** A write is lost that was acknowledged long before the first crash, in a network that is in one piece again with everyone back. */
function losesLongAfterwards({ operations, verdicts }: Assessment, { steps }: Scenario): boolean {
  const crashes = steps.filter((step) => step.do === 'crash');
  const restarts = steps.filter((step) => step.do === 'restart');
  const everyoneBack = crashes.every(({ at, node }) => restarts.some((restart) => restart.node === node && restart.at >= at));
  const first = Math.min(...crashes.map(({ at }) => at));
  return (
    !verdicts.convergence.partitioned &&
    everyoneBack &&
    verdicts.lost.some((id) => (operations[id - 1]?.answeredAt ?? first) + 1000 <= first)
  );
}

/** Two led at once for longer than the time in which a partition is noticed. */
function leadsTwiceForLong({ verdicts }: Assessment): boolean {
  return verdicts.twoLeaders.some(({ from, to }) => to - from > lasting);
}

function losesAfterTwoLed(assessment: Assessment): boolean {
  return loses(assessment) && assessment.verdicts.twoLeaders.length > 0;
}

/** A network in one piece, and still not every copy has an acknowledged write. */
function staysDivergent({ verdicts }: Assessment): boolean {
  return verdicts.divergent.length > 0 && !verdicts.convergence.partitioned;
}

/** A write is lost to one that was asked for at least a tenth of a second earlier. */
function losesTheLaterWrite({ operations, verdicts }: Assessment): boolean {
  return verdicts.lost.some((id) => {
    const lost = operations[id - 1];
    return operations.some(({ fate, request }) => fate === 'kept' && lost !== undefined && request.at + 100 <= lost.request.at);
  });
}

/** More than one ran at the end, in a network that was in one piece again for long. */
function neverBecomesOne({ verdicts }: Assessment, { until, steps }: Scenario): boolean {
  const healed = Math.max(0, ...steps.map(({ at }) => at));
  return !verdicts.convergence.partitioned && verdicts.twoLeaders.some(({ to }) => to === until && until - healed > lasting);
}

const splits: Strategy['family'] = {
  nodes: [2, 5],
  steps: [3, 14],
  busy: 6000,
  quiet: 6000,
  requests: ['write', 'read'],
  faults: ['split', 'isolate'],
  keys: ['x'],
  networks: [{}],
  faultShare: 0.3,
};

const threeOrMore: Strategy['family'] = { ...splits, nodes: [3, 5] };

const counting: Strategy['family'] = { ...splits, requests: ['add', 'read'] };

const leases: Strategy['family'] = {
  ...splits,
  nodes: [3, 3],
  steps: [40, 60],
  busy: 2000,
  quiet: 500,
  faults: ['isolate', 'split', 'clock'],
  faultShare: 0.2,
};

/** All strategies that break, by protocol. */
export const strategies: readonly Strategy[] = [
  {
    id: 'leader-by-visibility',
    title: 'Whoever is first among the visible nodes leads',
    protocol: 'naive-election',
    options: {},
    breach: "Each side of a partition has its own leader; after the heal one side's acknowledged writes are gone.",
    broken: losesAfterTwoLed,
    family: splits,
  },
  {
    id: 'quorum-of-visible-nodes',
    title: 'A majority of the nodes that are visible now',
    protocol: 'quorum-election',
    options: { quorum: 'visible' },
    breach: 'Each side of a partition has a majority of itself and keeps its own leader.',
    broken: leadsTwiceForLong,
    better: { quorum: 'configured' },
    family: threeOrMore,
  },
  {
    id: 'half-is-a-quorum',
    title: 'Half of the cluster as a quorum: div(n, 2)',
    protocol: 'quorum-election',
    options: { quorum: 'half' },
    breach: 'In an even split both sides have half, and both keep a leader.',
    broken: leadsTwiceForLong,
    better: { quorum: 'configured' },
    family: { ...splits, nodes: [4, 4] },
  },
  {
    id: 'quorum-without-terms',
    title: 'A guarded election without terms, with writes copied later',
    protocol: 'quorum-election',
    options: { quorum: 'configured' },
    breach: 'Until both sides have noticed the partition there are two leaders, and what the old one acknowledged is lost.',
    broken: losesAfterTwoLed,
    family: threeOrMore,
  },
  {
    id: 'later-write-loses',
    title: 'Concurrent writes to one key of an AWLWW map',
    protocol: 'crdt-map',
    options: {},
    breach: 'Of two writes that did not see each other the one from the longest-running VM stays, though it was made first.',
    broken: losesTheLaterWrite,
    family: splits,
  },
  {
    id: 'one-way-neighbours',
    title: 'set_neighbours/2 called on one side only',
    protocol: 'crdt-map',
    options: { neighbours: 'one-way' },
    breach: 'A write reaches the neighbour, but nothing ever comes back: the copies never become equal.',
    broken: staysDivergent,
    better: { neighbours: 'mutual' },
    family: splits,
  },
  {
    id: 'get-and-put-counter',
    title: 'A counter under one key: get, add, put',
    protocol: 'counter',
    options: { keys: 'one' },
    breach: 'Increments made at the same time replace each other.',
    broken: loses,
    better: { keys: 'per-boot' },
    family: counting,
  },
  {
    id: 'counter-per-node-restarted',
    title: 'A counter with a key for each node',
    protocol: 'counter',
    options: { keys: 'per-node' },
    breach: 'A restarted node counts from nothing under the key that the others still hold for it: one of the two is lost.',
    broken: loses,
    better: { keys: 'per-boot' },
    family: { ...counting, faults: ['crash', 'bounce'] },
  },
  {
    id: 'wall-clock-timestamps',
    title: 'Last write wins by the wall clock',
    protocol: 'lww-register',
    options: { clock: 'wall' },
    breach: 'A node whose clock is behind cannot replace a value that it has seen: its acknowledged write vanishes at once.',
    broken: loses,
    better: { clock: 'hybrid' },
    family: { ...splits, faults: ['clock'] },
  },
  {
    id: 'hybrid-clock-timestamps',
    title: 'Last write wins by a hybrid logical clock',
    protocol: 'lww-register',
    options: { clock: 'hybrid' },
    breach: 'Of two writes that did not see each other one is lost without a word.',
    broken: loses,
    family: splits,
  },
  {
    id: 'global-default-resolver',
    title: 'A singleton registered with :global',
    protocol: 'global-name',
    options: { resolver: 'kill' },
    breach:
      'Each side of a partition starts its own process; when they meet, the one on the later-sorting node is killed with all that it has.',
    broken: losesAfterTwoLed,
    family: splits,
  },
  {
    id: 'horde-singleton',
    title: 'A singleton in Horde with UniformDistribution',
    protocol: 'horde',
    options: { distribution: 'uniform' },
    breach: 'Each side of a partition runs its own process; after the heal one exits with all that it has.',
    broken: losesAfterTwoLed,
    family: splits,
  },
  {
    id: 'horde-quorum-does-not-stop',
    title: 'A singleton in Horde with UniformQuorumDistribution',
    protocol: 'horde',
    options: { distribution: 'quorum', members: 'static' },
    breach: 'The side that lost its quorum starts nothing, but the process that ran there runs on beside the new one of the other side.',
    broken: leadsTwiceForLong,
    family: threeOrMore,
  },
  {
    id: 'horde-quorum-of-visible-members',
    title: 'UniformQuorumDistribution with members: :auto',
    protocol: 'horde',
    options: { distribution: 'quorum', members: 'auto' },
    breach: 'The list of members shrinks with the partition, so that the minority has a quorum of itself and starts a second process.',
    broken: leadsTwiceForLong,
    better: { distribution: 'quorum', members: 'static' },
    family: threeOrMore,
  },
  {
    id: 'horde-conflict-swallowed',
    title: 'A singleton in Horde that traps exits and ignores the name conflict',
    protocol: 'horde',
    options: { conflict: 'swallowed' },
    breach: 'After the heal both processes run on, one of them unregistered.',
    broken: neverBecomesOne,
    better: { conflict: 'exits' },
    family: splits,
  },
  {
    id: 'mnesia-without-majority',
    title: 'A Mnesia table without majority',
    protocol: 'mnesia',
    options: { majority: 'false' },
    breach: 'Both sides of a partition write on, and after the heal the copies stay different for good.',
    broken: staysDivergent,
    better: { majority: 'true' },
    family: splits,
  },
  {
    id: 'mnesia-restarted-after-partition',
    title: 'A Mnesia node restarted after a partition',
    protocol: 'mnesia',
    options: { majority: 'false' },
    breach: "The restarted node takes over the other side's table: what was acknowledged on its own side is gone.",
    broken: losesLongAfterwards,
    better: { majority: 'true' },
    family: { ...splits, nodes: [2, 3], steps: [6, 14], faults: ['isolate', 'bounce'], faultShare: 0.5 },
  },
  {
    id: 'mnesia-reads-on-the-minority',
    title: 'A Mnesia table with majority, read on the smaller side',
    protocol: 'mnesia',
    options: { majority: 'true' },
    breach: 'Only writes need the majority: the smaller side answers reads from a copy that is behind.',
    broken: readsStale,
    family: threeOrMore,
  },
  {
    id: 'raft-local-reads',
    title: 'Raft read from the local copy',
    protocol: 'raft',
    options: { reads: 'local' },
    breach: 'A follower answers from its own copy and misses a write that was already acknowledged.',
    broken: readsStale,
    better: { reads: 'quorum' },
    family: { ...threeOrMore, busy: 2000, quiet: 1000 },
  },
  {
    id: 'lease-by-wall-clock',
    title: 'A leader lease measured with the wall clock',
    protocol: 'raft',
    options: { reads: 'wall-clock-lease' },
    breach: 'The clock of a cut-off leader jumps back, its lease seems to run on, and it answers reads that the new leader has overtaken.',
    broken: readsStale,
    better: { reads: 'lease' },
    family: leases,
  },
  {
    id: 'lease-with-too-small-a-margin',
    title: 'A leader lease on a clock that drifts more than its margin',
    protocol: 'raft',
    options: { reads: 'lease' },
    breach:
      "The leader's clock runs so slow that its lease outlives the others' patience: it answers reads that the new leader has overtaken.",
    broken: readsStale,
    better: { reads: 'quorum' },
    family: { ...leases, faults: ['isolate', 'split', 'wild-drift'] },
  },
];
