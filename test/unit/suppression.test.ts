import assert from 'node:assert/strict';
import test from 'node:test';
import { createExtractor } from '../../core/facts/extract';
import { lint } from '../../core/linter';
import type { Rule } from '../../core/rule';
import suppressionWithoutReason from '../../core/rules/suppression/suppression-without-reason';
import unusedSuppression from '../../core/rules/suppression/unused-suppression';
import { parseDirectives } from '../../core/suppression';
import { applyEdits, dedent, lineAt, lineStarts } from '../../core/text';
import { marksIn, withoutCarets } from '../support/carets';
import { callRule, rule } from '../support/rules';

const extract = await createExtractor();
const wait = callRule('wait-forever', ':rpc.call');
const send = callRule('send-blindly', 'Kernel.send');
const rules: readonly Rule[] = [wait, send, rule('never-found'), unusedSuppression, suppressionWithoutReason];

interface Options {
  readonly off?: readonly Rule[];
  readonly rules?: readonly Rule[];
}

function lintText(text: string, options: Options = {}) {
  return lint(extract('lib/a.ex', text), {
    rules: options.rules ?? rules,
    context: { rpcWrappers: [] },
    levelOf: (one) => (options.off?.includes(one) ? 'off' : one.severity),
  });
}

/** Compares the findings of a text with the rules that its carets name. */
function found(written: string, options: Options = { off: [suppressionWithoutReason] }): void {
  const text = dedent(written);
  const expected = marksIn(text).map(({ range, label }) => [label, text.slice(range.start, range.end), range.start]);
  const actual = lintText(text, options).findings.map((finding) => [
    finding.rule.id,
    text.slice(finding.range.start, finding.range.end),
    finding.range.start,
  ]);
  assert.deepEqual(actual, expected);
}

/** Applies the fix of the only finding. */
function fixed(text: string): string {
  const { findings } = lintText(text, { off: [suppressionWithoutReason] });
  assert.equal(findings.length, 1);
  return applyEdits(text, findings[0]!.fix!.edits);
}

test('disable-for-next-line reaches over blank lines and comments to the next line of code', () => {
  found(`
    # netsplit:disable-for-next-line wait-forever -- r

      # a comment
    :rpc.call(a)
    :rpc.call(b)
    #^^^^^^^^ wait-forever`);
});

test('comments to disable the next line can be stacked', () => {
  found(`
    # netsplit:disable-for-next-line wait-forever -- r
    # netsplit:disable-for-next-line send-blindly -- r
    send(:rpc.call(a), b)
    send(:rpc.call(a), b)
    #^^^ send-blindly
    #    ^^^^^^^^^ wait-forever`);
});

test('disable-for-this-line holds for the line of the comment', () => {
  found(`
    :rpc.call(a) # netsplit:disable-for-this-line wait-forever -- r
    :rpc.call(b)
    #^^^^^^^^ wait-forever`);
});

test('disable-for-this-file holds everywhere, above the comment too', () => {
  found(`
    :rpc.call(a)
    # netsplit:disable-for-this-file wait-forever -- r
    :rpc.call(b)`);
});

test('disable-for-lines:N holds for the comment’s line and the N lines after it', () => {
  found(`
    :rpc.call(a)
    #^^^^^^^^ wait-forever
    :rpc.call(a) # netsplit:disable-for-lines:2 wait-forever -- r
    :rpc.call(b)
    :rpc.call(c)
    :rpc.call(d)
    #^^^^^^^^ wait-forever`);
});

test('a finding is where it starts, however far it goes', () => {
  const whole = callRule('whole-call', ':rpc.call', (call) => call.range);
  const text = '# netsplit:disable-for-next-line whole-call -- r\n:rpc.call(\n  a\n)';
  const { findings, suppressed } = lintText(text, { rules: [whole, unusedSuppression] });
  assert.deepEqual([findings.length, suppressed.length], [0, 1]);
});

