/** A counter on top of the AWLWW map, which has no counter of its own. */
import type { Protocol, ProtocolOption } from '../protocol';
import { optionValue } from '../protocol';
import { keepSyncing, others, syncInterval } from './anti-entropy';
import { type AwLwwMap, emptyMap, join, put, winner } from './aw-lww-map';

const keysOption: ProtocolOption = {
  name: 'keys',
  help: 'Under which key a node counts.',
  choices: [
    { value: 'per-boot', help: 'A key for each start of each node; the value is the sum. Nobody else ever writes this key.' },
    { value: 'per-node', help: 'A key for each node: after a restart a node begins again under a key that others still hold.' },
    { value: 'one', help: 'One key for all: get, add, put. Concurrent increments overwrite each other.' },
  ],
};

/** Counts with `add`; see the option `keys`. */
export const counter: Protocol<AwLwwMap, undefined> = {
  name: 'counter',
  title: 'Counter on an AWLWW map',
  summary:
    'Every node counts at any time. With keys of their own nodes never overwrite each other and the sum is right once copies have met; ' +
    'with one key for all, increments made on both sides of a partition replace each other.',
  requests: ['add', 'read'],
  options: [keysOption],
  transport: 'datagrams',
  keeping: () => 'all',
  start(host, options) {
    const keys = optionValue(options, keysOption);
    const name = host.name(host.self);
    const replica = `${name}#${host.random(1, 1_000_000_000)}`;
    const suffix = { one: '', 'per-node': `/${name}` }[keys] ?? `/${replica}`;
    let map = emptyMap;
    keepSyncing(host, others(host), syncInterval, () => map);

    function parts(key: string): readonly string[] {
      return [...map.adds.keys()].filter((part) => part === key || part.startsWith(`${key}/`));
    }

    function total(key: string): string | undefined {
      const values = parts(key).map((part) => Number(winner(map, part)?.value));
      return values.length === 0 ? undefined : String(values.reduce((sum, value) => sum + value, 0));
    }

    function writes(key: string): readonly number[] {
      return parts(key).flatMap((part) => winner(map, part)?.write ?? []);
    }

    function keysOfMap(): readonly string[] {
      return [...new Set([...map.adds.keys()].map((part) => part.split('/')[0] as string))].sort();
    }

    return {
      receive(_from, theirs) {
        map = join(map, theirs);
      },
      request(request) {
        const { id, kind, key, by } = request;
        if (kind === 'read') return host.accept(request, total(key), writes(key));
        const part = key + suffix;
        const before = winner(map, part);
        host.builtOn(id, before === undefined ? [] : [before.write], writes(key));
        map = put(map, replica, part, String(Number(before?.value ?? 0) + by), host.monotonic(), id);
        host.accept(request);
      },
      crash: () => undefined,
      view: () => ({ role: 'replica', data: Object.fromEntries(keysOfMap().map((key) => [key, total(key) ?? '0'])) }),
      holds: () => keysOfMap().flatMap(writes),
    };
  },
};
