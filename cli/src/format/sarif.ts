/** SARIF 2.1.0, for code scanning and for viewers. Columns count UTF-16 code units. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { explain } from '../../../core/explain';
import type { LintFinding } from '../../../core/linter';
import type { Rule, Severity } from '../../../core/rule';
import { dedent, type Range } from '../../../core/text';
import { type FileResult, type Note, type Report, regionOf, type Suppressed, type Tool } from '../report';
import { createFingerprints } from './fingerprint';

const schema = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json';

/** Every relative path is relative to it: the working directory. */
const base = 'SRCROOT';

const levels = { error: 'error', warning: 'warning', info: 'note', hint: 'note' } as const;

/** How code scanning weighs a rule. */
const weights = { error: 'error', warning: 'warning', info: 'recommendation', hint: 'recommendation' } as const;

export function formatSarif(report: Report): string {
  const { tool, rules, cwd, notes } = report;
  const run = {
    tool: {
      driver: {
        name: 'netsplit',
        fullName: `Netsplit ${tool.version}`,
        version: tool.version,
        semanticVersion: tool.version,
        ...(tool.homepage !== undefined && { informationUri: tool.homepage }),
        rules: rules.map((rule) => descriptorOf(rule, tool)),
      },
    },
    invocations: [
      {
        executionSuccessful: notes.every((note) => !note.fatal),
        workingDirectory: { uri: directoryUri(cwd) },
        toolExecutionNotifications: notes.map(notificationOf),
      },
    ],
    originalUriBaseIds: { [base]: { uri: directoryUri(cwd) } },
    columnKind: 'utf16CodeUnits',
    results: resultsOf(report),
  };
  return `${JSON.stringify({ $schema: schema, version: '2.1.0', runs: [run] }, null, 2)}\n`;
}

function descriptorOf(rule: Rule, tool: Tool): object {
  const page = explain(rule);
  return {
    id: rule.id,
    shortDescription: { text: rule.summary },
    fullDescription: { text: dedent(rule.rationale) },
    help: { text: page, markdown: page },
    ...(tool.homepage !== undefined && {
      helpUri: new URL(`docs/rules/${rule.id}.md`, `${tool.homepage.replace(/\/?(?:#.*)?$/, '')}/`).href,
    }),
    defaultConfiguration: { enabled: rule.optIn !== true, level: levels[rule.severity] },
    properties: { tags: [rule.category, 'elixir', 'distributed-systems'], 'problem.severity': weights[rule.severity] },
  };
}

function resultsOf(report: Report): readonly object[] {
  const index = new Map(report.rules.map((rule, at) => [rule.id, at]));
  const fingerprintOf = createFingerprints(report);
  // Where one result tells whether it is suppressed, all of them have to.
  const telling = report.results.some((result) => result.suppressed.length > 0);
  return report.results.flatMap((result) =>
    inOrder(result).map(({ finding, suppressed }) => ({
      ruleId: finding.rule.id,
      ruleIndex: index.get(finding.rule.id) ?? -1,
      level: levels[finding.severity],
      message: { text: finding.message },
      locations: [locationOf(report, result.path, finding.range)],
      ...(finding.related && finding.related.length > 0 && { relatedLocations: relatedLocations(report, result.path, finding) }),
      ...(finding.fix && { fixes: [fixOf(report, result.path, finding.fix)] }),
      partialFingerprints: { 'netsplit/v1': fingerprintOf(result.path, finding) },
      ...(telling && { suppressions: suppressed ? [suppressionOf(suppressed)] : [] }),
      properties: { severity: finding.severity satisfies Severity },
    })),
  );
}

function inOrder({ findings, suppressed }: FileResult): readonly { readonly finding: LintFinding; readonly suppressed?: Suppressed }[] {
  return [...findings.map((finding) => ({ finding })), ...suppressed.map((finding) => ({ finding, suppressed: finding }))].sort(
    (a, b) => a.finding.range.start - b.finding.range.start,
  );
}

function suppressionOf({ reason }: Suppressed): object {
  return { kind: 'inSource', ...(reason !== undefined && { justification: reason }) };
}

function relatedLocations(report: Report, file: string, { related = [] }: LintFinding): readonly object[] {
  return related.map((place, id) => ({ id, ...locationOf(report, place.path ?? file, place.range), message: { text: place.message } }));
}

function fixOf(report: Report, file: string, fix: NonNullable<LintFinding['fix']>): object {
  const replacements = fix.edits.map((edit) => ({
    deletedRegion: sarifRegion(report, file, edit.range),
    ...(edit.newText !== '' && { insertedContent: { text: edit.newText } }),
  }));
  return { description: { text: fix.title }, artifactChanges: [{ artifactLocation: artifactOf(file), replacements }] };
}

function locationOf(report: Report, file: string, range: Range): object {
  return { physicalLocation: { artifactLocation: artifactOf(file), region: sarifRegion(report, file, range) } };
}

function sarifRegion(report: Report, file: string, range: Range): object {
  const { start, end } = regionOf(report, file, range);
  return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
}

function artifactOf(file: string): object {
  if (path.isAbsolute(file)) return { uri: pathToFileURL(file).href };
  return { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: base };
}

function notificationOf(note: Note): object {
  return {
    level: note.fatal ? 'error' : 'warning',
    message: { text: `${note.path}: ${note.message}` },
    locations: [{ physicalLocation: { artifactLocation: artifactOf(note.path) } }],
  };
}

function directoryUri(directory: string): string {
  return pathToFileURL(directory.endsWith(path.sep) ? directory : directory + path.sep).href;
}
