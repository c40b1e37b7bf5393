/**
 * Distributed Erlang: connections that two nodes open, hold and lose, each end for itself. A silent link is noticed by each end after 0.75 to
 * 1.25 of the tick time; until then messages wait and arrive if the link heals; what was not delivered when an end gives up is lost.
 * A connection keeps the order of its messages.
 */
import type { Links, Transport } from './network';
import type { Random } from './random';
import type { NetworkSettings } from './types';

/** What distributed Erlang needs of the engine. */
export interface DistributionHost {
  readonly size: number;
  readonly links: Links;
  readonly settings: NetworkSettings;
  readonly random: Random;
  now(): number;
  schedule(delay: number, act: () => void): void;
  /** Lets a running node act: later if it is frozen, never if it is down. */
  on(node: number, act: () => void): void;
  /** Neither down nor frozen. */
  awake(node: number): boolean;
  nodeUp(node: number, peer: number): void;
  nodeDown(node: number, peer: number): void;
  note(node: number, text: string): void;
  name(node: number): string;
}

/** Connections between all nodes; the engine reports what happens to links and machines. */
export interface Distribution extends Transport {
  /** The peers whose connection this node's end holds. */
  connected(node: number): readonly number[];
  linkCut(a: number, b: number): void;
  linkHealed(a: number, b: number): void;
  crashed(node: number): void;
  /** Connects at once and, if settings say so, tries again and again. */
  started(node: number): void;
  frozen(node: number): void;
}

interface Held {
  readonly connection: number;
  readonly deliver: () => void;
}

