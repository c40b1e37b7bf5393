import { effectiveOption, followsNodes, hordesIn, usesQuorum } from '../../facts/horde';
import { compareVersions, versionOf } from '../../project/project';
import type { Rule } from '../../rule';

/** The first and the last version of Horde with the defect. */
const [since, until] = ['0.8.4', '0.10.0'];

export default {
  id: 'horde-quorum-not-enforced',
  summary: 'This version of Horde does not stop the children of a node that has lost its quorum.',
  category: 'partition-tolerance',
  severity: 'warning',
  rationale: `
    \`Horde.UniformQuorumDistribution\` is chosen so that in a partition only the larger side runs the children. In Horde 0.8.4 to 0.10.0 the smaller
    side refuses new children and keeps the running ones: the function that decides whether there is anything to stop looks for entries in a form
    that they no longer have, and never finds one. The larger side starts its copies, and both run until the partition heals, with any list of
    members.

    Where two copies must not run, do not rely on it: let each copy hold a lease with a fencing token, take a lock in the database, or put the work
    under \`:ra\`. Turn this rule off where two copies for a while do no harm. Reported where the version is known, and once: not in addition to
    members that defeat the quorum anyway.`,
  references: [
    'https://github.com/elixir-horde/horde/blob/v0.10.0/lib/horde/dynamic_supervisor_impl.ex',
    'https://github.com/elixir-horde/horde/issues/45',
  ],
  examples: [
    {
      title: 'A quorum that is not enforced',
      path: 'lib/my_app/application.ex',
      project: { 'mix.exs': 'defmodule MyApp.MixProject do\n  def project, do: [app: :my_app, deps: [{:horde, "~> 0.9.0"}]]\nend' },
      bad: `
        children = [
          {Horde.DynamicSupervisor,
           name: MyApp.Sup,
           strategy: :one_for_one,
           members: [MyApp.Sup, {MyApp.Sup, :"b@10.0.0.2"}, {MyApp.Sup, :"c@10.0.0.3"}],
           distribution_strategy: Horde.UniformQuorumDistribution}
         # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        ]`,
    },
    {
      title: 'Another strategy promises nothing',
      path: 'lib/my_app/application.ex',
      project: { 'mix.exs': 'defmodule MyApp.MixProject do\n  def project, do: [app: :my_app, deps: [{:horde, "~> 0.9.0"}]]\nend' },
      good: 'children = [{Horde.DynamicSupervisor, name: MyApp.Sup, strategy: :one_for_one, members: :auto}]',
    },
    {
      title: 'An unknown version',
      good: `
        children = [
          {Horde.DynamicSupervisor,
           name: MyApp.Sup, strategy: :one_for_one, distribution_strategy: Horde.UniformQuorumDistribution}
        ]`,
    },
  ],
  triggers: { words: ['UniformQuorumDistribution'] },

  *check(file, context) {
    const version = versionOf(context.project, 'horde');
    if (version === undefined || compareVersions(version, since) < 0 || compareVersions(version, until) > 0) return;
    for (const parts of hordesIn(file, context.project)) {
      const strategy = usesQuorum(parts) ? effectiveOption(parts, 'distribution_strategy') : undefined;
      const members = effectiveOption(parts, 'members');
      if (strategy?.file !== file || (members && followsNodes(members))) continue;
      yield {
        range: strategy.range,
        message: `Horde ${version} keeps the children of a node running after it has lost its quorum. Do not rely on it: use a lease with fencing, \`:ra\` or a lock in the database.`,
      };
    }
  },
} satisfies Rule;
