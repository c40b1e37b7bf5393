/** `netsplit check`: lint files, and fix them. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';
import { createExtractor, type Extract } from '../../../core/facts/extract';
import type { Severity } from '../../../core/rule';
import { rules } from '../../../core/rules/index';
import { asChoice, choiceOf, describeFlags, type Flags, helpFlag, type Parsed, parseArguments } from '../arguments';
import { type Baseline, type Compared, readBaseline, withoutKnown, writeBaseline } from '../baseline';
import { changedSince } from '../changes';
import { createDisk, type Disk, decode } from '../disk';
import { explainProject } from '../evidence';
import { Failure, reasonOf } from '../failure';
import { findTargets, type RootOf, type Target, targetOf } from '../files';
import { writeFixed } from '../fix';
import { type FormatName, formatNames, formats } from '../format/formats';
import type { ExitStatus, Host } from '../host';
import { lintInThreads } from '../jobs';
import { type FixedFile, type Fixing, type LintRun, type LintTarget, lintTargets } from '../lint';
import { relativePath } from '../paths';
import { createProjectReader, createProjectRoots } from '../project';
import { count, describeSummary, findingsOf, type Note, type Report, severities } from '../report';
import { createSettings, parseOverrides } from '../settings';
import { coloursFor, plain } from '../terminal';
import { createTimings, noTimings } from '../timings';
import { readTool } from '../tool';
import type { Command } from './command';

const flags: Flags = {
  format: { value: 'FORMAT', help: `${formatNames.join(', ')}\n(default: pretty on a terminal, else concise)` },
  'output-file': { value: 'FORMAT:PATH', repeatable: true, help: 'also write the report to a file; may be repeated' },
  fix: { help: 'apply safe fixes, and report what remains' },
  'unsafe-fixes': { help: 'with --fix or --diff: unsafe fixes too' },
  diff: { help: 'show what --fix would change, and write nothing' },
  rule: { value: 'ID=LEVEL', repeatable: true, help: 'level of a rule: off, hint, info, warning, error; may be repeated' },
  config: { value: 'PATH', help: 'use this configuration for all files\n(default: the nearest .netsplit.json above each file)' },
  'changed-since': {
    value: 'REF',
    help: 'lint only files with changes since the commit where REF and the\npresent branch part, uncommitted ones and new files included',
  },
  baseline: { value: 'PATH', help: 'leave out the findings that this file knows; --fix fixes those too' },
  'write-baseline': { value: 'PATH', help: 'write all findings into this file, and report none' },
  'explain-project': { help: 'tell on stderr which signs of a cluster were found, and where' },
  'stdin-filename': { value: 'PATH', help: 'lint standard input, given as -, as if it were this file' },
  'fail-on': {
    value: 'SEVERITY',
    help: 'least severity that makes the exit status 1:\nerror, warning, info, hint, never (default: warning)',
  },
  jobs: {
    value: 'N',
    help: 'threads to lint in (default: as many as there are cores, where there\nis enough to lint; 1 with --fix, --diff and --timings)',
  },
  timings: { help: 'tell on stderr where the time went' },
  'no-progress': { help: 'accepted: progress is never shown' },
  ...helpFlag,
};

const help = `Lint Elixir files.

Usage: netsplit check [FLAG…] [PATH…]

PATH is a file or a directory (default: the working directory). In directories every .ex and .exs file is linted, and what tells
how a project runs: vm.args, env.sh, Dockerfiles, fly.toml and YAML; but not what .gitignore names, deps, _build, node_modules and
.elixir_ls. A file that is named is always linted.

Flags:
${describeFlags(flags)}

Exit status: 0 nothing at or above --fail-on; 1 findings; 2 what was asked could not be done.

Examples:
  netsplit check
  netsplit check lib --fix
  netsplit check --diff --unsafe-fixes lib/my_app/lock.ex
  netsplit check --format sarif > netsplit.sarif
  netsplit check --rule rpc-infinite-timeout=error --fail-on error
  netsplit check --changed-since origin/main
  netsplit check --write-baseline netsplit-baseline.json
  netsplit check --baseline netsplit-baseline.json
  git show HEAD:lib/a.ex | netsplit check --stdin-filename lib/a.ex -
`;

export const check: Command = { summary: 'lint Elixir files (default: the working directory)', help, run };

interface Options {
  readonly format: FormatName;
  readonly outputs: readonly { readonly format: FormatName; readonly path: string }[];
  readonly fixing: Fixing;
  readonly diff: boolean;
  /** Undefined: as many as are worth it. */
  readonly jobs: number | undefined;
  readonly changedSince: string | undefined;
  readonly baseline: string | undefined;
  readonly writeBaseline: string | undefined;
  readonly failOn: Severity | 'never';
}