/** All nodes begin connected with each other. */
export function distribution(host: DistributionHost): Distribution {
  const { size, links, settings, random } = host;
  const [shortest, longest] = settings.latency;
  // The connection that the end at `node` holds to `peer`, 0 for none.
  const ends = new Int32Array(size * size);
  const lastArrival = new Float64Array(size * size);
  const held: Held[][] = Array.from({ length: size * size }, () => []);
  const silences = new Int32Array(size * size);
  const freezes = new Int32Array(size);
  const starts = new Int32Array(size);
  // Which start of the peer the connection was made with.
  const startOfPeer = new Int32Array(size * size);
  let connections = 0;

  function slot(node: number, peer: number): number {
    return node * size + peer;
  }

  function end(node: number, peer: number): number {
    return ends[slot(node, peer)] as number;
  }

  function latency(): number {
    return random.between(shortest, longest);
  }

  function tickTimeout(): number {
    return Math.round(settings.tick * (0.75 + 0.5 * random.next()));
  }

  function connected(node: number): readonly number[] {
    const peers: number[] = [];
    for (let peer = 0; peer < size; peer++) if (end(node, peer) !== 0) peers.push(peer);
    return peers;
  }

  function join(a: number, b: number): void {
    connections++;
    for (const [node, peer] of bothWays(a, b)) {
      ends[slot(node, peer)] = connections;
      startOfPeer[slot(node, peer)] = starts[peer] as number;
      held[slot(node, peer)] = [];
      lastArrival[slot(node, peer)] = 0;
    }
  }

  /** The end at `node` gives the connection up; the other end hears of it when the link carries packets. */
  function close(node: number, peer: number, connection: number): void {
    if (end(node, peer) !== connection) return;
    ends[slot(node, peer)] = 0;
    host.nodeDown(node, peer);
    if (links.whole(node, peer)) closeLater(peer, node, connection);
    if (settings.preventOverlapping) report(node, peer, startOfPeer[slot(node, peer)] as number);
  }

  /** What `peer` sent before it closed arrives before the news. */
  function closeLater(node: number, peer: number, connection: number): void {
    travel(peer, node, () => host.on(node, () => close(node, peer, connection)));
  }

  /** Arrives after everything that was sent before it in this direction. */
  function travel(from: number, to: number, arrival: () => void): void {
    const now = host.now();
    const at = Math.max(now + latency(), lastArrival[slot(from, to)] as number);
    lastArrival[slot(from, to)] = at;
    host.schedule(at - now, arrival);
  }

  /** `:global` at `node` tells everyone that it lost `gone`; who is still connected with `gone` gives it up too. */
  function report(node: number, gone: number, start: number): void {
    for (const other of connected(node)) {
      send(node, other, () =>
        host.on(other, () => {
          const connection = end(other, gone);
          if (connection === 0 || startOfPeer[slot(other, gone)] !== start) return;
          host.note(other, `disconnects ${host.name(gone)}, which ${host.name(node)} lost, to prevent overlapping partitions`);
          close(other, gone, connection);
        }),
      );
    }
  }

  function expectSilence(node: number, peer: number): void {
    const connection = end(node, peer);
    if (connection === 0) return;
    const silence = silences[slot(node, peer)];
    host.schedule(tickTimeout(), () =>
      host.on(node, () => {
        if (silences[slot(node, peer)] === silence) close(node, peer, connection);
      }),
    );
  }

  function connect(node: number, peer: number): void {
    if (end(node, peer) !== 0 || !links.whole(node, peer)) return;
    host.schedule(latency(), () => {
      if (!links.whole(node, peer) || !host.awake(node) || !host.awake(peer) || end(node, peer) !== 0) return;
      const stale = end(peer, node);
      if (stale !== 0) close(peer, node, stale);
      join(node, peer);
      host.nodeUp(node, peer);
      host.nodeUp(peer, node);
      if (settings.preventOverlapping) meetPeersOf(node, peer);
      if (settings.preventOverlapping) meetPeersOf(peer, node);
    });
  }

  /** `:global` wants a full mesh: `node` connects with the peers of its new peer, and reports those that it cannot reach. */
  function meetPeersOf(node: number, peer: number): void {
    host.schedule(Math.max(4 * longest, Math.round(settings.tick / 8)), () =>
      host.on(node, () => {
        if (end(node, peer) === 0) return;
        for (const third of connected(peer)) {
          if (third === node || end(node, third) !== 0) continue;
          if (links.whole(node, third) && host.awake(third)) connect(node, third);
          else report(node, third, startOfPeer[slot(peer, third)] as number);
        }
      }),
    );
  }

  function connectAll(node: number): void {
    for (let peer = 0; peer < size; peer++) if (peer !== node) connect(node, peer);
  }

  function poll(node: number, start: number): void {
    if (settings.reconnect === 0) return;
    host.schedule(settings.reconnect, () =>
      host.on(node, () => {
        if (starts[node] !== start) return;
        connectAll(node);
        poll(node, start);
      }),
    );
  }

  function arrive(from: number, to: number, message: Held): void {
    const waiting = held[slot(from, to)] as Held[];
    if (!links.whole(from, to) || waiting.length > 0) waiting.push(message);
    else if (end(to, from) === message.connection) message.deliver();
  }

  function drain(from: number, to: number): void {
    if (!links.whole(from, to)) return;
    const waiting = held[slot(from, to)] as Held[];
    held[slot(from, to)] = [];
    for (const message of waiting) if (end(to, from) === message.connection) message.deliver();
  }

  function send(from: number, to: number, deliver: () => void): void {
    const connection = end(from, to);
    if (connection === 0) return;
    travel(from, to, () => arrive(from, to, { connection, deliver }));
  }

  for (let a = 0; a < size; a++) for (let b = a + 1; b < size; b++) join(a, b);

  return {
    send,
    connected,
    linkCut(a, b) {
      expectSilence(a, b);
      expectSilence(b, a);
    },
    linkHealed(a, b) {
      for (const [node, peer] of bothWays(a, b)) {
        silences[slot(node, peer)] = (silences[slot(node, peer)] as number) + 1;
        host.schedule(latency(), () => drain(node, peer));
        const connection = end(node, peer);
        if (connection !== 0 && end(peer, node) !== connection) closeLater(node, peer, connection);
      }
    },
    crashed(node) {
      for (let peer = 0; peer < size; peer++) {
        ends[slot(node, peer)] = 0;
        const connection = end(peer, node);
        if (connection !== 0 && links.whole(node, peer)) closeLater(peer, node, connection);
      }
    },
    started(node) {
      starts[node] = (starts[node] as number) + 1;
      connectAll(node);
      poll(node, starts[node]);
    },
    frozen(node) {
      freezes[node] = (freezes[node] as number) + 1;
      const freeze = freezes[node];
      for (const peer of connected(node)) {
        const connection = end(peer, node);
        if (connection === 0) continue;
        host.schedule(tickTimeout(), () =>
          host.on(peer, () => {
            if (!host.awake(node) && freezes[node] === freeze) close(peer, node, connection);
          }),
        );
      }
    },
  };
}

function bothWays(a: number, b: number): readonly (readonly [number, number])[] {
  return [
    [a, b],
    [b, a],
  ];
}
