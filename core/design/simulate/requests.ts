/** Clients: what they ask, how the request finds its way, and what they are told. */
import type { Cluster, RunOperation } from './cluster';
import { machineNamed, machineOf, on, send, tell } from './cluster';
import { describeOutcome, describeRequest } from './describe';
import type { Pending } from './protocol';
import type { Outcome, Request } from './types';

/** What a client is told. */
export interface Reply {
  readonly outcome: Outcome;
  readonly reason?: string;
  readonly value?: string | undefined;
  readonly saw?: readonly number[] | undefined;
}

/** How often a request may be handed on before the client is refused. */
const longestWay = 4;

/** A client asks a node, and waits for as long as the scenario says. */
export function ask(cluster: Cluster, request: Request): void {
  const { operations, agenda, settings, actors } = cluster;
  const id = operations.length + 1;
  const operation: RunOperation = {
    id,
    request,
    outcome: undefined,
    reason: undefined,
    answeredAt: request.at,
    value: undefined,
    saw: [],
    ways: 0,
  };
  operations.push(operation);
  if (cluster.frames !== undefined) tell(cluster, `client of ${request.node}: #${id} ${describeRequest(request)}`);
  const target = machineNamed(cluster, request.node);
  if (target.status === 'down') {
    settle(cluster, operation, { outcome: 'refused', reason: 'the node is down' });
    return;
  }
  const pending: Pending = {
    id,
    kind: request.do,
    key: request.key,
    value: request.do === 'write' ? request.value : '',
    by: request.do === 'add' ? request.by : 0,
  };
  on(target, () => actors.request(target.index, pending));
  agenda.enter(cluster.now + settings.timeout, () => settle(cluster, operation, { outcome: 'unknown', reason: 'no answer in time' }));
}

/** Hands a request from one node to another. */
export function forward(cluster: Cluster, from: number, request: Pending, to: number): void {
  const operation = cluster.operations[request.id - 1];
  if (operation === undefined || ++operation.ways > longestWay) {
    answer(cluster, from, request, { outcome: 'refused', reason: 'no node that was asked was the leader' });
    return;
  }
  // A message that arrives twice must not ask twice: a refusal of the second would say nothing about the first.
  let arrived = false;
  send(cluster, from, to, () => {
    if (arrived) return;
    arrived = true;
    cluster.actors.request(to, request);
  });
}

/** A node answers a request. The answer travels to the node that the client asked, and may get lost on the way. */
export function answer(cluster: Cluster, from: number, request: Pending, reply: Reply): void {
  const operation = cluster.operations[request.id - 1];
  if (operation === undefined || operation.outcome !== undefined) return;
  const asked = machineNamed(cluster, operation.request.node);
  if (asked === machineOf(cluster, from)) settle(cluster, operation, reply);
  else send(cluster, from, asked.index, () => settle(cluster, operation, reply));
}

/** The clients of a node that crashed know nothing of what they had asked. */
export function hangUp(cluster: Cluster, node: number): void {
  for (const operation of cluster.operations) {
    if (machineNamed(cluster, operation.request.node).index !== node) continue;
    settle(cluster, operation, { outcome: 'unknown', reason: 'the node crashed before it answered' });
  }
}

/** Tells the client; only the first word counts. */
export function settle(cluster: Cluster, operation: RunOperation, { outcome, reason, value, saw }: Reply): void {
  if (operation.outcome !== undefined) return;
  operation.outcome = outcome;
  operation.reason = reason;
  operation.answeredAt = Math.round(cluster.now);
  operation.value = value;
  operation.saw = saw ?? [];
  if (cluster.frames === undefined) return;
  const { id, request } = operation;
  tell(cluster, `client of ${request.node}: #${id} ${describeRequest(request)}: ${describeOutcome({ request, outcome, reason, value })}`);
}
