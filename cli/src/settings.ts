/** The configuration that holds for a file, and the severities that it and the command line give. */
import path from 'node:path';
import {
  type Configuration,
  emptyConfiguration,
  isConfigured,
  isExcluded,
  levelOf,
  levels,
  parseConfiguration,
  withLevels,
} from '../../core/configuration';
import type { Level } from '../../core/linter';
import type { Rule } from '../../core/rule';
import { lineStarts, positionAt } from '../../core/text';
import { didYouMean } from './arguments';
import type { Disk } from './disk';
import { Failure } from './failure';
import { isWithin, relativePath } from './paths';

export const configurationName = '.netsplit.json';

/** What holds for one file. */
export interface Settings {
  readonly excluded: boolean;
  readonly rpcWrappers: readonly string[];
  levelOf(rule: Rule): Level;
  isConfigured(rule: Rule): boolean;
}

/** Severities of the command line: rule id → level. They win over every configuration. */
export type Overrides = ReadonlyMap<string, Level>;

/** Reads `ID=level` of `--rule`. */
export function parseOverrides(values: readonly string[], rules: readonly Rule[]): Overrides {
  const overrides = new Map<string, Level>();
  for (const value of values) {
    const equals = value.indexOf('=');
    if (equals < 1) throw new Failure(`\`--rule ${value}\`: expected ID=LEVEL, such as \`--rule ${rules[0]?.id ?? 'some-rule'}=off\`.`);
    const id = value.slice(0, equals);
    const level = levels.find((candidate) => candidate === value.slice(equals + 1));
    if (!rules.some((rule) => rule.id === id)) throw new Failure(unknownRule(`--rule ${value}`, id, rules));
    if (!level) throw new Failure(`\`--rule ${value}\`: the level is one of ${levels.join(', ')}.`);
    overrides.set(id, level);
  }
  return overrides;
}

/** The sentence for a rule id that no rule has; `where` is what the user wrote. */
export function unknownRule(where: string, id: string, rules: readonly Rule[]): string {
  const meant = didYouMean(
    id,
    rules.map((rule) => rule.id),
  );
  return `\`${where}\`: there is no rule \`${id}\`.${meant || ' `netsplit rules` lists them.'}`;
}

/**
 * Answers what holds for a file, by its absolute path and the directory that its project is rooted in. `given` is the path of `--config`;
 * without it the nearest configuration upwards from each file holds. A configuration that is wrong is a Failure that names every place.
 */
export function createSettings(
  given: string | undefined,
  overrides: Overrides,
  rules: readonly Rule[],
  cwd: string,
  disk: Disk,
): (file: string, root: string | undefined) => Settings {
  const read = new Map<string, Configuration>();
  const configurationAt = (file: string): Configuration => {
    const known = read.get(file);
    if (known) return known;
    const configuration = withLevels(readConfiguration(file, rules, cwd, disk), overrides);
    read.set(file, configuration);
    return configuration;
  };
  const without = withLevels(emptyConfiguration, overrides);
  const fixed = given === undefined ? undefined : path.resolve(cwd, given);
  if (fixed !== undefined) configurationAt(fixed);

  return (file, root) => {
    const at = fixed ?? disk.findUpwards(path.dirname(file), configurationName);
    const configuration = at === undefined ? without : configurationAt(at);
    const relative = relativePath(at === undefined ? baseOf(file, root, cwd, disk) : path.dirname(at), file);
    return {
      excluded: isExcluded(configuration, relative),
      rpcWrappers: configuration.rpcWrappers,
      levelOf: (rule) => levelOf(configuration, rule, relative),
      isConfigured: (rule) => isConfigured(configuration, rule, relative),
    };
  };
}

/** What the path of a file is relative to where no configuration says so. */
function baseOf(file: string, root: string | undefined, cwd: string, disk: Disk): string {
  if (root !== undefined) return outermostProject(root, disk);
  return isWithin(cwd, file) ? cwd : path.dirname(file);
}

/** A project that lies in a folder of another one, as a fixture of its tests does, is seen from there. */
function outermostProject(root: string, disk: Disk): string {
  if (disk.holds(root, '.git')) return root;
  const above = disk.findUpwards(path.dirname(root), 'mix.exs');
  return above === undefined ? root : outermostProject(path.dirname(above), disk);
}

function readConfiguration(file: string, rules: readonly Rule[], cwd: string, disk: Disk): Configuration {
  const source = disk.read(file);
  const shown = relativePath(cwd, file);
  if (source.kind !== 'text') throw new Failure(`the configuration \`${shown}\` cannot be read: ${source.reason}.`);
  const { configuration, errors } = parseConfiguration(source.text, rules);
  if (errors.length === 0) return configuration;
  const starts = lineStarts(source.text);
  const places = errors.map((error) => {
    const { line, column } = positionAt(starts, error.range.start);
    return `${shown}:${line}:${column}: ${error.message}`;
  });
  throw new Failure(`the configuration is not valid.\n${places.join('\n')}`);
}
