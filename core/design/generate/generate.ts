/** The code for a whole decision. */
import type { ClassDecision, Decision } from '../decide';
import type { GeneratedFile } from '../document';
import type { OptionId } from '../option';
import type { Kind } from '../questions';
import { type CodeDependency, type Generator, type GeneratorId, generatorOf } from './generators';
import { namesOf } from './names';

/** What is generated for a decision. */
export interface GeneratedCode {
  /** Each path once. */
  readonly files: readonly GeneratedFile[];
  /** The packages that the files need, by name. */
  readonly dependencies: readonly CodeDependency[];
}

/** Generators for an option, by what is replicated; empty where nothing is to be written, as for a database. */
export function generatorsFor(option: OptionId, kind: Kind | undefined): readonly GeneratorId[] {
  switch (option) {
    case 'ra':
    case 'multi-raft':
      return kind === 'inventory' ? ['ra-inventory'] : kind === 'lock' || kind === 'leader' ? ['ra-lease'] : ['ra-store'];
    case 'ra-leader':
      return ['ra-lease'];
    case 'delta-crdt':
      return ['delta-crdt'];
    case 'mnesia-majority':
      return ['mnesia-majority'];
    case 'global':
      return ['global-singleton'];
    case 'horde-uniform':
    case 'horde-quorum':
      return ['horde-singleton'];
    case 'phoenix-tracker':
      return ['phoenix-tracker'];
    case 'lww-register':
      return ['hybrid-clock', 'vector-clock'];
    default:
      return [];
  }
}

/** The files for the cluster and for the recommendation of each class. Files that several parts need come once, as part of the cluster. */
export function generateCode(decision: Decision): GeneratedCode {
  const { design, cluster, classes } = decision;
  const { network, platform } = design.cluster;
  const app = design.app === undefined ? {} : { app: design.app };
  const overlay = cluster.topology === 'hyparview' || cluster.topology === 'untrusted';
  const made: GeneratedFile[] = [];
  const used: Generator[] = [];
  const run = (id: GeneratorId, options: Parameters<Generator['generate']>[0]) => {
    used.push(generatorOf(id));
    made.push(...generatorOf(id).generate(options));
  };

  if (platform !== undefined) run(overlay ? 'partisan' : 'libcluster', { ...app, platform, untrusted: network === 'untrusted' });
  if (!overlay) for (const id of ['node-monitor', 'cluster-health', 'clock-skew'] as const) run(id, app);
  for (const { one, name } of named(classes, design.app)) {
    for (const id of generatorsOf(one)) run(id, { ...app, name, class: one.name });
  }
  run('network-faults', app);
  return { files: merge(made), dependencies: distinct(used.flatMap(({ dependencies }) => dependencies)) };
}

/** The files of these generators in one: each path once. */
export function codeOf(generators: readonly Generator[], options: Parameters<Generator['generate']>[0]): GeneratedCode {
  return {
    files: merge(generators.flatMap((generator) => generator.generate(options))),
    dependencies: distinct(generators.flatMap(({ dependencies }) => dependencies)),
  };
}

function generatorsOf({ recommended, situation }: ClassDecision): readonly GeneratorId[] {
  return recommended === undefined ? [] : generatorsFor(recommended.option, situation.answers.kind);
}

/** The classes with names that stay different when they are written as module names. */
function named(
  classes: readonly ClassDecision[],
  app: string | undefined,
): readonly { readonly one: ClassDecision; readonly name: string }[] {
  const seen = new Map<string, number>();
  return classes.map((one) => {
    const { snake } = namesOf(
      { ...(app === undefined ? {} : { app }), name: one.name },
      one.situation.answers.kind?.replaceAll('-', '_') ?? 'data',
    );
    const count = (seen.get(snake) ?? 0) + 1;
    seen.set(snake, count);
    return { one, name: count === 1 ? snake : `${snake.slice(0, 20)} ${count}` };
  });
}

/** Each path once: settings one after the other, of other files the first, which all have the same text. */
function merge(files: readonly GeneratedFile[]): readonly GeneratedFile[] {
  const byPath = new Map<string, GeneratedFile[]>();
  for (const file of files) byPath.set(file.path, [...(byPath.get(file.path) ?? []), file]);
  return [...byPath.values()].map((same) => {
    const [first, ...others] = same as [GeneratedFile, ...GeneratedFile[]];
    if (others.length === 0) return first;
    const { class: _class, ...shared } = first;
    if (!first.path.startsWith('config/')) return shared;
    return { ...shared, content: settings(same), what: 'Settings that are read when a node starts.' };
  });
}

/** One settings file of several: each statement once, with the comment above it. */
function settings(files: readonly GeneratedFile[]): string {
  const parts = files.flatMap(({ content }) => content.trimEnd().split('\n\n'));
  return `${[...new Set(parts)].join('\n\n')}\n`;
}

function distinct(dependencies: readonly CodeDependency[]): readonly CodeDependency[] {
  const byName = new Map(dependencies.map((dependency) => [dependency.name, dependency]));
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
