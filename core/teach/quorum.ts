/** A quorum where it is computed or compared with: what it takes for each size of the cluster, and what that tolerates. */
import { isSize, type QuorumRow, quorumTable, visibleNodesCaveat } from '../design/quorum';
import type { Expr } from '../elixir/ir';
import { type FileFacts, parentOf } from '../facts/facts';
import { actualTotal, type HalfBased, type Need, namedQuorumsIn, needsOnly, quorumComparisonsIn, shortName } from '../facts/quorum';
import { definitionOf } from '../facts/values';
import { visibleNodesOf } from '../facts/visible-nodes';
import { countsAbsent, decidesForNodes } from '../facts/voters';
import type { ProjectFacts } from '../project/project';
import type { Range } from '../text';
import type { Lesson } from './lesson';

/** Sizes that are always shown: those that clusters of voters have. */
const usual: readonly number[] = [2, 3, 4, 5, 6, 7];

interface Quorum {
  readonly range: Range;
  readonly half: HalfBased;
  /** What it asks for; undefined where that is not certain, or what is counted are failures. */
  readonly need?: Need;
}

/** The lesson about the quorum at `offset`; undefined where there is none. */
export function quorumLessonAt(file: FileFacts, offset: number, project: ProjectFacts | undefined): Lesson | undefined {
  const quorum = quorumAt(file, offset);
  if (!quorum) return undefined;
  const total = actualTotal(file, quorum.half);
  const sizes = sizesOf(file, total, project);
  const rows = quorumTable([...new Set([...usual, ...sizes.keys()])].sort((a, b) => a - b));
  const marked = rows.filter((row) => sizes.has(row.n));
  const parts = [
    `**Quorum** of ${shortName(file, total, 'cluster')}${verdictOn(file, total, quorum)}`,
    table(rows, sizes),
    ...marked.flatMap(({ n, note }) => (note === '' ? [] : [`${n}: ${note}`])),
    visibleNodesCaveat,
  ];
  return { range: quorum.range, text: parts.join('\n\n'), rules: [quorum.need ? pages[quorum.need] : pages.majority] };
}

/** What is certain. Whether half is too little, or more than a majority too much, depends on who is counted: that is for the rules to say. */
function verdictOn(file: FileFacts, total: Expr, { need }: Quorum): string {
  if (visibleNodesOf(file, total).length > 0)
    return ': these are the nodes that are visible now, and each side of a split has a quorum of its own.';
  return need === 'majority' ? ': this asks for a majority, of which two never exist at once.' : '';
}

const pages: Readonly<Record<Need, string>> = {
  majority: 'quorum-from-visible-nodes',
  half: 'quorum-half-is-not-majority',
  over: 'quorum-over-strict',
};

function quorumAt(file: FileFacts, offset: number): Quorum | undefined {
  const holds = ({ start, end }: Range): boolean => start <= offset && offset <= end;
  const comparisons = quorumComparisonsIn(file);
  const comparedAt = (at: 'expr' | 'bound'): Quorum | undefined => {
    const found = comparisons.find((comparison) => holds(comparison[at].range) && decidesForNodes(file, comparison));
    return found && { range: found[at].range, half: found, ...(countsAbsent(found) ? {} : needOf(found)) };
  };
  const namedHere = (): Quorum | undefined => {
    const found = namedQuorumsIn(file).find(({ value }) => holds(wholeOf(file, value).range));
    return found && { range: wholeOf(file, found.value).range, half: found, ...needOf(found) };
  };
  return comparedAt('expr') ?? namedHere() ?? comparedAt('bound');
}

function needOf(half: HalfBased): { readonly need?: Need } {
  const [need] = half.needs;
  return need !== undefined && needsOnly(half, need) ? { need } : {};
}

/** `quorum = div(n, 2) + 1` with its name. */
function wholeOf(file: FileFacts, value: Expr): Expr {
  const parent = parentOf(file, value);
  return parent?.kind === 'match' || parent?.kind === 'pair' || parent?.kind === 'attribute-write' ? parent : value;
}

/** The sizes of this cluster, each with where it is said: in the code, else what the project says, else how many instances its deployments run. */
function sizesOf(file: FileFacts, total: Expr, project: ProjectFacts | undefined): ReadonlyMap<number, string> {
  const literal = definitionOf(file, total);
  if (literal.kind === 'integer' && isSize(literal.value)) return new Map([[literal.value, 'written here']]);
  const known = project?.clusterSize;
  if (known) return new Map([[known.size, `this project: \`${known.path}\``]]);
  const several = (project?.replicas ?? []).filter(({ count }) => count > 1);
  return new Map(several.map(({ count, path }) => [count, `this project: \`${path}\``]));
}

function table(rows: readonly QuorumRow[], sizes: ReadonlyMap<number, string>): string {
  const line = ({ n, majority, tolerated }: QuorumRow): string => {
    const cells = [n, majority, tolerated].map(String);
    const said = sizes.get(n);
    return said === undefined ? `| ${cells.join(' | ')} | |` : `| ${cells.map((cell) => `**${cell}**`).join(' | ')} | ← ${said} |`;
  };
  return ['| Members | Majority | Tolerated failures | |', '| ---: | ---: | ---: | --- |', ...rows.map(line)].join('\n');
}
