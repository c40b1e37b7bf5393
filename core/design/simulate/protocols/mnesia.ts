/**
 * A Mnesia table with a disc copy on every node, written in transactions; reads are answered from the local copy. After a partition Mnesia does
 * not merge: nodes that lost each other stay apart until one of them is restarted and loads its table from the first one that answers.
 */
import { hasQuorum } from '../../quorum';
import type { Host, Pending, Protocol, ProtocolOption, Replica } from '../protocol';
import { optionValue } from '../protocol';
import { answerRead, type Cell, type Cells, changed, toRecord, writesIn, writesOf } from './cells';

const majorityOption: ProtocolOption = {
  name: 'majority',
  help: "The table's property of that name.",
  choices: [
    { value: 'false', help: 'The default: every side of a partition writes on.' },
    { value: 'true', help: 'A transaction that does not reach most of the copies is aborted with {:no_majority, table}.' },
  ],
};

/** What nodes tell each other about transactions and copies. */
export type MnesiaMessage =
  | {
      readonly type: 'prepare';
      readonly transaction: string;
      readonly key: string;
      readonly cell: Cell;
      readonly copies: readonly number[];
    }
  | { readonly type: 'vote'; readonly transaction: string; readonly yes: boolean }
  | { readonly type: 'pre-commit' | 'pre-committed' | 'commit' | 'abort' | 'ask-outcome'; readonly transaction: string }
  | { readonly type: 'outcome'; readonly transaction: string; readonly committed: boolean }
  /** Two nodes connect: whether the table is loaded, and how many others the sender saw go down. */
  | { readonly type: 'hello'; readonly loaded: boolean; readonly survived: number }
  | { readonly type: 'table'; readonly table: Cells; readonly active: readonly number[] }
  | { readonly type: 'joined'; readonly node: number };

/** What stays on disc: the table, the log of `mnesia_down`, the outcomes of transactions, and those whose outcome is unclear. */
interface MnesiaDisk {
  readonly table: Cells;
  readonly unclear: ReadonlyMap<string, Taken>;
  readonly downs: readonly number[];
  readonly outcomes: ReadonlyMap<string, boolean>;
}

/** How long a transaction sleeps that met a lock, and how often it tries. Milliseconds. */
const retry = [10, 30] as const;
const attempts = 40;

/** Transactions with two phases, or three with majority. */
export const mnesia: Protocol<MnesiaMessage, MnesiaDisk> = {
  name: 'mnesia',
  title: 'Mnesia table',
  summary:
    'Transactions commit on all copies that the node can reach. Without majority both sides of a partition go on alone, and Mnesia never merges them: ' +
    "a restarted node takes over the others' copy and its own writes are gone. With majority the smaller side refuses writes, but still answers reads.",
  requests: ['write', 'add', 'read'],
  options: [majorityOption],
  transport: 'distribution',
  keeping: (options) => (optionValue(options, majorityOption) === 'true' ? 'majority' : 'all'),
  holdsOnDisk: (disk) => writesIn(disk.table),
  start: (host, options, disk) => start(host, optionValue(options, majorityOption) === 'true', disk),
};

/** How long a starting node looks for running ones, which have the last word, before it thinks of its own copy. Milliseconds. */
const connectTime = 200;

/** A transaction that this node coordinates. */
interface Coordinated {
  readonly request: Pending;
  readonly attempt: number;
  readonly key: string;
  readonly cell: Cell;
  readonly participants: readonly number[];
  readonly awaited: Set<number>;
  stage: 'prepare' | 'pre-commit';
}

/** A transaction that another node coordinates. */
interface Taken {
  readonly coordinator: number;
  readonly key: string;
  readonly cell: Cell;
  stage: 'prepared' | 'pre-committed';
}

