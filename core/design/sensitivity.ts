/** Sensitivity: which answers, known or not, would change the recommendation, and which questions matter most. */
import { answerOf } from './answers';
import type { Situation } from './criteria';
import type { OptionId } from './option';
import { optionOf } from './options';
import { answerText, isAsked, type Question, type QuestionId, questions } from './questions';
import type { Evaluation } from './rank';
import { type Recommendation, recommend } from './recommend';

/** What would be with another value. Only what is asked of it: dozens of whole rankings would be kept otherwise. */
interface Outcome {
  readonly value: unknown;
  readonly best?: OptionId;
  readonly fits: ReadonlyMap<OptionId, number>;
}

/** What would be if one question were answered otherwise. */
export interface Probe {
  readonly question: Question;
  readonly answered: boolean;
  /** Each other value, and what is recommended with it. */
  readonly outcomes: readonly Outcome[];
}

/** An answer that would change the recommendation. */
export interface Flip {
  readonly question: QuestionId;
  /** Whether the question is answered today, or only presumed or unknown. */
  readonly answered: boolean;
  /** The answer in words that would do it. */
  readonly answer: string;
  /** What would be recommended then; absent: nothing. */
  readonly to?: OptionId;
  /** The whole as a sentence. */
  readonly sentence: string;
}

/** A question whose answer matters. */
export interface OpenQuestion {
  readonly question: QuestionId;
  readonly text: string;
  /** What its answers would change. */
  readonly why: string;
}

/** How many open questions are put when there are more, and how many results are named. */
const most = 3;

/** Tries every other answer to every question that can change the recommendation, one at a time, in the order of the questions. */
export function probe(situation: Situation): readonly Probe[] {
  const best = recommend(situation).best;
  return questions
    .filter((question) => isAsked(question, situation.answers) && !settled(question.id, situation))
    .map((question) => {
      const current = answerOf(situation.cluster, situation.answers, question.id);
      return {
        question,
        answered: current !== undefined,
        outcomes: alternatives(question, current, best).map((value) => outcomeOf(value, recommend(withAnswer(situation, question, value)))),
      };
    });
}

function outcomeOf(value: unknown, { best, ranked }: Recommendation): Outcome {
  return { value, ...(best && { best: best.option }), fits: new Map(ranked.map(({ option, fit }) => [option, fit])) };
}

/** Every single answer that would change the recommendation; several answers to one question with one result are one flip. */
export function flips(best: Evaluation, probes: readonly Probe[]): readonly Flip[] {
  return probes.flatMap(({ question, answered, outcomes }): Flip[] => {
    const byResult = new Map<OptionId | undefined, string[]>();
    for (const { value, best: to } of outcomes) {
      if (to === best.option) continue;
      byResult.set(to, [...(byResult.get(to) ?? []), named(question, value)]);
    }
    return [...byResult].map(([to, answers]) => {
      const answer = joined(answers, 'or');
      const result = to === undefined ? 'nothing can be recommended' : `the answer becomes ${optionOf(to).name}`;
      return {
        question: question.id,
        answered,
        answer,
        ...(to === undefined ? {} : { to }),
        sentence: `If “${question.text}” ${answered ? 'became' : 'were answered'} ${answer}, ${result}.`,
      };
    });
  });
}

/**
 * The unanswered questions that matter most, at most three: first those that can lead to another recommendation, then those whose answers move the
 * fits of all options furthest. Once something is recommended, only the former.
 */
export function openQuestions(now: Recommendation, probes: readonly Probe[]): readonly OpenQuestion[] {
  return probes
    .filter(({ answered }) => !answered)
    .map((one) => ({ question: one.question, influence: influence(one), others: othersIn(one, now.best?.option) }))
    .filter(({ influence: size, others }) => size > 0 && (now.best === undefined || others.length > 0))
    .sort((a, b) => Number(b.others.length > 0) - Number(a.others.length > 0) || b.influence - a.influence)
    .slice(0, most)
    .map(({ question, others }) => ({ question: question.id, text: question.text, why: whyOf(others, now.best !== undefined) }));
}

function named(question: Question, value: unknown): string {
  const text = answerText(question.id, value);
  return question.kind === 'many' ? text.replaceAll(', ', ' + ') : text;
}

function whyOf(others: readonly string[], recommended: boolean): string {
  if (others.length === 0) return 'Its answers move the fits of the options most.';
  const named = others.length > most ? [...others.slice(0, most), `${others.length - most} others`] : others;
  return `Its answers ${recommended ? 'can change the recommendation to' : 'lead to'} ${joined(named, 'or')}.`;
}

/** Adds up, over all options, how far the fit moves between the answers to a question; an option that an answer leaves out has no fit there. */
function influence({ outcomes }: Probe): number {
  const tables = outcomes.map(({ fits }) => fits);
  const considered = new Set(tables.flatMap((table) => [...table.keys()]));
  let sum = 0;
  for (const option of considered) {
    const fits = tables.map((table) => table.get(option) ?? 0);
    sum += Math.max(...fits) - Math.min(...fits);
  }
  return Math.round(sum * 10) / 10;
}

function othersIn({ outcomes }: Probe, now: OptionId | undefined): readonly string[] {
  const found = new Set<OptionId>();
  for (const { best } of outcomes) if (best !== undefined && best !== now) found.add(best);
  return [...found].map((id) => optionOf(id).name);
}

/** Network, platform and membership decide the clustering, not the option; and what a thing is does not change once it is said. */
function settled(id: QuestionId, { answers }: Situation): boolean {
  return id === 'network' || id === 'platform' || id === 'membership' || (id === 'kind' && answers.kind !== undefined);
}

/** Other values the question could have: each choice, each list with one element more or less, each magnitude, and just beyond what the best option carries. */
function alternatives(question: Question, current: unknown, best: Evaluation | undefined): readonly unknown[] {
  switch (question.kind) {
    case 'boolean':
      return [true, false].filter((value) => value !== current);
    case 'one':
      return question.choices.map((choice) => choice.id).filter((id) => id !== current);
    case 'many': {
      const now: readonly unknown[] = Array.isArray(current) ? current.filter((one) => one !== 'none') : [];
      return question.choices.flatMap(({ id }): (readonly unknown[])[] => {
        if (id === 'none') return now.length > 0 || current === undefined ? [['none']] : [];
        if (!now.includes(id)) return [question.choices.map((choice) => choice.id).filter((one) => one === id || now.includes(one))];
        const rest = now.filter((one) => one !== id);
        return rest.length > 0 ? [rest] : [];
      });
    }
    case 'number': {
      const capacity = best === undefined || question.id !== 'writesPerSecond' ? undefined : optionOf(best.option).capacity;
      const values = new Set<number>([...question.range.magnitudes, ...(capacity === undefined ? [] : [capacity.writesPerSecond + 1])]);
      return [...values].filter((value) => value !== current).sort((a, b) => a - b);
    }
  }
}

function withAnswer({ cluster, answers }: Situation, question: Question, value: unknown): Situation {
  return question.scope === 'cluster'
    ? { cluster: { ...cluster, [question.id]: value }, answers }
    : { cluster, answers: { ...answers, [question.id]: value } };
}

/** A list in a sentence: `a, b or c`. */
export function joined(words: readonly string[], last: 'and' | 'or'): string {
  if (words.length <= 1) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} ${last} ${words[words.length - 1]}`;
}
