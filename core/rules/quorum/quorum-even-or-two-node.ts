import { callsTo } from '../../facts/facts';
import { countOf, majorityTables } from '../../facts/members';
import { allOrigins, originsOf } from '../../facts/origins';
import { definitionOf } from '../../facts/values';
import type { ProjectFacts } from '../../project/project';
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
    strategies, where the number is written down: in the list itself, or in a deployment file or setting of the project. Silent for
    members that do not vote, and where the number is not known.

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
      bad: `
        defmodule Shop.Supervisor do
          def start do
            Horde.DynamicSupervisor.start_link(
              name: Shop.Jobs,
              strategy: :one_for_one,
              distribution_strategy: Horde.UniformQuorumDistribution
            # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            )
          end
        end`,
      project: {
        'mix.exs': `
          defmodule Shop.MixProject do
            use Mix.Project
            def project, do: [app: :shop, version: "1.0.0", deps: [{:horde, "~> 0.10"}]]
          end`,
        'k8s/shop.yaml': `
          apiVersion: apps/v1
          kind: StatefulSet
          metadata:
            name: shop
          spec:
            serviceName: shop
            replicas: 4`,
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
  },

  *check(file, { project }) {
    // A developer's two nodes are no cluster.
    if (/(?:^|\/)config\/(?:dev|test)\.exs$/.test(file.path)) return;
    for (const call of callsTo(file, [':ra.start_cluster', ':ra.start_or_restart_cluster'])) {
      const members = call.args[call.args.length >= 4 ? 3 : 1];
      if (!members || definitionOf(file, members).kind === 'tuple') continue;
      const voters = countOf(file, members);
      if (voters !== undefined) yield* findings(voters, members.range);
      else yield* fromProject(project, members.range);
    }
    for (const { pair, copies } of majorityTables(file)) {
      const counts = copies.map((copy) => countOf(file, copy.value));
      const count = counts.reduce<number | undefined>((sum, n) => (sum === undefined || n === undefined ? undefined : sum + n), 0);
      if (count !== undefined) yield* findings(count, pair.range);
      else if (copies.some(({ value }) => allOrigins(originsOf(file, value), (o) => o.kind === 'nodes')))
        yield* fromProject(project, pair.range);
    }
    for (const e of file.exprs) {
      if (e.kind === 'pair' && e.value.kind === 'alias' && quorumStrategies.has(e.value.name)) yield* fromProject(project, e.range);
    }
  },
} satisfies Rule;

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

/** Where the code leaves the number open: what the deployment or a setting says. */
function fromProject(project: ProjectFacts | undefined, range: Range): Iterable<Finding> {
  const size = project?.clusterSize;
  if (!size) return [];
  return findings(size.size, range, { message: `Here the cluster has ${size.size} members.`, range: size.range, path: size.path });
}
