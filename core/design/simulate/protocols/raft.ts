/** Raft, as in the paper (Ongaro and Ousterhout, 2014) with the leader leases of its dissertation; no membership change, no snapshots. */
import { majority } from '../../quorum';
import type { Host, Pending, Protocol, ProtocolOption, RaftEntry, Replica, ReplicaView, Timer } from '../protocol';
import { optionValue } from '../protocol';
import { answerRead, type Cell, changed, toRecord } from './cells';

/** The decisions that Raft's safety hangs on, apart, so that a test can show that each one is needed. */
export interface RaftRules {
  /** How many of `nodes`, this one included, elect a leader and commit an entry. */
  quorum(nodes: number): number;
  /** Whether a leader of `term` may take an entry of `entryTerm` for committed because a quorum holds it. */
  mayCommit(entryTerm: number, term: number): boolean;
  /** Whether a candidate's log (its last term and length) is complete enough for the vote of a node with such a log. */
  mayVote(candidateTerm: number, candidateLength: number, ownTerm: number, ownLength: number): boolean;
  /** Whether entries fit behind a place where the leader has `sentTerm` and this log `ownTerm`. */
  fits(ownTerm: number, sentTerm: number): boolean;
  /** Whether the entry in this log, of `ownTerm`, has to give way to the leader's, of `sentTerm`. */
  givesWay(ownTerm: number, sentTerm: number): boolean;
  /** Where leaders have leases: whether a node that heard from a leader so long ago may help to elect another. */
  mayReplace(sinceHeard: number, shortestTimeout: number): boolean;
  /** How long a lease lasts, given the shortest election time-out. */
  lease(shortestTimeout: number): number;
}

/** The rules of the paper. */
export const raftRules: RaftRules = {
  quorum: majority,
  mayCommit: (entryTerm, term) => entryTerm === term,
  mayVote: (candidateTerm, candidateLength, ownTerm, ownLength) =>
    candidateTerm > ownTerm || (candidateTerm === ownTerm && candidateLength >= ownLength),
  fits: (ownTerm, sentTerm) => ownTerm === sentTerm,
  givesWay: (ownTerm, sentTerm) => ownTerm !== sentTerm,
  mayReplace: (sinceHeard, shortestTimeout) => sinceHeard >= shortestTimeout,
  // A tenth of margin: two clocks may differ in rate by that much.
  lease: (shortestTimeout) => shortestTimeout * 0.9,
};

/** Milliseconds. */
const heartbeat = 50;
const shortestTimeout = 150;
const longestTimeout = 300;

const leaseClaim = 'the holder of the lease';

const readsOption: ProtocolOption = {
  name: 'reads',
  help: 'How a read is answered.',
  choices: [
    { value: 'quorum', help: 'The leader asks a majority whether it still leads, then answers: linearizable.' },
    {
      value: 'lease',
      help: 'The leader answers alone while its lease runs, measured with its monotonic clock and a margin of a tenth for drift.',
    },
    { value: 'wall-clock-lease', help: 'The same lease, measured with the wall clock: a jump backwards prolongs it.' },
    { value: 'local', help: 'Any node answers from its own copy, however old that is.' },
  ],
};

const batchOption: ProtocolOption = {
  name: 'batch',
  help: 'How many entries go into one message.',
  choices: [
    { value: '128', help: 'As many as :ra sends by default.' },
    { value: '1', help: 'One at a time: a follower that is behind stays behind longer.' },
  ],
};

/** The two remote procedure calls of the paper, each with its answer. */
export type RaftMessage =
  | { readonly type: 'ask-vote'; readonly term: number; readonly lastTerm: number; readonly length: number }
  | { readonly type: 'vote'; readonly term: number; readonly granted: boolean }
  | {
      readonly type: 'append';
      readonly term: number;
      readonly previous: number;
      readonly previousTerm: number;
      readonly entries: readonly RaftEntry[];
      readonly commit: number;
      /** The leader's clock, returned with the answer: what proves that it led then. */
      readonly sentAt: number;
    }
  | {
      readonly type: 'appended';
      readonly term: number;
      readonly success: boolean;
      /** On success how far the logs agree; else how far they may agree at most. */
      readonly matching: number;
      readonly sentAt: number;
    };

