import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { foundSchedules } from '../../core/design/simulate/found';
import { breakingPresets, presets } from '../../core/design/simulate/presets';
import type { AwLwwMap } from '../../core/design/simulate/protocols/aw-lww-map';
import { emptyMap, join, put, remove, toRecord } from '../../core/design/simulate/protocols/aw-lww-map';
import { protocols } from '../../core/design/simulate/protocols/index';
import { presetOf, simulatedRules } from '../../core/design/simulate/rule-presets';
import { randomSchedule, type ScheduleFamily } from '../../core/design/simulate/schedule';
import { search } from '../../core/design/simulate/search';
import { shrink } from '../../core/design/simulate/shrink';
import { assess, simulate } from '../../core/design/simulate/simulate';
import { stories, tellStory } from '../../core/design/simulate/stories';
import { breaks, familyOf, strategies } from '../../core/design/simulate/strategies';
import type { NetworkSettings, Options, ProtocolName, Scenario, Step, Trace } from '../../core/design/simulate/types';
import { nodeNames, protocolNames } from '../../core/design/simulate/types';
import { rules } from '../../core/rules';

function cluster(protocol: ProtocolName, nodes: number, steps: readonly Step[], more: Partial<Scenario> = {}): Scenario {
  return { protocol, nodes, seed: 1, until: 12_000, steps, ...more };
}

function write(at: number, node: string, value: string, key = 'x'): Step {
  return { at, do: 'write', node, key, value };
}

function add(at: number, node: string): Step {
  return { at, do: 'add', node, key: 'x', by: 1 };
}

function read(at: number, node: string): Step {
  return { at, do: 'read', node, key: 'x' };
}

/** What clients got, in order: `accepted 1`, `refused: why`, and what became of writes. */
function answers({ operations }: Pick<Trace, 'operations'>): readonly string[] {
  return operations.map(({ outcome, value, reason, fate }) =>
    [outcome, value ?? reason, fate].filter((part) => part !== undefined).join(' '),
  );
}

/** Everything that happened, one line each. */
function events(trace: Trace): string {
  return trace.frames.flatMap((frame) => frame.events.map((event) => `${frame.at} ${event}`)).join('\n');
}

function holders(trace: Trace, at: number): readonly string[] {
  const frame = trace.frames.filter((candidate) => candidate.at <= at).at(-1);
  return (frame?.nodes ?? []).filter(({ role }) => role === 'holder' || role === 'leader').map(({ name }) => name);
}

// Strategies that break

for (const strategy of strategies) {
  test(`A search finds and shrinks the schedule that breaks "${strategy.title}"`, () => {
    const family = familyOf(strategy);
    const found = search(family, 1, 1000, (scenario) => breaks(strategy, scenario));
    assert.ok(found, 'not found within 1,000 schedules');
    const shrunk = shrink(found.scenario, family.nodes[0], (scenario) => breaks(strategy, scenario));
    const { nodes, seed, until, steps } = shrunk;
    assert.deepEqual({ nodes, seed, until, steps }, foundSchedules[strategy.id], 'the preset is what the search finds');
    assert.equal(shrunk.network, undefined);
  });
}

test('Each breaking preset breaks its strategy, and no schedule is without a strategy', () => {
  assert.deepEqual(Object.keys(foundSchedules).sort(), strategies.map(({ id }) => id).sort());
  for (const { id, scenario } of breakingPresets()) {
    const strategy = strategies.find((candidate) => candidate.id === id);
    assert.ok(strategy && breaks(strategy, scenario), id);
  }
});

test('Every preset has its own id and says what it shows', () => {
  const ids = presets().map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { id, title, description } of presets()) {
    assert.match(id, /^[a-z]+(-[a-z]+)*$/);
    assert.ok(title.length > 5 && description.length > 20, id);
  }
});

test('Each rule that has a scenario is a rule, and the scenario is there', () => {
  const [ruleIds, presetIds] = [rules.map(({ id }) => id), presets().map(({ id }) => id)];
  assert.ok(simulatedRules.length > 10);
  for (const id of simulatedRules) {
    assert.ok(ruleIds.includes(id), `there is no rule ${id}`);
    assert.ok(presetIds.includes(presetOf(id) ?? ''), `${id}: there is no preset ${presetOf(id)}`);
  }
  assert.equal(presetOf('clock-wall-elapsed'), undefined);
  assert.equal(presetOf('constructor'), undefined);
});

