/** Texts and facts of a project's files → what its cluster is. */
import type { FileFacts } from '../facts/facts';
import { mergeConfig } from './config';
import { contributionOf, wordsOf } from './contribution';
import { isForeign, isNamedLike, readFly, readYaml, type Workload } from './deploy';
import { isTestPath } from './environment';
import { kindOf, type ManifestKind } from './manifests';
import { lowestVersion, type MixFacts, otpForElixir, readLock } from './mix';
import type { App, Dependency, Place, ProjectFacts, ProjectModule, Topology } from './project';
import { type ImageFacts, type ReleaseSetting, readDockerfile, readFlags, readShell, readToolVersions } from './release';
import { LazyMap, LazySet } from './view';

export interface ProjectInput {
  /** Directory of the project as the host names it. */
  readonly root: string;
  /** Manifests and configuration by path relative to the root: see `isProjectFile`. */
  readonly texts: ReadonlyMap<string, string>;
  /** Facts of the project's Elixir files, `mix.exs` and configuration included, with paths relative to the root. */
  readonly facts: readonly FileFacts[];
}

/** What one text says, beside Elixir. */
interface TextFacts {
  readonly settings: readonly ReleaseSetting[];
  readonly workloads: readonly Workload[];
  readonly versions: ImageFacts['versions'];
}

const nothing: TextFacts = { settings: [], workloads: [], versions: [] };

function readText(kind: ManifestKind, text: string): TextFacts {
  switch (kind) {
    case 'image':
      return { ...nothing, ...readDockerfile(text) };
    case 'fly':
      return { ...nothing, ...readFly(text) };
    case 'yaml':
      return readYamlOnce(text);
    case 'flags':
      return { ...nothing, settings: readFlags(text) };
    case 'shell':
      return { ...nothing, settings: readShell(text) };
    default:
      return nothing;
  }
}

/** YAML takes longer to read than all else: what it says is kept for as long as the texts are those of a few projects. */
function readYamlOnce(text: string): TextFacts {
  const known = yamlFacts.get(text);
  if (known) return known;
  const facts = { ...nothing, ...readYaml(text) };
  if (yamlFacts.size >= yamlLimit) yamlFacts.clear();
  yamlFacts.set(text, facts);
  return facts;
}

const yamlFacts = new Map<string, TextFacts>();
const yamlLimit = 500;

/** Puts together what is known of a project. Never throws; what is missing or broken is not known. */
export function buildProject(input: ProjectInput): ProjectFacts {
  const files = [...input.facts].sort((a, b) => compare(a.path, b.path));
  const byPath = new Map(files.map((file) => [file.path, file]));
  const texts = [...input.texts]
    .sort((a, b) => compare(a[0], b[0]))
    .flatMap(([path, text]) => {
      const kind = kindOf(path);
      return kind === undefined ? [] : [{ path, text, kind, facts: readText(kind, text) }];
    });
  const mixes = mixFiles(byPath);
  const own = mixes.find((m) => m.directory === '')?.mix;
  const apps = mixes.flatMap(({ mix, directory }): App[] => {
    const name = mix.app ?? (directory === '' ? undefined : directory.slice(directory.lastIndexOf('/') + 1));
    return name === undefined ? [] : [{ name, root: directory }];
  });
  const appNames = apps.map((app) => app.name);
  const dependencies = dependenciesOf(mixes, texts);
  const workloads = texts.flatMap(({ path, facts }) => facts.workloads.map((w) => ({ ...w, path }))).filter((w) => !isForeign(w, appNames));
  const release = releaseOf(mixes, files, texts);
  const elixir = elixirOf(mixes, texts);
  const otp = otpOf(mixes, texts, own);
  const clusterSize = clusterSizeOf(files, workloads, appNames);
  const replicas = workloads.map(({ count, kind, name, path, range }) => ({
    count,
    kind,
    path,
    range,
    ...(name !== undefined && { name }),
  }));
  const modules = new Map<string, ProjectModule>();
  const topologies: Topology[] = [];
  const children = new Map<string, Place[]>();
  for (const file of files) {
    const contribution = contributionOf(file);
    for (const module of contribution.modules) if (!modules.has(module.name) || !isTestPath(file.path)) modules.set(module.name, module);
    topologies.push(...contribution.topologies);
    for (const { module, range } of contribution.children) {
      const places = children.get(module);
      if (places) places.push({ path: file.path, range });
      else children.set(module, [{ path: file.path, range }]);
    }
  }
  return {
    root: input.root,
    umbrella: own?.appsPath !== undefined,
    apps,
    dependencies,
    ...(otp && { otp }),
    ...(elixir && { elixir }),
    config: mergeConfig(
      byPath,
      rootsOf(mixes).map(({ mix, directory }) => ({ directory, ...(mix?.configPath !== undefined && { configPath: mix.configPath }) })),
    ),
    topologies,
    replicas,
    release,
    ...(clusterSize && { clusterSize }),
    ...packageOf(mixes),
    signs: signsOf(files, dependencies, release, replicas),
    files: byPath,
    modules,
    calls: callsOf(files),
    children,
    words: new LazySet(
      (word) => files.some((file) => wordsOf(file).has(word)),
      () => files.flatMap((file) => [...wordsOf(file)]),
    ),
  };
}

