/** Vetoes: answers that rule an option out whatever else speaks for it. They come before all points. */
import { endurance, largestSize, type Situation } from './criteria';
import type { Option } from './option';
import { invariantsOf } from './presumptions';
import { answerText, type QuestionId } from './questions';

/** A reason why an option is ruled out. */
export interface Veto {
  readonly id: VetoId;
  /** The answers that rule it out; empty when no answer could rule it in. */
  readonly reads: readonly QuestionId[];
  /** One sentence: the answer, and what the option would do to it. */
  readonly reason: string;
}

export type VetoId =
  | 'invariant'
  | 'serves-both-sides'
  | 'linearizable'
  | 'durability'
  | 'offline'
  | 'routing'
  | 'too-few-voters'
  | 'not-available';

/** The highest fit of an option that is ruled out. */
export const vetoedFit = 3;

/**
 * Everything that rules the option out. Invariants count also when they are only presumed for the kind, because they are what the kind means;
 * all other vetoes need an answer of yours.
 */
export function vetoesOf(option: Option, { cluster, answers }: Situation): readonly Veto[] {
  const found: Veto[] = [];
  const veto = (id: VetoId, reads: readonly QuestionId[], reason: string) => found.push({ id, reads, reason });
  const coordinated = option.decides === 'majority' || option.decides === 'outside';
  const refuser =
    option.decides === 'majority'
      ? 'needs a majority and refuses on the minority side'
      : 'needs its service and refuses where it is out of reach';

  const invariants = invariantsOf(answers).filter((one) => !(one === 'unique' && option.uniqueByConstruction));
  if (!coordinated && invariants.length > 0) {
    const names = answerText('invariants', invariants).toLowerCase();
    const what = option.subject === 'process' ? 'runs one on each side of a split' : 'accepts writes that do not see each other';
    veto('invariant', ['invariants'], `The invariant “${names}” cannot hold: it ${what}.`);
  }
  if (coordinated && answers.partition === 'serve-both-sides') {
    veto('serves-both-sides', ['partition'], `Both sides of a partition should be served, but it ${refuser}.`);
  }
  if (answers.consistency === 'linearizable' && ['eventual', 'read-your-writes', 'causal'].includes(option.guarantee)) {
    veto(
      'linearizable',
      ['consistency'],
      `Linearizable was asked for; the strongest it gives is ${answerText('consistency', option.guarantee).toLowerCase()}.`,
    );
  }
  if (answers.durability !== undefined && endurance(answers.durability) > endurance(option.survives)) {
    const lost = option.survives === 'one-node' ? 'a restart of all nodes loses it' : 'the restart of a node loses it';
    veto('durability', ['durability'], `“${answerText('durability', answers.durability)}” was asked for, but it lives in memory: ${lost}.`);
  }
  if (coordinated && answers.offline === true) {
    veto(
      'offline',
      ['offline'],
      `Clients write while disconnected, but it ${option.decides === 'majority' ? 'needs a majority' : 'needs its service'} for every write.`,
    );
  }
  if (option.decides === 'each-node' && answers.routing === 'any-node' && (answers.kind === 'session' || answers.kind === 'cart')) {
    veto('routing', ['routing'], 'Each request may reach another node, but each node knows only what it was told itself.');
  }
  const nodes = largestSize(cluster);
  if (option.decides === 'majority' && nodes !== undefined && nodes <= 2) {
    veto(
      'too-few-voters',
      ['size', 'projectedSize'],
      nodes === 2
        ? 'Two voters need both: the majority of 2 is 2, so it tolerates no failure and is less available than one node.'
        : 'One node has nobody to agree with.',
    );
  }
  if (option.neverRecommended !== undefined) veto('not-available', [], option.neverRecommended);
  return found;
}
