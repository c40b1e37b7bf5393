import assert from 'node:assert/strict';
import test from 'node:test';
import { createExtractor } from '../../core/facts/extract';
import { callsTo } from '../../core/facts/facts';
import type { Example, Finding, Rule } from '../../core/rule';
import { rules } from '../../core/rules';
import { defectsOf } from '../support/harness';

const extract = await createExtractor();

for (const rule of rules) {
  test(rule.id, () => {
    const defects = defectsOf(rule, rules, extract);
    assert.ok(defects.length === 0, `\n${defects.join('\n\n')}`);
  });
}

/** A rule for which all holds. */
const sample: Rule = {
  id: 'sample-rule',
  summary: 'Remote call without a timeout.',
  category: 'availability',
  severity: 'warning',
  fixable: 'safe',
  rationale: 'It waits.',
  references: ['https://www.erlang.org/doc/apps/kernel/rpc.html'],
  examples: [
    {
      title: 'Bounded',
      bad: `
        def stock(node, sku) do
          :rpc.call(node, Stock, :count, [sku])
        # ^^^^^^^^^
        end`,
      good: `
        def stock(node, sku) do
          :rpc.call(node, Stock, :count, [sku], 5_000)
        end`,
    },
  ],
  triggers: { calls: [':rpc.call/4'] },
  *check(file) {
    for (const call of callsTo(file, [':rpc.call/4'])) {
      const end = (call.parens ?? call.range).end;
      yield {
        range: call.callee,
        message: 'This waits forever. Pass a timeout.',
        fix: { title: 'Pass a timeout', edits: [{ range: { start: end, end }, newText: ', 5_000' }] },
      };
    }
  },
};

const [example] = sample.examples as [Example];
const withExample = (changed: Example): Rule => ({ ...sample, examples: [changed] });

/** The sample with each of its findings changed. */
function withFindings(change: (finding: Finding, text: string) => readonly Finding[], rule = sample): Rule {
  return {
    ...rule,
    *check(file, context) {
      for (const finding of rule.check(file, context)) yield* change(finding, file.text);
    },
  };
}

/** The sample with a fix that puts `text` behind the arguments. */
function withFix(text: string): Rule {
  return withFindings(({ fix, ...finding }) => [
    { ...finding, ...(fix && { fix: { ...fix, edits: fix.edits.map((edit) => ({ ...edit, newText: text })) } }) },
  ]);
}

test('the harness finds nothing wrong with a rule for which all holds', () => {
  assert.deepEqual(defectsOf(sample, [], extract), []);
});

const other: Rule = {
  ...sample,
  id: 'other-rule',
  triggers: { words: ['rpc'] },
  *check(file) {
    for (const call of callsTo(file, [':rpc.call/5'])) yield { range: call.callee, message: 'It is bounded. Wait forever.' };
  },
};

