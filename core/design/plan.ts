/** From a recommendation to a system: steps, operations in code, tests, the way back, and what others stumbled over. */
import { roundTripOf, type Situation, strictness } from './criteria';
import { leaseRules, leaseSchedule } from './lease';
import { leaseTerms, usesLease } from './monitoring';
import { type CodeNames, codeNames } from './names';
import type { Option } from './option';
import { known } from './presumptions';
import { isSize, majority, recommendedVoters, visibleNodesCaveat } from './quorum';

/** A trap, and how to stay out of it. */
export interface Trap {
  readonly title: string;
  readonly text: string;
}

/** The steps from nothing to production, in order. */
export function implementationPlan(option: Option, situation: Situation, app?: string): readonly string[] {
  const size = situation.cluster.size;
  const voters = size !== undefined && isSize(size) ? recommendedVoters(size) : 3;
  const last = 'Run the partition test below in CI, then in staging, before the first production traffic.';
  const watch = 'Put the signals below on a dashboard and let each page somebody once, on purpose.';
  return [...(steps(option, voters, situation, codeNames(app)) ?? option.needs), watch, last];
}

function steps(option: Option, voters: number, situation: Situation, { app, module }: CodeNames): readonly string[] | undefined {
  switch (option.id) {
    case 'ra':
    case 'ra-leader':
      return [
        `Add \`{:ra, "~> 3.1"}\` and set \`config :ra, data_dir: ~c"/var/lib/${app}/ra"\` on a volume that outlives the container.`,
        `Give ${voters} nodes stable names and list them in configuration; never take the members from Node.list/0.`,
        option.id === 'ra'
          ? 'Write the state machine: every command carries an idempotency key, `apply/3` is deterministic and ends with a catch-all clause, effects instead of side effects. Where it has a `version/0`, that begins at 1: with 0 a member of :ra 2.2 crashes.'
          : 'Write the state machine of grants: holder, fencing number, duration; taking and renewing are commands. A grant ends by a `{:timer, name, ms}` effect that is longer than what the holder counts; timers die with the leader, so `state_enter(:leader, …)` starts each anew, in full. No clock reading is stored. `version/0` begins at 1: with 0 a member of :ra 2.2 crashes.',
        'Start per node: `:ra_system.start_default/0`, then `:ra.restart_server/2`, and only when the name is not registered `:ra.start_server/5`; trigger one election after the very first start.',
        'Wrap the calls: try the members in turn, treat `{:timeout, _}` as unknown and repeat with the same key.',
        ...(option.id === 'ra-leader'
          ? ['Let the protected resource refuse fencing numbers lower than the highest it has seen.']
          : ['Read with `:ra.consistent_query/3` wherever a decision depends on the value.']),
      ];
    case 'multi-raft':
      return [
        'Cut the key space: few groups to begin with (one per region and entity), each with three voters in at least two regions.',
        'Keep the map from key to group in a Raft group of its own; clients cache it and ask again when a group refuses.',
        'Start the groups in one :ra system, so that they share its log on disk.',
        'Place leaders: measure where each group is written, move with `:ra.transfer_leadership/2`, never more often than a lease lasts.',
        'Add leader leases last, behind a switch: until they are proven, read with `:ra.consistent_query/3`.',
        'Decide what an operation over two groups is: forbid it, or make it two steps with a compensation.',
      ];
    case 'khepri':
      return [
        'Add `{:khepri, "~> 0.18"}`, start a Ra system with a data directory of its own and `:khepri.start/2` on it.',
        `Let ${voters} nodes with stable names join with \`:khepri_cluster.join/1\`, one after the other.`,
        'Write settings under paths that say who owns them; read with `%{favor: :low_latency}` on the hot path.',
        'React to changes with a trigger or a process that reads again; do not poll.',
      ];
    case 'postgres':
      return [
        'Put the rule into the database first: CHECK, UNIQUE, foreign keys; code comes and goes.',
        'Change a row in one statement that carries its condition (`UPDATE … WHERE stock >= $1`), or lock it with `SELECT … FOR UPDATE` in the transaction that decides.',
        'Give each request an idempotency key with a unique index; a retry finds its first result.',
        'Set timeouts: statement_timeout, lock_timeout, idle_in_transaction_session_timeout, and the pool’s queue target.',
        'Rehearse the failover and a restore; with asynchronous replication decide how many lost seconds are acceptable, or use synchronous_standby_names.',
      ];
    case 'delta-crdt':
      return [
        'Choose keys so that two writers rarely share one: item by item for a set, `{counter, node}` for a counter.',
        'Start `{DeltaCrdt, crdt: DeltaCrdt.AWLWWMap, name: …}` under the supervisor of every node.',
        'On every nodeup and nodedown give `DeltaCrdt.set_neighbours/2` the whole list of `{name, node}`, on both sides.',
        'Let one process per node write a counter key; sum over the nodes when reading.',
        ...(situation.answers.offline === true
          ? ['On the client keep adds and removes with ids; replay them on reconnect, each at most once.']
          : []),
        'Copy to a database every few seconds what must survive a restart of all nodes, and load it at boot.',
      ];
    case 'document-crdt':
      return [
        'Use Yjs with a provider for Phoenix channels in the clients.',
        'Run one `Yex.Sync.SharedDoc` per open document, found by name, with a persistence module.',
        'Store updates as they come and compact them into a state now and then.',
        'Keep permissions outside of the document: check who may connect, because a merged edit cannot be refused later.',
      ];
    case 'phoenix-tracker':
      return [
        'Add a Presence or Tracker module and start it after the PubSub, with the same `pool_size` on every node.',
        'Track processes, with small metadata; keep data elsewhere.',
        'In `handle_diff/2` or `handle_metas/4` broadcast locally only, and hand slow work to a task.',
        'Choose `down_period` and `permdown_period` for your deploys: entries of a node that is gone stay that long.',
      ];
    case 'phoenix-pubsub':
      return [
        'Treat a broadcast as “look again”: the message names what changed, the reader fetches it.',
        'Fetch the whole truth on connect and on every reconnect.',
        'Store what must arrive before you broadcast it, with a position the reader can ask from.',
      ];
    case 'local-cache':
      return [
        'One table or Cachex per node with an expiry and a limit.',
        'Fetch through it: `Cachex.fetch/3` lets one process compute a missing value while the others wait.',
        'Spread expiries by a few percent, so that not everything expires at once.',
        'For sessions: sign what must survive the node into the cookie.',
      ];
    case 'oban':
      return [
        'Keep the default peer, `Oban.Peers.Database`.',
        'Put the schedule into `Oban.Plugins.Cron` (from 2.23 the `cron:` option): only the leader inserts, once per minute at most.',
        'Make the worker unique over the period and its effect idempotent: the key is the date or the id it works on.',
        'Rescue jobs of dead nodes with `Oban.Plugins.Lifeline`; its `rescue_after` must exceed the longest run.',
        'Take out every other scheduler that still runs the job.',
      ];
    case 'postgres-lock':
      return [
        'Create a table of leases: name, holder, fencing number, expiry; take and renew with one UPDATE that compares the database’s `now()`.',
        'Renew at a third of the duration; stop working when the renewal is late by your own monotonic clock.',
        'Carry the fencing number in each protected write, and refuse lower ones.',
        'If you use `pg_try_advisory_lock` instead: a connection of its own, with TCP keepalives.',
      ];
    case 'service-lock':
      return [
        'Create a lease, and the key under it in a transaction that requires it to be absent.',
        'Keep the lease alive from the process that works, not from another one: when it hangs, the lease must end.',
        'Use the key’s create_revision as fencing number.',
      ];
    case 'highlander':
      return [
        `Wrap the child: \`{Highlander, ${module}.Singleton}\` in the supervision tree of every node.`,
        'Make its work safe to be done twice, for the time of a split.',
        'Rebuild its state from a store at start: it moves without it.',
      ];
    case 'node-ids':
      return [
        'Use `Ecto.UUID` or UUIDv7 for keys; nothing else to build.',
        'Where short sortable numbers are needed: a node number from configuration, a time, a counter that never goes back.',
      ];
    default:
      return undefined;
  }
}

