import assert from 'node:assert/strict';
import test from 'node:test';
import { parseAnswers } from '../../core/design/answers';
import { decideCluster, fullMeshLimit, hyparviewConnections, libclusterDiscovery, meshConnections } from '../../core/design/clustering';
import { type ClassDecision, type Decision, decide } from '../../core/design/decide';
import { failureModes } from '../../core/design/failureModes';
import { beamDriftPpm, fenceAdmits, leaseSchedule } from '../../core/design/lease';
import type { OptionId } from '../../core/design/option';
import { optionOf, options } from '../../core/design/options';
import { type ClassAnswers, type ClusterAnswers, kindChoices, platformChoices, questions } from '../../core/design/questions';
import {
  blockingFailures,
  hasQuorum,
  majority,
  membershipPath,
  type Quorum,
  quorumTable,
  readsSeeWrites,
  recommendedVoters,
  toleratedFailures,
  writesAreOrdered,
} from '../../core/design/quorum';

/** Answers as a file would give them: every golden case starts from what a user writes. */
function decided(cluster: ClusterAnswers, answers: ClassAnswers): { decision: Decision; first: ClassDecision } {
  const { design, errors } = parseAnswers({ cluster, classes: [{ name: 'it', ...answers }] });
  assert.deepEqual(errors, []);
  const decision = decide(design);
  return { decision, first: decision.classes[0]! };
}

function fitOf(first: ClassDecision, option: OptionId): number {
  const found = first.ranked.find((one) => one.option === option);
  assert.ok(found, `${option} is considered`);
  return found.fit;
}

function isVetoed(first: ClassDecision, option: OptionId): boolean {
  const found = first.ranked.find((one) => one.option === option);
  assert.ok(found, `${option} is considered`);
  return found.vetoes.length > 0;
}

interface Golden {
  readonly name: string;
  readonly cluster: ClusterAnswers;
  readonly answers: ClassAnswers;
  readonly recommended?: readonly OptionId[];
  readonly second?: OptionId;
  readonly vetoed?: readonly OptionId[];
  /** Lowest and highest fit. */
  readonly fits?: Partial<Record<OptionId, readonly [number, number]>>;
  readonly refusal?: RegExp;
  readonly also?: (first: ClassDecision, decision: Decision) => void;
}

