/** The decision: for the cluster, and for each class of data or process its ranked options, the recommendation, and what would change it. */
import { type Contradiction, contradictions, type Design, type DesignClass } from './answers';
import { type ClusterDecision, decideCluster, type TopologyId } from './clustering';
import { isPresent, kindPhrase, roundTripOf, type Situation } from './criteria';
import { continued } from './markdown';
import type { Option } from './option';
import { optionOf } from './options';
import { known } from './presumptions';
import { answerText, type ClassAnswers, type ClusterAnswers, isAsked, type QuestionId, questions } from './questions';
import type { Evaluation } from './rank';
import { preferenceMargin, recommend } from './recommend';
import { type Flip, flips, joined, type OpenQuestion, openQuestions, probe } from './sensitivity';

export interface Decision {
  readonly design: Design;
  readonly cluster: ClusterDecision;
  readonly classes: readonly ClassDecision[];
  readonly contradictions: readonly Contradiction[];
}

/** What is decided for one class. */
export interface ClassDecision {
  readonly name: string;
  readonly situation: Situation;
  /** Every question that is asked for this class, with what is known. */
  readonly context: readonly ContextRow[];
  /** All options considered, best first. */
  readonly ranked: readonly Evaluation[];
  /** The recommendation; absent when there is none, and then `refusal` says why. */
  readonly recommended?: Evaluation;
  /** The best of the others that is not ruled out. */
  readonly runnerUp?: Evaluation;
  /** Why the recommended option, in sentences; empty without one. */
  readonly because: readonly string[];
  readonly refusal?: string;
  /** What decided between equal or close fits, where that was needed. */
  readonly tie?: string;
  /** What the reader should know although it changes nothing. */
  readonly notes: readonly string[];
  /** How long a write and a read wait for distance; absent when that is not known or nothing waits. */
  readonly latency?: Latency;
  /** Unanswered questions that matter most. */
  readonly open: readonly OpenQuestion[];
  /** Single answers that would change the recommendation; empty while there is none. */
  readonly sensitivity: readonly Flip[];
}

export interface ContextRow {
  readonly question: QuestionId;
  readonly text: string;
  readonly answer: string;
  readonly source: 'answered' | 'presumed' | 'unknown';
}

/** Time spent on the wire, in milliseconds, at most: processing and disks come on top. */
export interface Latency {
  /** Whether the round trip was measured or taken for the geography. */
  readonly measured: boolean;
  readonly roundTripMs: number;
  /** A write by a client in the leader's or the primary's region. */
  readonly writeNearMs: number;
  /** A write by a client in the farthest region. */
  readonly writeFarMs: number;
  /** A fresh read by a client near the leader or the primary. */
  readonly readNearMs: number;
  readonly readFarMs: number;
  readonly explanation: string;
}

/**
 * The decision for a design. Total and deterministic: the same answers give the same decision, whatever their order. With a decision from `before`,
 * what it says of classes about which nothing has changed is taken over: the result is the same, sooner.
 */
export function decide(design: Design, before?: Decision): Decision {
  const cluster = decideCluster(design.cluster, design.app);
  const known = before !== undefined && isSame(before.design.cluster, design.cluster) ? before : undefined;
  return {
    design,
    cluster,
    classes: design.classes.map((one, index) => {
      const decided = known && isSame(known.design.classes[index], one) ? known.classes[index] : undefined;
      return decided ?? decideClass(one, design.cluster, cluster.topology, `classes[${index}]`);
    }),
    contradictions: contradictions(design),
  };
}

