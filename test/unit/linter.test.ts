import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { createExtractor } from '../../core/facts/extract';
import { type Level, type LintOptions, lint } from '../../core/linter';
import { createPrefilter } from '../../core/prefilter';
import { buildProject } from '../../core/project/build';
import type { Finding, Rule } from '../../core/rule';
import { rules as allRules } from '../../core/rules';
import { callRule, rule } from '../support/rules';

const extract = await createExtractor();

const defaults: Omit<LintOptions, 'rules'> = { context: { rpcWrappers: [] }, levelOf: (one) => one.severity };

function findingsOf(text: string, rules: readonly Rule[], options: Partial<LintOptions> = {}) {
  return lint(extract('lib/a.ex', text), { ...defaults, rules, ...options }).findings;
}

const finds = (id: string, ...findings: readonly Finding[]): Rule => rule(id, { check: () => findings });
const at = (start: number, end: number, more: Partial<Finding> = {}): Finding => ({ range: { start, end }, message: 'Found.', ...more });

test('findings come in the order of the text, then by rule', () => {
  const rules = [finds('b-rule', at(4, 6), at(0, 2)), finds('a-rule', at(4, 6), at(4, 5), at(1, 9))];
  const order = findingsOf('0123456789', rules).map((finding) => [finding.range.start, finding.range.end, finding.rule.id]);
  assert.deepEqual(order, [
    [0, 2, 'b-rule'],
    [1, 9, 'a-rule'],
    [4, 5, 'a-rule'],
    [4, 6, 'a-rule'],
    [4, 6, 'b-rule'],
  ]);
});

test('of findings of one rule at one place the first is kept', () => {
  const findings = findingsOf('abc', [finds('a-rule', at(0, 2, { message: 'First.' }), at(0, 2, { message: 'Second.' }), at(0, 3))]);
  assert.deepEqual(
    findings.map((finding) => finding.message),
    ['First.', 'Found.'],
  );
});

test('a rule that is off does not run', () => {
  const off = rule('off-rule', {
    check() {
      throw new Error('it ran');
    },
  });
  const result = lint(extract('lib/a.ex', 'a'), {
    ...defaults,
    rules: [off, finds('on-rule', at(0, 1))],
    levelOf: (one) => (one === off ? 'off' : 'hint'),
  });
  assert.deepEqual(result.failures, []);
  assert.deepEqual(
    result.findings.map((finding) => [finding.rule.id, finding.severity]),
    [['on-rule', 'hint']],
  );
});

test('a finding may weigh differently than its rule, unless the user has set the severity', () => {
  const rules = [finds('a-rule', at(0, 1, { severity: 'info' }), at(1, 2))];
  const severities = (levelOf: () => Level, isConfigured: boolean) =>
    findingsOf('abc', rules, { levelOf, isConfigured: () => isConfigured }).map((finding) => finding.severity);
  assert.deepEqual(
    severities(() => 'warning', false),
    ['info', 'warning'],
  );
  assert.deepEqual(
    severities(() => 'error', true),
    ['error', 'error'],
  );
});

test('a rule that throws costs its own findings only', () => {
  const error = new Error('defect');
  const failing = rule('failing-rule', {
    *check() {
      yield at(0, 1);
      throw error;
    },
  });
  const result = lint(extract('lib/a.ex', 'abc'), { ...defaults, rules: [failing, finds('other-rule', at(1, 2))] });
  assert.deepEqual(result.failures, [{ rule: failing, error }]);
  assert.deepEqual(
    result.findings.map((finding) => finding.rule.id),
    ['other-rule'],
  );
});

test('rules are told the context', () => {
  const seen: unknown[] = [];
  const curious = rule('curious-rule', {
    check(file, context) {
      seen.push(file.path, context.rpcWrappers, context.project);
      return [];
    },
  });
  findingsOf('a', [curious], { context: { rpcWrappers: ['A.b'] } });
  assert.deepEqual(seen, ['lib/a.ex', ['A.b'], undefined]);
});

test('only candidates are run', () => {
  const rules = [finds('a-rule', at(0, 1)), finds('b-rule', at(0, 1))];
  assert.deepEqual(
    findingsOf('a', rules, { candidates: rules.slice(1) }).map((finding) => finding.rule.id),
    ['b-rule'],
  );
});

test('no text makes a rule throw', () => {
  const pieces = [
    'def f(x) do',
    'end',
    ':rpc.call(',
    ')',
    '# netsplit:disable-for-',
    'next-line x',
    '"""',
    '\n',
    ' ',
    '|>',
    '%{',
    '}',
    'fn ->',
    '\u{1F984}',
    'Node.list()',
    '&',
    '@a ',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), (words) => {
      const { failures } = lint(extract('lib/a.ex', words.join('')), { ...defaults, rules: allRules });
      assert.deepEqual(failures, []);
    }),
    { numRuns: 300 },
  );
});

const triggered = (id: string, triggers: Rule['triggers']): Rule => rule(id, { triggers });

/** The ids of the rules that can speak about a text. */
function candidates(text: string, ...rules: readonly Rule[]): readonly string[] {
  return createPrefilter(rules)(text).map((one) => one.id);
}

test('a call needs its module and its name, as whole words anywhere', () => {
  const call = triggered('call', { calls: [':rpc.call/4'] });
  assert.deepEqual(candidates(':rpc.call(n, M, :f, [])', call), ['call']);
  assert.deepEqual(candidates('import :rpc\n\ncall(n, M, :f, [])', call), ['call']);
  assert.deepEqual(candidates('apply(:rpc, :call, args)', call), ['call']);
  assert.deepEqual(candidates(':erpc.call(n, M, :f, [])', call), []);
  assert.deepEqual(candidates(':rpc.multicall(n, M, :f, [])', call), []);
  assert.deepEqual(candidates('rpc_call()', call), []);
});

