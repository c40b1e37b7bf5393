/** The criteria of a decision: each reads answers, gives an option a share of its weight, and says why in one sentence. */
import type { Option } from './option';
import { invariantsOf, known } from './presumptions';
import {
  answerText,
  type ClassAnswers,
  type ClusterAnswers,
  type Conflicts,
  type Consistency,
  type Cost,
  consistencyChoices,
  costChoices,
  type Durability,
  durabilityChoices,
  grouped,
  type Kind,
  type PartitionBehaviour,
  processKinds,
  type QuestionId,
} from './questions';
import { isSize } from './quorum';
import { planning } from './replication';

/** Everything a criterion may look at. */
export interface Situation {
  readonly cluster: ClusterAnswers;
  readonly answers: ClassAnswers;
}

/** One line of the table that explains a fit. */
export interface CriterionRow {
  readonly id: CriterionId;
  readonly name: string;
  readonly weight: number;
  /** The questions whose answers were read. */
  readonly reads: readonly QuestionId[];
  /** The answers in words. */
  readonly answer: string;
  /** Whether you said so, it is presumed for the kind, or it is counted that way because nothing is known. */
  readonly source: 'answered' | 'presumed' | 'assumed';
  /** From 0 to the weight. */
  readonly points: number;
  readonly why: string;
}

export type CriterionId =
  | 'kind'
  | 'consistency'
  | 'partition'
  | 'invariants'
  | 'conflicts'
  | 'offline'
  | 'routing'
  | 'durability'
  | 'lost-update'
  | 'duplicate'
  | 'unavailability'
  | 'load'
  | 'volume'
  | 'reads'
  | 'distance'
  | 'scale'
  | 'present'
  | 'operations'
  | 'experience';

/** A share of the weight, in tenths, and the reason. */
type Judgement = readonly [match: number, why: string];

interface Criterion {
  readonly id: CriterionId;
  readonly name: string;
  readonly weight: number;
  readonly reads: readonly QuestionId[];
  /** What is known, or undefined: then the criterion counts for no option. Never depends on the option, so that all fits share one divisor. */
  read(
    situation: Situation,
  ): { readonly answer: string; readonly source: CriterionRow['source']; judge(option: Option): Judgement } | undefined;
}

/** How strict a guarantee is: 0 (eventual) to 4 (linearizable). */
export function strictness(consistency: Consistency): number {
  return consistencyChoices.findIndex((choice) => choice.id === consistency);
}

/** How much a durability survives: 0 (may be lost) to 2 (all nodes). */
export function endurance(durability: Durability): number {
  return durabilityChoices.findIndex((choice) => choice.id === durability);
}

/** Whether the service or library that an option needs is among what you run already. */
export function isPresent(option: Option, cluster: ClusterAnswers): boolean {
  const present = cluster.present ?? [];
  return (option.eased ?? []).some((one) => present.includes(one));
}

/** The burden of an option here, from 1 to 5: a service that is run already adds nothing. */
export function burdenOf(option: Option, cluster: ClusterAnswers): number {
  if (!isPresent(option, cluster)) return option.burden;
  return option.service === undefined ? Math.max(1, option.burden - 1) : 1;
}

/** The larger of today's and the projected number of nodes; undefined when neither is known. */
export function largestSize({ size, projectedSize }: ClusterAnswers): number | undefined {
  const sizes = [size, projectedSize].filter((value): value is number => value !== undefined && isSize(value));
  return sizes.length > 0 ? Math.max(...sizes) : undefined;
}

/** Round trips that are taken where the geography is known and the time is not, in milliseconds. */
export const assumedRoundTripMs = { 'one-data-centre': 0.5, zones: 2, regions: 80 } as const;

/** The round trip between the farthest nodes in milliseconds; undefined when neither it nor the geography is known. */
export function roundTripOf({ geography, roundTripMs }: ClusterAnswers): number | undefined {
  return roundTripMs ?? (geography === undefined ? undefined : assumedRoundTripMs[geography]);
}

const coordinated = (option: Option) => option.decides === 'majority' || option.decides === 'outside';

