/** Everything that the page shows follows from this state; it survives a reload as plain data. */
import { answersFile, type Design, parseAnswers, unknownDesign } from '../../core/design/answers';
import type { ClassAnswers, ClusterAnswers, QuestionId } from '../../core/design/questions';
import { parseScenario } from '../../core/design/simulate/scenario';
import { protocolNames } from '../../core/design/simulate/types';
import type { Simulation } from './simulation';

/** What the page shows beside the answers; on a narrow page the answers are one of them. */
export const views = ['answers', 'options', 'guarantees', 'failures', 'cluster', 'simulator', 'code', 'document'] as const;

export type View = (typeof views)[number];

/** Text that is no answer, and why. */
export interface Draft {
  readonly text: string;
  readonly error: string;
}

export interface State {
  readonly design: Design;
  /** What was typed and cannot be used, by the path of its answer. */
  readonly drafts: Readonly<Record<string, Draft>>;
  /** Which class of the design is looked at. */
  readonly current: number;
  readonly view: View;
  /** Parts that are folded open or shut by hand, by their id. */
  readonly folds: Readonly<Record<string, boolean>>;
  /** Absent: as the answers suggest. */
  readonly simulation?: Simulation | undefined;
  /** The generated file that is looked at, by its path. */
  readonly file?: string;
  readonly document: DocumentForm;
}

/** The two documents that a decision is saved as. */
export type DocumentForm = 'section' | 'record';

/** A design of which nothing is known. */
export const initialState: State = {
  design: { ...unknownDesign, name: 'New design' },
  drafts: {},
  current: 0,
  view: 'options',
  folds: {},
  document: 'section',
};

/** The state as plain data, which `readState` reads back. */
export function keptState({ design, ...rest }: State): Readonly<Record<string, unknown>> {
  return { version: 1, answers: answersFile(design), ...rest };
}

/** Reads a state of any origin: what cannot be used is as in the beginning. */
export function readState(input: unknown): State {
  if (!isRecord(input)) return initialState;
  const { design } = parseAnswers(input.answers);
  const { current, view, file, document } = input;
  const simulation = readSimulation(input.simulation);
  return {
    design: input.answers === undefined ? initialState.design : design,
    drafts: draftsOf(input.drafts),
    current: typeof current === 'number' && design.classes[current] ? current : 0,
    view: views.find((one) => one === view) ?? initialState.view,
    folds: foldsOf(input.folds),
    ...(simulation && { simulation }),
    ...(typeof file === 'string' && { file }),
    document: document === 'record' ? 'record' : 'section',
  };
}

function readSimulation(input: unknown): Simulation | undefined {
  if (!isRecord(input)) return undefined;
  const { scenario } = parseScenario(input.scenario);
  const { story, at } = input;
  if (scenario === undefined || typeof story !== 'string' || typeof at !== 'number' || !Number.isFinite(at)) return undefined;
  return { scenario, origin: parseScenario(input.origin).scenario ?? scenario, story, at, edited: input.edited === true };
}

function draftsOf(input: unknown): Readonly<Record<string, Draft>> {
  const entries = isRecord(input) ? Object.entries(input) : [];
  return Object.fromEntries(
    entries.flatMap(([path, draft]) =>
      isRecord(draft) && typeof draft.text === 'string' && typeof draft.error === 'string'
        ? [[path, { text: draft.text, error: draft.error }]]
        : [],
    ),
  );
}

function foldsOf(input: unknown): Readonly<Record<string, boolean>> {
  const entries = isRecord(input) ? Object.entries(input) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'));
}

/** What came of an answer that was given: the design with it, or why it cannot be used. */
export type Answered = { readonly design: Design } | { readonly error: string };

/** Gives one answer, by its path in an answers file: `cluster.size`, `classes[0].kind`, `classes[0].name`, `app`. Undefined is unknown. */
export function answered(design: Design, path: string, value: unknown): Answered {
  const file = structuredClone(answersFile(design)) as Record<string, unknown> & { classes: Record<string, unknown>[]; cluster: object };
  const [, index, scope, key = ''] = /^(?:classes\[(\d+)\]\.|(cluster)\.)?(\w+)$/.exec(path) ?? [];
  const place = (index !== undefined ? file.classes[Number(index)] : scope ? file.cluster : file) as Record<string, unknown>;
  if (value === undefined) delete place[key];
  else place[key] = value;
  const { design: next, errors } = parseAnswers(file);
  const [error] = errors;
  return error ? { error: error.message } : { design: next };
}

/** The answer to a question of the cluster, or of the class of this index. */
export function givenAnswer(design: Design, current: number, id: QuestionId): unknown {
  const answers: ClusterAnswers & ClassAnswers = { ...design.cluster, ...design.classes[current]?.answers };
  return answers[id];
}

/** Where the answer to a question of this scope stands in an answers file. */
export function pathOf(scope: 'cluster' | 'class', id: string, current: number): string {
  return scope === 'cluster' ? `cluster.${id}` : `classes[${current}].${id}`;
}

/** Whether a text names a protocol that can be simulated. */
export function isProtocol(name: string): name is (typeof protocolNames)[number] {
  return (protocolNames as readonly string[]).includes(name);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
