import { callsTo, type FileFacts } from '../../facts/facts';
import { countOf, majorityTables } from '../../facts/members';
import { allOrigins, originsOf } from '../../facts/origins';
import { definitionOf } from '../../facts/values';
import { isTestPath } from '../../project/environment';
import { isManifest } from '../../project/manifests';
import type { Place } from '../../project/project';
import type { Finding, Related, Rule } from '../../rule';
import type { Range } from '../../text';

export default {
  id: 'quorum-even-or-two-node',
  summary: 'Even number of voting members.',
  category: 'availability',
  severity: 'info',
  rationale: `
    A majority of four is three, so four members survive one failure, as three do. The fourth makes every write wait for one more answer
    and is one more machine that can fail. Two members are worse than one: a majority of two is two, and the failure of either stops
    both.

    Reported for the members of a \`:ra\` cluster, for tables of Mnesia with \`majority: true\`, and for Horde's and Swarm's quorum
    strategies, where the number is written down: in the list itself or a setting of the project, or, where the code leaves it open, in a
    deployment file, which is where it is reported then. Silent for members that do not vote, and where the number is not known.

    There is nothing to fix in the code: run an odd number of members, at least three, or make the extra one a non-voter.`,
  references: ['https://etcd.io/docs/v3.5/faq/', 'https://github.com/rabbitmq/ra'],
  examples: [
    {
      title: 'Two members tolerate no failure',
      bad: `
        defmodule Shop.Raft do
          def start(machine) do
            :ra.start_cluster(:default, :shop, machine, [{:shop, :a@host}, {:shop, :b@host}])
            #                                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          end
        end`,
    },
    {
      title: 'Four tolerate one, as three do',
      bad: `
        defmodule Shop.Raft do
          @nodes [:a@host, :b@host, :c@host, :d@host]

          def start(machine) do
            ids = Enum.map(@nodes, &{:shop, &1})
            :ra.start_cluster(:default, :shop, machine, ids)
            #                                           ^^^
          end
        end`,
    },
    {
      title: 'A majority of two copies',
      bad: `
        defmodule Shop.Accounts do
          def create do
            :mnesia.create_table(:accounts, disc_copies: [:a@host, :b@host], majority: true)
            #                                                                ^^^^^^^^^^^^^^
          end
        end`,
    },
    {
      title: 'The deployment says how many',
      path: 'k8s/shop.yaml',
      bad: `
        apiVersion: apps/v1
        kind: StatefulSet
        metadata:
          name: shop
        spec:
          serviceName: shop
          replicas: 4
          #         ^`,
      project: {
        'mix.exs': `
          defmodule Shop.MixProject do
            use Mix.Project
            def project, do: [app: :shop, version: "1.0.0", deps: [{:horde, "~> 0.10"}]]
          end`,
        'lib/shop/supervisor.ex': `
          defmodule Shop.Supervisor do
            def start do
              Horde.DynamicSupervisor.start_link(
                name: Shop.Jobs,
                strategy: :one_for_one,
                distribution_strategy: Horde.UniformQuorumDistribution
              )
            end
          end`,
      },
    },
    {
      title: 'Three members, and a number that is not known',
      good: `
        defmodule Shop.Raft do
          def start(machine) do
            :ra.start_cluster(:default, :shop, machine, [{:shop, :a@h}, {:shop, :b@h}, {:shop, :c@h}])
            :ra.start_cluster(:default, :rest, machine, Application.fetch_env!(:shop, :members))
            :mnesia.create_table(:cache, ram_copies: [:a@host, :b@host])
          end
        end`,
    },
    {
      title: 'Nothing there asks for a majority',
      path: 'k8s/shop.yaml',
      good: `
        apiVersion: apps/v1
        kind: StatefulSet
        metadata:
          name: shop
        spec:
          serviceName: shop
          replicas: 4`,
    },
    {
      title: 'The second one does not vote',
      good: `
        defmodule Shop.Raft do
          def start(uid, machine) do
            :ra.start_cluster(:default, [
              %{id: {:shop, :a@host}, uid: uid, machine: machine},
              %{id: {:shop, :b@host}, uid: uid, machine: machine, membership: :non_voter}
            ])
          end
        end`,
    },
  ],
  triggers: {
    calls: [':ra.start_cluster', ':ra.start_or_restart_cluster'],
    words: ['majority', 'UniformQuorumDistribution', 'StaticQuorumRing'],
    manifestWords: ['replicas'],
  },

  *check(file, { project }) {
    // What a manifest says is reported there.
    const size = project?.clusterSize && !isManifest(project.clusterSize.path) ? project.clusterSize : undefined;
    for (const { range, voters } of electoratesIn(file)) {
      if (voters !== undefined) yield* findings(voters, range);
      else if (size) yield* findings(size.size, range, { message: `Here the cluster has ${size.size} members.`, ...placeOf(size) });
    }
  },

  *checkProject(project) {
    // The manifests are read already, the code need not be.
    if (!project.replicas.some(({ kind, count }) => kind === 'StatefulSet' && count % 2 === 0)) return;
    const size = project.clusterSize;
    if (!size || !isManifest(size.path) || size.size % 2 !== 0) return;
    for (const file of project.files.values()) {
      const open = isTestPath(file.path) ? undefined : electoratesIn(file).find(({ voters }) => voters === undefined);
      if (!open) continue;
      const related = { message: 'They vote here.', range: open.range, path: file.path };
      for (const finding of findings(size.size, size.range, related)) yield { path: size.path, ...finding };
      return;
    }
  },
} satisfies Rule;

