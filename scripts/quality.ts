/** What `npm run quality` measures: what each rule says about real code, how a reader judged it, and what becomes of the fixes. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { rules } from '../core/rules/index';
import { type Oracle, startOracle } from '../test/elixir/oracle';

/** As `netsplit check --format json` has it; lines and columns count from 1. */
interface Position {
  readonly line: number;
  readonly column: number;
}
interface Edit {
  readonly path: string;
  readonly range: { readonly start: Position; readonly end: Position };
  readonly newText: string;
}
interface Finding {
  readonly rule: string;
  readonly severity: string;
  readonly message: string;
  readonly path: string;
  readonly range: { readonly start: Position; readonly end: Position };
  readonly fix?: { readonly title: string; readonly safety: 'safe' | 'unsafe'; readonly edits: readonly Edit[] };
}

/** A reader's word on one finding: worth a remark in a review of that project, true but of little weight there, or wrong. */
interface Verdict {
  readonly repository: string;
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly verdict: 'right' | 'minor' | 'wrong';
  readonly why: string;
}

interface Repository {
  readonly name: string;
  readonly commit: string;
}

/** What became of the fixes of one safety. */
interface FixesTried {
  readonly safety: 'safe' | 'unsafe';
  readonly fixes: number;
  readonly files: number;
  /** One line for each that went wrong. */
  readonly failures: readonly string[];
}

export interface Quality {
  readonly repositories: readonly Repository[];
  readonly files: number;
  readonly lines: number;
  readonly findings: readonly Finding[];
  readonly judged: ReadonlyMap<Finding, Verdict>;
  readonly fixes: readonly FixesTried[];
}

const tables = 'test/corpus';
const cli = path.resolve('dist/cli.js');
const megabytes = 1024 * 1024;

/** Lints what is laid out in `out`. Throws when a repository is not there, or a verdict is about nothing. */
export async function measureQuality(out: string): Promise<Quality> {
  const repositories = rows('repositories.tsv').map(([name = '', commit = '']) => ({ name, commit }));
  const absent = repositories.filter(({ name }) => !existsSync(path.join(out, folderOf(name))));
  if (absent.length > 0) {
    const commands = absent.map(
      ({ name, commit }) => `git clone https://github.com/${name} ${folderOf(name)} && git -C ${folderOf(name)} checkout -q ${commit}`,
    );
    throw new Error(`In ${out} are missing:\n${commands.join('\n')}`);
  }
  const findings: Finding[] = [];
  let [files, lines] = [0, 0];
  for (const { name } of repositories) {
    const report = check(out, [folderOf(name)]);
    findings.push(...report.findings);
    files += report.summary.files;
    lines += countLines(path.join(out, folderOf(name)));
  }
  const judged = judgedFindings(findings, rows('verdicts.tsv').map(verdictOf));
  const elixir = await startOracle();
  try {
    const fixes = [await tryFixes(out, findings, 'safe', elixir), await tryFixes(out, findings, 'unsafe', elixir)];
    return { repositories, files, lines, findings, judged, fixes };
  } finally {
    elixir.stop();
  }
}

const folderOf = (repository: string): string => repository.replace('/', '__');

function rows(file: string): readonly (readonly string[])[] {
  const text = readFileSync(path.join(tables, file), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'));
}

function verdictOf([repository = '', file = '', line = '', rule = '', verdict = '', why = '']: readonly string[]): Verdict {
  if (verdict !== 'right' && verdict !== 'minor' && verdict !== 'wrong') {
    throw new Error(`verdicts.tsv: “${verdict}” of ${repository} ${file}:${line} is not right, minor or wrong.`);
  }
  return { repository, path: file, line: Number(line), rule, verdict, why };
}

interface Report {
  readonly findings: readonly Finding[];
  readonly summary: { readonly files: number };
}

function check(cwd: string, args: readonly string[], input?: string): Report {
  const command = [cli, 'check', '--format', 'json', '--fail-on', 'never', ...args];
  const { stdout, stderr, error } = spawnSync(process.execPath, command, { cwd, input, encoding: 'utf8', maxBuffer: 512 * megabytes });
  if (error) throw error;
  if (!stdout) throw new Error(`netsplit check ${args.join(' ')}: ${stderr}`);
  return JSON.parse(stdout);
}

const skipped = /^(?:deps|_build|node_modules|\.elixir_ls|\.git)$/;

function countLines(folder: string): number {
  let lines = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory() && !skipped.test(entry.name)) lines += countLines(file);
    else if (entry.isFile() && /\.exs?$/.test(entry.name)) lines += readFileSync(file, 'utf8').split('\n').length - 1;
  }
  return lines;
}