const criteria: readonly Criterion[] = [
  {
    id: 'kind',
    name: 'Suits the kind',
    weight: 4,
    reads: ['kind'],
    read: ({ answers }) => {
      const kind = answers.kind;
      if (kind === undefined) return undefined;
      return {
        answer: answerText('kind', kind),
        source: 'answered',
        judge: (option) => option.suits[kind] ?? [0, 'Not made for this kind.'],
      };
    },
  },
  {
    id: 'consistency',
    name: 'Gives the guarantee',
    weight: 4,
    reads: ['consistency'],
    read: ({ answers }) => asked(answers, 'consistency', (need) => (option) => guarantee(option, need)),
  },
  {
    id: 'partition',
    name: 'Behaves in a partition as wanted',
    weight: 4,
    reads: ['partition'],
    read: ({ answers }) => asked(answers, 'partition', (want) => (option) => inPartition(option, want)),
  },
  {
    id: 'invariants',
    name: 'Keeps the invariants',
    weight: 3,
    reads: ['invariants'],
    read: ({ answers }) =>
      asked(answers, 'invariants', () => (option) => {
        const invariants = invariantsOf(answers);
        if (invariants.length === 0) {
          return coordinated(option)
            ? [0.4, 'Orders all writes, although no rule needs it.']
            : [1, 'No rule spans the replicas, so none can be broken.'];
        }
        if (coordinated(option)) return [1, 'One order of writes: each is checked against all before it.'];
        if (option.uniqueByConstruction && invariants.every((one) => one === 'unique')) return [1, 'Unique without agreement.'];
        return [0, 'Sides that do not see each other cannot keep a rule over both.'];
      }),
  },
  {
    id: 'conflicts',
    name: 'Resolves conflicts',
    weight: 2,
    reads: ['conflicts'],
    read: ({ answers }) =>
      answers.kind !== undefined && processKinds.includes(answers.kind)
        ? undefined
        : asked(answers, 'conflicts', (kind) => (option) => conflict(option, kind)),
  },
  {
    id: 'offline',
    name: 'Takes writes of disconnected clients',
    weight: 3,
    reads: ['offline'],
    // Weighed only where it is needed: that clients are online speaks for nobody.
    read: ({ answers }) =>
      answers.offline !== true
        ? undefined
        : {
            answer: answerText('offline', true),
            source: 'answered',
            judge: (option) => offline(option),
          },
  },
  {
    id: 'routing',
    name: 'Fits the routing',
    weight: 3,
    reads: ['routing'],
    read: ({ answers }) =>
      asked(answers, 'routing', (routing) => (option) => {
        if (routing === 'sticky') {
          return option.decides === 'each-node'
            ? [1, 'The client finds its data where it left it.']
            : [0.4, 'Copies for other nodes that are rarely read.'];
        }
        return option.decides === 'each-node' ? [0, 'The next request reaches a node that knows nothing.'] : [1, 'Every node can answer.'];
      }),
  },
  {
    id: 'durability',
    name: 'Survives what it must',
    weight: 2,
    reads: ['durability'],
    read: ({ answers }) =>
      asked(answers, 'durability', (need) => (option) => {
        const short = endurance(need) - endurance(option.survives);
        if (short <= 0) return [1, short === 0 ? 'Survives exactly that.' : 'Survives more than that.'];
        return [short === 1 ? 0.3 : 0, option.survives === 'one-node' ? 'A restart of all nodes at once loses it.' : 'A restart loses it.'];
      }),
  },
  {
    id: 'lost-update',
    name: 'Keeps acknowledged writes',
    weight: 2,
    reads: ['lostUpdate'],
    read: ({ answers }) => asked(answers, 'lostUpdate', (cost) => (option) => keepsWrites(option, cost)),
  },
  {
    id: 'duplicate',
    name: 'Avoids doing it twice',
    weight: 3,
    reads: ['duplicateExecution'],
    read: ({ answers }) =>
      asked(answers, 'duplicateExecution', (cost) => (option) => {
        if (!coordinated(option)) return [step(cost, [1, 0.6, 0.2, 0]), 'Both sides of a split may do it.'];
        if (option.guarantee !== 'linearizable') return [step(cost, [1, 0.8, 0.5, 0.2]), 'A failover can forget who had it.'];
        return [
          step(cost, [1, 1, 0.9, 0.9]),
          'Granted once; a run that dies half way is still repeated, so the work needs an idempotency key.',
        ];
      }),
  },
  {
    id: 'unavailability',
    name: 'Stays available',
    weight: 2,
    reads: ['unavailability'],
    read: ({ answers }) =>
      asked(answers, 'unavailability', (cost) => (option) => {
        if (!coordinated(option)) return [1, 'Answers on every side.'];
        const why =
          option.decides === 'majority'
            ? 'Refuses without a majority, and for the seconds of an election.'
            : 'Stops where the service cannot be reached, and during its failover.';
        return [step(cost, [1, 0.8, 0.5, 0.3]), why];
      }),
  },
  {
    id: 'load',
    name: 'Carries the writes',
    weight: 4,
    reads: ['writesPerSecond'],
    read: ({ answers }) =>
      asked(answers, 'writesPerSecond', (writes) => ({ capacity }) => {
        if (capacity === undefined) return [1, 'No single place that all writes pass.'];
        const plan = `Plan with ${grouped(capacity.writesPerSecond)}/s: ${capacity.why}.`;
        if (writes <= capacity.writesPerSecond) return [1, plan];
        return [writes <= 4 * capacity.writesPerSecond ? 0.3 : 0, plan];
      }),
  },
  {
    id: 'volume',
    name: 'Holds the data',
    weight: 3,
    reads: ['bytesPerItem', 'items'],
    read: ({ cluster, answers }) => {
      const { bytesPerItem, items } = answers;
      if (bytesPerItem === undefined || items === undefined) return undefined;
      const bytes = bytesPerItem * items;
      return {
        answer: `${answerText('items', items)} of ${answerText('bytesPerItem', bytesPerItem)} are ${bytesText(bytes)}`,
        source: 'answered',
        judge: ({ keeps }) => {
          if (keeps === 'disk') return [1, 'Kept on disk.'];
          if (keeps === 'nothing') return [1, 'Keeps nothing.'];
          const perNode = keeps === 'slices' ? bytes / Math.max(1, largestSize(cluster) ?? 3) : bytes;
          const why = `${bytesText(perNode)} in the memory of each ${keeps === 'slices' ? 'node' : 'replica'}; plan with ${bytesText(planning.replicatedBytes)}.`;
          if (perNode <= planning.replicatedBytes) return [1, why];
          return [perNode <= 4 * planning.replicatedBytes ? 0.4 : 0, why];
        },
      };
    },
  },
  {
    id: 'reads',
    name: 'Answers reads',
    weight: 1,
    reads: ['readsPerWrite'],
    read: ({ answers }) =>
      asked(answers, 'readsPerWrite', (ratio) => ({ reads }) => {
        if (reads === 'local') return [1, 'Reads are answered by the local node.'];
        const why =
          reads === 'leader' ? 'A fresh read is a call to one other node.' : 'A read is a call to the service; a local cache helps.';
        return [ratio >= 100 ? (reads === 'leader' ? 0.7 : 0.5) : 0.9, why];
      }),
  },
  {
    id: 'distance',
    name: 'Takes the distance',
    weight: 3,
    reads: ['geography', 'roundTripMs'],
    read: ({ cluster }) => {
      const roundTrip = roundTripOf(cluster);
      if (roundTrip === undefined) return undefined;
      const far = cluster.geography === 'regions' || roundTrip > 20;
      const answer = [
        ...(cluster.geography === undefined ? [] : [answerText('geography', cluster.geography)]),
        cluster.roundTripMs === undefined ? `${roundTrip} ms assumed` : `${roundTrip} ms`,
      ].join(', ');
      return {
        answer,
        source: 'answered',
        judge: ({ distance }) => {
          if (distance === 'does-not-wait') return [1, 'No write waits for another node.'];
          if (distance === 'placed') {
            return far ? [1, 'Each group has its leader near its users.'] : [0.4, 'Nodes are close together: one group is enough.'];
          }
          if (roundTrip <= 20) return [1, `A round trip of ${roundTrip} ms per write is no burden.`];
          return [
            roundTrip <= 50 ? 0.6 : roundTrip <= 100 ? 0.3 : 0.1,
            `Every write waits up to ${roundTrip} ms, from a far region twice that.`,
          ];
        },
      };
    },
  },
  {
    id: 'scale',
    name: 'Takes the number of nodes',
    weight: 1,
    reads: ['size', 'projectedSize'],
    read: ({ cluster }) => {
      const nodes = largestSize(cluster);
      if (nodes === undefined) return undefined;
      return {
        answer: answerText('size', nodes),
        source: 'answered',
        judge: ({ decides, comfortable }) => {
          if (decides === 'majority') {
            return nodes >= 3
              ? [1, 'Three or five nodes vote; the others are clients.']
              : [0, 'Fewer than three voters tolerate no failure.'];
          }
          if (comfortable === undefined) return [1, 'The number of nodes does not matter to it.'];
          if (nodes <= comfortable.nodes) return [1, `Comfortable up to about ${comfortable.nodes} nodes.`];
          return [nodes <= 2 * comfortable.nodes ? 0.5 : 0.1, `Comfortable up to about ${comfortable.nodes} nodes: ${comfortable.why}.`];
        },
      };
    },
  },
  {
    id: 'present',
    name: 'Uses what is there',
    weight: 2,
    reads: ['present'],
    read: ({ cluster }) => ({
      answer: answerText('present', cluster.present),
      source: cluster.present === undefined ? 'assumed' : 'answered',
      judge: (option) => {
        if (isPresent(option, cluster)) return [1, 'You run it already.'];
        if (option.service === undefined) return [0.6, 'A library on your own nodes.'];
        return [
          0.1,
          cluster.present === undefined
            ? 'Needs a service; unknown whether you run it, counted as absent.'
            : 'Needs a service that you do not run.',
        ];
      },
    }),
  },
  {
    id: 'operations',
    name: 'Is simple to operate',
    weight: 2,
    reads: ['operations'],
    read: ({ cluster }) => ({
      answer: cluster.operations === undefined ? 'unknown, taken as moderate' : answerText('operations', cluster.operations),
      source: cluster.operations === undefined ? 'assumed' : 'answered',
      judge: (option) => {
        const burden = burdenOf(option, cluster);
        const scale = { minimal: [1, 0.7, 0.4, 0.1, 0], moderate: [1, 0.9, 0.7, 0.5, 0.3], high: [1, 1, 0.9, 0.8, 0.7] }[
          cluster.operations ?? 'moderate'
        ];
        const why = burden < option.burden ? 'Nothing new to operate.' : `To operate: ${option.burdenWhy}.`;
        return [scale[burden - 1] ?? 0, why];
      },
    }),
  },
  {
    id: 'experience',
    name: 'Fits the team',
    weight: 1,
    reads: ['consensusExperience'],
    read: ({ cluster }) => {
      const experience = cluster.consensusExperience;
      if (experience === undefined) return undefined;
      return {
        answer: answerText('consensusExperience', experience),
        source: 'answered',
        judge: ({ skill }) => {
          if (skill === 'none') return [1, 'Needs no knowledge of consensus.'];
          const scale = skill === 'some' ? { none: 0.5, some: 0.9, production: 1 } : { none: 0.2, some: 0.6, production: 1 };
          return [
            scale[experience],
            skill === 'some' ? 'Needs some knowledge of consensus.' : 'Lost quorums and membership changes need people who know Raft.',
          ];
        },
      };
    },
  },
];

