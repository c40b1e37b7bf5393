import assert from 'node:assert/strict';
import test from 'node:test';
import { claimsIn, isGuarded, pickOf, reasonOf } from '../../core/facts/election';
import { createExtractor } from '../../core/facts/extract';
import { textOf } from '../../core/facts/facts';
import { comparisonOf, halfBased, isMajorityAfter, namedQuorumsIn, quorumComparisonsIn } from '../../core/facts/quorum';
import { decidesForNodes } from '../../core/facts/voters';

const extract = await createExtractor();

/** The facts of a module with this body. */
const moduleWith = (body: string) => extract('lib/example.ex', `defmodule Example do\n${body}\nend\n`);

/** What the only quorum comparison of `condition` needs; undefined where there is none. */
function needsOf(condition: string): string | undefined {
  const comparisons = quorumComparisonsIn(moduleWith(`def ok?(votes, n, others), do: ${condition}`));
  assert.ok(comparisons.length <= 1, condition);
  return comparisons[0]?.needs.join(' or ');
}

const majorities = [
  'votes > div(n, 2)',
  'votes > n / 2',
  'votes >= div(n, 2) + 1',
  'votes >= floor(n / 2) + 1',
  'votes >= trunc(n / 2) + 1',
  'votes >= ceil((n + 1) / 2)',
  'votes > (n >>> 1)',
  '2 * votes > n',
  'votes * 2 >= n + 1',
  'votes / n > 0.5',
  'votes * 100 / n > 50',
  'div(n, 2) < votes',
  'votes == div(n, 2) + 1',
  'length(votes) >= 1 + div(length(n), 2)',
  'Enum.count(votes) > Enum.count(n) |> div(2)',
  'votes < div(n, 2) + 1',
  'votes <= n / 2',
];
const halves = [
  'votes >= div(n, 2)',
  'votes >= n / 2',
  'votes >= n * 0.5',
  'votes >= round(n / 2)',
  'votes >= ceil(n / 2)',
  'votes >= div(n + 1, 2)',
  'votes >= (n >>> 1)',
  'votes > div(n, 2) - 1',
  '2 * votes >= n',
  'votes / n >= 0.5',
  'n / 2 <= votes',
  'votes < div(n, 2)',
  'votes >= div(5, 2)',
];
const larger = ['votes > div(n, 2) + 1', 'votes >= div(n, 2) + 2', 'votes > ceil(n / 2)'];
const none = [
  'votes > n',
  'votes > n / 3',
  'votes >= div(2 * n, 3) + 1',
  'votes > 2',
  'votes >= div(n, 2) + others',
  'votes > votes / 2',
  'votes + 1 > n',
];

test('a majority is known in every form', () => {
  for (const condition of majorities) assert.match(needsOf(condition) ?? 'none', /majority/, condition);
});

test('half is known in every form', () => {
  for (const condition of halves) assert.match(needsOf(condition) ?? 'none', /^half(?: or half)?$/, condition);
});

test('more than a majority is known', () => {
  for (const condition of larger) assert.equal(needsOf(condition), 'over', condition);
});

test('other fractions and sums are no quorum', () => {
  for (const condition of none) assert.equal(needsOf(condition), undefined, condition);
});

test('what is one more than the others may be the whole', () => {
  assert.equal(needsOf('votes >= div(1 + length(others), 2) + 1'), 'over or majority');
  assert.equal(needsOf('votes >= div(length(Node.list()) + 1, 2)'), 'half');
});

test('a quorum is followed through variables, attributes, functions and fields', () => {
  const file = moduleWith(`
    @quorum div(@size, 2)
    def a(votes), do: votes >= @quorum
    def b(votes, n) do
      quorum = div(n, 2)
      votes >= quorum
    end
    def c(votes, members), do: votes >= half(members)
    defp half(members), do: div(length(members), 2)
    def d(state), do: put(%{state | needed: div(state.n, 2)})
    def e(state), do: state.votes >= state.needed
  `);
  assert.deepEqual(
    quorumComparisonsIn(file).map(({ expr, bound, needs }) => [textOf(file, expr.range), textOf(file, bound.range), ...needs]),
    [
      ['votes >= @quorum', 'div(@size, 2)', 'half'],
      ['votes >= quorum', 'div(n, 2)', 'half'],
      ['votes >= half(members)', 'div(length(members), 2)', 'half'],
      ['state.votes >= state.needed', 'div(state.n, 2)', 'half'],
    ],
  );
});

test('recursion and long chains of names end', () => {
  const file = moduleWith('def f(n), do: n + f(n - 1)\ndef g(votes, n), do: votes >= div(f(n), 2)');
  assert.deepEqual(
    quorumComparisonsIn(file).map(({ needs }) => needs),
    [['half']],
  );
});

