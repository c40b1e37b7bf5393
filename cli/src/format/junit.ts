/** JUnit's XML: a suite for each file with findings, a failed case for each of its rules. */
import type { LintFinding } from '../../../core/linter';
import { type FileResult, type Report, regionOf } from '../report';

export function formatJunit(report: Report): string {
  const suites = report.results.filter(({ findings }) => findings.length > 0).map((result) => suiteOf(report, result));
  const cases = suites.reduce((sum, suite) => sum + suite.cases, 0);
  // Readers of the format take a report without any case for a broken one.
  const passed =
    '  <testsuite name="netsplit" tests="1" failures="0">\n    <testcase name="no findings" classname="netsplit"/>\n  </testsuite>\n';
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    `<testsuites name="netsplit" tests="${Math.max(1, cases)}" failures="${cases}">\n`,
    suites.length > 0 ? suites.map(({ xml }) => xml).join('') : passed,
    '</testsuites>\n',
  ].join('');
}

function suiteOf(report: Report, { path, findings }: FileResult): { readonly xml: string; readonly cases: number } {
  const byRule = new Map<string, LintFinding[]>();
  for (const finding of findings) byRule.set(finding.rule.id, [...(byRule.get(finding.rule.id) ?? []), finding]);
  const cases = [...byRule].map(([id, own]) => caseOf(report, path, id, own));
  const name = escapeXml(path);
  return {
    xml: `  <testsuite name="${name}" tests="${cases.length}" failures="${cases.length}">\n${cases.join('')}  </testsuite>\n`,
    cases: cases.length,
  };
}

function caseOf(report: Report, path: string, id: string, findings: readonly LintFinding[]): string {
  const lines = findings.map((finding) => {
    const { line, column } = regionOf(report, path, finding.range).start;
    return `${path}:${line}:${column}: ${finding.severity}: ${finding.message}`;
  });
  const [first] = findings;
  const failure = `<failure type="${first?.severity ?? ''}" message="${escapeXml(first?.message ?? '')}">${escapeXml(lines.join('\n'))}</failure>`;
  return `    <testcase name="${escapeXml(id)}" classname="${escapeXml(path)}">\n      ${failure}\n    </testcase>\n`;
}

function escapeXml(text: string): string {
  const known: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;', '\n': '&#10;' };
  return text.replace(notXml, '\uFFFD').replace(/[&<>"'\n]/g, (character) => known[character] ?? character);
}

/** What XML 1.0 has no way to write. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const notXml = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;
