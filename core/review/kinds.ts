/** The kinds of distributed parts that a review knows: what becomes of each in a partition, and the rules that look at it. */
import type { OptionId } from '../design/option';
import { optionOf } from '../design/options';

export type KindId =
  | 'global-name'
  | 'global-lock'
  | 'highlander'
  | 'highlander-pg'
  | 'horde-registry'
  | 'horde-supervisor'
  | 'horde-quorum'
  | 'swarm'
  | 'syn'
  | 'pg'
  | 'pubsub'
  | 'pubsub-adapter'
  | 'tracker'
  | 'ra'
  | 'khepri'
  | 'mnesia'
  | 'mnesia-majority'
  | 'mnesia-local'
  | 'delta-crdt'
  | 'oban'
  | 'quantum'
  | 'repo'
  | 'distributed-cache'
  | 'local-cache'
  | 'ets'
  | 'remote-call'
  | 'node-events'
  | 'decision';

/** Behaviour on the side with the majority of the nodes, on the other one, and when they meet again. */
export interface InPartition {
  readonly majority: string;
  readonly minority: string;
  readonly heal: string;
}

export interface PartKind {
  readonly id: KindId;
  /** As a heading, in the plural where there may be several. */
  readonly heading: string;
  readonly partition: InPartition;
  /** How each side is at a glance. */
  readonly sides: readonly [majority: Side, minority: Side];
  /** The option of the design domain that it is; its needs are those of this part. */
  readonly option?: OptionId;
  /** What to see to, beyond the needs of the option. */
  readonly advice: readonly string[];
  /** `advice` is all there is to see to: some of the option's needs are about something else. */
  readonly ownNeeds?: true;
  /** What gives more, for when this is not enough. */
  readonly alternatives: readonly OptionId[];
  /** Ids of the rules whose findings belong to it. */
  readonly rules: RegExp;
}

/** It goes on, with a holder of its own, or within itself only; it refuses; it depends on something outside; or it is not concerned. */
export type Side =
  | 'goes on'
  | 'one of its own'
  | 'only within itself'
  | 'refuses'
  | 'if it reaches the service'
  | 'up to the adapter'
  | 'not concerned';

const bothGoOn = ['goes on', 'goes on'] as const;
const onePerSide = ['one of its own', 'one of its own'] as const;
const apart = ['only within itself', 'only within itself'] as const;
const outside = ['if it reaches the service', 'if it reaches the service'] as const;
const unconcerned = ['not concerned', 'not concerned'] as const;
const majorityOnly = ['goes on', 'refuses'] as const;

/** A kind that is an option of the design domain, whose facts stand there. */
function fromOption(
  id: KindId,
  heading: string,
  option: OptionId,
  sides: PartKind['sides'],
  rules: RegExp,
  alternatives: readonly OptionId[] = [],
): PartKind {
  return { id, heading, partition: optionOf(option).partition, sides, option, advice: [], alternatives, rules };
}

/** What keeps a single holder, or a single run, through a partition. */
const single: readonly OptionId[] = ['ra-leader', 'postgres-lock', 'oban'];

/** `:global` keeps names and locks, and its needs are about both. */
const isAboutLocks = (need: string): boolean => need.startsWith('The lock');

