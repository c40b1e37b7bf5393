import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { agenda } from '../../core/design/simulate/agenda';
import { claimsRecord } from '../../core/design/simulate/claims';
import { clocks } from '../../core/design/simulate/clock';
import { describeFault, describeStep } from '../../core/design/simulate/describe';
import { presets } from '../../core/design/simulate/presets';
import { protocols } from '../../core/design/simulate/protocols/index';
import { randomFrom } from '../../core/design/simulate/random';
import { renderText } from '../../core/design/simulate/render';
import { parseScenario } from '../../core/design/simulate/scenario';
import { shrink } from '../../core/design/simulate/shrink';
import { simulate } from '../../core/design/simulate/simulate';
import { clusterSvg, standaloneSvg, timelineSvg } from '../../core/design/simulate/svg';
import type { Scenario, Step } from '../../core/design/simulate/types';

const split: Scenario = {
  name: 'A split of three',
  protocol: 'raft',
  nodes: 3,
  seed: 1,
  until: 4000,
  steps: [
    { at: 1000, do: 'write', node: 'n1', key: 'x', value: '1' },
    { at: 2000, do: 'split', groups: [['n1'], ['n2', 'n3']] },
    { at: 2500, do: 'write', node: 'n1', key: 'x', value: '2' },
  ],
};

function errorsOf(input: unknown): readonly string[] {
  return parseScenario(input).errors.map(({ path, message }) => `${path}: ${message}`);
}

// Scenarios from outside

test('A scenario that was written as JSON comes back as it was', () => {
  for (const { scenario } of presets()) {
    const parsed = parseScenario(JSON.parse(JSON.stringify(scenario)));
    assert.deepEqual(parsed, { errors: [], scenario });
  }
});

test('Seed and end have defaults, and YAML booleans and numbers are options, too', () => {
  const { scenario } = parseScenario({
    protocol: 'mnesia',
    options: { majority: true },
    nodes: 3,
    network: { latency: [5, 50], tick: 4000, reconnect: 0, preventOverlapping: false, loss: 0, duplicate: 0, timeout: 500 },
    steps: [{ at: 1500, do: 'crash', node: 'n2' }],
  });
  assert.deepEqual([scenario?.seed, scenario?.until, scenario?.options], [1, 4500, { majority: 'true' }]);
  assert.equal(parseScenario({ protocol: 'raft', options: { batch: 1 }, nodes: 3, steps: [] }).scenario?.options?.batch, '1');
});

test('What is wrong with a scenario is said with its place and what was expected, all at once', () => {
  assert.deepEqual(errorsOf(undefined), [': expected an object, found nothing']);
  assert.deepEqual(errorsOf({}), [
    'protocol: expected one of raft, naive-election, quorum-election, crdt-map, counter, lww-register, global-name, horde, mnesia, found nothing',
    'nodes: expected a whole number from 1 to 9, found nothing',
    'steps: expected a list, found nothing',
  ]);
  assert.deepEqual(
    errorsOf({
      ...split,
      nodes: 3,
      seed: -1,
      colour: 'red',
      options: { reads: 'fast', write: 'slow' },
      network: { latency: [10, 1], loss: 2, tick: 0, speed: 1 },
      steps: [
        { at: 10, do: 'crash', node: 'n4' },
        { at: 5000, do: 'cut', link: ['n1', 'n1'] },
        { at: 1.5, do: 'split', groups: [['n1'], ['n1', 'x']] },
        { at: 0, do: 'explode' },
        { at: 0, do: 'write', node: 'n1', key: '', value: 3 },
        { at: 0, do: 'remove', node: 'n1', key: 'x' },
        { at: 0, do: 'drift', node: 'n1', rate: 0, speed: 2 },
        { at: 0, do: 'cut', link: ['n1'], oneWay: 'yes' },
        7,
      ],
    }),
    [
      'colour: expected one of the fields name, description, protocol, options, nodes, seed, network, until, steps, found "colour"',
      'seed: expected a whole number from 0 to 4294967295, found -1',
      'options.write: expected one of the fields reads, batch, found "write"',
      'options.reads: expected one of quorum, lease, wall-clock-lease, local, found "fast"',
      'network.speed: expected one of the fields latency, loss, duplicate, tick, reconnect, preventOverlapping, timeout, found "speed"',
      'network.latency[1]: expected a whole number from 10 to 120000, found 1',
      'network.loss: expected a number from 0 to 1, found 2',
      'network.tick: expected a whole number from 1 to 120000, found 0',
      'steps[0].node: expected one of n1, n2, n3, found "n4"',
      'steps[1].at: expected a whole number from 0 to 4000, found 5000',
      'steps[1].link: expected two different nodes, as ["n1", "n2"], found ["n1", "n1"]',
      'steps[2].at: expected a whole number from 0 to 4000, found 1.5',
      'steps[2].groups[1][0]: expected each node in one group only, found "n1"',
      'steps[2].groups[1][1]: expected one of n1, n2, n3, found "x"',
      'steps[3].do: expected one of cut, split, heal, crash, restart, freeze, thaw, clock, drift, write, add, remove, read, found "explode"',
      'steps[4].key: expected a text that is not empty, found ""',
      'steps[4].value: expected a text that is not empty, found 3',
      'steps[5].do: expected a request that raft answers: write, add, read, found "remove"',
      'steps[6].speed: expected one of the fields at, do, node, rate, found "speed"',
      'steps[6].rate: expected a number from 0.1 to 10, found 0',
      'steps[7].link: expected two different nodes, as ["n1", "n2"], found ["n1"]',
      'steps[7].oneWay: expected true or false, found "yes"',
      'steps[8]: expected an object, found 7',
    ],
  );
  assert.deepEqual(errorsOf({ protocol: 'naive-election', options: { quorum: 'half' }, nodes: 2, steps: [] }), [
    'options.quorum: expected no fields, found "quorum"',
  ]);
});

