/** Failure modes: what happens to an option of a given size when something breaks, and what the client sees. */
import { type Situation, strictness } from './criteria';
import type { Option } from './option';
import { known } from './presumptions';
import { isSize, majority, recommendedVoters, toleratedFailures } from './quorum';

export interface FailureMode {
  readonly id: FailureId;
  /** What breaks: `2 of 5 nodes down`. */
  readonly event: string;
  readonly happens: string;
  readonly clientSees: string;
  /** Whether the system still answers: all of it, a part, or none. */
  readonly available: 'yes' | 'partly' | 'no';
}

export type FailureId =
  | 'one-node-down'
  | 'tolerated-down'
  | 'majority-down'
  | 'partition-majority'
  | 'partition-minority'
  | 'partition-even'
  | 'slow-node'
  | 'clock-jump'
  | 'all-restart'
  | 'rolling-deploy';

/** How long a node that vanished without closing its connections counts as up: net_ticktime of 60 s and four ticks. */
export const nodeDownSeconds = { from: 45, to: 75, source: 'https://www.erlang.org/doc/apps/kernel/kernel_app.html#net_ticktime' } as const;

/** The table for an option in a situation. Without a size it is that of three nodes. Total for every size. */
export function failureModes(option: Option, situation: Situation): readonly FailureMode[] {
  const size = situation.cluster.size ?? situation.cluster.projectedSize ?? 3;
  const nodes = isSize(size) ? size : 3;
  switch (option.decides) {
    case 'majority':
      return majorityModes(option, recommendedVoters(nodes), situation);
    case 'outside':
      return outsideModes(option, nodes);
    case 'both-sides':
      return option.subject === 'process' ? doubledModes(option, nodes) : mergedModes(option, nodes);
    case 'each-node':
      return localModes(option, nodes);
  }
}

/** Sizes of the two sides of a split with a majority on one; and whether the number can be split evenly. */
function sides(n: number): { readonly larger: number; readonly smaller: number; readonly even: boolean } {
  const larger = majority(n);
  return { larger, smaller: n - larger, even: n % 2 === 0 };
}