/** Makes the table of an option: one row per criterion of which something is known, the same criteria for every option of the situation. */
export function criteriaTables(situation: Situation): (option: Option) => readonly CriterionRow[] {
  // What a criterion reads never depends on the option: it is read once for all.
  const readings = criteria.flatMap(({ id, name, weight, reads, read }) => {
    const found = read(situation);
    return found === undefined ? [] : [{ id, name, weight, reads, found }];
  });
  return (option) =>
    readings.map(({ id, name, weight, reads, found: { answer, source, judge } }): CriterionRow => {
      const [match, why] = judge(option);
      return { id, name, weight, reads, answer, source, points: Math.round(weight * match * 10) / 10, why };
    });
}

/** The table of one option. */
export function criteriaTable(option: Option, situation: Situation): readonly CriterionRow[] {
  return criteriaTables(situation)(option);
}

/** The fit of a table: ten times the points over the weights, rounded to one decimal; 0 without rows. */
export function fitOf(table: readonly CriterionRow[]): { readonly points: number; readonly weight: number; readonly fit: number } {
  const points = Math.round(table.reduce((sum, row) => sum + row.points, 0) * 10) / 10;
  const weight = table.reduce((sum, row) => sum + row.weight, 0);
  return { points, weight, fit: weight === 0 ? 0 : Math.round((100 * points) / weight) / 10 };
}