/** Whether two plain values are written alike. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function decideClass({ name, answers }: DesignClass, cluster: ClusterAnswers, topology: TopologyId, path: string): ClassDecision {
  const situation: Situation = { cluster, answers };
  const recommendation = recommend(situation, path);
  const { ranked, best: recommended, refusal } = recommendation;
  const probes = probe(situation);
  const runnerUp = ranked.find((one) => one !== recommended && one.vetoes.length === 0);
  const latency = recommended && latencyOf(recommended, cluster);
  const tie = recommended && runnerUp && tieOf(recommended, runnerUp, cluster);
  return {
    name,
    situation,
    context: contextOf(situation),
    ranked,
    ...(recommended === undefined ? {} : { recommended }),
    ...(runnerUp === undefined ? {} : { runnerUp }),
    because: recommended === undefined ? [] : becauseOf(recommended, runnerUp, situation, ranked),
    ...(refusal === undefined ? {} : { refusal }),
    ...(tie === undefined ? {} : { tie }),
    notes: notesOf(situation, recommended, topology),
    ...(latency === undefined ? {} : { latency }),
    open: openQuestions(recommendation, probes),
    sensitivity: recommended === undefined ? [] : flips(recommended, probes),
  };
}

function becauseOf(
  recommended: Evaluation,
  runnerUp: Evaluation | undefined,
  situation: Situation,
  ranked: readonly Evaluation[],
): readonly string[] {
  const option = optionOf(recommended.option);
  const found: string[] = [];
  const kind = situation.answers.kind;
  const suits = kind === undefined ? undefined : option.suits[kind];
  if (suits) found.push(suits[1]);
  const strong = recommended.criteria
    .filter((row) =>
      ['consistency', 'partition', 'invariants', 'conflicts', 'offline', 'routing', 'distance', 'durability'].includes(row.id),
    )
    .filter((row) => row.source !== 'assumed' && row.points >= 0.8 * row.weight)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, 4);
  for (const row of strong)
    found.push(
      `${row.name} (${row.answer}${row.source === 'presumed' ? `, presumed${kind ? ` for ${kindPhrase(kind)}` : ''}` : ''}): ${continued(row.why)}`,
    );
  if (
    option.service !== undefined &&
    isPresent(option, situation.cluster) &&
    ranked.some((one) => optionOf(one.option).decides === 'majority' && one.vetoes.length === 0)
  ) {
    found.push(
      `You already run ${serviceName(option, situation.cluster)}, and one writer is enough for what you answered: that beats a consensus library until an answer rules it out.`,
    );
  }
  if (runnerUp !== undefined) {
    const ahead = recommended.criteria
      .map((row) => ({
        row,
        lead: Math.round((row.points - (runnerUp.criteria.find((other) => other.id === row.id)?.points ?? 0)) * 10) / 10,
      }))
      .filter(({ lead }) => lead > 0)
      .sort((a, b) => b.lead - a.lead)
      .slice(0, 3)
      .map(({ row }) => `“${continued(row.name)}”`);
    if (ahead.length > 0) found.push(`Ahead of ${runnerUp.name} (${runnerUp.fit}/10) by ${joined(ahead, 'and')}.`);
  }
  return found;
}

function tieOf(chosen: Evaluation, other: Evaluation, cluster: ClusterAnswers): string | undefined {
  const option = optionOf(chosen.option);
  if (other.fit > chosen.fit) {
    return (
      `${other.name} has ${other.fit}/10, ${chosen.name} ${chosen.fit}/10: within ${preferenceMargin} of each other. ` +
      `You already run ${serviceName(option, cluster)}, and one writer is enough for what you answered: that decides, until an answer rules it out.`
    );
  }
  if (other.fit < chosen.fit) return undefined;
  if (chosen.burden < other.burden) {
    return `${chosen.name} and ${other.name} both have ${chosen.fit}/10; the first is simpler to operate here (${chosen.burden} against ${other.burden} of 5), and that decides.`;
  }
  return `${chosen.name} and ${other.name} both have ${chosen.fit}/10 and are equally simple to operate; the one with the stronger guarantee is named first.`;
}

function serviceName(option: Option, cluster: ClusterAnswers): string {
  const present = (option.eased ?? []).find((one) => cluster.present?.includes(one)) ?? option.service;
  return present === undefined ? option.name : answerText('present', [present]);
}

function notesOf({ cluster, answers }: Situation, recommended: Evaluation | undefined, topology: TopologyId): readonly string[] {
  const notes: string[] = [...meshNotes(recommended, topology)];
  const kind = answers.kind;
  if (kind === 'document') {
    notes.push(
      'delta_crdt has no text or sequence type: AWLWWMap resolves whole values by key. For text use Yjs in the clients with y_ex on the server; for fields of a form a key per field is enough.',
    );
  }
  if (recommended?.option === 'delta-crdt') {
    notes.push(
      'AWLWWMap decides between concurrent writes to one key by monotonic time, which has another origin on each node: the node that has been up longest wins, not the last writer.',
    );
    if (kind === 'counter' || known(answers, 'conflicts')?.value === 'commutative') {
      notes.push(
        'Never read a counter and put it back incremented: two increments become one. One key per node, incremented by one process there, summed on read; a second set of keys for decrements.',
      );
    }
    if (answers.offline === true) {
      notes.push(
        'The map lives on the nodes. A browser or phone that works offline keeps its own list of adds and removes, each with an id, and replays it when it is back.',
      );
    }
  }
  if (recommended?.option === 'postgres' && kind === 'messaging') {
    notes.push(
      'Store the message, then let Phoenix.PubSub say “look again”: the broadcast may be lost, the row is not, and readers ask for everything after the last position they saw.',
    );
  }
  if (recommended?.option === 'local-cache' && (kind === 'session' || kind === 'cache')) {
    notes.push(
      'No replication: a node’s restart logs out or slows down the clients it held. If that is too much for a session, carry it in a signed cookie or keep it in a store that all nodes reach.',
    );
  }
  if (recommended?.option === 'oban' || kind === 'job') {
    notes.push(
      '“Exactly one runner” is at least once plus idempotency: whatever schedules it, a node can die after the effect and before saying so. Give the job a key (the date, for a nightly one) that its effect checks.',
    );
  }
  if (recommended !== undefined && optionOf(recommended.option).decides === 'majority' && cluster.membership === 'changing') {
    notes.push(
      'Membership changes by itself: take the voters out of the autoscaler (a StatefulSet of three or five), and let the other nodes be clients.',
    );
  }
  if (recommended?.option === 'multi-raft') {
    notes.push(
      ':ra has no leader lease: `:ra.consistent_query/3` costs a heartbeat round. Reads under a lease must be built, with a drift margin, or reads from another region pay the round trip.',
    );
  }
  return notes;
}

/** Libraries that talk over distributed Erlang do not talk over Partisan: what that means for the recommended one. */
function meshNotes(recommended: Evaluation | undefined, topology: TopologyId): readonly string[] {
  if (recommended === undefined || topology === 'full-mesh') return [];
  const { decides, id, name } = optionOf(recommended.option);
  if (decides === 'outside' || decides === 'each-node' || id === 'document-crdt') return [];
  const over = `${name} talks over distributed Erlang, not over Partisan.`;
  if (decides === 'majority') {
    return [
      `${over} Keep its three or five voters in a cluster of their own${topology === 'untrusted' ? ' on a private network' : ''}, and let the other nodes reach them through Partisan or an API.`,
    ];
  }
  return [
    `${over} Run it inside groups of nodes that a mesh carries${topology === 'untrusted' ? ', on a private network' : ''}, and pass between groups what must be known to all.`,
  ];
}

