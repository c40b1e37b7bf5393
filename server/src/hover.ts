/** What a rule says where its finding stands: its page, shortened. Markdown. */
import { explainBriefly } from '../../core/explain';
import type { LintFinding } from '../../core/linter';
import type { Rule } from '../../core/rule';

/** Summary, reason and remedy; `finding` is absent where the rule is only named, in a comment. `page` is the URI of the whole page. */
export function hoverText(rule: Rule, finding: LintFinding | undefined, page: string | undefined): string {
  const fix = finding?.fix;
  const isSafe = (fix?.safety ?? rule.fixable) === 'safe';
  return [
    explainBriefly(rule),
    ...(fix ? [`Quick fix: ${fix.title}${isSafe ? '' : ' (unsafe: look at the result)'}.`] : []),
    ...(page === undefined ? [] : [`[The rule's page](${page})`]),
  ].join('\n\n');
}

/** Markdown for a client that shows plain text. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, '$1: $2')
    .replace(/\*\*([^*]*)\*\*/g, '$1')
    .replace(/`([^`]*)`/g, '$1');
}
