import type { Rule } from '../../rule';

export default {
  id: 'suppression-without-reason',
  summary: 'Suppression comment that does not say why.',
  category: 'correctness',
  severity: 'warning',
  optIn: true,
  rationale: `
    A comment that turns a rule off is a decision: here the split, the jump of the clock or the lost reply does no harm. Whoever
    changes this code next has to know what the decision rests on, or it will outlive its reason. Write it after \`--\`.

    Not on by default: turn it on where a team wants every exception explained.`,
  references: [],
  examples: [
    {
      title: 'The reason follows two dashes',
      bad: `
        def stock(node, sku) do
          # netsplit:disable-for-next-line rpc-infinite-timeout
          #^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          :rpc.call(node, Stock, :count, [sku])
        end`,
    },
    {
      title: 'Says why',
      good: `
        def stock(node, sku) do
          # netsplit:disable-for-next-line rpc-infinite-timeout -- runs in a task with a timeout
          :rpc.call(node, Stock, :count, [sku])
        end`,
    },
  ],
  triggers: { words: ['netsplit'] },
  last: true,

  *check(_file, { suppressions = [] }) {
    for (const { range, reason, error } of suppressions) {
      if (error || reason !== undefined) continue;
      yield { range, message: 'This suppression does not say why. Write the reason after `--`.' };
    }
  },
} satisfies Rule;
