import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { Protocol } from '../../core/design/simulate/protocol';
import { type RaftDisk, type RaftMessage, raft, raftRules, raftWith } from '../../core/design/simulate/protocols/raft';
import { randomSchedule, roughNetworks, type ScheduleFamily } from '../../core/design/simulate/schedule';
import { search } from '../../core/design/simulate/search';
import { shrink } from '../../core/design/simulate/shrink';
import { type Assessment, assessWith, simulate } from '../../core/design/simulate/simulate';
import { stories, tellStory } from '../../core/design/simulate/stories';
import type { Scenario } from '../../core/design/simulate/types';

type Raft = Protocol<RaftMessage, RaftDisk>;

/** Everything at once, on networks from calm to hopeless. */
const rough: ScheduleFamily = {
  protocol: 'raft',
  options: { batch: '1' },
  nodes: [2, 5],
  steps: [4, 12],
  busy: 1500,
  quiet: 500,
  requests: ['write', 'add', 'read'],
  faults: ['split', 'isolate', 'cut', 'one-way', 'crash', 'bounce', 'freeze', 'clock', 'drift'],
  keys: ['x', 'y'],
  networks: roughNetworks,
  faultShare: 0.5,
};

/** Three nodes that change their leader all the time, with entries that travel slowly and one by one. */
const churn: ScheduleFamily = {
  ...rough,
  nodes: [3, 3],
  steps: [25, 40],
  busy: 4000,
  requests: ['write', 'read'],
  faults: ['isolate', 'one-way', 'bounce'],
  keys: ['x'],
  networks: [{ latency: [50, 100] }],
};

/** Nodes that crash and come back within an election. */
const bounces: ScheduleFamily = { ...rough, nodes: [3, 4], busy: 1000, faults: ['bounce'], networks: [{ latency: [20, 120] }] };

/** Clients that read and write all the time, while leaders are cut off and clocks go wrong. */
const leases: ScheduleFamily = {
  ...rough,
  options: { reads: 'lease' },
  nodes: [3, 3],
  steps: [40, 60],
  busy: 2000,
  requests: ['write', 'read'],
  faults: ['isolate', 'split', 'cut', 'clock', 'drift', 'freeze', 'bounce'],
  keys: ['x'],
  networks: [{}, { latency: [10, 40] }],
  faultShare: 0.2,
};

/** Links of leaders that break, and voters that restart, while clocks drift: who holds the lease, and who thinks so? */
const handovers: ScheduleFamily = { ...leases, steps: [20, 40], faults: ['cut', 'bounce', 'drift'], networks: [{}], faultShare: 0.6 };

/** A network that is calm when nothing is cut: here everything must be in order again in the end. */
const calm: ScheduleFamily = { ...rough, options: {}, nodes: [1, 9], quiet: 2500, networks: [{}] };

function unsafe({ verdicts }: Assessment): boolean {
  const { safety, twoLeaders, lost, divergent, refusedKept, stale } = verdicts;
  return [safety, twoLeaders, lost, divergent, refusedKept, stale].some((breaches) => breaches.length > 0);
}

/** Runs `count` schedules of the family from seed 1; a failure names its seed and prints the schedule, shrunk. */
function holds(t: TestContext, family: ScheduleFamily, count: number, fails: (assessment: Assessment) => boolean): void {
  const start = performance.now();
  let accepted = 0;
  const broken = (scenario: Scenario): boolean => {
    const assessment = assessWith(raft, scenario);
    accepted += assessment.operations.filter(({ outcome }) => outcome === 'accepted').length;
    return fails(assessment);
  };
  const found = search(family, 1, count, broken);
  if (found !== undefined) {
    const shrunk = shrink(found.scenario, family.nodes[0], broken);
    assert.fail(
      `Seed ${found.seed} breaks Raft: ${JSON.stringify(assessWith(raft, shrunk).verdicts)}\nThe schedule, shrunk: ${JSON.stringify(shrunk)}`,
    );
  }
  t.diagnostic(`${Math.round((1000 * count) / (performance.now() - start))} schedules a second, ${accepted} requests accepted`);
  assert.ok(accepted > count / 2, `only ${accepted} requests were accepted in ${count} schedules: they prove nothing`);
}

test('Raft is safe over 4,000 random schedules on rough networks', (t) => holds(t, rough, 4000, unsafe));

test('Raft is safe over 3,000 random schedules of leaders that come and go', (t) => holds(t, churn, 3000, unsafe));

