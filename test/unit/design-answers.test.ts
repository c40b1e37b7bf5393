import assert from 'node:assert/strict';
import test from 'node:test';
import { parse } from 'yaml';
import { answersFile, contradictions, parseAnswers } from '../../core/design/answers';
import { answerText, classQuestions, clusterQuestions, grouped, isAsked, questionOf, questions } from '../../core/design/questions';

/** The errors of a file as `path: message`. */
function errorsOf(input: unknown): readonly string[] {
  return parseAnswers(input).errors.map(({ path, message }) => `${path}: ${message}`);
}

test('a file as a user writes it in YAML', () => {
  const { design, errors } = parseAnswers(
    parse(`
version: 1
name: Shop
app: shop
cluster:
  size: 5
  projectedSize: unknown
  geography: one-data-centre
  roundTripMs: 0.4
  network: trusted
  platform: kubernetes-statefulset
  present: [postgres, phoenix]
classes:
  - name: stock ledger
    kind: inventory
    invariants: [never-negative]
    offline: no
    writesPerSecond: 300
  - name: carts
    kind: cart
    offline: yes
    lostUpdate: null
`),
  );
  assert.deepEqual(errors, []);
  assert.deepEqual(design, {
    name: 'Shop',
    app: 'shop',
    cluster: {
      size: 5,
      geography: 'one-data-centre',
      roundTripMs: 0.4,
      network: 'trusted',
      platform: 'kubernetes-statefulset',
      present: ['phoenix', 'postgres'],
    },
    classes: [
      { name: 'stock ledger', answers: { kind: 'inventory', invariants: ['never-negative'], offline: false, writesPerSecond: 300 } },
      { name: 'carts', answers: { kind: 'cart', offline: true } },
    ],
  });
  assert.deepEqual(parseAnswers(JSON.parse(JSON.stringify(answersFile(design)))).design, design);
});

test('unknown is legal everywhere', () => {
  const unknown = (asked: readonly { id: string }[], value: unknown) => Object.fromEntries(asked.map(({ id }) => [id, value]));
  for (const value of ['unknown', null, undefined]) {
    const { design, errors } = parseAnswers({
      name: value,
      app: value,
      cluster: unknown(clusterQuestions, value),
      classes: [{ name: value, ...unknown(classQuestions, value) }],
    });
    assert.deepEqual(errors, []);
    assert.deepEqual(design.cluster, {});
    assert.deepEqual(design.classes, [{ name: 'component 1', answers: {} }]);
  }
});

test('no classes means one of which nothing is known; an empty list decides the cluster only', () => {
  for (const input of [undefined, null, {}, { cluster: {} }, { classes: 'unknown' }])
    assert.deepEqual(parseAnswers(input).design.classes, [{ name: 'component', answers: {} }]);
  assert.deepEqual(parseAnswers({ classes: [] }).design.classes, []);
});

