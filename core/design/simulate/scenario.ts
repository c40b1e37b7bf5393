/** Reads a scenario from outside: what JSON or YAML gave, checked to the last field. */
import { protocols } from './protocols/index';
import type { NetworkSettings, NodeName, Options, ProtocolName, RequestKind, Scenario, Step } from './types';
import { nodeNames, protocolNames, requestKinds } from './types';

/** Something wrong with a scenario. */
export interface ScenarioError {
  /** Where: `steps[2].node`; empty for the whole. */
  readonly path: string;
  /** What was expected there, and what was found. */
  readonly message: string;
}

/** A scenario, or everything that is wrong with it. */
export type ParsedScenario =
  | { readonly scenario: Scenario; readonly errors: readonly [] }
  | { readonly scenario?: undefined; readonly errors: readonly ScenarioError[] };

const longestRun = 120_000;
const mostSteps = 1000;
const largestSeed = 0xffffffff;
/** How long a run goes on after its last step, unless the scenario says when it ends. */
const defaultQuiet = 3000;

const scenarioFields = ['name', 'description', 'protocol', 'options', 'nodes', 'seed', 'network', 'until', 'steps'];
const networkFields = ['latency', 'loss', 'duplicate', 'tick', 'reconnect', 'preventOverlapping', 'timeout'];

const stepFields: Readonly<Record<Step['do'], readonly string[]>> = {
  cut: ['link', 'oneWay'],
  split: ['groups'],
  heal: ['link'],
  crash: ['node'],
  restart: ['node'],
  freeze: ['node'],
  thaw: ['node'],
  clock: ['node', 'jump'],
  drift: ['node', 'rate'],
  write: ['node', 'key', 'value'],
  add: ['node', 'key', 'by'],
  remove: ['node', 'key'],
  read: ['node', 'key'],
};

/** Checks any value and says everything that is wrong with it. `seed` is 1 and `until` three seconds after the last step unless given. */
export function parseScenario(input: unknown): ParsedScenario {
  const errors: ScenarioError[] = [];
  const reader = readerOf(errors);
  const fields = reader.object('', input, scenarioFields);
  if (fields === undefined) return { errors };

  const protocol = reader.choice('protocol', fields.protocol, protocolNames);
  const nodes = reader.whole('nodes', fields.nodes, 1, 9) ?? 9;
  const seed = fields.seed === undefined ? 1 : reader.whole('seed', fields.seed, 0, largestSeed);
  const given = fields.until === undefined ? undefined : reader.whole('until', fields.until, 1, longestRun);
  const options = protocol === undefined || fields.options === undefined ? undefined : readOptions(reader, fields.options, protocol);
  const network = fields.network === undefined ? undefined : readNetwork(reader, fields.network);
  const requests = protocol === undefined ? requestKinds : protocols[protocol].requests;
  const steps = (reader.list('steps', fields.steps, mostSteps) ?? []).flatMap(
    (step, index) =>
      readStep(reader, `steps[${index}]`, step, { names: nodeNames(nodes), until: given ?? longestRun, requests, protocol }) ?? [],
  );
  const name = fields.name === undefined ? undefined : reader.text('name', fields.name);
  const description = fields.description === undefined ? undefined : reader.text('description', fields.description);
  const until = given ?? Math.min(longestRun, Math.max(0, ...steps.map(({ at }) => at)) + defaultQuiet);

  if (errors.length > 0 || protocol === undefined || seed === undefined) return { errors };
  return {
    errors: [],
    scenario: {
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      protocol,
      ...(options === undefined ? {} : { options }),
      nodes,
      seed,
      ...(network === undefined ? {} : { network }),
      until,
      steps,
    },
  };
}

function readOptions(reader: Reader, input: unknown, protocol: ProtocolName): Options | undefined {
  const known = protocols[protocol].options;
  const fields = reader.object(
    'options',
    input,
    known.map(({ name }) => name),
  );
  if (fields === undefined) return undefined;
  const options: Record<string, string> = {};
  for (const { name, choices } of known) {
    const value = fields[name];
    if (value === undefined) continue;
    // YAML makes a boolean of `majority: true`, and a number of `batch: 1`.
    const text = typeof value === 'boolean' || typeof value === 'number' ? String(value) : value;
    const chosen = reader.choice(
      `options.${name}`,
      text,
      choices.map((choice) => choice.value),
    );
    if (chosen !== undefined) options[name] = chosen;
  }
  return options;
}