/** Applies all fixes of a safety, file by file, and looks at what comes out. */
async function tryFixes(out: string, findings: readonly Finding[], safety: 'safe' | 'unsafe', elixir: Oracle): Promise<FixesTried> {
  const byFile = new Map<string, Finding[]>();
  for (const finding of findings) {
    const local = finding.fix?.edits.every((edit) => edit.path === finding.path);
    if (finding.fix?.safety === safety && local) byFile.set(finding.path, [...(byFile.get(finding.path) ?? []), finding]);
  }
  const failures: string[] = [];
  let fixes = 0;
  for (const [file, fixable] of byFile) {
    const before = readFileSync(path.join(out, file), 'utf8');
    const { text, applied } = withFixes(before, fixable);
    fixes += applied.length;
    const fail = (what: string): number => failures.push(`${file}: ${what}`);
    const fault = await elixir.parse(text);
    if (fault) {
      fail(`no longer parses: line ${fault.line}, ${fault.message}`);
      continue;
    }
    // A fix that makes a line too long is unsafe for that reason.
    const isMeant = safety === 'unsafe' && text.split('\n').some((line) => line.length > 98);
    if (!isMeant && sameText(await elixir.format(before), before) && !sameText(await elixir.format(text), text))
      fail('is no longer formatted');
    const after = check(out, ['--stdin-filename', file, '-'], text).findings.filter((finding) => finding.path === file);
    const had = countsOf(findings.filter((finding) => finding.path === file));
    for (const [rule, count] of countsOf(after)) {
      const left = (had.get(rule) ?? 0) - applied.filter((finding) => finding.rule === rule).length;
      if (count > left) fail(`has ${count} findings of ${rule}, ${left} were expected`);
    }
  }
  return { safety, fixes, files: byFile.size, failures };
}

const sameText = (formatted: string, text: string): boolean => formatted.trimEnd() === text.trimEnd();

function countsOf(findings: readonly Finding[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { rule } of findings) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return counts;
}

/** The text with the fixes that do not touch one another; the first of two that do is taken. */
function withFixes(text: string, findings: readonly Finding[]): { readonly text: string; readonly applied: readonly Finding[] } {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const offset = ({ line, column }: Position): number => (starts[line - 1] ?? text.length) + column - 1;
  const taken: { readonly start: number; readonly end: number; readonly newText: string }[] = [];
  const applied = findings.filter(({ fix }) => {
    const edits = (fix?.edits ?? []).map(({ range, newText }) => ({ start: offset(range.start), end: offset(range.end), newText }));
    if (edits.some((edit) => taken.some((other) => edit.start <= other.end && other.start <= edit.end))) return false;
    taken.push(...edits);
    return true;
  });
  const ordered = taken.sort((a, b) => b.start - a.start);
  return { text: ordered.reduce((all, { start, end, newText }) => all.slice(0, start) + newText + all.slice(end), text), applied };
}

// --- the page

const severities = ['error', 'warning', 'info', 'hint'] as const;

