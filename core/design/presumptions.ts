/** What a kind of data or process usually needs: used where nothing was answered, marked as presumed, and never the reason of a veto except for invariants. */
import type { ClassAnswers, Kind } from './questions';

/** By kind: the answers that hold for most systems. An answer of yours replaces each. */
export const presumptions: Readonly<Record<Kind, ClassAnswers>> = {
  inventory: {
    consistency: 'linearizable',
    partition: 'refuse-minority',
    invariants: ['never-negative'],
    durability: 'all-nodes',
    lostUpdate: 'critical',
    unavailability: 'serious',
  },
  money: {
    consistency: 'linearizable',
    partition: 'refuse-minority',
    invariants: ['never-negative', 'sum-conserved'],
    durability: 'all-nodes',
    lostUpdate: 'critical',
    duplicateExecution: 'critical',
    unavailability: 'serious',
  },
  configuration: {
    consistency: 'sequential',
    partition: 'serve-stale-reads',
    invariants: ['none'],
    conflicts: 'last-value',
    durability: 'all-nodes',
    lostUpdate: 'serious',
    unavailability: 'serious',
    readsPerWrite: 1_000,
  },
  leader: {
    consistency: 'linearizable',
    partition: 'refuse-minority',
    invariants: ['one-holder'],
    duplicateExecution: 'serious',
    unavailability: 'annoying',
  },
  lock: {
    consistency: 'linearizable',
    partition: 'refuse-minority',
    invariants: ['one-holder'],
    duplicateExecution: 'serious',
    unavailability: 'annoying',
  },
  job: {
    consistency: 'linearizable',
    partition: 'refuse-minority',
    durability: 'all-nodes',
    duplicateExecution: 'annoying',
    unavailability: 'annoying',
  },
  session: {
    consistency: 'read-your-writes',
    invariants: ['none'],
    conflicts: 'impossible',
    durability: 'may-be-lost',
    lostUpdate: 'annoying',
    unavailability: 'serious',
  },
  cart: {
    consistency: 'eventual',
    partition: 'serve-both-sides',
    invariants: ['none'],
    conflicts: 'sets',
    durability: 'one-node',
    lostUpdate: 'annoying',
    unavailability: 'serious',
  },
  counter: {
    consistency: 'eventual',
    partition: 'serve-both-sides',
    invariants: ['none'],
    conflicts: 'commutative',
    durability: 'one-node',
    lostUpdate: 'annoying',
    unavailability: 'annoying',
  },
  presence: {
    consistency: 'eventual',
    partition: 'serve-both-sides',
    invariants: ['none'],
    conflicts: 'sets',
    durability: 'may-be-lost',
    lostUpdate: 'none',
    unavailability: 'annoying',
  },
  document: {
    consistency: 'causal',
    partition: 'serve-both-sides',
    invariants: ['none'],
    conflicts: 'commutative',
    durability: 'all-nodes',
    lostUpdate: 'serious',
    unavailability: 'serious',
  },
  cache: {
    consistency: 'eventual',
    partition: 'serve-both-sides',
    invariants: ['none'],
    durability: 'may-be-lost',
    lostUpdate: 'none',
    unavailability: 'annoying',
    readsPerWrite: 100,
  },
  'rate-limiter': {
    consistency: 'eventual',
    partition: 'serve-both-sides',
    invariants: ['none'],
    conflicts: 'commutative',
    durability: 'may-be-lost',
    lostUpdate: 'annoying',
    unavailability: 'serious',
  },
  metrics: {
    consistency: 'eventual',
    partition: 'serve-both-sides',
    invariants: ['none'],
    conflicts: 'commutative',
    durability: 'may-be-lost',
    lostUpdate: 'none',
    unavailability: 'annoying',
  },
  messaging: {
    consistency: 'causal',
    partition: 'serve-stale-reads',
    invariants: ['none'],
    conflicts: 'impossible',
    durability: 'all-nodes',
    lostUpdate: 'serious',
    duplicateExecution: 'annoying',
    unavailability: 'annoying',
  },
  'device-state': {
    consistency: 'eventual',
    partition: 'serve-both-sides',
    invariants: ['none'],
    conflicts: 'last-value',
    durability: 'one-node',
    lostUpdate: 'annoying',
    unavailability: 'annoying',
  },
  'id-allocation': {
    consistency: 'eventual',
    partition: 'serve-both-sides',
    invariants: ['unique'],
    conflicts: 'impossible',
    durability: 'all-nodes',
    lostUpdate: 'none',
    unavailability: 'serious',
  },
};

/** An answer with where it comes from. */
export interface Known<T> {
  readonly value: T;
  readonly source: 'answered' | 'presumed';
}

/** The answer to a question about a class: yours, else what is presumed for its kind, else undefined. */
export function known<Id extends keyof ClassAnswers>(answers: ClassAnswers, id: Id): Known<NonNullable<ClassAnswers[Id]>> | undefined {
  const answered = answers[id];
  if (answered !== undefined && answered !== null) return { value: answered, source: 'answered' };
  const presumed = answers.kind === undefined ? undefined : presumptions[answers.kind][id];
  return presumed === undefined || presumed === null ? undefined : { value: presumed, source: 'presumed' };
}

/** The invariants that hold, without `none`: yours, else those of the kind. */
export function invariantsOf(answers: ClassAnswers): readonly Exclude<NonNullable<ClassAnswers['invariants']>[number], 'none'>[] {
  return (known(answers, 'invariants')?.value ?? []).filter((one) => one !== 'none');
}
