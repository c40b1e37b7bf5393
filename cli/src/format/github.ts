/** Workflow commands of GitHub Actions, which become annotations. */
import type { LintFinding } from '../../../core/linter';
import { findingsOf, type Report, regionOf } from '../report';

const commands = { error: 'error', warning: 'warning', info: 'notice', hint: 'notice' } as const;

export function formatGithub(report: Report): string {
  return findingsOf(report)
    .map(({ path, finding }) => `::${commands[finding.severity]} ${properties(report, path, finding)}::${escapeData(finding.message)}\n`)
    .join('');
}

function properties(report: Report, path: string, { rule, range }: LintFinding): string {
  const { start, end } = regionOf(report, path, range);
  // Columns are only allowed within one line, and the last one counts as part of it.
  const columns = start.line === end.line ? { col: start.column, endColumn: Math.max(start.column, end.column - 1) } : {};
  const values = { file: path, line: start.line, endLine: end.line, ...columns, title: `netsplit ${rule.id}` };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
    .join(',');
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
