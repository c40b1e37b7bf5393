import { type Binary, descendants, type Expr } from '../../elixir/ir';
import { firstNodeBranch, isGuarded, isThisNode, namesLeader, type Pick, pickBehind, pickOf } from '../../facts/election';
import { type FileFacts, functionClauseOf, parentOf } from '../../facts/facts';
import { allOrigins, originsOf } from '../../facts/origins';
import { namedValuesIn } from '../../facts/quorum';
import type { Rule } from '../../rule';
import { contains, type Range } from '../../text';

export default {
  id: 'election-by-node-order',
  summary: 'Leader that is the first of the nodes visible from here.',
  category: 'partition-tolerance',
  severity: 'warning',
  onlyInCluster: true,
  rationale: `
    “The leader is the first node of the sorted list” needs no messages and agrees on every node, as long as every node sees the same
    list. When the network splits, each side sees a list of its own and has a first node of its own: two leaders run the same jobs
    and write the same rows, and nobody notices until the data is compared. It also happens without a split, while nodes join and
    leave at a deploy. The same holds for the members of a \`:pg\` group, which converge only in time.

    Silent where a quorum, a lock or a lease stands beside it. There is no small fix: elect with a consensus library
    (\`:ra\`), with a lock that the database holds (a Postgres advisory lock, Oban's peers), or act only while a majority of the
    configured nodes is visible.`,
  references: ['https://www.erlang.org/doc/apps/kernel/pg.html', 'https://github.com/elixir-horde/horde/issues/45'],
  examples: [
    {
      title: 'The smallest visible name leads',
      bad: `
        defmodule Shop.Scheduler do
          def leader?, do: node() == Enum.min([node() | Node.list()])
          #                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'The first of the sorted list',
      bad: `
        defmodule Shop.Scheduler do
          def run(job) do
            [first | _] = Enum.sort([node() | Node.list()])
            if first == Node.self(), do: Job.run(job)
            #  ^^^^^^^^^^^^^^^^^^^^
          end
        end`,
    },
    {
      title: 'Answered by name',
      bad: `
        defmodule Shop.Cluster do
          def leader do
            [node() | Node.list()] |> Enum.sort() |> List.first()
          # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          end
        end`,
    },
    {
      title: 'The oldest of the connected nodes',
      bad: `
        defmodule Shop.Election do
          def leader(connected_nodes, starts) do
            oldest = starts |> Enum.filter(&(&1.node in connected_nodes)) |> Enum.min_by(& &1.started_at)
            #        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            oldest.node
          end
        end`,
    },
    {
      title: 'Members of a group',
      bad: `
        defmodule Shop.Workers do
          def first?(group) do
            node(hd(:pg.get_members(group))) == node()
          # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          end
        end`,
    },
    {
      title: 'A quorum of the configured nodes goes first',
      good: `
        defmodule Shop.Scheduler do
          def leader?, do: quorum?() and node() == Enum.min([node() | Node.list()])

          defp quorum? do
            length([node() | Node.list()]) >= div(Application.fetch_env!(:shop, :cluster_size), 2) + 1
          end
        end`,
    },
    {
      title: 'The first of the configured nodes, and the nodes of other uses',
      good: `
        defmodule Shop.Scheduler do
          @nodes Application.compile_env!(:shop, :nodes)

          def leader?, do: node() == hd(@nodes)
          def least_loaded(loads), do: Enum.min_by(Node.list(), &loads[&1])
          def local?(pid), do: node(pid) == node()
        end`,
    },
  ],
  triggers: {
    calls: ['Node.list', ':erlang.nodes', 'Horde.Cluster.members', ':pg.get_members', ':syn.members', ':partisan.nodes'],
    parts: ['connected_nodes', 'visible_nodes', 'alive_nodes', 'live_nodes', 'online_nodes', 'reachable_nodes', 'available_nodes'],
  },

  *check(file) {
    const reported = new Set<number>();
    for (const e of file.exprs) {
      const pick = e.kind === 'binary' ? comparedPick(file, e) : firstNodeBranch(file, e);
      if (!pick || isProtected(file, e)) continue;
      const range = e.kind === 'binary' ? e.range : pick.at.range;
      reported.add(pick.at.id).add(pick.collection.id);
      yield { range, message, severity: onlyReports(file, e) ? 'info' : 'warning', ...related(pick, range) };
    }
    for (const { value } of namedValuesIn(file, namesLeader)) {
      const pick = pickBehind(file, value);
      if (!pick || reported.has(pick.at.id) || reported.has(pick.collection.id) || isProtected(file, value)) continue;
      reported.add(pick.at.id);
      yield { range: pick.at.range, message };
    }
  },
} satisfies Rule;

const message =
  'Each side of a netsplit sees other nodes and elects the first of its own, so there are two leaders. ' +
  'Elect by consensus or a lock in the database, or require a quorum of the configured nodes first.';

/** The pick with which this node, or this process, is compared. */
function comparedPick(file: FileFacts, { operator, left, right }: Binary): Pick | undefined {
  if (!/^[!=]==?$/.test(operator)) return undefined;
  for (const [one, other] of [
    [left, right],
    [right, left],
  ] as const) {
    if (isThisNode(file, one) || allOrigins(originsOf(file, one), (o) => o.kind === 'self')) return pickOf(file, other);
  }
  return undefined;
}

/** A quorum, a lock or a lease stands in the same function. */
function isProtected(file: FileFacts, e: Expr): boolean {
  const clause = functionClauseOf(file, e)?.clause;
  return clause !== undefined && isGuarded(descendants(clause));
}

/** The first node only logs or measures: a second one does so too, and no harm is done. */
function onlyReports(file: FileFacts, e: Expr): boolean {
  const branch = parentOf(file, e);
  if (branch?.kind !== 'if' || branch.alternative || !branch.consequent) return false;
  const { consequent } = branch;
  const statements = consequent.kind === 'block' ? consequent.body : [consequent];
  return statements.every((s) => s.kind === 'call' && /^(?:Logger|IO|:telemetry|Telemetry)$/.test(s.module ?? ''));
}

function related(pick: Pick, at: Range) {
  const { range } = pick.collection;
  return contains(at, range) ? {} : { related: [{ message: 'The nodes that are visible now.', range }] };
}
