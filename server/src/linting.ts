/** Text → findings, with what holds at its place: project, configuration, settings. */
import { URI, Utils } from 'vscode-uri';
import { emptyConfiguration, isConfigured, isExcluded, levelOf } from '../../core/configuration';
import type { FileFacts } from '../../core/facts/facts';
import { type LintOptions, type LintResult, lint, lintManifest, lintProject, type Manifest, type ProjectResult } from '../../core/linter';
import type { Prefilter } from '../../core/prefilter';
import { isManifest, kindOf, manifestFacts } from '../../core/project/manifests';
import type { ProjectFacts } from '../../core/project/project';
import type { NotLinted } from '../../core/protocol';
import type { Rule } from '../../core/rule';
import type { ConfigurationFile, Configurations } from './configurations';
import { isTooLarge } from './host';
import type { Projects } from './projects';
import type { Settings } from './settings';
import { isBelow, relativePath } from './uris';
import { isForeign } from './walk';

/** One text and what was found in it. */
export interface Linted {
  readonly facts: FileFacts;
  readonly result: LintResult;
  /** Of the project, which `Related.path` is relative to. */
  readonly root?: URI;
  /** What is known of the project; absent for a lone file, and until the project has been read. */
  readonly project?: ProjectFacts;
}

/** Lints any text that could stand in one place: the document's, and what it would be after a fix. */
export type LintText = (text: string) => Linted;

export interface LintingOptions {
  readonly rules: readonly Rule[];
  readonly prefilter: Prefilter;
  readonly projects: Projects;
  readonly configurations: Configurations;
  settingsOf(uri: string): Promise<Settings>;
  /** The rules are asked for by name: those that are off by default run as well, unless somebody turned them off. */
  readonly named?: boolean;
  /** A project has been read for which a linter did not wait. */
  onLate(): void;
  folders(): readonly URI[];
  log(message: string): void;
}

/**
 * Makes the linter of a place; undefined where nothing is linted: turned off, excluded, not the user's own file. While a large project is read
 * for the first time, a linter that need not be `complete` looks at the file alone.
 */
export type LinterAt = (uri: string, complete?: boolean) => Promise<LintText | undefined>;

/** What holds for a file, whatever its text. */
export interface PlaceOfFile {
  readonly notLinted?: NotLinted;
  readonly settings: Settings;
  readonly root?: URI;
  readonly configuration?: ConfigurationFile;
  /** Relative to the project, else to the folder that is open. */
  readonly path: string;
  /** Relative to the configuration. */
  readonly configuredPath: string;
}

export interface Linting {
  readonly linterAt: LinterAt;
  /** Of a file that is not the user's own nothing else is known. */
  placeOf(uri: string): Promise<PlaceOfFile | { readonly notLinted: 'foreign' }>;
}

/** Milliseconds that somebody who looks at a file waits for its project. */
const patience = 3000;

