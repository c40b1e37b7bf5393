/** The questions of a design, asked one at a time: what is asked next, and what a line that was typed means. It reads and writes nothing. */
import { contradictionsOf, type Design, parseAnswers } from '../../core/design/answers';
import { classQuestions, clusterQuestions, isAsked, type Question } from '../../core/design/questions';

/** What is asked. `index` counts classes, `at` the questions of its list. */
export type Step =
  | { readonly ask: 'name' }
  | { readonly ask: 'app' }
  | { readonly ask: 'cluster'; readonly at: number }
  | { readonly ask: 'class name'; readonly index: number }
  | { readonly ask: 'class'; readonly index: number; readonly at: number }
  | { readonly ask: 'another class'; readonly index: number };

/** The answers so far, in the order in which they were given; undefined is unknown. */
export type Interview = readonly { readonly step: Step; readonly value: unknown }[];

/** What a line leads to. */
export interface Turn {
  readonly interview: Interview;
  /** Nothing is asked any more. */
  readonly done: boolean;
  /** What the person should know before the next question: what was wrong with the line, or which answers cannot both hold. */
  readonly notices: readonly string[];
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
  return parseAnswers(answersFileOf(interview)).design;
}

/** Takes a line: an answer, nothing for unknown, `<` to go back, `>` to leave the rest unknown. */
export function take(interview: Interview, line: string): Turn {
  const typed = line.trim();
  const step = nextStep(interview);
  if (step === undefined || typed === '>') return { interview, done: true, notices: [] };
  if (typed === '<') {
    const notices = interview.length === 0 ? ['This is the first question.'] : [];
    return { interview: interview.slice(0, -1), done: false, notices };
  }
  const value = answerFrom(step, typed);
  if (step.ask === 'another class' && typeof value === 'string')
    return { interview, done: false, notices: [`Found ${JSON.stringify(value)}; expected y or n.`] };
  const answered = [...interview, { step, value }];
  const { errors } = parseAnswers(answersFileOf(answered));
  if (errors.length > 0) return { interview, done: false, notices: [...new Set(errors.map(({ message }) => message))] };
  return { interview: answered, done: nextStep(answered) === undefined, notices: contradictionsAt(step, answered) };
}

/** A question as it is shown. */
export interface Shown {
  /** Where in the list it stands: `Cluster, 3 of 10`. */
  readonly place: string;
  readonly text: string;
  readonly help: string;
  /** Of a question with choices, in order: they are chosen by number or by id. */
  readonly choices: readonly { readonly id: string; readonly text: string; readonly detail: string }[];
  /** What may be typed: `a number of nodes`. */
  readonly expected: string;
}

/** The question of a step in words. */
export function shownStep(step: Step, interview: Interview): Shown {
  switch (step.ask) {
    case 'name':
      return textStep(
        'Design',
        'What is being designed?',
        'The title of the document, and what it is found by when it is written again.',
        'a name',
      );
    case 'app':
      return textStep(
        'Design',
        'What is the OTP application called?',
        'Names in code and configuration are made from it.',
        'a name such as my_app',
      );
    case 'class name':
      return textStep(
        `Class ${step.index + 1}`,
        step.index === 0 ? 'What is the first class of data or process called?' : 'What is the next class of data or process called?',
        'A decision is made for each: the ledger, the cart, the nightly job.',
        'a name',
      );
    case 'another class':
      return textStep('Design', 'Is there another class of data or process in this cluster?', 'Each has a decision of its own.', 'y or n');
    case 'cluster':
      return questionStep(`Cluster, ${step.at + 1} of ${clusterQuestions.length}`, clusterQuestions[step.at]);
    case 'class': {
      const { name = '', answers = {} } = designOf(interview).classes[step.index] ?? {};
      const asked = classQuestions.filter((question) => isAsked(question, answers));
      const question = classQuestions[step.at];
      return questionStep(`${name}, ${question ? asked.indexOf(question) + 1 : 0} of ${asked.length}`, question);
    }
  }
}

function textStep(place: string, text: string, help: string, expected: string): Shown {
  return { place, text, help, choices: [], expected };
}

function questionStep(place: string, question: Question | undefined): Shown {
  if (!question) return textStep(place, '', '', '');
  const { text, help } = question;
  const choices = question.kind === 'one' || question.kind === 'many' ? question.choices : [];
  return { place, text, help, choices, expected: expectedOf(question) };
}

function expectedOf(question: Question): string {
  switch (question.kind) {
    case 'one':
      return `1 to ${question.choices.length}`;
    case 'many':
      return `1 to ${question.choices.length}, several with commas between`;
    case 'number':
      return `a ${question.range.whole ? 'whole ' : ''}number of ${question.range.unit}`;
    case 'boolean':
      return 'y or n';
  }
}

/** What was typed as an answers file would say it; what cannot be read stays a text, which `parseAnswers` then refuses with what it expects. */
function answerFrom(step: Step, typed: string): unknown {
  if (typed === '' || typed === 'unknown') return undefined;
  if (step.ask === 'another class') return yesOrNo(typed);
  const question = step.ask === 'cluster' ? clusterQuestions[step.at] : step.ask === 'class' ? classQuestions[step.at] : undefined;
  if (!question) return typed;
  switch (question.kind) {
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
  }
}

function yesOrNo(typed: string): boolean | string {
  if (/^(y|yes|true)$/i.test(typed)) return true;
  return /^(n|no|false)$/i.test(typed) ? false : typed;
}

function choiceOf(choices: readonly { readonly id: string }[], typed: string): string {
  return (/^\d+$/.test(typed) ? choices[Number(typed) - 1]?.id : undefined) ?? typed;
}

/** The answers as a file would hold them. */
function answersFileOf(interview: Interview): Readonly<Record<string, unknown>> {
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
function contradictionsAt(step: Step, interview: Interview): readonly string[] {
  if (step.ask !== 'class') return [];
  const one = designOf(interview).classes[step.index];
  const id = classQuestions[step.at]?.id;
  if (!one || id === undefined) return [];
  return contradictionsOf(one.name, one.answers, 'class')
    .filter(({ first, second }) => [first.path, second.path].includes(`class.${id}`))
    .map(
      ({ first, second, why }) => `${leaf(first.path)} ${first.value} and ${leaf(second.path)} ${second.value} cannot both hold. ${why}`,
    );
}

function leaf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