/** Bytes in words, with binary units: `1 GiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${grouped(Math.round(value * 10) / 10)} ${units[unit]}`;
}

/** Reads an answer of the class, yours or presumed, and makes it a judge. */
function asked<Id extends Exclude<keyof ClassAnswers, 'kind'>>(
  answers: ClassAnswers,
  id: Id,
  judge: (value: NonNullable<ClassAnswers[Id]>) => (option: Option) => Judgement,
): { answer: string; source: CriterionRow['source']; judge(option: Option): Judgement } | undefined {
  const answer = known(answers, id);
  if (answer === undefined) return undefined;
  return { answer: answerText(id, answer.value), source: answer.source, judge: judge(answer.value) };
}

function step(cost: Cost, shares: readonly [number, number, number, number]): number {
  return shares[costChoices.findIndex((choice) => choice.id === cost)] ?? 0;
}

function guarantee(option: Option, need: Consistency): Judgement {
  const level = strictness(need);
  if (coordinated(option)) {
    const full = option.guarantee === 'linearizable';
    const match = (full ? [0.2, 0.6, 0.8, 0.9, 1] : [0.2, 0.7, 0.8, 1, 0.5])[level] ?? 0;
    if (level < 3) return [match, 'Gives more than is needed, at the price of agreement.'];
    if (level === 3) return [match, 'One order of all writes.'];
    return [
      match,
      full ? 'One order of all writes, and reads that miss none of them.' : 'Orders writes, but a read may miss the newest one.',
    ];
  }
  if (option.guarantee === 'causal') {
    return [
      [0.9, 0.8, 0.8, 0, 0][level] ?? 0,
      level <= 2 ? 'Replicas converge, and effects follow their causes.' : 'No order that all replicas share.',
    ];
  }
  const weak = option.merge === 'last-write' || option.merge === 'diverges';
  const match = (weak ? [0.8, 0.4, 0.1, 0, 0] : [1, 0.6, 0.4, 0, 0])[level] ?? 0;
  if (level === 0) return [match, weak ? 'Eventual, by dropping writes.' : 'Gives it without waiting for anybody.'];
  if (level === 1) return [match, 'Holds while the client stays with one node.'];
  return [match, level === 2 ? 'Replicas may show an answer before its question.' : 'No order that all replicas share.'];
}

