/** What the simulator runs: a scenario, how it came about, and the instant that is looked at. */
import type { Design } from '../../core/design/answers';
import type { ClassReport } from '../../core/design/document';
import type { OptionId } from '../../core/design/option';
import { recommendedVoters } from '../../core/design/quorum';
import { breakingPresets } from '../../core/design/simulate/presets';
import { protocols } from '../../core/design/simulate/protocols/index';
import { parseScenario } from '../../core/design/simulate/scenario';
import { simulate } from '../../core/design/simulate/simulate';
import { stories, tellStory } from '../../core/design/simulate/stories';
import { isRequest, type Options, type ProtocolName, type Scenario, type Step, type Trace } from '../../core/design/simulate/types';

export interface Simulation {
  readonly scenario: Scenario;
  /** As it was before steps were added by hand. */
  readonly origin: Scenario;
  /** The story or preset that it began with; empty for a scenario from elsewhere. */
  readonly story: string;
  /** Milliseconds from the start of the run. */
  readonly at: number;
  /** Whether steps were added by hand. */
  readonly edited: boolean;
}

/** What the settings of the simulator say; what is left out is the protocol's own default. */
export interface Settings {
  readonly protocol: ProtocolName;
  readonly options?: Options;
  readonly story?: string;
  readonly nodes?: number;
  readonly seed?: number;
}

/** A story, or the shortest schedule that breaks a strategy. */
export interface StoryChoice {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** The schedule of a strategy fits this protocol and these options only. */
  readonly strategy?: { readonly protocol: ProtocolName; readonly scenario: Scenario };
}

/** All there are, the stories first. */
export const storyChoices: readonly StoryChoice[] = [
  ...stories.map(({ id, title, description }) => ({ id, title, description })),
  ...breakingPresets().map(({ id, title, description, scenario }) => ({
    id,
    title,
    description,
    strategy: { protocol: scenario.protocol, scenario },
  })),
];

/** When the trouble of a story has begun and everyone has noticed. */
const telling = 4600;

/** A simulation with these settings, at the instant that shows what it is about. */
export function begin({ protocol, options, story, nodes, seed }: Settings): Simulation {
  const choice = storyChoices.find(({ id }) => id === story) ?? storyChoices[0];
  if (choice?.strategy) {
    const scenario = { ...choice.strategy.scenario, ...(seed !== undefined && { seed }) };
    return { scenario, origin: scenario, story: choice.id, at: endOf(scenario), edited: false };
  }
  const told = stories.find(({ id }) => id === choice?.id) ?? (stories[0] as (typeof stories)[number]);
  const scenario = tellStory(told, protocol, options ?? {}, nodes ?? told.nodes, seed ?? 1);
  return { scenario, origin: scenario, story: told.id, at: Math.min(telling, scenario.until), edited: false };
}

/** A simulation of a scenario from elsewhere; of a story or preset where it is one. */
export function told(scenario: Scenario | undefined): Simulation | undefined {
  if (!scenario) return undefined;
  const story = storyChoices.find(({ title, strategy }) => (strategy ? scenario.name === title : scenario.name?.startsWith(`${title}:`)));
  return { scenario, origin: scenario, story: story?.id ?? '', at: firstTrouble(scenario), edited: false };
}

/** A little after the first thing that goes wrong. */
function firstTrouble({ steps, until }: Scenario): number {
  const faults = steps.filter((step) => !isRequest(step)).map(({ at }) => at);
  return Math.min(until, (faults.length > 0 ? Math.min(...faults) : 0) + 2600);
}

/** The simulation without the steps that were added, with another seed where one is given. With another seed another node may lead: a story is told anew. */
export function beginAgain(simulation: Simulation, seed: number = simulation.origin.seed): Simulation {
  const { origin, story } = simulation;
  if (seed === origin.seed) return { ...simulation, scenario: origin, edited: false };
  const { protocol, options, nodes } = origin;
  if (stories.some(({ id }) => id === story)) return begin({ protocol, ...(options && { options }), story, nodes, seed });
  const scenario = { ...origin, seed };
  return { ...simulation, scenario, origin: scenario, edited: false };
}

