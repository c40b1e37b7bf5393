/** Findings as JSON, version 1: lines and columns count from 1, columns in UTF-16 code units, ends are exclusive. */
import type { LintFinding } from '../../../core/linter';
import { findingsOf, type Report, regionOf, safetyOf } from '../report';

export function formatJson(report: Report): string {
  const { files, error, warning, info, hint, suppressed, inBaseline, skipped, durationMs } = report.summary;
  const summary = {
    files,
    error,
    warning,
    info,
    hint,
    suppressed,
    ...(inBaseline > 0 && { inBaseline }),
    ...(skipped > 0 && { skipped }),
    durationMs,
  };
  return `${JSON.stringify({ version: 1, findings: findingsOf(report).map(({ path, finding }) => jsonFinding(report, path, finding)), summary }, null, 2)}\n`;
}

/** One finding as the JSON formats show it. */
export function jsonFinding(report: Report, path: string, finding: LintFinding): object {
  const { rule, severity, message, range, related = [], fix } = finding;
  return {
    rule: rule.id,
    severity,
    category: rule.category,
    message,
    path,
    range: regionOf(report, path, range),
    related: related.map((place) => ({
      message: place.message,
      path: place.path ?? path,
      range: regionOf(report, place.path ?? path, place.range),
    })),
    ...(fix && {
      fix: {
        title: fix.title,
        safety: safetyOf(finding),
        edits: fix.edits.map((edit) => ({ path, range: regionOf(report, path, edit.range), newText: edit.newText })),
      },
    }),
    help: report.tool.pageOf(rule),
  };
}
