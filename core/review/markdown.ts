/** A review as Markdown. */
import { fullMeshLimit } from '../design/clustering';
import { nodeDownSeconds } from '../design/failureModes';
import { bullets, joinLines, table } from '../design/markdown';
import { signsThatCount } from '../project/evidence';
import type { Severity } from '../rule';
import { hasMajoritySide, type Review, type ReviewedCluster, type ReviewedPart, type ReviewFinding, type Spot } from './review';

/** How a place is shown in Markdown. */
export type ShowSpot = (spot: Spot) => string;

/** `lib/a.ex:12` as code. */
export const plainSpot: ShowSpot = ({ path, line }) => `\`${path}:${line}\``;

/** The whole review. */
export function reviewMarkdown(review: Review, spot: ShowSpot = plainSpot): string {
  const { project, cluster, parts, clusterFindings, otherFindings } = review;
  return joinLines([
    `# The cluster of ${project.name}`,
    '',
    ...verdict(review, spot),
    ...about(cluster, spot),
    ...(cluster.evidence === 'signs' ? connections(cluster, spot) : []),
    ...findingLines(clusterFindings, spot),
    ...(cluster.evidence === 'signs' ? sizes(cluster, spot) : []),
    ...(parts.length > 0 ? ['## What is spread over the nodes', ''] : []),
    ...overview(parts),
    ...parts.flatMap((part) => section(part, spot)),
    ...(otherFindings.length > 0 ? ['## Other findings', '', ...findingLines(otherFindings, spot)] : []),
    ...ending(review),
  ]);
}

function verdict({ cluster, parts }: Review, spot: ShowSpot): readonly string[] {
  switch (cluster.evidence) {
    case 'signs':
      return [
        cluster.package
          ? `It is described as a package (${spot(cluster.package)}), which others run in clusters of their own. What it has to do with other nodes:`
          : 'It is clustered. What tells so:',
        '',
        ...bullets(cluster.signs.map((sign) => `\`${sign.what}\`: ${spot(sign)}`)),
      ];
    case 'package':
      return [
        `It is a package${cluster.package ? ` (${spot(cluster.package)})` : ''} and shows no sign of a cluster: whether the nodes that run it talk to each other is not known here.`,
        '',
      ];
    case 'none':
      return [
        `There is no sign of a cluster: as far as the files tell, each node is alone${parts.length > 0 ? ', and what is below would matter with a second one' : ''}. A sign would be:`,
        '',
        ...bullets(signsThatCount),
      ];
  }
}

function about({ elixir, otp, libraries }: ReviewedCluster, spot: ShowSpot): readonly string[] {
  const versions = [
    ...(elixir ? [`Elixir \`${elixir.requirement}\` (${spot(elixir)})`] : []),
    ...(otp ? [`Erlang/OTP ${otp.major} at the lowest (${spot(otp)})`] : []),
  ];
  return [
    ...(versions.length > 0 ? [`It runs on ${versions.join(', ')}.`, ''] : []),
    ...(libraries.length > 0 ? ['Libraries that talk to other nodes:', ''] : []),
    ...bullets(
      libraries.map(
        ({ name, version, modelled, path, line }) =>
          `\`${name}\`${version === undefined ? '' : ` ${version}`}${path !== undefined && line !== undefined ? `: ${spot({ path, line })}` : ''}${modelled ? '' : ' (what it does in a partition is not known here)'}`,
      ),
    ),
  ];
}

