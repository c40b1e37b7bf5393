/** The protocols by name. */
import { type Run, run } from '../engine';
import type { Keeping, Protocol, ProtocolOption } from '../protocol';
import type { Options, ProtocolName, RequestKind, Scenario } from '../types';
import { counter } from './counter';
import { crdtMap } from './crdt-map';
import { globalName } from './global-name';
import { horde } from './horde';
import { lwwRegister } from './lww-register';
import { mnesia } from './mnesia';
import { naiveElection } from './naive-election';
import { quorumElection } from './quorum-election';
import { raft } from './raft';

/** A protocol whose kinds of message and disk nobody needs to know. */
export interface ProtocolEntry {
  readonly name: ProtocolName;
  readonly title: string;
  readonly summary: string;
  readonly requests: readonly RequestKind[];
  readonly options: readonly ProtocolOption[];
  readonly keeping: (options: Options) => Keeping;
  readonly run: (scenario: Scenario, withFrames: boolean) => Run;
}

/** All protocols. */
export const protocols: Readonly<Record<ProtocolName, ProtocolEntry>> = {
  raft: entry(raft),
  'naive-election': entry(naiveElection),
  'quorum-election': entry(quorumElection),
  'crdt-map': entry(crdtMap),
  counter: entry(counter),
  'lww-register': entry(lwwRegister),
  'global-name': entry(globalName),
  horde: entry(horde),
  mnesia: entry(mnesia),
};

function entry<Message, Disk>(protocol: Protocol<Message, Disk>): ProtocolEntry {
  const { name, title, summary, requests, options, keeping } = protocol;
  return { name, title, summary, requests, options, keeping, run: (scenario, withFrames) => run(protocol, scenario, withFrames) };
}
