/** Whether a process that is called may be on another node. */
import type { Call, Expr, Variable } from '../elixir/ir';
import { bindingOf } from './bindings';
import { clusterNameOf } from './cluster-names';
import { ancestorsOf, type FileFacts, functionClauseOf } from './facts';
import { originsOf } from './origins';
import { definitionOf } from './values';

/** How certain it is that a target is a process of another node: `server` is only certain where what is called takes a server. */
export type Remoteness = 'node' | 'server' | undefined;

/**
 * `{name, node}` with a node that is one of the visible ones or is named so, or a name of the whole cluster: `node`; any other pair: `server`. Also
 * for a parameter to which some call of the file passes such a target.
 */
export function remotenessOf(file: FileFacts, e: Expr, hops = 2): Remoteness {
  if (clusterNameOf(file, e)) return 'node';
  const target = definitionOf(file, e);
  if (target.kind === 'tuple' && target.items.length === 2) return remotenessOfPair(file, target.items[0] as Expr, target.items[1] as Expr);
  if (target.kind !== 'variable' || hops === 0) return undefined;
  for (const passed of passedAs(file, target)) {
    const remoteness = remotenessOf(file, passed, hops - 1);
    if (remoteness) return remoteness;
  }
  return undefined;
}

function remotenessOfPair(file: FileFacts, name: Expr, node: Expr): Remoteness {
  if (name.kind === 'atom' && name.value === 'local') return undefined;
  const origins = originsOf(file, node);
  if (origins.some((o) => o.kind === 'this-node')) return undefined;
  if (origins.some((o) => o.kind === 'nodes')) return 'node';
  if (node.kind === 'atom' && node.value.includes('@')) return 'node';
  const written = node.kind === 'variable' || node.kind === 'field' ? node.name : '';
  return /(?:^|_)node$/.test(written) ? 'node' : 'server';
}

/** What the calls of the file pass for a parameter of the function in which it stands; also where a macro such as `defun` defines it. */
function passedAs(file: FileFacts, parameter: Variable): readonly Expr[] {
  const definition = definitionAround(file, parameter);
  const index = definition?.parameters.findIndex((p) => p.kind === 'variable' && p.name === parameter.name) ?? -1;
  if (!definition || index < 0) return [];
  const source = bindingOf(file, parameter)?.source;
  if (source && (source.from !== 'parameter' || source.path.length > 0)) return [];
  const calls: Call[] = [];
  for (const [name, of] of file.calls) if (name.endsWith(`.${definition.name}`)) calls.push(...of);
  return calls.flatMap((call) => (call.args.length === definition.parameters.length ? (call.args[index] ?? []) : []));
}

interface Definition {
  readonly name: string;
  readonly parameters: readonly Expr[];
}

function definitionAround(file: FileFacts, e: Expr): Definition | undefined {
  const clause = functionClauseOf(file, e);
  if (clause) return { name: clause.def.name, parameters: clause.clause.patterns };
  for (const ancestor of ancestorsOf(file, e)) {
    if (ancestor.kind !== 'call' || !ancestor.blocks || !/^def/.test(ancestor.name)) continue;
    const head = ancestor.args[0] && plain(ancestor.args[0]);
    if (head?.kind === 'call') return { name: head.name, parameters: head.args.map(plain) };
  }
  return undefined;
}

/** Without the type in `name :: type`, the guard and the default. */
function plain(e: Expr): Expr {
  return e.kind === 'binary' && /^(?:::|when|\\\\)$/.test(e.operator) ? plain(e.left) : e;
}