function majorityModes(option: Option, voters: number, { answers }: Situation): readonly FailureMode[] {
  const need = majority(voters);
  const tolerated = toleratedFailures(voters);
  const { larger, smaller, even } = sides(voters);
  const stale =
    strictness(known(answers, 'consistency')?.value ?? 'linearizable') < strictness('linearizable')
      ? ', and stale reads from the local replica'
      : '; local reads are stale';
  const noun = option.id === 'mnesia-majority' ? 'replicas' : 'voters';
  const mnesia = option.id === 'mnesia-majority';
  const refused = mnesia
    ? '`{:aborted, {:no_majority, table}}`'
    : '`{:timeout, server_id}`: the outcome is unknown, so repeat with the same idempotency key';
  const healed = mnesia
    ? 'The cut-off nodes stay apart until they are restarted with a master.'
    : 'The others catch up from the log or a snapshot; nothing is merged.';
  const holder = option.subject === 'process';
  return [
    tolerated >= 1
      ? mode(
          'one-node-down',
          `1 of ${voters} ${noun} down`,
          `${voters - 1} are left, ${need} are needed.${mnesia ? '' : ' If it led, another is elected, within about two seconds once the cluster has run a while.'}`,
          holder
            ? 'The role moves when the lease of a lost holder ends.'
            : 'A pause of an election at most; commands in flight may time out and must be repeated with the same key.',
          'yes',
        )
      : mode('one-node-down', `1 of ${voters} ${noun} down`, `${need} are needed: nothing is decided until it is back.`, refused, 'no'),
    tolerated >= 1
      ? mode(
          'tolerated-down',
          `${tolerated} of ${voters} ${noun} down`,
          `${voters - tolerated} are left, exactly the majority of ${need}: the last failure that is tolerated.`,
          'As before. Page somebody: the next failure stops writes.',
          'yes',
        )
      : mode('tolerated-down', `0 of ${voters} ${noun} may be down`, 'There is no failure to tolerate.', 'See above.', 'no'),
    mode(
      'majority-down',
      `${tolerated + 1} of ${voters} ${noun} down`,
      `${voters - tolerated - 1} are left, ${need} are needed: nothing is decided. That is right: deciding anyway could contradict what the others decided.`,
      `Writes end in ${refused}${stale}.`,
      'no',
    ),
    mode(
      'partition-majority',
      voters <= 1 ? 'Split with this node on the client’s side' : `Split ${larger} | ${smaller}, the side of ${larger}`,
      `Has the majority of ${need}: keeps its leader or elects one, and goes on.`,
      'A pause of an election at most.',
      'yes',
    ),
    mode(
      'partition-minority',
      voters <= 1 ? 'Split with the clients on the other side' : `Split ${larger} | ${smaller}, the side of ${smaller}`,
      `Has ${smaller} of ${voters}: decides nothing.${holder ? ' A holder here stops when its lease ends by its own clock.' : ' An old leader here commits nothing more.'} ${healed}`,
      `Writes end in ${refused}${stale}.`,
      'no',
    ),
    even
      ? mode(
          'partition-even',
          `Split ${voters / 2} | ${voters / 2}`,
          `Neither side has ${need}: both stop.`,
          `Writes end in ${refused} on both sides.`,
          'no',
        )
      : mode(
          'partition-even',
          'Even split',
          `Not possible with ${voters} ${noun}: one side always has ${need} or, in three parts, none has.`,
          `In three parts: as with ${tolerated + 1} down.`,
          'partly',
        ),
    mode(
      'slow-node',
      'One slow node',
      mnesia
        ? 'A transaction waits for every reachable replica: the slowest sets the pace.'
        : 'As a follower it is left behind and catches up later; as a leader it slows everything until the failure detector gives it up.',
      mnesia ? 'Everything is as slow as that node.' : 'Latency rises while it leads; move the role with `:ra.transfer_leadership/2`.',
      'yes',
    ),
    mode(
      'clock-jump',
      'The wall clock of one node jumps',
      option.id === 'multi-raft' || holder
        ? 'Terms and logs do not use wall clocks. Leases count on the monotonic clock, which does not jump; a lease kept in wall time would end early or never.'
        : 'Agreement does not use wall clocks. Timestamps in `meta.system_time` jump with the leader’s clock: use them to show, not to order.',
      'Nothing, if no code of yours compares wall clocks.',
      'yes',
    ),
    mode(
      'all-restart',
      'All nodes restart',
      mnesia
        ? 'Tables are loaded from disk once the nodes agree who was last; `:mnesia.wait_for_tables/2` may wait for a node that does not come.'
        : 'Members must be started again with `:ra.restart_server/2`, read their logs and elect. Without a disk that survives (`data_dir`) everything is gone.',
      'No answers until a majority is back.',
      'no',
    ),
    mode(
      'rolling-deploy',
      'Rolling deploy',
      `One node at a time, the next only when the last has caught up: two at once ${tolerated >= 2 ? 'leave no reserve' : 'stop the cluster'}.${mnesia ? '' : ' New commands of the state machine behind `version/0`, or old members crash on them.'}`,
      'A pause of an election per leader that is restarted.',
      'yes',
    ),
  ];
}

