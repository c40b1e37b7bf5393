/** Calls and names that reach across nodes: which primitive of distributed Elixir stands at a place. */
import { majority, toleratedFailures } from '../design/quorum';
import type { Call, Expr, Tuple } from '../elixir/ir';
import { clusterNameOf } from '../facts/cluster-names';
import { type FileFacts, moduleOf, parentOf } from '../facts/facts';
import { type HordePart, hordeOption, hordesIn, usesQuorum } from '../facts/horde';
import { countOf } from '../facts/members';
import { areSeveralNodes, isOn, tablesIn } from '../facts/mnesia';
import { raStarts } from '../facts/ra';
import { definitionOf } from '../facts/values';
import type { ProjectFacts } from '../project/project';
import type { Range } from '../text';
import type { Lesson } from './lesson';
import {
  children,
  globalName,
  globalResolvers,
  hordeQuorum,
  hordeUniform,
  mnesiaMajority,
  mnesiaPlain,
  type Primitive,
  primitives,
  pubsub,
  registries,
  remoteCall,
  remoteSend,
  tracker,
} from './primitives';

const byFunction: ReadonlyMap<string, Primitive> = new Map(
  primitives.flatMap((primitive) => primitive.functions.map((name) => [name, primitive] as const)),
);

/** What the file and its project say about a place. */
interface Place {
  readonly file: FileFacts;
  readonly project: ProjectFacts | undefined;
}

/** The lesson about the call, child or name at `offset`; undefined where there is nothing to teach. */
export function callLessonAt(file: FileFacts, offset: number, project: ProjectFacts | undefined): Lesson | undefined {
  const place = { file, project };
  const holds = ({ start, end }: Range): boolean => start <= offset && offset <= end;
  for (const calls of file.calls.values()) {
    for (const call of calls) {
      if (!holds(call.callee)) continue;
      const primitive = primitiveOf(place, call);
      if (primitive) return lesson(`\`${call.module}.${call.name}\``, wrote(file, call), primitive, membersOf(file, call));
    }
  }
  for (const captures of file.captures.values()) {
    const capture = captures.find(({ range }) => holds(range));
    const name = `${capture?.module}.${capture?.name}`;
    const primitive = byFunction.get(name);
    if (capture && primitive) return lesson(`\`${name}\``, capture.range, primitive);
  }
  for (const e of file.exprs) {
    if (e.kind !== 'tuple' || !holds(e.range)) continue;
    const found = childAt(place, e, offset) ?? nameAt(file, e, offset);
    if (found) return found;
  }
  return undefined;
}

function lesson(what: string, range: Range, { partition, rules, reference }: Primitive, more: readonly string[] = []): Lesson {
  const lines = [`**While split:** ${partition.split}`, `**Once healed:** ${partition.heal}`, ...more];
  const text = `${what} in a partition\n\n${lines.map((line) => `- ${line}`).join('\n')}`;
  return { range, text, rules, ...(reference !== undefined && { reference }) };
}

/** The call from its name on; its name alone where it goes on over further lines, which would all light up. */
function wrote(file: FileFacts, { callee, range }: Call): Range {
  const whole = { start: callee.start, end: range.end };
  return /[\r\n]/.test(file.text.slice(whole.start, whole.end)) ? callee : whole;
}

function primitiveOf(place: Place, call: Call): Primitive | undefined {
  const { file } = place;
  const name = `${call.module}.${call.name}`;
  const known = byFunction.get(name) ?? ofOwnModule(place, call);
  if (known === mnesiaPlain) return mnesiaOf(place, call);
  if (known === hordeUniform) return hordeOf(place, call.args[0]);
  if (known === globalName) return globalOf(file, call);
  if (known) return known;
  const [target] = call.args;
  if (!target) return undefined;
  if (remoteCall.functions.includes(name)) return isRemote(file, target) ? remoteCall : undefined;
  return remoteSend.functions.includes(name) && isRemote(file, target) ? remoteSend : undefined;
}

/** Functions that a module of the project has because it uses one of Phoenix’s: `MyApp.Presence.track`, `MyAppWeb.Endpoint.broadcast`. */
function ofOwnModule({ file, project }: Place, { module, name }: Call): Primitive | undefined {
  if (module === undefined) return undefined;
  const uses = (of: string): boolean =>
    [file, project?.files.get(project.modules.get(module)?.path ?? '')].some((facts) =>
      facts?.modules.some((def) => def.name === module && def.uses.some((use) => use.module === of)),
    );
  if (tracker.functions.includes(`Phoenix.Presence.${name}`) && uses('Phoenix.Presence')) return tracker;
  return pubsub.functions.includes(`Phoenix.PubSub.${name}`) && uses('Phoenix.Endpoint') ? pubsub : undefined;
}

/** `{name, node}` of another node, or a name in the whole cluster. */
function isRemote(file: FileFacts, target: Expr): boolean {
  const value = definitionOf(file, target);
  if (value.kind !== 'tuple') return false;
  if (clusterNameOf(file, value)) return true;
  const [, node] = value.items;
  return value.items.length === 2 && !(node?.kind === 'call' && node.name === 'node' && node.args.length === 0);
}

