/** Hash rings, and the nodes that are put into them. */
import { type Call, type Expr, keywordValue } from '../elixir/ir';
import { bindingOf } from './bindings';
import { ancestorsOf, type FileFacts, type ModuleDef, moduleOf } from './facts';
import { type Origin, originsOf } from './origins';
import { definitionOf } from './values';

/** A ring, or a node or nodes of it, is given to the call. */
export interface RingFilling {
  readonly call: Call;
  /** The list of nodes, or one node of it. */
  readonly nodes: Expr;
  /** What is filled; undefined where the call makes the ring. */
  readonly ring?: Expr | undefined;
}

const adds = /^(?:add_node|add_nodes|set_nodes|add|put_nodes)$/;
const makes = /^(?:new|make|create|build|from_nodes|start_link|start|init)$/;

/** Whether the module is a hash ring: libring's, `ex_hash_ring`'s, `:hash_ring`, or one of the project that is called so. */
export function isRingModule(module: string | undefined): boolean {
  return module !== undefined && /(?:^|[.a-z])Ring(?:\.Managed)?$|^:hash_ring$/.test(module);
}

/** Calls that put nodes into a ring, in the order of the text. */
export function ringFillingsOf(file: FileFacts): readonly RingFilling[] {
  const found: RingFilling[] = [];
  for (const e of file.exprs) {
    if (e.kind !== 'call' || !isRingModule(e.module) || e.local) continue;
    const [first, second] = e.args;
    if (adds.test(e.name) && first && second) found.push({ call: e, nodes: second, ring: first });
    // A ring of `libring` that follows the nodes by itself knows this one.
    else if (makes.test(e.name) && first && !e.args.some((arg) => keywordValue(arg, 'monitor_nodes')))
      found.push(...e.args.map((arg) => ({ call: e, nodes: keywordValue(arg, 'nodes') ?? arg })));
  }
  return found;
}

/** The call that names the other nodes, where certainly all of them and not this one are put into the ring. */
export function othersIn(file: FileFacts, nodes: Expr): Call | undefined {
  const origins = originsOf(file, nodes);
  const [first, ...more] = origins;
  if (first?.kind !== 'nodes' || more.length > 0 || first.self || first.counted || !namesOthers(first)) return undefined;
  return !first.part || isEachOf(file, nodes, first.at) ? first.at : undefined;
}

function namesOthers({ at }: Extract<Origin, { kind: 'nodes' }>): boolean {
  if (at.module !== 'Node' && at.module !== ':erlang') return false;
  const [kinds] = at.args;
  const items = kinds?.kind === 'list' ? kinds.items : kinds ? [kinds] : [];
  return items.every((kind) => kind.kind === 'atom' && /^(?:visible|connected)$/.test(kind.value));
}

/** Whether it is each of the nodes in turn, and not one that was chosen or that is left after others. */
function isEachOf(file: FileFacts, node: Expr, list: Call): boolean {
  const source = node.kind === 'variable' ? bindingOf(file, node)?.source : undefined;
  return source?.from === 'element' && source.path.length === 0 && definitionOf(file, source.expr) === list;
}

/** Whether the ring is certainly made in this function, empty. */
export function isEmptyRing(file: FileFacts, ring: Expr): boolean {
  const source = ring.kind === 'variable' ? bindingOf(file, ring)?.source : undefined;
  if (source?.from === 'accumulator') return source.path.length === 0 && isEmptyRing(file, source.initial);
  const made = ring.kind === 'variable' && source?.from === 'value' ? firstResult(file, ring, source.expr) : definitionOf(file, ring);
  if (made?.kind !== 'call' || !isRingModule(made.module)) return false;
  const [first] = made.args;
  if (adds.test(made.name)) return first !== undefined && isEmptyRing(file, first);
  return makes.test(made.name) && made.args.every((arg) => isSetting(arg));
}

/** What a variable holds: also the second of `{:ok, ring} = start_link(…)`. */
function firstResult(file: FileFacts, variable: Expr, value: Expr): Expr {
  return value.kind === 'call' && isRingModule(value.module) ? value : definitionOf(file, variable);
}

/** A number, a name, or options without nodes. */
function isSetting(e: Expr): boolean {
  if (e.kind === 'list') return keywordValue(e, 'nodes') === undefined && e.items.every((item) => item.kind === 'pair');
  return e.kind === 'integer' || e.kind === 'atom' || e.kind === 'alias';
}

/** Whether the module names this node for another purpose than to compare it: it may well be put into the ring there. */
export function mentionsThisNode(file: FileFacts, module: ModuleDef | undefined): boolean {
  return file.exprs.some((e) => isThisNode(e) && moduleOf(file, e) === module && ![...ancestorsOf(file, e)].slice(0, 1).some(isComparison));
}

function isThisNode(e: Expr): boolean {
  return e.kind === 'call' && e.args.length === 0 && /^(?:Kernel\.node|Node\.self|:erlang\.node)$/.test(`${e.module}.${e.name}`);
}

function isComparison(e: Expr): boolean {
  return e.kind === 'binary' && /^[!=]==?$/.test(e.operator);
}
