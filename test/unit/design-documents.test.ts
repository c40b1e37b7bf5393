import assert from 'node:assert/strict';
import test from 'node:test';
import { parse } from 'yaml';
import { parseAnswers } from '../../core/design/answers';
import { decideCluster, libclusterDiscovery } from '../../core/design/clustering';
import { decide } from '../../core/design/decide';
import { decisionSection, jsonDocument, madrDocuments, markdownDocument, type Report, reportOf } from '../../core/design/document';
import { type FindingFacts, gotchaOfFinding, gotchaOfRule, gotchasHeading, type RuleFacts } from '../../core/design/gotcha';
import { investigationOfFinding, investigationOfSymptom } from '../../core/design/investigation';
import { upsert } from '../../core/design/learnings';
import { commonOperations } from '../../core/design/operations';
import { options } from '../../core/design/options';
import { kindChoices, platformChoices } from '../../core/design/questions';
import { symptomOf, symptoms, symptomsOfRule } from '../../core/design/symptoms';
import { createExtractor } from '../../core/facts/extract';
import { lint } from '../../core/linter';
import { rules } from '../../core/rules';

const extract = await createExtractor();

function reportFor(input: unknown, code: Parameters<typeof reportOf>[1] = []): Report {
  const { design, errors } = parseAnswers(input);
  assert.deepEqual(errors, []);
  return reportOf(decide(design), code);
}

const shop = {
  name: 'Shop',
  app: 'shop',
  cluster: { size: 5, projectedSize: 9, geography: 'zones', network: 'trusted', platform: 'kubernetes-statefulset', present: ['phoenix'] },
  classes: [
    { name: 'stock', kind: 'inventory', invariants: ['never-negative'], writesPerSecond: 300 },
    { name: 'carts', kind: 'cart', offline: true },
    { name: 'nightly report', kind: 'leader' },
  ],
};

const rule: RuleFacts = {
  id: 'quorum-half-is-not-majority',
  summary: 'Half of the members is taken for a majority.',
  category: 'consistency',
  rationale: `
    Two halves can both pass.

    So can two sides of a split.`,
  references: ['https://raft.github.io/raft.pdf'],
  examples: [
    {
      title: 'Half',
      bad: `
        if votes >= div(n, 2) do
        #  ^^^^^^^^^^^^^^^^^^
          lead()
        end`,
      good: `
        if votes >= div(n, 2) + 1 do
          lead()
        end`,
    },
  ],
};

const finding: FindingFacts = {
  rule,
  message: 'Half of `n` is not a majority: two halves can both pass.',
  path: 'lib/shop/leader.ex',
  line: 12,
  before: 'if votes >= div(n, 2) do',
  after: 'if votes >= div(n, 2) + 1 do',
};

