import type { Expr } from '../../elixir/ir';
import type { FileFacts } from '../../facts/facts';
import { machineArguments } from '../../facts/ra';
import { definitionOf } from '../../facts/values';
import { replace, safeWhereItFits } from '../../fix';
import type { Fix, Rule } from '../../rule';

export default {
  id: 'ra-machine-config-not-map',
  summary: 'A `:ra` machine is configured with something other than a map.',
  category: 'correctness',
  severity: 'error',
  fixable: 'safe',
  rationale: `
    \`:ra\` adds the name of the cluster to the configuration of the machine, \`{:module, Machine, config}\`, before it calls \`init/1\`. With a
    keyword list, which is what one writes in Elixir, that fails in the server process, and all that the caller sees is
    \`{:error, :cluster_not_formed}\`. Tried with 2.2, 2.14 and 3.1.

    The fix writes the list as a map. Then \`init/1\` gets a map too: read it with \`config.key\` or match \`%{key: value}\`.`,
  references: ['https://hexdocs.pm/ra/ra_machine.html'],
  examples: [
    {
      title: 'A keyword list',
      bad: `
        def form(ids) do
          machine = {:module, Shop.Stock, [limit: 100]}
          #                               ^^^^^^^^^^^^
          :ra.start_cluster(:default, :stock, machine, ids)
        end`,
      good: `
        def form(ids) do
          machine = {:module, Shop.Stock, %{limit: 100}}
          :ra.start_cluster(:default, :stock, machine, ids)
        end`,
    },
    {
      title: 'Nothing to configure',
      bad: `
        def form(ids) do
          :ra.start_cluster(:default, :stock, {:module, Shop.Stock, []}, ids)
          #                                                         ^^
        end`,
      good: `
        def form(ids) do
          :ra.start_cluster(:default, :stock, {:module, Shop.Stock, %{}}, ids)
        end`,
    },
    {
      title: 'In the configuration of a server',
      bad: `
        def start(id, ids) do
          :ra.start_server(:default, %{
            id: id,
            uid: "stock",
            initial_members: ids,
            machine: {:module, Shop.Stock, nil}
            #                              ^^^
          })
        end`,
    },
    { title: 'A map', good: ':ra.start_cluster(:default, :kv, {:module, Kv, %{}}, ids)' },
    { title: 'Not known here', good: ':ra.start_cluster(:default, :kv, {:module, Kv, Kv.config()}, ids)' },
    { title: 'A simple machine has a state of any kind', good: ':ra.start_cluster(:default, :sum, {:simple, &+/2, 0}, ids)' },
  ],
  triggers: { calls: [':ra.start_cluster', ':ra.start_or_restart_cluster', ':ra.start_server'] },

  *check(file) {
    for (const config of machineArguments(file)) {
      const value = definitionOf(file, config);
      if (!isOther(value)) continue;
      const fix = asMap(file, value);
      yield {
        range: value.range,
        message: '`:ra` adds to the configuration of a machine, which must be a map: this cluster is not formed. Pass a map.',
        ...(fix && { fix }),
      };
    }
  },
} satisfies Rule;

function isOther(value: Expr): boolean {
  return /^(?:list|atom|integer|float|string|charlist|tuple)$/.test(value.kind);
}

function asMap(file: FileFacts, value: Expr): Fix | undefined {
  if (value.kind !== 'list' || value.tail || value.items.some((item) => item.kind !== 'pair')) return undefined;
  const { start, end } = value.range;
  if (file.text[start] !== '[' || file.text[end - 1] !== ']') return undefined;
  return safeWhereItFits(file, 'Pass a map', [replace({ start, end: start + 1 }, '%{'), replace({ start: end - 1, end }, '}')]);
}