test('one comment names several rules, and each is judged by itself', () => {
  found(`
    # netsplit:disable-for-next-line wait-forever, send-blindly,never-found -- r
    #                                                           ^^^^^^^^^^^ unused-suppression
    send(:rpc.call(a), b)`);
});

test('what is turned off is kept, with the reason', () => {
  const { suppressed } = lintText(
    '# netsplit:disable-for-this-file wait-forever -- in a task  \n:rpc.call(a)\n:rpc.call(b) # netsplit:disable-for-this-line send-blindly',
  );
  assert.deepEqual(
    suppressed.map((finding) => [finding.rule.id, finding.reason]),
    [
      ['wait-forever', 'in a task'],
      ['wait-forever', 'in a task'],
    ],
  );
});

test('text that looks like a comment turns nothing off', () => {
  found(`
    """
    # netsplit:disable-for-this-file wait-forever -- r
    """
    :rpc.call(a)
    #^^^^^^^^ wait-forever
    # see netsplit:disable-for-this-file wait-forever
    # netsplit: disable-for-this-file wait-forever`);
});

test('a rule that is off, unknown to the run or had an exception is not called unused', () => {
  const directive = '# netsplit:disable-for-this-file wait-forever -- r\n';
  assert.deepEqual(lintText(directive, { off: [wait] }).findings, []);
  const failing = rule('wait-forever', {
    check() {
      throw new Error('defect');
    },
  });
  const { findings, failures } = lintText(directive, { rules: [failing, unusedSuppression] });
  assert.deepEqual(findings, []);
  assert.equal(failures.length, 1);
});

test('a rule that is not a candidate ran: it had nothing to say', () => {
  const result = lint(extract('lib/a.ex', '# netsplit:disable-for-this-file wait-forever -- r\n'), {
    rules,
    candidates: [unusedSuppression],
    context: { rpcWrappers: [] },
    levelOf: (one) => one.severity,
  });
  assert.deepEqual(
    result.findings.map((finding) => finding.rule.id),
    ['unused-suppression'],
  );
});

test('in a file that cannot be parsed in full nothing is called unused', () => {
  found(`
    # netsplit:disable-for-this-file wait-forever -- r
    def f( do`);
});

test('a rule that misses the project is not called unused', () => {
  const byProject = rule('by-project', { check: (_, { project }) => (project ? [] : []) });
  assert.deepEqual(lintText('# netsplit:disable-for-this-file by-project -- r\n', { rules: [byProject, unusedSuppression] }).findings, []);
});

test('a rule that does not exist is named, with the one that is meant', () => {
  const text = '# netsplit:disable-for-this-file wait-forver -- r\n:rpc.call(a)\n';
  const [unused, kept] = lintText(text).findings;
  assert.match(unused!.message, /no rule `wait-forver`\. Did you mean `wait-forever`\?/);
  assert.equal(unused!.fix!.safety, 'unsafe');
  assert.equal(applyEdits(text, unused!.fix!.edits), text.replace('forver', 'forever'));
  assert.equal(kept!.rule, wait);
});

test('unused-suppression itself can be turned off, by its own comment or another', () => {
  found('# netsplit:disable-for-this-file never-found, unused-suppression -- r');
  found(`
    # netsplit:disable-for-this-file unused-suppression -- r
    # netsplit:disable-for-next-line never-found -- r
    a`);
});