test('a nested module needs all its segments, in whatever alias they stand', () => {
  const call = triggered('call', { calls: ['Phoenix.PubSub.broadcast!/3'] });
  assert.deepEqual(candidates('alias Phoenix.{PubSub, Tracker}\nPubSub.broadcast!(a, b, c)', call), ['call']);
  assert.deepEqual(candidates('alias Phoenix.PubSub, as: Bus\nBus.broadcast!(a, b, c)', call), ['call']);
  assert.deepEqual(candidates('Phoenix.PubSub.broadcast(a, b, c)', call), []);
  assert.deepEqual(candidates('Own.PubSub.broadcast!(a, b, c)', call), []);
});

test('all functions of a module need the module, functions of Kernel only the name', () => {
  assert.deepEqual(candidates(':ra.start()', triggered('ra', { calls: [':ra.*'] })), ['ra']);
  assert.deepEqual(candidates(':rabbit.start()', triggered('ra', { calls: [':ra.*'] })), []);
  assert.deepEqual(candidates('send(pid, :a)', triggered('send', { calls: ['Kernel.send/2'] })), ['send']);
});

test('words are whole, with ? and !', () => {
  const word = triggered('word', { words: ['lock?', 'monitor_nodes'] });
  assert.deepEqual(candidates('lock?(a)', word), ['word']);
  assert.deepEqual(candidates('monitor_nodes: true', word), ['word']);
  assert.deepEqual(candidates('lock(a)', word), []);
  assert.deepEqual(candidates('lock', triggered('word', { words: ['lock'] })), ['word']);
  assert.deepEqual(candidates('a = lock!=b', triggered('word', { words: ['lock'] })), ['word']);
  assert.deepEqual(candidates('blocks', triggered('word', { words: ['lock'] })), []);
});

test('parts are found in any case, and in each other', () => {
  const rules = ['quorum', 'clock', 'lock', 'lock_'].map((part) => triggered(part, { parts: [part] }));
  assert.deepEqual(candidates('def has_Quorum?', ...rules), ['quorum']);
  assert.deepEqual(candidates('Wallclock_a', ...rules), ['clock', 'lock', 'lock_']);
  assert.deepEqual(candidates('BLOCK', ...rules), ['lock']);
  assert.deepEqual(candidates('', ...rules), []);
});

test('a file with a suppression is parsed, as the suppression may be unused', () => {
  const speaking = createPrefilter(allRules)('# netsplit:disable-for-this-file x\n').map((one) => one.id);
  assert.ok(speaking.includes('unused-suppression'));
});

test('the prefilter of a text with all words of a trigger lets its rule through', () => {
  const rules = [callRule('a-rule', 'A.B.f'), callRule('b-rule', ':ra.g!'), triggered('c-rule', { words: ['c?'] })];
  const prefilter = createPrefilter(rules);
  const word = fc.constantFrom('A', 'B', 'f', 'ra', 'g!', 'c?', 'x1', '_');
  const gap = fc.constantFrom(' ', '.', '\n', '(', ':', '🦄');
  fc.assert(
    fc.property(fc.array(fc.tuple(word, gap)), (pairs) => {
      const words = new Set<string>(pairs.map(([one]) => one));
      const expected = [
        ['A', 'B', 'f'].every((one) => words.has(one)) && 'a-rule',
        words.has('ra') && words.has('g!') && 'b-rule',
        words.has('c?') && 'c-rule',
      ];
      assert.deepEqual(
        prefilter(pairs.flat().join('')).map((one) => one.id),
        expected.filter(Boolean),
      );
    }),
  );
});

test('a rule that only matters in a cluster speaks as info in a project without a sign of one', () => {
  const mix = (more: string) => `defmodule A.MixProject do\n  use Mix.Project\n  def project, do: [app: :a, deps: []${more}]\nend\n`;
  const project = (files: Readonly<Record<string, string>>) =>
    buildProject({ root: '', texts: new Map(), facts: Object.entries(files).map(([path, text]) => extract(path, text)) });
  const text = 'A.b()';
  const apart = { ...callRule('cluster-rule', 'A.b'), onlyInCluster: true } as const;
  const severityIn = (files: Readonly<Record<string, string>>, options: Partial<LintOptions> = {}) =>
    findingsOf(text, [apart], { context: { rpcWrappers: [], project: project(files) }, ...options }).map(({ severity }) => severity);

  assert.deepEqual(severityIn({ 'mix.exs': mix('') }), ['info']);
  assert.deepEqual(severityIn({ 'mix.exs': mix('') }, { isConfigured: () => true }), ['warning']);
  assert.deepEqual(severityIn({ 'mix.exs': mix('') }, { levelOf: () => 'hint' }), ['hint']);
  assert.deepEqual(severityIn({ 'mix.exs': mix(', package: []') }), ['warning']);
  assert.deepEqual(severityIn({ 'mix.exs': mix(''), 'lib/b.ex': 'Node.connect(:b@c)' }), ['warning']);
  assert.deepEqual(severityIn({ 'mix.exs': mix(''), 'test/b.exs': 'Node.connect(:b@c)' }), ['info']);
  assert.deepEqual(
    findingsOf(text, [apart]).map(({ severity }) => severity),
    ['warning'],
  );
});
