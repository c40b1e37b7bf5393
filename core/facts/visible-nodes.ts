/** Counts of the nodes that are visible now. */
import type { Expr } from '../elixir/ir';
import type { FileFacts } from './facts';
import { allOrigins, type Origin, originsOf } from './origins';

/** Whether the value is certainly the number of nodes that `Node.list` names: without this one. */
export function countsNodesWithoutSelf(file: FileFacts, e: Expr): boolean {
  const isOthers = (o: Origin) => o.kind === 'nodes' && o.counted && !o.self && /^(?:Node|:erlang)$/.test(o.at.module ?? '');
  return allOrigins(originsOf(file, e), isOthers);
}

/** The origins of a number that is certainly a count of the nodes, or processes on nodes, that are visible now; none for any other. */
export function visibleNodesOf(file: FileFacts, e: Expr): readonly Extract<Origin, { readonly kind: 'nodes' }>[] {
  const origins = originsOf(file, e);
  return allOrigins(origins, (o) => o.kind === 'nodes' && o.counted) ? origins.filter((o) => o.kind === 'nodes') : [];
}