/** How the promise of an option is tested, the partition first. */
export function testingStrategy(option: Option, situation: Situation): readonly string[] {
  const size = situation.cluster.size;
  const nodes = size !== undefined && isSize(size) && size >= 3 ? Math.min(5, size) : 3;
  const larger = majority(nodes);
  const split = `${larger} | ${nodes - larger}`;
  const promise: Readonly<Record<Option['decides'], string>> = {
    majority:
      option.subject === 'process'
        ? `Partition test: start ${nodes} nodes with :peer and a holder, cut them ${split} with the holder on the side of ${nodes - larger}. The holder stops by its own clock, the side of ${larger} grants anew with a higher fencing number, the other grants nothing; a late write of the old holder is refused.`
        : `Partition test: start ${nodes} nodes with :peer, cut them ${split}, write on both sides. The side of ${larger} acknowledges, the other does not; after the heal every acknowledged write is there, exactly once, on all nodes.`,
    outside: `Partition test: cut one node from the service, write on both sides. The cut node gets an error within its timeout; nothing it was refused appears later${option.subject === 'process' ? '; a holder there stops by itself' : ''}.`,
    'both-sides':
      option.subject === 'process'
        ? `Partition test: start ${nodes} nodes with :peer, cut them ${split}, count the copies: one per side. After the heal one is left, within a time you state, and what was done twice did no harm.`
        : `Partition test: start ${nodes} nodes with :peer, cut them ${split}, write on both sides: both acknowledge. After the heal all nodes hold the same, with the adds of both sides${option.id === 'delta-crdt' ? ' and counters that are the sum' : ''}.`,
    'each-node': 'No partition test is needed: nothing is shared. Test a restart under load instead, with an empty memory.',
  };
  return [
    promise[option.decides],
    ...(option.decides === 'majority'
      ? [
          'Kill the leader between a command and its answer: the client repeats with the same key and the state changes once.',
          'Property test of the state machine: any order of commands, each applied twice, keeps the invariant and gives the same state on a second replica.',
        ]
      : []),
    ...(usesLease(option)
      ? ['Pause the holder (SIGSTOP) past its lease, let another take over, resume: its write is refused by its fencing number.']
      : []),
    ...(option.decides === 'outside' && option.service === 'postgres'
      ? [
          'Two transactions on the same row, interleaved: one waits or fails, none is lost. Kill the node in the middle: nothing is half done.',
        ]
      : []),
    'Silent loss: `iptables -A INPUT -s PEER -j DROP` on a staging host, or a toxiproxy `timeout` toxic between node and service; connections stay open and nobody says goodbye. Watch how long it takes to notice.',
    'Slow link: a toxiproxy `latency` toxic of ten round trips; timeouts must be longer than a healthy answer and shorter than a caller’s patience.',
    'One-way loss: drop one direction only; heartbeats must fail as well, or two sides believe different things.',
    'Rolling deploy under load, old and new code together.',
  ];
}