test('Every story can be told of every protocol with 2 to 9 nodes, and a request always gets an answer', () => {
  for (const protocol of protocolNames) {
    for (const story of stories) {
      for (let nodes = 2; nodes <= 9; nodes++) {
        const { verdicts, operations } = assess(tellStory(story, protocol, {}, nodes));
        assert.deepEqual(verdicts.safety, []);
        assert.ok(operations.length >= 6, `${story.id} ${protocol} ${nodes}`);
        assert.ok(operations.every(({ outcome, reason }) => outcome === 'accepted' || reason !== undefined));
      }
    }
  }
});

// What each protocol promises, over random schedules

const anything: Omit<ScheduleFamily, 'protocol'> = {
  nodes: [2, 5],
  steps: [3, 14],
  busy: 6000,
  quiet: 6000,
  requests: ['write', 'read'],
  faults: ['split', 'isolate', 'cut', 'one-way', 'crash', 'bounce', 'freeze', 'clock'],
  keys: ['x', 'y'],
  networks: [{}, { latency: [1, 100] }],
  faultShare: 0.4,
};

/** The scenario with everything mended, everyone back and much quiet, so that what is wrong in the end is wrong for good. */
function settled(scenario: Scenario): Scenario {
  const { busy, quiet } = anything;
  const back = nodeNames(scenario.nodes).flatMap((node): readonly Step[] => [
    { at: busy, do: 'restart', node },
    { at: busy, do: 'thaw', node },
  ]);
  const steps = scenario.steps.filter(({ at }) => at < busy);
  return { ...scenario, until: busy + quiet, steps: [...steps, { at: busy, do: 'heal' }, ...back] };
}

/** Fails with the seed and the shrunk schedule if one of 250 schedules breaks the promise, once the cluster has settled. */
function promise(protocol: ProtocolName, options: Options, more: Partial<ScheduleFamily>, broken: (scenario: Scenario) => boolean): void {
  const family: ScheduleFamily = { ...anything, protocol, options, ...more };
  const fails = (scenario: Scenario): boolean => broken(settled(scenario));
  const found = search(family, 1, 250, fails);
  if (found === undefined) return;
  assert.fail(`seed ${found.seed}, shrunk: ${JSON.stringify(settled(shrink(found.scenario, family.nodes[0], fails)))}`);
}

const networkOnly: Partial<ScheduleFamily> = { faults: ['split', 'isolate', 'cut', 'one-way', 'freeze', 'clock'] };

test('Copies of an AWLWW map are equal once the network has healed, whatever happened', () => {
  promise('crdt-map', {}, { requests: ['write', 'remove', 'read'] }, (scenario) => !assess(scenario).verdicts.convergence.converged);
});

test('A counter with a key for each start counts every increment once while no node loses its memory', () => {
  promise('counter', {}, { ...networkOnly, requests: ['add', 'read'], keys: ['x'] }, (scenario) => {
    const { operations, verdicts } = assess({ ...scenario, steps: [...scenario.steps, read(11_500, 'n1')] });
    const counted = operations.filter(({ fate }) => fate === 'kept' || fate === 'merged').length;
    return verdicts.lost.length > 0 || Number(operations.at(-1)?.value ?? 0) !== counted;
  });
});

test('Registers converge, and with a hybrid clock a write replaces what its writer has seen', () => {
  promise('lww-register', { clock: 'hybrid' }, networkOnly, (scenario) => {
    const { verdicts } = assess(scenario);
    // One node after the other, with time to spread: nothing is concurrent, so nothing may be lost.
    const inTurn: Scenario = {
      ...scenario,
      steps: scenario.steps
        .filter(({ do: what }) => what === 'write' || what === 'clock')
        .map((step, turn) => ({ ...step, at: 700 * turn })),
    };
    return !verdicts.convergence.converged || assess(inTurn).verdicts.lost.length > 0;
  });
});

test('Names and Horde come back to one process after every heal', () => {
  for (const protocol of ['global-name', 'horde'] as const) {
    promise(protocol, {}, {}, (scenario) => {
      const final = simulate(scenario).frames.at(-1);
      return final?.nodes.filter(({ role }) => role === 'holder').length !== 1;
    });
  }
});

test('Elections come back to one leader that all follow, with equal copies', () => {
  for (const [protocol, options] of [
    ['naive-election', {}],
    ['quorum-election', { quorum: 'configured' }],
    ['quorum-election', { quorum: 'visible' }],
  ] as const) {
    promise(protocol, options, {}, (scenario) => {
      const trace = simulate(scenario);
      const leaders = trace.frames.at(-1)?.nodes.map(({ leader }) => leader);
      return new Set(leaders).size !== 1 || leaders?.[0] === undefined || !trace.verdicts.convergence.converged;
    });
  }
});

