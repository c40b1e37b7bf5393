/** The classical stories of a network that splits, for any protocol and size. */
import { protocols } from './protocols/index';
import { simulate } from './simulate';
import type { NodeName, Options, ProtocolName, Scenario, Step } from './types';
import { nodeNames } from './types';

/** A sequence of faults and requests that fits any protocol. */
export interface Story {
  /** Kebab-case. */
  readonly id: string;
  readonly title: string;
  /** What happens, in a sentence or two. */
  readonly description: string;
  /** The size at which the story is told best. */
  readonly nodes: number;
  readonly steps: (cast: Cast) => readonly Step[];
}

/** Who plays in a story. */
interface Cast {
  readonly all: readonly NodeName[];
  /** The leader or holder when the trouble begins; the first node where there is none. */
  readonly leader: NodeName;
  readonly others: readonly NodeName[];
  /** A client's write, or increment, of the key `x`. */
  readonly write: (at: number, node: NodeName, value: number) => Step;
  readonly read: (at: number, node: NodeName) => Step;
}

/** The trouble begins here, when every protocol has long found its leader. Milliseconds. */
const trouble = 2000;

/** All stories, the best known first. */
export const stories: readonly Story[] = [
  {
    id: 'majority-split',
    title: 'Majority and minority',
    description:
      'The network splits in two; the leader is on the smaller side. Clients write and read on both sides, then the network heals.',
    nodes: 5,
    steps: ({ leader, others, ...cast }) => {
      const inMinority = Math.max(1, Math.floor(others.length / 2)) - 1;
      return splitStory(cast, [leader, ...others.slice(0, inMinority)], others.slice(inMinority));
    },
  },
  {
    id: 'isolated-leader',
    title: 'The leader alone',
    description: 'The leader loses everyone, and everyone loses the leader. Clients write and read on both sides, then the network heals.',
    nodes: 5,
    steps: ({ leader, others, ...cast }) => splitStory(cast, [leader], others),
  },
  {
    id: 'even-split',
    title: 'Two halves',
    description: 'An even number of nodes splits in the middle: no side has a majority.',
    nodes: 4,
    steps: ({ leader, others, ...cast }) => {
      const withLeader = Math.floor((others.length + 1) / 2) - 1;
      return splitStory(cast, [leader, ...others.slice(0, withLeader)], others.slice(withLeader));
    },
  },
  {
    id: 'flapping-link',
    title: 'A link that flaps',
    description: 'One link of the leader breaks and heals, twice too briefly to be noticed and twice for longer.',
    nodes: 3,
    steps: ({ leader, others, write, read }) => {
      const other = others[0] ?? leader;
      const gap = (from: number, to: number): readonly Step[] => [
        { at: from, do: 'cut', link: [leader, other] },
        { at: to, do: 'heal', link: [leader, other] },
      ];
      return [
        write(trouble - 1000, leader, 1),
        ...gap(trouble, trouble + 300),
        write(trouble + 100, other, 2),
        ...gap(trouble + 900, trouble + 1200),
        ...gap(trouble + 2000, trouble + 3600),
        write(trouble + 3500, other, 3),
        write(trouble + 3550, leader, 4),
        ...gap(trouble + 4000, trouble + 5600),
        read(trouble + 9000, other),
        read(trouble + 9000, leader),
      ];
    },
  },
  {
    id: 'clock-jump',
    title: 'A clock that jumps',
    description:
      "The leader's wall clock jumps back five seconds; a little later the leader is cut off. Clients write and read on both sides.",
    nodes: 3,
    steps: ({ all, leader, others, write, read }) => {
      const other = others[0] ?? leader;
      return [
        write(trouble - 1000, other, 1),
        { at: trouble, do: 'clock', node: leader, jump: -5000 },
        write(trouble + 500, leader, 2),
        read(trouble + 900, other),
        { at: trouble + 1000, do: 'split', groups: [[leader], all.filter((node) => node !== leader)] },
        write(trouble + 1600, other, 3),
        read(trouble + 1700, leader),
        { at: trouble + 4000, do: 'heal' },
        read(trouble + 8000, other),
        read(trouble + 8000, leader),
      ];
    },
  },
];

/** Tells a story of two to nine nodes with a protocol. Who leads when the trouble begins is found out by running the quiet beginning. */
export function tellStory(story: Story, protocol: ProtocolName, options: Options = {}, nodes: number = story.nodes, seed = 1): Scenario {
  const all = nodeNames(Math.min(9, Math.max(2, nodes)));
  const until = trouble + 9500;
  const quiet: Scenario = { protocol, options, nodes: all.length, seed, until, steps: [] };
  const leader = leaderAt(quiet, trouble);
  const kind = protocols[protocol].requests.includes('write') ? 'write' : 'add';
  const steps = story.steps({
    all,
    leader,
    others: all.filter((node) => node !== leader),
    write: (at, node, value) =>
      kind === 'write' ? { at, do: kind, node, key: 'x', value: String(value) } : { at, do: kind, node, key: 'x', by: 1 },
    read: (at, node) => ({ at, do: 'read', node, key: 'x' }),
  });
  const inOrder = [...steps].sort((a, b) => a.at - b.at);
  return { ...quiet, name: `${story.title}: ${protocols[protocol].title}`, description: story.description, steps: inOrder };
}

function leaderAt(scenario: Scenario, at: number): NodeName {
  const nodes = simulate({ ...scenario, until: at }).frames.at(-1)?.nodes ?? [];
  return nodes.find(({ role }) => role === 'leader' || role === 'holder')?.name ?? 'n1';
}

function splitStory(
  { write, read }: Pick<Cast, 'write' | 'read'>,
  leaderSide: readonly NodeName[],
  otherSide: readonly NodeName[],
): readonly Step[] {
  const here = leaderSide.at(-1) ?? 'n1';
  const there = otherSide.at(-1) ?? 'n1';
  return [
    write(trouble - 1000, here, 1),
    { at: trouble, do: 'split', groups: [leaderSide, otherSide] },
    // Before anyone has noticed, and after everyone has.
    write(trouble + 100, here, 2),
    write(trouble + 100, there, 3),
    write(trouble + 2500, here, 4),
    write(trouble + 2500, there, 5),
    read(trouble + 3500, here),
    read(trouble + 3500, there),
    { at: trouble + 5000, do: 'heal' },
    read(trouble + 9000, here),
    read(trouble + 9000, there),
  ];
}
