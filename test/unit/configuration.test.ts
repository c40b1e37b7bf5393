import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import Ajv from 'ajv';
import { emptyConfiguration, isConfigured, isExcluded, levelOf, parseConfiguration, withLevels } from '../../core/configuration';
import type { Rule, Severity } from '../../core/rule';
import { rules as allRules } from '../../core/rules';
import { rule } from '../support/rules';

const rules: readonly Rule[] = [
  rule('clock-wall-elapsed', { severity: 'warning' }),
  rule('rpc-infinite-timeout', { severity: 'warning' }),
  rule('erpc-badrpc-clause', { severity: 'error' }),
  rule('suppression-without-reason', { severity: 'warning', optIn: true }),
];
const [clock, rpc, erpc, reason] = rules as [Rule, Rule, Rule, Rule];

function configurationOf(value: unknown) {
  const { configuration, errors } = parseConfiguration(JSON.stringify(value), rules);
  assert.deepEqual(errors, []);
  return configuration;
}

/** The errors of a configuration, each with the text that it points at. */
function errorsOf(text: string): readonly (readonly [at: string, message: string])[] {
  return parseConfiguration(text, rules).errors.map(({ range, message }) => [text.slice(range.start, range.end), message]);
}

test('without a configuration each rule has its own severity, and some are off', () => {
  assert.equal(levelOf(emptyConfiguration, clock, 'lib/a.ex'), 'warning');
  assert.equal(levelOf(emptyConfiguration, erpc, 'lib/a.ex'), 'error');
  assert.equal(levelOf(emptyConfiguration, reason, 'lib/a.ex'), 'off');
  assert.equal(isConfigured(emptyConfiguration, clock, 'lib/a.ex'), false);
});

test('comments, trailing commas, a byte order mark and $schema are allowed', () => {
  const text = '\uFEFF// ours\n{ "$schema": "./schema.json", /* off */ "rules": { "clock-wall-elapsed": "off", }, }';
  const { configuration, errors } = parseConfiguration(text, rules);
  assert.deepEqual(errors, []);
  assert.equal(levelOf(configuration, clock, 'lib/a.ex'), 'off');
  assert.equal(levelOf(configuration, rpc, 'lib/a.ex'), 'warning');
});

test('the last override that matches the file and names the rule wins', () => {
  const configuration = configurationOf({
    rules: { 'clock-wall-elapsed': 'info' },
    overrides: [
      { files: ['lib/legacy/**'], rules: { 'clock-wall-elapsed': 'off', 'erpc-badrpc-clause': 'hint' } },
      { files: ['lib/legacy/core/**', '**/*.exs'], rules: { 'clock-wall-elapsed': 'error' } },
    ],
  });
  assert.equal(levelOf(configuration, clock, 'lib/a.ex'), 'info');
  assert.equal(levelOf(configuration, clock, 'lib/legacy/a.ex'), 'off');
  assert.equal(levelOf(configuration, clock, 'lib/legacy/core/a.ex'), 'error');
  assert.equal(levelOf(configuration, erpc, 'lib/legacy/core/a.ex'), 'hint');
  assert.equal(levelOf(configuration, clock, 'config/runtime.exs'), 'error');
});

test('a glob also names a folder, with or without a dot in front', () => {
  const { exclude, ...rest } = configurationOf({ exclude: ['lib/generated', './priv/', '*.exs', 'apps/*/lib/proto'] });
  const excluded = (path: string) => isExcluded({ exclude, ...rest }, path);
  assert.equal(excluded('lib/generated/deep/a.ex'), true);
  assert.equal(excluded('lib/generated.ex'), false);
  assert.equal(excluded('priv/.hidden/a.exs'), true);
  assert.equal(excluded('mix.exs'), true);
  assert.equal(excluded('config/config.exs'), false);
  assert.equal(excluded('apps/web/lib/proto/a.ex'), true);
  assert.equal(isExcluded(emptyConfiguration, 'lib/a.ex'), false);
});

test('in code that serves the project only errors are found', () => {
  const serving = [
    'test/a_test.exs',
    'test/support/b.ex',
    'lib/a/b_test.exs',
    'apps/web/test/support/c.ex',
    'bench/a.exs',
    'benchmarks/a.exs',
    'priv/repo/seeds.exs',
    'scripts/load.exs',
    'lib/mix/tasks/a.ex',
    'apps/web/lib/mix/tasks/a.ex',
    '.iex.exs',
  ];
  for (const path of serving) {
    assert.equal(levelOf(emptyConfiguration, clock, path), 'off', path);
    assert.equal(levelOf(emptyConfiguration, erpc, path), 'error', path);
  }
  const own = [
    'lib/a.ex',
    'lib/a/test/b.ex',
    'lib/bench/a.ex',
    'lib/mix/a.ex',
    'config/config.exs',
    'mix.exs',
    'lib/a/mix/tasks/b.ex',
    'lib/latest.ex',
  ];
  for (const path of own) assert.equal(levelOf(emptyConfiguration, clock, path), 'warning', path);
});

