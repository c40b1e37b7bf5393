/** Last write wins: each key has a value and a timestamp, and the higher timestamp stays. */
import type { Protocol, ProtocolOption } from '../protocol';
import { optionValue } from '../protocol';
import { keepSyncing, others, syncInterval } from './anti-entropy';
import { answerRead, type Cell, toRecord, writesIn, writesOf } from './cells';

const clockOption: ProtocolOption = {
  name: 'clock',
  help: 'Where the timestamp of a write comes from.',
  choices: [
    { value: 'wall', help: 'The wall clock: a node whose clock is behind loses to values that it has itself seen.' },
    {
      value: 'hybrid',
      help: 'A hybrid logical clock, never behind what the node has seen: a write replaces what its writer saw. Concurrent writes still lose.',
    },
  ],
};

interface StampedCell extends Cell {
  readonly time: number;
  readonly node: number;
}

type StampedCells = ReadonlyMap<string, StampedCell>;

/** Writes and reads at every node. */
export const lwwRegister: Protocol<StampedCells, undefined> = {
  name: 'lww-register',
  title: 'Last-write-wins register',
  summary:
    'Every node takes writes at any time, and the value with the highest timestamp stays. Of two writes that did not see each other one is lost ' +
    'without a word, and with wall clocks also one that did.',
  requests: ['write', 'read'],
  options: [clockOption],
  transport: 'datagrams',
  keeping: () => 'all',
  start(host, options) {
    const hybrid = optionValue(options, clockOption) === 'hybrid';
    const cells = new Map<string, StampedCell>();
    let latest = Number.NEGATIVE_INFINITY;
    keepSyncing(host, others(host), syncInterval, () => new Map(cells));

    function take(key: string, cell: StampedCell): boolean {
      latest = Math.max(latest, cell.time);
      const own = cells.get(key);
      if (own !== undefined && (own.time > cell.time || (own.time === cell.time && own.node >= cell.node))) return false;
      cells.set(key, cell);
      return true;
    }

    return {
      receive(_from, theirs) {
        for (const [key, cell] of theirs) take(key, cell);
      },
      request(request) {
        const { id, kind, key, value } = request;
        const before = cells.get(key);
        if (kind === 'read') return answerRead(host, before, request);
        const time = hybrid ? Math.max(host.wall(), latest + 1) : host.wall();
        if (take(key, { value, time, node: host.self, write: id })) host.builtOn(id, writesOf(before));
        host.accept(request);
      },
      crash: () => undefined,
      view: () => ({ role: 'replica', data: toRecord(cells) }),
      holds: () => writesIn(cells),
    };
  },
};