/** How to get there from what exists, and back. */
export function rollbackPlan(option: Option): { readonly migration: readonly string[]; readonly rollback: readonly string[] } {
  const data = option.subject === 'data';
  const migration = data
    ? [
        'Write to both: the old store stays the truth, the new one receives every write; compare them by a job and count the differences.',
        'Read from both for a share of the requests, answer from the old one, log differences.',
        'Switch reads, then the truth, by configuration, one class of data at a time; keep writing to the old one.',
        'Stop writing to the old one when a partition test, a failover and one full deploy have passed in production.',
      ]
    : [
        'Put the new holder behind a switch that every node reads at start; run it without effects beside the old one and log who would have acted.',
        'Stop the old one everywhere, wait for the longest lease or run to end, then switch on: for a moment nobody holds, never two.',
        'Remove the old one in the deploy after that.',
      ];
  const rollback = data
    ? [
        'The switch of reads and of the truth is configuration: turn it back while both stores are written.',
        ...exports(option),
        'Decide beforehand what triggers it: differences above a number you write down, or no answers for longer than the class may be away.',
      ]
    : [
        'Turn the switch back: the new holder gives up its role, the old one starts after the lease has ended.',
        'Fencing numbers go on from the highest that was given; never begin again at one.',
        'Decide beforehand what triggers it: two holders seen, or none for longer than the class may be away.',
      ];
  return { migration, rollback };
}

function exports(option: Option): readonly string[] {
  switch (option.id) {
    case 'ra':
    case 'multi-raft':
    case 'khepri':
      return [
        'After both are no longer written: export the state from one member with a query and load it into the old store; stop commands first, or the export is a moment in the past.',
      ];
    case 'delta-crdt':
      return ['After both are no longer written: cut traffic to one node, let it sync, export `DeltaCrdt.to_map/1`.'];
    case 'postgres':
      return ['After both are no longer written: restore by point in time, or copy the rows back.'];
    default:
      return [];
  }
}

