/** GitLab's Code Quality report. */
import { findingsOf, type Report, regionOf } from '../report';
import { createFingerprints } from './fingerprint';

const severities = { error: 'critical', warning: 'major', info: 'minor', hint: 'info' } as const;

export function formatGitlab(report: Report): string {
  const fingerprintOf = createFingerprints(report);
  const entries = findingsOf(report).map(({ path, finding }) => {
    const { start, end } = regionOf(report, path, finding.range);
    return {
      description: finding.message,
      check_name: finding.rule.id,
      fingerprint: fingerprintOf(path, finding),
      severity: severities[finding.severity],
      location: { path, lines: { begin: start.line, end: end.line } },
    };
  });
  return `${JSON.stringify(entries, null, 2)}\n`;
}
