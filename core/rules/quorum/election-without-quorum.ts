import { claimsIn, guardedModules, reasonOf, visibleCandidatesIn } from '../../facts/election';
import { functionClauseOf } from '../../facts/facts';
import { requireQuorum } from '../../fix-quorum';
import { applicationOf } from '../../project/project';
import type { Rule } from '../../rule';

export default {
  id: 'election-without-quorum',
  summary: 'Node that makes itself the leader because the leader seems to be gone.',
  category: 'partition-tolerance',
  severity: 'warning',
  onlyInCluster: true,
  fixable: 'unsafe',
  rationale: `
    A node that is down and a node behind a cut cable look the same from here. If every node that misses the leader may take its place,
    a netsplit leaves two: the old one, which never noticed anything, and the new one on the other side. Both write, and one side's
    work is lost or done twice. A slow garbage collection or a nodedown that comes too early has the same effect without any split.

    Only the side that has a majority may elect: at most one side can have it. Silent where a quorum, votes, a lock, a lease or a
    consensus library is in sight in the same module.

    The fix asks for a majority of the configured nodes first. It is unsafe because \`cluster_size\` has to be configured, and because
    two nodes of one side can still elect themselves in the same moment: what must never be done twice needs consensus (\`:ra\`), or
    a lock in the database with a fencing token.`,
  references: ['https://raft.github.io/raft.pdf', 'https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html'],
  examples: [
    {
      title: 'The leader does not answer, so I lead',
      bad: `
        defmodule LeaderElection do
          def elect_leader do
            if leader_dead?() do
            #  ^^^^^^^^^^^^^^
              become_leader()
            end
          end
        end`,
      good: `
        defmodule LeaderElection do
          def elect_leader do
            if leader_dead?() and quorum?() do
              become_leader()
            end
          end

          defp quorum? do
            cluster_size = Application.fetch_env!(:my_app, :cluster_size)
            length([node() | Node.list()]) >= div(cluster_size, 2) + 1
          end
        end`,
    },
    {
      title: 'The node that went down was the leader',
      bad: `
        defmodule Shop.Leader do
          use GenServer

          def handle_info({:nodedown, down}, state) do
            if down == state.leader do
            #  ^^^^^^^^^^^^^^^^^^^^
              {:noreply, %{state | leader: node()}}
            else
              {:noreply, state}
            end
          end
        end`,
      good: `
        defmodule Shop.Leader do
          use GenServer

          def handle_info({:nodedown, down}, state) do
            if down == state.leader and quorum?() do
              {:noreply, %{state | leader: node()}}
            else
              {:noreply, state}
            end
          end

          defp quorum? do
            cluster_size = Application.fetch_env!(:my_app, :cluster_size)
            length([node() | Node.list()]) >= div(cluster_size, 2) + 1
          end
        end`,
    },
    {
      title: 'A bully that sees no one stronger',
      bad: `
        defmodule Shop.Bully do
          def elect(nodes) do
            stronger = Enum.filter(nodes, &(&1 > Node.self()))

            if Enum.empty?(stronger) do
            #  ^^^^^^^^^^^^^^^^^^^^^
              announce_leader(nodes, Node.self())
            end
          end
        end`,
    },
    {
      title: 'No answer to a ping',
      bad: `
        defmodule Shop.Standby do
          def watch(primary) do
            case Node.ping(primary) do
              #  ^^^^^^^^^^^^^^^^^^
              :pong -> :ok
              :pang -> promote_to_primary()
            end
          end
        end`,
    },
    {
      title: 'Candidates are the nodes that are visible',
      bad: `
        defmodule Shop.Elector do
          def candidates, do: [node() | Node.list()]
          #                   ^^^^^^^^^^^^^^^^^^^^^^
          def elect(strategy), do: strategy.leader(candidates())
        end`,
    },
    {
      title: 'A majority votes',
      good: `
        defmodule Shop.Candidate do
          def count(state) do
            if leader_dead?() and length(state.votes) > length(state.members) / 2, do: become_leader()
          end
        end`,
    },
    {
      title: 'The database holds the lock',
      good: `
        defmodule Shop.Leader do
          def elect do
            if leader_dead?() do
              case Shop.Repo.query!("SELECT pg_try_advisory_lock(42)") do
                %{rows: [[true]]} -> become_leader()
                _ -> :follower
              end
            end
          end
        end`,
    },
    {
      title: 'A leader that is asked to lead, and a player who is called leader',
      good: `
        defmodule Shop.Game do
          def handle_call(:lead, _from, state), do: {:reply, :ok, become_leader(state)}

          def leave(state, player) do
            if player == state.leader, do: %{state | leader: hd(state.players)}, else: state
          end
        end`,
    },
  ],
  triggers: {
    parts: ['leader', 'master', 'primary', 'coordinator', 'elect', 'promote_self', 'take_over'],
    // Primary keys and selects are in every second file.
    pattern: /leader|master|coordinator|(?:^|[^s])elect|promote_self|take_over|primary(?![_ ]key)/i,
  },

  *check(file, context) {
    const reported = new Set<number>();
    const isGuarded = guardedModules(file);
    for (const claim of claimsIn(file)) {
      const reason = reasonOf(file, claim);
      if (!reason || reported.has(reason.range.start)) continue;
      reported.add(reason.range.start);
      if (isGuarded(functionClauseOf(file, claim)?.def.module)) continue;
      const app = applicationOf(context.project, file.path) ?? 'my_app';
      const fix = reason.condition && requireQuorum(file, reason.condition, app);
      yield {
        range: reason.range,
        message:
          'A leader that is cut off looks the same as one that is dead: both sides of a netsplit come to lead. ' +
          'Let a node lead only with a quorum of the configured nodes, a lease or consensus.',
        related: [{ message: 'This node makes itself the leader.', range: claim.range }],
        ...(fix && { fix }),
      };
    }
    if (reported.size > 0) return;
    for (const nodes of visibleCandidatesIn(file)) {
      yield {
        range: nodes.range,
        message:
          'Each side of a netsplit sees other nodes and elects one of its own. ' +
          'Elect among the configured nodes, and only with a quorum of them, or by consensus.',
      };
    }
  },
} satisfies Rule;