async function run(args: readonly string[], host: Host): Promise<ExitStatus> {
  const start = performance.now();
  const parsed = parseArguments(args, flags);
  if (parsed.has('help')) {
    host.stdout.write(help);
    return 0;
  }
  const options = readOptions(parsed, host);
  const baseline = options.baseline === undefined ? undefined : readBaseline(options.baseline, host.cwd);
  const overrides = parseOverrides(parsed.values('rule'), rules);
  const disk = createDisk();
  const timings = parsed.has('timings') ? createTimings() : noTimings;
  const settingsOf = createSettings(parsed.value('config'), overrides, rules, host.cwd, disk);
  const rootOf = createProjectRoots(disk);
  const input = await readInput(parsed, host, disk, rootOf);
  const { targets: found, unreadable } = timings.measure('find files', () =>
    input
      ? { targets: [input], unreadable: [] }
      : findTargets(parsed.positionals.length > 0 ? parsed.positionals : ['.'], host.cwd, disk, rootOf),
  );
  const allTargets = timings.measure('find settings', () =>
    found
      .map((target) => ({ ...target, settings: settingsOf(target.path, target.root) }))
      .filter((target) => target.named || !target.settings.excluded),
  );
  const notes: Note[] = unreadable.map((place) => ({
    path: relativePath(host.cwd, place.path),
    message: `cannot be read: ${place.reason}`,
    fatal: true,
  }));
  if (allTargets.length === 0) {
    for (const note of notes) host.note(`${note.path}: ${note.message}`);
    throw new Failure(nothingFound(parsed.positionals, found.length));
  }
  const since = options.changedSince;
  const targets = since === undefined ? allTargets : timings.measure('find changes', () => changedSince(since, allTargets, host.cwd));
  if (since !== undefined) host.note(`${targets.length} of ${count(allTargets.length, 'file')} changed since \`${since}\`.`);

  const extract = await createExtractor();
  if (parsed.has('explain-project')) explainProjects(targets, extract, host, disk);
  const request = { targets, rules, fixing: options.fixing, extract, cwd: host.cwd, disk, timings };
  const linted =
    options.jobs === 1 || input || options.fixing !== 'none' || parsed.has('timings')
      ? lintTargets(request)
      : await lintInThreads(request, options.jobs, { config: parsed.value('config'), overrides, program: host.program });
  notes.push(...linted.notes);
  if (!options.diff) notes.push(...writeFixes(linted.fixes, host));
  for (const note of notes) host.note(`${note.path}: ${note.message}`);

  const compared = compare(linted, targets, options, baseline, host);
  const report = reportOf(linted, compared, notes, start, host);
  timings.measure('report', () => writeReport(report, linted, options, host));
  if (parsed.has('timings')) host.note(`timings:\n${timings.describe()}`);
  if (linted.files === 0 && targets.length > 0) throw new Failure('no file could be linted.');
  return statusOf(report, options.failOn);
}