/** Every kind, in the order in which a review shows them: what must be single first, what each node has for itself last. */
export const partKinds: readonly PartKind[] = [
  {
    id: 'decision',
    heading: 'Elections and quorums of its own',
    partition: {
      majority: 'Decides by what this code counts, or does not count: see the findings.',
      minority: 'The same. Where nothing counts a majority of the configured nodes, it decides too, and the other way.',
      heal: 'Nothing resolves what both sides decided, unless this code does.',
    },
    sides: onePerSide,
    advice: ['Count against the configured number of voters, this node included, and decide only with more than half of them.'],
    alternatives: single,
    rules: /^(?:election-|quorum-|bootstrap-)/,
  },
  {
    ...fromOption('global-name', 'Names in `:global`', 'global', onePerSide, /^global-(?!lock)/, single),
    advice: optionOf('global').needs.filter((need) => !isAboutLocks(need)),
    ownNeeds: true,
  },
  {
    id: 'global-lock',
    heading: 'Locks of `:global`',
    partition: {
      majority: 'Gets the lock: only the nodes that are visible are asked.',
      minority: 'Gets the same lock too.',
      heal: 'Nothing is resolved: what both sides did under the lock stays done.',
    },
    sides: onePerSide,
    advice: [
      ...optionOf('global').needs.filter(isAboutLocks),
      'Enough where it only keeps nodes of one side from doing the same work at once; not where it protects something outside the cluster.',
    ],
    alternatives: ['ra-leader', 'postgres-lock', 'service-lock'],
    rules: /^global-lock-/,
  },
  fromOption('highlander', 'Children under `Highlander`', 'highlander', onePerSide, /^$/, single),
  fromOption('highlander-pg', 'Children under `HighlanderPG`', 'postgres-lock', outside, /^$/),
  fromOption('horde-supervisor', 'Supervisors of Horde', 'horde-uniform', onePerSide, /^horde-(?!name|quorum)/, single),
  fromOption('horde-quorum', 'Supervisors of Horde with a quorum', 'horde-quorum', majorityOnly, /^horde-quorum/, single),
  {
    ...fromOption('horde-registry', 'Registries of Horde', 'horde-uniform', onePerSide, /^horde-name/, single),
    partition: {
      majority: 'Registers names on its side.',
      minority: 'Registers the same names on its side.',
      heal: optionOf('horde-uniform').partition.heal,
    },
  },
  fromOption('swarm', 'Names in Swarm', 'swarm', onePerSide, /^swarm-/, single),
  fromOption('syn', 'Names and groups in `:syn`', 'syn', onePerSide, /^syn-/, single),
  fromOption('oban', 'Jobs of Oban', 'oban', outside, /^$/),
  {
    id: 'quantum',
    heading: 'Schedulers of Quantum',
    partition: {
      majority: 'Each node that starts a scheduler runs its jobs, as it does without a partition.',
      minority: 'The same.',
      heal: 'Nothing to resolve: the nodes do not know of each other’s runs.',
    },
    sides: bothGoOn,
    advice: ['Jobs that must run once need one scheduler, or a lock per run outside of the cluster.'],
    alternatives: ['oban', 'highlander', 'postgres-lock'],
    rules: /^scheduler-/,
  },
  fromOption('ra', 'State machines of `:ra`', 'ra', majorityOnly, /^ra-/),
  fromOption('khepri', 'Khepri', 'khepri', majorityOnly, /^$/),
  fromOption('mnesia-majority', 'Mnesia tables that need a majority', 'mnesia-majority', majorityOnly, /^$/),
  fromOption('mnesia', 'Mnesia tables on several nodes', 'mnesia', bothGoOn, /^mnesia-/, ['mnesia-majority', 'ra', 'postgres']),
  {
    id: 'mnesia-local',
    heading: 'Mnesia tables with no copy on another node in sight',
    partition: {
      majority: 'Not concerned where the table is this node’s own.',
      minority: 'The same; a node that reads the table of another one cannot reach it.',
      heal: 'Nothing to resolve.',
    },
    sides: unconcerned,
    advice: ['Copies that are added elsewhere, by hand or by a library, change this: then it is a table on several nodes.'],
    alternatives: [],
    rules: /^$/,
  },
  fromOption('delta-crdt', 'Delta CRDTs', 'delta-crdt', bothGoOn, /^crdt-/),
  fromOption('tracker', '`Phoenix.Tracker` and `Phoenix.Presence`', 'phoenix-tracker', apart, /^tracker-/),
  fromOption('pubsub', '`Phoenix.PubSub`', 'phoenix-pubsub', apart, /^pubsub-/),
  {
    id: 'pubsub-adapter',
    heading: '`Phoenix.PubSub` with another adapter',
    partition: {
      majority: 'Nodes that reach what the adapter is built on deliver to each other.',
      minority: 'Nodes that do not reach it deliver to themselves at most.',
      heal: 'What was sent meanwhile is gone for the other side, unless the adapter keeps it.',
    },
    sides: ['up to the adapter', 'up to the adapter'],
    advice: [],
    alternatives: [],
    rules: /^$/,
  },
  {
    id: 'pg',
    heading: 'Process groups of `:pg`',
    partition: {
      majority: 'Each group holds the processes of this side: those of the other one leave it when their nodes count as down.',
      minority: 'The same.',
      heal: 'The nodes tell each other their members again: nothing is lost but what was sent meanwhile.',
    },
    sides: apart,
    advice: ['Read a group as “whom I can reach now”, never as “who exists”: it must decide nothing that has to be single.'],
    alternatives: [],
    rules: /^pg-/,
  },
  {
    id: 'remote-call',
    heading: 'Calls and messages to other nodes',
    partition: {
      majority:
        'Those across the split fail: at once when the node counts as down, until then when their time is up, or never without one.',
      minority: 'The same.',
      heal: 'They work again once the nodes are connected. Messages that were sent meanwhile are gone, and a call that failed may have been carried out.',
    },
    sides: apart,
    advice: [],
    alternatives: [],
    rules: /^(?:rpc|erpc|remote|multicall|node-spawn|node-list)-/,
  },
  {
    id: 'node-events',
    heading: 'Code that watches the other nodes',
    partition: {
      majority: 'Hears `:nodedown` for each node of the other side; it cannot tell a split from a crash.',
      minority: 'Hears the same of the majority.',
      heal: 'Hears `:nodeup` for each, once something connects them again.',
    },
    sides: apart,
    advice: [],
    alternatives: [],
    rules: /^(?:monitor-nodes|nodedown|node-connect)-/,
  },
  fromOption('repo', 'Databases through Ecto', 'postgres', outside, /^repo-/),
  fromOption('distributed-cache', 'Caches over several nodes', 'distributed-cache', bothGoOn, /^$/),
  fromOption('local-cache', 'Caches of each node', 'local-cache', unconcerned, /^$/),
  {
    id: 'ets',
    heading: 'ETS tables of each node',
    partition: {
      majority: 'Not concerned: each node has its own table, and the tables differ without a partition too.',
      minority: 'The same.',
      heal: 'Nothing is exchanged, unless this code does it.',
    },
    sides: unconcerned,
    advice: ['What must be the same on all nodes does not belong here, and neither does a limit or a count that is meant for all of them.'],
    alternatives: [],
    rules: /^(?:ets|atomics)-/,
  },
];
