/**
 * The questions of a design, asked one at a time: what is asked next, what a typed answer means, and what is wrong with it. The terminal and the editor
 * ask in their own ways; the answers are the same.
 */
import { answersFile, type Contradiction, contradictions, contradictionsOf, type Design, parseAnswers } from './answers';
import { type Choice, classQuestions, clusterQuestions, isAsked, type Question } from './questions';

/** What is asked. `index` counts classes, `at` the questions of its list. */
export type Step =
  | { readonly ask: 'name' }
  | { readonly ask: 'app' }
  | { readonly ask: 'cluster'; readonly at: number }
  | { readonly ask: 'class name'; readonly index: number }
  | { readonly ask: 'class'; readonly index: number; readonly at: number }
  | { readonly ask: 'another class'; readonly index: number };

/** The answers so far, in the order in which they were given; undefined is unknown. */
export type Interview = readonly { readonly step: Step; readonly value?: unknown }[];

/** What an answer leads to. */
export interface Turn {
  /** With the answer, unless it was refused. */
  readonly interview: Interview;
  /** Why the answer was refused, with what was expected; empty when it was taken. */
  readonly errors: readonly string[];
  /** The answers that cannot stand beside this one. */
  readonly contradictions: readonly Contradiction[];
}

/** The next question; undefined when all have been asked. */
export function nextStep(interview: Interview): Step | undefined {
  const last = interview.at(-1);
  if (!last) return { ask: 'name' };
  const { step, value } = last;
  switch (step.ask) {
    case 'name':
      return { ask: 'app' };
    case 'app':
      return { ask: 'cluster', at: 0 };
    case 'cluster':
      return step.at + 1 < clusterQuestions.length ? { ask: 'cluster', at: step.at + 1 } : { ask: 'class name', index: 0 };
    case 'class name':
      return { ask: 'class', index: step.index, at: 0 };
    case 'class': {
      const { answers = {} } = designOf(interview).classes[step.index] ?? {};
      const at = classQuestions.findIndex((question, place) => place > step.at && isAsked(question, answers));
      return at < 0 ? { ask: 'another class', index: step.index } : { ask: 'class', index: step.index, at };
    }
    case 'another class':
      return value === true ? { ask: 'class name', index: step.index + 1 } : undefined;
  }
}

/** The design that the answers make. */
export function designOf(interview: Interview): Design {
  return parseAnswers(fileOf(interview)).design;
}

/** Takes the answer to the next question, as an answers file would say it; undefined is unknown. Nothing happens when nothing is asked any more. */
export function answer(interview: Interview, value: unknown): Turn {
  const step = nextStep(interview);
  if (step === undefined) return { interview, errors: [], contradictions: [] };
  const refused = (errors: readonly string[]): Turn => ({ interview, errors: [...new Set(errors)], contradictions: [] });
  if (step.ask === 'another class' && value !== undefined && typeof value !== 'boolean')
    return refused([`Found ${JSON.stringify(value)}; expected yes or no.`]);
  const answered = [...interview, { step, value }];
  const { errors } = parseAnswers(fileOf(answered));
  if (errors.length > 0) return refused(errors.map(({ message }) => message));
  return { interview: answered, errors: [], contradictions: contradictionsAt(step, answered) };
}

/** The question of the catalogue that a step asks; undefined for names and for whether there is another class. */
export function questionAt(step: Step): Question | undefined {
  if (step.ask === 'cluster') return clusterQuestions[step.at];
  return step.ask === 'class' ? classQuestions[step.at] : undefined;
}

/** A question as it is shown. */
export interface Shown {
  /** What it is about: `Design`, `Cluster`, or the name of the class. */
  readonly part: string;
  /** Where it stands among the questions of its part, from 1; absent where the part has no fixed number of them. */
  readonly place?: { readonly at: number; readonly of: number };
  readonly text: string;
  readonly help: string;
  /** Of a question with choices, in order. */
  readonly choices: readonly Choice[];
}

/** The question of a step in words. */
export function shownStep(step: Step, interview: Interview): Shown {
  switch (step.ask) {
    case 'name':
      return {
        part: 'Design',
        text: 'What is being designed?',
        help: 'The title of the document, and what it is found by when it is written again.',
        choices: [],
      };
    case 'app':
      return {
        part: 'Design',
        text: 'What is the OTP application called?',
        help: 'Names in code and configuration are made from it.',
        choices: [],
      };
    case 'class name':
      return {
        part: `Class ${step.index + 1}`,
        text: `What is the ${step.index === 0 ? 'first' : 'next'} class of data or process called?`,
        help: 'A decision is made for each: the ledger, the cart, the nightly job.',
        choices: [],
      };
    case 'another class':
      return {
        part: 'Design',
        text: 'Is there another class of data or process in this cluster?',
        help: 'Each has a decision of its own.',
        choices: [],
      };
    case 'cluster':
      return { part: 'Cluster', place: { at: step.at + 1, of: clusterQuestions.length }, ...wordsOf(clusterQuestions[step.at]) };
    case 'class': {
      const { name = '', answers = {} } = designOf(interview).classes[step.index] ?? {};
      const asked = classQuestions.filter((question) => isAsked(question, answers));
      const question = classQuestions[step.at];
      return { part: name, place: { at: question ? asked.indexOf(question) + 1 : 0, of: asked.length }, ...wordsOf(question) };
    }
  }
}

function wordsOf(question: Question | undefined): Pick<Shown, 'text' | 'help' | 'choices'> {
  if (!question) return { text: '', help: '', choices: [] };
  return { text: question.text, help: question.help, choices: 'choices' in question ? question.choices : [] };
}

