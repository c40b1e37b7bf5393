import type { Expr } from '../../elixir/ir';
import { callsTo, type FileFacts, textOf } from '../../facts/facts';
import { areSeveralNodes, isOn, type MnesiaTable, tablesIn } from '../../facts/mnesia';
import { definitionOf } from '../../facts/values';
import { insertAt } from '../../fix';
import type { ProjectFacts } from '../../project/project';
import type { Fix, Rule } from '../../rule';
import { lineEnding, type Range } from '../../text';

/** Atoms, keys and modules of which one shows that somebody thought of partitions. */
const strategies = [
  'inconsistent_database',
  'change_table_majority',
  'Unsplit',
  'unsplit',
  'Reunion',
  'reunion',
  'Pow.Store.Backend.MnesiaCache.Unsplit',
];

export default {
  id: 'mnesia-no-partition-strategy',
  summary: 'A Mnesia table has copies on several nodes, and nothing decides what happens in a partition.',
  category: 'partition-tolerance',
  severity: 'warning',
  onlyInCluster: true,
  fixable: 'unsafe',
  rationale: `
    Mnesia goes on writing on both sides of a netsplit. When the sides meet again it sends \`{:inconsistent_database, context, node}\` to those who
    subscribed to system events, and that is all: nothing is merged, the copies differ from then on, and which value a read finds depends on the
    node. A blip of milliseconds is enough.

    Either let only the larger side write, with \`majority: true\` on the table, or subscribe with \`:mnesia.subscribe(:system)\` and decide in
    \`{:mnesia_system_event, {:inconsistent_database, _, _}}\` which side loads the table anew (\`:mnesia.set_master_nodes/2\` and a restart). Both
    together are best: the first stops the writes, the second mends what \`dirty\` writes did in spite of it.

    Reported once for a project, at its first such table; silent where anything in the project handles the event or sets a majority later, for
    \`local_content: true\`, and for a file without a project. Tables named as a cache or for sessions are information only.

    The fix adds \`majority: true\`. It is unsafe: writes then fail on the smaller side, and with two copies as soon as one node is away.`,
  references: [
    'https://www.erlang.org/doc/apps/mnesia/mnesia_chap5.html#recovery-from-communication-failure',
    'https://www.erlang.org/doc/apps/mnesia/mnesia.html#create_table/2',
    'https://github.com/rabbitmq/rabbitmq-server/issues/17319',
  ],
  examples: [
    {
      title: 'Copies on all nodes',
      path: 'lib/bank/tables.ex',
      project: { 'mix.exs': 'defmodule Bank.MixProject do\nend' },
      bad: `
        defmodule Bank.Tables do
          def install do
            :mnesia.create_table(:accounts,
              attributes: [:id, :balance],
              disc_copies: [node() | Node.list()]
            # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            )
          end
        end`,
      good: `
        defmodule Bank.Tables do
          def install do
            :mnesia.create_table(:accounts,
              attributes: [:id, :balance],
              disc_copies: [node() | Node.list()],
              majority: true
            )
          end
        end`,
    },
    {
      title: 'A node that adds its copy',
      path: 'lib/bank/join.ex',
      project: { 'mix.exs': 'defmodule Bank.MixProject do\nend' },
      bad: `
        def join(seed) do
          {:ok, _nodes} = :mnesia.change_config(:extra_db_nodes, [seed])
          :mnesia.add_table_copy(:accounts, node(), :disc_copies)
        # ^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'Somebody listens, in another file',
      path: 'lib/bank/tables.ex',
      project: {
        'lib/bank/heal.ex':
          'defmodule Bank.Heal do\n  def handle_info({:mnesia_system_event, {:inconsistent_database, _, node}}, state) do\n    {:noreply, heal(state, node)}\n  end\nend',
      },
      good: `
        def install(nodes) do
          :mnesia.create_table(:accounts, attributes: [:id, :balance], disc_copies: [node() | Node.list()])
        end`,
    },
    {
      title: 'One copy',
      path: 'lib/bank/tables.ex',
      project: { 'mix.exs': 'defmodule Bank.MixProject do\nend' },
      good: `
        def install do
          :mnesia.create_table(:accounts, attributes: [:id, :balance], disc_copies: [node()])
        end`,
    },
    {
      title: 'Each node has data of its own',
      path: 'lib/bank/tables.ex',
      project: { 'mix.exs': 'defmodule Bank.MixProject do\nend' },
      good: `
        def install do
          options = [attributes: [:id, :rate], ram_copies: [node() | Node.list()], local_content: true]
          :mnesia.create_table(:rates, options)
        end`,
    },
  ],
  triggers: { calls: [':mnesia.create_table', ':mnesia.add_table_copy', 'Memento.Table.create', 'Memento.Table.create!'] },

  *check(file, context) {
    const { project } = context;
    if (!project || strategies.some((word) => project.words.has(word))) return;
    if (['unsplit', 'reunion'].some((name) => project.dependencies.has(name))) return;
    const first = firstReplicated(file, project);
    if (!first) return;
    yield {
      range: first.range,
      ...(/cache|session/i.test(first.name) && { severity: 'info' as const }),
      message:
        'In a partition both sides go on writing to this table, and Mnesia never merges them. Pass `majority: true`, or handle `:inconsistent_database`.',
      ...(first.fix && { fix: first.fix }),
    };
  },
} satisfies Rule;

interface Replicated {
  readonly range: Range;
  /** The table, as it is written. */
  readonly name: string;
  readonly fix?: Fix;
}

/** The first replicated table of the project, where it is in this file. */
function firstReplicated(file: FileFacts, project: ProjectFacts): Replicated | undefined {
  const files = [...project.files.values()].filter((f) => f.path !== file.path && !isTest(f.path));
  const isFirst = (of: (f: FileFacts) => Replicated | undefined): boolean => !files.some((f) => f.path < file.path && of(f));
  const created = replicatedTable(file);
  if (created) return isFirst(replicatedTable) ? created : undefined;
  const all = [file, ...files];
  // A copy that is added later counts where no table is seen to be replicated, or to be protected, from the start.
  if (all.some((f) => replicatedTable(f) || tablesIn(f).some((table) => !table.options || isOn(f, table, 'majority')))) return undefined;
  const added = addedCopy(file);
  return added && isFirst(addedCopy) ? added : undefined;
}

function replicatedTable(file: FileFacts): Replicated | undefined {
  for (const table of tablesIn(file)) {
    if (isOn(file, table, 'majority') || isOn(file, table, 'local_content')) continue;
    const copies = table.copies.find(({ value }) => areSeveralNodes(file, value));
    if (!copies) continue;
    const fix = addMajority(file, table);
    return { range: copies.range, name: written(file, table.name), ...(fix && { fix }) };
  }
  return undefined;
}

function addedCopy(file: FileFacts): Replicated | undefined {
  for (const call of callsTo(file, [':mnesia.add_table_copy/3'])) {
    const [table] = call.args;
    if (table && !(table.kind === 'atom' && table.value === 'schema')) return { range: call.callee, name: written(file, table) };
  }
  return undefined;
}

function written(file: FileFacts, name: Expr): string {
  const value = definitionOf(file, name);
  return `${textOf(file, name.range)} ${value.kind === 'atom' ? value.value : value.kind === 'alias' ? value.name : ''}`;
}

function addMajority(file: FileFacts, { options }: MnesiaTable): Fix | undefined {
  const last = options?.kind === 'list' ? options.items.at(-1) : undefined;
  if (!last) return undefined;
  const before = file.text.slice(0, last.range.start);
  const ownLine = /\n([ \t]*)$/.exec(before);
  return {
    title: 'Let only a majority write',
    edits: [insertAt(last.range.end, ownLine ? `,${lineEnding(file.text)}${ownLine[1]}majority: true` : ', majority: true')],
  };
}

function isTest(path: string): boolean {
  return /(?:^|\/)(?:test|bench|priv)\//.test(path);
}
