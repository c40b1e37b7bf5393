import assert from 'node:assert/strict';
import test from 'node:test';
import { createExtractor } from '../../core/facts/extract';
import { lint } from '../../core/linter';
import { rules } from '../../core/rules';

const extract = await createExtractor();

/** The severities of the lost updates in a module with these functions, in their order. */
function severitiesOf(...functions: readonly string[]): readonly string[] {
  const file = extract('lib/a.ex', `defmodule Shop.Rows do\n${functions.join('\n\n')}\nend`);
  const { findings } = lint(file, { rules, context: { rpcWrappers: [] }, levelOf: (rule) => rule.severity });
  const updates = findings.filter(({ rule }) => /^(?:ets|mnesia-dirty)-read-modify-write$/.test(rule.id));
  return updates.map(({ severity }) => severity);
}

const mnesia = (name: string, change: string): string => `
  def ${name}(id, value) do
    case :mnesia.dirty_read(:accounts, id) do
      [row] -> :mnesia.dirty_write(${change})
      [] -> :ok
    end
  end`;

const ets = (name: string, row: string): string => `
  def ${name}(id, value) do
    [{^id, name, count}] = :ets.lookup(:accounts, id)
    :ets.insert(:accounts, ${row})
  end`;

const open = '  def new, do: :ets.new(:accounts, [:named_table, :public])';

test('one update of a Mnesia table that sets a column and copies the rest undoes little', () => {
  assert.deepEqual(severitiesOf(mnesia('rename', 'put_elem(row, 2, value)')), ['info']);
});

test('two updates of a Mnesia table that set different columns undo each other', () => {
  assert.deepEqual(severitiesOf(mnesia('rename', 'put_elem(row, 2, value)'), mnesia('move', 'put_elem(row, 3, value)')), [
    'warning',
    'warning',
  ]);
});

test('of two updates of a Mnesia table the one that sets all that the other does undoes nothing', () => {
  const both = 'row |> put_elem(2, value) |> put_elem(3, value)';
  assert.deepEqual(severitiesOf(mnesia('rename', 'put_elem(row, 2, value)'), mnesia('replace', both)), ['warning', 'info']);
});

test('a column of a Mnesia row that is computed from the row is lost', () => {
  assert.deepEqual(severitiesOf(mnesia('add', 'put_elem(row, 2, elem(row, 2) + value)')), ['warning']);
});

test('an ETS row is looked at in the same way', () => {
  assert.deepEqual(severitiesOf(open, ets('rename', '{id, value, count}')), ['info']);
  assert.deepEqual(severitiesOf(open, ets('rename', '{id, value, count}'), ets('set', '{id, name, value}')), ['warning', 'warning']);
  assert.deepEqual(severitiesOf(open, ets('add', '{id, name, count + value}')), ['warning']);
  assert.deepEqual(severitiesOf(open, ets('swap', '{id, count, name}')), ['warning']);
});
