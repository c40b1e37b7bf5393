/** Where values leave this VM: other nodes, disks, databases, other systems. */
import { type Call, descendants, type Expr } from '../elixir/ir';
import { perProcess } from './cluster-names';
import type { FileFacts } from './facts';

export interface Sink {
  readonly call: Call;
  /** "is written to Mnesia", for messages. */
  readonly what: string;
  /** The arguments that leave. */
  readonly data: readonly Expr[];
}

type Take = (call: Call) => readonly Expr[];
const all: Take = (call) => call.args;
const from =
  (index: number): Take =>
  (call) =>
    call.args.slice(index);

/** By module, which functions, what is said of them, and which arguments leave. */
const table: readonly { readonly module: RegExp; readonly name: RegExp; readonly what: string; readonly data: Take }[] = [
  { module: /^:mnesia$/, name: /^(?:dirty_|async_dirty_)?write(?:_.*)?$|^dirty_update_counter$/, what: 'is written to Mnesia', data: all },
  { module: /^Memento\.Query$/, name: /^write$/, what: 'is written to Mnesia', data: all },
  { module: /^:dets$/, name: /^insert(?:_new)?$/, what: 'is written to disk', data: from(1) },
  { module: /^CubDB$/, name: /^put(?:_.*)?$/, what: 'is written to disk', data: from(1) },
  { module: /(?:^|\.)Repo$/, name: /^(?:insert|update)(?:_all|_or_update)?!?$/, what: 'is written to the database', data: all },
  { module: /^File$/, name: /^write!?$/, what: 'is written to a file', data: from(1) },
  { module: /^Redix$/, name: /^(?:noreply_)?(?:command|pipeline|transaction_pipeline)!?$/, what: 'is sent to Redis', data: from(1) },
  { module: /^Phoenix\.PubSub$/, name: /^(?:direct_)?broadcast(?:_from)?!?$/, what: 'is broadcast to other nodes', data: from(2) },
  { module: /(?:^|\.)Endpoint$/, name: /^broadcast(?:_from)?!?$/, what: 'is broadcast to other nodes', data: from(2) },
  { module: /^:rpc$/, name: /^(?:call|cast|block_call|async_call)$/, what: 'is sent to another node', data: (c) => c.args.slice(3, 4) },
  {
    module: /^:erpc$/,
    name: /^(?:call|cast|send_request|multicall|multicast)$/,
    what: 'is sent to another node',
    data: (c) => c.args.slice(3, 4),
  },
  { module: /^:rpc$/, name: /^multicall$/, what: 'is sent to other nodes', data: (c) => c.args.filter((a) => a.kind === 'list') },
  { module: /^GenServer$/, name: /^(?:multi_call|abcast)$/, what: 'is sent to other nodes', data: from(1) },
  {
    module: /^GenServer$/,
    name: /^(?:call|cast)$/,
    what: 'is sent to another node',
    data: (c) => (isRemoteTarget(c.args[0]) ? c.args.slice(1, 2) : []),
  },
  { module: /^Kernel$/, name: /^send$/, what: 'is sent to another node', data: (c) => (isRemoteTarget(c.args[0]) ? c.args.slice(1) : []) },
  { module: /^:ra$/, name: /^(?:process_command|pipeline_command)$/, what: 'goes into the Raft log', data: (c) => c.args.slice(1, 2) },
  { module: /^DeltaCrdt$/, name: /^(?:put|merge|mutate|mutate_async)$/, what: 'is replicated to other nodes', data: from(1) },
  { module: /^Horde\.Registry$/, name: /^(?:register|put_meta|update_value)$/, what: 'is replicated to other nodes', data: from(2) },
  { module: /^Phoenix\.Tracker$/, name: /^(?:track|update)$/, what: 'is replicated to other nodes', data: from(4) },
  { module: /(?:^|\.)Presence$/, name: /^(?:track|update)$/, what: 'is replicated to other nodes', data: from(2) },
  { module: /^:syn$/, name: /^(?:register|join)$/, what: 'is replicated to other nodes', data: from(3) },
];

/** A call on a receiver that is named after a store: `storage().insert(…)`. */
const storeReceiver = /^(?:storage|repo|database|db)$/;
const storeWrites: ReadonlySet<string> = new Set(['insert', 'put', 'save', 'write', 'store', 'update']);

/** Every call of the file through which values leave this VM. */
export function sinksIn(file: FileFacts): readonly Sink[] {
  const found: Sink[] = [];
  for (const calls of file.calls.values()) {
    for (const call of calls) {
      const sink = sinkOf(call);
      if (sink && sink.data.length > 0) found.push(sink);
    }
  }
  return found.sort((a, b) => a.call.range.start - b.call.range.start);
}

function sinkOf(call: Call): Sink | undefined {
  if (call.module === undefined) {
    const receiver = call.receiver;
    const named = receiver && 'name' in receiver && typeof receiver.name === 'string' ? receiver.name : '';
    return storeReceiver.test(named) && storeWrites.has(call.name) ? { call, what: 'is written to storage', data: call.args } : undefined;
  }
  const { module } = call;
  for (const row of table) if (row.module.test(module) && row.name.test(call.name)) return { call, what: row.what, data: row.data(call) };
  return undefined;
}

/** `{name, node}`, `{:global, name}` unless the name is made of a process, or `{:via, module, name}` of a registry that spans nodes. */
export function isRemoteTarget(e: Expr | undefined): boolean {
  if (e?.kind !== 'tuple') return false;
  const [first, second] = e.items;
  if (e.items.length === 3) {
    const registry = second?.kind === 'alias' ? second.name : second?.kind === 'atom' ? `:${second.value}` : '';
    return first?.kind === 'atom' && first.value === 'via' && /^(?:Horde\.Registry|Swarm|:syn|:global|:swarm)$/.test(registry);
  }
  if (e.items.length !== 2 || !first || !second || (first.kind === 'atom' && first.value === 'local')) return false;
  const isGlobal = first.kind === 'atom' && first.value === 'global';
  return !isGlobal || ![...descendants(second)].some((part) => part.kind === 'variable' && perProcess.test(part.name));
}