function outsideModes(option: Option, nodes: number): readonly FailureMode[] {
  const service = {
    postgres: 'Postgres',
    redis: 'Redis',
    'etcd-consul': 'the service',
    oban: 'Postgres',
    phoenix: 'the service',
    horde: 'the service',
  }[option.service ?? 'etcd-consul'];
  const { larger, smaller } = sides(nodes);
  const process = option.subject === 'process';
  const moved = process
    ? 'What it held or ran is free again once its session or lease ends.'
    : 'Its open transactions are rolled back when the connection drops.';
  return [
    mode(
      'one-node-down',
      `1 of ${nodes} nodes down`,
      moved,
      nodes === 1 ? 'No answers until it is back.' : 'Requests on it fail; the others go on.',
      nodes === 1 ? 'no' : 'yes',
    ),
    mode(
      'tolerated-down',
      nodes === 1 ? 'No node may be down' : `${nodes - 1} of ${nodes} nodes down`,
      nodes === 1 ? 'There is one.' : 'Your nodes are clients of the service: one is enough, no majority of them is needed.',
      nodes === 1 ? 'See above.' : 'Answers, as far as one node carries the load.',
      nodes === 1 ? 'no' : 'yes',
    ),
    mode(
      'majority-down',
      `${service} down or failing over`,
      `Nothing is decided until ${service} is back; how long is up to its failover.`,
      'Errors at once, if every call has a timeout. Connection pools must not queue for minutes.',
      'no',
    ),
    mode(
      'partition-majority',
      nodes === 1 ? `Split with ${service} on this side` : `Split ${larger} | ${smaller}, the side that reaches ${service}`,
      'Goes on, however few nodes it has.',
      'As before.',
      'yes',
    ),
    mode(
      'partition-minority',
      nodes === 1 ? `Split with ${service} on the other side` : `Split ${larger} | ${smaller}, the side that does not`,
      process
        ? 'A holder here must stop: it cannot renew. Work that is running goes on unless it checks its fencing number.'
        : 'Reads and writes fail; a local cache may answer old values.',
      `Errors from ${service}.`,
      'no',
    ),
    mode(
      'partition-even',
      nodes % 2 === 0 ? `Split ${nodes / 2} | ${nodes / 2}` : 'Even split',
      'The number of nodes does not matter: the side that reaches the service goes on. If both do, nothing is split for this data.',
      'As the two lines above.',
      'partly',
    ),
    mode(
      'slow-node',
      'One slow node',
      process
        ? 'A holder that pauses longer than its lease still believes it holds: its late write must be refused by the fencing number.'
        : 'It holds row locks longer: others wait for the same rows.',
      'Higher latency on what it holds.',
      'yes',
    ),
    mode(
      'clock-jump',
      'The wall clock of one node jumps',
      `Times come from ${service}, not from your nodes: nothing, as long as no code of yours writes its own timestamps.`,
      'Nothing.',
      'yes',
    ),
    mode(
      'all-restart',
      'All nodes restart',
      option.survives === 'all-nodes'
        ? 'Everything is on the service’s disk.'
        : 'What the service had not yet written or replicated is gone.',
      'No answers until the first node is back.',
      'no',
    ),
    mode(
      'rolling-deploy',
      'Rolling deploy',
      'Old and new code meet in the same data: migrate in two steps, first add, later remove.',
      'Nothing.',
      'yes',
    ),
  ];
}