const golden: readonly Golden[] = [
  {
    name: 'inventory, 5 nodes, one data centre, never oversell',
    cluster: { size: 5, geography: 'one-data-centre' },
    answers: { kind: 'inventory', invariants: ['never-negative'] },
    recommended: ['ra'],
    vetoed: ['delta-crdt', 'lww-register', 'mnesia'],
    fits: { ra: [8, 10], 'delta-crdt': [0, 3] },
    also: (first) => {
      const modes = new Map(failureModes(optionOf('ra'), first.situation).map((mode) => [mode.id, mode]));
      assert.match(modes.get('tolerated-down')!.event, /2 of 5/);
      assert.equal(modes.get('tolerated-down')!.available, 'yes');
      assert.match(modes.get('majority-down')!.event, /3 of 5/);
      assert.equal(modes.get('majority-down')!.available, 'no');
      assert.match(modes.get('majority-down')!.happens, /That is right/);
      assert.equal(modes.get('partition-majority')!.available, 'yes');
      assert.equal(modes.get('partition-minority')!.available, 'no');
    },
  },
  {
    name: 'shopping cart, offline use, eventual is fine',
    cluster: { size: 3 },
    answers: { kind: 'cart', offline: true, consistency: 'eventual' },
    recommended: ['delta-crdt'],
    vetoed: ['ra'],
    fits: { 'delta-crdt': [9, 10], ra: [0, 3] },
  },
  {
    name: 'money transfers with Postgres present',
    cluster: { size: 3, present: ['phoenix', 'postgres'] },
    answers: { kind: 'money', consistency: 'linearizable', invariants: ['never-negative', 'sum-conserved'] },
    recommended: ['postgres'],
    second: 'ra',
    vetoed: ['delta-crdt'],
  },
  {
    name: 'likes counter',
    cluster: { size: 3 },
    answers: { kind: 'counter', conflicts: 'commutative' },
    recommended: ['delta-crdt'],
    fits: { 'delta-crdt': [9, 10], ra: [0, 4.5] },
    also: (first) => assert.ok(first.notes.some((note) => note.includes('One key per node'))),
  },
  {
    name: 'presence list in Phoenix',
    cluster: { size: 4, present: ['phoenix', 'postgres'] },
    answers: { kind: 'presence' },
    recommended: ['phoenix-tracker'],
  },
  { name: 'configuration, 3 nodes', cluster: { size: 3 }, answers: { kind: 'configuration' }, recommended: ['ra', 'khepri'] },
  {
    name: 'nightly job, exactly one runner, Oban present',
    cluster: { size: 3, present: ['postgres', 'oban'] },
    answers: { kind: 'job', invariants: ['one-holder'] },
    recommended: ['oban'],
    vetoed: ['global', 'highlander', 'horde-uniform', 'horde-quorum', 'syn'],
    also: (first) => {
      const global = first.ranked.find((one) => one.option === 'global')!;
      assert.match(global.vetoes[0]!.reason, /each side of a split/);
      assert.match(
        failureModes(optionOf('global'), first.situation).find((mode) => mode.id === 'partition-minority')!.clientSees,
        /two at once/,
      );
    },
  },
  {
    name: 'leader election, 2 nodes',
    cluster: { size: 2 },
    answers: { kind: 'leader' },
    refusal: /majority of 2 is 2, so they tolerate 0 .*majority of 3 is 2, and one may fail/,
    vetoed: ['ra-leader', 'global'],
  },
  {
    name: '3 regions, 180 ms, strong',
    cluster: { size: 9, geography: 'regions', roundTripMs: 180 },
    answers: { consistency: 'linearizable' },
    recommended: ['multi-raft'],
    also: (first, decision) => {
      assert.deepEqual(
        [first.latency?.writeNearMs, first.latency?.writeFarMs, first.latency?.readNearMs, first.latency?.readFarMs],
        [180, 360, 0, 180],
      );
      assert.match(first.latency!.explanation, /180 ms.*360 ms.*Place each leader/);
      assert.equal(decision.cluster.topology, 'regions');
    },
  },
  {
    name: '3 regions, 180 ms, strong, for stock',
    cluster: { size: 9, geography: 'regions', roundTripMs: 180 },
    answers: { kind: 'inventory', consistency: 'linearizable' },
    recommended: ['multi-raft'],
  },
  {
    name: 'session cache with sticky routing',
    cluster: { size: 3 },
    answers: { kind: 'session', routing: 'sticky' },
    recommended: ['local-cache'],
    also: (first) => assert.ok(first.notes.some((note) => note.startsWith('No replication'))),
  },
  {
    name: 'cache with sticky routing',
    cluster: { size: 3 },
    answers: { kind: 'cache', routing: 'sticky' },
    recommended: ['local-cache'],
  },
  {
    name: 'collaborative document',
    cluster: { size: 3, present: ['phoenix'] },
    answers: { kind: 'document' },
    recommended: ['document-crdt'],
    also: (first) =>
      assert.ok(first.notes.some((note) => note.includes('delta_crdt has no text or sequence type') && note.includes('y_ex'))),
  },
  {
    name: 'all answers unknown',
    cluster: {},
    answers: {},
    refusal: /Too little is known/,
    also: (first) => {
      assert.equal(first.open.length, 3);
      assert.equal(first.open[0]!.question, 'kind');
    },
  },
];

for (const one of golden) {
  test(`golden case: ${one.name}`, () => {
    const { decision, first } = decided(one.cluster, one.answers);
    if (one.recommended) {
      assert.ok(first.recommended, first.refusal);
      assert.ok(one.recommended.includes(first.recommended.option), `${first.recommended.option} is recommended`);
      assert.equal(first.refusal, undefined);
      assert.ok(first.because.length > 0);
    }
    if (one.refusal) {
      assert.equal(first.recommended, undefined);
      assert.match(first.refusal ?? '', one.refusal);
    }
    if (one.second) assert.equal(first.runnerUp?.option, one.second);
    for (const option of one.vetoed ?? []) {
      assert.ok(isVetoed(first, option), `${option} is ruled out`);
      assert.ok(fitOf(first, option) <= 3);
    }
    for (const [option, [lowest, highest]] of Object.entries(one.fits ?? {})) {
      const fit = fitOf(first, option as OptionId);
      assert.ok(lowest <= fit && fit <= highest, `${option} has ${fit}`);
    }
    one.also?.(first, decision);
  });
}

test('120 trusted nodes: HyParView, and the full mesh is ruled out by its 7,140 connections', () => {
  const cluster = decideCluster({ size: 120, network: 'trusted' });
  assert.equal(cluster.topology, 'hyparview');
  assert.equal(cluster.meshConnections, 7_140);
  assert.equal(cluster.hyparviewConnections, 360);
  assert.match(cluster.alternatives.find((one) => one.topology === 'full-mesh')?.veto ?? '', /7,140 connections/);
  assert.ok(cluster.migration.length > 0);
});

