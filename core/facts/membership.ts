/** Lists of members: whether they are made from the nodes that happen to be visible. */
import type { Call, Expr } from '../elixir/ir';
import type { FileFacts } from './facts';
import { originsOf } from './origins';
import { calledFunction, inputsOf, resultsOf } from './values';

/** The call that names the visible nodes from which a list is made, also element by element: `for n <- [node() | Node.list()], do: {:kv, n}`. */
export function visibleNodesBehind(file: FileFacts, list: Expr): Call | undefined {
  const seen = new Set<number>();
  const stack: Expr[] = [list];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (seen.has(next.id) || seen.size > 500) continue;
    seen.add(next.id);
    for (const origin of originsOf(file, next)) if (origin.kind === 'nodes' && !origin.counted && namesNodes(origin.at)) return origin.at;
    stack.push(...inputsOf(file, next));
    const called = next.kind === 'call' ? calledFunction(file, next) : undefined;
    if (called && called.clauses.length <= 4) stack.push(...called.clauses.flatMap((clause) => resultsOf(clause.clause.body)));
  }
  return undefined;
}

/** `Node.list` and its like; processes of a group are something else. */
function namesNodes(call: Call): boolean {
  return /^(?:Node\.list|:erlang\.nodes|Kernel\.nodes|:net_kernel\.nodes)$/.test(`${call.module}.${call.name}`);
}
