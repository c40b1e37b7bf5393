import { type Call, descendants, type Expr, pairsOf } from '../../elixir/ir';
import { type FileFacts, functionClauseOf } from '../../facts/facts';
import { allOrigins, originsOf } from '../../facts/origins';
import { isShared } from '../../facts/stores';
import { definitionOf, dependsOn, sameValue } from '../../facts/values';
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
    const seen = new Set<number>();
    for (const update of repoCalls(file, /^update!?$/)) {
      const clause = functionClauseOf(file, update);
      if (!clause || !isShared(file, update) || [...descendants(clause.clause)].some(isLock)) continue;
      for (const { field, value, row } of changes(file, update)) {
        const computed = definitionOf(file, value);
        if (computed.kind !== 'binary' || !/^[-+*/]$/.test(computed.operator) || seen.has(value.id)) continue;
        if (!takesField(file, computed, row, field) || !isRow(file, row)) continue;
        seen.add(value.id);
        const read = readOf(file, row);
        yield {
          range: value.range,
          message: `What others do to \`${field}\` between the read and this update is lost. Use \`Repo.update_all\` with \`inc:\`, a row lock, or \`optimistic_lock\`.`,
          ...(read && { related: [{ message: 'The row is read here.', range: read.callee }] }),
        };
      }
    }
  },
} satisfies Rule;

function repoCalls(file: FileFacts, name: RegExp): readonly Call[] {
  return [...file.calls].flatMap(([full, calls]) =>
    /(?:^|\.)Repo\.[^.]+$/.test(full) ? calls.filter((call) => name.test(call.name)) : [],
  );
}

function usesOptimisticLock(file: FileFacts, { project }: Context): boolean {
  return project?.words.has('optimistic_lock') === true || [...file.calls.keys()].some((name) => name.endsWith('.optimistic_lock'));
}

/** `lock: "FOR UPDATE"`, `lock(query, …)`, an advisory lock, a mutex. */
function isLock(e: Expr): boolean {
  if (e.kind === 'pair') return e.key.kind === 'atom' && e.key.value === 'lock';
  return e.kind === 'call' && /lock|mutex|\btrans$/i.test(e.name) && !/block|clock/i.test(e.name);
}

interface Change {
  readonly field: string;
  readonly value: Expr;
  /** The struct that is changed. */
  readonly row: Expr;
}

/** The fields that the changeset of an update sets. */
function changes(file: FileFacts, update: Call): readonly Change[] {
  const found: Change[] = [];
  for (let at = update.args[0], hops = 0; at && hops < 10; hops++) {
    const value = definitionOf(file, at);
    if (value.kind !== 'call') break;
    const [row, given, single] = value.args;
    if (/change(?:set)?$|^change|^cast$/.test(value.name) && row && given) {
      const base = value.name === 'put_change' ? baseOf(file, row) : row;
      if (value.name === 'put_change' || value.name === 'force_change') {
        if (given.kind === 'atom' && single && base) found.push({ field: given.value, value: single, row: base });
      } else {
        for (const pair of pairsOf(definitionOf(file, given))) {
          if (pair.key.kind === 'atom') found.push({ field: pair.key.value, value: pair.value, row });
        }
      }
    }
    at = row;
  }
  return found;
}

/** The struct at the beginning of a chain of changes. */
function baseOf(file: FileFacts, e: Expr): Expr | undefined {
  let at: Expr | undefined = e;
  for (let hops = 0; at && hops < 10; hops++) {
    const value: Expr = definitionOf(file, at);
    if (value.kind !== 'call' || /(?:^|\.)Repo$/.test(value.module ?? '')) return at;
    at = value.args[0];
  }
  return undefined;
}

const reading = /^(?:get|get_by|one|reload|fetch|fetch_by)!?$/;

/** The call that reads the row, where it is certain. */
function readOf(file: FileFacts, row: Expr): Call | undefined {
  for (const origin of originsOf(file, row)) {
    if (origin.kind === 'call' && /(?:^|\.)Repo$/.test(origin.at.module ?? '') && reading.test(origin.at.name)) return origin.at;
  }
  return undefined;
}

/** What was read here, or is handed in as it was read: whoever made the row would not add to what it holds. */
function isRow(file: FileFacts, row: Expr): boolean {
  if (readOf(file, row)) return true;
  return allOrigins(originsOf(file, row), (origin) => origin.kind === 'parameter' || origin.kind === 'field');
}

/** Whether the value is computed from this field of this row. */
function takesField(file: FileFacts, value: Expr, row: Expr, field: string): boolean {
  return [...descendants(value)].some(
    (e) =>
      e.kind === 'field' && e.name === field && (sameValue(file, e.subject, row) || dependsOn(file, e.subject, definitionOf(file, row))),
  );
}
