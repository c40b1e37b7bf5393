/** Asks the questions of a design in the terminal. */
import { createInterface } from 'node:readline/promises';
import type { Design } from '../../core/design/answers';
import { designOf, type Interview, nextStep, type Step, shownStep } from '../../core/design/interview';
import { Failure } from './failure';
import type { Host } from './host';
import { expectedAt, take } from './interview';
import { type Colours, coloursFor, printable } from './terminal';

const prompt = '> ';

/** Asks until every question is answered or given up. Throws a Failure when the input ends before. */
export async function askDesign(host: Host): Promise<Design> {
  const { stdin, stderr } = host;
  const colours = coloursFor(stderr, host.env);
  const lines = createInterface({ input: stdin, output: stderr, terminal: true, prompt });
  // Ctrl-C ends the input.
  lines.on('SIGINT', () => lines.close());
  let interview: Interview = [];
  const ask = (): void => {
    const step = nextStep(interview);
    if (step) stderr.write(`\n${questionText(step, interview, colours)}\n`);
    lines.prompt();
  };
  try {
    stderr.write('Enter alone: unknown; <: back; >: decide, and leave the rest unknown; Ctrl-C: stop.\n');
    ask();
    for await (const line of lines) {
      const turn = take(interview, line);
      for (const notice of turn.notices) stderr.write(`${colours.yellow(printable(notice))}\n`);
      interview = turn.interview;
      if (turn.done) return designOf(interview);
      ask();
    }
  } finally {
    lines.close();
  }
  stderr.write('\n');
  throw new Failure('stopped before the last question; nothing was decided or written.');
}

function questionText(step: Step, interview: Interview, colours: Colours): string {
  const { part, place, text, help, choices } = shownStep(step, interview);
  const width = Math.max(0, ...choices.map((choice) => choice.text.length));
  return [
    colours.dim(printable(place ? `${part}, ${place.at} of ${place.of}` : part)),
    colours.bold(text),
    help,
    ...choices.map((choice, index) => `${String(index + 1).padStart(4)}  ${choice.text.padEnd(width)}  ${colours.dim(choice.detail)}`),
    colours.dim(`(${expectedAt(step)})`),
  ].join('\n');
}