/** The verdict on each finding that has one. Throws for a verdict on what is no longer found: it has to be read again. */
function judgedFindings(findings: readonly Finding[], verdicts: readonly Verdict[]): ReadonlyMap<Finding, Verdict> {
  const judged = new Map<Finding, Verdict>();
  const stale = verdicts.filter((verdict) => {
    const place = `${folderOf(verdict.repository)}/${verdict.path}`;
    const finding = findings.find((f) => f.rule === verdict.rule && f.path === place && f.range.start.line === verdict.line);
    if (finding) judged.set(finding, verdict);
    return !finding;
  });
  if (stale.length > 0) {
    const places = stale.map((v) => `${v.repository} ${v.path}:${v.line} ${v.rule}`);
    throw new Error(`Nothing is reported any more where verdicts.tsv has a verdict; remove these lines:\n${places.join('\n')}`);
  }
  return judged;
}

/** `docs/rules/quality.md`. */
export function qualityPage({ repositories, files, lines, findings, judged, fixes }: Quality): string {
  const loud = findings.filter((f) => f.severity === 'error' || f.severity === 'warning');
  const per = (count: number): string => ((count / lines) * 100_000).toFixed(2);
  return [
    '# What the rules say about real code',
    '',
    '<!-- Written by `npm run quality -- OUT`; not by hand. -->',
    '',
    `${findings.length} findings in ${repositories.length} public repositories: ${files} files, ${lines} lines of Elixir. ` +
      `${severities.map((s) => `${findings.filter((f) => f.severity === s).length} ${s}`).join(', ')}: ` +
      `${per(loud.length)} errors and warnings per 100,000 lines.`,
    '',
    'Each judged finding was read with its callers, and called *right* when a reviewer of that project should say it, *minor* when it is true but of',
    'little weight there, *wrong* when it is not true. *Defended* is the share of the judged ones that are not wrong. The table of them is',
    '`test/corpus/verdicts.tsv`.',
    '',
    ...summary(findings, judged),
    '',
    '## By rule',
    '',
    '| Rule | Findings | Per 100,000 lines | Judged | Right | Minor | Wrong | Defended |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rules.map((rule) => {
      const own = findings.filter((f) => f.rule === rule.id);
      const words = own.flatMap((f) => judged.get(f) ?? []);
      return `| [${rule.id}](${rule.id}.md) | ${own.length} | ${per(own.length)} | ${verdictCells(words)} |`;
    }),
    '',
    '## Fixes',
    '',
    'All fixes of a file are applied to it; the result has to parse with Elixir itself, to be formatted if it was (but for lines that an unsafe fix makes too',
    'long), to have lost the findings and to have gained none.',
    '',
    '| Safety | Fixes | Files | Failures |',
    '| --- | ---: | ---: | ---: |',
    ...fixes.map((tried) => `| ${tried.safety} | ${tried.fixes} | ${tried.files} | ${tried.failures.length} |`),
    ...fixes.flatMap(({ failures }) => failures.map((failure) => `\n- ${failure}`)),
    '',
    '## Repositories',
    '',
    '| Repository | Commit |',
    '| --- | --- |',
    ...repositories.map(({ name, commit }) => `| [${name}](https://github.com/${name}/tree/${commit}) | \`${commit.slice(0, 12)}\` |`),
    '',
  ].join('\n');
}

function summary(findings: readonly Finding[], judged: ReadonlyMap<Finding, Verdict>): readonly string[] {
  return [
    '| Severity | Findings | Judged | Right | Minor | Wrong | Defended |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...severities.map((severity) => {
      const own = findings.filter((f) => f.severity === severity);
      return `| ${severity} | ${own.length} | ${verdictCells(own.flatMap((f) => judged.get(f) ?? []))} |`;
    }),
  ];
}

function verdictCells(words: readonly Verdict[]): string {
  const count = (verdict: Verdict['verdict']): number => words.filter((w) => w.verdict === verdict).length;
  const defended = words.length > 0 ? `${Math.round((1 - count('wrong') / words.length) * 100)} %` : '';
  return [words.length, count('right'), count('minor'), count('wrong'), defended].join(' | ');
}
