import type { FileFacts } from '../../facts/facts';
import type { Finding, Fix, Rule, SuppressedRule, Suppression } from '../../rule';
import type { Range } from '../../text';

export default {
  id: 'unused-suppression',
  summary: 'Suppression comment that turns nothing off.',
  category: 'correctness',
  severity: 'warning',
  fixable: 'safe',
  rationale: `
    A comment that outlives its finding hides the next one. The code was mended, or moved away from under the comment, or the name of
    the rule was mistyped: in each case the comment says that a danger was weighed here, and none was.

    Reported for each named rule by itself, and only where that rule ran and could see all that it needs: not for a rule that is off,
    not in a file that cannot be parsed in full, and not without the project where the rule looks at the project. A comment that
    cannot be read is reported too, as it turns nothing off.

    The fix takes the rule's name out, and the whole comment when no rule is left. For a mistyped name it puts the nearest one, which
    is unsafe: that rule will be turned off from then on.`,
  references: [],
  examples: [
    {
      title: 'The call was mended, the comment stayed',
      bad: `
        def stock(node, sku) do
          # netsplit:disable-for-next-line rpc-infinite-timeout -- only run by hand
          #                                ^^^^^^^^^^^^^^^^^^^^
          :rpc.call(node, Stock, :count, [sku], 5_000)
        end`,
      good: `
        def stock(node, sku) do
          :rpc.call(node, Stock, :count, [sku], 5_000)
        end`,
    },
    {
      title: 'Still needed',
      good: `
        def stock(node, sku) do
          # netsplit:disable-for-next-line rpc-infinite-timeout -- only run by hand
          :rpc.call(node, Stock, :count, [sku])
        end`,
    },
    {
      title: 'A comment that cannot be read',
      bad: `
        # netsplit:disable-this-file suppression-without-reason -- written by a generator
        #          ^^^^^^^^^^^^^^^^^
        defmodule Stock do
        end`,
      good: `
        # netsplit:disable-for-this-file suppression-without-reason -- written by a generator
        defmodule Stock do
        end`,
    },
  ],
  triggers: { words: ['netsplit'] },
  last: true,

  *check(file, { suppressions = [] }) {
    for (const suppression of suppressions) {
      if (suppression.error) {
        const { message, range, instead } = suppression.error;
        yield { range, message, ...(instead !== undefined && { fix: replaceBy(range, instead) }) };
      }
      for (const rule of suppression.rules) yield* findingFor(file, suppression, rule);
    }
  },
} satisfies Rule;

function* findingFor(file: FileFacts, suppression: Suppression, rule: SuppressedRule): Iterable<Finding> {
  const { range, id } = rule;
  if (rule.effect === 'unused') {
    yield { range, message: `\`${id}\` finds nothing here. Remove it from the comment.`, fix: removal(file.text, suppression, rule) };
  } else if (rule.effect === 'unknown rule' && rule.nearest !== undefined) {
    const message = `There is no rule \`${id}\`. Did you mean \`${rule.nearest}\`?`;
    yield { range, message, fix: replaceBy(range, rule.nearest) };
  } else if (rule.effect === 'unknown rule') {
    yield { range, message: `There is no rule \`${id}\`. Remove it from the comment.`, fix: removal(file.text, suppression, rule) };
  }
}

function replaceBy(range: Range, newText: string): Fix {
  return { title: `Replace by \`${newText}\``, safety: 'unsafe', edits: [{ range, newText }] };
}

/** Takes out the rule's name; the whole comment when none of its rules turns anything off. */
function removal(text: string, suppression: Suppression, rule: SuppressedRule): Fix {
  if (suppression.rules.every(({ effect, nearest }) => effect === 'unused' || (effect === 'unknown rule' && nearest === undefined))) {
    return { title: 'Remove this suppression', edits: [{ range: wholeComment(text, suppression.range), newText: '' }] };
  }
  const index = suppression.rules.indexOf(rule);
  const next = suppression.rules[index + 1];
  const previous = suppression.rules[index - 1];
  const range = next
    ? { start: rule.range.start, end: next.range.start }
    : { start: previous?.range.end ?? rule.range.start, end: rule.range.end };
  return { title: `Remove \`${rule.id}\` from this suppression`, edits: [{ range, newText: '' }] };
}

/** The comment with the white space before it, and with its line when nothing else stands there. */
function wholeComment(text: string, { start, end }: Range): Range {
  let before = start;
  while (text[before - 1] === ' ' || text[before - 1] === '\t') before--;
  const standsAlone = before === 0 || text[before - 1] === '\n' || text[before - 1] === '\r';
  const after = (standsAlone ? /^[ \t]*(?:\r\n|\n|\r|$)/ : /^[ \t]*/).exec(text.slice(end))?.[0].length ?? 0;
  return { start: before, end: end + after };
}
