/** The ranking: every option of a situation with its table, its vetoes and its fit, best first. */
import { burdenOf, type CriterionRow, criteriaTable, criteriaTables, fitOf, type Situation } from './criteria';
import type { Option, OptionId } from './option';
import { options, optionsFor } from './options';
import { invariantsOf } from './presumptions';
import { type Veto, vetoedFit, vetoesOf } from './vetoes';

/** An option, weighed. */
export interface Evaluation {
  readonly option: OptionId;
  readonly name: string;
  readonly cap: Option['cap'];
  /** From 0 to 10: ten times `points` over `weight`, rounded to one decimal, and at most 3 with a veto. */
  readonly fit: number;
  readonly points: number;
  readonly weight: number;
  readonly criteria: readonly CriterionRow[];
  readonly vetoes: readonly Veto[];
  /** 1 to 5: what it would be to operate here. */
  readonly burden: number;
}

/** Options below this fit are not recommended: better no answer than a poor one. */
export const recommendedFit = 6;

/** Weighs an option; `criteria` is its table, where that is known already. */
export function evaluate(option: Option, situation: Situation, criteria = criteriaTable(option, situation)): Evaluation {
  const { points, weight, fit } = fitOf(criteria);
  const vetoes = vetoesOf(option, situation);
  return {
    option: option.id,
    name: option.name,
    cap: option.cap,
    fit: vetoes.length > 0 ? Math.min(fit, vetoedFit) : fit,
    points,
    weight,
    criteria,
    vetoes,
    burden: burdenOf(option, situation.cluster),
  };
}

/** All options that are considered, best first: those without a veto, then by fit; equal fits by what is simpler to operate, then by their order in `options`. */
export function rank(situation: Situation): readonly Evaluation[] {
  const oneHolder = invariantsOf(situation.answers).includes('one-holder');
  const tableOf = criteriaTables(situation);
  return optionsFor(situation.answers.kind, oneHolder)
    .map((option) => evaluate(option, situation, tableOf(option)))
    .sort(
      (a, b) =>
        Number(a.vetoes.length > 0) - Number(b.vetoes.length > 0) ||
        b.fit - a.fit ||
        a.burden - b.burden ||
        (places.get(a.option) ?? 0) - (places.get(b.option) ?? 0),
    );
}

const places: ReadonlyMap<OptionId, number> = new Map(options.map((option, index) => [option.id, index]));
