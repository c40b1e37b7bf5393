import { type Call, descendants } from '../../elixir/ir';
import { runsAtBoot } from '../../facts/boot';
import { callsTo, type FileFacts, functionClauseOf } from '../../facts/facts';
import { visibleNodesBehind } from '../../facts/membership';
import { tablesIn } from '../../facts/mnesia';
import { usesOfValue } from '../../facts/remote';
import { precedes } from '../../facts/values';
import type { Context, Finding, Rule } from '../../rule';

export default {
  id: 'mnesia-schema-from-visible-nodes',
  summary: 'A Mnesia schema is made at boot from the nodes that happen to be visible, or after Mnesia has started.',
  category: 'consistency',
  severity: 'warning',
  onlyInCluster: true,
  rationale: `
    At boot \`Node.list()\` is what libcluster has connected so far: often nothing. Each node that starts alone creates a schema of its own, with
    tables that have the same names and different identities. Mnesia never merges two such schemas; one of the nodes must be wiped by hand.

    Create the schema once, from one place, for a list of nodes that is configured; let the others join with
    \`:mnesia.change_config(:extra_db_nodes, configured)\` and \`:mnesia.add_table_copy/3\`, and check what these answer. A schema for this node alone,
    \`[node()]\`, is the usual beginning for nodes that join later.

    \`:mnesia.create_schema/1\` also needs Mnesia to be stopped: after \`:mnesia.start/0\` it answers
    \`{:error, {node, {:already_exists, node}}}\`, the schema stays in memory, and every table with \`disc_copies\` is aborted with \`:bad_type\`. That is
    reported as an error, wherever it stands.

    Reported in \`start/2\` of an application, in \`init/1\` and \`handle_continue/2\`, and in what they call. A join whose answer is looked at is
    information only.`,
  references: ['https://www.erlang.org/doc/apps/mnesia/mnesia.html#create_schema/1', 'https://github.com/bitwalker/libcluster/issues/111'],
  examples: [
    {
      title: 'Who is there at boot',
      bad: `
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            :mnesia.create_schema([node() | Node.list()])
            #                     ^^^^^^^^^^^^^^^^^^^^^^
            :mnesia.start()
            Supervisor.start_link([], strategy: :one_for_one)
          end
        end`,
    },
    {
      title: 'In a process',
      bad: `
        defmodule Shop.Tables do
          use GenServer

          def init(_opts), do: {:ok, nil, {:continue, :join}}

          def handle_continue(:join, state) do
            join()
            {:noreply, state}
          end

          defp join do
            :mnesia.start()
            :mnesia.change_config(:extra_db_nodes, Node.list())
            #                                      ^^^^^^^^^^^
          end
        end`,
    },
    {
      title: 'Mnesia runs already',
      bad: `
        def setup do
          :mnesia.start()
          :mnesia.create_schema([node()])
        # ^^^^^^^^^^^^^^^^^^^^^
          :mnesia.create_table(:stock, attributes: [:sku, :count], disc_copies: [node()])
        end`,
    },
    {
      title: 'This node alone, and configured nodes',
      good: `
        defmodule Shop.Application do
          use Application

          def start(_type, _args) do
            :mnesia.create_schema([node()])
            :mnesia.start()
            nodes = Application.fetch_env!(:shop, :nodes)
            {:ok, _connected} = :mnesia.change_config(:extra_db_nodes, nodes)
            Supervisor.start_link([], strategy: :one_for_one)
          end
        end`,
    },
    {
      title: 'Stopped in between',
      good: `
        def setup do
          :mnesia.start()
          :mnesia.stop()
          :mnesia.create_schema([node()])
          :mnesia.start()
        end

        def again do
          Memento.start()
          stop_all()
          Memento.Schema.create([node()])
        end`,
    },
    {
      title: 'By hand, when all nodes run',
      good: `
        defmodule Shop.Release do
          def install do
            :mnesia.create_schema([node() | Node.list()])
          end
        end`,
    },
    {
      title: 'When a node comes up',
      good: `
        defmodule Shop.Tables do
          use GenServer

          def init(_opts), do: {:ok, :net_kernel.monitor_nodes(true)}

          def handle_info({:nodeup, _node}, state) do
            :mnesia.change_config(:extra_db_nodes, Node.list())
            {:noreply, state}
          end
        end`,
    },
  ],
  triggers: {
    calls: [
      ':mnesia.create_schema',
      ':mnesia.change_config',
      ':mnesia.create_table',
      'Memento.Schema.create',
      'Memento.add_nodes',
      'Memento.Table.create',
    ],
  },

  *check(file, context) {
    const made = new Set<Call>();
    for (const create of callsTo(file, [':mnesia.create_schema/1', ':mnesia.create_schema/2', 'Memento.Schema.create/1'])) {
      const start = startBefore(file, create);
      if (start) {
        yield {
          range: create.callee,
          severity: 'error',
          message:
            'Mnesia runs already, so no schema is created, and tables with `disc_copies` fail. Create the schema before `:mnesia.start/0`.',
          related: [{ message: 'It is started here.', range: start.range }],
        };
        continue;
      }
      const finding = fromVisible(file, context, create, 0, 'Nodes that boot apart create schemas that Mnesia never merges.');
      if (finding) made.add(create);
      if (finding) yield finding;
    }
    for (const join of callsTo(file, [':mnesia.change_config/2', 'Memento.add_nodes/1'])) {
      const [what] = join.args;
      if (join.module === ':mnesia' && !(what?.kind === 'atom' && what.value === 'extra_db_nodes')) continue;
      const finding = fromVisible(
        file,
        context,
        join,
        join.args.length - 1,
        'A node that sees no other at boot joins none, and goes on alone.',
      );
      const isChecked = usesOfValue(file, join).some((use) => use.kind === 'matched');
      if (finding) yield isChecked ? { ...finding, severity: 'info' } : finding;
    }
    for (const { created, copies } of tablesIn(file)) {
      if ([...made].some((create) => functionClauseOf(file, create) === functionClauseOf(file, created))) continue;
      const copy = copies.find(({ value }) => visibleNodesBehind(file, value));
      if (copy && runsAtBoot(file, created, context))
        yield {
          range: copy.value.range,
          message: 'Only nodes that are visible at boot get a copy of this table. Take the nodes from the configuration.',
        };
    }
  },
} satisfies Rule;

function fromVisible(file: FileFacts, context: Context, call: Call, index: number, what: string): Finding | undefined {
  const nodes = call.args[index];
  if (!nodes || !visibleNodesBehind(file, nodes) || !runsAtBoot(file, call, context)) return undefined;
  return { range: nodes.range, message: `${what} Take the nodes from the configuration.` };
}

const starts = /^(?::mnesia\.start|Memento\.start|(?:Application|:application)\.(?:start|ensure_started|ensure_all_started))$/;

/** The start of Mnesia before the call, in the same function, with nothing in between that may stop it. */
function startBefore(file: FileFacts, create: Call): Call | undefined {
  const clause = functionClauseOf(file, create);
  if (!clause) return undefined;
  const before = [...descendants(clause.clause)].filter((e): e is Call => e.kind === 'call' && precedes(file, e, create));
  const stops = before.filter(({ name }) => /stop|restart|shutdown/i.test(name));
  const start = before.find((call) => starts.test(`${call.module}.${call.name}`) && isMnesia(call));
  return start && !stops.some((stop) => precedes(file, start, stop)) ? start : undefined;
}

function isMnesia({ module, args: [first] }: Call): boolean {
  return module === ':mnesia' || module === 'Memento' || (first?.kind === 'atom' && first.value === 'mnesia');
}
