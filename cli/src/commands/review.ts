/** `netsplit review`: what a project's cluster is, and what happens to it in a partition. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { createExtractor } from '../../../core/facts/extract';
import { reviewMarkdown } from '../../../core/review/markdown';
import { reviewMermaid } from '../../../core/review/mermaid';
import { type ProjectFinding, type Review, reviewProject } from '../../../core/review/review';
import { rules } from '../../../core/rules/index';
import { choiceOf, describeFlags, type Flags, helpFlag, parseArguments } from '../arguments';
import { createDisk, type Disk } from '../disk';
import { Failure, reasonOf } from '../failure';
import { findTargets } from '../files';
import type { ExitStatus, Host } from '../host';
import { lintTargets } from '../lint';
import { relativePath } from '../paths';
import { createProjectReader, createProjectRoots } from '../project';
import { createSettings } from '../settings';
import { printable } from '../terminal';
import { noTimings } from '../timings';
import type { Command } from './command';

const formatNames = ['markdown', 'json', 'mermaid'] as const;

const flags: Flags = {
  format: { value: 'FORMAT', help: `${formatNames.join(', ')} (default: markdown)` },
  ...helpFlag,
};

const help = `Review the cluster of a project: what it is, what is spread over its nodes, what becomes of each part in a partition,
and what to do about it.

Usage: netsplit review [FLAG…] [PATH]

PATH is a directory or file of a Mix project (default: the working directory); the whole project is reviewed.

Flags:
${describeFlags(flags)}

Exit status: 0 it was reviewed, whatever came of it; 2 what was asked could not be done.
`;

export const review: Command = { summary: 'tell what the cluster of a project is, and what happens to it in a partition', help, run };

async function run(args: readonly string[], host: Host): Promise<ExitStatus> {
  const parsed = parseArguments(args, flags);
  if (parsed.has('help')) {
    host.stdout.write(help);
    return 0;
  }
  const [given = '.', extra] = parsed.positionals;
  if (extra !== undefined)
    throw new Failure(`\`netsplit review\` takes one path, got \`${extra}\` besides: review one project after the other.`);
  const format = choiceOf(parsed, 'format', formatNames, 'markdown');
  const disk = createDisk();
  const root = projectAt(given, host, disk);
  host.stdout.write(rendered(await reviewOf(root, host, disk), format));
  return 0;
}

/** The root of the project that the path belongs to. */
function projectAt(given: string, host: Host, disk: Disk): string {
  const absolute = path.resolve(host.cwd, given);
  let directory: string;
  try {
    directory = statSync(absolute).isDirectory() ? absolute : path.dirname(absolute);
  } catch (error) {
    throw new Failure(`\`${given}\`: ${reasonOf(error)}.`);
  }
  const root = createProjectRoots(disk)(directory);
  if (root !== undefined) return root;
  const where = given === '.' ? 'the working directory' : `\`${given}\``;
  throw new Failure(`there is no Mix project at ${where}: no \`mix.exs\` in it or above, up to the root of the repository.`);
}

async function reviewOf(root: string, host: Host, disk: Disk): Promise<Review> {
  const extract = await createExtractor();
  const project = createProjectReader(extract, host.cwd, disk, (work) => work()).wholeOf(root);
  return reviewProject({
    project,
    name: path.basename(root),
    findings: findingsOf(root, extract, host, disk),
    textOf(file) {
      const source = disk.read(path.resolve(root, file));
      return source.kind === 'text' ? source.text : undefined;
    },
  });
}

/** What the rules find in the project as it is configured. What cannot be read is noted. */
function findingsOf(root: string, extract: Awaited<ReturnType<typeof createExtractor>>, host: Host, disk: Disk): readonly ProjectFinding[] {
  const settingsOf = createSettings(undefined, new Map(), rules, host.cwd, disk);
  const rootOf = createProjectRoots(disk);
  const { targets: found, unreadable } = findTargets([root], host.cwd, disk, rootOf);
  for (const place of unreadable) host.note(`${relativePath(host.cwd, place.path)}: cannot be read: ${place.reason}`);
  const targets = found
    .filter((target) => target.root === root)
    .map((target) => ({ ...target, settings: settingsOf(target.path, root) }))
    .filter((target) => !target.settings.excluded);
  const { before, notes } = lintTargets({ targets, rules, fixing: 'none', extract, cwd: host.cwd, disk, timings: noTimings });
  for (const note of notes) host.note(`${note.path}: ${note.message}`);
  return before.results.flatMap(({ path: shown, findings }) => {
    const file = relativePath(root, path.resolve(host.cwd, shown));
    return findings.map(({ rule, severity, message, range }) => ({ rule, severity, message, range, path: file }));
  });
}

function rendered(reviewed: Review, format: (typeof formatNames)[number]): string {
  if (format === 'json') return `${JSON.stringify(reviewed, null, 2)}\n`;
  const text = format === 'mermaid' ? reviewMermaid(reviewed) : reviewMarkdown(reviewed);
  return text.split('\n').map(printable).join('\n');
}
