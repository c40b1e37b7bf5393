import type { Expr } from '../../elixir/ir';
import { callsTo } from '../../facts/facts';
import { raBefore } from '../../facts/ra';
import { definitionOf } from '../../facts/values';
import type { Rule } from '../../rule';

export default {
  id: 'ra-pipeline-correlation-atom',
  summary: 'The correlation of a pipelined `:ra` command is neither an integer nor a reference.',
  category: 'correctness',
  severity: 'warning',
  rationale: `
    \`:ra.pipeline_command/3\` answers \`:ok\` at once; what became of the command arrives as
    \`{:ra_event, from, {:applied, [{correlation, reply}]}}\`. From 2.14 on no such message is sent for a correlation that is an atom, a string or
    a tuple. The command is applied all the same, so a caller that sends again whatever was not confirmed has it applied twice.

    Use \`make_ref()\` or a counter, and keep what belongs to it in a map. Silent for \`:no_correlation\`, which asks for no answer, and where the
    project locks an older \`:ra\`.`,
  references: ['https://hexdocs.pm/ra/ra.html#pipeline_command-3'],
  examples: [
    {
      title: 'An atom',
      bad: `
        def enqueue(server, item) do
          :ra.pipeline_command(server, {:enqueue, item}, :enqueue)
          #                                              ^^^^^^^^
        end`,
    },
    {
      title: 'A tuple',
      bad: `
        def enqueue(server, item) do
          correlation = {:enqueue, item.id}
          :ra.pipeline_command(server, {:enqueue, item}, correlation, :normal)
          #                                              ^^^^^^^^^^^
        end`,
    },
    {
      title: 'A priority in the place of the correlation',
      bad: `
        def enqueue(server, item) do
          :ra.pipeline_command(server, {:enqueue, item}, :low)
          #                                              ^^^^
        end`,
    },
    {
      title: 'A reference, and a map of what is under way',
      good: `
        def enqueue(state, item) do
          ref = make_ref()
          :ok = :ra.pipeline_command(state.server, {:enqueue, item}, ref)
          %{state | pending: Map.put(state.pending, ref, item)}
        end`,
    },
    {
      title: 'A counter, and no answer wanted',
      good: `
        def enqueue(state, item) do
          :ra.pipeline_command(state.server, {:enqueue, item}, state.next)
          :ra.pipeline_command(state.server, :tick, :no_correlation, :low)
        end`,
    },
    {
      title: 'Before 2.14',
      good: ':ra.pipeline_command(server, {:enqueue, item}, :enqueue)',
      path: 'lib/example.ex',
      project: { 'mix.lock': '%{"ra": {:hex, :ra, "2.9.1", "", [:rebar3], [], "hexpm", ""}}' },
    },
  ],
  triggers: { calls: [':ra.pipeline_command/3', ':ra.pipeline_command/4'] },

  *check(file, context) {
    if (raBefore(context, '2.14')) return;
    for (const call of callsTo(file, [':ra.pipeline_command/3', ':ra.pipeline_command/4'])) {
      const [, , correlation] = call.args;
      if (!correlation || !neverAnswered(definitionOf(file, correlation))) continue;
      yield {
        range: correlation.range,
        message:
          'No `:ra_event` is sent for this correlation, so the caller never learns what became of the command. Pass `make_ref()` or an integer.',
      };
    }
  },
} satisfies Rule;

function neverAnswered(value: Expr): boolean {
  if (value.kind === 'atom') return value.value !== 'no_correlation';
  return /^(?:alias|string|charlist|tuple|list|map|float)$/.test(value.kind);
}