function start(host: Host<MnesiaMessage>, needsMajority: boolean, disk: MnesiaDisk | undefined): Replica<MnesiaMessage, MnesiaDisk> {
  const { self, size } = host;
  const table = new Map(disk?.table);
  const downs = new Set(disk?.downs);
  const outcomes = new Map(disk?.outcomes);
  const active = new Set<number>(host.first ? [self, ...host.connected()] : []);
  const locks = new Map<string, string>();
  const coordinated = new Map<string, Coordinated>();
  const taken = new Map(disk?.unclear);
  const waiting = new Map<number, number>();
  const joining = new Set<number>();
  const expected = new Set<number>();
  let loaded = host.first;

  for (const [transaction, { key }] of taken) locks.set(key, transaction);
  if (!loaded) host.after(connectTime, loadOwnCopy);

  // Transactions

  function begin(request: Pending, attempt: number): void {
    if (!loaded) {
      host.refuse(request, 'the table is not loaded');
      return;
    }
    if (needsMajority && !hasQuorum(active.size, size)) {
      host.refuse(request, '{:aborted, {:no_majority, table}}');
      return;
    }
    if (attempt > attempts) {
      host.refuse(request, 'the record stayed locked');
      return;
    }
    if (locks.has(request.key)) {
      again(request, attempt);
      return;
    }
    const transaction = `${request.id}.${attempt}`;
    const cell = changed(table.get(request.key), request);
    const participants = [...active].filter((node) => node !== self);
    locks.set(request.key, transaction);
    coordinated.set(transaction, {
      request,
      attempt,
      key: request.key,
      cell,
      participants,
      awaited: new Set(participants),
      stage: 'prepare',
    });
    for (const peer of participants) host.send(peer, { type: 'prepare', transaction, key: request.key, cell, copies: [...active] });
    proceed(transaction);
  }

  function again(request: Pending, attempt: number): void {
    host.after(host.random(...retry), () => begin(request, attempt + 1));
  }

  /** All have answered: on to the next phase. Tables with majority have a third one, in which everyone learns that everyone agreed. */
  function proceed(transaction: string): void {
    const own = coordinated.get(transaction);
    if (own === undefined || own.awaited.size > 0) return;
    if (needsMajority && own.stage === 'prepare') {
      own.stage = 'pre-commit';
      for (const peer of own.participants) own.awaited.add(peer);
      for (const peer of own.participants) host.send(peer, { type: 'pre-commit', transaction });
      if (own.participants.length > 0) return;
    }
    coordinated.delete(transaction);
    outcomes.set(transaction, true);
    store(own.key, own.cell, own.request);
    release(own.key, transaction);
    host.accept(own.request);
    for (const peer of own.participants) host.send(peer, { type: 'commit', transaction });
  }

  function abort(transaction: string): void {
    const own = coordinated.get(transaction);
    if (own === undefined) return;
    coordinated.delete(transaction);
    outcomes.set(transaction, false);
    release(own.key, transaction);
    for (const peer of own.participants) host.send(peer, { type: 'abort', transaction });
    again(own.request, own.attempt);
  }

  function store(key: string, cell: Cell, request?: Pending): void {
    if (request !== undefined) host.builtOn(request.id, writesOf(table.get(key)));
    table.set(key, cell);
  }

  function release(key: string, transaction: string): void {
    if (locks.get(key) === transaction) locks.delete(key);
    welcomeJoining();
  }

  function prepare(from: number, message: MnesiaMessage & { type: 'prepare' }): void {
    const { transaction, key, cell, copies } = message;
    const agreed = loaded && copies.length === active.size && copies.every((node) => active.has(node));
    const yes = agreed && !locks.has(key);
    if (yes) {
      locks.set(key, transaction);
      taken.set(transaction, { coordinator: from, key, cell, stage: 'prepared' });
    }
    host.send(from, { type: 'vote', transaction, yes });
  }

  function preCommit(from: number, transaction: string): void {
    const theirs = taken.get(transaction);
    if (theirs === undefined) return;
    theirs.stage = 'pre-committed';
    host.send(from, { type: 'pre-committed', transaction });
  }

  function decide(transaction: string, committed: boolean): void {
    const theirs = taken.get(transaction);
    if (theirs === undefined) return;
    taken.delete(transaction);
    outcomes.set(transaction, committed);
    if (committed) store(theirs.key, theirs.cell);
    release(theirs.key, transaction);
  }

  /** Before the third phase a lost coordinator means abort; after it, only someone who knows the outcome can tell. */
  function coordinatorLost(peer: number): void {
    for (const [transaction, theirs] of [...taken]) {
      if (theirs.coordinator !== peer) continue;
      if (theirs.stage === 'prepared') decide(transaction, false);
      else for (const other of active) if (other !== self) host.send(other, { type: 'ask-outcome', transaction });
    }
  }

  function outcomeAsked(from: number, transaction: string): void {
    const theirs = taken.get(transaction);
    if (theirs?.stage === 'pre-committed' || coordinated.has(transaction)) return;
    if (theirs !== undefined) decide(transaction, false);
    host.send(from, { type: 'outcome', transaction, committed: outcomes.get(transaction) ?? false });
  }

  // Membership

  function nodeUp(peer: number): void {
    if (expected.delete(peer)) active.add(peer);
    host.send(peer, { type: 'hello', loaded, survived: downs.size });
    for (const [transaction, { coordinator }] of taken) if (coordinator === peer) host.send(peer, { type: 'ask-outcome', transaction });
  }

  function greeted(peer: number, message: MnesiaMessage & { type: 'hello' }): void {
    if (loaded && message.loaded) {
      if (!active.has(peer)) host.note(`reports inconsistent_database: running_partitioned_network, ${host.name(peer)}`);
    } else if (loaded) {
      joining.add(peer);
      welcomeJoining();
    } else if (!message.loaded) {
      waiting.set(peer, message.survived);
      loadOwnCopy();
    }
  }

  /** A copy is handed out only between transactions. */
  function welcomeJoining(): void {
    if (locks.size > 0) return;
    for (const peer of joining) {
      active.add(peer);
      downs.delete(peer);
      host.send(peer, { type: 'table', table: new Map(table), active: [...active] });
      for (const other of active) if (other !== self && other !== peer) host.send(other, { type: 'joined', node: peer });
    }
    joining.clear();
  }

  function loadTable(from: number, message: MnesiaMessage & { type: 'table' }): void {
    if (loaded) return;
    if (downs.has(from)) host.note(`reports inconsistent_database: starting_partitioned_network, ${host.name(from)}`);
    // Copies are handed out when every transaction there is decided.
    taken.clear();
    locks.clear();
    table.clear();
    for (const [key, cell] of message.table) table.set(key, cell);
    host.note(`loads the table from ${host.name(from)}; its own copy is replaced`);
    becomeActive(message.active);
  }

  /** A node loads its own copy if no other may have a newer one: it saw all others go, or they wait, too, and saw fewer go. */
  function loadOwnCopy(): void {
    const unknown = Array.from({ length: size }, (_, node) => node).filter(
      (node) => node !== self && !downs.has(node) && !waiting.has(node),
    );
    if (loaded || unknown.length > 0) return;
    for (const [peer, survived] of waiting) if (survived > downs.size || (survived === downs.size && peer < self)) return;
    host.note('loads its own copy of the table');
    becomeActive([self]);
    for (const peer of waiting.keys()) joining.add(peer);
    welcomeJoining();
  }

  function becomeActive(nodes: readonly number[]): void {
    loaded = true;
    for (const node of nodes) joined(node);
  }

  /** Takes a node for a part of the cluster, from the moment on that it is connected. */
  function joined(node: number): void {
    downs.delete(node);
    if (node === self || host.connected().includes(node)) active.add(node);
    else expected.add(node);
  }

  function nodeDown(peer: number): void {
    waiting.delete(peer);
    joining.delete(peer);
    expected.delete(peer);
    if (loaded) downs.add(peer);
    active.delete(peer);
    for (const [transaction, own] of [...coordinated]) if (own.participants.includes(peer)) abort(transaction);
    coordinatorLost(peer);
  }

  function read(request: Pending, attempt: number): void {
    if (!loaded) {
      host.refuse(request, 'the table is not loaded');
      return;
    }
    if (locks.has(request.key) && attempt <= attempts) {
      host.after(host.random(...retry), () => read(request, attempt + 1));
      return;
    }
    if (locks.has(request.key)) {
      host.refuse(request, 'the record stayed locked');
      return;
    }
    answerRead(host, table.get(request.key), request);
  }

  return {
    receive(from, message) {
      switch (message.type) {
        case 'prepare':
          return prepare(from, message);
        case 'vote':
          if (!message.yes) return abort(message.transaction);
          coordinated.get(message.transaction)?.awaited.delete(from);
          return proceed(message.transaction);
        case 'pre-commit':
          return preCommit(from, message.transaction);
        case 'pre-committed':
          coordinated.get(message.transaction)?.awaited.delete(from);
          return proceed(message.transaction);
        case 'commit':
        case 'abort':
          return decide(message.transaction, message.type === 'commit');
        case 'ask-outcome':
          return outcomeAsked(from, message.transaction);
        case 'outcome':
          return decide(message.transaction, message.committed);
        case 'hello':
          return greeted(from, message);
        case 'table':
          return loadTable(from, message);
        case 'joined':
          return joined(message.node);
      }
    },
    request: (request) => (request.kind === 'read' ? read(request, 1) : begin(request, 1)),
    nodeUp,
    nodeDown,
    crash: () => ({
      table: new Map(table),
      unclear: new Map([...taken].filter(([, { stage }]) => stage === 'pre-committed')),
      downs: [...downs],
      outcomes: new Map(outcomes),
    }),
    view: () => ({
      role: loaded ? 'replica' : 'idle',
      ...(loaded ? { data: toRecord(table) } : {}),
    }),
    holds: () => (loaded ? writesIn(table) : undefined),
  };
}