test('an untrusted network: Partisan with TLS, and distributed Erlang is ruled out because a cookie is no security boundary', () => {
  const cluster = decideCluster({ size: 5, network: 'untrusted', geography: 'regions', platform: 'static-hosts' });
  assert.equal(cluster.topology, 'untrusted');
  assert.match(cluster.alternatives.find((one) => one.topology === 'full-mesh')?.veto ?? '', /cookie is not a security boundary/);
  assert.match(cluster.discovery?.config ?? '', /tls: true/);
  assert.doesNotMatch(cluster.discovery?.config ?? '', /Partisan\.PeerService|partisan_default/);
});

test('the matrix has its boundaries where it says', () => {
  assert.equal(decideCluster({ size: fullMeshLimit.value }).topology, 'full-mesh');
  assert.equal(decideCluster({ size: fullMeshLimit.value + 1 }).topology, 'hyparview');
  assert.equal(decideCluster({ size: 3, projectedSize: 200 }).topology, 'hyparview');
  assert.deepEqual(decideCluster({ size: 39 }).migration, []);
  assert.ok(decideCluster({ size: 40 }).migration.length > 0);
  assert.equal(decideCluster({}).topology, 'full-mesh');
  assert.ok(fullMeshLimit.sources.length > 0);
});

test('a topology other than the mesh says what it means for libraries that need distributed Erlang', () => {
  const { first } = decided({ size: 120 }, { kind: 'inventory' });
  assert.equal(first.recommended?.option, 'ra');
  assert.ok(first.notes.some((note) => note.includes('not over Partisan') && note.includes('voters')));
});

test('every platform has a strategy with its required keys in the configuration', () => {
  for (const { id } of platformChoices) {
    const found = libclusterDiscovery(id, 'shop');
    assert.ok(found.config.includes(found.strategy), id);
    for (const { key, example } of found.required) assert.ok(found.config.includes(`${key}: ${example}`), `${id} ${key}`);
    assert.ok(found.required.length > 0 || id === 'local', id);
    assert.doesNotMatch(found.config, /poll_interval|my_app/);
  }
  assert.deepEqual(
    libclusterDiscovery('kubernetes-dns').required.map(({ key }) => key),
    ['service', 'application_name'],
  );
  assert.deepEqual(
    libclusterDiscovery('kubernetes-statefulset').required.map(({ key }) => key),
    ['service', 'application_name', 'namespace'],
  );
  assert.deepEqual(
    libclusterDiscovery('fly').required.map(({ key }) => key),
    ['query', 'node_basename'],
  );
});

test('connections of a full mesh and of HyParView', () => {
  assert.deepEqual([1, 2, 3, 50, 1_000_000].map(meshConnections), [0, 1, 3, 1_225, 499_999_500_000]);
  assert.deepEqual(
    [1, 2, 7, 120].map((n) => hyparviewConnections(n)),
    [0, 1, 21, 360],
  );
  for (const n of [0, -1, 1.5, Number.NaN]) {
    assert.ok(Number.isNaN(meshConnections(n)));
    assert.ok(Number.isNaN(hyparviewConnections(n)));
  }
});

test('majority and tolerance', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6, 7].map(majority), [1, 2, 2, 3, 3, 4, 4]);
  assert.deepEqual([1, 2, 3, 4, 5, 6, 7].map(toleratedFailures), [0, 0, 1, 1, 2, 2, 3]);
  assert.equal(majority(1_000_000), 500_001);
  for (let n = 1; n <= 100; n++) {
    assert.equal(majority(n) + toleratedFailures(n), n);
    assert.ok(2 * majority(n) > n);
    assert.ok(2 * (majority(n) - 1) <= n);
    assert.equal(n - blockingFailures(n), majority(n) - 1);
    assert.ok(hasQuorum(n, n) && !hasQuorum(Math.floor(n / 2), n));
  }
});