/** By code units: the same order on every machine. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

interface MixFile {
  /** Relative to the project's root; empty for its own. */
  readonly directory: string;
  readonly path: string;
  readonly mix: MixFacts;
}
interface TextFile {
  readonly path: string;
  readonly text: string;
  readonly kind: ManifestKind;
  readonly facts: TextFacts;
}

/** The project's own `mix.exs` first, then those of an umbrella's applications. */
function mixFiles(byPath: ReadonlyMap<string, FileFacts>): readonly MixFile[] {
  const read = (path: string): MixFacts | undefined => {
    const file = byPath.get(path);
    return file && contributionOf(file).mix;
  };
  const own = read('mix.exs');
  const found: MixFile[] = own ? [{ directory: '', path: 'mix.exs', mix: own }] : [];
  if (own?.appsPath === undefined) return found;
  const prefix = `${own.appsPath.replace(/^\.\/|\/+$/g, '')}/`;
  for (const path of byPath.keys()) {
    const inside = path.startsWith(prefix) && path.endsWith('/mix.exs') ? path.slice(prefix.length) : '';
    const mix = inside.split('/').length === 2 ? read(path) : undefined;
    if (mix) found.push({ directory: path.slice(0, -'/mix.exs'.length), path, mix });
  }
  return found;
}

function rootsOf(mixes: readonly MixFile[]): readonly { readonly directory: string; readonly mix?: MixFacts }[] {
  return mixes[0]?.directory === '' ? mixes : [{ directory: '' }, ...mixes];
}

function dependenciesOf(mixes: readonly MixFile[], texts: readonly TextFile[]): ReadonlyMap<string, Dependency> {
  const locked = new Map<string, string | undefined>();
  const locks = new Set(['mix.lock', ...mixes.map(({ directory }) => (directory === '' ? 'mix.lock' : `${directory}/mix.lock`))]);
  const inOrder = texts.filter((t) => t.kind === 'lock' && locks.has(t.path)).sort((a, b) => a.path.length - b.path.length);
  for (const { text } of inOrder) for (const [name, version] of readLock(text)) if (!locked.has(name)) locked.set(name, version);
  const found = new Map<string, Dependency>();
  for (const { mix, path } of mixes) {
    for (const { name, requirement, isElsewhere, only, range } of mix.dependencies) {
      const before = found.get(name);
      // Asked for twice: in the environments of both, without a limit where one has none.
      const environments = before ? before.only && only && [...new Set([...before.only, ...only])] : only;
      const asked = before?.requirement ?? requirement;
      const version = locked.get(name);
      found.set(name, {
        name,
        ...(version !== undefined && { locked: version }),
        ...(asked !== undefined && { requirement: asked }),
        ...(version === undefined && (isElsewhere || before?.unreleased || locked.has(name)) && { unreleased: true }),
        ...(environments && { only: environments }),
        place: before?.place ?? { path, range },
      });
    }
  }
  for (const [name, version] of locked) {
    if (!found.has(name)) found.set(name, { name, ...(version === undefined ? { unreleased: true } : { locked: version }) });
  }
  return found;
}

