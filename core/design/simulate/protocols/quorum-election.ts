/** The same election, but a node leads only while it sees enough nodes: how much that helps depends on what is counted. */
import { hasQuorum } from '../../quorum';
import type { Protocol, ProtocolOption } from '../protocol';
import { optionValue } from '../protocol';
import { type ElectionMessage, startElection } from './election';

const quorumOption: ProtocolOption = {
  name: 'quorum',
  help: 'How many visible nodes, itself included, a leader needs.',
  choices: [
    { value: 'configured', help: 'A majority of the configured size.' },
    { value: 'half', help: 'Half of the configured size, div(n, 2): in an even split both sides have it.' },
    { value: 'visible', help: 'A majority of the nodes that are visible now: every side has it, whatever its size.' },
  ],
};

const rules: Readonly<Record<string, (visible: number, size: number) => boolean>> = {
  configured: hasQuorum,
  half: (visible, size) => visible >= Math.floor(size / 2),
  visible: (visible) => hasQuorum(visible, visible),
};

/** The election with a guard; see the option `quorum`. */
export const quorumElection: Protocol<ElectionMessage, undefined> = {
  name: 'quorum-election',
  title: 'Election guarded by a quorum',
  summary:
    'The first of the visible nodes leads, but only while it sees a quorum. With a majority of the configured size at most one side keeps a leader; ' +
    'until both sides have noticed the partition there may still be two, and what the old one took in that time is lost.',
  requests: ['write', 'add', 'read'],
  options: [quorumOption],
  transport: 'distribution',
  keeping: () => 'all',
  start(host, options) {
    const rule = rules[optionValue(options, quorumOption)] ?? hasQuorum;
    return startElection(host, (visible) => rule(visible, host.size));
  },
};
