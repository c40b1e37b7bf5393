/** A design asked for in the terminal: what a line means, and what may be typed. It reads and writes nothing. */
import { answer, answerFrom, contradictionText, type Interview, nextStep, questionAt, type Step } from '../../core/design/interview';

/** What a line leads to. */
export interface Line {
  readonly interview: Interview;
  /** Nothing is asked any more. */
  readonly done: boolean;
  /** What the person should know before the next question: what was wrong with the line, or which answers cannot both hold. */
  readonly notices: readonly string[];
}

/** Takes a line: an answer, nothing for unknown, `<` to go back, `>` to leave the rest unknown. */
export function take(interview: Interview, line: string): Line {
  const typed = line.trim();
  const step = nextStep(interview);
  if (step === undefined || typed === '>') return { interview, done: true, notices: [] };
  if (typed === '<') {
    const notices = interview.length === 0 ? ['This is the first question.'] : [];
    return { interview: interview.slice(0, -1), done: false, notices };
  }
  const turn = answer(interview, answerFrom(step, typed));
  if (turn.errors.length > 0) return { interview, done: false, notices: turn.errors };
  return {
    interview: turn.interview,
    done: nextStep(turn.interview) === undefined,
    notices: turn.contradictions.map(contradictionText),
  };
}

/** What may be typed as the answer to a step: `a number of nodes`, `1 to 4`. */
export function expectedAt(step: Step): string {
  switch (step.ask) {
    case 'name':
    case 'class name':
      return 'a name';
    case 'app':
      return 'a name such as my_app';
    case 'another class':
      return 'y or n';
    default:
  }
  const question = questionAt(step);
  switch (question?.kind) {
    case 'one':
      return `1 to ${question.choices.length}`;
    case 'many':
      return `1 to ${question.choices.length}, several with commas between`;
    case 'number':
      return `a ${question.range.whole ? 'whole ' : ''}number of ${question.range.unit}`;
    default:
      return 'y or n';
  }
}