test('Values that JSON cannot hold are named, too', () => {
  const circular: unknown[] = [];
  circular.push(circular);
  assert.deepEqual(errorsOf({ protocol: () => 1, nodes: 3n, steps: [circular, Symbol('x')] }).slice(1), [
    'nodes: expected a whole number from 1 to 9, found 3',
    'steps[0]: expected an object, found a list of 1',
    'steps[1]: expected an object, found Symbol(x)',
  ]);
});

test('Any value is either a scenario that runs or named errors, never an exception', () => {
  const anything = fc.oneof(
    fc.anything(),
    fc.record({
      protocol: fc.oneof(fc.constantFrom(...Object.keys(protocols)), fc.anything()),
      nodes: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.anything()),
      steps: fc.array(fc.oneof(fc.anything(), fc.record({ at: fc.nat(100), do: fc.string(), node: fc.constantFrom('n1', 'n2') }))),
    }),
  );
  fc.assert(
    fc.property(anything, (input) => {
      const parsed = parseScenario(input);
      if (parsed.scenario === undefined) assert.ok(parsed.errors.length > 0);
      else assert.ok(simulate({ ...parsed.scenario, until: Math.min(parsed.scenario.until, 500) }).frames.length > 0);
    }),
  );
});

// Traces

test('A trace is plain data: JSON gives it back unchanged', () => {
  for (const { scenario } of presets()) {
    const trace = simulate(scenario);
    assert.deepEqual(JSON.parse(JSON.stringify(trace)), trace);
  }
});

test('Frames are in order of time, begin at 0, end with the run and show every node', () => {
  for (const { scenario } of presets()) {
    const { frames } = simulate(scenario);
    assert.equal(frames[0]?.at, 0);
    assert.equal(frames.at(-1)?.at, scenario.until);
    frames.forEach((frame, index) => {
      assert.ok(index === 0 || frame.at > frames[index - 1]!.at, `${scenario.name}: ${frame.at} ms comes twice`);
      assert.ok(frame.events.length > 0);
      assert.equal(frame.nodes.length, scenario.nodes);
    });
  }
});

test('Steps may stand in any order, and those of one instant happen as they are listed', () => {
  const inOrder = simulate(split);
  const backwards = simulate({ ...split, steps: [...split.steps].reverse() });
  assert.deepEqual(backwards.frames, inOrder.frames);
  const at = 500;
  const cutThenHeal: readonly Step[] = [
    { at, do: 'cut', link: ['n1', 'n2'] },
    { at, do: 'heal' },
  ];
  const cut = (steps: readonly Step[]): number | undefined => simulate({ ...split, steps }).frames.at(-1)?.cut.length;
  assert.deepEqual([cut(cutThenHeal), cut([...cutThenHeal].reverse())], [0, 2]);
});