function releaseOf(mixes: readonly MixFile[], files: readonly FileFacts[], texts: readonly TextFile[]): ProjectFacts['release'] {
  const cookies = [
    ...mixes.map(({ path, mix }) => ({ path, cookies: mix.cookies })),
    ...files.map((file) => ({ path: file.path, cookies: contributionOf(file).cookies })),
  ];
  return [
    ...texts.flatMap(({ path, facts }) => facts.settings.map((setting) => ({ ...setting, path }))),
    ...cookies.flatMap(({ path, cookies: found }) => found.map(({ value, range }) => ({ name: 'cookie', value, path, range }))),
  ];
}

// --- Elixir and OTP

function elixirOf(mixes: readonly MixFile[], texts: readonly TextFile[]): ProjectFacts['elixir'] {
  for (const { mix, path } of mixes) if (mix.elixir) return { ...mix.elixir, path };
  for (const { path, tools } of toolVersions(mixes, texts)) {
    const elixir = tools.get('elixir');
    if (elixir) return { requirement: elixir.version.replace(/-otp-.*$/, ''), path, range: elixir.range };
  }
  return undefined;
}

function toolVersions(mixes: readonly MixFile[], texts: readonly TextFile[]) {
  const paths = new Set(['.tool-versions', ...mixes.map(({ directory }) => `${directory}/.tool-versions`)]);
  return texts.filter((t) => paths.has(t.path)).map(({ path, text }) => ({ path, tools: readToolVersions(text) }));
}

/**
 * The lowest OTP that is named, in `.tool-versions` or by an image; where none is, what the version of Elixir needs. A package
 * runs on all that its requirement of Elixir allows, whatever its authors use.
 */
function otpOf(mixes: readonly MixFile[], texts: readonly TextFile[], own: MixFacts | undefined): ProjectFacts['otp'] {
  const named: Floor[] = [];
  const implied: Floor[] = [];
  const add = (to: Floor[], major: number | undefined, place: Place): void => {
    if (major !== undefined && major > 0) to.push({ major, ...place });
  };
  const required = mixes.some(({ mix }) => mix.elixir);
  const impliedBy = (requirement: string, place: Place, by: 'requirement' | 'tool'): void => {
    if (required && by === 'tool') return;
    const lowest = lowestVersion(requirement);
    add(implied, lowest && otpForElixir(lowest), place);
  };
  for (const { path, tools } of toolVersions(mixes, texts)) {
    const [erlang, elixir] = [tools.get('erlang'), tools.get('elixir')];
    const otp = erlang ? majorOf(erlang.version) : majorOf(/-otp-(\d+)/.exec(elixir?.version ?? '')?.[1] ?? '');
    const range = (erlang ?? elixir)?.range;
    if (range) add(named, otp, { path, range });
    if (elixir) impliedBy(`== ${elixir.version}`, { path, range: elixir.range }, 'tool');
  }
  for (const { path, facts } of texts) {
    for (const { elixir, otp, range } of facts.versions) {
      add(named, otp === undefined ? undefined : majorOf(otp), { path, range });
      if (elixir !== undefined) impliedBy(`== ${elixir}`, { path, range }, 'tool');
    }
  }
  for (const { mix, path } of mixes) if (mix.elixir) impliedBy(mix.elixir.requirement, { path, range: mix.elixir.range }, 'requirement');
  if (own?.published) return lowestOf([...named, ...implied]);
  return lowestOf(named.length > 0 ? named : implied);
}

