/** Answers: a design as data, read from a file of any origin with errors that say where and what was expected, and contradictions named. */
import {
  type ClassAnswers,
  type ClassQuestionId,
  type ClusterAnswers,
  type ClusterQuestionId,
  classQuestions,
  clusterQuestions,
  type Question,
  type QuestionId,
  questionOf,
} from './questions';

/** One class of data or process, with its name. */
export interface DesignClass {
  /** As the team calls it: `stock ledger`. */
  readonly name: string;
  readonly answers: ClassAnswers;
}

/** What is to be decided: one or more classes, and the cluster they share. */
export interface Design {
  readonly name: string;
  /** The OTP application that generated code is named after, where known: `my_app`. */
  readonly app?: string;
  readonly cluster: ClusterAnswers;
  readonly classes: readonly DesignClass[];
}

/** Something in an answers file that cannot be used. */
export interface AnswerError {
  /** `classes[0].kind`; empty for the whole file. */
  readonly path: string;
  /** What is there, and what was expected. */
  readonly message: string;
}

/** Two answers that cannot both hold. */
export interface Contradiction {
  /** The class it is about; absent when it is about the cluster alone. */
  readonly class?: string;
  /** The two answers: paths and values as in the file. */
  readonly first: { readonly path: string; readonly value: string };
  readonly second: { readonly path: string; readonly value: string };
  readonly why: string;
}

/** The version of the answers format; files may say `version: 1`. */
export const answersVersion = 1;

/** A design about which nothing is known: one class without answers. */
export const unknownDesign: Design = { name: 'Design', cluster: {}, classes: [{ name: 'component', answers: {} }] };

/**
 * Reads an answers file that was parsed from JSON or YAML. What is wrong is left out and named in `errors`; the rest is in `design`.
 * `unknown` and null are legal for every answer. Without `classes` there is one class of which nothing is known; an empty list decides the cluster only.
 */
export function parseAnswers(input: unknown): { readonly design: Design; readonly errors: readonly AnswerError[] } {
  const errors: AnswerError[] = [];
  if (input === undefined || input === null) return { design: unknownDesign, errors };
  if (!isRecord(input)) {
    errors.push({ path: '', message: `Found ${describe(input)}; expected a mapping with "name", "app", "cluster" and "classes".` });
    return { design: unknownDesign, errors };
  }
  unknownKeys(input, '', ['version', 'name', 'app', 'cluster', 'classes'], errors);
  if (input.version !== undefined && input.version !== answersVersion) {
    errors.push({ path: 'version', message: `Found ${describe(input.version)}; this version of Netsplit reads ${answersVersion}.` });
  }
  const name = readName(input.name, 'name', errors) ?? unknownDesign.name;
  const app = readApp(input.app, errors);
  const cluster = readCluster(input.cluster, errors);
  const classes = readClasses(input.classes, errors);
  return { design: { name, ...(app === undefined ? {} : { app }), cluster, classes }, errors };
}

/** The design as an answers file would say it: plain data that `parseAnswers` reads back to an equal design. */
export function answersFile(design: Design): Readonly<Record<string, unknown>> {
  return {
    version: answersVersion,
    name: design.name,
    ...(design.app === undefined ? {} : { app: design.app }),
    cluster: ordered(design.cluster, clusterQuestions),
    classes: design.classes.map(({ name, answers }) => ({ name, ...ordered(answers, classQuestions) })),
  };
}

/** Every pair of answers that cannot both hold, in the order of the classes. */
export function contradictions(design: Design): readonly Contradiction[] {
  return [
    ...clusterContradictions(design.cluster),
    ...design.classes.flatMap(({ name, answers }, index) => contradictionsOf(name, answers, `classes[${index}]`)),
  ];
}

function clusterContradictions({ geography, roundTripMs }: ClusterAnswers): Contradiction[] {
  if (geography !== 'one-data-centre' || roundTripMs === undefined || roundTripMs < 20) return [];
  return [
    {
      first: { path: 'cluster.geography', value: geography },
      second: { path: 'cluster.roundTripMs', value: String(roundTripMs) },
      why: `A round trip of ${roundTripMs} ms is a distance between regions: light alone takes 10 ms for 1,000 km of fibre and back.`,
    },
  ];
}