function readOptions(parsed: Parsed, host: Host): Options {
  const diff = parsed.has('diff');
  if (parsed.has('unsafe-fixes') && !parsed.has('fix') && !diff) throw new Failure('`--unsafe-fixes` goes with `--fix` or `--diff`.');
  if (diff && parsed.has('format'))
    throw new Failure('`--diff` shows the changes in place of the report: leave out `--format`, or use `--output-file`.');
  if (parsed.has('baseline') && parsed.has('write-baseline'))
    throw new Failure('`--baseline` and `--write-baseline` do not go together: one leaves findings out, the other writes all of them.');
  if (parsed.has('changed-since') && parsed.positionals.includes('-'))
    throw new Failure('`--changed-since` is about files, not about standard input.');
  if (parsed.has('changed-since') && parsed.has('write-baseline'))
    throw new Failure('`--write-baseline` writes the findings of all files: leave out `--changed-since`.');
  const unsafe = parsed.has('unsafe-fixes');
  const outputs = parsed.values('output-file').map((value) => {
    const colon = value.indexOf(':');
    if (colon < 1 || colon === value.length - 1)
      throw new Failure(`\`--output-file ${value}\`: expected FORMAT:PATH, such as \`sarif:netsplit.sarif\`.`);
    const format = asChoice(value.slice(0, colon), formatNames, `\`--output-file ${value}\`: the format`);
    return { format, path: path.resolve(host.cwd, value.slice(colon + 1)) };
  });
  return {
    format: choiceOf(parsed, 'format', formatNames, host.stdout.isTTY ? 'pretty' : 'concise'),
    outputs,
    fixing: parsed.has('fix') || diff ? (unsafe ? 'unsafe' : 'safe') : 'none',
    diff,
    jobs: jobsOf(parsed),
    changedSince: parsed.value('changed-since'),
    baseline: parsed.value('baseline'),
    writeBaseline: parsed.value('write-baseline'),
    failOn: choiceOf(parsed, 'fail-on', [...severities, 'never'], 'warning'),
  };
}

function jobsOf(parsed: Parsed): number | undefined {
  const value = parsed.value('jobs');
  if (value === undefined) return undefined;
  const jobs = /^\d{1,4}$/.test(value) ? Number(value) : 0;
  if (jobs < 1) throw new Failure(`\`--jobs\` is a whole number from 1 to 9999; got \`${value}\`.`);
  return jobs;
}

/** Standard input in the place of a file; undefined where it is not asked for. */
async function readInput(parsed: Parsed, host: Host, disk: Disk, rootOf: RootOf): Promise<Target | undefined> {
  const name = parsed.value('stdin-filename');
  const asked = parsed.positionals.includes('-');
  if (name === undefined && !asked) return undefined;
  if (name === undefined) throw new Failure('`-` needs a name for standard input: `--stdin-filename lib/example.ex -`.');
  if (!asked || parsed.positionals.length > 1) throw new Failure('`--stdin-filename` goes with `-` as the only path.');
  if (parsed.has('fix') && !parsed.has('diff')) throw new Failure('`--fix` cannot write to standard input: use `--diff`.');
  const file = path.resolve(host.cwd, name);
  disk.put(file, decode(await host.readInput()));
  return targetOf(file, true, host.cwd, rootOf);
}

function nothingFound(paths: readonly string[], excluded: number): string {
  const where = paths.length > 0 ? paths.map((argument) => `\`${argument}\``).join(', ') : 'the working directory';
  if (excluded > 0)
    return `nothing to lint in ${where}: the configuration excludes ${excluded === 1 ? 'the only file' : `all ${excluded} files`}.`;
  return `no Elixir file (.ex, .exs) in ${where}.`;
}

/** Writes the fixed files, and returns a note for each that could not be written. */
function writeFixes(fixes: readonly FixedFile[], host: Host): readonly Note[] {
  const notes: Note[] = [];
  let findings = 0;
  let files = 0;
  for (const { target, before, after, mark, fixed } of fixes) {
    try {
      writeFixed(target.path, before, after, mark);
      findings += fixed;
      files++;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      notes.push({ path: target.shown, message: error.message, fatal: true });
    }
  }
  if (files > 0) host.note(`fixed ${count(findings, 'finding')} in ${count(files, 'file')}.`);
  return notes;
}

