import assert from 'node:assert/strict';
import test from 'node:test';
import { explain, explainBriefly } from '../../core/explain';
import { dedent } from '../../core/text';
import { rule } from '../support/rules';

const sample = rule('sample-rule', {
  summary: 'Remote call without a timeout.',
  category: 'availability',
  fixable: 'unsafe',
  rationale: `
    It waits.

    Then it waits
    some more.`,
  references: ['https://www.erlang.org/doc/'],
  examples: [
    {
      title: 'Bound the wait',
      bad: `
        f()
        #^^`,
      good: `
        f(1)`,
    },
    { title: 'In the configuration', path: 'config/config.exs', project: { 'mix.lock': '%{}' }, good: 'config :a, b: "```"' },
  ],
});

test('a page has title, summary, table, rationale, examples, how to turn the rule off, and references', () => {
  const page = dedent(`
    # sample-rule

    Remote call without a timeout.

    | Category | Severity | Fix | On by default |
    | --- | --- | --- | --- |
    | availability | warning | unsafe: look at the result | yes |

    It waits.

    Then it waits
    some more.

    ## Examples

    ### Bound the wait

    Reported:

    \`\`\`elixir
    f()
    #^^
    \`\`\`

    Fixed:

    \`\`\`elixir
    f(1)
    \`\`\`

    ### In the configuration

    With \`mix.lock\`:

    \`\`\`elixir
    %{}
    \`\`\`

    Not reported, in \`config/config.exs\`:

    \`\`\`\`elixir
    config :a, b: "\`\`\`"
    \`\`\`\`

    ## Turn it off

    For one line, with the reason:

    \`\`\`elixir
    # netsplit:disable-for-next-line sample-rule -- why it does no harm here
    \`\`\`

    For a project, in \`.netsplit.json\`:

    \`\`\`json
    { "rules": { "sample-rule": "off" } }
    \`\`\`

    ## References

    - <https://www.erlang.org/doc/>
  `);
  assert.equal(explain(sample), `${page}\n`);
});

test('a rule that is off by default says how to turn it on', () => {
  const page = explain({ ...sample, optIn: true });
  assert.match(page, /\| unsafe: look at the result \| no \|/);
  assert.match(page, /## Turn it on\n\nFor a project, in `\.netsplit\.json`:\n\n```json\n\{ "rules": \{ "sample-rule": "warning" \} \}/);
});

test('where there is no fix, the good code is not called fixed', () => {
  const { fixable: _, ...unfixable } = sample;
  assert.doesNotMatch(explain(unfixable), /Fixed/);
});

test('in brief a rule is its summary and why it matters', () => {
  assert.equal(explainBriefly(sample), '**sample-rule**: Remote call without a timeout.\n\nIt waits.');
});
