import { bootstrapsIn } from '../../facts/bootstrap';
import { functionClauseOf } from '../../facts/facts';
import { protectionOf } from '../../facts/protection';
import { wordsOf } from '../../facts/words';
import type { Rule } from '../../rule';

export default {
  id: 'bootstrap-by-sleep',
  summary: 'Cluster that is formed by whoever sees no one else after a while.',
  category: 'consistency',
  severity: 'warning',
  onlyInCluster: true,
  rationale: `
    “Wait a little, and if no one else is there, I am the first”: two nodes that start together, or on two sides of a split, both wait,
    both see no one, and both form a cluster. The two never become one: consensus groups of different founders refuse each other, and
    schemas of Mnesia cannot be merged. A longer sleep makes it rarer, not impossible, and it goes wrong on the day when everything
    is restarted at once.

    Looking at the visible nodes without waiting has the same race. Silent where a lock is held around the decision, and where it is
    made from a configured list or with a quorum.

    There is no small fix: name the members in the configuration and form the cluster from them on every node (with \`:ra\`, all start
    with the same list), let one configured node found it, or run a bootstrap command once by hand.`,
  references: ['https://raft.github.io/raft.pdf'],
  examples: [
    {
      title: 'Sleep, then found',
      bad: `
        defmodule Shop.Raft do
          def start(name) do
            Process.sleep(500)

            case :pg.get_members(name) do
              #  ^^^^^^^^^^^^^^^^^^^^^
              [] -> :ra.start_cluster(:default, name, machine(), [{name, node()}])
              [member | _] -> :ra.add_member(member, {name, node()})
            end
          end
        end`,
    },
    {
      title: 'A timer is a sleep too',
      bad: `
        defmodule Shop.Schema do
          use GenServer

          def init(state) do
            Process.send_after(self(), :form, 2_000)
            {:ok, state}
          end

          def handle_info(:form, state) do
            if Node.list() == [], do: :mnesia.create_schema([node()])
            #  ^^^^^^^^^^^^^^^^^
            {:noreply, state}
          end
        end`,
    },
    {
      title: 'No one answers, so I found',
      bad: `
        defmodule Shop.Raft do
          def start(name, config) do
            servers = Enum.map(Node.list(), &{name, &1})

            if Enum.any?(servers, &alive?/1) do
            #  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              RaftedValue.start_link({:join_existing_consensus_group, servers}, name: name)
            else
              RaftedValue.start_link({:create_new_consensus_group, config}, name: name)
            end
          end

          defp alive?(server), do: is_map(RaftedValue.status(server))
        end`,
    },
    {
      title: 'From the configured members, and under a lock',
      good: `
        defmodule Shop.Raft do
          def start(name) do
            Process.sleep(500)
            :ra.start_cluster(:default, name, machine(), Application.fetch_env!(:shop, :ra_members))
          end

          def found(name) do
            :global.trans({{:found, name}, self()}, fn ->
              if :pg.get_members(name) == [], do: bootstrap(name)
            end)
          end
        end`,
    },
    {
      title: 'Alone, without forming anything',
      good: `
        defmodule Shop.Cache do
          def warm do
            if Node.list() == [], do: load_from_disk(), else: copy_from(hd(Node.list()))
          end
        end`,
    },
  ],
  triggers: {
    calls: ['Node.list', ':erlang.nodes', ':pg.get_members', ':syn.members', 'Horde.Cluster.members', ':partisan.nodes'],
  },

  *check(file) {
    const reported = new Set<number>();
    for (const { asked, forms, waits } of bootstrapsIn(file)) {
      if (reported.has(asked.id) || protectionOf(file, forms)?.kind === 'lock') continue;
      const clause = functionClauseOf(file, asked)?.clause;
      if (clause && [...wordsOf(clause)].some((word) => /^(?:quorum|majority|expected|expect)$/.test(word))) continue;
      reported.add(asked.id);
      yield {
        range: asked.range,
        message:
          `Two nodes that start together both see no one here${waits ? ', however long they wait,' : ''} and both form a cluster. ` +
          'Form it from the configured members, or let one configured node found it.',
        related: [
          ...(waits ? [{ message: 'Waits for others.', range: waits.range }] : []),
          { message: 'The cluster is formed here.', range: forms.callee },
        ],
      };
    }
  },
} satisfies Rule;
