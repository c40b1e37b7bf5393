/** `netsplit explain`: a rule's page in the terminal. */
import { explain as pageOf } from '../../../core/explain';
import { rules } from '../../../core/rules/index';
import { describeFlags, helpFlag, parseArguments } from '../arguments';
import { Failure } from '../failure';
import type { ExitStatus, Host } from '../host';
import { unknownRule } from '../settings';
import { type Colours, coloursFor } from '../terminal';
import type { Command } from './command';

const help = `Explain a rule: what is wrong, why it matters, examples, and how to turn it off.

Usage: netsplit explain RULE

Flags:
${describeFlags(helpFlag)}
`;

export const explain: Command = { summary: "show a rule's page", help, run };

async function run(args: readonly string[], host: Host): Promise<ExitStatus> {
  const parsed = parseArguments(args, helpFlag);
  if (parsed.has('help')) {
    host.stdout.write(help);
    return 0;
  }
  const [id, extra] = parsed.positionals;
  if (id === undefined || extra !== undefined) throw new Failure('name one rule: `netsplit explain RULE`. `netsplit rules` lists them.');
  const rule = rules.find((candidate) => candidate.id === id);
  if (!rule) throw new Failure(unknownRule(`explain ${id}`, id, rules));
  host.stdout.write(highlighted(pageOf(rule), coloursFor(host.stdout, host.env)));
  return 0;
}

/** Markdown with headings and code set apart; the text itself stays. */
function highlighted(page: string, colours: Colours): string {
  let fence: string | undefined;
  return page
    .split('\n')
    .map((line) => {
      const ticks = /^`{3,}/.exec(line)?.[0];
      if (fence === undefined && ticks) {
        fence = ticks;
        return colours.dim(line);
      }
      if (fence !== undefined && line === fence) {
        fence = undefined;
        return colours.dim(line);
      }
      if (fence !== undefined) return colours.cyan(line);
      return line.startsWith('#') ? colours.bold(line) : line;
    })
    .join('\n');
}