function inPartition(option: Option, want: PartitionBehaviour): Judgement {
  if (option.decides === 'majority') {
    const byHand = option.healsByHand ? ', and stays apart until it is restarted by hand' : '';
    const scale = {
      'refuse-minority': option.healsByHand ? 0.6 : 1,
      'serve-stale-reads': option.healsByHand ? 0.5 : 0.9,
      'serve-both-sides': 0,
    };
    const why = {
      'refuse-minority': `The majority goes on, the minority refuses${byHand}.`,
      'serve-stale-reads': `The minority refuses writes and can answer from its old state${byHand}.`,
      'serve-both-sides': 'The minority refuses.',
    };
    return [scale[want], why[want]];
  }
  if (option.decides === 'outside') {
    const scale = { 'refuse-minority': 1, 'serve-stale-reads': 0.6, 'serve-both-sides': 0 };
    const why = {
      'refuse-minority': 'Whoever reaches the service goes on, the others refuse.',
      'serve-stale-reads': 'Nodes that do not reach the service can answer from a cache at most.',
      'serve-both-sides': 'Nodes that do not reach the service refuse.',
    };
    return [scale[want], why[want]];
  }
  if (option.decides === 'each-node') {
    const scale = { 'refuse-minority': 0.3, 'serve-stale-reads': 0.8, 'serve-both-sides': 1 };
    return [scale[want], want === 'refuse-minority' ? 'Every node goes on: nothing is refused.' : 'No node depends on another.'];
  }
  const scale = { 'refuse-minority': 0, 'serve-stale-reads': 0.4, 'serve-both-sides': option.merge === 'diverges' ? 0.4 : 1 };
  const why = {
    'refuse-minority': 'Both sides accept writes.',
    'serve-stale-reads': 'Both sides answer, and both accept writes.',
    'serve-both-sides':
      option.merge === 'diverges' ? 'Both sides go on, and nothing merges them.' : 'Both sides go on and are merged at the heal.',
  };
  return [scale[want], why[want]];
}

const addWinsConflict: Readonly<Record<Conflicts, Judgement>> = {
  impossible: [0.9, 'One writer per key never conflicts.'],
  commutative: [1, 'One key per node: increments are summed, none is lost.'],
  sets: [1, 'Members are keys; an add wins over a concurrent remove.'],
  'last-value': [0.7, 'One of two values stays: that of the node that has been up longer, not the later one.'],
  'ask-person': [0.2, 'One of two values is dropped before anybody sees it, unless each writer has its own key.'],
};