test('sizes that make no sense are named with the range that does', () => {
  const expected = 'expected a whole number of nodes from 1 to 1000000, or unknown.';
  for (const [size, found] of [
    [0, '0'],
    [-3, '-3'],
    [-1e6, '-1000000'],
    [2.5, '2.5'],
    [1_000_001, '1000001'],
    ['5', '"5"'],
    ['five', '"five"'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [true, 'true'],
    [[5], 'a list'],
    [{ nodes: 5 }, 'a mapping'],
  ] as const) {
    assert.deepEqual(errorsOf({ cluster: { size } }), [`cluster.size: Found ${found}; ${expected}`]);
  }
  for (const size of [1, 2, 1_000_000]) assert.deepEqual(parseAnswers({ cluster: { size } }).design.cluster, { size });
});

test('wrong values say what was expected and what may have been meant', () => {
  assert.deepEqual(errorsOf({ classes: [{ kind: 'inventary' }] }), [
    `classes[0].kind: Found "inventary"; expected ${questionOf('kind').kind === 'one' ? 'inventory, money, configuration, leader, lock, job, session, cart, counter, presence, document, cache, rate-limiter, metrics, messaging, device-state, id-allocation' : ''} or unknown. Did you mean "inventory"?`,
  ]);
  assert.deepEqual(errorsOf({ classes: [{ consistency: 7 }] }), [
    'classes[0].consistency: Found 7; expected eventual, read-your-writes, causal, sequential, linearizable or unknown.',
  ]);
  assert.deepEqual(errorsOf({ classes: [{ offline: 'maybe' }] }), ['classes[0].offline: Found "maybe"; expected true, false or unknown.']);
  assert.deepEqual(errorsOf({ cluster: { present: 'postgres' } }), [
    'cluster.present: Found "postgres"; expected a list of none, phoenix, postgres, redis, etcd-consul, oban, horde, or unknown.',
  ]);
  assert.deepEqual(errorsOf({ cluster: { present: ['phoenix', 'postgress'] } }), [
    'cluster.present[1]: Found "postgress"; expected none, phoenix, postgres, redis, etcd-consul, oban, horde. Did you mean "postgres"?',
  ]);
  assert.deepEqual(errorsOf({ cluster: { present: ['none', 'redis'] } }), [
    'cluster.present: Found "none" beside "redis"; expected either "none" alone or the others.',
  ]);
});

test('unknown keys say where they are and what may have been meant', () => {
  assert.deepEqual(errorsOf({ clusters: {} }), ['clusters: Unknown key "clusters"; did you mean "cluster"?']);
  assert.deepEqual(errorsOf({ cluster: { projected_size: 4 } }), [
    'cluster.projected_size: Unknown key "projected_size"; did you mean "projectedSize"?',
  ]);
  assert.match(
    errorsOf({ classes: [{ name: 'a', colour: 'red' }] })[0]!,
    /^classes\[0\]\.colour: Unknown key "colour"; expected one of name, kind, consistency/,
  );
});

test('wrong shapes are named, and the rest is read', () => {
  assert.deepEqual(errorsOf([]), [': Found a list; expected a mapping with "name", "app", "cluster" and "classes".']);
  assert.deepEqual(errorsOf('text'), [': Found "text"; expected a mapping with "name", "app", "cluster" and "classes".']);
  const { design, errors } = parseAnswers({
    version: 2,
    name: 'a\nb',
    app: 'My App',
    cluster: [],
    classes: [7, { name: 'x', kind: 'cart' }, { name: 'x' }],
  });
  assert.deepEqual(
    errors.map(({ path }) => path),
    ['version', 'name', 'app', 'cluster', 'classes[0]', 'classes[2].name'],
  );
  assert.deepEqual(design.classes[0], { name: 'x', answers: { kind: 'cart' } });
  assert.match(errorsOf({ classes: {} })[0]!, /^classes: Found a mapping; expected a list/);
  assert.deepEqual(errorsOf(JSON.parse('{"cluster":{"__proto__":5}}')).length, 1);
});

test('contradictions name the two answers', () => {
  const found = (answers: object, cluster: object = {}) =>
    contradictions(parseAnswers({ cluster, classes: [{ name: 'a', ...answers }] }).design).map(
      ({ first, second }) => `${first.path}=${first.value} / ${second.path}=${second.value}`,
    );
  assert.deepEqual(found({ consistency: 'linearizable', partition: 'serve-both-sides' }), [
    'classes[0].consistency=linearizable / classes[0].partition=serve-both-sides',
  ]);
  assert.deepEqual(found({ consistency: 'linearizable', partition: 'serve-stale-reads' }), [
    'classes[0].consistency=linearizable / classes[0].partition=serve-stale-reads',
  ]);
  assert.deepEqual(found({ consistency: 'sequential', offline: true }), ['classes[0].consistency=sequential / classes[0].offline=true']);
  assert.deepEqual(found({ partition: 'refuse-minority', offline: true }), [
    'classes[0].partition=refuse-minority / classes[0].offline=true',
  ]);
  assert.deepEqual(found({ invariants: ['never-negative', 'unique'], partition: 'serve-both-sides' }), [
    'classes[0].invariants=never-negative / classes[0].partition=serve-both-sides',
  ]);
  assert.deepEqual(found({ invariants: ['one-holder'], consistency: 'eventual' }), [
    'classes[0].invariants=one-holder / classes[0].consistency=eventual',
  ]);
  assert.deepEqual(found({}, { geography: 'one-data-centre', roundTripMs: 180 }), [
    'cluster.geography=one-data-centre / cluster.roundTripMs=180',
  ]);
  assert.deepEqual(
    found({ kind: 'money', consistency: 'linearizable', partition: 'refuse-minority', invariants: ['sum-conserved'], offline: false }),
    [],
  );
});

test('questions: stable ids, every choice explained, asked where they matter', () => {
  const ids = questions.map((question) => question.id);
  assert.equal(new Set(ids).size, ids.length);
  for (const question of questions) {
    assert.match(question.id, /^[a-z][A-Za-z]*$/);
    assert.match(question.text, /\?$/);
    assert.match(question.help, /\.$/);
    if (question.kind === 'one' || question.kind === 'many') {
      assert.equal(new Set(question.choices.map((choice) => choice.id)).size, question.choices.length);
      for (const choice of question.choices) {
        assert.match(choice.id, /^[a-z0-9]+(-[a-z0-9]+)*$/);
        assert.match(choice.detail, /\.$/);
      }
    }
  }
  assert.equal(isAsked(questionOf('routing'), { kind: 'session' }), true);
  assert.equal(isAsked(questionOf('routing'), { kind: 'money' }), false);
  assert.equal(isAsked(questionOf('conflicts'), { kind: 'leader' }), false);
  assert.equal(isAsked(questionOf('routing'), {}), true);
});

test('answers in words', () => {
  assert.equal(answerText('size', 7_140), '7,140 nodes');
  assert.equal(answerText('present', ['phoenix', 'postgres']), 'Phoenix, Ecto with Postgres');
  assert.equal(answerText('offline', false), 'No');
  assert.equal(answerText('kind', undefined), 'unknown');
  assert.deepEqual([0, 999, 1_000, 1_234_567, 1_234.5, 1e21, Number.NaN].map(grouped), [
    '0',
    '999',
    '1,000',
    '1,234,567',
    '1,234.5',
    '1e+21',
    'NaN',
  ]);
});
