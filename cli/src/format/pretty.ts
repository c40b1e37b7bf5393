/** Findings for people: the code with carets under it, why, where else to look, what can be done, and the sum at the end. */
import type { LintFinding } from '../../../core/linter';
import { describeFixes, describeSummary, findingsOf, type Report, regionOf, safetyOf } from '../report';
import { type Colours, oneLine } from '../terminal';
import { frame } from './frame';
import { severityColour } from './severityColour';

export function formatPretty(report: Report, colours: Colours): string {
  const findings = findingsOf(report).map(({ path, finding }) => `${findingText(report, path, finding, colours)}\n\n`);
  const fixes = describeFixes(report);
  const colour = findings.length > 0 ? colours.bold : colours.green;
  return `${findings.join('')}${colour(describeSummary(report))}${fixes ? ` ${fixes}` : ''}\n`;
}

function findingText(report: Report, path: string, finding: LintFinding, colours: Colours): string {
  const { rule, severity, message, range, related = [], fix } = finding;
  const colour = severityColour(colours, severity);
  const document = (file: string) => report.documents.get(file) ?? { text: '', starts: [0] };
  const place = (file: string, at: LintFinding['range']): string => {
    const { line, column } = regionOf(report, file, at).start;
    return `${oneLine(file)}:${line}:${column}`;
  };
  const last = Math.max(range.end, ...related.filter((at) => at.path === path).map((at) => at.range.end));
  const gutter = String(regionOf(report, path, { start: last, end: last }).start.line + 1).length;
  const indent = ' '.repeat(gutter);
  const arrow = `${indent}${colours.dim('-->')} `;
  const lines = [
    `${colour(colours.bold(`${severity}[${rule.id}]`))}${colours.bold(`: ${oneLine(message)}`)}`,
    arrow + place(path, range),
    ...frame(document(path), range, { gutter, context: 1, colours, mark: colour }),
  ];
  for (const at of related) {
    const file = at.path ?? path;
    lines.push(
      `${indent} ${colours.dim('=')} ${colours.bold('see')}: ${oneLine(at.message)}`,
      arrow + place(file, at.range),
      ...frame(document(file), at.range, { gutter, context: 0, colours, mark: colours.blue }),
    );
  }
  if (fix) {
    const how = safetyOf(finding) === 'safe' ? '--fix' : '--fix --unsafe-fixes';
    lines.push(`${indent} ${colours.dim('=')} ${colours.bold('fix')}: ${oneLine(fix.title)} ${colours.dim(`(${how})`)}`);
  }
  return lines.join('\n');
}
