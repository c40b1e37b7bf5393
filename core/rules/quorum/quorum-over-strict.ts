import {
  halfPattern,
  isMajorityAfter,
  needsOnly,
  oppositeAtEquality,
  quorumComparisonsIn,
  quorumParts,
  shortName,
} from '../../facts/quorum';
import { countsAbsent, decidesForNodes } from '../../facts/voters';
import { replace, safeWhereItFits } from '../../fix';
import type { Rule } from '../../rule';

export default {
  id: 'quorum-over-strict',
  summary: 'Quorum that needs more members than a majority.',
  category: 'availability',
  severity: 'warning',
  optIn: true,
  fixable: 'safe',
  rationale: `
    A majority of three is two: such a cluster works on when one member is down. \`count > div(n, 2) + 1\` asks for all three, so the
    first failure, or the first restart of a deploy, stops every write. Nothing becomes safer by it: two majorities already share
    a member.

    Not on by default, as some protocols need more than a majority on purpose. Quorums of two thirds and other fractions are not
    reported.

    The fix asks for exactly a majority.`,
  references: ['https://raft.github.io/raft.pdf'],
  examples: [
    {
      title: 'More than a majority',
      bad: `
        defmodule Log do
          def committed?(acks, members) do
            length(acks) > div(length(members), 2) + 1
          # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          end
        end`,
      good: `
        defmodule Log do
          def committed?(acks, members) do
            length(acks) >= div(length(members), 2) + 1
          end
        end`,
    },
    {
      title: 'The majority has a name',
      bad: `
        defmodule Log do
          def committed?(acks, n) do
            majority = div(n, 2) + 1
            acks > majority
          # ^^^^^^^^^^^^^^^
          end
        end`,
      good: `
        defmodule Log do
          def committed?(acks, n) do
            majority = div(n, 2) + 1
            acks >= majority
          end
        end`,
    },
    {
      title: 'A majority, and two thirds',
      good: `
        defmodule Log do
          def committed?(acks, n), do: acks >= div(n, 2) + 1
          def elected?(votes, n), do: votes > n / 2
          def final?(votes, n), do: votes >= div(2 * n, 3) + 1
        end`,
    },
    {
      title: 'One more than half of the members, counted from the others',
      good: `
        defmodule Candidate do
          def won?(votes, others), do: votes >= div(length(others) + 1, 2) + 1
        end`,
    },
  ],
  triggers: { parts: quorumParts, pattern: halfPattern },

  *check(file) {
    for (const comparison of quorumComparisonsIn(file)) {
      const { expr, total, bound, through } = comparison;
      if (!needsOnly(comparison, 'over') || countsAbsent(comparison) || !decidesForNodes(file, comparison)) continue;
      const operator = oppositeAtEquality(comparison);
      const mends = operator !== undefined && isMajorityAfter(file, comparison, { operator });
      yield {
        range: expr.range,
        message: `This needs one more than a majority of ${shortName(file, total, 'members')}: of three, all. Require \`div(n, 2) + 1\`.`,
        ...(through.length > 0 && { related: [{ message: 'The number is computed here.', range: bound.range }] }),
        ...(mends && { fix: safeWhereItFits(file, 'Require exactly a majority', [replace(expr.operatorRange, operator)]) }),
      };
    }
  },
} satisfies Rule;
