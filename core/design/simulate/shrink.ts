/** Makes a failing scenario simple: fewer steps, fewer nodes, a calmer network, rounder times. */
import type { NetworkSettings, NodeName, Scenario, Step } from './types';
import { isRequest, nodeName } from './types';

/** How many scenarios are run at most; shrinking stops there with the simplest so far. */
const budget = 4000;

/** The simplest scenario of at least `fewestNodes` nodes found that still `fails`; the given one must. Deterministic. */
export function shrink(scenario: Scenario, fewestNodes: number, fails: (scenario: Scenario) => boolean): Scenario {
  let best = scenario;
  let runs = 0;
  const seen = new Set([JSON.stringify(best)]);

  function attempt(candidate: Scenario): boolean {
    const key = JSON.stringify(candidate);
    if (seen.has(key) || runs >= budget) return false;
    seen.add(key);
    runs++;
    if (!fails(candidate)) return false;
    best = candidate;
    return true;
  }

  for (;;) {
    const before = best;
    dropSteps();
    for (let node = best.nodes - 1; node >= 0; node--) if (best.nodes > fewestNodes) attempt(withoutNode(best, node));
    for (const candidate of calmer(best)) attempt(candidate);
    for (const [index, step] of best.steps.entries()) for (const simpler of simplerSteps(step)) attempt(withStep(best, index, simpler));
    roundTimes();
    for (let seed = 0; seed < Math.min(best.seed, 10); seed++) if (attempt({ ...best, seed })) break;
    if (best === before) return renumbered(best, fails);
  }

  /** Half of the steps, then quarters, down to one at a time. */
  function dropSteps(): void {
    for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let start = 0; start < best.steps.length; ) {
        const steps = [...best.steps.slice(0, start), ...best.steps.slice(start + size)];
        if (!attempt({ ...best, steps })) start += size;
      }
    }
  }

  function shorten(until: number): void {
    if (until < best.until) attempt({ ...best, until });
  }

  function roundTimes(): void {
    for (const unit of [1000, 500, 100, 50, 10]) {
      if (unit >= 50) {
        const last = Math.max(...best.steps.map(({ at }) => at), 0);
        shorten(Math.ceil(best.until / 2 / unit) * unit);
        shorten(Math.ceil((last + unit) / unit) * unit);
      }
      attempt({ ...best, steps: best.steps.map((step) => rounded(step, unit)) });
      for (const [index, step] of best.steps.entries()) {
        const earliest = best.steps[index - 1]?.at ?? 0;
        attempt(withStep(best, index, { ...step, at: Math.max(earliest, rounded(step, unit).at) }));
      }
    }
  }
}

function withStep(scenario: Scenario, index: number, step: Step): Scenario {
  return { ...scenario, steps: scenario.steps.map((old, at) => (at === index ? step : old)) };
}

function rounded(step: Step, unit: number): Step {
  return { ...step, at: Math.floor(step.at / unit) * unit };
}

/** The scenario without one node: its steps go, and later nodes move up. */
function withoutNode(scenario: Scenario, node: number): Scenario {
  const gone = nodeName(node);
  const renamed = (name: NodeName): NodeName => {
    const index = Number(name.slice(1)) - 1;
    return nodeName(index > node ? index - 1 : index);
  };
  const steps = scenario.steps.flatMap((step): readonly Step[] => {
    if (step.do === 'split') {
      const groups = step.groups.map((group) => group.filter((name) => name !== gone).map(renamed)).filter((group) => group.length > 0);
      return [{ ...step, groups }];
    }
    if (step.do === 'cut' || step.do === 'heal') {
      if (step.link === undefined) return [step];
      return step.link.includes(gone) ? [] : [{ ...step, link: [renamed(step.link[0]), renamed(step.link[1])] }];
    }
    return step.node === gone ? [] : [{ ...step, node: renamed(step.node) }];
  });
  return { ...scenario, nodes: scenario.nodes - 1, steps };
}

function calmer(scenario: Scenario): readonly Scenario[] {
  const { network, ...calm } = scenario;
  if (network === undefined) return [];
  const keys = Object.keys(network) as (keyof NetworkSettings)[];
  return [
    calm,
    ...keys.map((key) => {
      const { [key]: _, ...rest } = network;
      return { ...scenario, network: rest };
    }),
  ];
}

function simplerSteps(step: Step): readonly Step[] {
  switch (step.do) {
    case 'cut':
      return [{ at: step.at, do: 'cut', link: sorted(step.link) }];
    case 'split':
      return [{ ...step, groups: [...step.groups].sort(([a = ''], [b = '']) => (a < b ? -1 : 1)) }];
    case 'heal':
      return step.link === undefined ? [] : [{ at: step.at, do: 'heal' }];
    case 'clock':
      return [
        { ...step, jump: Math.sign(step.jump) * 1000 },
        { ...step, jump: Math.trunc(step.jump / 2) },
      ];
    default:
      return [];
  }
}

function sorted([a, b]: readonly [NodeName, NodeName]): readonly [NodeName, NodeName] {
  return a < b ? [a, b] : [b, a];
}

/** Values written count from 1 again, if that does not matter. */
function renumbered(scenario: Scenario, fails: (scenario: Scenario) => boolean): Scenario {
  let count = 0;
  const steps = scenario.steps.map((step) => {
    if (isRequest(step)) count++;
    return step.do === 'write' ? { ...step, value: String(count) } : step;
  });
  const candidate = { ...scenario, steps };
  return fails(candidate) ? candidate : scenario;
}
