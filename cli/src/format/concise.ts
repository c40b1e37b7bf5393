/** One line for each finding: `path:line:column: severity[rule] message`. */
import { findingsOf, type Report, regionOf } from '../report';
import { type Colours, oneLine } from '../terminal';
import { severityColour } from './severityColour';

export function formatConcise(report: Report, colours: Colours): string {
  return findingsOf(report)
    .map(({ path, finding }) => {
      const { line, column } = regionOf(report, path, finding.range).start;
      const label = severityColour(colours, finding.severity)(`${finding.severity}[${finding.rule.id}]`);
      return `${colours.bold(oneLine(path))}:${line}:${column}: ${label} ${oneLine(finding.message)}\n`;
    })
    .join('');
}
