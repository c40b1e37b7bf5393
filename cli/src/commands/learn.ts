/** `netsplit learn`: what was learned from a bug, for the knowledge base of the project. */
import path from 'node:path';
import { gotchaOfFinding, gotchaOfRule } from '../../../core/design/gotcha';
import { investigationOfSymptom } from '../../../core/design/investigation';
import type { Section } from '../../../core/design/learnings';
import { applicationOf } from '../../../core/design/mix-file';
import { remediesOf, remedyCode } from '../../../core/design/remedies';
import { type Symptom, symptoms } from '../../../core/design/symptoms';
import { rules } from '../../../core/rules/index';
import { describeFlags, describeRows, didYouMean, type Flags, helpFlag, parseArguments } from '../arguments';
import { writeCode } from '../code';
import { createDisk } from '../disk';
import { Failure } from '../failure';
import { findingFacts } from '../findings';
import type { ExitStatus, Host } from '../host';
import { knowledgeBaseOf, writeFlag } from '../knowledge';
import { unknownRule } from '../settings';
import type { Command } from './command';

const flags: Flags = {
  gotcha: { value: 'RULE', help: 'an entry about a rule; with PATH, about its first finding there' },
  investigation: {
    value: 'SYMPTOM',
    optional: true,
    help: 'an investigation of a bug: hypotheses, how to confirm each, and what\nthe rules find in PATH (default: the working directory)',
  },
  write: writeFlag,
  code: {
    value: 'DIR',
    help: 'with --investigation: write code that does it right, and a test that cuts real nodes\nwhere there is one, below this directory; no file is ever replaced',
  },
  ...helpFlag,
};

const help = `Write down what there is to learn: an entry about a rule, or the investigation of a bug, as Markdown.

Usage: netsplit learn [PATH…] --gotcha RULE [--write [FILE]]
       netsplit learn [PATH…] --investigation SYMPTOM [--write [FILE]] [--code DIR]

Without --write it goes to standard output. A decision is written by \`netsplit decide --write\`.

Flags:
${describeFlags(flags)}

Symptoms:
${symptomRows()}
`;

export const learn: Command = { summary: 'write a gotcha or an investigation into the knowledge base', help, run };

async function run(args: readonly string[], host: Host): Promise<ExitStatus> {
  const parsed = parseArguments(args, flags);
  if (parsed.has('help')) {
    host.stdout.write(help);
    return 0;
  }
  if (parsed.has('gotcha') === parsed.has('investigation'))
    throw new Failure('say what to write, one thing: `--gotcha RULE` or `--investigation SYMPTOM`.');
  const directory = parsed.value('code');
  if (directory !== undefined && parsed.has('gotcha')) throw new Failure('`--code` goes with `--investigation`.');
  const knowledgeBase = knowledgeBaseOf(parsed, host);
  const rule = parsed.value('gotcha');
  const section =
    rule !== undefined
      ? await gotcha(rule, parsed.positionals, host)
      : await investigation(parsed.value('investigation'), parsed.positionals, host);
  if (knowledgeBase) knowledgeBase.write(section);
  else host.stdout.write(`${section.heading}\n\n${section.body.trimEnd()}\n`);
  if (directory !== undefined)
    writeCode(remedyCode(remediesOf(symptomCalled(parsed.value('investigation')).id), applicationIn(host)), directory, host);
  return 0;
}

async function gotcha(id: string, paths: readonly string[], host: Host): Promise<Section> {
  const rule = rules.find((candidate) => candidate.id === id);
  if (!rule) throw new Failure(unknownRule(`--gotcha ${id}`, id, rules));
  if (paths.length === 0) return gotchaOfRule(rule);
  const [finding] = await findingFacts(paths, [rule], host);
  if (!finding) throw new Failure(`\`${id}\` finds nothing in ${paths.map((given) => `\`${given}\``).join(', ')}.`);
  return gotchaOfFinding(finding);
}

async function investigation(id: string | undefined, paths: readonly string[], host: Host): Promise<Section> {
  const symptom = symptomCalled(id);
  const findings = await findingFacts(paths.length > 0 ? paths : ['.'], rulesOf(symptom), host);
  const app = applicationIn(host);
  return investigationOfSymptom(symptom, { findings, ...(app !== undefined && { app }) });
}

function symptomCalled(id: string | undefined): Symptom {
  const symptom = symptoms.find((candidate) => candidate.id === id);
  if (!symptom) throw new Failure(unknownSymptom(id));
  return symptom;
}

/** The application of the mix.exs in the working directory. */
function applicationIn({ cwd }: Host): string | undefined {
  const source = createDisk().read(path.join(cwd, 'mix.exs'));
  return source.kind === 'text' ? applicationOf(source.text) : undefined;
}

function rulesOf({ hypotheses }: Symptom): typeof rules {
  const ids = new Set(hypotheses.flatMap((hypothesis) => hypothesis.rules));
  return rules.filter((rule) => ids.has(rule.id));
}

function unknownSymptom(id: string | undefined): string {
  const known = symptoms.map((symptom) => symptom.id);
  const wrong = id === undefined ? '`--investigation` needs a symptom.' : `there is no symptom \`${id}\`.${didYouMean(id, known)}`;
  return `${wrong} Expected one of:\n${symptomRows()}`;
}

function symptomRows(): string {
  return describeRows(symptoms.map(({ id, title }): readonly [string, string] => [id, title]));
}
