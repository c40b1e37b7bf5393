import type { FileFacts } from '../../facts/facts';
import { configIn, settingOf } from '../../project/config';
import { evaluate } from '../../project/evaluate';
import type { ConfigEntry, Place, ProjectFacts } from '../../project/project';
import { textOf } from '../../project/value';
import type { Context, Finding, Rule } from '../../rule';

/** What Swarm takes where nothing is said. */
const byDefault = 2;

export default {
  id: 'swarm-static-quorum-misconfigured',
  summary: 'The quorum of Swarm’s `StaticQuorumRing` is not a majority of the cluster.',
  category: 'consistency',
  severity: 'error',
  rationale: `
    \`Swarm.Distribution.StaticQuorumRing\` runs processes on a part of the cluster that has at least \`static_quorum_size\` nodes. The default is
    2. In a cluster of four or more two parts can have two nodes each; both run every process, which is what the strategy was chosen to
    prevent. The size has to be \`div(n, 2) + 1\`, and no more than \`2 * size - 1\` nodes may run.

    Reported: the strategy without a size in the whole configuration of a project (unless the project is known to run three nodes or fewer); a
    size that is too small for the nodes or replicas that the project says it runs, or larger than all of them; a size that Swarm refuses.
    Silent where the size is read from the environment.

    There is no fix: the number is that of the machines.`,
  references: [
    'https://hexdocs.pm/swarm/Swarm.Distribution.StaticQuorumRing.html',
    'https://github.com/bitwalker/swarm#consistent-hashing-strategies',
  ],
  examples: [
    {
      title: 'Without a size',
      path: 'config/prod.exs',
      project: { 'mix.exs': 'defmodule Shop.MixProject do\nend' },
      bad: `
        config :swarm, distribution_strategy: Swarm.Distribution.StaticQuorumRing
        #                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^`,
    },
    {
      title: 'Seven replicas need four',
      path: 'config/prod.exs',
      project: {
        'deploy/app.yaml': `
          apiVersion: apps/v1
          kind: StatefulSet
          metadata:
            name: app
          spec:
            replicas: 7
            template:
              spec:
                containers:
                  - name: app
                    image: registry.example.com/app:1.0.0`,
      },
      bad: `
        config :swarm,
          distribution_strategy: Swarm.Distribution.StaticQuorumRing,
          static_quorum_size: 3
          #                   ^`,
    },
    {
      title: 'A size that Swarm refuses',
      path: 'config/prod.exs',
      bad: `
        config :swarm,
          distribution_strategy: Swarm.Distribution.StaticQuorumRing,
          static_quorum_size: 0
          #                   ^`,
    },
    {
      title: 'A majority of five',
      path: 'config/prod.exs',
      project: { 'mix.exs': 'defmodule Shop.MixProject do\nend' },
      good: `
        config :swarm,
          distribution_strategy: Swarm.Distribution.StaticQuorumRing,
          static_quorum_size: 3`,
    },
    {
      title: 'From the environment, when it starts',
      path: 'config/config.exs',
      project: { 'config/runtime.exs': 'import Config\n\nconfig :swarm, static_quorum_size: System.get_env("SWARM_QUORUM")\n' },
      good: 'config :swarm, distribution_strategy: Swarm.Distribution.StaticQuorumRing',
    },
    {
      title: 'Another strategy',
      path: 'config/config.exs',
      project: { 'mix.exs': 'defmodule Shop.MixProject do\nend' },
      good: 'config :swarm, distribution_strategy: Swarm.Distribution.Ring',
    },
  ],
  triggers: { words: ['StaticQuorumRing', 'static_quorum_size'] },

  *check(file, context) {
    const nodes = context.project && nodesOf(context.project);
    for (const entry of configIn(file)) {
      if (entry.app !== 'swarm' || entry.keys.length !== 1 || entry.environment === 'dev' || entry.environment === 'test') continue;
      if (entry.keys[0] === 'distribution_strategy') yield* withoutSize(context, entry, nodes);
      else if (entry.keys[0] === 'static_quorum_size' && hasStrategy(file, context)) yield* wrongSize(file, entry, nodes);
    }
  },
} satisfies Rule;

type Nodes = Place & { readonly count: number };

/** How many nodes the project says it runs at most. */
function nodesOf({ clusterSize, replicas }: ProjectFacts): Nodes | undefined {
  if (clusterSize) return { ...clusterSize, count: clusterSize.size };
  const names = new Set(replicas.map(({ name }) => name));
  const [most] = [...replicas].sort((a, b) => b.count - a.count);
  return names.size === 1 ? most : undefined;
}

const isQuorumRing = ({ value }: ConfigEntry): boolean => value.kind === 'alias' && value.name === 'Swarm.Distribution.StaticQuorumRing';

function hasStrategy(file: FileFacts, { project }: Context): boolean {
  const strategy = settingOf(project?.config ?? configIn(file), 'swarm', ['distribution_strategy']);
  return strategy !== undefined && isQuorumRing(strategy);
}

function* withoutSize({ project }: Context, entry: ConfigEntry, nodes: Nodes | undefined): Iterable<Finding> {
  if (!isQuorumRing(entry) || !project || project.words.has('static_quorum_size') || (nodes && nodes.count < 2 * byDefault)) return;
  yield {
    range: entry.value.range,
    message: `Without \`static_quorum_size\` two nodes are a quorum: in a cluster of four both halves run everything. Set it to ${nodes ? majority(nodes.count) : 'a majority of the nodes'}.`,
    ...(nodes && { related: [{ message: `${nodes.count} nodes run.`, path: nodes.path, range: nodes.range }] }),
  };
}

const majority = (count: number): number => Math.floor(count / 2) + 1;

function* wrongSize(file: FileFacts, entry: ConfigEntry, nodes: Nodes | undefined): Iterable<Finding> {
  const value = evaluate(file, entry.value);
  const size = value.kind === 'number' ? value.value : Number.parseInt(textOf(value) ?? '', 10);
  const isKnown = value.kind === 'number' || (value.kind === 'text' && textOf(value) !== undefined);
  const range = entry.value.range;
  if (!isKnown) return;
  if (!Number.isInteger(size) || size < 1) {
    yield { range, message: 'Swarm does not start with this size. Use a positive whole number, a majority of the nodes.' };
    return;
  }
  if (!nodes || (nodes.count <= 2 * size - 1 && nodes.count >= size)) return;
  const related = [{ message: `${nodes.count} nodes run.`, path: nodes.path, range: nodes.range }];
  yield {
    range,
    message:
      nodes.count < size
        ? `There are never ${size} nodes, so nothing is ever started. Set it to ${majority(nodes.count)}.`
        : `Of ${nodes.count} nodes two parts can have ${size} each, and both run everything. Set it to ${majority(nodes.count)}.`,
    related,
  };
}