/** Who votes, where a majority of them decides; without a number where the code leaves it open. */
interface Electorate {
  readonly range: Range;
  readonly voters?: number;
}

function electoratesIn(file: FileFacts): readonly Electorate[] {
  // A developer's two nodes are no cluster.
  if (/(?:^|\/)config\/(?:dev|test)\.exs$/.test(file.path)) return [];
  const found: Electorate[] = [];
  const add = (range: Range, voters: number | undefined): void => void found.push({ range, ...(voters !== undefined && { voters }) });
  for (const call of callsTo(file, [':ra.start_cluster', ':ra.start_or_restart_cluster'])) {
    const members = call.args[call.args.length >= 4 ? 3 : 1];
    if (members && definitionOf(file, members).kind !== 'tuple') add(members.range, countOf(file, members));
  }
  for (const { pair, copies } of majorityTables(file)) {
    const counts = copies.map((copy) => countOf(file, copy.value));
    const count = counts.reduce<number | undefined>((sum, n) => (sum === undefined || n === undefined ? undefined : sum + n), 0);
    const isOfAll = copies.some(({ value }) => allOrigins(originsOf(file, value), (o) => o.kind === 'nodes'));
    if (count !== undefined || isOfAll) add(pair.range, count);
  }
  for (const e of file.exprs) {
    if (e.kind === 'pair' && e.value.kind === 'alias' && quorumStrategies.has(e.value.name)) add(e.range, undefined);
  }
  return found;
}

const quorumStrategies: ReadonlySet<string> = new Set(['Horde.UniformQuorumDistribution', 'Swarm.Distribution.StaticQuorumRing']);

function* findings(voters: number, range: Range, related?: Related): Iterable<Finding> {
  if (voters < 2 || voters % 2 !== 0) return;
  const tolerated = voters / 2 - 1;
  const message =
    voters === 2
      ? 'A majority of two members is both: the failure of either stops the cluster. Run three.'
      : `${voters} members tolerate ${failures(tolerated)}, as ${voters - 1} do. Run an odd number of voting members.`;
  yield { range, message, ...(related && { related: [related] }) };
}

const failures = (n: number): string => (n === 1 ? 'one failure' : `${n} failures`);

const placeOf = ({ path, range }: Place): Place => ({ path, range });
