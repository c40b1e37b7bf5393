/** A review of a project's cluster: what it is, which parts are spread over nodes, what becomes of each in a partition, and what to do. Plain data. */
import { fullMeshLimit, meshConnections } from '../design/clustering';
import type { OptionId } from '../design/option';
import { optionOf } from '../design/options';
import { hasQuorum, majority, toleratedFailures } from '../design/quorum';
import { isClusterPackage } from '../project/build';
import { settingOf } from '../project/config';
import { type Evidence, evidenceOf } from '../project/evidence';
import type { Environment, Place, ProjectFacts } from '../project/project';
import type { Rule, Severity } from '../rule';
import { lineStarts, positionAt, type Range } from '../text';
import { type InPartition, type KindId, type PartKind, partKinds } from './kinds';
import { inPartition } from './partition';
import { type Item, itemsOf } from './parts';

/** A place as people see it; the line counts from 1. `path` is relative to the project's root. */
export interface Spot {
  readonly path: string;
  readonly line: number;
}

/** A finding of a rule, in the project. */
export interface ProjectFinding {
  readonly rule: Rule;
  readonly severity: Severity;
  readonly message: string;
  /** Relative to the project's root. */
  readonly path: string;
  readonly range: Range;
}

export interface ReviewInput {
  readonly project: ProjectFacts;
  /** What the project is called where it has no application. */
  readonly name: string;
  readonly findings: readonly ProjectFinding[];
  /** The text of a file of the project, relative to its root. */
  textOf(path: string): string | undefined;
}

export interface ReviewFinding extends Spot {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
}

export interface ReviewedPart {
  readonly kind: KindId;
  readonly heading: string;
  /** None where only findings tell of it. */
  readonly items: readonly { readonly name: string; readonly places: readonly Spot[]; readonly note?: string }[];
  readonly partition: InPartition;
  readonly sides: PartKind['sides'];
  /** What it needs to keep its promise, as sentences. */
  readonly needs: readonly string[];
  /** Options that promise more, with their names. */
  readonly alternatives: readonly { readonly id: OptionId; readonly name: string }[];
  readonly findings: readonly ReviewFinding[];
}

export interface ReviewedCluster {
  readonly evidence: Evidence;
  readonly signs: readonly (Spot & { readonly what: string })[];
  readonly package?: Spot;
  readonly elixir?: Spot & { readonly requirement: string };
  readonly otp?: Spot & { readonly major: number };
  readonly libraries: readonly (Partial<Spot> & { readonly name: string; readonly version?: string; readonly modelled: boolean })[];
  readonly topologies: readonly (Spot & { readonly name: string; readonly strategy?: string; readonly environment?: Environment })[];
  /** Calls by which the code connects nodes itself. */
  readonly connects: readonly Spot[];
  /** Settings of the VM and the release about distribution; cookies without their value. */
  readonly distribution: readonly (Spot & { readonly name: string; readonly value?: string })[];
  /** `net_ticktime`, where it is set to one number; seconds. */
  readonly tickSeconds?: number;
  readonly replicas: readonly (Spot & { readonly count: number; readonly kind: string; readonly name?: string })[];
  readonly size?: Spot & {
    readonly nodes: number;
    readonly majority: number;
    readonly tolerated: number;
    /** The nearest to a split in halves: nodes on either side. */
    readonly split: readonly [number, number];
    /** Links of a full mesh. */
    readonly connections: number;
    /** More nodes than a full mesh bears. */
    readonly large: boolean;
  };
}

export interface Review {
  readonly version: 1;
  readonly project: {
    readonly name: string;
    readonly umbrella: boolean;
    readonly apps: readonly { readonly name: string; readonly root: string }[];
  };
  readonly cluster: ReviewedCluster;
  /** In the order of `partKinds`. */
  readonly parts: readonly ReviewedPart[];
  /** About how the nodes find, reach and trust each other. */
  readonly clusterFindings: readonly ReviewFinding[];
  /** All others: clocks, lost updates, whatever no part claims. */
  readonly otherFindings: readonly ReviewFinding[];
}