function headings(markdown: string): readonly string[] {
  let fence = false;
  return markdown.split('\n').filter((line) => {
    if (/^(```|~~~)/.test(line)) fence = !fence;
    return !fence && /^#+ /.test(line);
  });
}

test('the section has every part of a decision', () => {
  const { body, heading, id } = decisionSection(reportFor(shop));
  assert.equal(heading, '## Distributed design: Shop');
  assert.equal(id, 'decision/shop');
  const found = headings(body).map((line) => line.replace(/^#+ /, ''));
  for (const part of [
    'Summary',
    'Cluster configuration',
    'Discovery',
    'Requirements',
    'Options considered',
    'Consensus strategy: recommendation and rationale',
    'Consistency model and CAP trade-off',
    'Conflict resolution and techniques',
    'Quorum and tolerated failures',
    'Lease',
    'Failure modes',
    'Network partition handling',
    'Implementation plan',
    'Common operations',
    'Testing strategy',
    'Monitoring and alerting',
    'Migration and rollback plan',
    'Open questions and sensitivity',
    'References',
    'Common gotchas',
    'Distributed debugging',
  ]) {
    assert.ok(found.includes(part), part);
  }
  assert.ok(
    headings(body).every((line) => line.startsWith('###')),
    'headings stay below that of the section',
  );
});

/** Every heading of the description of the domain, and where a document answers it. */
const reachable: readonly (readonly [heading: string, text: (documents: Documents) => string, answer: RegExp])[] = [
  ['Consensus algorithms: Raft', (d) => d.section, /Raft with :ra/],
  ['Consensus algorithms: Paxos', (d) => d.section, /Paxos/],
  ['Consensus algorithms: Multi-Raft with leader leases', (d) => d.section, /Multi-Raft/],
  ['Quorum mechanics', (d) => d.section, /majority 3, tolerates 2/],
  ['Leader election', (d) => d.section, /A leader or lease in a :ra state machine/],
  ['Clustering technologies', (d) => d.section, /Distributed Erlang with libcluster/],
  ['Partisan and HyParView', (d) => d.section, /Partisan with HyParView/],
  ['Phoenix.PubSub and Tracker', (d) => d.symptoms, /Phoenix\.Tracker[\s\S]*Phoenix\.PubSub|Phoenix\.PubSub[\s\S]*Phoenix\.Tracker/],
  ['Split brain', (d) => d.section, /Split brain/],
  ['Clock drift', (d) => d.section, /Clock drift/],
  ['Network partitions: merge strategies', (d) => d.section, /After the heal/],
  ['Race conditions', (d) => d.section, /Races/],
  ['Quorum errors', (d) => d.section, /div\(n, 2\) \+ 1/],
  ['CP system', (d) => d.section, /CP \(PC\/EC\): in a partition/],
  ['AP system', (d) => d.section, /AP \(PA\/EL\): in a partition/],
  [
    'Conflict resolution: application merge, vector clocks, hybrid logical clock',
    (d) => d.section,
    /Application merge[\s\S]*Vector clocks[\s\S]*Hybrid logical clock/,
  ],
  ['Conflict resolution: last write wins', (d) => d.section, /Last-write-wins register/],
  ['Requirements analysis and current state', (d) => d.section, /Current state/],
  ['Options considered with pros, cons and fit', (d) => d.section, /\| Option \| CAP \| Fit \| Pros \| Cons/],
  ['Rationale', (d) => d.section, /Consensus strategy: recommendation and rationale/],
  ['Failure modes of five nodes', (d) => d.section, /3 of 5 voters down[^\n]*That is right/],
  ['Clustering: migration path', (d) => d.large, /Out of the full mesh/],
  ['Clustering: multi-DC', (d) => d.section, /several regions over a WAN/],
  ['Cluster configuration: setup, scale, discovery', (d) => d.section, /Cluster\.Strategy\.Kubernetes\.DNSSRV/],
  [
    'Network partition handling: strategy, detection, alerting',
    (d) => d.section,
    /\*\*Strategy\*\*[\s\S]*\*\*Detection\*\*[\s\S]*\*\*Alerting\*\*/,
  ],
  ['Common gotchas', (d) => d.section, /Common gotchas/],
  [
    'Distributed debugging: observer, trace correlation, partition testing',
    (d) => d.section,
    /:observer\.start\(\)[\s\S]*trace_id[\s\S]*toxiproxy/,
  ],
  [
    'Monitoring: cluster size, quorum health, clock skew',
    (d) => d.section,
    /Visible nodes[\s\S]*fewer than 3 of the 5 voters[\s\S]*Clock offset|Visible nodes[\s\S]*Clock offset/,
  ],
  ['Implementation plan with rollback', (d) => d.section, /Migration and rollback plan/],
  ['Bug investigation: symptoms', (d) => d.investigation, /### Symptoms[\s\S]*Frequency[\s\S]*Affected nodes/],
  ['Bug investigation: hypothesis', (d) => d.investigation, /### Hypotheses/],
  ['Bug investigation: evidence', (d) => d.investigation, /### Evidence/],
  ['Bug investigation: root cause', (d) => d.investigation, /### Root cause/],
  ['Bug investigation: fix, before and after', (d) => d.investigation, /### Fix[\s\S]*Before:[\s\S]*After:/],
  ['Bug investigation: verification', (d) => d.investigation, /### Verification/],
  ['Bug investigation: prevention', (d) => d.investigation, /### Prevention/],
  [
    'Gotcha: problem, wrong, right, why it matters',
    (d) => d.gotcha,
    /\*\*Problem\*\*[\s\S]*\*\*Wrong\*\*[\s\S]*\*\*Right\*\*[\s\S]*\*\*Why it matters\*\*/,
  ],
  ['After consensus evaluation: why, configuration, common operations', (d) => d.section, /Common operations\n\n```elixir/],
  ['Commands: node events, visible nodes, ping', (d) => d.section, /monitor_nodes[\s\S]*Node\.ping\/1/],
];

interface Documents {
  readonly section: string;
  readonly large: string;
  readonly investigation: string;
  readonly gotcha: string;
  readonly symptoms: string;
}

test('every heading of the description of the domain is reachable from a document', () => {
  const documents: Documents = {
    section: decisionSection(reportFor(shop)).body,
    large: markdownDocument(reportFor({ name: 'Large', cluster: { size: 120, network: 'trusted' } })),
    investigation: investigationOfSymptom(symptomOf('duplicate-leaders')).body,
    gotcha: gotchaOfFinding(finding).body,
    symptoms: symptoms.map((symptom) => investigationOfSymptom(symptom).body).join('\n'),
  };
  for (const [heading, text, answer] of reachable) assert.match(text(documents), answer, heading);
});

test('ADRs have the parts of MADR 4, a front matter that YAML reads, and the whole comparison', () => {
  const documents = madrDocuments(reportFor(shop));
  assert.deepEqual(
    documents.map(({ fileName }) => fileName),
    ['stock.md', 'carts.md', 'nightly-report.md'],
  );
  for (const { text } of documents) {
    const [, front = '', rest = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text) ?? [];
    assert.deepEqual(parse(front), { status: 'proposed' });
    assert.deepEqual(
      headings(rest).filter((line) => /^#{1,2} /.test(line)),
      [
        headings(rest)[0],
        '## Context and Problem Statement',
        '## Decision Drivers',
        '## Considered Options',
        '## Decision Outcome',
        '## Pros and Cons of the Options',
        '## More Information',
      ],
    );
    assert.match(rest, /Chosen option: "[^"]+" \(\d+(\.\d)?\/10\), because [a-z`]/);
    assert.match(rest, /### Consequences\n\n\* Good, because/);
    assert.match(rest, /### Confirmation\n\n\* Partition test/);
  }
  const cluster = madrDocuments(reportFor({ name: 'Edge', cluster: { size: 9, network: 'untrusted' }, classes: [] }));
  assert.deepEqual(
    cluster.map(({ fileName }) => fileName),
    ['edge-cluster.md'],
  );
  assert.match(cluster[0]!.text, /Chosen option: "Partisan with TLS/);
});

test('JSON is plain data with the answers, the ranking and what follows from it', () => {
  const json = JSON.parse(JSON.stringify(jsonDocument(reportFor(shop))));
  assert.equal(json.version, 1);
  assert.equal(json.answers.classes[0].kind, 'inventory');
  assert.equal(json.cluster.topology, 'full-mesh');
  assert.equal(json.classes[0].recommended.option, 'ra');
  assert.equal(json.classes[0].quorum.majority, 3);
  assert.equal(json.classes[0].failureModes.length, 10);
  assert.ok(json.classes[0].ranked.every((one: { criteria: unknown[] }) => one.criteria.length > 0));
  assert.equal(json.classes[2].lease.terms.durationMs, 10_000);
  assert.deepEqual(parseAnswers(json.answers).errors, []);
});

test('without a recommendation a document says why and asks the questions that matter', () => {
  const text = markdownDocument(reportFor({ name: 'New' }));
  assert.match(text, /Too little is known/);
  assert.match(text, /Questions that matter most:\n\n1\. What is it\?/);
  assert.match(text, /Not weighed, because too little is known/);
  assert.doesNotMatch(text, /How .* got its fit/);
  const two = markdownDocument(reportFor({ name: 'Two', cluster: { size: 2 }, classes: [{ name: 'leader', kind: 'leader' }] }));
  assert.match(two, /A third voter changes that/);
});

test('generated code is shown with the class it belongs to', () => {
  const text = markdownDocument(
    reportFor(shop, [
      { class: 'stock', path: 'lib/shop/stock.ex', content: 'defmodule Shop.Stock do\nend\n', what: 'the state machine' },
      { path: 'config/runtime.exs', content: 'import Config\n', what: 'the topology' },
      { class: 'stock', path: 'test/partition.sh', content: 'echo "```"\n', what: 'a partition' },
    ]),
  );
  assert.match(text, /### Generated code\n\n`lib\/shop\/stock\.ex`: the state machine\n\n```elixir\ndefmodule Shop\.Stock do\nend\n```/);
  assert.match(text, /````sh\necho "```"\n````/);
  assert.ok(text.indexOf('config/runtime.exs') < text.indexOf('## stock:'));
});

test('names that people give cannot break a table or a heading', () => {
  const text = markdownDocument(reportFor({ name: 'A | B # `c` <d>', classes: [{ name: '| x | **y** <!-- z', kind: 'cart' }] }));
  assert.match(text, /^# Distributed design: A \\\| B \\# \\`c\\` \\<d\\>$/m);
  assert.doesNotMatch(text, /(?<!\\)<!-- z/);
  for (const line of text.split('\n').filter((one) => one.startsWith('| \\| x'))) assert.equal(line.split(/(?<!\\)\|/).length, 7);
});

test('thresholds are computed from the answers', () => {
  const text = (cluster: object, answers: object) =>
    markdownDocument(reportFor({ name: 'T', cluster, classes: [{ name: 'stock', kind: 'inventory', ...answers }] }));
  assert.match(text({ size: 5, roundTripMs: 10 }, { writesPerSecond: 300 }), /p99 above 70 ms[^\n]*p99 above 350 ms/);
  assert.match(text({ size: 5, roundTripMs: 10 }, { writesPerSecond: 300 }), /more than 3,000 entries/);
  assert.match(text({ size: 3 }, {}), /fewer than 2 of the 3 voters/);
  assert.match(text({ size: 3 }, {}), /round trip unknown, 1 ms taken/);
});

test('a gotcha from a finding: problem, wrong, right, why, and where it goes', () => {
  const section = gotchaOfFinding(finding);
  assert.equal(section.id, 'gotcha/quorum-half-is-not-majority');
  assert.equal(section.heading, '### Half of the members is taken for a majority');
  assert.match(section.body, /\*\*Problem\*\*: Half of `n` is not a majority/);
  assert.match(section.body, /Found in `lib\/shop\/leader\.ex`, line 12\./);
  assert.match(section.body, /\*\*Wrong\*\*\n\n```elixir\nif votes >= div\(n, 2\) do\n```/);
  assert.match(section.body, /\*\*Right\*\*\n\n```elixir\nif votes >= div\(n, 2\) \+ 1 do\n```/);
  assert.match(section.body, /\(consistency\)\n\nTwo halves can both pass\.\n\nSo can two sides of a split\./);
  assert.match(section.body, /Seen as: two leaders/);
  const { text } = upsert('# Learnings\n', section);
  assert.ok(text.includes(`${gotchasHeading}\n\n### Half of the members`));
});

test('a gotcha from a rule uses its example, without the carets', () => {
  const { body } = gotchaOfRule(rule);
  assert.match(body, /```elixir\nif votes >= div\(n, 2\) do\n {2}lead\(\)\nend\n```/);
  assert.match(body, /```elixir\nif votes >= div\(n, 2\) \+ 1 do\n {2}lead\(\)\nend\n```/);
  assert.doesNotMatch(body, /\^\^/);
});

test('an investigation of a finding is filled in as far as the finding knows', () => {
  const { heading, id, body } = investigationOfFinding(finding, {
    frequency: 'twice a week',
    nodes: ['shop@a'],
    evidence: ['two leaders logged at 03:12'],
  });
  assert.equal(heading, '## Bug investigation: Half of the members is taken for a majority');
  assert.equal(id, 'investigation/quorum-half-is-not-majority');
  assert.match(body, /Frequency: twice a week/);
  assert.match(body, /Affected nodes: `shop@a`/);
  assert.match(body, /two leaders logged at 03:12/);
  assert.match(body, /Before:\n\n```elixir\nif votes >= div\(n, 2\) do\n```\n\nAfter:\n\n```elixir\nif votes >= div\(n, 2\) \+ 1 do/);
  assert.match(body, /netsplit check --rule quorum-half-is-not-majority=error/);
});

test('an investigation of a symptom puts first what the linter found in the project', () => {
  const horde: FindingFacts = {
    ...finding,
    rule: { ...rule, id: 'horde-quorum-with-auto-members' },
    message: 'Each side keeps its quorum.',
  };
  const plain = investigationOfSymptom(symptomOf('duplicate-leaders')).body;
  const found = investigationOfSymptom(symptomOf('duplicate-leaders'), { findings: [horde] }).body;
  const first = (body: string) => /#### 1\. (.*)/.exec(body)![1];
  assert.match(first(plain)!, /election asks who is visible/);
  assert.match(first(found)!, /Horde/);
  assert.match(found, /Suspected: Horde/);
  assert.match(found, /`lib\/shop\/leader\.ex`, line 12: Each side keeps its quorum\./);
});

test('symptoms: each hypothesis can be confirmed, reproduced, fixed and prevented', () => {
  const ids = symptoms.map((symptom) => symptom.id);
  assert.equal(new Set(ids).size, ids.length);
  for (const symptom of symptoms) {
    assert.ok(symptom.hypotheses.length >= 2, symptom.id);
    for (const { cause, mechanism, confirm, reproduce, fix, prevent } of symptom.hypotheses) {
      assert.doesNotMatch(cause, /\.$/);
      for (const sentence of [mechanism, prevent, fix.text]) assert.match(sentence, /\.$/, cause);
      assert.ok(confirm.length > 0 && reproduce.length > 0, cause);
      for (const { code, expect } of confirm) {
        assert.doesNotMatch(code, /:(rpc|erpc)\.(multi)?call\([^()]*\)$/, code);
        assert.match(expect, /\.$/);
      }
    }
    assert.equal(headings(investigationOfSymptom(symptom).body)[0], '### Symptoms');
  }
  assert.deepEqual(
    symptomsOfRule('scheduler-runs-on-every-node').map((symptom) => symptom.id),
    ['jobs-on-every-node', 'applied-twice'],
  );
});

test('no rule is named by an id that is nearly that of another', () => {
  const parts = (id: string) => id.split('-').sort().join('-');
  const known = new Map(rules.map((one) => [parts(one.id), one.id]));
  const named = new Set([
    ...options.flatMap((option) => option.rules),
    ...symptoms.flatMap((symptom) => symptom.hypotheses.flatMap((hypothesis) => hypothesis.rules)),
  ]);
  for (const id of named) {
    assert.match(id, /^[a-z0-9]+(-[a-z0-9]+)+$/);
    assert.equal(known.get(parts(id)) ?? id, id);
  }
});

test('every line of Elixir that documents show parses, and what they recommend is free of our own findings', () => {
  const hypotheses = symptoms.flatMap((symptom) => symptom.hypotheses);
  const elixir = hypotheses.filter(({ fix }) => fix.language === undefined);
  const looks = hypotheses.flatMap(({ confirm }) => confirm.map(({ code }) => code));
  const wrong = elixir.flatMap(({ fix }) => (fix.before === undefined ? [] : [fix.before]));
  const right = [
    ...options.flatMap((option) =>
      [undefined, ...kindChoices.map(({ id }) => id)].flatMap((kind) => commonOperations(option, kind, 'shop') ?? []),
    ),
    ...elixir.map(({ fix }) => fix.after),
  ];
  const configs = platformChoices.flatMap(({ id }) => [
    libclusterDiscovery(id, 'shop').config,
    ...(['trusted', 'untrusted'] as const).map(
      (network) => decideCluster({ size: 120, network, platform: id }, 'shop').discovery?.config ?? '',
    ),
  ]);
  const read = (path: string, text: string) => {
    const facts = extract(path, text);
    assert.equal(facts.broken, false, text);
    return facts;
  };
  for (const code of [...looks, ...wrong]) read('lib/shop.ex', code);
  for (const facts of [
    ...right.map((code) => read('lib/shop.ex', code)),
    ...configs.map((config) => read('config/runtime.exs', `import Config\n${config}\n`)),
  ]) {
    const { findings } = lint(facts, { rules, context: { rpcWrappers: [] }, levelOf: (one) => one.severity });
    assert.deepEqual(
      findings.map((one) => one.rule.id),
      [],
      facts.text,
    );
  }
});