/** Every pair of answers about one class that cannot both hold; `path` is where the class stands in the answers. */
export function contradictionsOf(name: string, answers: ClassAnswers, path: string): readonly Contradiction[] {
  const found: Contradiction[] = [];
  const say = (a: [ClassQuestionId, string], b: [ClassQuestionId, string], why: string) =>
    found.push({ class: name, first: { path: `${path}.${a[0]}`, value: a[1] }, second: { path: `${path}.${b[0]}`, value: b[1] }, why });
  const { consistency, partition, offline, invariants = [] } = answers;
  const ordering = consistency === 'linearizable' || consistency === 'sequential';
  const needsOneOrder = invariants.filter((one) => one === 'never-negative' || one === 'sum-conserved' || one === 'one-holder');

  if (ordering && partition === 'serve-both-sides') {
    say(
      ['consistency', consistency],
      ['partition', partition],
      'Two sides that both accept writes cannot agree on one order of them: this is the CAP theorem.',
    );
  }
  if (consistency === 'linearizable' && partition === 'serve-stale-reads') {
    say(
      ['consistency', consistency],
      ['partition', partition],
      'A stale read misses an acknowledged write; a linearizable one never does.',
    );
  }
  if (ordering && offline === true) {
    say(
      ['consistency', consistency],
      ['offline', 'true'],
      'A client that writes while disconnected is not part of any order until it is back.',
    );
  }
  if (partition === 'refuse-minority' && offline === true) {
    say(['partition', partition], ['offline', 'true'], 'A disconnected client is a minority of one, and it is served.');
  }
  for (const invariant of needsOneOrder) {
    if (partition === 'serve-both-sides') {
      say(['invariants', invariant], ['partition', partition], 'Each side keeps the rule by itself; the merged result breaks it.');
    }
    if (offline === true)
      say(['invariants', invariant], ['offline', 'true'], 'A disconnected client cannot know what others do to the rule meanwhile.');
    if (consistency === 'eventual') {
      say(
        ['invariants', invariant],
        ['consistency', consistency],
        'The rule is about all writes together, so each write must see those before it.',
      );
    }
  }
  return found;
}

function readCluster(input: unknown, errors: AnswerError[]): ClusterAnswers {
  if (input === undefined || input === null || input === 'unknown') return {};
  if (!isRecord(input)) {
    errors.push({ path: 'cluster', message: `Found ${describe(input)}; expected a mapping of answers about the cluster.` });
    return {};
  }
  unknownKeys(
    input,
    'cluster',
    clusterQuestions.map((question) => question.id),
    errors,
  );
  return readAnswers<ClusterAnswers>(input, 'cluster', clusterQuestions, errors);
}

function readClasses(input: unknown, errors: AnswerError[]): readonly DesignClass[] {
  if (input === undefined || input === null || input === 'unknown') return unknownDesign.classes;
  if (!Array.isArray(input)) {
    errors.push({ path: 'classes', message: `Found ${describe(input)}; expected a list with one entry per class of data or process.` });
    return unknownDesign.classes;
  }
  const names = new Map<string, number>();
  return input.flatMap((entry: unknown, index): DesignClass[] => {
    const path = `classes[${index}]`;
    if (!isRecord(entry)) {
      errors.push({ path, message: `Found ${describe(entry)}; expected a mapping with "name" and answers.` });
      return [];
    }
    unknownKeys(entry, path, ['name', ...classQuestions.map((question) => question.id)], errors);
    const answers = readAnswers<ClassAnswers>(entry, path, classQuestions, errors);
    const name = readName(entry.name, `${path}.name`, errors) ?? answers.kind ?? `component ${index + 1}`;
    const earlier = names.get(name);
    if (earlier !== undefined)
      errors.push({ path: `${path}.name`, message: `"${name}" is also the name of classes[${earlier}]; expected a name of its own.` });
    names.set(name, index);
    return [{ name, answers }];
  });
}

function readAnswers<T>(input: Readonly<Record<string, unknown>>, path: string, asked: readonly Question[], errors: AnswerError[]): T {
  const result: Record<string, unknown> = {};
  for (const question of asked) {
    const value = readAnswer(own(input, question.id), `${path}.${question.id}`, question, errors);
    if (value !== undefined) result[question.id] = value;
  }
  return result as T;
}