function readNetwork(reader: Reader, input: unknown): Partial<NetworkSettings> | undefined {
  const fields = reader.object('network', input, networkFields);
  if (fields === undefined) return undefined;
  const network: { -readonly [Key in keyof NetworkSettings]?: NetworkSettings[Key] | undefined } = {};
  if (fields.latency !== undefined) network.latency = readLatency(reader, fields.latency);
  if (fields.loss !== undefined) network.loss = reader.number('network.loss', fields.loss, 0, 1);
  if (fields.duplicate !== undefined) network.duplicate = reader.number('network.duplicate', fields.duplicate, 0, 1);
  if (fields.tick !== undefined) network.tick = reader.whole('network.tick', fields.tick, 1, longestRun);
  if (fields.reconnect !== undefined) network.reconnect = reader.whole('network.reconnect', fields.reconnect, 0, longestRun);
  if (fields.timeout !== undefined) network.timeout = reader.whole('network.timeout', fields.timeout, 1, longestRun);
  if (fields.preventOverlapping !== undefined)
    network.preventOverlapping = reader.flag('network.preventOverlapping', fields.preventOverlapping);
  return Object.fromEntries(Object.entries(network).filter(([, value]) => value !== undefined));
}

function readLatency(reader: Reader, input: unknown): readonly [number, number] | undefined {
  const pair = reader.list('network.latency', input, 2);
  if (pair === undefined) return undefined;
  if (pair.length !== 2) return reader.reject('network.latency', 'a shortest and a longest time in ms, as [1, 10]', input);
  const shortest = reader.whole('network.latency[0]', pair[0], 1, longestRun);
  const longest = reader.whole('network.latency[1]', pair[1], shortest ?? 1, longestRun);
  return shortest === undefined || longest === undefined ? undefined : [shortest, longest];
}

interface StepContext {
  readonly names: readonly NodeName[];
  readonly until: number;
  readonly requests: readonly RequestKind[];
  readonly protocol: ProtocolName | undefined;
}

function readStep(reader: Reader, path: string, input: unknown, context: StepContext): Step | undefined {
  const anything = reader.object(path, input);
  if (anything === undefined) return undefined;
  const kind = reader.choice(`${path}.do`, anything.do, Object.keys(stepFields) as Step['do'][]);
  const at = reader.whole(`${path}.at`, anything.at, 0, context.until);
  if (kind === undefined) return undefined;
  const fields = reader.object(path, input, ['at', 'do', ...stepFields[kind]]) ?? {};
  if ((requestKinds as readonly string[]).includes(kind) && !(context.requests as readonly string[]).includes(kind)) {
    return reader.reject(`${path}.do`, `a request that ${context.protocol} answers: ${context.requests.join(', ')}`, kind);
  }
  const node = (): NodeName | undefined => reader.choice(`${path}.node`, fields.node, context.names);
  const key = (): string | undefined => reader.text(`${path}.key`, fields.key);
  const link = (): readonly [NodeName, NodeName] | undefined => readLink(reader, `${path}.link`, fields.link, context.names);
  switch (kind) {
    case 'cut':
      return complete({
        at,
        do: kind,
        link: link(),
        ...(fields.oneWay === undefined ? {} : { oneWay: reader.flag(`${path}.oneWay`, fields.oneWay) }),
      });
    case 'heal':
      return complete({ at, do: kind, ...(fields.link === undefined ? {} : { link: link() }) });
    case 'split':
      return complete({ at, do: kind, groups: readGroups(reader, `${path}.groups`, fields.groups, context.names) });
    case 'crash':
    case 'restart':
    case 'freeze':
    case 'thaw':
      return complete({ at, do: kind, node: node() });
    case 'clock':
      return complete({ at, do: kind, node: node(), jump: reader.whole(`${path}.jump`, fields.jump, -longestRun, longestRun) });
    case 'drift':
      return complete({ at, do: kind, node: node(), rate: reader.number(`${path}.rate`, fields.rate, 0.1, 10) });
    case 'write':
      return complete({ at, do: kind, node: node(), key: key(), value: reader.text(`${path}.value`, fields.value) });
    case 'add':
      return complete({ at, do: kind, node: node(), key: key(), by: reader.whole(`${path}.by`, fields.by, -1_000_000, 1_000_000) });
    case 'remove':
    case 'read':
      return complete({ at, do: kind, node: node(), key: key() });
  }
}

