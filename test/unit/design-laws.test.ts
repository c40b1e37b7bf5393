import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { answersFile, type Design, parseAnswers } from '../../core/design/answers';
import { burdenOf, criteriaTable, fitOf } from '../../core/design/criteria';
import { decide } from '../../core/design/decide';
import { decisionSection, jsonDocument, madrDocuments, markdownDocument, reportOf } from '../../core/design/document';
import { signalsOf } from '../../core/design/monitoring';
import type { OptionId } from '../../core/design/option';
import { optionOf, options } from '../../core/design/options';
import { implementationPlan, rollbackPlan, testingStrategy } from '../../core/design/plan';
import {
  type ClassAnswers,
  type ClusterAnswers,
  classQuestions,
  clusterQuestions,
  consistencyChoices,
  costChoices,
  invariantChoices,
  partitionChoices,
  type Question,
} from '../../core/design/questions';
import { evaluate, rank } from '../../core/design/rank';
import { recommend } from '../../core/design/recommend';

/** Any legal value of a question; numbers include the edges. */
function anyValueOf(question: Question): fc.Arbitrary<unknown> {
  switch (question.kind) {
    case 'boolean':
      return fc.boolean();
    case 'one':
      return fc.constantFrom(...question.choices.map((choice) => choice.id));
    case 'many': {
      const others = question.choices.map((choice) => choice.id).filter((id) => id !== 'none');
      return fc.oneof(
        fc.constant(['none']),
        fc.subarray(others, { minLength: 1 }).map((chosen) => others.filter((id) => chosen.includes(id))),
      );
    }
    case 'number': {
      const { minimum, maximum, whole, magnitudes } = question.range;
      const anywhere = whole ? fc.integer({ min: minimum, max: maximum }) : fc.double({ min: minimum, max: maximum, noNaN: true });
      return fc.oneof(anywhere, fc.constantFrom(minimum, maximum, ...magnitudes)).map((value) => (value === 0 ? 0 : value));
    }
  }
}

/** Some of the questions answered, each with any legal value. */
function answersTo<T>(asked: readonly Question[]): fc.Arbitrary<T> {
  return fc
    .tuple(...asked.map((question) => fc.option(anyValueOf(question), { nil: undefined })))
    .map((values) => Object.fromEntries(values.flatMap((value, index) => (value === undefined ? [] : [[asked[index]!.id, value]]))) as T);
}

const anyCluster = answersTo<ClusterAnswers>(clusterQuestions);
const anyClass = answersTo<ClassAnswers>(classQuestions);
const anyDesign: fc.Arbitrary<Design> = fc.record(
  {
    name: fc.string({ minLength: 1, maxLength: 20 }).map((name) => name.replace(/[^\p{L}\p{N} |*<>-]/gu, 'x').trim() || 'x'),
    cluster: anyCluster,
    classes: fc
      .uniqueArray(anyClass, { maxLength: 2 })
      .map((classes) => classes.map((answers, index) => ({ name: `class ${index}`, answers }))),
  },
  { noNullPrototype: true },
);

const apOptions = options.filter((option) => option.cap === 'AP');
const cpOptions = options.filter((option) => option.cap === 'CP');

function fits(cluster: ClusterAnswers, answers: ClassAnswers): ReadonlyMap<OptionId, number> {
  return new Map(options.map((option) => [option.id, evaluate(option, { cluster, answers }).fit]));
}

/** Two neighbouring steps of a scale, the weaker first. */
function neighbours<T>(scale: readonly T[]): fc.Arbitrary<readonly [T, T]> {
  return fc.integer({ min: 0, max: scale.length - 2 }).map((at) => [scale[at] as T, scale[at + 1] as T] as const);
}

const consistencies = consistencyChoices.map((choice) => choice.id);
const partitions = partitionChoices.map((choice) => choice.id);
const costs = costChoices.map((choice) => choice.id);
const invariants = invariantChoices.map((choice) => choice.id).filter((id) => id !== 'none');

