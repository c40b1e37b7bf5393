import assert from 'node:assert/strict';
import test from 'node:test';
import { XMLValidator } from 'fast-xml-parser';
import { simulationPage } from '../../client/src/design/simulation-page';
import { presets } from '../../core/design/simulate/presets';
import { parseScenario } from '../../core/design/simulate/scenario';
import { simulate } from '../../core/design/simulate/simulate';

test('every preset has a page without scripts, with what came of it and a row for each request', () => {
  for (const { id, scenario } of presets()) {
    const trace = simulate(scenario);
    const page = simulationPage(trace, 'n0nce', []);
    assert.match(page, /content="default-src 'none'; style-src 'nonce-n0nce'; base-uri 'none'; form-action 'none'"/, id);
    assert.doesNotMatch(page, /<script|\son\w+=|style="/, id);
    for (const operation of trace.operations) assert.ok(page.includes(`<td>#${operation.id} `), `${id}: #${operation.id}`);
    assert.ok(page.includes('<h2>What came of it</h2>') && page.includes('<svg '), id);
    const body = page.slice(page.indexOf('<main>'), page.indexOf('</main>') + '</main>'.length);
    assert.equal(XMLValidator.validate(body), true, id);
  }
});

test('whatever a scenario says stays text', () => {
  const hostile = '<img src=x onerror="alert(1)">&\'"</style><script>1</script>';
  const { scenario } = parseScenario({
    name: hostile,
    description: hostile,
    protocol: 'raft',
    nodes: 3,
    steps: [{ at: 2000, do: 'write', node: 'n1', key: hostile, value: hostile }],
  });
  assert.ok(scenario);
  const page = simulationPage(simulate(scenario), 'n0nce', [{ text: hostile, href: `command:netsplit.simulate?${hostile}` }]);
  assert.doesNotMatch(page, /<img|<script|<\/style><|"alert/);
  assert.equal(page.match(/<\/style>/g)!.length, 1);
});