/** Tells of every project that a target belongs to, and of the targets that belong to none. */
function explainProjects(targets: readonly LintTarget[], extract: Extract, host: Host, disk: Disk): void {
  const reader = createProjectReader(extract, host.cwd, disk, (work) => work());
  const roots = new Set(targets.map(({ root }) => root));
  for (const root of roots) {
    const own = targets.filter((target) => target.root === root);
    if (root === undefined) {
      host.note(
        `${count(own.length, 'file')} in no project, with no \`mix.exs\` above: rules that only matter in a cluster keep their severity.`,
      );
      continue;
    }
    const textsOf = (targets: readonly Target[]): ReadonlyMap<string, string> => {
      const sources = targets.map(({ path: file }) => [file, disk.read(file)] as const);
      return new Map(sources.flatMap(([file, source]) => (source.kind === 'text' ? [[file, source.text] as const] : [])));
    };
    const [code, manifests] = [own.filter((target) => !target.manifest), own.filter((target) => target.manifest)];
    host.note(explainProject(reader.factsOf(root, textsOf(code), textsOf(manifests)), host.cwd, disk));
    reader.forget(root);
  }
}

/** What there is to report once the baseline has been asked, or written. */
function compare(linted: LintRun, targets: readonly LintTarget[], options: Options, baseline: Baseline | undefined, host: Host): Compared {
  const findings = options.diff ? linted.before : linted.after;
  if (options.writeBaseline !== undefined) {
    const known = writeBaseline(options.writeBaseline, host.cwd, findings);
    host.note(`${count(known, 'finding')} written to \`${options.writeBaseline}\`.`);
    const results = findings.results.flatMap((result) => (result.suppressed.length > 0 ? [{ ...result, findings: [] }] : []));
    return { findings: { ...findings, results }, known, gone: 0 };
  }
  if (!baseline) return { findings, known: 0, gone: 0 };
  const shown = targets.map((target) => target.shown);
  const compared = withoutKnown(findings, baseline, shown, host.cwd);
  if (compared.gone > 0) {
    host.note(
      `${count(compared.gone, 'finding')} of the baseline no longer found: \`--write-baseline ${options.baseline}\` writes it anew.`,
    );
  }
  return compared;
}

function reportOf(linted: LintRun, compared: Compared, notes: readonly Note[], start: number, host: Host): Report {
  const { results, documents } = compared.findings;
  const findings = results.flatMap((result) => result.findings);
  const amount = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  return {
    results,
    documents,
    notes,
    rules,
    tool: readTool(host.bundles),
    cwd: host.cwd,
    summary: {
      files: linted.files,
      error: amount('error'),
      warning: amount('warning'),
      info: amount('info'),
      hint: amount('hint'),
      suppressed: results.reduce((sum, result) => sum + result.suppressed.length, 0),
      inBaseline: compared.known,
      skipped: linted.skipped,
      durationMs: Math.round(performance.now() - start),
    },
  };
}

function writeReport(report: Report, linted: LintRun, options: Options, host: Host): void {
  if (options.diff) host.stdout.write(linted.fixes.map(unifiedDiff).join(''));
  else host.stdout.write(formats[options.format](report, coloursFor(host.stdout, host.env)));
  for (const output of options.outputs) {
    try {
      writeFileSync(output.path, formats[output.format](report, plain));
    } catch (error) {
      throw new Failure(`the report cannot be written to \`${relativePath(host.cwd, output.path)}\`: ${reasonOf(error)}.`);
    }
  }
  if (options.diff || options.format !== 'pretty') host.note(describeSummary(report));
}

function unifiedDiff({ target, before, after, mark }: FixedFile): string {
  const sign = mark ? '\uFEFF' : '';
  return formatPatch(structuredPatch(`a/${target.shown}`, `b/${target.shown}`, sign + before, sign + after), FILE_HEADERS_ONLY);
}

function statusOf(report: Report, failOn: Severity | 'never'): ExitStatus {
  if (report.notes.some((note) => note.fatal)) return 2;
  if (failOn === 'never') return 0;
  const failing = severities.slice(0, severities.indexOf(failOn) + 1);
  return findingsOf(report).some(({ finding }) => failing.includes(finding.severity)) ? 1 : 0;
}