test('a change of a comparison tells what it would need', () => {
  const file = moduleWith('def ok?(votes, n), do: votes >= div(n, 2)');
  const [comparison] = quorumComparisonsIn(file);
  assert.ok(comparison);
  assert.equal(isMajorityAfter(file, comparison, {}), false);
  assert.equal(isMajorityAfter(file, comparison, { add: 1 }), true);
  assert.equal(isMajorityAfter(file, comparison, { operator: '>' }), true);
  assert.equal(isMajorityAfter(file, comparison, { operator: '>', add: 1 }), false);
  assert.equal(comparisonOf(file, comparison.expr)?.refuses, false);
});

test('values that are called a quorum are known by name', () => {
  const file = moduleWith(`
    @write_quorum div(@replicas, 2) + 1
    def quorum_size(n), do: div(n, 2)
    def quorum?(a, n), do: a > div(n, 2)
    def start(n), do: run(majority: n / 2, buffer: div(n, 2))
  `);
  assert.deepEqual(
    namedQuorumsIn(file).map(({ name, needs }) => [name, ...needs]),
    [
      ['write_quorum', 'majority'],
      ['majority', 'half'],
      ['quorum_size', 'half'],
    ],
  );
  assert.equal(halfBased(file, file.script), undefined);
});

test('names tell a decision of nodes from a half full buffer', () => {
  const decides = (condition: string) => {
    const file = moduleWith(`def f(a, b), do: ${condition}`);
    const [comparison] = quorumComparisonsIn(file);
    return comparison && decidesForNodes(file, comparison);
  };
  assert.equal(decides('length(a.votes) >= length(b) / 2'), true);
  assert.equal(decides('length(a.alive_nodes) >= b.cluster_size / 2'), true);
  assert.equal(decides('length(a.queue) >= b.max_size / 2'), false);
  assert.equal(decides('length(a.peers) >= b.target_peers / 2'), false);
});

/** For each claim to lead: the reason, as written, or `none`. */
function reasons(body: string): readonly string[] {
  const file = moduleWith(body);
  return claimsIn(file).map((claim) => {
    const reason = reasonOf(file, claim);
    return reason ? textOf(file, reason.range) : 'none';
  });
}

test('a claim to lead has a reason where the leader is missed', () => {
  assert.deepEqual(reasons('def f, do: if(leader_dead?(), do: become_leader())'), ['leader_dead?()']);
  assert.deepEqual(reasons('def f, do: unless(leader_alive?(), do: become_leader())'), ['leader_alive?()']);
  assert.deepEqual(reasons('def f(s), do: if(s.leader == nil, do: %{s | leader: node()}, else: s)'), ['s.leader == nil']);
  assert.deepEqual(reasons('def f(p), do: (case Node.ping(p) do\n:pang -> promote(:primary)\n:pong -> :ok\nend)'), ['Node.ping(p)']);
  assert.deepEqual(reasons('def handle_info({:nodedown, _}, s), do: {:noreply, %{s | role: :leader}}'), ['{:nodedown, _}']);
  assert.deepEqual(reasons('def f, do: if(Node.list() == [], do: become_leader())'), ['Node.list() == []']);
});

test('a claim to lead has no reason where the leader is there, or was not asked for', () => {
  assert.deepEqual(reasons('def f, do: if(leader_alive?(), do: become_leader())'), ['none']);
  assert.deepEqual(reasons('def handle_call(:lead, _, s), do: {:reply, :ok, %{s | leader: node()}}'), ['none']);
  assert.deepEqual(reasons('def f(s, player), do: if(s.leader == nil, do: %{s | leader: player}, else: s)'), []);
});

test('a quorum, a lock or a lease guards', () => {
  const guarded = (body: string) => isGuarded(moduleWith(body).exprs);
  for (const body of [
    'def f, do: quorum?()',
    'def f(s), do: s.votes',
    'def f, do: :global.set_lock({:a, self()})',
    'def f, do: Lease.take()',
  ]) {
    assert.equal(guarded(body), true, body);
  }
  for (const body of ['def f, do: clock()', 'def f, do: blocks(:unblocked)']) assert.equal(guarded(body), false, body);
});

test('the first of the visible nodes is a pick, the first of the configured ones is not', () => {
  const picks = (expression: string) => {
    const file = moduleWith(`def f(xs), do: ${expression}\ndefp oldest(nodes), do: Enum.min(nodes)`);
    const [def] = file.modules[0]!.functions;
    return pickOf(file, def!.clauses[0]!.clause.body) !== undefined;
  };
  assert.equal(picks('hd(Enum.sort([node() | Node.list()]))'), true);
  assert.equal(picks('oldest([node() | Node.list()])'), true);
  assert.equal(picks('node(List.first(:pg.get_members(:group)))'), true);
  assert.equal(picks('hd(xs)'), false);
  assert.equal(picks('hd(Application.fetch_env!(:app, :nodes))'), false);
});