/** Traps of distributed code in general, and of the options that are used. */
export function commonTraps(used: readonly Option[]): readonly Trap[] {
  const traps: Trap[] = [
    {
      title: 'Clock drift',
      text: 'Durations and deadlines of one node: `System.monotonic_time/1`. It has no meaning on another node or after a restart: send durations, not deadlines.',
    },
    { title: 'Quorum calculation', text: `\`div(n, 2) + 1\`, not \`div(n, 2)\`: two halves would both pass. ${visibleNodesCaveat}` },
    {
      title: 'Split brain',
      text: 'A quorum check before acting is not enough: the holder may be paused after the check. Terms or fencing numbers protect the resource.',
    },
    {
      title: 'Races',
      text: 'Read, compute, write back loses updates between nodes. Decide inside the state machine or in one statement, compare versions, or use a type whose operations commute.',
    },
    { title: 'Timeouts', text: 'A timeout is an unknown outcome. Repeat only with the same idempotency key.' },
    {
      title: 'Node events',
      text: '`:net_kernel.monitor_nodes(true)` sends 2-tuples, with options 3-tuples; a clause of the wrong shape never matches.',
    },
    { title: 'Reconnecting', text: 'Neither :global nor :ra reconnects nodes after a split. libcluster does, when its strategy polls.' },
  ];
  const ids = new Set(used.map((option) => option.id));
  if (ids.has('ra') || ids.has('ra-leader') || ids.has('multi-raft')) {
    traps.push(
      {
        title: ':ra needs its system',
        text: '`:ra.start_cluster(:default, name, {:module, Machine, %{}}, server_ids)` since 2.0, after `:ra_system.start_default/0`; server ids are `{name, node}`; the answer is `{:ok, started, not_started}`.',
      },
      {
        title: 'A poisonous command',
        text: 'A command that no clause of `apply/3` matches is in the log already: it stops every member, again after each restart.',
      },
    );
  }
  if (ids.has('delta-crdt')) {
    traps.push({
      title: 'delta_crdt has one type',
      text: '`DeltaCrdt.AWLWWMap` is all there is: no counter, no set, no register. `set_neighbours/2` is one-way and replaces the list.',
    });
  }
  if (ids.has('phoenix-tracker') || ids.has('phoenix-pubsub'))
    traps.push({
      title: 'pool_size',
      text: 'Phoenix.PubSub’s `pool_size` must be the same on every node; where it differs, broadcasts vanish and every call says `:ok`.',
    });
  if (used.some((option) => option.id.startsWith('horde'))) {
    traps.push({
      title: 'Horde and quorum',
      text: 'From 0.8.4 to 0.10.0 a node without quorum keeps its children, also with static members: use a lease with fencing, :ra or a database lock where one is all there may be.',
    });
  }
  if (used.some(usesLease)) for (const rule of leaseRules) traps.push({ title: 'Leases', text: rule });
  return traps;
}

/** How to look into a running cluster. */
export const debugging: readonly Trap[] = [
  {
    title: 'Remote observer',
    text: 'Start a hidden node with the cluster’s cookie, `Node.connect/1` to one node, `:observer.start()`, and choose the node in its menu.',
  },
  {
    title: 'Trace across nodes',
    text: '`Logger.metadata(trace_id: id)` where a request enters; pass the id in every message and command, and set it again on the other side: metadata belongs to a process.',
  },
  {
    title: 'Who sees whom',
    text: '`:erpc.multicall([node() | Node.list()], Node, :list, [], 5_000)`: rows that differ are a partition or a link that works one way.',
  },
  {
    title: 'Reachable at all',
    text: '`Node.ping/1` from both ends, then the distribution port itself; a cookie that differs looks like a network that is down.',
  },
  {
    title: 'Why a node went',
    text: '`:net_kernel.monitor_nodes(true, [:nodedown_reason])` in a process that logs `{:nodedown, node, info}`.',
  },
  {
    title: 'Who leads',
    text: '`:erpc.multicall(nodes, :ra_leaderboard, :lookup_leader, [cluster_name], 5_000)`, or `:erpc.multicall(nodes, :global, :whereis_name, [name], 5_000)`.',
  },
  {
    title: 'Partition on purpose',
    text: 'In staging: toxiproxy between node and service, `iptables -A INPUT -s PEER -j DROP` between nodes; in tests: `:peer` nodes with different cookies.',
  },
];

/** The lease to use where an option needs one: durations in milliseconds for the round trip that is known, 1 ms otherwise. */
export function leaseFor(option: Option, situation: Situation) {
  if (!usesLease(option)) return undefined;
  const terms = leaseTerms(roundTripOf(situation.cluster) ?? 1);
  const schedule = leaseSchedule(terms);
  return schedule && { terms, schedule };
}

/** One sentence on the CAP side that was chosen, and what it gives up. */
export function capTradeoff(option: Option, { answers }: Situation): string {
  const need = known(answers, 'consistency')?.value;
  const strict = need !== undefined && strictness(need) >= strictness('sequential');
  if (option.cap === 'CP') {
    return `CP (${option.pacelc}): in a partition it gives up availability where ${option.decides === 'majority' ? 'there is no majority' : 'the service cannot be reached'}, and keeps one order of writes${strict ? ', which is needed here' : ''}. Without a partition it ${option.pacelc.endsWith('EC') ? 'pays latency for consistency' : 'answers fast and replicates later'}.`;
  }
  return `AP (${option.pacelc}): in a partition every side goes on and gives up agreement${strict ? '' : ', which is not needed here'}. Without a partition it answers from the nearest copy and replicates later.`;
}