/** Findings about the cluster itself. */
const clusterRules = /^(?:libcluster|partisan|full-mesh|overlapping-partitions|node-disconnect|cluster-secrets|quorum-even-or-two-node)/;

/** Reviews a project. Total; what is not known is not there. */
export function reviewProject({ project, name, findings, textOf }: ReviewInput): Review {
  const spotOf = spots(textOf);
  const items = itemsOf(project).filter((item) => isShown(item, project));
  const present = new Set(items.map(({ kind }) => kind));
  const placed = findings.map((finding) => ({ home: homeOf(finding.rule.id, present), finding: reviewed(finding, spotOf) }));
  const at = (home: Home): readonly ReviewFinding[] => placed.flatMap((one) => (one.home === home ? one.finding : []));
  const [app] = project.apps;
  return {
    version: 1,
    project: { name: app && !project.umbrella ? app.name : name, umbrella: project.umbrella, apps: project.apps },
    cluster: clusterOf(project, spotOf),
    parts: partKinds.flatMap((kind): ReviewedPart[] => {
      const own = items.filter((item) => item.kind === kind.id);
      const told = at(kind.id);
      return own.length === 0 && told.length === 0 ? [] : [partOf(kind, own, told, project, spotOf)];
    }),
    clusterFindings: at('cluster'),
    otherFindings: at('other'),
  };
}

/** Where a finding is shown: with the cluster, with a part, or with all others. */
type Home = KindId | 'cluster' | 'other';

function homeOf(rule: string, present: ReadonlySet<KindId>): Home {
  if (clusterRules.test(rule)) return 'cluster';
  const kind = partKinds.find(({ rules }) => rules.test(rule))?.id;
  // Decisions of its own have no other trace than what is found in them.
  if (kind === undefined || kind === 'decision' || present.has(kind)) return kind ?? 'other';
  return (relatives[kind] ?? []).find((relative) => present.has(relative)) ?? 'other';
}

/** Kinds that show the findings of another one that is not there. */
const relatives: Readonly<Partial<Record<KindId, readonly KindId[]>>> = {
  mnesia: ['mnesia-majority', 'mnesia-local'],
  'horde-supervisor': ['horde-quorum', 'horde-registry'],
  'horde-quorum': ['horde-supervisor'],
  'horde-registry': ['horde-supervisor', 'horde-quorum'],
  pubsub: ['pubsub-adapter'],
};

function reviewed(finding: ProjectFinding, spotOf: (place: Place) => Spot): ReviewFinding {
  return { ...spotOf(finding), rule: finding.rule.id, severity: finding.severity, message: finding.message };
}

/** What is each node's own is only worth a word where there may be several nodes. */
function isShown(item: Item, project: ProjectFacts): boolean {
  return !/^(?:ets|local-cache|repo)$/.test(item.kind) || evidenceOf(project) !== 'none';
}

function partOf(
  kind: PartKind,
  items: readonly Item[],
  findings: readonly ReviewFinding[],
  project: ProjectFacts,
  spotOf: (place: Place) => Spot,
): ReviewedPart {
  const option = kind.option && optionOf(kind.option);
  return {
    kind: kind.id,
    heading: kind.heading,
    items: items.map(({ name, places, note }) => ({ name, places: places.map(spotOf), ...(note !== undefined && { note }) })),
    partition: inPartition(kind, items, project),
    sides: kind.sides,
    needs: [...(kind.ownNeeds ? [] : (option?.needs ?? [])), ...kind.advice],
    alternatives: kind.alternatives.map((id) => ({ id, name: optionOf(id).name })),
    findings,
  };
}