test('law: a higher need for consistency never raises the fit of an AP option', () => {
  const raises = fc.oneof(
    neighbours(consistencies).map(([low, high]) => [{ consistency: low }, { consistency: high }] as const),
    neighbours(costs).map(([low, high]) => [{ lostUpdate: low }, { lostUpdate: high }] as const),
    neighbours(costs).map(([low, high]) => [{ duplicateExecution: low }, { duplicateExecution: high }] as const),
    fc.subarray(invariants, { minLength: 1 }).chain((some) =>
      fc.constantFrom(...some).map((one) => {
        const without = some.filter((other) => other !== one);
        return [{ invariants: without.length > 0 ? without : (['none'] as const) }, { invariants: some }] as const;
      }),
    ),
  );
  fc.assert(
    fc.property(anyCluster, anyClass, raises, (cluster, answers, [low, high]) => {
      const before = fits(cluster, { ...answers, ...low });
      const after = fits(cluster, { ...answers, ...high });
      for (const { id } of apOptions) assert.ok(after.get(id)! <= before.get(id)!, `${id}: ${before.get(id)} → ${after.get(id)}`);
    }),
    { numRuns: 300 },
  );
});

test('law: a higher need for availability never raises the fit of a CP option', () => {
  const raises = fc.oneof(
    neighbours(partitions).map(([low, high]) => [{ partition: low }, { partition: high }] as const),
    neighbours(costs).map(([low, high]) => [{ unavailability: low }, { unavailability: high }] as const),
    fc.constant([{ offline: false }, { offline: true }] as const),
  );
  fc.assert(
    fc.property(anyCluster, anyClass, raises, (cluster, answers, [low, high]) => {
      const before = fits(cluster, { ...answers, ...low });
      const after = fits(cluster, { ...answers, ...high });
      for (const { id } of cpOptions) assert.ok(after.get(id)! <= before.get(id)!, `${id}: ${before.get(id)} → ${after.get(id)}`);
    }),
    { numRuns: 300 },
  );
});

test('law: a veto never raises a fit', () => {
  fc.assert(
    fc.property(anyCluster, anyClass, (cluster, answers) => {
      for (const option of options) {
        const { fit, vetoes } = evaluate(option, { cluster, answers });
        const unvetoed = fitOf(criteriaTable(option, { cluster, answers })).fit;
        assert.ok(fit <= unvetoed);
        assert.equal(fit, vetoes.length > 0 ? Math.min(3, unvetoed) : unvetoed);
        assert.ok(0 <= fit && fit <= 10);
      }
    }),
    { numRuns: 150 },
  );
});

test('law: what is recommended is not ruled out, fits, and is the best but for what you run already', () => {
  fc.assert(
    fc.property(anyCluster, anyClass, (cluster, answers) => {
      const { ranked, best, refusal } = recommend({ cluster, answers });
      assert.notEqual(best === undefined, refusal === undefined);
      if (best === undefined) return;
      assert.equal(best.vetoes.length, 0);
      assert.ok(best.fit >= 6);
      assert.equal(optionOf(best.option).neverRecommended, undefined);
      const first = ranked[0]!;
      if (best !== first) {
        assert.ok(first.fit - best.fit <= 0.5 + 1e-9);
        assert.equal(optionOf(first.option).decides, 'majority');
        assert.equal(burdenOf(optionOf(best.option), cluster), 1);
      }
    }),
    { numRuns: 200 },
  );
});

test('law: all options of a situation are weighed by the same criteria', () => {
  fc.assert(
    fc.property(anyCluster, anyClass, (cluster, answers) => {
      const shapes = new Set(
        rank({ cluster, answers }).map((one) => JSON.stringify(one.criteria.map((row) => [row.id, row.weight, row.answer, row.source]))),
      );
      assert.equal(shapes.size, 1);
    }),
    { numRuns: 200 },
  );
});