test('an override asks for more in tests, the severities for all files do not', () => {
  const everywhere = configurationOf({ rules: { 'clock-wall-elapsed': 'error', 'erpc-badrpc-clause': 'off' } });
  assert.equal(levelOf(everywhere, clock, 'test/a_test.exs'), 'off');
  assert.equal(levelOf(everywhere, erpc, 'test/a_test.exs'), 'off');
  const inTests = configurationOf({ overrides: [{ files: ['test/**'], rules: { 'clock-wall-elapsed': 'info' } }] });
  assert.equal(levelOf(inTests, clock, 'test/a_test.exs'), 'info');
  assert.equal(levelOf(inTests, rpc, 'test/a_test.exs'), 'off');
});

test('severities of the command line are above all others', () => {
  const configuration = withLevels(
    configurationOf({ overrides: [{ files: ['**'], rules: { 'clock-wall-elapsed': 'off' } }] }),
    new Map([['clock-wall-elapsed', 'hint']]),
  );
  assert.equal(levelOf(configuration, clock, 'lib/a.ex'), 'hint');
  assert.equal(levelOf(configuration, clock, 'test/a_test.exs'), 'hint');
  assert.equal(isConfigured(configuration, clock, '.iex.exs'), true);
  assert.equal(isConfigured(configuration, rpc, 'lib/a.ex'), false);
  assert.equal(withLevels(emptyConfiguration, new Map()), emptyConfiguration);
});

test('a severity is the user’s when any level names the rule for the file', () => {
  const configuration = configurationOf({
    rules: { 'erpc-badrpc-clause': 'error' },
    overrides: [{ files: ['lib/old'], rules: { 'clock-wall-elapsed': 'warning' } }],
  });
  assert.equal(isConfigured(configuration, erpc, 'lib/a.ex'), true);
  assert.equal(isConfigured(configuration, clock, 'lib/a.ex'), false);
  assert.equal(isConfigured(configuration, clock, 'lib/old/a.ex'), true);
});

test('wrappers of remote calls are functions', () => {
  assert.deepEqual(configurationOf({ rpcWrappers: ['MyApp.Remote.call', ':my_rpc.call', 'A.safe?'] }).rpcWrappers, [
    'MyApp.Remote.call',
    ':my_rpc.call',
    'A.safe?',
  ]);
  assert.deepEqual(
    errorsOf('{ "rpcWrappers": ["call", "MyApp.Remote.call/4"] }').map(([at]) => at),
    ['"call"', '"MyApp.Remote.call/4"'],
  );
});

