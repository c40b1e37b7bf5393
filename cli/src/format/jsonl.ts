/** One finding a line, each as in the JSON format. */
import { findingsOf, type Report } from '../report';
import { jsonFinding } from './json';

export function formatJsonl(report: Report): string {
  return findingsOf(report)
    .map(({ path, finding }) => `${JSON.stringify(jsonFinding(report, path, finding))}\n`)
    .join('');
}
