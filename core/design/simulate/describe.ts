/** Scenarios and verdicts in words. */
import type { Availability, Fate, Fault, NodeView, Outcome, Overlap, ProtocolName, Request, Step, Verdicts } from './types';
import { isRequest } from './types';

/** A request in few words, without its node: `write x = 1`. */
export function describeRequest(request: Request): string {
  switch (request.do) {
    case 'write':
      return `write ${request.key} = ${request.value}`;
    case 'add':
      return `add ${request.by} to ${request.key}`;
    case 'remove':
      return `remove ${request.key}`;
    case 'read':
      return `read ${request.key}`;
  }
}

/** A fault as an event: `the link n1 – n2 is cut`. */
export function describeFault(fault: Fault): string {
  switch (fault.do) {
    case 'cut':
      return `the link ${fault.link.join(fault.oneWay ? ' → ' : ' – ')} is cut`;
    case 'split':
      return `the network splits into ${fault.groups.map((group) => group.join(' ')).join(' | ')}`;
    case 'heal':
      return fault.link === undefined ? 'the network heals' : `the link ${fault.link.join(' – ')} heals`;
    case 'crash':
      return `${fault.node} crashes`;
    case 'restart':
      return `${fault.node} starts again`;
    case 'freeze':
      return `${fault.node} freezes`;
    case 'thaw':
      return `${fault.node} goes on`;
    case 'clock':
      return `the wall clock of ${fault.node} jumps by ${fault.jump} ms`;
    case 'drift':
      return `the clocks of ${fault.node} run at ${fault.rate} of the true rate`;
  }
}

/** A step of a scenario as one line of a list: `at 1200 ms: a client of n2 asks: read x`. */
export function describeStep(step: Step): string {
  const what = isRequest(step) ? `a client of ${step.node} asks: ${describeRequest(step)}` : describeFault(step);
  return `at ${step.at} ms: ${what}`;
}

/** What a client was told. */
export interface Answer {
  readonly request: Request;
  readonly outcome: Outcome;
  readonly reason?: string | undefined;
  readonly value?: string | undefined;
}

/** What the client got: `accepted`, `accepted: 3`, `refused: no leader is known`. */
export function describeOutcome({ request, outcome, reason, value }: Answer): string {
  if (outcome === 'accepted') return request.do === 'read' ? `accepted: ${value ?? 'nothing there'}` : outcome;
  return reason === undefined ? outcome : `${outcome}: ${reason}`;
}

const fates: Readonly<Record<Fate, string>> = {
  kept: 'kept',
  merged: 'merged',
  divergent: 'on some copies only',
  lost: 'LOST',
  absent: 'never happened',
};

/** What became of a write, for people. */
export function describeFate(fate: Fate, outcome: Outcome): string {
  if (fate === 'kept' && outcome === 'unknown') return 'happened';
  return fates[fate];
}

/** What a node is and has, in few words: `leader of term 2 · 3 of 4 committed · x = 1`. */
export function describeNode(node: NodeView): string {
  if (node.status === 'down') return 'down';
  const parts = [
    node.term === undefined ? node.role : `${node.role} of term ${node.term}`,
    ...(node.leader !== undefined && node.leader !== node.name ? [`follows ${node.leader}`] : []),
    ...(node.log === undefined ? [] : [`${node.committed ?? 0} of ${node.log.length} committed`]),
    ...Object.entries(node.data ?? {}).map(([key, value]) => `${key} = ${value}`),
    ...(node.clockOffset === 0 ? [] : [`clock ${node.clockOffset > 0 ? '+' : ''}${node.clockOffset} ms`]),
  ];
  return `${node.status === 'frozen' ? 'frozen, ' : ''}${parts.join(' · ')}`;
}

/** The verdicts on a run of this protocol as sentences, bad news first. */
export function describeVerdicts(verdicts: Verdicts, protocol: ProtocolName): readonly string[] {
  const { lost, divergent, stale, refusedKept, convergence, safety, twoLeaders, availability } = verdicts;
  return [
    ...safety,
    ...twoLeaders.map(describeOverlap),
    ...(twoLeaders.length === 0 ? oneLeader(protocol) : []),
    lost.length > 0 ? `Acknowledged and lost: ${ids(lost)}.` : 'No acknowledged write was lost.',
    ...(divergent.length > 0 ? [`Acknowledged, but on some copies only: ${ids(divergent)}.`] : []),
    ...(stale.length > 0 ? [`Read without an earlier acknowledged write: ${ids(stale)}.`] : []),
    ...(refusedKept.length > 0 ? [`Refused, but took effect: ${ids(refusedKept)}.`] : []),
    describeConvergence(convergence),
    ...availability.filter(({ asked }) => asked > 0).map(describeAvailability),
  ];
}

/** What to say where no two nodes acted as the only one: nothing where all nodes are equals. */
function oneLeader(protocol: ProtocolName): readonly string[] {
  switch (protocol) {
    case 'raft':
      return ['No term had two leaders; a leader of an earlier term can commit nothing.'];
    case 'naive-election':
    case 'quorum-election':
      return ['There were never two leaders at once.'];
    case 'global-name':
    case 'horde':
      return ['The process never ran twice at once.'];
    default:
      return [];
  }
}

function describeOverlap({ from, to, nodes, claim }: Overlap): string {
  return `From ${from} to ${to} ms ${nodes.join(' and ')} each acted as ${claim}.`;
}

function describeConvergence({ converged, partitioned, differing }: Verdicts['convergence']): string {
  if (converged) return 'All running copies are equal at the end.';
  const keys = differing.map(
    ({ key, values }) =>
      `${key} (${Object.entries(values)
        .map(([node, value]) => `${node}: ${value}`)
        .join(', ')})`,
  );
  return `The copies differ at the end${partitioned ? ', while the network is still cut' : ''}: ${keys.join('; ')}.`;
}

function describeAvailability({ from, to, side, asked, accepted, refused, unknown }: Availability): string {
  return `${side.join(' ')}, from ${from} to ${to} ms: ${asked} asked, ${accepted} accepted, ${refused} refused, ${unknown} unknown.`;
}

function ids(operations: readonly number[]): string {
  return operations.map((id) => `#${id}`).join(', ');
}