function mergedModes(option: Option, nodes: number): readonly FailureMode[] {
  const { larger, smaller } = sides(nodes);
  const down =
    option.id === 'phoenix-tracker'
      ? 'Its entries stay listed for `down_period`, 30 s by default, then vanish.'
      : option.merge === 'add-wins' || option.merge === 'last-write'
        ? 'Writes that it had not sent yet are gone with its memory; everything else is on the others.'
        : option.id === 'document-crdt'
          ? 'Documents open there move to another node with the next connection; clients resend what was not acknowledged.'
          : option.id === 'phoenix-pubsub'
            ? 'Its subscribers are gone; nothing waits for them.'
            : 'The keys it owned miss and are fetched anew.';
  const memory =
    option.survives === 'all-nodes'
      ? 'Documents are loaded from storage; clients send what they still hold.'
      : 'All of it is gone: it lives in memory.';
  return [
    mode(
      'one-node-down',
      `1 of ${nodes} nodes down`,
      down,
      nodes === 1 ? 'No answers until it is back.' : 'Clients of that node reconnect elsewhere.',
      nodes === 1 ? 'no' : 'yes',
    ),
    mode(
      'tolerated-down',
      nodes === 1 ? 'No node may be down' : `${nodes - 1} of ${nodes} nodes down`,
      nodes === 1 ? 'There is one.' : 'Each node answers for itself: one is enough.',
      nodes === 1 ? 'See above.' : 'Answers, as far as one node carries the load.',
      nodes === 1 ? 'no' : 'yes',
    ),
    mode(
      'majority-down',
      `${majority(nodes)} of ${nodes} nodes down`,
      'No majority is needed.',
      nodes === 1 ? 'No answers until it is back.' : 'As above.',
      nodes === 1 ? 'no' : 'yes',
    ),
    mode(
      'partition-majority',
      nodes === 1 ? 'Split with this node on the client’s side' : `Split ${larger} | ${smaller}, the side of ${larger}`,
      option.partition.majority,
      'Reads and writes succeed; changes of the other side are missing.',
      'yes',
    ),
    mode(
      'partition-minority',
      nodes === 1 ? 'Split with the clients on the other side' : `Split ${larger} | ${smaller}, the side of ${smaller}`,
      option.partition.minority,
      nodes === 1 ? 'No answers.' : 'Reads and writes succeed; changes of the other side are missing.',
      nodes === 1 ? 'no' : 'yes',
    ),
    mode(
      'partition-even',
      nodes % 2 === 0 ? `Split ${nodes / 2} | ${nodes / 2}` : 'Even split',
      `Both sides go on. At the heal: ${option.partition.heal}`,
      'Values may change under a reader when the sides meet.',
      'yes',
    ),
    mode(
      'slow-node',
      'One slow node',
      'It falls behind; messages to it queue up in the senders or in its mailbox.',
      'Old values on that node.',
      'yes',
    ),
    mode(
      'clock-jump',
      'The wall clock of one node jumps',
      clockOf(option),
      option.merge === 'last-write' ? 'Writes that were acknowledged vanish.' : 'Nothing.',
      'yes',
    ),
    mode('all-restart', 'All nodes restart', memory, 'No answers until the first node is back; then what was stored elsewhere.', 'no'),
    mode(
      'rolling-deploy',
      'Rolling deploy',
      option.survives === 'all-nodes'
        ? 'Processes move with their nodes; clients reconnect.'
        : `Data survives as long as one node with it is up and in sync: wait for the sync before the next node.`,
      'A reconnect.',
      'yes',
    ),
  ];
}

function clockOf(option: Option): string {
  if (option.id === 'delta-crdt')
    return 'Wall clocks are not used; concurrent writes to one key are decided by monotonic time, whose origin differs per node.';
  if (option.merge === 'last-write')
    return 'A clock that is ahead wins every conflict for as long as it is ahead; after it is set back, its node’s new writes lose against its own old ones.';
  return 'Wall clocks are not used.';
}

function doubledModes(option: Option, nodes: number): readonly FailureMode[] {
  const { larger, smaller } = sides(nodes);
  const detection = `At once when the connection closes, after ${nodeDownSeconds.from} to ${nodeDownSeconds.to} s when packets just stop.`;
  return [
    mode(
      'one-node-down',
      `1 of ${nodes} nodes down`,
      nodes === 1 ? 'There is no other.' : `If it ran the process, another node starts one. ${detection}`,
      'No process until then; its memory is gone.',
      nodes === 1 ? 'no' : 'partly',
    ),
    mode(
      'tolerated-down',
      nodes === 1 ? 'No node may be down' : `${nodes - 1} of ${nodes} nodes down`,
      nodes === 1 ? 'There is one.' : 'The last node runs it: no majority is asked for.',
      nodes === 1 ? 'See above.' : 'Answers.',
      nodes === 1 ? 'no' : 'yes',
    ),
    mode(
      'majority-down',
      `${majority(nodes)} of ${nodes} nodes down`,
      'No majority is asked for.',
      nodes === 1 ? 'No answers until it is back.' : 'Answers.',
      nodes === 1 ? 'no' : 'yes',
    ),
    mode(
      'partition-majority',
      nodes === 1 ? 'Split with this node on the client’s side' : `Split ${larger} | ${smaller}, the side of ${larger}`,
      `${option.partition.majority} ${detection}`,
      'One process answers here.',
      'yes',
    ),
    mode(
      'partition-minority',
      nodes === 1 ? 'Split with the clients on the other side' : `Split ${larger} | ${smaller}, the side of ${smaller}`,
      option.partition.minority,
      nodes === 1 ? 'No answers.' : 'Another process answers here: two at once, with two memories.',
      nodes === 1 ? 'no' : 'yes',
    ),
    mode(
      'partition-even',
      nodes % 2 === 0 ? `Split ${nodes / 2} | ${nodes / 2}` : 'Even split',
      `Two at once, one per side. At the heal: ${option.partition.heal}`,
      'What the stopped one had done or knew is lost or done twice.',
      'yes',
    ),
    mode('slow-node', 'One slow node', 'It keeps the name while it is connected; calls to the process wait.', 'Timeouts.', 'partly'),
    mode(
      'clock-jump',
      'The wall clock of one node jumps',
      option.id === 'syn'
        ? 'Of two registrations the later by wall clock stays: the wrong one may be killed.'
        : 'Wall clocks are not used for names.',
      option.id === 'syn' ? 'The older process may be the one that stays.' : 'Nothing.',
      'yes',
    ),
    mode(
      'all-restart',
      'All nodes restart',
      'Nodes that start before they see each other each start a copy; the copies meet when they connect.',
      'Two processes for a moment.',
      'partly',
    ),
    mode(
      'rolling-deploy',
      'Rolling deploy',
      'The process moves with every node that runs it: state must be rebuilt or stored.',
      'A gap per move.',
      'partly',
    ),
  ];
}