function clusterOf(project: ProjectFacts, spotOf: (place: Place) => Spot): ReviewedCluster {
  const { clusterSize, elixir, otp } = project;
  const size = clusterSize && { ...spotOf(clusterSize), ...sizeOf(clusterSize.size) };
  return {
    evidence: evidenceOf(project),
    signs: project.signs.map((sign) => ({ ...spotOf(sign), what: sign.what })),
    ...(project.package && { package: spotOf(project.package) }),
    ...(elixir && { elixir: { ...spotOf(elixir), requirement: elixir.requirement } }),
    ...(otp && { otp: { ...spotOf(otp), major: otp.major } }),
    libraries: [...project.dependencies.values()]
      .filter(({ name, place }) => place !== undefined && isClusterPackage(name))
      .map(({ name, locked, requirement, place }) => {
        const version = locked ?? requirement;
        return { name, ...(version !== undefined && { version }), modelled: modelled.test(name), ...(place && spotOf(place)) };
      }),
    topologies: project.topologies.map((topology) => ({
      ...spotOf(topology),
      name: topology.name,
      ...(topology.strategy !== undefined && { strategy: topology.strategy }),
      ...(topology.environment && { environment: topology.environment }),
    })),
    connects: connecting.flatMap((name) => project.signs.filter(({ what }) => what === name)).map(spotOf),
    distribution: project.release
      .filter(({ name }) => distributionSettings.test(name))
      .map(({ name, value, ...place }) => ({
        ...spotOf(place),
        name,
        ...(!/cookie/i.test(name) && value !== '' && { value }),
      })),
    ...tickOf(project),
    replicas: project.replicas.map(({ count, kind, name, ...place }) => ({
      ...spotOf(place),
      count,
      kind,
      ...(name !== undefined && { name }),
    })),
    ...(size && { size }),
  };
}

function tickOf({ release, config }: ProjectFacts): Pick<ReviewedCluster, 'tickSeconds'> {
  const set = settingOf(config, 'kernel', ['net_ticktime'])?.value;
  const values = new Set(release.flatMap(({ name, value }) => (name === '-kernel net_ticktime' ? Number(value) : [])));
  if (set) values.add(set.kind === 'integer' ? set.value : Number.NaN);
  const [seconds, ...others] = values;
  return seconds !== undefined && others.length === 0 && seconds > 0 ? { tickSeconds: seconds } : {};
}

const connecting: readonly string[] = ['Node.connect', ':net_kernel.connect_node'];

/** Libraries whose behaviour in a partition the review knows, or that only connect nodes. */
const modelled = /^(?:libcluster(?:_\w+)?|dns_cluster|peerage|horde|swarm|syn|partisan|ra|khepri|delta_crdt|highlander|highlander_pg)$/;

/** Settings that decide how nodes are named, found, trusted and parted. */
const distributionSettings =
  /^(?:-name|-sname|-setcookie|cookie|-proto_dist|-start_epmd|-kernel (?:prevent_overlapping_partitions|net_ticktime|inet_dist_listen_m\w+|dist_auto_connect|connect_all)|RELEASE_(?:DISTRIBUTION|NODE|COOKIE))$/;

function sizeOf(nodes: number): Omit<NonNullable<ReviewedCluster['size']>, keyof Spot> {
  const larger = nodes < 2 ? nodes : Math.max(majority(nodes), Math.ceil(nodes / 2));
  const half = nodes % 2 === 0 ? nodes / 2 : larger;
  return {
    nodes,
    majority: majority(nodes),
    tolerated: toleratedFailures(nodes),
    split: [half, nodes - half],
    connections: meshConnections(nodes),
    large: nodes > fullMeshLimit.value,
  };
}

/** Whether the larger side of the split of a size may decide: not where it parts in halves. */
export function hasMajoritySide({ nodes, split }: NonNullable<ReviewedCluster['size']>): boolean {
  return hasQuorum(split[0], nodes);
}

function spots(textOf: (path: string) => string | undefined): (place: { readonly path: string; readonly range: Range }) => Spot {
  const starts = new Map<string, readonly number[]>();
  return ({ path, range }) => {
    let known = starts.get(path);
    if (!known) starts.set(path, (known = lineStarts(textOf(path) ?? '')));
    return { path, line: positionAt(known, range.start).line };
  };
}
