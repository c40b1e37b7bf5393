/** Subscriptions to node events, and the patterns that receive them. */
import type { Call, Clause, Expr } from '../elixir/ir';
import { pairsOf } from '../elixir/ir';
import { contains } from '../text';
import { callsTo, type FileFacts, type ModuleDef, moduleOf } from './facts';

export interface Subscription {
  readonly call: Call;
  /** 2: `{:nodedown, node}`; 3: `{:nodedown, node, info}`. */
  readonly size: 2 | 3;
  /** What `info` is, of 3-tuples. */
  readonly info?: 'list' | 'map';
}

export type NodeEvent = 'nodeup' | 'nodedown';

export interface EventPattern {
  /** The tuple in the pattern. */
  readonly tuple: Extract<Expr, { kind: 'tuple' }>;
  /** Of `handle_info`, or of a `case` or `receive`: the one whose pattern the tuple is. */
  readonly clause: Clause;
  readonly event: NodeEvent;
  readonly size: number;
}

/** `:net_kernel.monitor_nodes(true, …)` of the module; undefined where an argument is not known. */
export function subscriptionsOf(file: FileFacts, module: ModuleDef): readonly (Subscription | undefined)[] {
  const calls = callsTo(file, [':net_kernel.monitor_nodes/1', ':net_kernel.monitor_nodes/2']).filter((c) => moduleOf(file, c) === module);
  return calls.flatMap((call): (Subscription | undefined)[] => {
    const [on, options] = call.args;
    if (on?.kind === 'atom' && on.value === 'false') return [];
    if (on?.kind !== 'atom') return [undefined];
    if (!options) return [{ call, size: 2 }];
    // An empty list or map asks for nothing more than the plain messages.
    if (options.kind === 'list') return [isEmpty(options) ? { call, size: 2 } : { call, size: 3, info: 'list' }];
    if (options.kind === 'map') return [isEmpty(options) ? { call, size: 2 } : { call, size: 3, info: 'map' }];
    return [undefined];
  });
}

function isEmpty(options: Expr): boolean {
  return pairsOf(options).length === 0 && (options.kind !== 'list' || options.items.length === 0);
}

/** Whether the module also asks for node events in another way, which arrive as 2-tuples. */
export function monitorsNodesOtherwise(file: FileFacts, module: ModuleDef): boolean {
  return callsTo(file, [
    'Node.monitor',
    ':erlang.monitor_node',
    ':global_group.monitor_nodes',
    ':partisan.monitor_nodes',
    ':partisan.monitor_node',
  ]).some((c) => moduleOf(file, c) === module);
}

/** Patterns of node events in the clauses of the module: `handle_info`, `handle_event`, `receive`, and functions that they call. */
export function eventPatternsOf(file: FileFacts, module: ModuleDef): readonly EventPattern[] {
  const found: EventPattern[] = [];
  for (const clause of file.exprs) {
    if (clause.kind !== 'clause' || !contains(module.range, clause.range)) continue;
    for (const pattern of clause.patterns) {
      const tuple = pattern.kind === 'match' ? (pattern.pattern.kind === 'tuple' ? pattern.pattern : pattern.value) : pattern;
      if (tuple.kind !== 'tuple') continue;
      const [tag] = tuple.items;
      if (tag?.kind !== 'atom' || (tag.value !== 'nodeup' && tag.value !== 'nodedown')) continue;
      found.push({ tuple, clause, event: tag.value, size: tuple.items.length });
    }
  }
  return found;
}

/** Whether the module's code mentions the event at all, as an atom outside of the patterns found: `when event in [:nodeup, :nodedown]`. */
export function mentions(file: FileFacts, module: ModuleDef, event: NodeEvent): boolean {
  return file.exprs.some((e) => e.kind === 'atom' && e.value === event && contains(module.range, e.range));
}
