/** What a value carries inside: through constructors and variables, down to the expressions that are put into it. */
import type { Expr } from '../elixir/ir';
import type { FileFacts } from './facts';
import { definitionOf, resultsOf } from './values';

const constructors: ReadonlySet<string> = new Set([
  'Map.put',
  'Map.new',
  'Map.merge',
  'Map.put_new',
  'Keyword.put',
  'Keyword.merge',
  'Kernel.struct',
  'Kernel.struct!',
  'Kernel.inspect',
  'Kernel.to_string',
  'Integer.to_string',
  'Enum.concat',
  'Jason.encode!',
  ':erlang.term_to_binary',
]);

/** The expressions that end up inside the value of `e`: elements of its tuples, lists and maps, wherever they are put together in the function. */
export function carriedBy(file: FileFacts, e: Expr): readonly Expr[] {
  const found: Expr[] = [];
  const seen = new Set<number>();
  const stack: Expr[] = [e];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const at = next.kind === 'variable' ? definitionOf(file, next) : next;
    if (seen.has(at.id)) continue;
    seen.add(at.id);
    const parts = partsOf(at);
    if (parts) stack.push(...parts);
    else found.push(next);
  }
  return found;
}

function partsOf(e: Expr): readonly Expr[] | undefined {
  switch (e.kind) {
    case 'tuple':
      return e.items;
    case 'list':
      return e.tail ? [...e.items, e.tail] : e.items;
    case 'pair':
      return [e.value];
    case 'map':
      return e.base ? [e.base, ...e.pairs] : e.pairs;
    case 'string':
      return e.parts.filter((p): p is Expr => typeof p !== 'string');
    case 'call':
      return constructors.has(`${e.module}.${e.name}`) ? e.args : undefined;
    case 'if':
    case 'case':
    case 'block':
    case 'match':
    case 'cond': {
      const results = resultsOf(e);
      return results.length === 1 && results[0] === e ? undefined : results;
    }
    default:
      return undefined;
  }
}