test('The text shows events, what each client got and what became of it, and the verdicts', () => {
  const text = renderText(simulate(split));
  assert.match(text, /^A split of three\nRaft · 3 nodes · seed 1 · 4000 ms · /);
  assert.match(text, /\n2000 {2}the network splits into n1 \| n2 n3\n/);
  assert.match(text, /\n#1 write x = 1 {2}1000 {3}n1 {8}accepted {21}kept\n/);
  assert.match(text, /\n#2 write x = 2 {2}2500 {3}n1 {8}refused: no leader is known {2}never happened\n/);
  assert.match(text, /\nNo term had two leaders; .*\nNo acknowledged write was lost\.\n/);
  assert.match(text, /\nn1, from 2000 to 4000 ms: 1 asked, 0 accepted, 1 refused, 0 unknown\.\n$/);
  assert.ok(text.split('\n').every((line) => line === line.trimEnd()));
});

test('Every fault has words', () => {
  const faults: readonly Step[] = [
    { at: 0, do: 'cut', link: ['n1', 'n2'], oneWay: true },
    { at: 0, do: 'heal', link: ['n1', 'n2'] },
    { at: 0, do: 'freeze', node: 'n1' },
    { at: 0, do: 'thaw', node: 'n1' },
    { at: 0, do: 'clock', node: 'n1', jump: -5 },
    { at: 0, do: 'drift', node: 'n1', rate: 1.1 },
  ];
  assert.deepEqual(faults.map(describeStep), [
    'at 0 ms: the link n1 → n2 is cut',
    'at 0 ms: the link n1 – n2 heals',
    'at 0 ms: n1 freezes',
    'at 0 ms: n1 goes on',
    'at 0 ms: the wall clock of n1 jumps by -5 ms',
    'at 0 ms: the clocks of n1 run at 1.1 of the true rate',
  ]);
  assert.equal(describeFault({ at: 0, do: 'split', groups: [['n1'], ['n2', 'n3']] }), 'the network splits into n1 | n2 n3');
});

/** The tags of a document, each with its attributes, after a check that they are well nested. */
function elements(xml: string): readonly string[] {
  const open: string[] = [];
  const all: string[] = [];
  for (const [, closing, name = '', attributes = '', single] of xml.matchAll(/<(\/?)([a-z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    if (closing) assert.equal(open.pop(), name);
    else {
      all.push(`${name}${attributes}`);
      if (!single) open.push(name);
    }
  }
  assert.deepEqual(open, []);
  assert.equal(xml.match(/</g)?.length, xml.match(/<\/?[a-z]+(?:\s+[\w:-]+="[^"<]*")*\s*\/?>/g)?.length, 'every < begins a tag');
  return all;
}

test('The drawings are well-formed, named and described, for every preset and frame', () => {
  for (const { scenario } of presets()) {
    const trace = simulate(scenario);
    const drawings = [standaloneSvg(trace), timelineSvg(trace, 'a'), ...trace.frames.map((_, index) => clusterSvg(trace, index, 'b'))];
    for (const drawing of drawings) {
      const [svg = '', title, desc] = elements(drawing.replace(/<style>[^<]*<\/style>/, ''));
      assert.match(svg, /role="img" aria-labelledby="(\w+)-title \1-desc"/);
      assert.match(`${title} ${desc}`, /^title id="\w+-title" desc id="\w+-desc"$/);
      assert.doesNotMatch(drawing, /NaN|undefined|Infinity/);
    }
  }
});

test('Texts of a scenario cannot break out of a drawing', () => {
  const hostile = '</title><script>"&\u0000';
  const trace = simulate({ ...split, name: hostile, steps: [{ at: 0, do: 'write', node: 'n1', key: hostile, value: hostile }] });
  for (const drawing of [timelineSvg(trace, hostile), clusterSvg(trace, 3, hostile), standaloneSvg(trace)]) {
    assert.ok(!drawing.includes('<script>') && !drawing.includes('\u0000'));
    elements(drawing.replace(/<style>[^<]*<\/style>/, ''));
  }
});

test('Only a file brings its own styles', () => {
  const trace = simulate(split);
  assert.match(standaloneSvg(trace), /<style>/);
  for (const drawing of [timelineSvg(trace, 'a'), clusterSvg(trace, 0, 'a')]) assert.doesNotMatch(drawing, /<style>|style=/);
  assert.match(clusterSvg(trace, trace.frames.length - 1, 'a'), /Link n1 – n2: cut/);
});

// Shrinking

test('Shrinking finds the two steps of many that matter, in their order', () => {
  const noise = Array.from({ length: 30 }, (_, index): Step => ({ at: 137 * index, do: 'read', node: `n${1 + (index % 5)}`, key: 'x' }));
  const needle: readonly Step[] = [
    { at: 1234, do: 'crash', node: 'n3' },
    { at: 2345, do: 'restart', node: 'n3' },
  ];
  const scenario: Scenario = {
    ...split,
    nodes: 5,
    until: 9000,
    network: { loss: 0.1, latency: [1, 50] },
    steps: [...noise, ...needle].sort((a, b) => a.at - b.at),
  };
  const fails = ({ steps }: Scenario): boolean => {
    const kinds = steps.filter((step) => 'node' in step && step.do !== 'read').map((step) => step.do);
    return kinds.join(' ') === 'crash restart';
  };
  const { network, nodes, steps } = shrink(scenario, 1, fails);
  assert.deepEqual(
    { network, nodes, steps },
    {
      network: undefined,
      nodes: 1,
      steps: [
        { at: 1000, do: 'crash', node: 'n1' },
        { at: 2000, do: 'restart', node: 'n1' },
      ],
    },
  );
});

test('Shrinking keeps what fails, whatever it is given, and needs no more than its budget', () => {
  let runs = 0;
  const stubborn = (scenario: Scenario): boolean => {
    runs++;
    return JSON.stringify(scenario) === JSON.stringify(split);
  };
  assert.deepEqual(shrink(split, 1, stubborn), split);
  assert.ok(runs <= 4001);
});

// Parts

test('The stream of chance is the same on every engine', () => {
  const stream = (seed: number): readonly number[] => {
    const random = randomFrom(seed);
    return Array.from({ length: 4 }, () => random.between(0, 999_999));
  };
  assert.deepEqual(stream(1), [782_272, 275_327, 993_692, 713_276]);
  assert.deepEqual(stream(0xffffffff), [886_809, 968_232, 866_618, 718_065]);
});

test('Chance stays in its range and is even enough', () => {
  const random = randomFrom(42);
  const counts = [0, 0, 0, 0, 0, 0];
  for (let draw = 0; draw < 60_000; draw++) counts[random.between(1, 6) - 1]!++;
  assert.ok(
    counts.every((count) => count > 9500 && count < 10_500),
    counts.join(' '),
  );
  assert.deepEqual([random.chance(0), random.chance(1)], [false, true]);
});

test('The agenda gives events in order of time, and those of one instant in order of entry', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (times) => {
      const events = agenda();
      const happened: string[] = [];
      for (const [index, at] of times.entries()) events.enter(at, () => happened.push(`${at} ${index}`));
      for (let next = events.take(20); next !== undefined; next = events.take(20)) next.act();
      const expected = times.map((at, index) => ({ at, index })).sort((a, b) => a.at - b.at || a.index - b.index);
      assert.deepEqual(
        happened,
        expected.map(({ at, index }) => `${at} ${index}`),
      );
    }),
  );
  const late = agenda();
  late.enter(5, () => undefined);
  assert.equal(late.take(4), undefined);
});

test('A jump moves the wall clock only; drift moves both; a restart begins the monotonic clock anew', () => {
  const clock = clocks();
  clock.boot(0, 1000);
  assert.deepEqual([clock.monotonic(500), clock.wall(500)], [1500, 500]);
  clock.jump(-200);
  assert.deepEqual([clock.monotonic(500), clock.wall(500)], [1500, 300]);
  clock.drift(500, 2);
  assert.deepEqual([clock.monotonic(600), clock.wall(600), clock.trueDuration(100)], [1700, 500, 50]);
  clock.boot(600, 0);
  assert.deepEqual([clock.monotonic(700), clock.wall(700)], [200, 700]);
});

test('Two claims of one thing overlap from the second to the end of one; claims of different things do not', () => {
  const claims = claimsRecord();
  const second = 'the leader of term 2';
  claims.claim(0, 0, 'the leader of term 1', true);
  claims.claim(10, 1, second, true);
  claims.claim(20, 2, second, true);
  claims.claim(30, 1, second, false);
  claims.claim(40, 1, second, true);
  claims.suspend(50, 1, true);
  claims.suspend(60, 1, false);
  claims.forget(70, 2);
  const overlap = { nodes: ['n2', 'n3'], claim: second };
  assert.deepEqual(claims.overlaps(80), [
    { from: 20, to: 30, ...overlap },
    { from: 40, to: 50, ...overlap },
    { from: 60, to: 70, ...overlap },
  ]);
});

test('A claim that holds for a time only is asked when another is made', () => {
  const claims = claimsRecord();
  let runs = true;
  claims.claim(0, 0, 'the lease', () => runs);
  runs = false;
  claims.claim(10, 1, 'the lease', true);
  assert.deepEqual(claims.overlaps(20), []);
  runs = true;
  claims.claim(20, 2, 'the lease', true);
  assert.deepEqual(claims.overlaps(30), [{ from: 20, to: 30, nodes: ['n1', 'n2', 'n3'], claim: 'the lease' }]);
});