test('Mnesia with majority loses no acknowledged write while no node restarts', () => {
  promise('mnesia', { majority: 'true' }, networkOnly, (scenario) => {
    const { lost, divergent, refusedKept } = assess(scenario).verdicts;
    return lost.length + divergent.length + refusedKept.length > 0;
  });
});

test('Mnesia with majority loses no acknowledged write and has equal copies while nodes only crash and come back', () => {
  promise('mnesia', { majority: 'true' }, { faults: ['crash', 'bounce'], requests: ['write', 'add', 'read'] }, (scenario) => {
    const { lost, divergent, refusedKept, stale, convergence } = assess(scenario).verdicts;
    return lost.length + divergent.length + refusedKept.length + stale.length > 0 || !convergence.converged;
  });
});

test('A write that was refused never takes effect, in any protocol', () => {
  for (const protocol of protocolNames) {
    const requests = protocols[protocol].requests;
    promise(protocol, {}, { requests }, (scenario) => assess(scenario).verdicts.refusedKept.length > 0);
  }
});

test('Without faults every protocol accepts everything, keeps it and agrees', () => {
  for (const protocol of protocolNames) {
    const requests = protocols[protocol].requests;
    for (let seed = 1; seed <= 20; seed++) {
      const schedule = randomSchedule({ ...anything, networks: [{}], protocol, requests, faultShare: 0 }, seed);
      const oneAfterTheOther = schedule.steps.map((step, turn): Step => ({ ...step, at: 500 + 600 * turn }));
      const { operations, verdicts } = assess({ ...schedule, steps: oneAfterTheOther, until: 12_000 });
      assert.ok(
        operations.every(({ outcome, fate }) => outcome === 'accepted' && (fate === undefined || fate === 'kept')),
        `${protocol} ${seed}`,
      );
      assert.deepEqual([verdicts.stale, verdicts.twoLeaders, verdicts.convergence.converged], [[], [], true], `${protocol} ${seed}`);
    }
  }
});

// The AWLWW map is a join semilattice

type Change = { readonly replica: number; readonly key: string; readonly time: number; readonly remove: boolean; readonly from: number };

const changes = fc.array(
  fc.record({ replica: fc.nat(2), key: fc.constantFrom('x', 'y'), time: fc.nat(5), remove: fc.boolean(), from: fc.nat(2) }),
  { maxLength: 12 },
);

/** Three copies that changed and now and then heard of each other. */
function copiesAfter(history: readonly Change[]): readonly AwLwwMap[] {
  const copies = [emptyMap, emptyMap, emptyMap];
  history.forEach(({ replica, key, time, remove: gone, from }, index) => {
    const heard = join(copies[replica]!, copies[from]!);
    copies[replica] = gone ? remove(heard, key) : put(heard, `r${replica}`, key, String(index), time, index + 1);
  });
  return copies;
}

test('Joining AWLWW maps is commutative, associative and idempotent', () => {
  fc.assert(
    fc.property(changes, (history) => {
      const [a, b, c] = copiesAfter(history) as [AwLwwMap, AwLwwMap, AwLwwMap];
      const same = (x: AwLwwMap, y: AwLwwMap): void => {
        assert.deepEqual(x.adds, y.adds);
        assert.deepEqual(x.context, y.context);
      };
      same(join(a, b), join(b, a));
      same(join(join(a, b), c), join(a, join(b, c)));
      same(join(a, a), a);
      same(join(join(a, b), b), join(a, b));
    }),
  );
});

test('In an AWLWW map an add wins over a remove that has not seen it, and the higher timestamp over the lower', () => {
  const before = put(emptyMap, 'a', 'x', 'old', 1, 1);
  assert.deepEqual(toRecord(join(remove(before, 'x'), before)), {}, 'a remove that has seen the add');
  assert.deepEqual(toRecord(join(remove(before, 'x'), put(before, 'b', 'x', 'new', 2, 2))), { x: 'new' });
  assert.deepEqual(toRecord(join(put(emptyMap, 'a', 'x', 'high', 9, 1), put(emptyMap, 'b', 'x', 'low', 3, 2))), { x: 'high' });
  assert.deepEqual(
    toRecord(put(put(emptyMap, 'a', 'x', 'high', 9, 1), 'b', 'x', 'low', 3, 2)),
    { x: 'low' },
    'who has seen it replaces it',
  );
});

// Facts measured on real nodes

