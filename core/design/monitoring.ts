/** What to watch for an option in a situation, with thresholds computed from the answers. */
import { roundTripOf, type Situation } from './criteria';
import { nodeDownSeconds } from './failureModes';
import { beamDriftPpm, leaseSchedule, suggestedLeaseMs } from './lease';
import { codeNames } from './names';
import type { Option } from './option';
import { grouped } from './questions';
import { majority, recommendedVoters } from './quorum';

/** A signal with its thresholds. */
export interface Signal {
  readonly name: string;
  /** Elixir, SQL or the name of a metric: how it is read. */
  readonly read: string;
  readonly warn: string;
  /** When a person is woken; absent: never for this alone. */
  readonly page?: string;
  readonly why: string;
}

/** Milliseconds that a commit may take beyond the round trip before it is strange: a disk that syncs, a scheduler that is busy. */
export const commitOverheadMs = 50;

/** Seconds of writes that a follower may be behind before it is strange. */
export const lagSeconds = 10;

/** The signals for an option, those of the cluster first. Numbers that depend on unknown answers say what they were computed from. */
export function signalsOf(option: Option, situation: Situation, app?: string): readonly Signal[] {
  return [...clusterSignals(option, situation), ...optionSignals(option, situation, codeNames(app).app)];
}

/** Signals of the cluster itself, for any option. */
export function clusterSignals(option: Option | undefined, { cluster }: Situation): readonly Signal[] {
  const size = cluster.size;
  const needsQuorum = option?.decides === 'majority';
  const voters = size === undefined ? undefined : recommendedVoters(size);
  const roundTrip = roundTripOf(cluster) ?? 1;
  const lease = leaseOf(leaseTerms(roundTrip));
  const offset = usesLease(option) ? Math.max(10, Math.floor(lease.marginMs / 2)) : 100;
  return [
    {
      name: 'Visible nodes',
      read: '`length([node() | Node.list()])` on every node, compared with the configured size',
      warn: size === undefined ? 'fewer than configured' : `fewer than ${grouped(size)} for ${nodeDownSeconds.to} s`,
      ...(needsQuorum && voters !== undefined
        ? { page: `fewer than ${majority(voters)} of the ${voters} voters visible on any node that serves writes: it has lost its quorum` }
        : {
            page:
              size === undefined || size < 2
                ? 'a node sees nobody else'
                : 'nodes see different sets for more than two minutes: a partition',
          }),
      why: 'The first sign of a partition. Never compute the quorum from this number.',
    },
    {
      name: 'Clock offset',
      read: 'offset reported by chrony or ntpd on each host (`chronyc tracking`)',
      warn: `more than ${grouped(offset)} ms`,
      page: `more than ${grouped(Math.max(1_000, 10 * offset))} ms, or not synchronised`,
      why: usesLease(option)
        ? 'Leases count on monotonic clocks; a host whose wall clock runs away often has a monotonic clock that runs fast or slow as well.'
        : 'Logs, timestamps and expiry times of several nodes are compared by people and by code.',
    },
    {
      name: 'Connections lost',
      read: '`:net_kernel.monitor_nodes(true, [:nodedown_reason])`, counted per reason',
      warn: 'any outside of a deploy',
      page: 'more than one per node and minute: a flapping link',
      why: `A silent loss takes ${nodeDownSeconds.from} to ${nodeDownSeconds.to} s to be noticed; each one is a small partition.`,
    },
  ];
}

