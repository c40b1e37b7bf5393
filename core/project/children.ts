/** The modules that supervisors start: what stands in their child lists, however those are put together in the file. */
import type { Call, Expr, MapExpr, Tuple } from '../elixir/ir';
import { keywordValue, pairsOf } from '../elixir/ir';
import type { FileFacts, ModuleDef } from '../facts/facts';
import type { Range } from '../text';
import { boundTo } from './bindings';

export interface Child {
  /** Full name. */
  readonly module: string;
  /** The whole specification: that of `{Highlander, Worker}` holds the one of `Worker`. */
  readonly range: Range;
}

const found = new WeakMap<FileFacts, readonly Child[]>();

/** The children of the file's supervisors, in the order of the text; not what is started on demand with `start_child`. */
export function childrenIn(file: FileFacts): readonly Child[] {
  const known = found.get(file);
  if (known) return known;
  const children = /Supervisor|Application/.test(file.text) ? collect(file) : [];
  found.set(file, children);
  return children;
}

/** An expression, and whether it is a list of children or one child. */
type Work = readonly [Expr, 'list' | 'child'];

const lists: readonly string[] = ['Supervisor.start_link', 'Supervisor.init', 'Supervisor.Spec.supervise', '?.supervise'];

function collect(file: FileFacts): readonly Child[] {
  const children = new Map<string, Child>();
  const seen = { list: new Set<number>(), child: new Set<number>() };
  const modules = new Map(file.modules.map((m) => [m.name, m]));
  const work: Work[] = starts(file);
  const to: Collector = { file, modules, work, add };
  for (let next = work.pop(); next; next = work.pop()) {
    const [e, as] = next;
    if (seen[as].has(e.id)) continue;
    seen[as].add(e.id);
    if (as === 'list') listed(to, e);
    else child(to, e);
  }
  return [...children.values()].sort((a, b) => a.range.start - b.range.start || b.range.end - a.range.end);

  function add(module: string, range: Range): void {
    children.set(`${module} ${range.start}`, { module, range });
  }
}

interface Collector {
  readonly file: FileFacts;
  readonly modules: ReadonlyMap<string, ModuleDef>;
  readonly work: Work[];
  add(module: string, range: Range): void;
}

/** What supervisors are given, and what is called children. */
function starts(file: FileFacts): Work[] {
  const work: Work[] = [];
  const isName = (name: string): boolean => /^(?:\w+_)?(?:children|child_specs|workers)$/.test(name);
  for (const name of lists) for (const call of file.calls.get(name) ?? []) if (call.args[0]) work.push([call.args[0], 'list']);
  for (const e of file.exprs) {
    if (e.kind === 'match' && e.pattern.kind === 'variable' && isName(e.pattern.name)) work.push([e.value, 'list']);
  }
  for (const module of file.modules) {
    for (const def of module.functions) {
      for (const { clause } of def.clauses) {
        if (isName(def.name)) work.push([clause.body, 'list']);
        // A module's own specification says how it is started, not that anyone does.
        else if (def.name === 'child_spec' && !names(clause.body, module.name)) work.push([clause.body, 'child']);
      }
    }
  }
  return work;
}

function names(spec: Expr, module: string): boolean {
  const last = spec.kind === 'block' ? spec.body.at(-1) : spec;
  const started = last?.kind === 'map' ? startedBy(last) : last?.kind === 'call' ? last.args[0] : undefined;
  return started?.kind !== 'alias' || started.name === module;
}

/** `Module` of `%{start: {Module, :start_link, []}}`. */
function startedBy(spec: MapExpr): Expr | undefined {
  const start = keywordValue(spec, 'start');
  return start?.kind === 'tuple' ? start.items[0] : undefined;
}

