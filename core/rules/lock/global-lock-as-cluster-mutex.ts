import { type Call, descendants, type Expr } from '../../elixir/ir';
import { effectOf } from '../../facts/effects';
import { callsTo, type FileFacts, functionClauseOf, moduleOf } from '../../facts/facts';
import { originsOf } from '../../facts/origins';
import { hasRealRequester } from '../../facts/protection';
import { definitionOf, precedes } from '../../facts/values';
import type { Rule } from '../../rule';

export default {
  id: 'global-lock-as-cluster-mutex',
  summary: 'Lock of `:global` around work on something outside of the cluster.',
  category: 'partition-tolerance',
  severity: 'info',
  rationale: `
    \`:global\` asks the nodes that are connected. When the network splits, both sides get the same lock, as each asks only its own
    nodes, and both charge the card, send the mail or write the row, for as long as the split lasts. The outside world is not split:
    it gets the work twice. The lock also ends when its node goes down or is cut off, while the request that it protected is still
    under way.

    For work whose result stays inside the side, a cache for example, this is fine, and it is not reported. Not reported either: a lock
    on \`[node()]\` only, and rows that are inserted with \`on_conflict\`.

    There is no small fix. Let the thing that is changed decide: a unique key or an idempotency key, \`SELECT … FOR UPDATE\` or an
    advisory lock in the database, a fencing token that grows with each holder, or \`:ra\`.`,
  references: ['https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html'],
  examples: [
    {
      title: 'Both sides charge',
      bad: `
        defmodule Shop.Billing do
          def charge(invoice) do
            :global.trans({{:invoice, invoice.id}, self()}, fn ->
          # ^^^^^^^^^^^^^
              Req.post!("https://pay.example/charges", json: invoice)
            end)
          end
        end`,
    },
    {
      title: 'Through a function, among all visible nodes',
      bad: `
        defmodule Shop.Billing do
          def close(month) do
            if :global.set_lock({{:close, month}, self()}, [node() | Node.list()], 0), do: insert(month)
            #  ^^^^^^^^^^^^^^^^
          end

          defp insert(month), do: Shop.Repo.insert!(%Shop.Report{month: month})
        end`,
    },
    {
      title: 'Only this node is meant',
      good: `
        defmodule Shop.Files do
          def write(path, data) do
            :global.trans({{:file, path}, self()}, fn -> File.write!(path, data) end, [node()])
          end
        end`,
    },
    {
      title: 'Nothing outside is changed',
      good: `
        defmodule Shop.Prices do
          def refresh(sku) do
            :global.trans({{:price, sku}, self()}, fn -> :ets.insert(:prices, {sku, compute(sku)}) end)
          end

          def import(rows) do
            :global.trans({:import, self()}, fn ->
              Shop.Repo.insert_all(Shop.Price, rows, on_conflict: :replace_all, conflict_target: :sku)
            end)
          end
        end`,
    },
  ],
  triggers: { calls: [':global.trans', ':global.set_lock'] },

  *check(file) {
    for (const call of callsTo(file, [':global.trans', ':global.set_lock'])) {
      if (!hasRealRequester(file, call) || !asksAllVisible(file, call)) continue;
      const effect = [...underLock(file, call)].map((e) => effectOf(file, e)).find((found) => found !== undefined);
      if (!effect) continue;
      yield {
        range: call.callee,
        message:
          `Both sides of a netsplit get this lock, and both reach \`${effect.name}\`. ` +
          'Let the outside decide: a unique or idempotency key, a lock in the database, or a fencing token.',
        related: [{ message: 'This is done on both sides.', range: effect.at.range }],
      };
    }
  },
} satisfies Rule;

/** No nodes are given, or those that are visible. */
function asksAllVisible(file: FileFacts, call: Call): boolean {
  const nodes = call.args[call.name === 'trans' ? 2 : 1];
  return !nodes || originsOf(file, nodes).some((o) => o.kind === 'nodes');
}

/** What runs while the lock is held: the function that it is given, or what follows in the same function. */
function* underLock(file: FileFacts, call: Call): Iterable<Expr> {
  if (call.name === 'trans') {
    const fun = call.args[1] && definitionOf(file, call.args[1]);
    if (fun) yield* descendants(fun);
    const def =
      fun?.kind === 'capture' ? moduleOf(file, fun)?.functions.find((f) => f.name === fun.name && f.arity === fun.arity) : undefined;
    for (const { clause } of def?.clauses ?? []) yield* descendants(clause.body);
    return;
  }
  const clause = functionClauseOf(file, call)?.clause;
  for (const e of clause ? descendants(clause.body) : []) if (e.kind === 'call' && precedes(file, call, e)) yield e;
}
