import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { parseAnswers } from '../../core/design/answers';
import { decide } from '../../core/design/decide';
import { decisionSection, markdownDocument, reportOf } from '../../core/design/document';
import { failureModes } from '../../core/design/failureModes';
import { generateCode } from '../../core/design/generate/generate';
import { generators } from '../../core/design/generate/generators';
import { gotchaOfRule } from '../../core/design/gotcha';
import { investigationOfSymptom } from '../../core/design/investigation';
import { applicationOf } from '../../core/design/mix-file';
import { options, techniqueOf } from '../../core/design/options';
import { commonTraps, debugging, implementationPlan, rollbackPlan, testingStrategy } from '../../core/design/plan';
import { remediesOf, remedyCode, reproducingTest } from '../../core/design/remedies';
import { presets } from '../../core/design/simulate/presets';
import { symptoms } from '../../core/design/symptoms';
import { rules } from '../../core/rules/index';

const ids = new Set(rules.map(({ id }) => id));
const situation = { cluster: { size: 5 }, answers: {} };

test('every rule that a symptom or an option names exists', () => {
  const named = [
    ...symptoms.flatMap(({ id, hypotheses }) => hypotheses.flatMap((hypothesis) => hypothesis.rules.map((rule) => ({ where: id, rule })))),
    ...options.flatMap((option) => option.rules.map((rule) => ({ where: option.id, rule }))),
  ];
  assert.ok(named.length > 100);
  assert.deepEqual(
    named.filter(({ rule }) => !ids.has(rule)),
    [],
  );
  for (const { id, hypotheses } of symptoms)
    for (const { cause, rules: of } of hypotheses) assert.equal(new Set(of).size, of.length, `${id}, “${cause}” names a rule twice`);
});

test('no text about a design names a rule that does not exist', () => {
  const texts = [
    symptoms,
    options,
    options.flatMap((option) => option.techniques.map(techniqueOf)),
    options.map((option) => failureModes(option, situation)),
    options.map((option) => [implementationPlan(option, situation), testingStrategy(option, situation), rollbackPlan(option)]),
    commonTraps(options),
    debugging,
    generators.map(({ title, what }) => [title, what]),
    rules.map((rule) => gotchaOfRule(rule)),
    symptoms.map((symptom) => investigationOfSymptom(symptom)),
  ];
  // A rule begins with the word of its family; what else has hyphens between backticks is a flag, a file, a package.
  const families = new Set([...ids].map((id) => id.split('-')[0]));
  const words = [...JSON.stringify(texts).matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].flatMap(([, word]) => (word === undefined ? [] : [word]));
  assert.ok(words.some((word) => ids.has(word)));
  assert.deepEqual(
    words.filter((word) => families.has(word.split('-')[0]!) && !ids.has(word)),
    [],
  );
});

test('every symptom has code that helps, and scripts that make it come', () => {
  for (const { id } of symptoms) {
    const remedies = remediesOf(id);
    assert.ok(remedies.length >= 2, id);
    const { files } = remedyCode(remedies, 'shop');
    assert.equal(new Set(files.map(({ path }) => path)).size, files.length, id);
    assert.ok(
      ['scripts/partition.sh', 'scripts/toxiproxy.sh'].every((path) => files.some((file) => file.path === path)),
      id,
    );
  }
});

test('two leaders: the generated test cuts five nodes into three and two and looks for one leader', () => {
  const made = reproducingTest('duplicate-leaders', 'shop');
  assert.equal(made?.path, 'test/shop/lease_partition_test.exs');
  const { files, dependencies } = remedyCode(remediesOf('duplicate-leaders').slice(0, 1), 'shop');
  const text = files.find(({ path }) => path === made.path)!.content;
  assert.match(text, /test "three and two: one leader at any time"/);
  assert.match(text, /:n2, :n3, :n4, :n5, :n6/);
  assert.deepEqual(
    dependencies.map(({ name }) => name),
    ['ra'],
  );
  const { body } = investigationOfSymptom(symptoms.find(({ id }) => id === 'duplicate-leaders')!, { app: 'shop' });
  assert.ok(body.includes(made.path) && body.includes('iptables') && body.includes('toxiproxy'));
});

test('what :ra is told in plans is what its versions do', () => {
  for (const id of ['ra', 'ra-leader'] as const) {
    const plan = implementationPlan(options.find((option) => option.id === id)!, situation).join('\n');
    assert.match(plan, /`version\/0`,? .*begins at 1/, id);
    assert.match(plan, /:ra_system\.start_default\/0/);
  }
  const leader = implementationPlan(options.find(({ id }) => id === 'ra-leader')!, situation).join('\n');
  assert.match(leader, /\{:timer, name, ms\}/);
  assert.doesNotMatch(leader, /system_time/);
});

test('a document holds code, tests, monitoring and the way back; one whose code stands beside it names the files', () => {
  const { design } = parseAnswers({ app: 'shop', cluster: { size: 5 }, classes: [{ name: 'stock', kind: 'inventory' }] });
  const decision = decide(design);
  const { files } = generateCode(decision);
  const whole = markdownDocument(reportOf(decision, files));
  for (const { path, content } of files) assert.ok(whole.includes(`\`${path}\`: `) && whole.includes(content.trimEnd()), path);
  for (const heading of ['Generated code', 'Testing strategy', 'Monitoring and alerting', 'Migration and rollback plan'])
    assert.match(whole, new RegExp(`^### ${heading}$`, 'm'));
  const { body } = decisionSection(reportOf(decision, files, 'named'));
  for (const { path, content } of files) assert.ok(body.includes(`- \`${path}\`: `) && !body.includes(content.trimEnd()), path);
});

test('the application of a mix.exs', () => {
  assert.equal(applicationOf('  def project do\n    [\n      app: :my_shop,\n      version: "0.1.0"'), 'my_shop');
  assert.equal(applicationOf('def project, do: [apps_path: "apps"]'), undefined);
});

test('the page about the design names commands, scenarios and symptoms that exist', () => {
  const page = readFileSync('docs/design.md', 'utf8').replace(/\s+/g, ' ');
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const titles = new Set(manifest.contributes.commands.map(({ title }: { readonly title: string }) => title));
  const named = [...page.matchAll(/\*Netsplit: ([^*]+)\*/g)].map(([, title]) => title);
  assert.ok(named.length >= 5);
  assert.deepEqual(
    named.filter((title) => !titles.has(title)),
    [],
  );
  const seen = [...page.matchAll(/Investigate a Bug\*?, “([^”]+)”/g)].map(([, title]) => title);
  assert.ok(seen.length >= 2);
  for (const title of seen)
    assert.ok(
      symptoms.some((symptom) => symptom.title === title),
      title,
    );
  for (const [, id] of page.matchAll(/simulator “([^”]+)”/g))
    assert.ok(
      presets().some((preset) => preset.id === id),
      id,
    );
  for (const [, id] of page.matchAll(/--investigation ([a-z][a-z-]+)/g))
    assert.ok(
      symptoms.some((symptom) => symptom.id === id),
      id,
    );
  for (const [, id] of page.matchAll(/--gotcha ([a-z][a-z-]+)/g)) assert.ok(ids.has(id!), id);
});