const unreadable: readonly (readonly [what: string, comment: string, at: string, message: RegExp])[] = [
  ['an unknown instruction', '# netsplit:ignore wait-forever', 'ignore', /`ignore` is not known\. Known are `disable-for-next-line`, /],
  ['words in another order', '# netsplit:disable-next-line wait-forever', 'disable-next-line', /Did you mean `disable-for-next-line`\?/],
  ['no number of lines', '# netsplit:disable-for-lines wait-forever', 'disable-for-lines', /number of lines that follow/],
  ['no line', '# netsplit:disable-for-lines:0 wait-forever', 'disable-for-lines:0', /number of lines that follow/],
  ['lines above', '# netsplit:disable-for-lines:-2 wait-forever', 'disable-for-lines:-2', /number of lines that follow/],
  ['no rule', '# netsplit:disable-for-this-file', '# netsplit:disable-for-this-file', /Name the rule to turn off/],
  ['no rule but a reason', '#netsplit:disable-for-this-file -- why', '#netsplit:disable-for-this-file -- why', /Name the rule to turn off/],
  [
    'a reason without dashes',
    '# netsplit:disable-for-this-file wait-forever it is fast',
    'wait-forever it is fast',
    /put the reason after `--`/,
  ],
  ['a module', '# netsplit:disable-for-this-file Wait.Forever', 'Wait.Forever', /is not the id of a rule/],
];

for (const [what, comment, at, message] of unreadable) {
  test(`a comment with ${what} is reported, and turns nothing off`, () => {
    const text = `${comment}\n:rpc.call(a) ${comment}\n`;
    const [first, , second] = lintText(text, { off: [suppressionWithoutReason] }).findings;
    assert.equal(text.slice(first!.range.start, first!.range.end), at);
    assert.match(first!.message, message);
    assert.equal(first!.rule, unusedSuppression);
    assert.equal(second!.rule, unusedSuppression);
  });
}

test('the fix takes the comment out with its line, or behind the code with the blanks before it', () => {
  assert.equal(fixed('a\n  # netsplit:disable-for-next-line never-found -- r\n  b\n'), 'a\n  b\n');
  assert.equal(fixed('a\r\n  # netsplit:disable-for-next-line never-found -- r \r\n  b\r\n'), 'a\r\n  b\r\n');
  assert.equal(fixed('a # netsplit:disable-for-this-line never-found  \nb\n'), 'a\nb\n');
  assert.equal(fixed('a\n# netsplit:disable-for-this-file never-found'), 'a\n');
});

test('the fix takes one of several names out', () => {
  const around = (names: string) =>
    `# netsplit:disable-for-this-file ${names} -- r\n:rpc.call(${names.includes('send') ? 'send(a, b)' : 'a'})\n`;
  assert.equal(fixed(around('never-found, wait-forever')), around('wait-forever'));
  assert.equal(fixed(around('wait-forever, never-found')), around('wait-forever'));
  assert.equal(fixed(around('wait-forever,never-found , send-blindly')), around('wait-forever,send-blindly'));
});

test('when no name is left the fix takes the whole comment', () => {
  const text = '# netsplit:disable-for-this-file never-found, wait-forever -- r\na\n';
  for (const { fix } of lintText(text).findings) assert.equal(applyEdits(text, fix!.edits), 'a\n');
});

test('a reason is asked for only where it is missing', () => {
  found(
    `
    :rpc.call(a) # netsplit:disable-for-this-line wait-forever --
    #            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ suppression-without-reason
    :rpc.call(a) # netsplit:disable-for-this-line wait-forever -- fast
    # netsplit:disable
    #          ^^^^^^^ unused-suppression`,
    {},
  );
});

test('directives are found in the comments of a file only', () => {
  const text = withoutCarets('x = "# netsplit:disable-for-this-file a"\n## netsplit:disable-for-next-line a-b, c-d -- why -- so\ny\n');
  const [directive, ...others] = parseDirectives(extract('a.ex', text));
  assert.deepEqual(others, []);
  assert.deepEqual(
    directive!.rules.map(({ id, range }) => [id, text.slice(range.start, range.end)]),
    [
      ['a-b', 'a-b'],
      ['c-d', 'c-d'],
    ],
  );
  assert.equal(directive!.reason, 'why -- so');
  const starts = lineStarts(text);
  const covered = [...starts.keys()].filter((line) => directive!.covers(starts[line]!));
  assert.deepEqual(covered, [1, 2], 'its own line, and the next one');
  assert.equal(lineAt(starts, directive!.range.start), 1);
});
