import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { answersFile, parseAnswers, unknownDesign } from '../../core/design/answers';
import {
  answer,
  answerFrom,
  contradictionText,
  designOf,
  type Interview,
  knownAt,
  mergedWith,
  nextStep,
  progressOf,
  questionAt,
  restored,
  type Step,
} from '../../core/design/interview';
import { classQuestions, clusterQuestions } from '../../core/design/questions';

/** The interview in which each step is answered by what `say` answers, until `steps` answers have been given. */
function interviewOf(say: (step: Step) => unknown, steps = Number.POSITIVE_INFINITY): Interview {
  let interview: Interview = [];
  for (let step = nextStep(interview); step && interview.length < steps; step = nextStep(interview)) {
    const turn = answer(interview, say(step));
    assert.deepEqual(turn.errors, [], JSON.stringify(step));
    interview = turn.interview;
  }
  return interview;
}

/** Any answer that a step takes, at most three classes. */
function anyAnswer(step: Step, pick: (most: number) => number): unknown {
  if (step.ask === 'name') return ['Shop', undefined][pick(1)];
  if (step.ask === 'app') return ['shop', undefined][pick(1)];
  if (step.ask === 'class name') return `class ${step.index}`;
  if (step.ask === 'another class') return step.index < 2 && pick(1) === 1;
  const question = questionAt(step)!;
  if (pick(4) === 0) return undefined;
  switch (question.kind) {
    case 'boolean':
      return pick(1) === 1;
    case 'number':
      return question.range.magnitudes[pick(question.range.magnitudes.length - 1)];
    case 'one':
      return question.choices[pick(question.choices.length - 1)]?.id;
    case 'many':
      return [question.choices[pick(question.choices.length - 1)]?.id];
  }
}

test('law: what is asked gives what an answers file gives, however far it went, and is kept as JSON', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat()), fc.nat(60), (numbers, steps) => {
      const interview = interviewOf((step) => anyAnswer(step, (most) => (numbers.next().value as number) % (most + 1)), steps);
      const design = designOf(interview);
      const read = parseAnswers(answersFile(design));
      assert.deepEqual(read, { design, errors: [] });
      assert.deepEqual(restored(JSON.parse(JSON.stringify(interview))).length, interview.length);
      assert.deepEqual(designOf(restored(JSON.parse(JSON.stringify(interview)))), design);
      assert.deepEqual(mergedWith(interview, unknownDesign), design);
      const { step, total } = progressOf(interview);
      assert.ok(step >= 1 && step <= total);
    }),
    { numRuns: 200 },
  );
});

test('law: a design that is asked for again, with Enter for what it says already, stays as it is', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
      const design = designOf(interviewOf((step) => anyAnswer(step, (most) => (numbers.next().value as number) % (most + 1))));
      const again = interviewOf((step) => (step.ask === 'another class' ? knownAt(step, design) === true : knownAt(step, design)));
      assert.deepEqual(mergedWith(again, design), design);
    }),
    { numRuns: 100 },
  );
});

test('stopped halfway, the answers count, and what was decided before stays for the rest', () => {
  const before = parseAnswers({
    name: 'Shop',
    cluster: { size: 5, network: 'trusted' },
    classes: [
      { name: 'stock', kind: 'inventory', consistency: 'linearizable' },
      { name: 'carts', kind: 'cart' },
    ],
  }).design;
  const upToSize = interviewOf((step) => (step.ask === 'cluster' ? 7 : knownAt(step, before)), 3);
  assert.deepEqual(mergedWith(upToSize, before), { ...before, cluster: { size: 7, network: 'trusted' } });
  // An answer that is taken back is unknown, not what it was.
  const unknownSize = interviewOf((step) => (step.ask === 'cluster' ? undefined : knownAt(step, before)), 3);
  assert.equal(mergedWith(unknownSize, before).cluster.size, undefined);
  // Whoever says that there is no other class drops it.
  const oneClass = interviewOf((step) => (step.ask === 'another class' ? false : knownAt(step, before)));
  assert.deepEqual(
    mergedWith(oneClass, before).classes.map(({ name }) => name),
    ['stock'],
  );
});

test('sizes that are none are refused with what is expected; the smallest and the largest are taken', () => {
  const upToSize = interviewOf(() => undefined, 2);
  const step = nextStep(upToSize)!;
  for (const wrong of ['0', '-1', '-3', '2.5', 'NaN', 'many', '1000001', '1e6x', '٣']) {
    const turn = answer(upToSize, answerFrom(step, wrong));
    assert.match(turn.errors.join(' '), /expected a whole number of nodes from 1 to 1000000, or unknown/, wrong);
    assert.equal(turn.interview, upToSize);
  }
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -0.5, true, null, {}, []]) {
    if (value === null) assert.deepEqual(answer(upToSize, value).errors, []);
    else assert.equal(answer(upToSize, value).errors.length, 1, String(value));
  }
  for (const [typed, size] of [
    ['1', 1],
    ['2', 2],
    ['1,000,000', 1_000_000],
    ['1_000', 1000],
  ] as const) {
    assert.equal(designOf(answer(upToSize, answerFrom(step, typed)).interview).cluster.size, size);
  }
});

test('answers that cannot both hold are named, of a class and of the cluster', () => {
  const place = clusterQuestions.findIndex(({ id }) => id === 'roundTripMs');
  const far = interviewOf(
    (step) => (step.ask === 'cluster' && step.at < place ? (['one-data-centre'] as const)[step.at - 3] : undefined),
    2 + place,
  );
  const [cluster] = answer(far, 180).contradictions;
  assert.match(contradictionText(cluster!), /^geography one-data-centre and roundTripMs 180 cannot both hold\. /);
  const never = classQuestions.findIndex(({ id }) => id === 'invariants');
  const both = interviewOf(
    (step) => {
      const id = questionAt(step)?.id;
      return id === 'kind' ? 'inventory' : id === 'partition' ? 'serve-both-sides' : step.ask === 'class name' ? 'stock' : undefined;
    },
    2 + clusterQuestions.length + 1 + never,
  );
  const turn = answer(both, ['never-negative']);
  assert.equal(turn.errors.length, 0);
  assert.match(
    turn.contradictions.map(contradictionText).join(' '),
    /invariants never-negative and partition serve-both-sides cannot both hold/,
  );
});

test('what was kept and is no interview is cut off where that begins', () => {
  assert.deepEqual(restored(undefined), []);
  assert.deepEqual(restored('x'), []);
  assert.deepEqual(restored([{ step: { ask: 'app' }, value: 'shop' }]), []);
  const good = interviewOf((step) => (step.ask === 'name' ? 'Shop' : undefined), 3);
  assert.deepEqual(designOf(restored([...good, null, 5])).name, 'Shop');
  assert.equal(restored([...good.slice(0, 2), { ...good[2], value: -3 }]).length, 2);
});
