/**
 * Leader election from what a node sees: when the leader's node goes down, the first of the visible nodes leads. The leader answers clients and
 * sends its changes to the followers without waiting for them. Two protocols differ in when a node may lead.
 */
import type { Host, Replica } from '../protocol';
import { type Cell, type Cells, serve, toRecord, writesIn } from './cells';

/** What nodes tell each other about the lead and the data. */
export type ElectionMessage =
  /** I lead; this is what I have. */
  | { readonly type: 'lead'; readonly state: Cells }
  | { readonly type: 'change'; readonly state: Cells }
  | { readonly type: 'resign' }
  /** Whoever leads may show it to this node. */
  | { readonly type: 'ask'; readonly asking: number };

const claim = 'the leader';

/** How long a node that comes back waits for a leader to show itself, in milliseconds. */
const patience = 300;

/** A node that leads if `mayLead(visible)` allows it, `visible` counting this node too. */
export function startElection(host: Host<ElectionMessage>, mayLead: (visible: number) => boolean): Replica<ElectionMessage, undefined> {
  const { self } = host;
  let leader: number | undefined;
  // Whether the leader has shown itself, or is only the one that should lead.
  let shown = host.first;
  let state = new Map<string, Cell>();

  if (host.first) leader = 0;
  else waitForLeader();
  if (leader === self) host.claim(claim, true);

  function permitted(): boolean {
    return mayLead(host.connected().length + 1);
  }

  function waitForLeader(): void {
    host.after(patience, () => {
      if (leader === undefined) elect();
    });
  }

  function elect(): void {
    const first = Math.min(self, ...host.connected());
    if (!permitted()) leader = undefined;
    else if (first === self) lead();
    else {
      leader = first;
      shown = false;
      host.send(first, { type: 'ask', asking: self });
    }
  }

  function lead(): void {
    leader = self;
    shown = true;
    host.claim(claim, true);
    host.note('takes the lead');
    for (const peer of host.connected()) show(peer);
  }

  function show(peer: number): void {
    host.send(peer, { type: 'lead', state: new Map(state) });
  }

  function asked(from: number, asking: number): void {
    if (leader === self) show(asking);
    else if (leader !== undefined && leader !== asking && from === asking) host.send(leader, { type: 'ask', asking });
  }

  function resign(why: string): void {
    leader = undefined;
    host.claim(claim, false);
    host.note(`gives up the lead: ${why}`);
    for (const peer of host.connected()) host.send(peer, { type: 'resign' });
  }

  function meet(other: number, theirs: Cells): void {
    if (leader === self) {
      if (self < other) {
        show(other);
        return;
      }
      resign(`${host.name(other)} leads, too, and comes first`);
    }
    // Of two leaders that are both in sight the first one counts.
    if (leader !== undefined && shown && leader < other && host.connected().includes(leader)) return;
    leader = other;
    shown = true;
    state = new Map(theirs);
  }

  return {
    receive(from, message) {
      if (message.type === 'lead') meet(from, message.state);
      else if (message.type === 'ask') asked(from, message.asking);
      else if (from === leader && message.type === 'resign') {
        leader = undefined;
        waitForLeader();
      } else if (from === leader && message.type === 'change') {
        for (const [key, cell] of message.state) state.set(key, cell);
      }
    },
    request(request) {
      if (leader === undefined) return host.refuse(request, 'there is no leader');
      if (leader !== self) return host.forward(request, leader);
      serve(host, state, request);
      const cell = state.get(request.key);
      if (request.kind === 'read' || cell === undefined) return;
      for (const peer of host.connected()) host.send(peer, { type: 'change', state: new Map([[request.key, cell]]) });
    },
    nodeUp(peer) {
      if (leader === self) show(peer);
      else if (leader === undefined) waitForLeader();
    },
    nodeDown(peer) {
      if (leader === self && !permitted()) resign('it sees too few nodes');
      else if (leader === peer) elect();
    },
    crash: () => undefined,
    view: () => ({
      role: leader === self ? 'leader' : 'follower',
      ...(leader === undefined ? {} : { leader }),
      data: toRecord(state),
    }),
    holds: () => writesIn(state),
  };
}