function latencyOf(recommended: Evaluation, cluster: ClusterAnswers): Latency | undefined {
  const roundTripMs = roundTripOf(cluster);
  const { decides, distance } = optionOf(recommended.option);
  if (roundTripMs === undefined || distance === 'does-not-wait') return undefined;
  const measured = cluster.roundTripMs !== undefined;
  if (distance === 'placed') {
    return {
      measured,
      roundTripMs,
      writeNearMs: roundTripMs,
      writeFarMs: 2 * roundTripMs,
      readNearMs: 0,
      readFarMs: roundTripMs,
      explanation:
        `A write in the region of its leader waits for the nearest majority: at most ${roundTripMs} ms. From the farthest region it also travels to the leader and back: at most ${2 * roundTripMs} ms. ` +
        `A read under the leader’s lease is local in its region and at most ${roundTripMs} ms from elsewhere. Place each leader where its keys are written.`,
    };
  }
  if (decides === 'majority') {
    return {
      measured,
      roundTripMs,
      writeNearMs: roundTripMs,
      writeFarMs: 2 * roundTripMs,
      readNearMs: roundTripMs,
      readFarMs: 2 * roundTripMs,
      explanation: `A write waits for the nearest majority, at most ${roundTripMs} ms, and from the farthest node also for the way to the leader and back: at most ${2 * roundTripMs} ms. A linearizable read costs the same.`,
    };
  }
  return {
    measured,
    roundTripMs,
    writeNearMs: 0,
    writeFarMs: roundTripMs,
    readNearMs: 0,
    readFarMs: roundTripMs,
    explanation: `Each statement is one way to the primary or owner and back: at most ${roundTripMs} ms from the farthest node, times the statements of a transaction. Synchronous replication adds its own round trip.`,
  };
}

function contextOf(situation: Situation): readonly ContextRow[] {
  const { cluster, answers } = situation;
  return questions
    .filter((question) => isAsked(question, answers))
    .map((question): ContextRow => {
      if (question.scope === 'cluster') {
        const value = cluster[question.id as keyof ClusterAnswers];
        return {
          question: question.id,
          text: question.text,
          answer: answerText(question.id, value),
          source: value === undefined ? 'unknown' : 'answered',
        };
      }
      const answer = known(answers, question.id as keyof ClassAnswers);
      return {
        question: question.id,
        text: question.text,
        answer: answerText(question.id, answer?.value),
        source: answer?.source ?? 'unknown',
      };
    });
}