function optionSignals(option: Option, situation: Situation, app: string): readonly Signal[] {
  const { cluster, answers } = situation;
  const roundTrip = roundTripOf(cluster) ?? 1;
  const known = roundTripOf(cluster) === undefined ? ' (round trip unknown, 1 ms taken)' : '';
  const writes = answers.writesPerSecond;
  const found: Signal[] = [];
  if (option.decides === 'majority' && option.id !== 'mnesia-majority') {
    found.push(
      {
        name: 'Leader changes',
        read: '`:ra_leaderboard.lookup_leader(cluster_name)` on every node, counted when it changes; `term` in `:ra.key_metrics(server_id)`',
        warn: 'more than 1 in 10 minutes outside of a deploy',
        page: 'more than 5 in 10 minutes, or no leader for 30 s',
        why: 'Each change is a pause; many are a link or a disk that comes and goes. Nodes that name different leaders are in different partitions.',
      },
      {
        name: 'Commit latency',
        read: '`commit_latency` in `:ra.key_metrics(server_id)`, and the time of your own commands',
        warn: `p99 above ${grouped(Math.ceil(2 * roundTrip + commitOverheadMs))} ms: two round trips and a disk${known}`,
        page: `p99 above ${grouped(Math.ceil(10 * roundTrip + 5 * commitOverheadMs))} ms for 5 minutes`,
        why: 'The slowest of the majority sets the pace.',
      },
      {
        name: 'Commit lag',
        read: '`commit_index - last_applied` in `:ra.key_metrics(server_id)` on each member',
        warn: `more than ${grouped(Math.max(100, Math.ceil((writes ?? 100) * lagSeconds)))} entries: ${lagSeconds} s of writes${writes === undefined ? ' (load unknown, 100/s taken)' : ''}`,
        why: 'A member that falls behind cannot take over quickly, and reads from it are old.',
      },
      {
        name: 'Disk of the log',
        read: 'free space and write latency of `data_dir`',
        warn: '20 % free',
        page: '10 % free, or writes above 100 ms',
        why: 'A full disk stops a voter; a slow one slows every write it is needed for.',
      },
    );
  }
  if (usesLease(option)) {
    const lease = leaseOf(leaseTerms(roundTrip));
    found.push({
      name: 'Lease',
      read: 'time left at each renewal, time without a holder, refused fencing numbers',
      warn: `renewed with less than ${grouped(Math.floor(lease.holderStopsMs / 3))} ms left, for a lease of ${grouped(lease.grantorWaitsMs)} ms`,
      page: `no holder for ${grouped(2 * lease.takeoverWithinMs)} ms, or any refused fencing number: somebody late tried to write`,
      why: 'A refused number is a split brain that was prevented: find the pause that made it.',
    });
  }
  switch (option.id) {
    case 'delta-crdt':
      found.push(
        {
          name: 'Merge backlog',
          read: '`Process.info(Process.whereis(name), :message_queue_len)` of the CRDT process',
          warn: `more than ${grouped(Math.max(50, Math.ceil((writes ?? 100) * 1)))}: a second of writes${writes === undefined ? ' (load unknown, 100/s taken)' : ''}`,
          page: `more than ${grouped(Math.max(500, Math.ceil((writes ?? 100) * 30)))}, or growing for 5 minutes`,
          why: 'It sends 200 keys per 200 ms to a neighbour: more writes than that never arrive.',
        },
        {
          name: 'Divergence',
          read: '`:erlang.phash2(DeltaCrdt.to_map(name))` on every node, compared in a quiet moment',
          warn: 'different for more than 1 minute without a partition',
          page: 'different for more than 10 minutes',
          why: 'A neighbour that is missing on one side makes replication one-way and says nothing.',
        },
        {
          name: 'Neighbours',
          read: 'the list given to `DeltaCrdt.set_neighbours/2`, compared with the configured nodes',
          warn: 'any missing for 1 minute',
          why: 'The call replaces the list: the last caller wins.',
        },
      );
      break;
    case 'phoenix-tracker':
      found.push({
        name: 'Presence',
        read: '`length(Phoenix.Tracker.list(tracker, topic))` on every node',
        warn: 'nodes differ by more than 5 % for 1 minute',
        why: 'Replicas that do not hear each other list their own side.',
      });
      break;
    case 'document-crdt':
      found.push({
        name: 'Unstored updates',
        read: 'age of the oldest update that the persistence module has not stored',
        warn: 'more than 10 s',
        page: 'more than 5 minutes',
        why: 'What is not stored is lost when the node and the clients go.',
      });
      break;
    case 'mnesia':
    case 'mnesia-majority':
      found.push({
        name: 'Inconsistent database',
        read: '`:mnesia.subscribe(:system)` and `{:mnesia_system_event, {:inconsistent_database, context, node}}`',
        warn: 'never only a warning',
        page: 'any: the nodes stay apart until somebody acts',
        why: 'Mnesia does not merge.',
      });
      break;
    case 'oban':
      found.push(
        {
          name: 'Leader',
          read: '`Oban.Peer.get_leader(Oban)` on every node',
          warn: 'none for 60 s',
          page: 'none for 5 minutes: no scheduled job is inserted',
          why: 'A new leader takes up to 30 s after a crash.',
        },
        {
          name: 'Queue latency',
          read: 'age of the oldest available job in `oban_jobs`',
          warn: 'above 60 s',
          page: 'above 10 minutes',
          why: 'Nobody runs the jobs, or too few.',
        },
      );
      break;
    case 'global':
    case 'highlander':
    case 'horde-uniform':
    case 'horde-quorum':
    case 'syn':
    case 'swarm':
      found.push({
        name: 'Copies',
        read: 'each node reports whether it runs the process',
        warn: 'two for 10 s',
        page: 'two or none for 2 minutes',
        why: 'Two during a split is how it works; two after it is a fault.',
      });
      break;
    case 'local-cache':
    case 'distributed-cache':
      found.push({
        name: 'Hit rate',
        read: '`Cachex.stats/1`, or counters of your own',
        warn: 'half of last week’s',
        why: 'Misses fall on what the cache protects.',
      });
      break;
    case 'phoenix-pubsub':
      found.push({
        name: 'Resyncs',
        read: 'reads of the truth after a reconnect',
        warn: 'more than reconnects',
        why: 'Messages are lost without a trace; a resync is the only sign.',
      });
      break;
    case 'lww-register':
      found.push({
        name: 'Dropped writes',
        read: 'a counter in the merge, when two versions meet that neither follows',
        warn: 'any',
        why: 'Each is an acknowledged write that vanished.',
      });
      break;
    default:
      break;
  }
  if (option.service === 'postgres') {
    found.push({
      name: 'Transactions',
      read: `\`[:${app}, :repo, :query]\` telemetry: \`queue_time\`, \`query_time\``,
      warn: `p99 above ${grouped(Math.ceil(5 * roundTrip + commitOverheadMs))} ms, or queue_time above 50 ms`,
      page: 'errors above 1 % for 5 minutes',
      why: 'A queue in the pool is the first sign of a lock or a slow primary.',
    });
    found.push({
      name: 'Replication lag',
      read: '`SELECT now() - pg_last_xact_replay_timestamp()` on the replica',
      warn: 'more than 10 s',
      page: 'more than 5 minutes',
      why: 'What is not replicated is lost in a failover.',
    });
  }
  if (option.service === 'redis')
    found.push({
      name: 'Failovers',
      read: '`INFO replication`: role and offset',
      warn: 'any',
      why: 'The last acknowledged writes may be gone.',
    });
  if (option.service === 'etcd-consul')
    found.push({
      name: 'Service quorum',
      read: '`etcd_server_has_leader`, or `consul.raft.leader.lastContact`',
      warn: 'any leader change',
      page: 'no leader',
      why: 'Without it nothing is granted.',
    });
  return found;
}

/** Whether an option hands out a role for a time, so that clock rates matter. */
export function usesLease(option: Option | undefined): boolean {
  return option !== undefined && ['ra-leader', 'postgres-lock', 'service-lock', 'redis-lock', 'multi-raft'].includes(option.id);
}

/** The lease suggested for a round trip in milliseconds. */
export function leaseTerms(roundTripMs: number) {
  return { durationMs: suggestedLeaseMs(roundTripMs), driftPpm: beamDriftPpm, pauseMs: 1_000, roundTripMs };
}

function leaseOf(terms: ReturnType<typeof leaseTerms>) {
  const none = {
    holderStopsMs: 0,
    renewEveryMs: 0,
    grantorWaitsMs: terms.durationMs,
    marginMs: terms.durationMs,
    takeoverWithinMs: terms.durationMs,
  };
  return leaseSchedule(terms) ?? none;
}