type Floor = Place & { readonly major: number };

function majorOf(version: string): number | undefined {
  const major = Number.parseInt(version, 10);
  return Number.isNaN(major) ? undefined : major;
}

function lowestOf(floors: readonly Floor[]): Floor | undefined {
  return floors.reduce<Floor | undefined>((lowest, each) => (lowest && lowest.major <= each.major ? lowest : each), undefined);
}

// --- the cluster

function clusterSizeOf(
  files: readonly FileFacts[],
  workloads: readonly (Workload & { readonly path: string })[],
  apps: readonly string[],
): ProjectFacts['clusterSize'] {
  const sizes = files.flatMap((file) => contributionOf(file).sizes.map((size) => ({ ...size, path: file.path })));
  const scaled = new Set(workloads.filter((w) => w.kind === 'HorizontalPodAutoscaler').map((w) => w.name));
  const sets = workloads.filter((w) => w.kind === 'StatefulSet' && !scaled.has(w.name));
  const named = sets.filter((w) => isNamedLike(w, apps));
  for (const { count, path, range } of named.length > 0 ? named : sets.length === 1 ? sets : []) {
    if (count > 0) sizes.push({ size: count, path, range });
  }
  const [first] = sizes;
  return first && sizes.every(({ size }) => size === first.size) ? first : undefined;
}

function packageOf(mixes: readonly MixFile[]): Pick<ProjectFacts, 'package'> {
  for (const { mix, path } of mixes) if (mix.packageRange) return { package: { path, range: mix.packageRange } };
  return {};
}

/** Whether a package is there to talk to other nodes. */
export function isClusterPackage(name: string): boolean {
  return clustering.has(name) || name.startsWith('libcluster_');
}

const clustering: ReadonlySet<string> = new Set(
  'libcluster dns_cluster horde swarm syn partisan ra khepri delta_crdt mnesiac nebulex_distributed highlander highlander_pg process_hub raft_fleet rafted_value ekka mria peerage'.split(
    ' ',
  ),
);

function signsOf(
  files: readonly FileFacts[],
  dependencies: ReadonlyMap<string, Dependency>,
  release: ProjectFacts['release'],
  replicas: ProjectFacts['replicas'],
): ProjectFacts['signs'] {
  const signs = new Map<string, Place & { readonly what: string }>();
  const add = (what: string, { path, range }: Place): void => {
    if (!signs.has(what)) signs.set(what, { what, path, range });
  };
  for (const { name, only, place } of dependencies.values()) {
    const runs = only === undefined || only.some((environment) => environment !== 'test' && environment !== 'dev');
    if (place && runs && isClusterPackage(name)) add(name, place);
  }
  for (const file of files) for (const { what, range } of contributionOf(file).signs) add(what, { path: file.path, range });
  for (const setting of release) {
    if (/remote\.vm\.args/.test(setting.path)) continue;
    if (setting.name === '-name' && !/@(?:localhost|127\.)/.test(setting.value)) add('-name', setting);
    else if (setting.name === 'RELEASE_DISTRIBUTION' && setting.value === 'name') add('RELEASE_DISTRIBUTION=name', setting);
  }
  if (signs.size > 0) {
    const many = replicas.find(({ count }) => count > 1);
    if (many) add(`${many.count} replicas`, many);
  }
  return [...signs.values()];
}

function callsOf(files: readonly FileFacts[]): ReadonlyMap<string, readonly Place[]> {
  const find = (name: string): readonly Place[] | undefined => {
    if (name.startsWith('?')) return undefined;
    const places = files.flatMap((file) => (file.calls.get(name) ?? []).map((call) => ({ path: file.path, range: call.callee })));
    return places.length > 0 ? places : undefined;
  };
  return new LazyMap(find, () => files.flatMap((file) => [...file.calls.keys()]));
}
