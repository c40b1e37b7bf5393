/** A table for the summary of a CI job or a comment on a change. */
import { describeFixes, describeSummary, findingsOf, type Report, regionOf } from '../report';

export function formatMarkdown(report: Report): string {
  const rows = findingsOf(report).map(({ path, finding }) => {
    const { line, column } = regionOf(report, path, finding.range).start;
    return `| ${finding.severity} | ${code(`${path}:${line}:${column}`)} | ${code(finding.rule.id)} | ${cell(finding.message)} |\n`;
  });
  const table = rows.length > 0 ? `| Severity | Place | Rule | Message |\n| --- | --- | --- | --- |\n${rows.join('')}\n` : '';
  const fixes = describeFixes(report);
  return `## Netsplit\n\n${table}${describeSummary(report)}${fixes ? ` ${fixes}` : ''}\n`;
}

/** Markdown of a message, which may hold code spans, within a table's cell. */
function cell(text: string): string {
  return text
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .replaceAll('|', '\\|')
    .replace(/`[^`]*`|[<&]/g, (part) => (part === '<' ? '&lt;' : part === '&' ? '&amp;' : part));
}

function code(text: string): string {
  const ticks = '`'.repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const space = ticks.length > 1 ? ' ' : '';
  return `${ticks}${space}${text.replaceAll('|', '\\|')}${space}${ticks}`;
}