test('sizes that make no sense never have a quorum', () => {
  for (const n of [0, -1, -5, 2.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) {
    assert.ok(Number.isNaN(majority(n)), String(n));
    assert.ok(Number.isNaN(toleratedFailures(n)));
    assert.ok(Number.isNaN(recommendedVoters(n)));
    assert.equal(hasQuorum(5, n), false);
    assert.deepEqual(quorumTable([n]), []);
    assert.deepEqual(membershipPath(n, 3).steps, []);
    assert.equal(readsSeeWrites({ n, r: 1, w: 1 }), false);
  }
  assert.equal(readsSeeWrites({ n: 3, r: 0, w: 4 }), false);
  assert.equal(writesAreOrdered({ n: 3, r: 1, w: 4 }), false);
});

/** All sets of `size` members of `n`, as bits. */
function setsOf(n: number, size: number): readonly number[] {
  return Array.from({ length: 2 ** n }, (_, bits) => bits).filter(
    (bits) => [...bits.toString(2)].filter((bit) => bit === '1').length === size,
  );
}

test('r + w > n exactly when all read sets meet all write sets, for every n up to 7', () => {
  let configurations = 0;
  for (let n = 1; n <= 7; n++) {
    for (let r = 1; r <= n; r++) {
      for (let w = 1; w <= n; w++) {
        const quorum: Quorum = { n, r, w };
        const writers = setsOf(n, w);
        assert.equal(
          readsSeeWrites(quorum),
          setsOf(n, r).every((readers) => writers.every((set) => (readers & set) !== 0)),
          JSON.stringify(quorum),
        );
        assert.equal(
          writesAreOrdered(quorum),
          writers.every((one) => writers.every((other) => (one & other) !== 0)),
          JSON.stringify(quorum),
        );
        configurations++;
      }
    }
  }
  assert.equal(configurations, 140);
});

test('neighbouring configurations of a membership change share a member in all their majorities', () => {
  for (let n = 1; n <= 6; n++) {
    for (const one of setsOf(n, majority(n))) {
      for (const other of setsOf(n + 1, majority(n + 1))) assert.notEqual(one & other, 0);
    }
  }
  assert.deepEqual(
    membershipPath(3, 5).steps.map(({ action, from, to }) => [action, from, to]),
    [
      ['add', 3, 4],
      ['add', 4, 5],
    ],
  );
  assert.deepEqual(
    membershipPath(5, 4).steps.map(({ action, majority: need }) => [action, need]),
    [['remove', 3]],
  );
  const long = membershipPath(1, 1_000_000);
  assert.equal(long.steps.length + long.omitted, 999_999);
});

test('voters are odd, at most five, and never more than there are nodes', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6, 7, 120].map(recommendedVoters), [1, 2, 3, 3, 5, 5, 5, 5]);
  assert.match(quorumTable([2])[0]!.note, /third voter/);
  assert.match(quorumTable([4])[0]!.note, /no more than 3/);
  assert.equal(quorumTable([5])[0]!.note, '');
});

test('a lease: the holder has stopped before the grantor grants anew, for all clocks within the drift', () => {
  const pauseMs = 300;
  for (const durationMs of [2_000, 10_000, 60_000]) {
    for (const driftPpm of [0, 500, beamDriftPpm]) {
      const lease = leaseSchedule({ durationMs, driftPpm, pauseMs, roundTripMs: 5 });
      assert.ok(lease);
      const rate = driftPpm / 1_000_000;
      for (const holder of [1 - rate, 1, 1 + rate]) {
        for (const grantor of [1 - rate, 1, 1 + rate]) {
          const lastWorkEnds = lease.holderStopsMs / holder + pauseMs;
          assert.ok(lastWorkEnds <= lease.grantorWaitsMs / grantor + 1e-6, `${durationMs} ${driftPpm} ${holder} ${grantor}`);
        }
      }
      assert.ok(3 * lease.renewEveryMs <= lease.holderStopsMs);
      assert.ok(lease.takeoverWithinMs >= durationMs);
    }
  }
});

test('a lease that leaves no time to work is refused', () => {
  assert.equal(leaseSchedule({ durationMs: 100, driftPpm: beamDriftPpm, pauseMs: 200, roundTripMs: 1 }), undefined);
  assert.equal(leaseSchedule({ durationMs: 0, driftPpm: 0, pauseMs: 0, roundTripMs: 0 }), undefined);
  assert.equal(leaseSchedule({ durationMs: Number.NaN, driftPpm: 0, pauseMs: 0, roundTripMs: 0 }), undefined);
  assert.equal(leaseSchedule({ durationMs: 1_000, driftPpm: 1_000_000, pauseMs: 0, roundTripMs: 0 }), undefined);
  assert.ok(fenceAdmits(3, 3) && fenceAdmits(3, 4) && !fenceAdmits(3, 2));
});

