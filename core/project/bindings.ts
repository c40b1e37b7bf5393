/** What names stand for, lexically: variables that are bound before, attributes that are written before. */
import type { Attribute, AttributeWrite, Expr, Match, Variable } from '../elixir/ir';
import { type FileFacts, type ModuleDef, moduleOf, parentOf } from '../facts/facts';

interface Bindings {
  readonly blocks: Map<number, BlockIndex>;
  /** Attributes that collect all values written to them, by module. */
  readonly accumulating: Map<ModuleDef, ReadonlySet<string>>;
}
/** The statements of a block by id, and the statements that bind a name, in order. */
interface BlockIndex {
  readonly positions: ReadonlyMap<number, number>;
  readonly matches: ReadonlyMap<string, readonly { readonly position: number; readonly match: Match }[]>;
}

const known = new WeakMap<FileFacts, Bindings>();

function bindingsOf(file: FileFacts): Bindings {
  let bindings = known.get(file);
  if (!bindings) known.set(file, (bindings = { blocks: new Map(), accumulating: new Map() }));
  return bindings;
}

/** What a variable is bound to: the value of the last match on its bare name before it. */
export function boundTo(file: FileFacts, e: Variable): Expr | undefined {
  const bound = bindingOf(file, e);
  return bound?.kind === 'match' ? bound.value : undefined;
}

/**
 * What binds a variable: the match or the generator of a `for` on its bare name, or the subject of the `case` that names it so; undefined for
 * parameters and for parts of a pattern.
 */
export function bindingOf(file: FileFacts, e: Variable): Expr | undefined {
  let child: Expr = e;
  for (let parent = parentOf(file, child); parent; child = parent, parent = parentOf(file, child)) {
    const found = boundIn(file, parent, child, e.name);
    if (found) return found === 'hidden' ? undefined : found;
  }
  return undefined;
}

/** What `parent` binds the name to before it gets to `child`; `hidden` when it binds the name to something that cannot be told. */
function boundIn(file: FileFacts, parent: Expr, child: Expr, name: string): Expr | 'hidden' | undefined {
  switch (parent.kind) {
    case 'block': {
      const { positions, matches } = indexOf(file, parent.id, parent.body);
      const all = matches.get(name) ?? [];
      const last = all[lastIndexBefore(all, (m) => m.position, positions.get(child.id) ?? 0)];
      return last && (last.match.pattern.kind === 'variable' ? last.match : 'hidden');
    }
    case 'clause': {
      if (parent.patterns.includes(child) || !parent.patterns.some((p) => binds(p, name))) return undefined;
      const [only, ...others] = parent.patterns;
      const branch = parentOf(file, parent);
      return only?.kind === 'variable' && others.length === 0 && branch?.kind === 'case' ? branch.subject : 'hidden';
    }
    case 'for':
    case 'with': {
      const at = parent.steps.indexOf(child);
      for (const step of parent.steps.slice(0, at < 0 ? undefined : at).reverse()) {
        if ((step.kind !== 'arrow' && step.kind !== 'match') || !binds(step.pattern, name)) continue;
        const told = step.pattern.kind === 'variable' && (step.kind === 'match' || parent.kind === 'for');
        return told ? step : 'hidden';
      }
      return undefined;
    }
    case 'if': {
      const { condition } = parent;
      if (condition === child || condition.kind !== 'match' || !binds(condition.pattern, name)) return undefined;
      return condition.pattern.kind === 'variable' ? condition : 'hidden';
    }
    default:
      return undefined;
  }
}

function indexOf(file: FileFacts, id: number, body: readonly Expr[]): BlockIndex {
  const { blocks } = bindingsOf(file);
  const made = blocks.get(id);
  if (made) return made;
  const positions = new Map<number, number>();
  const matches = new Map<string, { position: number; match: Match }[]>();
  for (const [position, statement] of body.entries()) {
    positions.set(statement.id, position);
    if (statement.kind !== 'match') continue;
    for (const name of namesIn(statement.pattern)) {
      const all = matches.get(name);
      if (all) all.push({ position, match: statement });
      else matches.set(name, [{ position, match: statement }]);
    }
  }
  const index = { positions, matches };
  blocks.set(id, index);
  return index;
}

/** The index of the last item whose key is below `limit`, of items sorted by key; -1 if there is none. */
function lastIndexBefore<T>(sorted: readonly T[], key: (item: T) => number, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(sorted[middle] as T) < limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function* namesIn(pattern: Expr): Generator<string> {
  const stack: Expr[] = [pattern];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (next.kind === 'variable') yield next.name;
    else if (next.kind === 'tuple' || next.kind === 'bitstring') stack.push(...next.items);
    else if (next.kind === 'list') stack.push(...next.items, ...(next.tail ? [next.tail] : []));
    else if (next.kind === 'map') stack.push(...next.pairs);
    else if (next.kind === 'pair') stack.push(next.value);
    else if (next.kind === 'match') stack.push(next.pattern, next.value);
    else if (next.kind === 'binary') stack.push(next.left, next.right);
  }
}

function binds(pattern: Expr, name: string): boolean {
  for (const bound of namesIn(pattern)) if (bound === name) return true;
  return false;
}

/** The value last written to an attribute before it is read; undefined for attributes that collect. */
export function writtenTo(file: FileFacts, e: Attribute): Expr | undefined {
  const module = moduleOf(file, e);
  if (!module) return writtenInScript(file, e);
  if (accumulatingOf(file, module).has(e.name)) return undefined;
  const writes = module.attributes.get(e.name) ?? [];
  let index = lastIndexBefore(writes, (w) => w.range.start, e.range.start);
  // `@a @a ++ [1]` reads what was written before.
  while (index >= 0 && (writes[index] as Expr).range.end >= e.range.end) index--;
  return writes[index];
}

function accumulatingOf(file: FileFacts, module: ModuleDef): ReadonlySet<string> {
  const { accumulating } = bindingsOf(file);
  const made = accumulating.get(module);
  if (made) return made;
  const names = new Set<string>();
  for (const statement of module.body) {
    const attribute = statement.kind === 'call' && statement.name === 'register_attribute' ? statement.args[1] : undefined;
    if (attribute?.kind === 'atom') names.add(attribute.value);
  }
  accumulating.set(module, names);
  return names;
}

/** Outside of modules an attribute is not Elixir, but a part of a module may stand alone in a document. */
function writtenInScript(file: FileFacts, e: Attribute): Expr | undefined {
  let found: AttributeWrite | undefined;
  for (const statement of file.script.kind === 'block' ? file.script.body : []) {
    if (statement.range.end > e.range.start) break;
    if (statement.kind === 'attribute-write' && statement.name === e.name) found = statement;
  }
  return found?.value;
}
