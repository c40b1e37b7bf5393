/** `netsplit decide`: how the data and processes of a cluster should replicate. */
import path from 'node:path';
import { contradictions, type Design, parseAnswers } from '../../../core/design/answers';
import { decide as decideDesign } from '../../../core/design/decide';
import { decisionSection, jsonDocument, madrDocuments, markdownDocument, type Report, reportOf } from '../../../core/design/document';
import { generateCode } from '../../../core/design/generate/generate';
import { type StoredDesign, storedDesigns } from '../../../core/design/learnings';
import { choiceOf, describeFlags, type Flags, helpFlag, type Parsed, parseArguments } from '../arguments';
import { askDesign } from '../ask';
import { writeCode } from '../code';
import { readData } from '../data';
import { createDisk, type Disk } from '../disk';
import { Failure } from '../failure';
import type { ExitStatus, Host } from '../host';
import { knowledgeBaseOf, writeFlag } from '../knowledge';
import { relativePath } from '../paths';
import { printable } from '../terminal';
import type { Command } from './command';

const formatNames = ['markdown', 'madr', 'json'] as const;

const flags: Flags = {
  answers: {
    value: 'FILE',
    help: 'read the answers from a .json or .yaml file, or from a decision in a knowledge base: FILE.md#ID\n(default: they are asked for in the terminal)',
  },
  format: { value: 'FORMAT', help: `${formatNames.join(', ')} (default: markdown; with --write: none)` },
  write: writeFlag,
  code: { value: 'DIR', help: 'write the code of the recommendations below this directory; no file is ever replaced' },
  ...helpFlag,
};

const help = `Decide how the data and processes of a cluster replicate: options with their fit, what happens in a partition, plan and way back.

Usage: netsplit decide [FLAG…]

Flags:
${describeFlags(flags)}

Exit status: 0 decided, also when too little is known to recommend anything; 2 what was asked could not be done.

Answers, in YAML; what is left out is unknown:
  name: Shop
  app: shop
  cluster: { size: 5, geography: one-data-centre }
  classes:
    - { name: stock ledger, kind: inventory, invariants: [never-negative] }
\`netsplit decide\` in a terminal asks every question; \`--format json\` then shows the file under \`answers\`.
`;

export const decide: Command = { summary: 'decide how data and processes replicate, from answers', help, run };

async function run(args: readonly string[], host: Host): Promise<ExitStatus> {
  const parsed = parseArguments(args, flags);
  if (parsed.has('help')) {
    host.stdout.write(help);
    return 0;
  }
  const [extra] = parsed.positionals;
  if (extra !== undefined) throw new Failure(`\`netsplit decide\` takes no argument, got \`${extra}\`. A file goes with \`--answers\`.`);
  const format = choiceOf(parsed, 'format', formatNames, 'markdown');
  const knowledgeBase = knowledgeBaseOf(parsed, host);
  const disk = createDisk();
  const design = await designFor(parsed, host, disk);
  for (const { first, second, why } of contradictions(design))
    host.note(`${first.path} ${first.value} and ${second.path} ${second.value} cannot both hold. ${why}`);
  const decision = decideDesign(design);
  const generated = generateCode(decision);
  const directory = parsed.value('code');
  knowledgeBase?.write(decisionSection(reportOf(decision, generated.files, 'named')));
  if (parsed.has('format') || !knowledgeBase) {
    host.stdout.write(rendered(reportOf(decision, generated.files, directory === undefined ? 'whole' : 'named'), format));
  }
  // Last, so that a decision that took many answers is kept whatever becomes of the code.
  if (directory !== undefined) writeCode(generated, directory, host);
  return 0;
}

async function designFor(parsed: Parsed, host: Host, disk: Disk): Promise<Design> {
  const given = parsed.value('answers');
  if (given === undefined) {
    if (host.stdin.isTTY && host.stderr.isTTY) return askDesign(host);
    throw new Failure(
      'no answers: `netsplit decide --answers FILE` reads them from a file; without it they are asked for in a terminal only.',
    );
  }
  const stored = /^(.+\.md)(?:#(.*))?$/i.exec(given);
  if (stored?.[1] !== undefined) return storedDesign(stored[1], stored[2], host, disk);
  const data = readData(given, 'answers', host.cwd, disk);
  const { design, errors } = parseAnswers(data.value);
  return errors.length > 0 ? data.refuse(errors) : design;
}

/** The design of a decision that was written before; `id` may be left out where there is only one. */
function storedDesign(given: string, id: string | undefined, host: Host, disk: Disk): Design {
  const file = path.resolve(host.cwd, given);
  const shown = relativePath(host.cwd, file);
  const source = disk.read(file);
  if (source.kind !== 'text') throw new Failure(`\`${shown}\` cannot be read: ${source.reason}.`);
  const { design, errors, id: found } = chosen(storedDesigns(source.text), id, shown);
  if (errors.length === 0) return design;
  throw new Failure(
    `the answers of \`${found}\` in \`${shown}\` cannot be used.\n${errors.map((error) => printable(`${error.path}: ${error.message}`)).join('\n')}`,
  );
}

function chosen(designs: readonly StoredDesign[], id: string | undefined, shown: string): StoredDesign {
  const [first, second] = designs;
  if (!first) throw new Failure(`\`${shown}\` holds no decision of Netsplit.`);
  const ids = designs.map((one) => one.id).join(', ');
  if (id === undefined) {
    if (second) throw new Failure(`\`${shown}\` holds several decisions. Name one: \`--answers ${shown}#${first.id}\`; there are ${ids}.`);
    return first;
  }
  const one = designs.find((candidate) => candidate.id === id);
  if (!one) throw new Failure(`\`${shown}\` holds no decision \`${id}\`. Expected one of ${ids}.`);
  return one;
}

function rendered(report: Report, format: (typeof formatNames)[number]): string {
  if (format === 'json') return `${JSON.stringify(jsonDocument(report), null, 2)}\n`;
  if (format === 'markdown') return markdownDocument(report);
  const documents = madrDocuments(report);
  // One document is a file as it is. Of several, each is preceded by the name that it should have.
  return documents.length === 1
    ? documents.map(({ text }) => text).join('')
    : documents.map(({ fileName, text }) => `<!-- ${fileName} -->\n${text}`).join('\n');
}