/** What an expression comes to, by its branches and names: the same in both readings. */
function passed(to: Collector, e: Expr, as: Work[1]): boolean {
  const push = (...parts: readonly (Expr | undefined)[]): true => {
    for (const part of parts) if (part) to.work.push([part, as]);
    return true;
  };
  switch (e.kind) {
    case 'block':
      return push(e.body.at(-1));
    case 'match':
      return push(e.value);
    case 'if':
      return push(e.consequent, e.alternative);
    case 'case':
    case 'cond':
      return push(...e.clauses.map((c) => c.body));
    case 'with':
      return push(e.body, ...e.otherwise.map((c) => c.body));
    case 'try':
      return push(e.body);
    case 'variable':
      return push(boundTo(to.file, e));
    case 'attribute':
      return push(...[...to.modules.values()].flatMap((m) => m.attributes.get(e.name) ?? []));
    default:
      return false;
  }
}

function listed(to: Collector, e: Expr): void {
  if (passed(to, e, 'list')) return;
  const { work } = to;
  switch (e.kind) {
    case 'list':
      for (const item of e.items) work.push([item, 'child']);
      if (e.tail) work.push([e.tail, 'list']);
      return;
    case 'binary':
      work.push([e.right, 'list']);
      if (e.operator !== '&&' && e.operator !== 'and') work.push([e.left, 'list']);
      return;
    case 'for':
      work.push([e.body, 'child']);
      return;
    case 'call':
      if (e.module !== undefined && to.modules.has(e.module)) {
        for (const def of to.modules.get(e.module)?.functions ?? []) {
          if (def.name === e.name) for (const { clause } of def.clauses) work.push([clause.body, 'list']);
        }
      } else if (!isListCall(e) && !(e.piped && e.local)) return;
      for (const arg of e.args) {
        if (arg.kind === 'fn') for (const clause of arg.clauses) work.push([clause.body, 'child']);
        else if (arg.kind !== 'alias' && arg.kind !== 'tuple' && arg.kind !== 'map') work.push([arg, 'list']);
      }
      return;
  }
}

/** Calls whose value is a list made of their arguments. */
function isListCall(e: Call): boolean {
  return e.module === 'Enum' || e.module === 'List' || (e.module === 'Kernel' && e.name === '++');
}

function child(to: Collector, e: Expr): void {
  if (passed(to, e, 'child')) return;
  switch (e.kind) {
    case 'alias':
      to.add(e.name, e.range);
      return;
    case 'tuple':
      tuple(to, e);
      return;
    case 'map': {
      const started = startedBy(e);
      if (started?.kind === 'alias') to.add(started.name, e.range);
      return;
    }
    // A list among the children is one that is flattened.
    case 'list':
    case 'for':
      to.work.push([e, 'list']);
      return;
    case 'binary':
      to.work.push(e.operator === '++' ? [e, 'list'] : [e.right, 'child']);
      return;
    case 'call': {
      const [first] = e.args;
      if (isListCall(e)) {
        to.work.push([e, 'list']);
        return;
      }
      const own = e.module === undefined ? undefined : to.modules.get(e.module);
      if (own) {
        for (const def of own.functions) {
          if (def.name === e.name) for (const { clause } of def.clauses) to.work.push([clause.body, 'child']);
        }
      }
      if (e.module === 'Supervisor' && e.name === 'child_spec') {
        if (first) to.work.push([first, 'child']);
      } else if (e.name === 'child_spec' && e.module !== undefined) to.add(e.module, e.range);
      else if ((e.module === undefined || e.module === 'Supervisor.Spec') && (e.name === 'worker' || e.name === 'supervisor')) {
        if (first?.kind === 'alias') to.add(first.name, e.range);
      }
      return;
    }
  }
}

/** Modules whose argument is itself a child. */
const wrappers: ReadonlySet<string> = new Set(['Highlander', 'HighlanderPG', 'Singleton', 'Horde.Singleton']);

function tuple(to: Collector, e: Tuple): void {
  const [module, argument] = e.items;
  if (module?.kind !== 'alias') return;
  to.add(module.name, e.range);
  if (!argument) return;
  const inside = pairsOf(argument).filter((p) => p.key.kind === 'atom' && /^child(?:_spec)?$/.test(p.key.value));
  for (const each of inside) to.work.push([each.value, 'child']);
  if (wrappers.has(module.name) && inside.length === 0) to.work.push([argument, 'child']);
}