export function createLinting(given: LintingOptions): Linting {
  const { rules, prefilter, projects, configurations, settingsOf, named, onLate, folders, log } = given;
  const reported = new Set<string>();
  const once = (message: string, key = message): void => {
    if (reported.has(key)) return;
    reported.add(key);
    log(message);
  };

  /** Of each state of a project the rules are asked once. */
  const said = new WeakMap<ProjectFacts, ProjectResult>();
  function lintOfManifest(manifest: Manifest, project: ProjectFacts | undefined, options: LintOptions): LintResult {
    const known = project && (said.get(project) ?? lintProject(project, rules));
    if (project && known) said.set(project, known);
    const result = lintManifest(manifest, known, options);
    return { ...result, failures: [...result.failures, ...(known?.failures ?? [])] };
  }

  const late = new Set<string>();
  async function soon(root: URI): Promise<ProjectFacts | undefined> {
    const key = root.toString();
    if (late.has(key)) return undefined;
    const facts = projects.factsOf(root);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tired = new Promise<'tired'>((resolve) => {
      timer = setTimeout(resolve, patience, 'tired');
    });
    const first = await Promise.race([facts, tired]);
    clearTimeout(timer);
    if (first !== 'tired') return first;
    const arrived = (): void => {
      if (late.delete(key)) onLate();
    };
    late.add(key);
    facts.then(arrived, arrived);
    return undefined;
  }

  /** A project that lies in a folder of another one, as a fixture of its tests does, is seen from there. */
  async function outermostProject(root: URI, folder: URI | undefined): Promise<URI> {
    const above = folder && isBelow(folder, root) ? await projects.rootOf(root) : undefined;
    return above && above.path !== root.path ? outermostProject(above, folder) : root;
  }

  const placeOf: Linting['placeOf'] = async (spelled) => {
    const uri = URI.parse(spelled);
    const folder = folders()
      .filter((candidate) => isBelow(candidate, uri))
      .sort((a, b) => b.path.length - a.path.length)[0];
    if (!isLinted(uri, folder, folders())) return { notLinted: 'foreign' };
    // Settings are those of a folder: one question for all of its files.
    const settings = await settingsOf(folder?.toString() ?? spelled);
    const root = await projects.rootOf(uri);
    const configuration = uri.scheme === 'untitled' ? undefined : await configurations.nearest(uri);
    const path = relativePath(root ?? folder ?? Utils.dirname(uri), uri) ?? Utils.basename(uri);
    const base = configuration ? Utils.dirname(configuration.uri) : root && (await outermostProject(root, folder));
    const configuredPath = (base && relativePath(base, uri)) ?? path;
    const isLeftOut = configuration !== undefined && isExcluded(configuration.configuration, configuredPath);
    const notLinted = settings.enable ? (isLeftOut ? 'excluded' : undefined) : 'off';
    return {
      settings,
      path,
      configuredPath,
      ...(notLinted && { notLinted }),
      ...(root && { root }),
      ...(configuration && { configuration }),
    };
  };

  const linterAt: LinterAt = async (spelled, complete = false) => {
    const place = await placeOf(spelled);
    if (place.notLinted) return undefined;
    const { settings, root, path, configuredPath } = place;
    const configuration = place.configuration?.configuration ?? emptyConfiguration;
    const isElixir = /\.exs?$/.test(path) || kindOf(path) === undefined;
    if (!isElixir && !(root && isManifest(path))) return undefined;
    const project = root && (await (complete ? projects.factsOf(root) : soon(root)));
    // The editor's severities are below the file's: `.netsplit.json` is what a team shares, with CI too.
    const layered = { ...configuration, rules: new Map([...settings.rules, ...configuration.rules]) };
    const isSet = (rule: Rule): boolean => isConfigured(layered, rule, configuredPath);
    const options: Omit<LintOptions, 'candidates'> = {
      rules,
      context: { rpcWrappers: configuration.rpcWrappers, ...(project && { project }) },
      levelOf: (rule) => (named && rule.optIn && !isSet(rule) ? rule.severity : levelOf(layered, rule, configuredPath)),
      isConfigured: isSet,
    };
    return (text) => {
      if (isTooLarge(text)) {
        once(`${spelled} is larger than 2 MiB and is not linted.`);
        return { facts: projects.fileFacts(undefined, path, ''), result: { findings: [], suppressed: [], failures: [] } };
      }
      const facts = isElixir ? projects.fileFacts(root, path, text) : manifestFacts(path, text);
      const result = isElixir
        ? lint(facts, { ...options, candidates: prefilter(text) })
        : lintOfManifest({ path, text }, project && root && projects.withText(root, path, text), options);
      for (const { rule, error } of result.failures) {
        once(
          `The rule ${rule.id} failed on ${spelled}: ${error instanceof Error ? (error.stack ?? error.message) : error}`,
          `${rule.id} ${spelled}`,
        );
      }
      return { facts, result, ...(root && { root }), ...(project && { project }) };
    };
  };

  return { linterAt, placeOf };
}

/** Files of the user's own; not the revisions and outputs that an editor shows as documents of other schemes, nor what was fetched or built. */
function isLinted(uri: URI, folder: URI | undefined, folders: readonly URI[]): boolean {
  if (uri.scheme === 'untitled') return true;
  if (folder) return !isForeign(relativePath(folder, uri) ?? '');
  return uri.scheme === 'file' || uri.scheme === 'vscode-vfs' || folders.some((candidate) => candidate.scheme === uri.scheme);
}
