/** Names: what `alias`, `import`, `require` and nesting make of them, lexically. */
import { kernelFunctions } from './kernel';

export interface Scope {
  /** Full name of the enclosing module. */
  readonly module: string | undefined;
  /** Short name → full name. Replaced, never changed, so that inner scopes leave outer ones alone. */
  aliases: ReadonlyMap<string, string>;
  imports: readonly Import[];
  /** Functions that the enclosing module defines, by name, with the arities they can be called with. */
  readonly locals: ReadonlyMap<string, ReadonlySet<number>>;
  /** The module `use`s something, so that names may come from anywhere. */
  readonly uses: { any: boolean };
  /** Names bound so far in the enclosing function clause. */
  readonly variables: Set<string>;
  /** Module attributes that hold a module. */
  readonly moduleAttributes: Map<string, string>;
}

interface Import {
  readonly module: string;
  readonly only?: ReadonlySet<string>;
}

export const rootScope = (): Scope => ({
  module: undefined,
  aliases: new Map(),
  imports: [],
  locals: new Map(),
  uses: { any: false },
  variables: new Set(),
  moduleAttributes: new Map(),
});

/** A scope inside `scope`: its aliases and imports end with it, its variables are those of the function. */
export const inner = (scope: Scope): Scope => ({ ...scope });

/** The scope of a function clause: variables of its own. */
export const functionScope = (scope: Scope): Scope => ({ ...scope, variables: new Set() });

/** The full name of a module written as `name` (`Elixir.` is dropped). */
export function expandAlias(scope: Scope, name: string): string {
  if (name.startsWith('Elixir.')) return name.slice('Elixir.'.length);
  const dot = name.indexOf('.');
  const first = dot < 0 ? name : name.slice(0, dot);
  const full = scope.aliases.get(first);
  return full === undefined ? name : full + (dot < 0 ? '' : name.slice(dot));
}

export function addAlias(scope: Scope, full: string, as?: string): void {
  const short = as ?? full.slice(full.lastIndexOf('.') + 1);
  scope.aliases = new Map(scope.aliases).set(short, full);
}

export function addImport(scope: Scope, module: string, only?: ReadonlySet<string>): void {
  scope.imports = [...scope.imports, only ? { module, only } : { module }];
}

/** The module of a call written without one, or undefined where it may come from anywhere. */
export function resolveLocal(scope: Scope, name: string, arity: number): string | undefined {
  if (scope.locals.get(name)?.has(arity)) return scope.module;
  const imported = scope.imports.find((i) => i.only?.has(`${name}/${arity}`));
  if (imported) return imported.module;
  if (kernelFunctions.has(name)) return 'Kernel';
  const whole = scope.imports.filter((i) => !i.only);
  return whole.length === 1 && !scope.uses.any ? whole[0]?.module : undefined;
}