test('AWLWW map: of two concurrent writes the one of the VM that is up longer wins, though it was made a second earlier', () => {
  const split: readonly Step[] = [{ at: 500, do: 'split', groups: [['n1'], ['n2']] }];
  const heal: Step = { at: 3000, do: 'heal' };
  const trace = simulate(cluster('crdt-map', 2, [...split, write(1000, 'n1', 'first'), write(2000, 'n2', 'last'), heal, read(5000, 'n2')]));
  assert.deepEqual(answers(trace), ['accepted kept', 'accepted lost', 'accepted first']);
  const byWallClock = simulate({ ...trace.scenario, options: { clock: 'wall' } });
  assert.deepEqual(answers(byWallClock), ['accepted lost', 'accepted kept', 'accepted last']);
});

test('AWLWW map: with neighbours set one way the first node hears of nothing', () => {
  const trace = simulate(
    cluster('crdt-map', 2, [write(0, 'n1', 'a', 'x'), write(0, 'n2', 'b', 'y')], { options: { neighbours: 'one-way' } }),
  );
  assert.deepEqual(
    trace.frames.at(-1)?.nodes.map(({ data }) => data),
    [{ x: 'a' }, { x: 'a', y: 'b' }],
  );
});

test('Counter: ten increments on each of two nodes that do not hear each other give 20 with keys of their own, 10 with get and put', () => {
  const steps = [
    { at: 0, do: 'split', groups: [['n1'], ['n2']] },
    ...Array.from({ length: 10 }, (_, i) => [add(100 + i, 'n1'), add(100 + i, 'n2')]).flat(),
    { at: 3000, do: 'heal' },
    read(6000, 'n1'),
  ] as const;
  assert.equal(simulate(cluster('counter', 2, steps)).operations.at(-1)?.value, '20');
  assert.equal(simulate(cluster('counter', 2, steps, { options: { keys: 'one' } })).operations.at(-1)?.value, '10');
  assert.ok(simulate(cluster('counter', 2, steps)).operations.filter(({ fate }) => fate === 'merged').length === 20);
});

test('Register: a node whose clock is behind cannot replace what it has seen, unless its clock is hybrid', () => {
  const steps: readonly Step[] = [
    { at: 0, do: 'clock', node: 'n2', jump: -60_000 },
    write(100, 'n1', 'old'),
    write(2000, 'n2', 'new'),
    read(4000, 'n1'),
  ];
  assert.deepEqual(answers(simulate(cluster('lww-register', 2, steps))), ['accepted kept', 'accepted lost', 'accepted old']);
  assert.deepEqual(answers(simulate(cluster('lww-register', 2, steps, { options: { clock: 'hybrid' } }))), [
    'accepted kept',
    'accepted kept',
    'accepted new',
  ]);
});

test(':global: both sides hold the name during a split; at the heal the process on the later-sorting node is killed with what it has', () => {
  const trace = simulate(
    cluster('global-name', 3, [
      { at: 1000, do: 'split', groups: [['n1'], ['n2', 'n3']] },
      write(4000, 'n1', 'one'),
      write(4000, 'n3', 'two', 'y'),
      { at: 5000, do: 'heal' },
      read(9000, 'n3'),
    ]),
  );
  assert.equal(holders(trace, 4500).length, 2);
  assert.deepEqual(holders(trace, 9000), ['n1']);
  assert.match(events(trace), /n[23] loses the name: its process is killed/);
  assert.deepEqual(answers(trace), ['accepted kept', 'accepted lost', 'accepted one']);
  const notified = simulate({ ...trace.scenario, options: { resolver: 'notify' } });
  assert.deepEqual(answers(notified), ['accepted kept', 'accepted kept', 'accepted one'], 'told in time, the loser hands over');
});

test(':global: a cut of one link isolates the one who is reported lost first, or both, unless overlapping partitions are allowed', () => {
  const steps: readonly Step[] = [{ at: 1000, do: 'cut', link: ['n1', 'n2'] }];
  const connections = (network: Partial<NetworkSettings>): readonly (readonly string[] | undefined)[] | undefined =>
    simulate(cluster('global-name', 4, steps, { network: { reconnect: 0, ...network } }))
      .frames.at(-1)
      ?.nodes.map(({ connected }) => connected);
  assert.deepEqual(connections({}), [[], ['n3', 'n4'], ['n2', 'n4'], ['n2', 'n3']], 'one notices first, and the others give up the other');
  assert.deepEqual(connections({ tick: 1 }), [[], [], ['n4'], ['n3']], 'both notice at once');
  assert.deepEqual(connections({ preventOverlapping: false }), [
    ['n3', 'n4'],
    ['n3', 'n4'],
    ['n1', 'n2', 'n4'],
    ['n1', 'n2', 'n3'],
  ]);
});

