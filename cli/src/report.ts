/** What a run of `check` has to say: plain data that the formats read. */
import type { LintFinding } from '../../core/linter';
import type { Rule, Safety, Severity } from '../../core/rule';
import { lineStarts, type Position, positionAt, type Range } from '../../core/text';

/** A finding that a comment turned off. */
export type Suppressed = LintFinding & { readonly reason?: string };

/** The findings of one file, in the order of its text. The paths of related places are relative to the working directory, as `path` is. */
export interface FileResult {
  /** Relative to the working directory, with `/`. */
  readonly path: string;
  readonly findings: readonly LintFinding[];
  readonly suppressed: readonly Suppressed[];
}

export interface Summary {
  /** Files that were linted. */
  readonly files: number;
  readonly error: number;
  readonly warning: number;
  readonly info: number;
  readonly hint: number;
  readonly suppressed: number;
  /** Findings that the baseline knows, which are not reported. */
  readonly inBaseline: number;
  /** Files that are no text to lint or could not be read. */
  readonly skipped: number;
  readonly durationMs: number;
}

/** Something that kept a file, or a part of what there is to say about it, out of the report. */
export interface Note {
  /** Relative to the working directory, with `/`. */
  readonly path: string;
  readonly message: string;
  /** The run did not do what was asked. */
  readonly fatal: boolean;
}

/** The text of a file that findings point into. */
export interface Document {
  readonly text: string;
  /** Offsets of the starts of its lines. */
  readonly starts: readonly number[];
}

export interface Report {
  /** Files with findings or suppressed ones, in the order of their paths. */
  readonly results: readonly FileResult[];
  readonly summary: Summary;
  readonly notes: readonly Note[];
  /** By path, for every file that a finding or related place is in. */
  readonly documents: ReadonlyMap<string, Document>;
  readonly rules: readonly Rule[];
  readonly tool: Tool;
  /** The working directory, absolute. */
  readonly cwd: string;
}

/** What is known of Netsplit itself. */
export interface Tool {
  readonly version: string;
  readonly homepage?: string;
  /** URL of a rule's page, as shipped beside the program. */
  pageOf(rule: Rule): string;
}

/** A range as people see it; the end is exclusive. */
export interface Region {
  readonly start: Position;
  readonly end: Position;
}

export const severities: readonly Severity[] = ['error', 'warning', 'info', 'hint'];

export function documentOf(text: string): Document {
  return { text, starts: lineStarts(text) };
}

/** Where `range` is in the file at `path`. */
export function regionOf(report: Report, path: string, range: Range): Region {
  const starts = report.documents.get(path)?.starts ?? [0];
  return { start: positionAt(starts, range.start), end: positionAt(starts, range.end) };
}

/** Every finding with its path, in the order of the report. */
export function findingsOf(report: Pick<Report, 'results'>): readonly { readonly path: string; readonly finding: LintFinding }[] {
  return report.results.flatMap(({ path, findings }) => findings.map((finding) => ({ path, finding })));
}

/** Whether applying a finding's fix needs a person's eyes; undefined without a fix. */
export function safetyOf({ fix, rule }: LintFinding): Safety | undefined {
  return fix && (fix.safety ?? rule.fixable ?? 'unsafe');
}

/** `3 files`, `1 file`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

/** The summary as a sentence: `2 errors, 1 warning in 10 files`. */
export function describeSummary(report: Report): string {
  const { summary } = report;
  const kinds = severities.filter((severity) => summary[severity] > 0);
  const found = kinds.map((severity) => (severity === 'info' ? `${summary.info} info` : count(summary[severity], severity))).join(', ');
  const extras = [
    ...(summary.suppressed > 0 ? [`${summary.suppressed} suppressed`] : []),
    ...(summary.inBaseline > 0 ? [`${summary.inBaseline} in the baseline`] : []),
    ...(summary.skipped > 0 ? [`${count(summary.skipped, 'file')} not linted`] : []),
  ];
  return `${found || 'No findings'} in ${count(summary.files, 'file')}${extras.length > 0 ? ` (${extras.join(', ')})` : ''}.`;
}

/** What could be fixed, as a sentence; undefined when nothing can. */
export function describeFixes(report: Report): string | undefined {
  const safeties = findingsOf(report).map(({ finding }) => safetyOf(finding));
  const safe = safeties.filter((safety) => safety === 'safe').length;
  const unsafe = safeties.filter((safety) => safety === 'unsafe').length;
  const parts = [
    ...(safe > 0 ? [`\`--fix\` fixes ${safe}`] : []),
    ...(unsafe > 0 ? [`\`--fix --unsafe-fixes\` ${safe > 0 ? `${unsafe} more` : `fixes ${unsafe}`}, to be looked at`] : []),
  ];
  return parts.length > 0 ? `${parts.join('; ')}.` : undefined;
}