/** How far an interview has come: the number of the next question from 1, and of all of them, as far as that is known. */
export function progressOf(interview: Interview): { readonly step: number; readonly total: number } {
  let rest = 0;
  let ahead = interview;
  for (let step = nextStep(ahead); step; step = nextStep(ahead)) {
    rest++;
    ahead = [...ahead, { step }];
  }
  return { step: Math.min(interview.length + 1, interview.length + rest), total: interview.length + rest };
}

/** What a design already says to a step, for an input that shows it; undefined where it says nothing. */
export function knownAt(step: Step, design: Design): unknown {
  switch (step.ask) {
    case 'name':
      return design.name;
    case 'app':
      return design.app;
    case 'cluster':
      return valueIn(design.cluster, clusterQuestions[step.at]);
    case 'class name':
      return design.classes[step.index]?.name;
    case 'class':
      return valueIn(design.classes[step.index]?.answers ?? {}, classQuestions[step.at]);
    case 'another class':
      return step.index + 1 < design.classes.length ? true : undefined;
  }
}

function valueIn(answers: Readonly<Record<string, unknown>> | object, question: Question | undefined): unknown {
  return question && (answers as Readonly<Record<string, unknown>>)[question.id];
}

/** What the last answer leaves of a design that was there before: its answers win, and what has not been asked yet stays. */
export function mergedWith(interview: Interview, before: Design): Design {
  const file = fileOf(interview);
  const old = answersFile(before);
  const cluster = { ...(old.cluster as object), ...(file.cluster as object) };
  const given = (file.classes ?? []) as readonly object[];
  const others = (old.classes as readonly object[]).slice(given.length);
  const ended = nextStep(interview) === undefined;
  const classes = [...given.map((one, index) => ({ ...(old.classes as readonly object[])[index], ...one })), ...(ended ? [] : others)];
  return parseAnswers({ ...old, ...file, cluster, ...(classes.length > 0 && { classes }) }).design;
}

/** An interview that was kept as JSON; what is no interview, or one whose answers are no longer taken, is cut off where that begins. */
export function restored(kept: unknown): Interview {
  let interview: Interview = [];
  for (const entry of Array.isArray(kept) ? (kept as readonly unknown[]) : []) {
    const step = nextStep(interview);
    const { step: of, value } = (typeof entry === 'object' && entry !== null ? entry : {}) as {
      readonly step?: unknown;
      readonly value?: unknown;
    };
    if (step === undefined || JSON.stringify(of) !== JSON.stringify(step)) break;
    const turn = answer(interview, value);
    if (turn.errors.length > 0) break;
    interview = turn.interview;
  }
  return interview;
}

/** What was typed, as an answers file would say it; what cannot be read stays a text, which `answer` then refuses with what it expects. */
export function answerFrom(step: Step, text: string): unknown {
  const typed = text.trim();
  if (typed === '' || typed === 'unknown') return undefined;
  if (step.ask === 'another class') return yesOrNo(typed);
  const question = questionAt(step);
  switch (question?.kind) {
    case 'one':
      return choiceOf(question.choices, typed);
    case 'many':
      return typed
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
        .map((part) => choiceOf(question.choices, part));
    case 'number':
      return /^[+-]?[\d_,]*\.?\d+$/.test(typed) ? Number(typed.replaceAll(/[_,]/g, '')) : typed;
    case 'boolean':
      return yesOrNo(typed);
    default:
      return typed;
  }
}

function yesOrNo(typed: string): boolean | string {
  if (/^(y|yes|true)$/i.test(typed)) return true;
  return /^(n|no|false)$/i.test(typed) ? false : typed;
}

function choiceOf(choices: readonly Choice[], typed: string): string {
  return (/^\d+$/.test(typed) ? choices[Number(typed) - 1]?.id : undefined) ?? typed;
}

/** The answers as a file would hold them. */
function fileOf(interview: Interview): Readonly<Record<string, unknown>> {
  const file: Record<string, unknown> = {};
  const cluster: Record<string, unknown> = {};
  const classes: Record<string, unknown>[] = [];
  for (const { step, value } of interview) {
    if (step.ask === 'name' || step.ask === 'app') file[step.ask] = value;
    if (step.ask === 'cluster') cluster[clusterQuestions[step.at]?.id ?? ''] = value;
    if (step.ask === 'class name') classes.push({ name: value });
    if (step.ask === 'class') classes[step.index] = { ...classes[step.index], [classQuestions[step.at]?.id ?? '']: value };
  }
  return { ...file, cluster, ...(classes.length > 0 && { classes }) };
}

/** The answers that cannot stand beside the one that was just given. */
function contradictionsAt(step: Step, interview: Interview): readonly Contradiction[] {
  if (step.ask === 'cluster') {
    const { cluster } = designOf(interview);
    const path = `cluster.${clusterQuestions[step.at]?.id}`;
    return contradictions({ name: '', cluster, classes: [] }).filter(({ first, second }) => [first.path, second.path].includes(path));
  }
  if (step.ask !== 'class') return [];
  const one = designOf(interview).classes[step.index];
  const id = classQuestions[step.at]?.id;
  if (!one || id === undefined) return [];
  return contradictionsOf(one.name, one.answers, 'class').filter(({ first, second }) => [first.path, second.path].includes(`class.${id}`));
}

/** A contradiction in one line, with its two answers by the names of their questions. */
export function contradictionText({ first, second, why }: Contradiction): string {
  return `${leaf(first.path)} ${first.value} and ${leaf(second.path)} ${second.value} cannot both hold. ${why}`;
}

function leaf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