test('Raft is safe over 1,500 random schedules of nodes that crash and come back at once', (t) => holds(t, bounces, 1500, unsafe));

test('Raft is safe over 1,500 random schedules with leader leases, clock jumps, drift within the margin and pauses', (t) =>
  holds(t, leases, 1500, unsafe));

test('Raft has one holder of the lease at a time over 2,000 random schedules of broken links, restarts and drift', (t) =>
  holds(t, handovers, 2000, unsafe));

test('Raft is safe and all its copies are equal in the end over 2,000 random schedules of 1 to 9 nodes', (t) =>
  holds(t, calm, 2000, (assessment) => unsafe(assessment) || !assessment.verdicts.convergence.converged));

/** Raft whose nodes find something else on disk than they wrote. */
function withDisk(change: (disk: RaftDisk) => RaftDisk): Raft {
  return { ...raft, start: (host, options, disk) => raft.start(host, options, disk && change(disk)) };
}

interface Mutant {
  readonly what: string;
  readonly protocol: Raft;
  readonly family: ScheduleFamily;
  /** Which of the four properties, or which promise to clients, it breaks. */
  readonly breaks: RegExp;
}

const mutants: readonly Mutant[] = [
  {
    what: 'takes half of the nodes, div(n, 2), for a quorum',
    protocol: raftWith({ ...raftRules, quorum: (nodes) => Math.floor(nodes / 2) }),
    family: rough,
    breaks: /^Election safety/,
  },
  {
    what: 'commits entries of older terms by counting copies',
    protocol: raftWith({ ...raftRules, mayCommit: () => true }),
    family: churn,
    breaks: /^Leader completeness|^State machine safety/,
  },
  {
    what: 'forgets its vote in a crash',
    protocol: withDisk((disk) => ({ ...disk, votedFor: undefined })),
    family: bounces,
    breaks: /^Election safety/,
  },
  {
    what: 'forgets its term in a crash',
    protocol: withDisk((disk) => ({ ...disk, term: 0, votedFor: undefined })),
    family: bounces,
    breaks: /^Election safety/,
  },
  {
    what: 'loses the last entry of its log in a crash',
    protocol: withDisk((disk) => ({ ...disk, log: disk.log.slice(0, -1) })),
    family: rough,
    breaks: /^Leader completeness|^State machine safety/,
  },
  {
    what: 'votes for a candidate whose log is behind',
    protocol: raftWith({ ...raftRules, mayVote: () => true }),
    family: rough,
    breaks: /^Leader completeness/,
  },
  {
    what: 'compares logs by their length alone',
    protocol: raftWith({ ...raftRules, mayVote: (_candidateTerm, candidateLength, _ownTerm, ownLength) => candidateLength >= ownLength }),
    family: churn,
    breaks: /^Leader completeness/,
  },
  {
    what: 'appends without looking at the entry before',
    protocol: raftWith({ ...raftRules, fits: () => true }),
    family: rough,
    breaks: /^Log matching/,
  },
  {
    what: 'cuts its log behind every entry that it receives',
    protocol: raftWith({ ...raftRules, givesWay: () => true }),
    family: churn,
    breaks: /^Leader completeness|^State machine safety/,
  },
  {
    what: 'keeps entries that contradict the leader',
    protocol: raftWith({ ...raftRules, givesWay: () => false }),
    family: rough,
    breaks: /^State machine safety/,
  },
];

for (const { what, protocol, family, breaks } of mutants) {
  test(`The same search finds a Raft that ${what}, within 3,000 schedules`, () => {
    const found = search(family, 1, 3000, (scenario) =>
      assessWith(protocol, scenario).verdicts.safety.some((breach) => breaks.test(breach)),
    );
    assert.ok(found, 'not found: the search or the monitor is blind to it');
  });
}

test('The same search finds a lease longer than the election time-out, within 3,000 schedules', () => {
  const protocol = raftWith({ ...raftRules, lease: (shortest) => 2 * shortest });
  assert.ok(
    search(leases, 1, 3000, (scenario) => assessWith(protocol, scenario).verdicts.stale.length > 0),
    'stale reads are not seen',
  );
  assert.ok(
    search(handovers, 1, 3000, (scenario) => assessWith(protocol, scenario).verdicts.twoLeaders.length > 0),
    'two leases are not seen',
  );
});

