import { isAlone, rowUpdates } from '../../facts/mnesia';
import { isShared } from '../../facts/stores';
import type { Rule } from '../../rule';

export default {
  id: 'mnesia-dirty-read-modify-write',
  summary: 'A Mnesia row is read, changed and written back without a transaction around both.',
  category: 'consistency',
  severity: 'warning',
  rationale: `
    Dirty operations lock nothing, on this node or on the others that have a copy. Two processes read the same row, both add to it, both write:
    one of the two updates is gone. With copies on several nodes they may even end up different from each other.

    Do both in \`:mnesia.transaction/1\`, and read with \`:mnesia.read(table, key, :write)\`, so that the second waits for the first. A counter has an
    operation of its own, \`:mnesia.dirty_update_counter/3\`, which is atomic. A dirty operation inside a transaction is as dirty as outside, and a
    row that was read before the transaction may be an old one by the time it is written.

    Where the one update of a table sets columns to values of its own and copies the rest, there is little to lose: that is information.

    Silent where the written row does not depend on the one that was read, under a lock, and in the callbacks of one process.`,
  references: [
    'https://www.erlang.org/doc/apps/mnesia/mnesia_chap4.html#dirty-operations',
    'https://www.erlang.org/doc/apps/mnesia/mnesia.html#dirty_update_counter/3',
  ],
  examples: [
    {
      title: 'An account',
      bad: `
        def withdraw(id, amount) do
          [{:accounts, ^id, balance}] = :mnesia.dirty_read(:accounts, id)
          :mnesia.dirty_write({:accounts, id, balance - amount})
        # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'The record is changed in place',
      bad: `
        def hide(id) do
          [row] = :mnesia.dirty_read({:articles, id})
          :mnesia.dirty_write(:articles, put_elem(row, 3, :hidden))
        # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        end`,
    },
    {
      title: 'In a dirty activity',
      bad: `
        def add(key, item) do
          :mnesia.async_dirty(fn ->
            [{:carts, key, items}] = :mnesia.read(:carts, key)
            :mnesia.write({:carts, key, [item | items]})
          # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          end)
        end`,
    },
    {
      title: 'Read before the transaction',
      bad: `
        def withdraw(id, amount) do
          [{:accounts, ^id, balance}] = :mnesia.dirty_read(:accounts, id)

          :mnesia.transaction(fn ->
            :mnesia.write({:accounts, id, balance - amount})
          # ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          end)
        end`,
    },
    {
      title: 'Both in a transaction',
      good: `
        def withdraw(id, amount) do
          :mnesia.transaction(fn ->
            [{:accounts, ^id, balance}] = :mnesia.read(:accounts, id, :write)
            :mnesia.write({:accounts, id, balance - amount})
          end)
        end`,
    },
    {
      title: 'Asked first, decided in the transaction',
      good: `
        def withdraw(id, amount) do
          [{:accounts, ^id, seen}] = :mnesia.dirty_read(:accounts, id)

          :mnesia.transaction(fn ->
            [{:accounts, ^id, balance}] = :mnesia.wread({:accounts, id})
            if balance == seen, do: :mnesia.write({:accounts, id, seen - amount})
          end)
        end`,
    },
    {
      title: 'A new value, and a counter',
      good: `
        def rename(id, name) do
          case :mnesia.dirty_read(:users, id) do
            [] -> {:error, :unknown}
            [_user] -> :mnesia.dirty_write({:users, id, name})
          end
        end

        def hit(page), do: :mnesia.dirty_update_counter(:hits, page, 1)`,
    },
    {
      title: 'Under another key it is another row',
      good: `
        def move(from, to) do
          [row] = :mnesia.dirty_read({:connections, from})
          :mnesia.dirty_write(put_elem(row, 1, to))
          :mnesia.dirty_delete({:connections, from})
        end`,
    },
    {
      title: 'One process',
      good: `
        defmodule Ledger do
          use GenServer

          def init(_opts), do: {:ok, nil}

          def handle_call({:withdraw, id, amount}, _from, state) do
            [{:accounts, ^id, balance}] = :mnesia.dirty_read(:accounts, id)
            {:reply, :mnesia.dirty_write({:accounts, id, balance - amount}), state}
          end
        end`,
    },
  ],
  triggers: { calls: [':mnesia.dirty_write', ':mnesia.write'] },

  *check(file) {
    const updates = rowUpdates(file);
    for (const update of updates) {
      const { read, write, kind, counts } = update;
      if (!isShared(file, write)) continue;
      yield {
        range: write.range,
        ...(isAlone(file, update, updates) && { severity: 'info' as const }),
        message:
          kind === 'outside'
            ? 'The row was read before this transaction: what others wrote since then is overwritten. Read it in the transaction, with `:mnesia.read(table, key, :write)`.'
            : `What another process or node writes to this row between the read and the write is lost. Do both in \`:mnesia.transaction/1\`${counts ? ', or use `:mnesia.dirty_update_counter/3`' : ''}.`,
        related: [{ message: 'The row is read here.', range: read.range }],
      };
    }
  },
} satisfies Rule;
