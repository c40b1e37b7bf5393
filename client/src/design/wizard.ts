/** The questions of a design in the quick input, one after the other, with the way back. */
import type { Design } from '../../../core/design/answers';
import {
  answer,
  answerFrom,
  contradictionText,
  type Interview,
  knownAt,
  nextStep,
  progressOf,
  questionAt,
  type Step,
  shownStep,
} from '../../../core/design/interview';
import type { Question as Asked, Choice } from '../../../core/design/questions';
import { askMany, askOne, askText, type Item, type OwnButton, type Question, type Reply } from './quick-input';

/** How the questions ended: all answered, the rest left unknown, closed, or to be gone on with in the page. */
export type Ending = 'answered' | 'decided' | 'closed' | 'page';

type Button = 'rest' | 'page';

const buttons: readonly OwnButton<Button>[] = [
  { id: 'page', icon: 'open-preview', tooltip: 'Go On in the Page' },
  { id: 'rest', icon: 'check-all', tooltip: 'Decide Now, Leave the Rest as It Is' },
];

/**
 * Asks from where the interview stands until it ends in one of the ways. What `before` says is shown as the answer that Enter takes; `keep` is told of
 * every answer, so that nothing is lost when VS Code is closed.
 */
export async function askDesign(
  start: Interview,
  before: Design,
  keep: (interview: Interview) => PromiseLike<void>,
): Promise<{ readonly interview: Interview; readonly ending: Ending }> {
  let interview = start;
  // What was answered before somebody went back: it is shown when the question comes again.
  const given = new Map<string, unknown>(start.map(({ step, value }) => [JSON.stringify(step), value]));
  for (let step = nextStep(interview); step; step = nextStep(interview)) {
    const key = JSON.stringify(step);
    const reply = await askStep(step, interview, given.has(key) ? given.get(key) : knownAt(step, before));
    if (reply.kind === 'closed' || reply.kind === 'page') return { interview, ending: reply.kind };
    if (reply.kind === 'rest') return { interview, ending: 'decided' };
    if (reply.kind === 'back') {
      interview = interview.slice(0, -1);
      continue;
    }
    const turn = answer(interview, reply.value);
    given.set(key, reply.value);
    if (turn.contradictions.length > 0) {
      const kept = await askWhetherBothStay(turn.contradictions.map(contradictionText));
      if (kept.kind === 'closed') return { interview, ending: 'closed' };
      if (kept.kind === 'back' || !kept.value) continue;
    }
    interview = turn.interview;
    await keep(interview);
  }
  return { interview, ending: 'answered' };
}

function askStep(step: Step, interview: Interview, known: unknown): Promise<Reply<unknown, Button>> {
  const { part, text, help, choices } = shownStep(step, interview);
  const frame: Question<Button> = {
    title: `${part}: ${text}`,
    placeholder: help,
    ...progressOf(interview),
    canGoBack: interview.length > 0,
    buttons,
  };
  const refuse = (value: unknown): string | undefined => {
    const { errors } = answer(interview, value);
    return errors.length > 0 ? errors.join(' ') : undefined;
  };
  const question = questionAt(step);
  if (step.ask === 'another class') return askOne<unknown, Button>(frame, yesOrNo('Each has a decision of its own.'), is(known ?? false));
  switch (question?.kind) {
    case 'one':
      return askOne<unknown, Button>(frame, [leftOpen, ...choices.map(choiceItem)], is(known));
    case 'boolean':
      return askOne<unknown, Button>(frame, [leftOpen, ...yesOrNo()], is(known));
    case 'many':
      return askSeveral(frame, choices, known, refuse);
    default:
      return askTyped(step, { ...frame, prompt: help, placeholder: expected(step, question) }, known, refuse);
  }
}

async function askSeveral(
  frame: Question<Button>,
  choices: readonly Choice[],
  known: unknown,
  refuse: (value: unknown) => string | undefined,
): Promise<Reply<unknown, Button>> {
  const chosen: readonly unknown[] = Array.isArray(known) ? known : [];
  const items = choices.map((choice) => ({ ...choiceItem(choice), picked: chosen.includes(choice.id) }));
  const asAnswer = (values: readonly unknown[]): unknown => (values.length > 0 ? values : undefined);
  const placeholder = `${frame.placeholder} Nothing chosen: unknown.`;
  const reply = await askMany<unknown, Button>({ ...frame, placeholder }, items, (values) => refuse(asAnswer(values)));
  return reply.kind === 'answer' ? { kind: 'answer', value: asAnswer(reply.value) } : reply;
}

async function askTyped(
  step: Step,
  frame: Question<Button> & { readonly prompt: string },
  known: unknown,
  refuse: (value: unknown) => string | undefined,
): Promise<Reply<unknown, Button>> {
  const reply = await askText({ ...frame, value: known === undefined ? '' : String(known) }, (text) => refuse(answerFrom(step, text)));
  return reply.kind === 'answer' ? { kind: 'answer', value: answerFrom(step, reply.value) } : reply;
}

function expected(step: Step, question: Asked | undefined): string {
  if (question?.kind !== 'number') return step.ask === 'app' ? 'my_app; nothing: unknown' : 'A name; nothing: unknown';
  const { whole, unit, minimum, maximum } = question.range;
  return `A ${whole ? 'whole ' : ''}number of ${unit} from ${minimum} to ${maximum}; nothing: unknown`;
}

function choiceItem({ id, text, detail }: Choice): Item<unknown> {
  return { label: text, detail, value: id };
}

/** Stands first: Enter alone leaves a question open, as in the terminal. */
const leftOpen: Item<unknown> = {
  label: 'Unknown',
  detail: 'Decide without it; the decision says whether the answer would change it.',
  value: undefined,
};

function yesOrNo(detail?: string): readonly Item<unknown>[] {
  return [
    { label: 'Yes', ...(detail !== undefined && { detail }), value: true },
    { label: 'No', value: false },
  ];
}

function is(known: unknown): (value: unknown) => boolean {
  return (value) => value === known;
}

async function askWhetherBothStay(texts: readonly string[]): Promise<Reply<boolean>> {
  return askOne<boolean>({ title: 'Two answers that cannot both hold', placeholder: texts.join(' '), canGoBack: true }, [
    { label: 'Answer again', detail: texts.join(' '), value: false },
    { label: 'Keep both', detail: 'Nothing can be recommended that does both: the decision names the two answers.', value: true },
  ]);
}
