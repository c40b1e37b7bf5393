/** The recommendation for one class, or the reason why there is none. */
import { contradictionsOf } from './answers';
import { isPresent, largestSize, type Situation, strictness } from './criteria';
import { optionOf } from './options';
import { invariantsOf, known } from './presumptions';
import type { ClassAnswers, QuestionId } from './questions';
import { majority, toleratedFailures } from './quorum';
import { type Evaluation, rank, recommendedFit } from './rank';

export interface Recommendation {
  /** All options considered, best first. */
  readonly ranked: readonly Evaluation[];
  /** The first of `ranked`, or a service that is run already and comes close to it. Absent when nothing is recommended; then `refusal` says why. */
  readonly best?: Evaluation;
  readonly refusal?: string;
}

/** A service that you run already is preferred to a consensus library of your own when its fit is at most this much lower. */
export const preferenceMargin = 0.5;

/** Weighs all options and recommends the best, unless answers contradict each other, too little is known, or nothing fits. `path` names the class in messages. */
export function recommend(situation: Situation, path = 'answers'): Recommendation {
  const ranked = rank(situation);
  const first = ranked[0];
  const top = first !== undefined && first.vetoes.length === 0 && first.fit >= recommendedFit ? first : undefined;
  const best = top && (preferredTo(top, ranked, situation) ?? top);
  const refusal = refusalOf(situation, ranked, best, path);
  return { ranked, ...(refusal === undefined ? (best === undefined ? {} : { best }) : { refusal }) };
}

/** Answers that say enough about a class to recommend something: its kind, or two of these. */
const telling: readonly QuestionId[] = [
  'consistency',
  'partition',
  'invariants',
  'conflicts',
  'offline',
  'durability',
  'geography',
  'roundTripMs',
];

const twoNodes =
  `Two nodes cannot elect a leader or order writes and survive a failure: the majority of 2 is ${majority(2)}, so they tolerate ${toleratedFailures(2)} failures. ` +
  'If one of them could go on alone, so could the other, and a cut link would make two leaders. ' +
  `A third voter changes that: the majority of 3 is ${majority(3)}, and one may fail. It may be a witness that votes and serves nobody, best in a third zone. ` +
  'Or let something outside the two decide: a lock in Postgres, etcd or Consul.';

const oneNode =
  'One node has nobody to agree with and nothing to elect: a locally registered process and a database on disk are enough. Come back with a second and a third node.';

function refusalOf(situation: Situation, ranked: readonly Evaluation[], best: Evaluation | undefined, path: string): string | undefined {
  const { cluster, answers } = situation;
  const conflict = contradictionsOf('', answers, path)[0];
  if (conflict !== undefined) {
    return `Two answers cannot both hold: ${conflict.first.path} is ${conflict.first.value}, and ${conflict.second.path} is ${conflict.second.value}. ${conflict.why}`;
  }
  const values: Readonly<Record<string, unknown>> = { ...cluster, ...answers };
  if (answers.kind === undefined && telling.filter((id) => values[id] !== undefined).length < 2) {
    return 'Too little is known to recommend anything. Begin with the open questions.';
  }
  const nodes = largestSize(cluster);
  if (nodes !== undefined && nodes <= 2 && needsOneOrder(answers) && !(best !== undefined && isPresent(optionOf(best.option), cluster))) {
    return nodes === 2 ? twoNodes : oneNode;
  }
  if (best !== undefined) return undefined;
  const reachable = ranked.find((one) => one.vetoes.length === 0);
  if (reachable === undefined) return 'Every option is ruled out by an answer. The vetoes name the answers; one of them must give way.';
  return `No option fits: the best is ${reachable.name} with ${reachable.fit}/10, and below ${recommendedFit} nothing is recommended. Its table shows where it falls short.`;
}

/** The service that you run already, where one writer is enough and a consensus library is ahead of it by no more than the margin. */
function preferredTo(top: Evaluation, ranked: readonly Evaluation[], { cluster, answers }: Situation): Evaluation | undefined {
  if (optionOf(top.option).decides !== 'majority') return undefined;
  return ranked.find((one) => {
    const option = optionOf(one.option);
    const suits = answers.kind === undefined ? 1 : (option.suits[answers.kind]?.[0] ?? 0);
    const close = one.fit >= recommendedFit && Math.round((top.fit - one.fit) * 10) / 10 <= preferenceMargin;
    return one.vetoes.length === 0 && close && option.decides === 'outside' && isPresent(option, cluster) && suits >= 0.7;
  });
}

function needsOneOrder(answers: ClassAnswers): boolean {
  const consistency = known(answers, 'consistency')?.value;
  return invariantsOf(answers).length > 0 || (consistency !== undefined && strictness(consistency) >= strictness('sequential'));
}