function conflict(option: Option, kind: Conflicts): Judgement {
  if (coordinated(option)) {
    const scale: Record<Conflicts, number> = { impossible: 0.8, commutative: 0.4, sets: 0.4, 'last-value': 0.8, 'ask-person': 0.8 };
    return [
      scale[kind],
      kind === 'ask-person'
        ? 'The second writer is refused and can be asked.'
        : 'Conflicts are ordered before they happen, also those that would merge.',
    ];
  }
  switch (option.merge) {
    case 'add-wins':
      return addWinsConflict[kind];
    case 'document':
      return [
        { impossible: 0.8, commutative: 1, sets: 0.9, 'last-value': 0.6, 'ask-person': 0.6 }[kind],
        'Edits merge by type: text, list, map.',
      ];
    case 'last-write':
      return [
        { impossible: 0.9, commutative: 0, sets: 0.1, 'last-value': 0.9, 'ask-person': 0 }[kind],
        'One of two concurrent writes is dropped.',
      ];
    case 'none-needed':
      return [
        { impossible: 1, commutative: 0.6, sets: 0.5, 'last-value': 0.6, 'ask-person': 0.2 }[kind],
        'Values of different nodes never meet.',
      ];
    case 'kill-one':
    case 'diverges':
      return [
        { impossible: 0.6, commutative: 0.1, sets: 0.1, 'last-value': 0.3, 'ask-person': 0 }[kind],
        'What one side wrote is thrown away.',
      ];
  }
}

function offline(option: Option): Judgement {
  if (coordinated(option)) return [0, 'A write needs the majority or the service, which a disconnected client does not reach.'];
  if (option.merge === 'document') return [1, 'Clients hold the document and merge when they are back.'];
  if (option.merge === 'add-wins' && option.id !== 'phoenix-tracker') {
    return [1, 'Adds and removes that a client kept are replayed and merge like those of a node that was cut off.'];
  }
  if (option.merge === 'last-write') return [0.5, 'Late writes are taken or dropped by their timestamp.'];
  return [0.1, 'Has no merge for what a client did meanwhile.'];
}

function keepsWrites(option: Option, cost: Cost): Judgement {
  if (coordinated(option)) {
    if (option.survives === 'one-node') return [step(cost, [1, 0.8, 0.5, 0.2]), 'A failover can lose the last acknowledged writes.'];
    if (option.service === 'postgres') {
      return [
        step(cost, [1, 1, 0.9, 0.9]),
        'What was acknowledged is on the primary’s disk; a failover to an asynchronous replica can lose the last moments.',
      ];
    }
    return [1, 'What was acknowledged is on the disks of a majority.'];
  }
  switch (option.merge) {
    case 'document':
      return [step(cost, [1, 0.9, 0.9, 0.7]), 'Nothing is dropped at a merge.'];
    case 'add-wins':
      return [step(cost, [1, 0.9, 0.5, 0.1]), 'Concurrent writes to one key lose one of them.'];
    case 'none-needed':
      return option.uniqueByConstruction
        ? [1, 'Nothing to lose.']
        : [
            step(cost, [1, 0.7, 0.2, 0]),
            option.keeps === 'nothing' ? 'What was sent to an absent node is gone.' : 'What a node knew is gone with it.',
          ];
    case 'last-write':
      return [step(cost, [1, 0.4, 0.1, 0]), 'Of two concurrent writes one is dropped, although both were acknowledged.'];
    case 'kill-one':
    case 'diverges':
      return [step(cost, [1, 0.4, 0.1, 0]), 'What one side wrote is thrown away at the heal.'];
  }
}

/** A kind in a sentence: `a shopping cart`. */
export function kindPhrase(kind: Kind): string {
  const phrases: Record<Kind, string> = {
    inventory: 'inventory',
    money: 'money',
    configuration: 'configuration',
    leader: 'a leader',
    lock: 'a lock',
    job: 'a job',
    session: 'a session',
    cart: 'a shopping cart',
    counter: 'a social counter',
    presence: 'presence',
    document: 'a collaborative document',
    cache: 'a cache',
    'rate-limiter': 'a rate limiter',
    metrics: 'metrics',
    messaging: 'chat or notifications',
    'device-state': 'device state',
    'id-allocation': 'id allocation',
  };
  return phrases[kind];
}