test('The same search finds voters that help to replace a leader whose lease runs, within 3,000 schedules', () => {
  const protocol = raftWith({ ...raftRules, mayReplace: () => true });
  const found = search(handovers, 1, 3000, (scenario) => assessWith(protocol, scenario).verdicts.twoLeaders.length > 0);
  assert.ok(found, 'not found: two leases are not seen');
});

test('A schedule that breaks a mutant is shrunk to a few steps, and breaks it still', () => {
  const protocol = raftWith({ ...raftRules, quorum: (nodes) => Math.floor(nodes / 2) });
  const fails = (scenario: Scenario): boolean => assessWith(protocol, scenario).verdicts.safety.length > 0;
  const found = search(rough, 1, 3000, fails);
  assert.ok(found);
  const shrunk = shrink(found.scenario, 2, fails);
  assert.ok(fails(shrunk));
  assert.ok(shrunk.steps.length <= 1, JSON.stringify(shrunk));
  assert.deepEqual(shrink(shrunk, 2, fails), shrunk);
});

test('The same seed gives the same schedule and the same trace, another seed another one', () => {
  const scenario = randomSchedule(rough, 7);
  assert.deepEqual(randomSchedule(rough, 7), scenario);
  assert.deepEqual(simulate(scenario), simulate(JSON.parse(JSON.stringify(scenario))));
  assert.notDeepEqual(randomSchedule(rough, 8), scenario);
});

test('In a split of five the majority goes on, the minority with the old leader accepts nothing, and nothing is lost', () => {
  const story = stories.find(({ id }) => id === 'majority-split');
  assert.ok(story);
  const { operations, verdicts, frames } = simulate(tellStory(story, 'raft'));
  const split = verdicts.availability.filter(({ from, asked }) => from === 2000 && asked > 0);
  assert.deepEqual(
    split.map(({ side, accepted }) => [side.length, accepted > 0]),
    [
      [2, false],
      [3, true],
    ],
  );
  assert.deepEqual([verdicts.lost, verdicts.stale, verdicts.safety, verdicts.convergence.converged], [[], [], [], true]);
  const during = frames.filter(({ at }) => at > 4000 && at < 7000).at(-1);
  const leaders = during?.nodes.filter(({ role }) => role === 'leader').map(({ term }) => term);
  assert.equal(leaders?.length, 2, 'the old leader does not know that it is one no more');
  assert.notEqual(leaders?.[0], leaders?.[1]);
  assert.deepEqual(
    operations.filter(({ request }) => request.at > 9000).map(({ outcome, value }) => [outcome, value]),
    [
      ['accepted', '5'],
      ['accepted', '5'],
    ],
  );
});

test('In an even split of four no side accepts a write until the network heals', () => {
  const story = stories.find(({ id }) => id === 'even-split');
  assert.ok(story);
  const { operations, verdicts } = simulate(tellStory(story, 'raft'));
  const during = operations.filter(({ request }) => request.at >= 2000 && request.at < 7000);
  assert.equal(during.filter(({ outcome }) => outcome === 'accepted').length, 0);
  assert.deepEqual([verdicts.lost, verdicts.refusedKept, verdicts.safety, verdicts.convergence.converged], [[], [], [], true]);
  assert.ok(operations.filter(({ request }) => request.at > 9000).every(({ outcome }) => outcome === 'accepted'));
});

test('A request without an answer may have happened: the client of a leader that is cut off learns nothing', () => {
  const quiet: Scenario = { protocol: 'raft', nodes: 3, seed: 1, until: 3000, steps: [] };
  const leader = simulate({ ...quiet, until: 900 })
    .frames.at(-1)
    ?.nodes.find(({ role }) => role === 'leader')?.name;
  assert.ok(leader);
  const others = ['n1', 'n2', 'n3'].filter((name) => name !== leader);
  const write = { at: 1000, do: 'write', node: leader, key: 'x', value: '1' } as const;
  const cutAt = (at: number): Scenario => ({
    ...quiet,
    steps: [write, { at, do: 'split', groups: [[leader], others] }, { at: 2500, do: 'heal' }],
  });
  const results = [1000, 1004, 1008, 1012].map((at) => simulate(cutAt(at)).operations[0]);
  const seen = new Set(results.map((operation) => `${operation?.outcome} ${operation?.fate}`));
  assert.ok(seen.has('unknown absent'), [...seen].join(', '));
  assert.ok(seen.has('unknown kept'), [...seen].join(', '));
});
