import { type FileFacts, parentOf, textOf } from '../../facts/facts';
import {
  boundIsUsedOnce,
  halfPattern,
  isMajorityAfter,
  isWhole,
  namedQuorumsIn,
  needsOnly,
  oppositeAtEquality,
  type QuorumComparison,
  quorumComparisonsIn,
  quorumParts,
  shortName,
} from '../../facts/quorum';
import { countsAbsent, countsOthers, decidesForNodes } from '../../facts/voters';
import { insertAt, replace, safeWhereItFits } from '../../fix';
import type { Fix, Rule } from '../../rule';

export default {
  id: 'quorum-half-is-not-majority',
  summary: 'Quorum that half of the members reach.',
  category: 'consistency',
  severity: 'error',
  fixable: 'safe',
  rationale: `
    Two majorities always share a member; two halves need not. Where \`div(n, 2)\` members are enough, a cluster of four that splits two
    and two has a quorum on both sides: two leaders are elected, both accept writes, and when the network heals one side's
    acknowledged writes are gone. It also goes wrong without a split, when two candidates ask at the same time.

    The smallest number of which two groups always share a member is \`div(n, 2) + 1\`. All ways to write it are understood:
    \`count > n / 2\`, \`2 * count > n\`, \`count >= floor(n / 2) + 1\`, also through variables, attributes and functions.

    Silent where half is right: a count of the others only (the node itself is one more), a count of those that failed or refused (half
    of them is enough to block), and halves that have nothing to do with members.`,
  references: ['https://raft.github.io/raft.pdf', 'https://github.com/apache/geode/pull/7126'],
  examples: [
    {
      title: 'Two of four elect',
      bad: `
        defmodule Candidate do
          def won?(votes, members) do
            length(votes) >= div(length(members), 2)
          # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          end
        end`,
      good: `
        defmodule Candidate do
          def won?(votes, members) do
            length(votes) >= div(length(members), 2) + 1
          end
        end`,
    },
    {
      title: 'A fraction: more than half, not half',
      bad: `
        defmodule Candidate do
          def won?(votes, view) do
            Enum.count(votes) >= length(view) / 2
          # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          end
        end`,
      good: `
        defmodule Candidate do
          def won?(votes, view) do
            Enum.count(votes) > length(view) / 2
          end
        end`,
    },
    {
      title: 'The quorum has a name',
      bad: `
        defmodule Writer do
          def replicated?(acks, cluster_size) do
            quorum = div(cluster_size, 2)
            acks >= quorum
          # ^^^^^^^^^^^^^^
          end
        end`,
      good: `
        defmodule Writer do
          def replicated?(acks, cluster_size) do
            quorum = div(cluster_size, 2) + 1
            acks >= quorum
          end
        end`,
    },
    {
      title: 'The quorum is a function, and too few is the question',
      bad: `
        defmodule Cluster do
          def reachable?(alive, cluster_size) do
            if alive < quorum(cluster_size), do: {:error, :no_quorum}, else: :ok
            #  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          end

          defp quorum(n), do: trunc(n / 2)
        end`,
      good: `
        defmodule Cluster do
          def reachable?(alive, cluster_size) do
            if alive < quorum(cluster_size), do: {:error, :no_quorum}, else: :ok
          end

          defp quorum(n), do: trunc(n / 2) + 1
        end`,
    },
    {
      title: 'A quorum that is half, whoever will compare with it',
      bad: `
        defmodule Cluster do
          def wait(cluster_size) do
            quorum = div(cluster_size, 2)
            #        ^^^^^^^^^^^^^^^^^^^^
            Acks.await(quorum)
          end
        end`,
      good: `
        defmodule Cluster do
          def wait(cluster_size) do
            quorum = div(cluster_size, 2) + 1
            Acks.await(quorum)
          end
        end`,
    },
    {
      title: 'Rounded up, it is still half of an even number',
      bad: `
        defmodule Candidate do
          @voters Application.compile_env!(:shop, :voters)

          def won?(votes) do
            Enum.count(votes) >= ceil(length(@voters) / 2)
          # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          end
        end`,
    },
    {
      title: 'Every way to write a majority',
      good: `
        defmodule Candidate do
          def won?(votes, n, others) do
            votes > div(n, 2) and votes > n / 2 and 2 * votes > n and votes / n > 0.5 and
              votes >= floor(n / 2) + 1 and votes >= ceil((n + 1) / 2) and
              votes >= div(1 + length(others), 2) + 1
          end
        end`,
    },
    {
      title: 'The leader itself is one more than the followers that answered',
      good: `
        defmodule Leader do
          def committed?(followers_acked, n), do: length(followers_acked) >= div(n, 2)
          def alone?(n), do: length(Node.list()) < div(n, 2)
        end`,
    },
    {
      title: 'Half of the votes against is enough to block',
      good: `
        defmodule Candidate do
          def lost?(refused, members), do: length(refused) >= length(members) / 2
        end`,
    },
    {
      title: 'The larger of two numbers',
      good: `
        def most(replicas, nodes) do
          twice = length(nodes) * 2
          if replicas > twice, do: replicas, else: twice
        end`,
    },
    {
      title: 'Half of a batch is no quorum',
      good: `
        defmodule Buffer do
          def full?(queue, max_size), do: length(queue) >= div(max_size, 2)
        end`,
    },
  ],
  triggers: { parts: quorumParts, pattern: halfPattern },

  *check(file) {
    const compared = new Set<number>();
    for (const comparison of quorumComparisonsIn(file)) {
      compared.add(comparison.bound.id);
      const { expr, total, bound, through } = comparison;
      if (expr.operator === '==' || !needsOnly(comparison, 'half') || countsAbsent(comparison)) continue;
      if (countsOthers(file, comparison) || !decidesForNodes(file, comparison)) continue;
      const fix = fixOf(file, comparison);
      yield {
        range: expr.range,
        message: messageFor(shortName(file, total, 'members')),
        ...(through.length > 0 && { related: [{ message: 'Half is computed here.', range: bound.range }] }),
        ...(fix && { fix }),
      };
    }
    for (const quorum of namedQuorumsIn(file)) {
      if (compared.has(quorum.bound.id) || !needsOnly(quorum, 'half')) continue;
      // Someone may ask for more than this number.
      if (quorum.uses().some((use) => parentOf(file, use)?.kind === 'binary')) continue;
      const edits = isWhole(quorum.bound) ? [insertAt(quorum.bound.range.end, ' + 1')] : [];
      yield {
        range: quorum.value.range,
        message: messageFor(shortName(file, quorum.total, 'members')),
        ...(edits.length > 0 && { fix: { title: 'Require one more than half', edits, safety: 'unsafe' } }),
      };
    }
  },
} satisfies Rule;

function messageFor(total: string): string {
  return `Half of ${total} is not a majority: both sides of a split can reach it. Require \`div(n, 2) + 1\`.`;
}

/** The smallest edit after which exactly a majority is enough, or undefined where none of them does. */
function fixOf(file: FileFacts, comparison: QuorumComparison): Fix | undefined {
  const { expr, bound, total, through } = comparison;
  if (isWhole(bound) && isMajorityAfter(file, comparison, { add: 1 }) && boundIsUsedOnce(file, comparison)) {
    return safeWhereItFits(file, 'Require one more than half', [insertAt(bound.range.end, ' + 1')]);
  }
  const operator = oppositeAtEquality(comparison);
  if (operator !== undefined && isMajorityAfter(file, comparison, { operator })) {
    return safeWhereItFits(file, 'Require more than half', [replace(expr.operatorRange, operator)]);
  }
  if (through.length > 0 || bound.kind === 'binary') return undefined;
  return { title: 'Require a majority', edits: [replace(bound.range, `div(${textOf(file, total.range)}, 2) + 1`)], safety: 'unsafe' };
}