function localModes(option: Option, nodes: number): readonly FailureMode[] {
  const ids = option.id === 'node-ids';
  const lost = ids ? 'Nothing: the other nodes make their own ids.' : 'What it held is gone; clients that return elsewhere miss.';
  const one = nodes === 1;
  return [
    mode(
      'one-node-down',
      `1 of ${nodes} nodes down`,
      lost,
      one ? 'No answers until it is back.' : ids ? 'Nothing.' : 'A miss, a login or a slow first request.',
      one ? 'no' : 'yes',
    ),
    mode(
      'tolerated-down',
      one ? 'No node may be down' : `${nodes - 1} of ${nodes} nodes down`,
      one ? 'There is one.' : 'Each node is enough for itself.',
      one ? 'See above.' : 'Answers.',
      one ? 'no' : 'yes',
    ),
    mode(
      'majority-down',
      `${majority(nodes)} of ${nodes} nodes down`,
      'No majority is needed.',
      one ? 'No answers until it is back.' : 'Answers.',
      one ? 'no' : 'yes',
    ),
    mode('partition-majority', 'Split, either side', 'Not affected: nodes do not talk to each other about it.', 'As before.', 'yes'),
    mode('partition-minority', 'Split, the other side', 'Not affected.', 'As before.', 'yes'),
    mode('partition-even', 'Even split', 'Not affected.', 'As before.', 'yes'),
    mode('slow-node', 'One slow node', 'Affects its own clients only.', 'Latency on that node.', 'yes'),
    mode(
      'clock-jump',
      'The wall clock of one node jumps',
      ids
        ? 'Ids with a time in them may go back: the counter must bridge it, or the node must wait.'
        : 'Entries that expire by wall time expire early or never; by monotonic time nothing happens.',
      ids ? 'Ids out of order.' : 'Nothing, with monotonic expiry.',
      'yes',
    ),
    mode(
      'all-restart',
      'All nodes restart',
      ids
        ? 'Counters begin anew: the time or the random part keeps ids apart.'
        : 'Empty: every first read goes to the truth. Protect it from the rush.',
      'Slow until warm.',
      'partly',
    ),
    mode(
      'rolling-deploy',
      'Rolling deploy',
      ids ? 'Nothing.' : 'Each restarted node begins empty.',
      ids ? 'Nothing.' : 'Misses on the restarted node.',
      'yes',
    ),
  ];
}

function mode(id: FailureId, event: string, happens: string, clientSees: string, available: FailureMode['available']): FailureMode {
  return { id, event, happens, clientSees, available };
}
