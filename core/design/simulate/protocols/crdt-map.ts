/** A replicated map as `DeltaCrdt.AWLWWMap` keeps it: every node takes every write, copies are joined later. */
import type { Protocol, ProtocolOption } from '../protocol';
import { optionValue } from '../protocol';
import { keepSyncing, others, syncInterval } from './anti-entropy';
import { type AwLwwMap, emptyMap, join, put, recordRemoval, remove, standing, standingUnder, toRecord, winner } from './aw-lww-map';

const clockOption: ProtocolOption = {
  name: 'clock',
  help: 'Where the timestamp of a write comes from.',
  choices: [
    {
      value: 'monotonic',
      help: "The VM's monotonic clock, as delta_crdt does since 0.5: of two concurrent writes the longest-running VM's wins.",
    },
    {
      value: 'wall',
      help: 'The wall clock, as delta_crdt did before: of two concurrent writes the one from the clock that is ahead wins.',
    },
  ],
};

const neighboursOption: ProtocolOption = {
  name: 'neighbours',
  help: 'Who sends to whom: set_neighbours works one way only.',
  choices: [
    { value: 'mutual', help: 'Every node has all others for neighbours.' },
    { value: 'one-way', help: 'A node has only the later ones for neighbours: the first never hears from anyone.' },
  ],
};

/** Writes, removes and reads at every node. */
export const crdtMap: Protocol<AwLwwMap, undefined> = {
  name: 'crdt-map',
  title: 'AWLWW map (delta_crdt)',
  summary:
    'Every node takes writes at any time, and copies that meet are joined: different keys are united, an add wins over a concurrent remove. ' +
    'Of concurrent writes to one key only one survives, and which one is not decided by who wrote last.',
  requests: ['write', 'remove', 'read'],
  options: [clockOption, neighboursOption],
  transport: 'datagrams',
  keeping: () => 'all',
  start(host, options) {
    const wall = optionValue(options, clockOption) === 'wall';
    const oneWay = optionValue(options, neighboursOption) === 'one-way';
    // A node id is drawn anew at each start.
    const replica = `${host.name(host.self)}#${host.random(1, 1_000_000_000)}`;
    let map = emptyMap;
    keepSyncing(
      host,
      others(host).filter((node) => !oneWay || node > host.self),
      syncInterval,
      () => map,
    );

    return {
      receive(_from, theirs) {
        map = join(map, theirs);
      },
      request(request) {
        const { id, kind, key, value } = request;
        if (kind === 'read') return host.accept(request, winner(map, key)?.value, standingUnder(map, key));
        host.builtOn(id, standingUnder(map, key));
        if (kind === 'remove') map = recordRemoval(remove(map, key), key, id);
        else map = put(map, replica, key, value, wall ? host.wall() : host.monotonic(), id);
        host.accept(request);
      },
      crash: () => undefined,
      view: () => ({ role: 'replica', data: toRecord(map) }),
      holds: () => standing(map),
    };
  },
};
