/** What a hover shows: of a rule where its finding stands its page, shortened; of a call or expression what there is to learn. Markdown. */
import { explainBriefly } from '../../core/explain';
import type { LintFinding } from '../../core/linter';
import type { Rule } from '../../core/rule';
import type { Lesson } from '../../core/teach/lesson';

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

/** A lesson with the way to the pages that say more, without those of the rules in `shown`, whose findings stand above it. */
export function lessonText(
  { text, rules, reference }: Lesson,
  shown: ReadonlySet<string>,
  pageOf: (rule: Pick<Rule, 'id'>) => string | undefined,
): string {
  const more = rules
    .filter((id) => !shown.has(id))
    .map((id) => {
      const page = pageOf({ id });
      return page === undefined ? `\`netsplit explain ${id}\`` : `[${id}](${page})`;
    });
  const links = [...more, ...(reference === undefined ? [] : [`[documentation](${reference})`])];
  return links.length === 0 ? text : `${text}\n\nMore: ${links.join(', ')}`;
}

/** Markdown for a client that shows plain text. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/\[([^\]]*)\]\(([^)]*)\)/g, '$1: $2')
    .replace(/\*\*([^*]*)\*\*/g, '$1')
    .replace(/`([^`]*)`/g, '$1');
}
