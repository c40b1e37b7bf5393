/** What a finding is recognised by from one run to the next, though lines move. */
import { createHash } from 'node:crypto';
import type { LintFinding } from '../../../core/linter';
import type { Report } from '../report';

/**
 * Gives each finding a fingerprint that is its own: a hash of the rule, the path, the text that it points at with its white space levelled,
 * and of how many with the same came before. Ask in the order of the report. `named` says under which name a path goes into the hash.
 */
export function createFingerprints(
  report: Pick<Report, 'documents'>,
  named: (path: string) => string = (path) => path,
): (path: string, finding: LintFinding) => string {
  const seen = new Map<string, number>();
  return (path, { rule, range }) => {
    const text = report.documents.get(path)?.text.slice(range.start, range.end).replace(/\s+/g, ' ') ?? '';
    const key = [rule.id, named(path), text].join('\0');
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return createHash('sha256').update(`${key}\0${before}`).digest('hex').slice(0, 32);
  };
}