function readAnswer(value: unknown, path: string, question: Question, errors: AnswerError[]): unknown {
  if (value === undefined || value === null || value === 'unknown') return undefined;
  const wrong = (message: string): undefined => void errors.push({ path, message });
  switch (question.kind) {
    case 'boolean': {
      if (value === true || value === 'yes') return true;
      if (value === false || value === 'no') return false;
      return wrong(`Found ${describe(value)}; expected true, false or unknown.`);
    }
    case 'number': {
      const { minimum, maximum, whole, unit } = question.range;
      const expected = `expected a ${whole ? 'whole ' : ''}number of ${unit} from ${minimum} to ${maximum}, or unknown`;
      if (typeof value !== 'number' || !Number.isFinite(value)) return wrong(`Found ${describe(value)}; ${expected}.`);
      if (value < minimum || value > maximum || (whole && !Number.isInteger(value))) return wrong(`Found ${value}; ${expected}.`);
      return value === 0 ? 0 : value;
    }
    case 'one': {
      if (typeof value === 'string' && question.choices.some((choice) => choice.id === value)) return value;
      return wrong(`Found ${describe(value)}; expected ${oneOf(question)} or unknown.${didYouMean(value, question)}`);
    }
    case 'many': {
      if (!Array.isArray(value)) return wrong(`Found ${describe(value)}; expected a list of ${oneOf(question)}, or unknown.`);
      const chosen: string[] = [];
      value.forEach((one: unknown, index) => {
        if (typeof one === 'string' && question.choices.some((choice) => choice.id === one)) chosen.push(one);
        else
          errors.push({
            path: `${path}[${index}]`,
            message: `Found ${describe(one)}; expected ${oneOf(question)}.${didYouMean(one, question)}`,
          });
      });
      if (chosen.includes('none') && chosen.some((one) => one !== 'none')) {
        return wrong(
          `Found "none" beside ${chosen
            .filter((one) => one !== 'none')
            .map(quoted)
            .join(', ')}; expected either "none" alone or the others.`,
        );
      }
      // In the order of the choices, so that the order of an answers file decides nothing.
      const sorted = question.choices.map((choice) => choice.id).filter((id) => chosen.includes(id));
      return sorted.length > 0 ? sorted : undefined;
    }
  }
}

function readName(value: unknown, path: string, errors: AnswerError[]): string | undefined {
  if (value === undefined || value === null || value === 'unknown') return undefined;
  if (typeof value === 'string' && value.trim() !== '' && value.length <= 80 && !hasControl(value)) return value.trim();
  errors.push({ path, message: `Found ${describe(value)}; expected a name of 1 to 80 characters on one line.` });
  return undefined;
}

function readApp(value: unknown, errors: AnswerError[]): string | undefined {
  if (value === undefined || value === null || value === 'unknown') return undefined;
  if (typeof value === 'string' && /^[a-z][a-z0-9_]*$/.test(value)) return value;
  errors.push({ path: 'app', message: `Found ${describe(value)}; expected the name of an OTP application, such as my_app.` });
  return undefined;
}

function unknownKeys(input: Readonly<Record<string, unknown>>, path: string, known: readonly string[], errors: AnswerError[]): void {
  for (const key of Object.keys(input)) {
    if (known.includes(key)) continue;
    const near = nearest(key, known);
    const hint = near === undefined ? `expected one of ${known.join(', ')}` : `did you mean "${near}"?`;
    errors.push({ path: path === '' ? key : `${path}.${key}`, message: `Unknown key "${key}"; ${hint}${near === undefined ? '.' : ''}` });
  }
}

function ordered(answers: object, asked: readonly { readonly id: QuestionId }[]): Readonly<Record<string, unknown>> {
  const values = answers as Readonly<Record<string, unknown>>;
  return Object.fromEntries(asked.filter(({ id }) => values[id] !== undefined).map(({ id }) => [id, values[id]]));
}

function own(input: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(input, key) ? input[key] : undefined;
}

function oneOf(question: Question): string {
  return question.kind === 'one' || question.kind === 'many' ? question.choices.map((choice) => choice.id).join(', ') : '';
}

function didYouMean(value: unknown, question: Question): string {
  if (typeof value !== 'string' || (question.kind !== 'one' && question.kind !== 'many')) return '';
  const near = nearest(
    value,
    question.choices.map((choice) => choice.id),
  );
  return near === undefined ? '' : ` Did you mean "${near}"?`;
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return quoted(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return `a ${typeof value}`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasControl(text: string): boolean {
  return [...text].some((char) => char < ' ' || char === '\u007f' || char === '\u0085' || char === '\u2028' || char === '\u2029');
}

/** The candidate that differs from `text` by at most a third of its length, letter case and separators aside. */
function nearest(text: string, candidates: readonly string[]): string | undefined {
  const plain = (word: string) => word.toLowerCase().replace(/[-_ ]/g, '');
  let best: string | undefined;
  let least = Math.max(1, Math.floor(text.length / 3)) + 1;
  if (text.length > 60) return undefined;
  for (const candidate of candidates) {
    const distance = editDistance(plain(text), plain(candidate));
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** The value of a question in a design, by class where it is a question about one; undefined when unknown. */
export function answerOf(cluster: ClusterAnswers, answers: ClassAnswers, id: QuestionId): unknown {
  return questionOf(id).scope === 'cluster' ? cluster[id as ClusterQuestionId] : answers[id as ClassQuestionId];
}
