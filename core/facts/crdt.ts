/** `delta_crdt`: which types and operations it has, and how its replicas are started. */
import { type Call, type Expr, keywordPair } from '../elixir/ir';
import { compareVersions, versionOf } from '../project/project';
import type { Context } from '../rule';
import { bindingOf } from './bindings';
import { callsTo, type FileFacts } from './facts';
import { definitionOf } from './values';

/** Modules below `DeltaCrdt` that exist; the first is the only type. */
const crdtModules: ReadonlySet<string> = new Set([
  'DeltaCrdt.AWLWWMap',
  'DeltaCrdt.AWLWWMap.Dots',
  'DeltaCrdt.CausalCrdt',
  'DeltaCrdt.CausalCrdt.Diff',
  'DeltaCrdt.Storage',
]);

/** Types that papers and other libraries have, and those that `delta_crdt` had once. */
const typeNames =
  /^(?:AWLWWMap|[GP]?NCounter|PNCounter|GCounter|[GPU]Set|TwoPSet|ORSet|ORSWOT|AWSet|RWSet|LWWSet|LWWMap|LWWRegister|MVRegister|ORMap|AWMap|(?:AddWins|RemoveWins|ObservedRemove|Causal|EnableWins|DisableWins)\w*)$/;

/** What `DeltaCrdt.AWLWWMap` can be told through `mutate`, with the number of arguments that each takes. */
export const mapOperations: ReadonlyMap<string, number> = new Map([
  ['add', 2],
  ['remove', 1],
]);

/** Whether the project's `delta_crdt` is older than the version; false where it is not known. */
export function deltaCrdtBefore(context: Context, version: string): boolean {
  const known = versionOf(context.project, 'delta_crdt');
  return known !== undefined && compareVersions(known, version) < 0;
}

/** Whether a name stands for a CRDT type that neither the library nor the project has. */
export function isUnknownCrdtType(file: FileFacts, context: Context, name: string): boolean {
  if (crdtModules.has(name) || deltaCrdtBefore(context, '0.5.0') || isDefined(file, context, name)) return false;
  return name.startsWith('DeltaCrdt.') || (!name.includes('.') && typeNames.test(name));
}

/** Whether the call is one of a CRDT that does not exist: of a type that there is not, of the type as if it were a process, `mutate/2`. */
export function isUnknownCrdtCall(file: FileFacts, call: Call, context: Context): boolean {
  const { module, name } = call;
  if (module === undefined || deltaCrdtBefore(context, '0.5.0')) return false;
  if (module === 'DeltaCrdt') return name === 'mutate' && call.args.length === 2;
  if (module === 'DeltaCrdt.AWLWWMap')
    return /^(?:start|start_link|child_spec|put|get|mutate|delete|update|merge|to_map|value)$/.test(name);
  return module.startsWith('DeltaCrdt.') && isUnknownCrdtType(file, context, module);
}

/** The types that replicas are started with: the first argument of `start_link`, `crdt:` of a child. */
export function startedTypes(file: FileFacts): readonly Expr[] {
  const started = callsTo(file, ['DeltaCrdt.start_link']).flatMap((call) => call.args[0] ?? []);
  const children = [
    ...crdtChildren(file).map((c) => c.options),
    ...callsTo(file, ['DeltaCrdt.child_spec']).flatMap((c) => c.args[0] ?? []),
  ];
  return [...started, ...children.flatMap((options) => keywordPair(options, 'crdt')?.value ?? [])];
}

/** `{DeltaCrdt, options}` in lists of children. */
export function crdtChildren(file: FileFacts): readonly { readonly child: Expr; readonly options: Expr }[] {
  return file.exprs.flatMap((e) => {
    const [module, options] = e.kind === 'tuple' && e.items.length === 2 ? e.items : [];
    return module?.kind === 'alias' && module.name === 'DeltaCrdt' && options ? [{ child: e, options }] : [];
  });
}

/** Whether a replica may be of a type that the project defines: then its operations are its own. */
export function mayHaveOwnTypes(file: FileFacts, context: Context): boolean {
  const files = [file, ...(context.project?.files.values() ?? [])];
  return files.some((f) =>
    startedTypes(f).some((type) => {
      const value = definitionOf(f, type);
      return value.kind !== 'alias' || (!crdtModules.has(value.name) && isDefined(file, context, value.name));
    }),
  );
}

function isDefined(file: FileFacts, context: Context, name: string): boolean {
  return file.modules.some((m) => m.name === name) || context.project?.modules.has(name) === true;
}

/** `DeltaCrdt.set_neighbours(crdt, neighbours)`, with the neighbours where they are written out. */
export interface Neighbours {
  readonly call: Call;
  readonly crdt: Expr;
  /** Undefined for a list that is computed. */
  readonly neighbours: Extract<Expr, { kind: 'list' }> | undefined;
}

/** Every call that sets neighbours, in the order of the text. */
export function neighboursIn(file: FileFacts): readonly Neighbours[] {
  return callsTo(file, ['DeltaCrdt.set_neighbours/2']).flatMap((call) => {
    const [crdt, given] = call.args;
    const list = given && definitionOf(file, given);
    return crdt ? [{ call, crdt, neighbours: list?.kind === 'list' && !list.tail ? list : undefined }] : [];
  });
}

/** Which replica of this node an expression stands for, the same for each mention: one that is started in the file; undefined for any other. */
export function localReplica(file: FileFacts, e: Expr): string | undefined {
  const value = definitionOf(file, e);
  if (value.kind === 'alias' || value.kind === 'atom') {
    const name = value.kind === 'alias' ? value.name : `:${value.value}`;
    return startedNames(file).has(name) ? name : undefined;
  }
  const source = value.kind === 'variable' ? bindingOf(file, value)?.source : undefined;
  if (source?.from !== 'value' || source.expr.kind !== 'call') return undefined;
  const { module, name, id } = source.expr;
  const [step, ...more] = source.path;
  const isPid = step?.step === 'tuple' && step.index === 1 && more.length === 0;
  return module === 'DeltaCrdt' && name === 'start_link' && isPid ? `#${id}` : undefined;
}

function startedNames(file: FileFacts): ReadonlySet<string> {
  const options = [...callsTo(file, ['DeltaCrdt.start_link']).flatMap((c) => c.args[1] ?? []), ...crdtChildren(file).map((c) => c.options)];
  const names = options.flatMap((o) => {
    const name = keywordPair(o, 'name')?.value;
    const value = name && definitionOf(file, name);
    return value?.kind === 'alias' ? [value.name] : value?.kind === 'atom' ? [`:${value.value}`] : [];
  });
  return new Set(names);
}
