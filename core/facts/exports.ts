/** What the modules of the known libraries export, version by version, and the calls that name something else. */
import type { Call, Capture } from '../elixir/ir';
import table from '../libraries/exports.tsv';
import { nearest } from '../nearest';
import { compareVersions, type ProjectFacts } from '../project/project';
import type { Context } from '../rule';
import { ancestorsOf, callsTo, type FileFacts, moduleOf } from './facts';

/** Arities by function. */
export type Exports = ReadonlyMap<string, readonly number[]>;

interface LibraryModule {
  /** As `mix.exs` names it; `otp` for Erlang itself. */
  readonly library: string;
  /** From the oldest known version to the newest. */
  readonly versions: readonly { readonly version: string; readonly exports: Exports }[];
}

/** A call or capture of a function that its module does not have. */
export interface UnknownFunction {
  readonly at: Call | Capture;
  readonly module: string;
  readonly name: string;
  readonly arity: number;
  readonly library: string;
  /** The versions that were looked at, oldest first. */
  readonly versions: readonly string[];
  /** What these versions have. */
  readonly exports: Exports;
}

/** Names that several packages use, or that an application may well have itself: only the dependencies tell which one is meant. */
const ambiguous = /^(?:HashRing|Cluster)(?:\.|$)/;

let parsed: ReadonlyMap<string, LibraryModule> | undefined;

function modules(): ReadonlyMap<string, LibraryModule> {
  parsed ??= parse(table);
  return parsed;
}

function parse(text: string): ReadonlyMap<string, LibraryModule> {
  const found = new Map<string, { library: string; versions: { version: string; exports: Map<string, number[]> }[] }>();
  for (const row of text.trimEnd().split(/\r?\n/).slice(1)) {
    const [library = '', version = '', module = '', name = '', arity = ''] = row.split('\t');
    const entry = found.get(module) ?? { library, versions: [] };
    found.set(module, entry);
    let last = entry.versions.find((v) => v.version === version);
    if (!last) entry.versions.push((last = { version, exports: new Map() }));
    last.exports.set(name, [...(last.exports.get(name) ?? []), Number(arity)]);
  }
  for (const { versions } of found.values()) versions.sort((a, b) => compareVersions(a.version, b.version));
  return found;
}

/** Calls and captures, in the order of the text, of functions that no version of their library has that the project may be using. */
export function unknownFunctions(file: FileFacts, context: Context): readonly UnknownFunction[] {
  const found: UnknownFunction[] = [];
  const known = modules();
  const consider = (module: string, library: LibraryModule, at: Call | Capture, arity: number): void => {
    if (always.test(at.name)) return;
    if (file.modules.some((m) => m.name === module) || context.project?.modules.has(module)) return;
    const versions = versionsIn(context.project, module, library);
    const exports = merged(versions.map((v) => v.exports));
    if (versions.length === 0 || exports.get(at.name)?.includes(arity) || isConditional(file, at)) return;
    found.push({ at, module, name: at.name, arity, library: library.library, versions: versions.map((v) => v.version), exports });
  };
  for (const [name, calls] of file.calls) {
    const module = name.slice(0, name.lastIndexOf('.'));
    const library = known.get(module);
    if (library) for (const call of calls) if (!call.blocks) consider(module, library, call, call.args.length);
  }
  for (const [name, captures] of file.captures) {
    const module = name.slice(0, name.lastIndexOf('.'));
    const library = known.get(module);
    if (library) for (const capture of captures) consider(module, library, capture, capture.arity);
  }
  return found.sort((a, b) => a.at.range.start - b.at.range.start || a.at.id - b.at.id);
}

/** What every module has. */
const always = /^(?:__\w+__|module_info|behaviour_info)$/;

/** The known versions that the project may be using: those around the locked one, else all; none where the table says nothing about it. */
function versionsIn(project: ProjectFacts | undefined, module: string, { library, versions }: LibraryModule): LibraryModule['versions'] {
  if (library === 'otp') return versions;
  const dependency = project?.dependencies.get(library);
  if (!dependency) return project || ambiguous.test(module) ? [] : versions;
  if (dependency.unreleased) return [];
  const version = dependency.locked ?? /\d+(?:\.\d+)*/.exec(dependency.requirement ?? '')?.[0];
  if (version === undefined) return versions;
  if (!versions.some((v) => series(v.version) === series(version))) return [];
  if (dependency.locked === undefined) return versions;
  const same = versions.find((v) => version === v.version || version.startsWith(`${v.version}.`));
  if (same) return [same];
  const after = versions.findIndex((v) => compareVersions(v.version, version) > 0);
  return after < 0 ? versions.slice(-1) : versions.slice(Math.max(0, after - 1), after + 1);
}

/** Versions that break nothing among themselves: `2` of `2.14.0`, `0.6` of `0.6.4`. */
function series(version: string): string {
  const [first = '', second = ''] = version.split('.');
  return first === '0' ? `0.${second}` : first;
}

function merged(all: readonly Exports[]): Exports {
  if (all.length === 1 && all[0]) return all[0];
  const together = new Map<string, readonly number[]>();
  for (const exports of all) {
    for (const [name, arities] of exports) {
      together.set(
        name,
        [...new Set([...(together.get(name) ?? []), ...arities])].sort((a, b) => a - b),
      );
    }
  }
  return together;
}

/** Written by someone who knows that the function may be missing: asked for first, rescued, or excepted from the compiler's warning. */
function isConditional(file: FileFacts, at: Call | Capture): boolean {
  const asked = callsTo(file, ['?.function_exported?', 'Kernel.function_exported?', ':erlang.function_exported']).some((call) => {
    const name = call.args[1];
    return name?.kind !== 'atom' || name.value === at.name;
  });
  if (asked) return true;
  for (const ancestor of ancestorsOf(file, at)) {
    if (ancestor.kind !== 'try') continue;
    const patterns = [...ancestor.rescue, ...ancestor.catch].flatMap((clause) => clause.patterns);
    if (patterns.some((pattern) => /UndefinedFunctionError|\bundef\b/.test(file.text.slice(pattern.range.start, pattern.range.end))))
      return true;
  }
  const compile = moduleOf(file, at)?.attributes.get('compile') ?? [];
  return compile.some((value) => file.text.slice(value.range.start, value.range.end).includes('no_warn_undefined'));
}

/** The exported function whose name was probably meant: a few letters differ, or a part of the name is missing. */
export function meantFunction({ name, exports }: UnknownFunction): string | undefined {
  const similar = nearest(name, exports.keys());
  if (similar !== undefined) return similar;
  const longer = [...exports.keys()].filter((known) => known.startsWith(`${name}_`) || known.endsWith(`_${name}`));
  return longer.sort((a, b) => a.length - b.length)[0];
}