/** What a node must find again after a crash; written before any message that depends on it leaves. */
export interface RaftDisk {
  readonly term: number;
  readonly votedFor: number | undefined;
  readonly log: readonly RaftEntry[];
}

interface WaitingRead {
  readonly request: Pending;
  readonly askedAt: number;
  /** The state must include everything up to here. */
  readonly index: number;
}

/** Raft by the given rules. */
export function raftWith(rules: RaftRules): Protocol<RaftMessage, RaftDisk> {
  return {
    name: 'raft',
    title: 'Raft',
    summary:
      'A leader, elected by a majority for a term, orders all writes in a replicated log; an entry counts once a majority holds it. ' +
      'The side of a partition without a majority can neither elect a leader nor commit.',
    requests: ['write', 'add', 'read'],
    options: [readsOption, batchOption],
    transport: 'datagrams',
    keeping: () => 'majority',
    holdsOnDisk: (disk) => writesInLog(disk.log),
    start: (host, options, disk) => start(host, rules, optionValue(options, readsOption), Number(optionValue(options, batchOption)), disk),
  };
}

/** Raft by the rules of the paper. */
export const raft: Protocol<RaftMessage, RaftDisk> = raftWith(raftRules);

function start(
  host: Host<RaftMessage>,
  rules: RaftRules,
  reads: string,
  batch: number,
  disk: RaftDisk | undefined,
): Replica<RaftMessage, RaftDisk> {
  const { self, size } = host;
  const quorum = rules.quorum(size);
  const leased = reads === 'lease' || reads === 'wall-clock-lease';

  let term = disk?.term ?? 0;
  let votedFor = disk?.votedFor;
  const log: RaftEntry[] = [...(disk?.log ?? [])];

  let role: 'leader' | 'candidate' | 'follower' = 'follower';
  let leader: number | undefined;
  let commit = 0;
  let applied = 0;
  const values = new Map<string, Cell>();

  // Nobody knows what a leader promised just before this node started, so it counts as heard now.
  let heardAt = host.monotonic();
  let deadline = 0;
  let watching = false;

  let ledTerm = '';
  let votes = new Set<number>();
  let next: number[] = [];
  let match: number[] = [];
  let provenAt: number[] = [];
  let leaseSentAt: number[] = [];
  let beat: Timer | undefined;
  const promised = new Map<number, Pending>();
  let waitingReads: WaitingRead[] = [];

  host.observe({ type: 'started', log });
  postpone();
  watch();

  function termAt(index: number): number {
    return log[index - 1]?.term ?? 0;
  }

  function peers(act: (peer: number) => void): void {
    for (let peer = 0; peer < size; peer++) if (peer !== self) act(peer);
  }

  /** The lease's clock. */
  function leaseClock(): number {
    return reads === 'wall-clock-lease' ? host.wall() : host.monotonic();
  }

  // Elections

  function postpone(): void {
    deadline = host.monotonic() + host.random(shortestTimeout, longestTimeout);
  }

  function watch(): void {
    watching = true;
    const left = deadline - host.monotonic();
    host.after(Math.max(left, 1), () => {
      watching = false;
      if (role === 'leader') return;
      if (host.monotonic() >= deadline) campaign();
      else watch();
    });
  }

  function campaign(): void {
    term++;
    role = 'candidate';
    leader = undefined;
    votedFor = self;
    votes = new Set([self]);
    host.note(`stands for election in term ${term}`);
    postpone();
    watch();
    peers((peer) => host.send(peer, { type: 'ask-vote', term, lastTerm: termAt(log.length), length: log.length }));
    countVotes();
  }

  function countVotes(): void {
    if (role === 'candidate' && votes.size >= quorum) lead();
  }

  function lead(): void {
    role = 'leader';
    leader = self;
    next = new Array(size).fill(log.length + 1);
    match = new Array(size).fill(0);
    provenAt = new Array(size).fill(Number.NEGATIVE_INFINITY);
    leaseSentAt = new Array(size).fill(Number.NEGATIVE_INFINITY);
    ledTerm = `the leader of term ${term}`;
    host.claim(ledTerm, true);
    host.note(`becomes the leader of term ${term}`);
    host.observe({ type: 'elected', term });
    append({ term });
    keepBeating();
  }

  function keepBeating(): void {
    beat = host.after(heartbeat, () => {
      replicate();
      keepBeating();
    });
  }

  /** Enters a newer term, or gives up a candidacy or the lead of this one. */
  function follow(newTerm: number): void {
    if (newTerm > term) {
      term = newTerm;
      votedFor = undefined;
      leader = undefined;
    }
    if (role === 'leader') resign();
    role = 'follower';
    if (!watching) watch();
  }

  function resign(): void {
    host.claim(ledTerm, false);
    if (leased) host.claim(leaseClaim, false);
    host.note('is no longer the leader');
    if (beat !== undefined) host.cancel(beat);
    beat = undefined;
    postpone();
    for (const request of promised.values()) host.leaveOpen(request, 'the leader was replaced before the entry was committed');
    promised.clear();
    for (const { request } of waitingReads) host.refuse(request, 'the leader was replaced');
    waitingReads = [];
  }

  function voteAsked(from: number, message: RaftMessage & { type: 'ask-vote' }): void {
    // Whoever has just heard from a leader does not help to replace it: else the leader's lease would be worth nothing.
    if (leased && !rules.mayReplace(host.monotonic() - heardAt, shortestTimeout)) return;
    if (message.term > term) follow(message.term);
    const granted =
      message.term === term &&
      (votedFor === undefined || votedFor === from) &&
      rules.mayVote(message.lastTerm, message.length, termAt(log.length), log.length);
    if (granted) {
      votedFor = from;
      postpone();
    }
    host.send(from, { type: 'vote', term, granted });
  }

  // Replication

  function append(entry: RaftEntry): void {
    log.push(entry);
    host.observe({ type: 'appended', index: log.length, entry });
    replicate();
    advance();
  }

  function replicate(): void {
    peers(replicateTo);
  }

  function replicateTo(peer: number): void {
    const previous = (next[peer] as number) - 1;
    host.send(peer, {
      type: 'append',
      term,
      previous,
      previousTerm: termAt(previous),
      entries: log.slice(previous, previous + batch),
      commit,
      sentAt: leased ? leaseClock() : host.monotonic(),
    });
  }

  function appendAsked(from: number, message: RaftMessage & { type: 'append' }): void {
    const { previous, sentAt } = message;
    if (message.term < term) {
      host.send(from, { type: 'appended', term, success: false, matching: 0, sentAt });
      return;
    }
    if (message.term > term || role !== 'follower') follow(message.term);
    leader = from;
    heardAt = host.monotonic();
    postpone();
    if (previous > log.length || (previous > 0 && !rules.fits(termAt(previous), message.previousTerm))) {
      const matching = Math.min(previous - 1, log.length);
      host.send(from, { type: 'appended', term, success: false, matching, sentAt });
      return;
    }
    for (const [offset, entry] of message.entries.entries()) {
      const index = previous + offset + 1;
      if (index <= log.length && !rules.givesWay(termAt(index), entry.term)) continue;
      log.length = index - 1;
      log.push(entry);
      host.observe({ type: 'appended', index, entry });
    }
    const matching = previous + message.entries.length;
    if (message.commit > commit) commitUpTo(Math.min(message.commit, matching));
    host.send(from, { type: 'appended', term, success: true, matching, sentAt });
  }

  function appendAnswered(from: number, message: RaftMessage & { type: 'appended' }): void {
    if (message.term > term) {
      follow(message.term);
      return;
    }
    if (role !== 'leader' || message.term < term) return;
    if (leased) leaseSentAt[from] = Math.max(leaseSentAt[from] as number, message.sentAt);
    else provenAt[from] = Math.max(provenAt[from] as number, message.sentAt);
    if (message.success) {
      next[from] = Math.max(next[from] as number, message.matching + 1);
      if (message.matching > (match[from] as number)) {
        match[from] = message.matching;
        advance();
      }
      if ((next[from] as number) <= log.length && message.matching + 1 === next[from]) replicateTo(from);
    } else {
      const earlier = Math.max(match[from] as number, message.matching) + 1;
      if (earlier < (next[from] as number)) {
        next[from] = earlier;
        replicateTo(from);
      }
    }
    if (leased && knowsCommitted()) host.claim(leaseClaim, leaseRuns);
    answerReads();
  }

  /** The highest value that a quorum has reached, with this node at `own`. */
  function reachedByQuorum(reached: readonly number[], own: number): number {
    const all = reached.map((value, node) => (node === self ? own : value)).sort((a, b) => b - a);
    return all[quorum - 1] ?? all.at(-1) ?? own;
  }

  function advance(): void {
    const index = reachedByQuorum(match, log.length);
    if (index > commit && rules.mayCommit(termAt(index), term)) commitUpTo(index);
  }

  function commitUpTo(index: number): void {
    if (index <= commit) return;
    commit = index;
    while (applied < commit) apply(++applied);
    answerReads();
  }

  function apply(index: number): void {
    const entry = log[index - 1];
    if (entry === undefined) return;
    host.observe({ type: 'applied', index, entry, term });
    const request = entry.request;
    if (request === undefined) return;
    values.set(request.key, changed(values.get(request.key), request));
    if (promised.get(index) === request && role === 'leader') host.accept(request);
    promised.delete(index);
  }

  // Clients

  function asked(request: Pending): void {
    if (request.kind === 'read' && reads === 'local') {
      answerRead(host, values.get(request.key), request);
      return;
    }
    if (role !== 'leader') {
      if (leader === undefined) {
        host.refuse(request, 'no leader is known');
        return;
      }
      host.forward(request, leader);
      return;
    }
    if (request.kind === 'read') {
      waitingReads.push({ request, askedAt: host.monotonic(), index: commit });
      if (!leased) replicate();
      answerReads();
      return;
    }
    host.builtOn(request.id, writesUnder(request.key).slice(-1));
    promised.set(log.length + 1, request);
    append({ term, request });
  }

  function writesUnder(key: string): readonly number[] {
    return log.flatMap((entry) => (entry.request?.key === key ? [entry.request.id] : []));
  }

  /** Until an entry of its own term is committed, a new leader does not know how far its predecessors had committed. */
  function knowsCommitted(): boolean {
    return termAt(commit) === term;
  }

  function leads(read: WaitingRead): boolean {
    return leased ? leaseRuns() : reachedByQuorum(provenAt, host.monotonic()) >= read.askedAt;
  }

  function leaseRuns(): boolean {
    const now = leaseClock();
    return now < reachedByQuorum(leaseSentAt, now) + rules.lease(shortestTimeout);
  }

  function answerReads(): void {
    if (role !== 'leader' || waitingReads.length === 0 || !knowsCommitted()) return;
    const still: WaitingRead[] = [];
    for (const read of waitingReads) {
      if (applied >= read.index && leads(read)) answerRead(host, values.get(read.request.key), read.request);
      else still.push(read);
    }
    waitingReads = still;
  }

  function view(): ReplicaView {
    return {
      role,
      term,
      ...(leader === undefined ? {} : { leader }),
      log: log.map((entry) => ({ term: entry.term, text: describe(entry) })),
      committed: commit,
      data: toRecord(values),
    };
  }

  return {
    receive(from, message) {
      switch (message.type) {
        case 'ask-vote':
          return voteAsked(from, message);
        case 'vote':
          if (message.term > term) return follow(message.term);
          if (message.granted && message.term === term) votes.add(from);
          return countVotes();
        case 'append':
          return appendAsked(from, message);
        case 'appended':
          return appendAnswered(from, message);
      }
    },
    request: asked,
    crash: () => ({ term, votedFor, log: [...log] }),
    view,
    holds: () => writesInLog(log),
  };
}

function writesInLog(log: readonly RaftEntry[]): readonly number[] {
  return log.flatMap(({ request }) => (request === undefined ? [] : [request.id]));
}

function describe({ request }: RaftEntry): string {
  if (request === undefined) return 'no-op';
  return request.kind === 'add' ? `${request.key} += ${request.by}` : `${request.key} := ${request.value}`;
}