/** Rules with one thing wrong, and what the harness has to say about each. */
const wrong: readonly { readonly what: string; readonly rule: Rule; readonly defect: RegExp; readonly rules?: readonly Rule[] }[] = [
  { what: 'an id that is one word', rule: { ...sample, id: 'sample' }, defect: /The id `sample`/ },
  { what: 'a summary without a full stop', rule: { ...sample, summary: 'Remote call' }, defect: /summary/ },
  { what: 'no rationale', rule: { ...sample, rationale: '\n' }, defect: /rationale/ },
  { what: 'a reference that is no address', rule: { ...sample, references: ['the docs'] }, defect: /reference `the docs`/ },
  { what: 'no example', rule: { ...sample, examples: [] }, defect: /No example is reported/ },
  { what: 'no good example', rule: withExample({ title: 'Bad', bad: `${example.bad}` }), defect: /No example is not reported/ },
  { what: 'two examples of one title', rule: { ...sample, examples: [example, example] }, defect: /same title/ },
  { what: 'no triggers', rule: { ...sample, triggers: {} }, defect: /never runs/ },
  { what: 'a trigger that is no function', rule: { ...sample, triggers: { calls: ['rpc'] } }, defect: /trigger `rpc`/ },
  { what: 'a trigger of two words', rule: { ...sample, triggers: { words: ['rpc', 'a b'] } }, defect: /trigger `a b`/ },
  {
    what: 'triggers that its example does not have',
    rule: { ...sample, triggers: { words: ['erpc'] } },
    defect: /exactly at the carets[\s\S]*nothing/,
  },
  { what: 'no title', rule: withExample({ ...example, title: '' }), defect: /no title/ },
  { what: 'an example of nothing', rule: { ...sample, examples: [example, { title: 'Nothing' }] }, defect: /neither/ },
  {
    what: 'an example that cannot be parsed',
    rule: { ...sample, examples: [example, { title: 'Broken', good: 'def f(' }] },
    defect: /cannot be|parsed in full/,
  },
  { what: 'no carets', rule: withExample({ ...example, bad: `${example.good}` }), defect: /no carets/ },
  { what: 'carets in good code', rule: withExample({ ...example, good: `${example.bad}` }), defect: /`good` has carets/ },
  {
    what: 'a range beside the carets',
    rule: withFindings((f) => [{ ...f, range: { ...f.range, end: f.range.end + 1 } }]),
    defect: /exactly at the carets/,
  },
  { what: 'no finding', rule: withFindings(() => []), defect: /exactly at the carets/ },
  { what: 'silence for CRLF', rule: withFindings((f, text) => (text.includes('\r') ? [] : [f])), defect: /with CRLF/ },
  {
    what: 'ranges that count characters',
    rule: withFindings((f, text) => [{ ...f, range: { start: [...text.slice(0, f.range.start)].length, end: f.range.end } }]),
    defect: /emoji/,
  },
  { what: 'a message without a full stop', rule: withFindings((f) => [{ ...f, message: 'It waits' }]), defect: /“It waits” does not end/ },
  { what: 'a message that lectures', rule: withFindings((f) => [{ ...f, message: 'You should not.' }]), defect: /lectures/ },
  {
    what: 'good code reported',
    rule: {
      ...sample,
      *check(file) {
        for (const call of callsTo(file, [':rpc.call'])) yield { range: call.callee, message: 'It waits.' };
      },
    },
    defect: /`good` is reported/,
  },
  {
    what: 'findings in text',
    rule: {
      ...sample,
      triggers: { words: ['rpc'] },
      *check({ text }) {
        for (const match of text.matchAll(/:rpc.call(?=.*sku]\))/g))
          yield { range: { start: match.index, end: match.index + 9 }, message: 'It waits.' };
      },
    },
    defect: /inside a heredoc is reported[\s\S]*inside comments is reported/,
  },
  {
    what: 'findings that no comment turns off',
    rule: withFindings((f, text) => [f, ...(text.includes('disable') ? [{ ...f, range: { start: 0, end: 1 } }] : [])]),
    defect: /in spite of `disable-for-next-line`/,
  },
  { what: 'a fix without `fixable`', rule: (({ fixable, ...rest }) => rest)(sample), defect: /does not say `fixable`/ },
  {
    what: 'a fix that no example shows',
    rule: {
      ...sample,
      examples: [
        { title: 'Bad', bad: `${example.bad}` },
        { title: 'Good', good: `${example.good}` },
      ],
    },
    defect: /No example shows the fix/,
  },
  { what: 'a fix that breaks the text', rule: withFix(', ('), defect: /cannot be parsed/ },
  { what: 'a fix that does not clear its finding', rule: withFix(''), defect: /does not clear its finding/ },
  { what: 'another fix than the example', rule: withFix(', 1_000'), defect: /does not turn `bad` into `good`/ },
  { what: 'a fix that another rule reports', rule: sample, rules: [other], defect: /brings findings of other-rule/ },
  { what: 'an example without its fix', rule: withFindings(({ fix: _, ...finding }) => [finding]), defect: /has no fix/ },
  {
    what: 'a fix titled as a sentence',
    rule: withFindings(({ fix, ...f }) => [{ ...f, ...(fix && { fix: { ...fix, title: 'pass it.' } }) }]),
    defect: /menu entry/,
  },
  {
    what: 'an exception for half-typed code',
    rule: {
      ...sample,
      triggers: { words: ['rpc'] },
      check(file, context) {
        if (file.broken) throw new Error('half-typed');
        return sample.check(file, context);
      },
    },
    defect: /throws Error: half-typed/,
  },
  {
    what: 'an exception for code that is right',
    rule: {
      ...sample,
      check(file, context) {
        if (file.text.includes('5_000')) throw new Error('bounded');
        return sample.check(file, context);
      },
    },
    defect: /throws Error: bounded on `good`/,
  },
  {
    what: 'a range out of the text',
    rule: {
      ...sample,
      triggers: { words: ['rpc'] },
      *check(file, context) {
        yield* sample.check(file, context);
        if (file.broken) yield { range: { start: 0, end: 10_000 }, message: 'It waits.' };
      },
    },
    defect: /points out of the text/,
  },
];

for (const { what, rule, defect, rules: others = [] } of wrong) {
  test(`the harness notices ${what}`, () => {
    assert.match(defectsOf(rule, others, extract).join('\n'), defect);
  });
}