/** Which protocol shows what an option does; absent where the decision is made outside of the cluster. */
const protocolsOfOptions: Readonly<Partial<Record<OptionId, { readonly protocol: ProtocolName; readonly options?: Options }>>> = {
  ra: { protocol: 'raft' },
  'multi-raft': { protocol: 'raft', options: { reads: 'lease' } },
  khepri: { protocol: 'raft' },
  'ra-leader': { protocol: 'raft' },
  'etcd-consul': { protocol: 'raft' },
  'service-lock': { protocol: 'raft' },
  'delta-crdt': { protocol: 'crdt-map' },
  'document-crdt': { protocol: 'crdt-map' },
  'phoenix-tracker': { protocol: 'crdt-map' },
  'lww-register': { protocol: 'lww-register' },
  mnesia: { protocol: 'mnesia' },
  'mnesia-majority': { protocol: 'mnesia', options: { majority: 'true' } },
  global: { protocol: 'global-name' },
  highlander: { protocol: 'global-name' },
  'horde-uniform': { protocol: 'horde' },
  'horde-quorum': { protocol: 'horde', options: { distribution: 'quorum' } },
};

/** The simulation that the answers suggest: what is recommended, on as many nodes as vote; Raft where that cannot be simulated. */
export function suggested(one: ClassReport | undefined, { cluster }: Design): Simulation & { readonly fits: boolean } {
  const option = one?.option;
  const found = option && protocolsOfOptions[option.id];
  const isCounter = one?.decision.situation.answers.kind === 'counter' && option?.id === 'delta-crdt';
  const { protocol, options } = isCounter
    ? { protocol: 'counter' as const, options: undefined }
    : (found ?? { protocol: 'raft' as const, options: undefined });
  const size = cluster.size ?? cluster.projectedSize;
  const nodes = size === undefined ? 5 : protocol === 'raft' ? recommendedVoters(size) : Math.min(9, size);
  return { ...remembered({ protocol, ...(options && { options }), nodes: Math.max(2, nodes) }), fits: found !== undefined };
}

let lastSuggested: { readonly key: string; readonly simulation: Simulation } | undefined;

function remembered(settings: Settings): Simulation {
  const key = JSON.stringify(settings);
  if (lastSuggested?.key !== key) lastSuggested = { key, simulation: begin(settings) };
  return lastSuggested.simulation;
}

/** The simulation with steps at the instant that is looked at, after what happens then already. Undefined when they do not fit the scenario. */
export function withSteps(simulation: Simulation, added: readonly Step[]): Simulation | undefined {
  const { scenario, at } = simulation;
  const before = scenario.steps.filter((step) => step.at <= at);
  const after = scenario.steps.filter((step) => step.at > at);
  const { scenario: next } = parseScenario({ ...scenario, steps: [...before, ...added, ...after] });
  return next && { ...simulation, scenario: next, edited: true };
}

let lastTrace: { readonly scenario: Scenario; readonly trace: Trace } | undefined;

/** The run of a scenario; the last one is kept. */
export function traceOf(scenario: Scenario): Trace {
  if (lastTrace?.scenario !== scenario) lastTrace = { scenario, trace: simulate(scenario) };
  return lastTrace.trace;
}

/** Which frame shows an instant. */
export function frameAt({ frames }: Trace, at: number): number {
  let index = 0;
  for (const [candidate, frame] of frames.entries()) if (frame.at <= at) index = candidate;
  return index;
}

/** The protocols, as a list shows them. */
export const protocolChoices = Object.values(protocols).map(({ name, title, summary }) => ({ id: name, text: title, detail: summary }));

function endOf(scenario: Scenario): number {
  return Math.max(0, ...scenario.steps.map(({ at }) => at));
}