function connections(cluster: ReviewedCluster, spot: ShowSpot): readonly string[] {
  const { topologies, connects, libraries, distribution, replicas } = cluster;
  const finders = libraries.filter(({ name }) => /^(?:dns_cluster|peerage|partisan)$/.test(name)).map(({ name }) => `\`${name}\``);
  const found = topologies.length + connects.length + finders.length > 0;
  return [
    '## How the nodes find each other',
    '',
    ...(found
      ? []
      : [
          `Not seen: no topology of libcluster, no \`dns_cluster\`, \`peerage\` or Partisan, no call of \`Node.connect/1\`.${cluster.package ? ' That is up to those who use the package.' : ''}`,
          '',
        ]),
    ...table(
      ['Topology of libcluster', 'Strategy', 'Environment', 'Place'],
      topologies.map((topology) => [
        topology.name === '' ? '' : `\`${topology.name}\``,
        topology.strategy === undefined ? 'not written out' : `\`${topology.strategy}\``,
        topology.environment ?? 'any',
        spot(topology),
      ]),
    ),
    ...bullets([
      ...finders.map((name) => `${name} is a dependency.`),
      ...(connects.length > 0 ? [`The code connects nodes itself: ${connects.map(spot).join(', ')}.`] : []),
    ]),
    ...(distribution.length > 0 ? ['Settings of the distribution:', ''] : []),
    ...bullets(
      distribution.map(
        (setting) => `\`${[setting.name, ...(setting.value === undefined ? [] : [setting.value])].join(' ')}\`: ${spot(setting)}`,
      ),
    ),
    ...(replicas.length > 0 ? ['Instances in deployment files:', ''] : []),
    ...bullets(
      replicas.map(({ count, kind, name, ...at }) => `${count} of ${kind}${name === undefined ? '' : ` \`${name}\``}: ${spot(at)}`),
    ),
  ];
}

function sizes({ size, otp, tickSeconds, ...cluster }: ReviewedCluster, spot: ShowSpot): readonly string[] {
  const [from, to] =
    tickSeconds === undefined
      ? [nodeDownSeconds.from, nodeDownSeconds.to]
      : [Math.round(0.75 * tickSeconds), Math.round(1.25 * tickSeconds)];
  const noticed = `A side counts the other as down at once where connections close, and after ${from} to ${to} s where packets just stop.`;
  const overlapping =
    otp && otp.major >= 25
      ? [
          'From Erlang/OTP 25 on, `:global` cuts further connections when one is lost, so that no node sees both of two that do not see each other; `prevent_overlapping_partitions` says whether.',
        ]
      : [];
  if (!size) {
    return [
      '## When it splits',
      '',
      cluster.package
        ? 'How many nodes there are is up to those who use the package.'
        : 'How many nodes there are is not certain: the hosts of `Cluster.Strategy.Epmd`, the members of a `:ra` cluster and the replicas of a StatefulSet say nothing, or different things. So no quorum is computed here.',
      '',
      noticed,
      '',
      ...overlapping,
      '',
    ];
  }
  const [larger, smaller] = size.split;
  const parted = hasMajoritySide(size)
    ? `A split ${larger} | ${smaller} leaves the side of ${larger} with a majority.`
    : `A split ${larger} | ${smaller} leaves no side with a majority.`;
  return [
    '## When it splits',
    '',
    `There are ${size.nodes} nodes or voting members (${spot(size)}): ${size.majority} are a majority, ${size.tolerated} may be lost. ${size.nodes > 1 ? parted : ''}`,
    '',
    ...(size.large
      ? [
          `In a full mesh they need ${size.connections} connections, more than the ${fullMeshLimit.value} nodes that are recommended. ${fullMeshLimit.why}`,
          '',
        ]
      : []),
    noticed,
    '',
    ...overlapping,
    '',
  ];
}

function overview(parts: readonly ReviewedPart[]): readonly string[] {
  return table(
    ['Part', 'How many', 'With the majority', 'With the minority', 'Findings'],
    parts.map((part) => [part.heading, part.items.length === 0 ? '' : String(part.items.length), ...part.sides, counted(part.findings)]),
  );
}

function section(part: ReviewedPart, spot: ShowSpot): readonly string[] {
  const { majority, minority, heal } = part.partition;
  return [
    `### ${part.heading}`,
    '',
    ...bullets([
      ...part.items
        .slice(0, most)
        .map(({ name, places, note }) => `${name}: ${listed(places, spot)}${note === undefined ? '' : ` ${note}`}`),
      ...(part.items.length > most ? [`and ${part.items.length - most} more`] : []),
    ]),
    ...table(
      ['In a partition', 'What happens'],
      [
        ['Majority', majority],
        ['Minority', minority],
        ['Heal', heal],
      ],
    ),
    ...(part.needs.length > 0 ? ['What to see to:', '', ...bullets(part.needs)] : []),
    ...findingLines(part.findings, spot),
    ...(part.alternatives.length > 0 ? [`Where that is not enough: ${part.alternatives.map(({ name }) => name).join('; ')}.`, ''] : []),
  ];
}

/** Items, places and findings that are listed one by one. */
const most = 20;
const mostPlaces = 3;

function listed(places: readonly Spot[], spot: ShowSpot): string {
  const first = places.slice(0, mostPlaces).map(spot).join(', ');
  return places.length > mostPlaces ? `${first} and ${places.length - mostPlaces} more.` : `${first}.`;
}

const order: readonly Severity[] = ['error', 'warning', 'info', 'hint'];

function findingLines(findings: readonly ReviewFinding[], spot: ShowSpot): readonly string[] {
  if (findings.length === 0) return [];
  const sorted = [...findings].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  return [
    'What to change:',
    '',
    ...bullets([
      ...sorted.slice(0, most).map((finding) => `**${finding.severity}** ${spot(finding)}: ${finding.message} (\`${finding.rule}\`)`),
      ...(sorted.length > most ? [`and ${sorted.length - most} more: \`netsplit check\` lists all`] : []),
    ]),
  ];
}

function counted(findings: readonly ReviewFinding[]): string {
  return order
    .flatMap((severity) => {
      const amount = findings.filter((finding) => finding.severity === severity).length;
      return amount === 0 ? [] : [`${amount} ${severity}`];
    })
    .join(', ');
}

function ending({ parts }: Review): readonly string[] {
  if (parts.length === 0) {
    return [
      '## What is spread over the nodes',
      '',
      'Nothing of what was looked for: names in `:global`, Horde, Swarm and `:syn`, locks of `:global`, `:pg`, `Phoenix.PubSub`, trackers and presence, `:ra`, Khepri, Mnesia, delta CRDTs, Highlander, Oban, Quantum, caches, calls to other nodes.',
      '',
    ];
  }
  return [
    '## Next',
    '',
    ...bullets([
      '`netsplit explain RULE` says why a finding matters.',
      '`netsplit decide` weighs the options for one kind of data or process, and writes the code for it.',
      '`netsplit simulate --presets` lists partitions that can be played through.',
    ]),
  ];
}