test('the fit of a table is the sum that its reader makes by hand', () => {
  for (const { cluster, answers } of golden) {
    for (const one of decided(cluster, answers).first.ranked) {
      const points = one.criteria.reduce((sum, row) => sum + row.points, 0);
      const weight = one.criteria.reduce((sum, row) => sum + row.weight, 0);
      const fit = Math.round((100 * points) / weight) / 10;
      assert.ok(Math.abs(one.points - points) < 1e-9);
      assert.equal(one.weight, weight);
      assert.equal(one.fit, one.vetoes.length > 0 ? Math.min(3, fit) : fit);
      for (const row of one.criteria) {
        assert.ok(row.points >= 0 && row.points <= row.weight);
        assert.match(row.why, /^[A-Z“`0-9].*\.$/s);
      }
    }
  }
});

test('what you run already decides close calls, and says so', () => {
  const { first } = decided({ size: 3, present: ['phoenix', 'postgres'] }, { kind: 'configuration', consistency: 'linearizable' });
  assert.equal(first.recommended?.option, 'postgres');
  assert.ok(fitOf(first, 'khepri') > fitOf(first, 'postgres'));
  assert.match(first.tie ?? '', /You already run Ecto with Postgres/);
  const tied = decided({ size: 3, present: ['redis'] }, { kind: 'session', routing: 'any-node' }).first;
  assert.equal(tied.recommended?.option, 'redis-fencing');
});

test('two nodes with a database present let the database decide', () => {
  assert.equal(decided({ size: 2, present: ['postgres'] }, { kind: 'leader' }).first.recommended?.option, 'postgres-lock');
  assert.match(decided({ size: 1 }, { kind: 'leader' }).first.refusal ?? '', /One node has nobody to agree with/);
  assert.equal(decided({ size: 2, projectedSize: 5 }, { kind: 'leader' }).first.recommended?.option, 'ra-leader');
});

test('sensitivity names the load at which the answer changes', () => {
  const { first } = decided({ size: 5, geography: 'one-data-centre' }, { kind: 'inventory', writesPerSecond: 200 });
  const flip = first.sensitivity.find((one) => one.question === 'present');
  assert.ok(flip);
  assert.equal(flip.to, 'postgres');
  assert.match(flip.sentence, /the answer becomes Postgres/);
  const load = first.sensitivity.find((one) => one.question === 'writesPerSecond');
  assert.ok(load);
  assert.match(load.sentence, /became 5,001 writes\/s.*the answer becomes/);
});

test('contradictory answers are refused by name', () => {
  const { decision, first } = decided({ size: 3 }, { kind: 'cart', consistency: 'linearizable', partition: 'serve-both-sides' });
  assert.equal(first.recommended, undefined);
  assert.match(first.refusal ?? '', /classes\[0\]\.consistency is linearizable.*classes\[0\]\.partition is serve-both-sides.*CAP/);
  assert.equal(decision.contradictions.length, 1);
});

test('every option says what a reader needs, once', () => {
  const ids = new Set<string>();
  for (const option of options) {
    assert.ok(!ids.has(option.id));
    ids.add(option.id);
    for (const list of [option.needs, option.pros, option.cons, option.cannot, option.monitoring]) assert.ok(list.length > 0, option.id);
    assert.ok(option.references.length > 0, option.id);
    assert.ok(option.libraries.length > 0 || ['lww-register', 'paxos'].includes(option.id), option.id);
    for (const url of option.references) assert.match(url, /^https:\/\//);
    for (const sentence of [...option.needs, ...option.pros, ...option.cons, ...option.cannot])
      assert.match(sentence, /[.”]$/, `${option.id}: ${sentence}`);
  }
  for (const { id } of kindChoices)
    assert.ok(
      options.some((option) => (option.suits[id]?.[0] ?? 0) >= 0.8),
      `${id} has an option that suits it`,
    );
});

test('no text teaches a call that does not exist', () => {
  const texts = JSON.stringify([options, questions, failureModes(optionOf('ra'), { cluster: {}, answers: {} })]);
  for (const wrong of [
    /PNCounter|GCounter|ORSet/,
    /AWLWWMap\.start_link/,
    /Partisan\.PeerService/,
    /start_cluster\(:?my_cluster/,
    /mutate\(/,
    /poll_interval: /,
  ]) {
    assert.doesNotMatch(texts, wrong);
  }
});

test('failure modes are complete and never throw, for every option and odd sizes', () => {
  for (const option of options) {
    for (const size of [undefined, 0, 1, 2, 3, 4, 5, 120, 1_000_000, -3, Number.NaN]) {
      const modes = failureModes(option, { cluster: size === undefined ? {} : { size }, answers: {} });
      assert.equal(modes.length, 10, option.id);
      assert.equal(new Set(modes.map((mode) => mode.id)).size, 10);
      for (const mode of modes) {
        for (const text of [mode.event, mode.happens, mode.clientSees]) {
          assert.ok(text.length > 3, `${option.id} ${mode.id}`);
          assert.doesNotMatch(text, /NaN|undefined|Infinity/);
        }
      }
    }
  }
});
