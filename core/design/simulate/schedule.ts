/** Random schedules: what may go wrong in a cluster, drawn from a seed. */
import { type Random, randomFrom } from './random';
import type { NetworkSettings, Options, ProtocolName, RequestKind, Scenario, Step } from './types';
import { nodeNames } from './types';

/** What a family of random schedules is made of. */
export interface ScheduleFamily {
  readonly protocol: ProtocolName;
  readonly options?: Options;
  /** Fewest and most nodes. */
  readonly nodes: readonly [number, number];
  /** Fewest and most steps; a split brings its heal along. */
  readonly steps: readonly [number, number];
  /** Steps fall into the time before this. */
  readonly busy: number;
  /** Then everything heals and there is this much quiet before the run ends. */
  readonly quiet: number;
  readonly requests: readonly RequestKind[];
  readonly faults: readonly FaultKind[];
  readonly keys: readonly string[];
  /** The share of steps that are faults, 0 to 1; the others are requests. */
  readonly faultShare: number;
  /** One of these is drawn for each schedule. */
  readonly networks: readonly Partial<NetworkSettings>[];
}

/** From calm to a network on which messages are late, lost, doubled and overtake each other. */
export const roughNetworks: readonly Partial<NetworkSettings>[] = [
  {},
  { latency: [1, 40] },
  { latency: [1, 120] },
  { latency: [50, 100] },
  { latency: [1, 60], loss: 0.2, duplicate: 0.1 },
  { latency: [1, 20], loss: 0.5 },
];

/**
 * `split`, `isolate`, `cut` and `one-way` heal after a while, `crash` restarts, `bounce` does so at once, `freeze` thaws; `drift` stays within
 * four percent, which a lease's margin covers, and `wild-drift` does not.
 */
export type FaultKind = 'split' | 'isolate' | 'cut' | 'one-way' | 'crash' | 'bounce' | 'freeze' | 'clock' | 'drift' | 'wild-drift';

/** The schedule of this family with this seed; the same seed drives the run. */
export function randomSchedule(family: ScheduleFamily, seed: number): Scenario {
  const random = randomFrom(seed ^ 0x5bd1e995);
  const nodes = random.between(...family.nodes);
  const names = nodeNames(nodes);
  const steps: Step[] = [];
  const count = random.between(...family.steps);
  // Trouble comes in bursts and to the same node: that finds more than an even spread.
  const victim = random.pick(names);
  let at = 0;
  while (steps.length < count) {
    at = random.chance(0.5) ? Math.min(family.busy, at + random.between(0, 120)) : random.between(0, family.busy);
    const node = random.chance(0.4) ? victim : random.pick(names);
    if (random.chance(family.faultShare)) steps.push(...fault(family, random, names, node, at));
    else steps.push(request(family, random, node, at, steps.length));
  }
  steps.sort((a, b) => a.at - b.at);
  return {
    protocol: family.protocol,
    ...(family.options === undefined ? {} : { options: family.options }),
    nodes,
    seed,
    network: random.pick(family.networks),
    until: family.busy + family.quiet,
    steps: [...steps, ...recovery(family, names, steps)],
  };
}

function request(family: ScheduleFamily, random: Random, node: string, at: number, count: number): Step {
  const key = random.pick(family.keys);
  const kind = random.pick(family.requests);
  switch (kind) {
    case 'write':
      return { at, do: 'write', node, key, value: String(count + 1) };
    case 'add':
      return { at, do: 'add', node, key, by: 1 };
    default:
      return { at, do: kind, node, key };
  }
}

function fault(family: ScheduleFamily, random: Random, names: readonly string[], node: string, at: number): readonly Step[] {
  const until = at + random.between(20, Math.max(20, Math.floor(family.busy / 3)));
  switch (random.pick(family.faults)) {
    case 'split':
      return [
        { at, do: 'split', groups: halves(random, names) },
        { at: until, do: 'heal' },
      ];
    case 'isolate':
      return [
        { at, do: 'split', groups: [[node], names.filter((name) => name !== node)].filter((group) => group.length > 0) },
        { at: until, do: 'heal' },
      ];
    case 'cut':
      return cut(random, names, node, at, until, false);
    case 'one-way':
      return cut(random, names, node, at, until, true);
    case 'crash':
      return [
        { at, do: 'crash', node },
        { at: until, do: 'restart', node },
      ];
    case 'bounce':
      return [
        { at, do: 'crash', node },
        { at: at + random.between(1, 20), do: 'restart', node },
      ];
    case 'freeze':
      return [
        { at, do: 'freeze', node },
        { at: until, do: 'thaw', node },
      ];
    case 'clock':
      return [{ at, do: 'clock', node, jump: random.pick([-5000, -1000, -200, 200, 1000, 5000]) }];
    case 'drift':
      return [{ at, do: 'drift', node, rate: random.pick([0.96, 0.98, 1.02, 1.04]) }];
    case 'wild-drift':
      return [{ at, do: 'drift', node, rate: random.pick([0.25, 0.5, 2, 4]) }];
  }
}

function cut(random: Random, names: readonly string[], node: string, at: number, until: number, oneWay: boolean): readonly Step[] {
  const other = random.pick(names);
  if (other === node) return [];
  return [
    { at, do: 'cut', link: [node, other], ...(oneWay ? { oneWay } : {}) },
    { at: until, do: 'heal', link: [node, other] },
  ];
}

function halves(random: Random, names: readonly string[]): readonly (readonly string[])[] {
  const one = names.filter(() => random.chance(0.5));
  return [one, names.filter((name) => !one.includes(name))].filter((group) => group.length > 0);
}

/** Everything heals, and whoever was down or frozen comes back: what is not there afterwards is lost. */
function recovery(family: ScheduleFamily, names: readonly string[], steps: readonly Step[]): readonly Step[] {
  const last = steps.at(-1)?.at ?? 0;
  const at = Math.max(family.busy, last);
  const back: Step[] = [{ at, do: 'heal' }];
  for (const node of names) {
    if (steps.some((step) => step.do === 'crash' && step.node === node)) back.push({ at, do: 'restart', node });
    if (steps.some((step) => step.do === 'freeze' && step.node === node)) back.push({ at, do: 'thaw', node });
  }
  return back;
}
