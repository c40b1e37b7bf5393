/** A process registered with `:global`, started by every node that finds the name free. */
import type { Protocol, ProtocolOption } from '../protocol';
import { optionValue } from '../protocol';
import { type Cell, type Cells, serve, toRecord, writesIn } from './cells';

/** What the name servers tell each other. */
export type GlobalMessage =
  | { readonly type: 'lock' }
  | { readonly type: 'granted' | 'denied' | 'unlock' }
  | { readonly type: 'registered' }
  /** Two nodes that connect tell each other who has the name. */
  | { readonly type: 'name'; readonly holder: number | undefined }
  /** A loser that was told in time hands over what it has. */
  | { readonly type: 'hand-over'; readonly state: Cells };

const resolverOption: ProtocolOption = {
  name: 'resolver',
  help: 'What happens when two processes have the name.',
  choices: [
    {
      value: 'kill',
      help: 'The default, random_exit_name/3, which is not random: the process on the node whose name sorts later is killed, without terminate/2.',
    },
    { value: 'notify', help: 'random_notify_name/3: the loser is told, hands its state to the winner and stops.' },
  ],
};

const claim = 'the holder of the name';

/** How long a node that did not get the lock sleeps before it tries again, in milliseconds. */
const retry = [50, 250] as const;

/** A process that is registered once, kills or tells the loser of a conflict. */
export const globalName: Protocol<GlobalMessage, undefined> = {
  name: 'global-name',
  title: 'A name in :global',
  summary:
    'One process for the whole cluster, found by its name. A partition frees the name on the side without the process, so a second one starts there; ' +
    'when the sides meet again, :global kills one of them with all that it has.',
  requests: ['write', 'add', 'read'],
  options: [resolverOption],
  transport: 'distribution',
  keeping: () => 'all',
  start(host, options) {
    const { self } = host;
    const kills = optionValue(options, resolverOption) === 'kill';
    let holder: number | undefined = host.first ? 0 : undefined;
    let state: Map<string, Cell> | undefined = holder === self ? new Map() : undefined;
    let lockedBy: number | undefined;
    let awaited: Set<number> | undefined;

    if (holder === self) host.claim(claim, true);
    if (!host.first) tryLater();

    function tryLater(): void {
      host.after(host.random(...retry), () => {
        if (holder === undefined && awaited === undefined) lock();
      });
    }

    /** `:global.register_name` takes a lock on all nodes that it sees. */
    function lock(): void {
      if (lockedBy !== undefined) {
        tryLater();
        return;
      }
      lockedBy = self;
      awaited = new Set(host.connected());
      for (const peer of awaited) host.send(peer, { type: 'lock' });
      registerWhenLocked();
    }

    function unlock(): void {
      lockedBy = undefined;
      awaited = undefined;
      for (const peer of host.connected()) host.send(peer, { type: 'unlock' });
    }

    function registerWhenLocked(): void {
      if (awaited === undefined || awaited.size > 0) return;
      if (holder === undefined) {
        holder = self;
        state = new Map();
        host.claim(claim, true);
        host.note('starts the process and registers its name');
        for (const peer of host.connected()) host.send(peer, { type: 'registered' });
      }
      unlock();
    }

    function answerLock(from: number): void {
      const free = lockedBy === undefined || lockedBy === from;
      if (free) lockedBy = from;
      host.send(from, { type: free ? 'granted' : 'denied' });
    }

    function lockDenied(): void {
      if (awaited === undefined) return;
      unlock();
      tryLater();
    }

    /** Both nodes come to the same result: the holder whose name sorts first stays. */
    function resolve(theirs: number | undefined): void {
      if (theirs === undefined || holder === theirs) return;
      if (holder === undefined) {
        holder = theirs;
        return;
      }
      const winner = Math.min(holder, theirs);
      holder = winner;
      if (state === undefined || winner === self) return;
      host.claim(claim, false);
      host.note(kills ? 'loses the name: its process is killed' : 'loses the name: its process hands over and stops');
      if (!kills) host.send(winner, { type: 'hand-over', state });
      state = undefined;
    }

    function takeOver(theirs: Cells): void {
      if (state === undefined) return;
      for (const [key, cell] of theirs) if (!state.has(key)) state.set(key, cell);
    }

    return {
      receive(from, message) {
        switch (message.type) {
          case 'lock':
            return answerLock(from);
          case 'granted':
            awaited?.delete(from);
            return registerWhenLocked();
          case 'denied':
            return lockDenied();
          case 'unlock':
            if (lockedBy === from) lockedBy = undefined;
            return;
          case 'registered':
          case 'name':
            return resolve(message.type === 'name' ? message.holder : from);
          case 'hand-over':
            return takeOver(message.state);
        }
      },
      request(request) {
        if (state !== undefined) return serve(host, state, request);
        if (holder === undefined) return host.refuse(request, 'no process has the name');
        host.forward(request, holder);
      },
      nodeUp: (peer) => host.send(peer, { type: 'name', holder }),
      nodeDown(peer) {
        if (lockedBy === peer) lockedBy = undefined;
        awaited?.delete(peer);
        registerWhenLocked();
        if (holder !== peer) return;
        holder = undefined;
        host.note(`sees the name free: ${host.name(peer)} is gone`);
        tryLater();
      },
      crash: () => undefined,
      view: () => ({
        role: state === undefined ? 'idle' : 'holder',
        ...(holder === undefined ? {} : { leader: holder }),
        ...(state === undefined ? {} : { data: toRecord(state) }),
      }),
      holds: () => state && writesIn(state),
    };
  },
};
