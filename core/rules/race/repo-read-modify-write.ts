import { descendants, type Expr } from '../../elixir/ir';
import { type FileFacts, functionClauseOf } from '../../facts/facts';
import { type FieldUpdate, fieldUpdates } from '../../facts/repo';
import { isShared } from '../../facts/stores';
import type { Context, Rule } from '../../rule';

export default {
  id: 'repo-read-modify-write',
  summary: 'A field of a row is read, computed with, and written back.',
  category: 'consistency',
  severity: 'info',
  rationale: `
    Between \`Repo.get\` and \`Repo.update\` another process, on this node or any other, can change the same field; \`UPDATE … SET balance = 70\`
    then overwrites what it did. A transaction alone does not help: with PostgreSQL's default isolation both read the old row, and both commit.

    Let the database compute, \`Repo.update_all(query, inc: [balance: -amount])\`; or lock the row while it is changed,
    \`from(a in Account, where: a.id == ^id, lock: "FOR UPDATE")\` in a transaction; or let the second writer fail, with
    \`Ecto.Changeset.optimistic_lock/2\`.

    Silent where the function takes a lock, where anything in the project uses \`optimistic_lock\`, and where it is not seen what the
    row is.`,
  references: [
    'https://hexdocs.pm/ecto/Ecto.Changeset.html#optimistic_lock/3',
    'https://hexdocs.pm/ecto/Ecto.Repo.html#c:update_all/3',
    'https://www.postgresql.org/docs/current/transaction-iso.html',
  ],
  examples: [
    {
      title: 'A balance',
      bad: `
        def withdraw(id, amount) do
          account = Repo.get!(Account, id)

          account
          |> Ecto.Changeset.change(balance: account.balance - amount)
          #                                 ^^^^^^^^^^^^^^^^^^^^^^^^
          |> Repo.update()
        end`,
    },
    {
      title: 'In a transaction, through the schema',
      bad: `
        def view(id) do
          Repo.transaction(fn ->
            page = Repo.get_by!(Page, id: id)
            changeset = Page.changeset(page, %{views: page.views + 1})
            #                                         ^^^^^^^^^^^^^^
            Repo.update!(changeset)
          end)
        end`,
    },
    {
      title: 'A row that is handed in',
      bad: `
        def track_click(%Ad{} = ad) do
          ad
          |> Ecto.Changeset.change(%{clicks: ad.clicks + 1})
          #                                  ^^^^^^^^^^^^^
          |> Repo.update!()
        end`,
    },
    {
      title: 'The database computes',
      good: `
        def withdraw(id, amount) do
          from(a in Account, where: a.id == ^id and a.balance >= ^amount)
          |> Repo.update_all(inc: [balance: -amount])
        end`,
    },
    {
      title: 'The row is locked',
      good: `
        def withdraw(id, amount) do
          Repo.transaction(fn ->
            account = from(a in Account, where: a.id == ^id, lock: "FOR UPDATE") |> Repo.one!()
            account |> Ecto.Changeset.change(balance: account.balance - amount) |> Repo.update!()
          end)
        end`,
    },
    {
      title: 'The second writer fails',
      good: `
        def withdraw(id, amount) do
          account = Repo.get!(Account, id)

          account
          |> Ecto.Changeset.change(balance: account.balance - amount)
          |> Ecto.Changeset.optimistic_lock(:version)
          |> Repo.update()
        end`,
    },
    {
      title: 'A value that does not come from the row',
      good: `
        def rename(id, name) do
          user = Repo.get!(User, id)
          user |> Ecto.Changeset.change(name: name, slug: user.prefix <> name) |> Repo.update()
        end`,
    },
  ],
  triggers: { calls: ['Repo.update', 'Repo.update!'] },

  *check(file, context) {
    if (usesOptimisticLock(file, context)) return;
    for (const [{ update, field, value, read }, ...others] of byUpdate(fieldUpdates(file))) {
      const clause = functionClauseOf(file, update);
      if (!clause || !isShared(file, update) || [...descendants(clause.clause)].some(isLock)) continue;
      yield {
        range: value.range,
        message: `What others do to ${nounFor([field, ...others.map((other) => other.field)])} between the read and this update is lost. Use \`Repo.update_all\` with \`inc:\`, a row lock, or \`optimistic_lock\`.`,
        ...(read && { related: [{ message: 'The row is read here.', range: read.callee }] }),
      };
    }
  },
} satisfies Rule;

/** One update writes all of its fields at once: they are one finding, where the first of them is. */
function byUpdate(updates: readonly FieldUpdate[]): readonly (readonly [FieldUpdate, ...FieldUpdate[]])[] {
  const found = new Map<number, [FieldUpdate, ...FieldUpdate[]]>();
  for (const update of updates) {
    const group = found.get(update.update.id);
    if (group) group.push(update);
    else found.set(update.update.id, [update]);
  }
  return [...found.values()];
}

function nounFor(fields: readonly string[]): string {
  const [first, second, third] = fields.map((field) => `\`${field}\``);
  if (second === undefined) return `${first}`;
  return third === undefined ? `${first} and ${second}` : `${first} and ${fields.length - 1} other fields`;
}

function usesOptimisticLock(file: FileFacts, { project }: Context): boolean {
  return (
    ['Ecto.Changeset.optimistic_lock', '?.optimistic_lock'].some((name) => project?.calls.has(name)) ||
    [...file.calls.keys()].some((name) => name.endsWith('.optimistic_lock'))
  );
}

/** `lock: "FOR UPDATE"`, `lock(query, …)`, an advisory lock, a mutex. */
function isLock(e: Expr): boolean {
  if (e.kind === 'pair') return e.key.kind === 'atom' && e.key.value === 'lock';
  return e.kind === 'call' && /lock|mutex|\btrans$/i.test(e.name) && !/block|clock/i.test(e.name);
}