test('Distributed Erlang: after a heal nobody reconnects by itself, a poll does', () => {
  const steps: readonly Step[] = [
    { at: 1000, do: 'split', groups: [['n1'], ['n2']] },
    { at: 4000, do: 'heal' },
  ];
  const connected = (reconnect: number): readonly string[] | undefined =>
    simulate(cluster('global-name', 2, steps, { network: { reconnect } })).frames.at(-1)?.nodes[0]?.connected;
  assert.deepEqual(connected(0), []);
  assert.deepEqual(connected(1000), ['n2']);
});

test('Distributed Erlang: a cut shorter than three quarters of the tick time is not noticed, and what was sent in it arrives', () => {
  const trace = simulate(
    cluster('naive-election', 2, [{ at: 1000, do: 'cut', link: ['n1', 'n2'] }, write(1100, 'n1', 'late'), { at: 1700, do: 'heal' }]),
  );
  assert.deepEqual(trace.verdicts.twoLeaders, []);
  assert.deepEqual(
    trace.frames.at(-1)?.nodes.map(({ data }) => data),
    [{ x: 'late' }, { x: 'late' }],
  );
});

test('Horde: with a quorum and static members the minority starts nothing, yet its process is not stopped', () => {
  const quorum = { distribution: 'quorum' };
  const split: readonly Step[] = [{ at: 1000, do: 'split', groups: [['n1'], ['n2', 'n3']] }];
  const owner = simulate(cluster('horde', 3, split, { options: quorum }));
  assert.deepEqual(holders(owner, 12_000), ['n1', 'n2']);
  const other = simulate(cluster('horde', 3, [{ at: 1000, do: 'split', groups: [['n1', 'n2'], ['n3']] }], { options: quorum }));
  assert.deepEqual(holders(other, 12_000), ['n1']);
  assert.match(events(other), /n3 does not start the process: quorum_not_met/);
  const auto = simulate({ ...other.scenario, options: { ...quorum, members: 'auto' } });
  assert.deepEqual(holders(auto, 12_000), ['n1', 'n3']);
});

test('Horde: a loser that swallows the name conflict runs on beside the winner', () => {
  const steps: readonly Step[] = [
    { at: 1000, do: 'split', groups: [['n1'], ['n2']] },
    { at: 4000, do: 'heal' },
  ];
  assert.deepEqual(holders(simulate(cluster('horde', 2, steps)), 12_000), ['n1']);
  assert.deepEqual(holders(simulate(cluster('horde', 2, steps, { options: { conflict: 'swallowed' } })), 12_000), ['n1', 'n2']);
});

test("Mnesia: both sides write on without majority; nothing is merged, and a restarted node takes over the other side's table", () => {
  const steps: readonly Step[] = [
    { at: 1000, do: 'split', groups: [['n1', 'n2'], ['n3']] },
    write(4000, 'n1', 'left'),
    write(4000, 'n3', 'right'),
    { at: 5000, do: 'heal' },
    read(8000, 'n1'),
    read(8000, 'n3'),
    { at: 9000, do: 'crash', node: 'n3' },
    { at: 9500, do: 'restart', node: 'n3' },
    read(11_000, 'n3'),
  ];
  const trace = simulate(cluster('mnesia', 3, steps));
  assert.match(events(trace), /n3 reports inconsistent_database: running_partitioned_network, n1/);
  assert.deepEqual(answers(trace), ['accepted kept', 'accepted lost', 'accepted left', 'accepted right', 'accepted left']);
  const majority = simulate({ ...trace.scenario, options: { majority: 'true' } });
  assert.deepEqual(answers(majority), [
    'accepted kept',
    'refused {:aborted, {:no_majority, table}} absent',
    'accepted left',
    'accepted',
    'accepted left',
  ]);
  assert.deepEqual(majority.verdicts.stale, [4], 'the minority answers reads from its old copy');
});

test('Mnesia: with two copies majority means both', () => {
  const steps: readonly Step[] = [{ at: 1000, do: 'crash', node: 'n2' }, write(2000, 'n1', 'alone')];
  assert.deepEqual(answers(simulate(cluster('mnesia', 2, steps, { options: { majority: 'true' } }))), [
    'refused {:aborted, {:no_majority, table}} absent',
  ]);
  assert.deepEqual(answers(simulate(cluster('mnesia', 2, steps))), ['accepted kept']);
});

test('Elections: a frozen leader that goes on is one of two until it learns better', () => {
  const trace = simulate(
    cluster('quorum-election', 3, [
      { at: 1000, do: 'freeze', node: 'n1' },
      { at: 5000, do: 'thaw', node: 'n1' },
    ]),
  );
  assert.deepEqual(holders(trace, 4900), ['n1', 'n2']);
  assert.deepEqual(holders(trace, 12_000).length, 1);
});