const mistakes: readonly (readonly [what: string, text: string, at: string, message: RegExp])[] = [
  [
    'an unknown rule',
    '{ "rules": { "rpc-infinite-timeouts": "off" } }',
    '"rpc-infinite-timeouts"',
    /no rule `rpc-infinite-timeouts`\. Did you mean `rpc-infinite-timeout`\?/,
  ],
  ['an unknown rule that is near none', '{ "rules": { "zebra": "off" } }', '"zebra"', /no rule `zebra`\.$/],
  ['an unknown severity', '{ "rules": { "clock-wall-elapsed": "warn" } }', '"warn"', /one of `error`, `warning`, `info`, `hint`, `off`/],
  ['a severity that is no text', '{ "rules": { "clock-wall-elapsed": 2 } }', '2', /one of `error`/],
  ['an unknown key', '{ "rule": {} }', '"rule"', /`rule` is not known\. Expected one of `\$schema`, `rules`, .* Did you mean `rules`\?/],
  ['a key of every object', '{ "constructor": {} }', '"constructor"', /not known/],
  ['rules that are an array', '{ "rules": ["clock-wall-elapsed"] }', '["clock-wall-elapsed"]', /`rules` must be an object, not an array/],
  ['a configuration that is an array', '[]', '[]', /must be an object, not an array/],
  ['a schema that is no text', '{ "$schema": null }', 'null', /`\$schema` must be a string, not null/],
  ['overrides that are an object', '{ "overrides": {} }', '{}', /`overrides` must be an array, not an object/],
  ['an override that is a text', '{ "overrides": ["test"] }', '"test"', /override must be an object, not a string/],
  ['an override without files', '{ "overrides": [{ "rules": {} }] }', '{ "rules": {} }', /needs `files`/],
  ['an override without rules', '{ "overrides": [{ "files": [] }] }', '{ "files": [] }', /needs `rules`/],
  ['globs that are a text', '{ "exclude": "lib" }', '"lib"', /`exclude` must be an array, not a string/],
  ['a glob that is a number', '{ "exclude": [1] }', '1', /entry of `exclude` must be a string, not a number/],
  ['a negated glob', '{ "exclude": ["!lib"] }', '"!lib"', /cannot be negated/],
  ['a glob above the folder', '{ "exclude": ["../lib"] }', '"../lib"', /relative to the folder of this file/],
  ['an absolute glob', '{ "exclude": ["/lib"] }', '"/lib"', /relative to the folder of this file/],
  ['a glob with backslashes', '{ "exclude": ["lib\\\\a"] }', '"lib\\\\a"', /write folders with `\/`/],
  ['an empty glob', '{ "exclude": [""] }', '""', /must not be empty/],
  ['a key that stands twice', '{ "rules": {}, "rules": {} }', '"rules"', /stands here twice/],
  ['no JSON', '{ rules: {} }', 'rules', /Not valid JSON: names and texts stand in double quotes/],
  ['a missing comma', '{ "rules": {} "exclude": [] }', '"exclude"', /expected `,` before this/],
  ['an open brace', '{ "rules": {}', '', /expected `}`/],
  ['an empty file', ' \n', '', /Write `\{\}`/],
];

for (const [what, text, at, message] of mistakes) {
  test(`${what} is named, with its place`, () => {
    const errors = errorsOf(text);
    assert.equal(errors.length, 1, JSON.stringify(errors));
    assert.equal(errors[0]![0], at);
    assert.match(errors[0]![1], message);
  });
}

test('what no configuration has is an error at its place, and not a crash', () => {
  for (const open of ['[', '{ "rules": ', '{"a":[']) {
    const text = `${open.repeat(100_000)}`;
    const [[at, message] = [], ...others] = errorsOf(text);
    assert.equal(others.length, 0);
    assert.ok(at === '[' || at === '{');
    assert.match(message ?? '', /More than 100 brackets/);
  }
  assert.deepEqual(errorsOf(`// ${'['.repeat(200)}\n{ "$schema": "${'['.repeat(200)}" }`), []);
  const glob = 'a'.repeat(70_000);
  assert.deepEqual(errorsOf(JSON.stringify({ exclude: [glob] })), [[`"${glob}"`, 'A glob has at most 1000 characters.']]);
});

test('what is right is kept beside what is wrong', () => {
  const { configuration, errors } = parseConfiguration(
    '{ "rules": { "zebra": "off", "clock-wall-elapsed": "hint" }, "exclude": [1, "a"] ',
    rules,
  );
  assert.deepEqual([...configuration.rules], [['clock-wall-elapsed', 'hint']]);
  assert.deepEqual(configuration.exclude, ['a']);
  assert.equal(errors.length, 3);
});

test('the JSON schema agrees with the parser', () => {
  const validate = new Ajv().compile(JSON.parse(readFileSync('client/netsplit.schema.json', 'utf8')));
  const id = 'unused-suppression';
  const severities: readonly (Severity | 'off')[] = ['error', 'warning', 'info', 'hint', 'off'];
  const samples: readonly unknown[] = [
    {},
    ...severities.map((severity) => ({ $schema: 'x', rules: { [id]: severity } })),
    { rules: { [id]: 'warn' } },
    { rules: { 'no-such-rule': 'off' } },
    { overrides: [{ files: ['test/**'], rules: { [id]: 'off' } }] },
    { overrides: [{ files: ['test/**'] }] },
    { overrides: [{ rules: {} }] },
    { overrides: [{ files: ['!a'], rules: {} }] },
    { rpcWrappers: ['MyApp.Remote.call', ':a.b?'] },
    { rpcWrappers: ['call'] },
    { exclude: ['lib/generated'] },
    { exclude: [''] },
    { exclude: ['/lib'] },
    { exclude: [1] },
    { other: 1 },
    [],
  ];
  for (const sample of samples) {
    const text = JSON.stringify(sample);
    assert.equal(validate(sample), parseConfiguration(text, allRules).errors.length === 0, text);
  }
});