function shuffled(value: unknown, order: number): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => shuffled(item, order));
    // The classes are a list whose order is shown; answers that are lists are sets.
    return items.every((item) => typeof item === 'string') && order % 2 === 1 ? items.reverse() : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, shuffled(item, order)] as const);
  return Object.fromEntries(
    [...entries.slice(order % (entries.length || 1)), ...entries.slice(0, order % (entries.length || 1))].reverse(),
  );
}

test('law: the same answers give the same decision, byte for byte, in whatever order they are written', () => {
  fc.assert(
    fc.property(anyDesign, fc.nat(20), (design, order) => {
      const file = answersFile(design);
      const one = parseAnswers(JSON.parse(JSON.stringify(file)));
      const other = parseAnswers(shuffled(file, order));
      assert.deepEqual(one.errors, []);
      assert.deepEqual(other.errors, []);
      assert.deepEqual(one.design, design.classes.length === 0 ? { ...design, classes: [] } : design);
      const first = JSON.stringify(jsonDocument(reportOf(decide(one.design))));
      assert.equal(JSON.stringify(jsonDocument(reportOf(decide(one.design)))), first);
      assert.equal(JSON.stringify(jsonDocument(reportOf(decide(other.design)))), first);
    }),
    { numRuns: 40 },
  );
});

test('law: what was decided before changes nothing about a decision', () => {
  fc.assert(
    fc.property(anyDesign, anyDesign, fc.boolean(), (design, other, sameCluster) => {
      const before = decide(
        sameCluster ? { ...other, cluster: design.cluster, classes: [...design.classes.slice(0, 1), ...other.classes] } : other,
      );
      assert.deepEqual(decide(design, before), decide(design));
    }),
    { numRuns: 40 },
  );
});

test('law: total: every design has documents without holes', () => {
  fc.assert(
    fc.property(anyDesign, (design) => {
      const report = reportOf(decide(design));
      const texts = [
        markdownDocument(report),
        decisionSection(report).body,
        ...madrDocuments(report).map(({ text }) => text),
        JSON.stringify(jsonDocument(report)),
      ];
      for (const text of texts) assert.doesNotMatch(text, /\bNaN\b|\bundefined\b|\[object|Infinity\b(?! *retries)/);
      for (const text of texts.slice(0, -1)) assert.doesNotMatch(text, /\n{4,}|[ \t]\n|\r/);
    }),
    { numRuns: 60 },
  );
});

test('law: total: plans, tests, ways back and signals exist for every option in every situation', () => {
  fc.assert(
    fc.property(anyCluster, anyClass, fc.constantFrom(...options), (cluster, answers, option) => {
      const situation = { cluster, answers };
      assert.ok(implementationPlan(option, situation, 'shop').length >= 3);
      assert.ok(testingStrategy(option, situation).length >= 4);
      const { migration, rollback } = rollbackPlan(option);
      assert.ok(migration.length >= 2 && rollback.length >= 2);
      const signals = signalsOf(option, situation, 'shop');
      assert.ok(signals.length >= 3);
      assert.doesNotMatch(JSON.stringify([signals, migration, rollback]), /NaN|undefined|Infinity|my_app/);
    }),
    { numRuns: 300 },
  );
});

test('law: any value at all is parsed without an exception, to a design that can be decided', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.anything(),
        fc.record({ cluster: fc.anything(), classes: fc.array(fc.anything(), { maxLength: 2 }), name: fc.anything() }),
      ),
      (input) => {
        const { design, errors } = parseAnswers(input);
        for (const { message } of errors) assert.match(message, /expected|Unknown key|reads|also the name/);
        assert.equal(parseAnswers(answersFile(design)).errors.length, 0);
        for (const one of design.classes) recommend({ cluster: design.cluster, answers: one.answers });
      },
    ),
    { numRuns: 300 },
  );
});