/**
 * By the tables of the project, or the one that is created here: those with copies on several nodes, and whether they ask for a majority. Nothing
 * where no table has; a project that creates none is taken to share those of somebody else.
 */
function mnesiaOf({ file, project }: Place, call: Call): Primitive | undefined {
  const files = filesOf(file, project);
  const own = tablesIn(file).filter(({ created }) => created === call);
  const tables =
    own.length > 0 ? own.map((table) => ({ table, at: file })) : files.flatMap((at) => tablesIn(at).map((table) => ({ table, at })));
  const copiedLater = files.some((at) => at.calls.has(':mnesia.add_table_copy'));
  const shared = tables.filter(({ table, at }) => copiedLater || table.copies.some(({ value }) => areSeveralNodes(at, value)));
  if (tables.length > 0 && shared.length === 0) return undefined;
  return shared.length > 0 && shared.every(({ table, at }) => isOn(at, table, 'majority')) ? mnesiaMajority : mnesiaPlain;
}

/** By the strategy of the supervisor that is named, or of all supervisors where they agree. */
function hordeOf({ file, project }: Place, supervisor: Expr | undefined): Primitive {
  const name = supervisor && definitionOf(file, supervisor);
  const all = filesOf(file, project).flatMap((other) =>
    hordesIn(other, project).filter((parts) => parts.some(({ start }) => start.module === 'Horde.DynamicSupervisor')),
  );
  const named = all.filter((parts) => parts.some((part) => name?.kind === 'alias' && isNamed(part, name.name)));
  const asked = named.length > 0 ? named : all;
  return asked.length > 0 && asked.every(usesQuorum) ? hordeQuorum : hordeUniform;
}

function isNamed({ file, start }: HordePart, name: string): boolean {
  const given = hordeOption(file, start, 'name');
  const value = given && definitionOf(file, given.value);
  const module = moduleOf(file, start.options);
  return value?.kind === 'alias' ? value.name === name : module?.name === name;
}

function filesOf(file: FileFacts, project: ProjectFacts | undefined): readonly FileFacts[] {
  return [file, ...[...(project?.files.values() ?? [])].filter((other) => other.path !== file.path)];
}

/** `:global` with the resolver that this registration names. */
function globalOf(file: FileFacts, call: Call): Primitive {
  const resolver = /register_name$/.test(call.name) && call.name !== 'unregister_name' ? call.args[2] : undefined;
  if (!resolver) return globalName;
  const value = definitionOf(file, resolver);
  const known = value.kind === 'capture' && value.module === ':global' ? globalResolvers[value.name] : undefined;
  const heal =
    known ?? 'Both copies meet: the resolver that is given here decides which one keeps the name, and what becomes of the other.';
  const rules = ['global-conflict-message-unhandled', 'global-singleton-no-takeover'];
  return { ...globalName, partition: { ...globalName.partition, heal }, rules };
}

/** The members that a cluster of `:ra` is formed of, where they are written out. */
function membersOf(file: FileFacts, call: Call): readonly string[] {
  const start = raStarts(file).find((candidate) => candidate.call === call);
  const count = start && countOf(file, start.members);
  if (!count) return [];
  const tolerated = toleratedFailures(count);
  return [`**${count} members:** a majority is ${majority(count)}, so ${tolerated === 0 ? 'none' : tolerated} may fail.`];
}

/** `{Horde.Registry, options}` in a list of children, on its module. */
function childAt(place: Place, tuple: Tuple, offset: number): Lesson | undefined {
  const [module, options] = tuple.items;
  if (module?.kind !== 'alias' || !options || tuple.items.length !== 2 || module.range.end < offset) return undefined;
  const primitive = Object.hasOwn(children, module.name) ? children[module.name] : undefined;
  if (!primitive) return undefined;
  if (primitive !== hordeUniform) return lesson(`\`${module.name}\``, module.range, primitive);
  const own = hordesIn(place.file, place.project).find((parts) => parts.some(({ start }) => start.at.start === module.range.start));
  return lesson(`\`${module.name}\``, module.range, own && usesQuorum(own) ? hordeQuorum : hordeUniform);
}

/** `{:global, name}` or `{:via, Horde.Registry, term}` where it names a process, up to the term. */
function nameAt(file: FileFacts, tuple: Tuple, offset: number): Lesson | undefined {
  const name = clusterNameOf(file, tuple);
  if (!name || name.at !== tuple || name.term.range.start < offset || !isName(file, tuple)) return undefined;
  const primitive = registries[name.registry];
  return primitive && lesson(`A name of \`${name.registry}\``, tuple.range, primitive);
}

/** `{:via, …}` says it by itself; `{:global, name}` may be any tuple, unless it is a `name:` or the target of a call. */
function isName(file: FileFacts, tuple: Tuple): boolean {
  if (tuple.items.length === 3) return true;
  const parent = parentOf(file, tuple);
  if (parent?.kind === 'pair') return parent.key.kind === 'atom' && parent.key.value === 'name';
  return (
    parent?.kind === 'call' &&
    parent.args[0] === tuple &&
    /^(?:GenServer|Agent|Supervisor|:gen_server|:gen_statem)$/.test(parent.module ?? '')
  );
}