function readLink(reader: Reader, path: string, input: unknown, names: readonly NodeName[]): readonly [NodeName, NodeName] | undefined {
  const pair = reader.list(path, input, 2);
  if (pair === undefined) return undefined;
  if (pair.length !== 2 || pair[0] === pair[1]) return reader.reject(path, 'two different nodes, as ["n1", "n2"]', input);
  const a = reader.choice(`${path}[0]`, pair[0], names);
  const b = reader.choice(`${path}[1]`, pair[1], names);
  return a === undefined || b === undefined ? undefined : [a, b];
}

function readGroups(
  reader: Reader,
  path: string,
  input: unknown,
  names: readonly NodeName[],
): readonly (readonly NodeName[])[] | undefined {
  const seen = new Set<NodeName>();
  return reader.list(path, input, names.length)?.map((group, index) =>
    (reader.list(`${path}[${index}]`, group, names.length) ?? []).flatMap((input, place) => {
      const name = reader.choice(`${path}[${index}][${place}]`, input, names);
      if (name !== undefined && seen.has(name)) reader.reject(`${path}[${index}][${place}]`, 'each node in one group only', name);
      if (name !== undefined) seen.add(name);
      return name ?? [];
    }),
  );
}

type Complete<Fields> = { readonly [Name in keyof Fields]: Exclude<Fields[Name], undefined> };

/** The fields, unless one of them was wrong. */
function complete<Fields extends object>(fields: Fields): Complete<Fields> | undefined {
  return Object.values(fields).includes(undefined) ? undefined : (fields as Complete<Fields>);
}

/** Reads values of a kind; what is not of that kind is noted as an error and gives undefined. */
interface Reader {
  object(path: string, input: unknown, fields?: readonly string[]): Readonly<Record<string, unknown>> | undefined;
  list(path: string, input: unknown, most: number): readonly unknown[] | undefined;
  text(path: string, input: unknown): string | undefined;
  flag(path: string, input: unknown): boolean | undefined;
  number(path: string, input: unknown, low: number, high: number): number | undefined;
  whole(path: string, input: unknown, low: number, high: number): number | undefined;
  choice<Choice extends string>(path: string, input: unknown, choices: readonly Choice[]): Choice | undefined;
  reject(path: string, expected: string, found: unknown): undefined;
}

function readerOf(errors: ScenarioError[]): Reader {
  function reject(path: string, expected: string, found: unknown): undefined {
    const message = `expected ${expected}, found ${shown(found)}`;
    if (!errors.some((error) => error.path === path && error.message === message)) errors.push({ path, message });
    return undefined;
  }

  function within(path: string, kind: string, input: unknown, low: number, high: number): number | undefined {
    const fits = typeof input === 'number' && input >= low && input <= high && (kind === 'number' || Number.isInteger(input));
    return fits ? input : reject(path, `a ${kind} from ${low} to ${high}`, input);
  }

  return {
    reject,
    object(path, input, fields) {
      if (typeof input !== 'object' || input === null || Array.isArray(input)) return reject(path, 'an object', input);
      const unknown = fields === undefined ? [] : Object.keys(input).filter((field) => !fields.includes(field));
      for (const field of unknown) {
        const expected = fields?.length === 0 ? 'no fields' : `one of the fields ${fields?.join(', ')}`;
        reject(path === '' ? field : `${path}.${field}`, expected, field);
      }
      return input as Readonly<Record<string, unknown>>;
    },
    list(path, input, most) {
      if (!Array.isArray(input)) return reject(path, 'a list', input);
      return input.length <= most ? input : reject(path, `at most ${most} elements`, input.length);
    },
    text: (path, input) => (typeof input === 'string' && input !== '' ? input : reject(path, 'a text that is not empty', input)),
    flag: (path, input) => (typeof input === 'boolean' ? input : reject(path, 'true or false', input)),
    number: (path, input, low, high) => within(path, 'number', input, low, high),
    whole: (path, input, low, high) => within(path, 'whole number', input, low, high),
    choice: (path, input, choices) => choices.find((choice) => choice === input) ?? reject(path, `one of ${choices.join(', ')}`, input),
  };
}

/** A value in an error message. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value);
  if (Array.isArray(value)) {
    const short = value.length <= 3 && value.every((element) => typeof element === 'string' || typeof element === 'number');
    return short ? `[${value.map(shown).join(', ')}]` : `a list of ${value.length}`;
  }
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
