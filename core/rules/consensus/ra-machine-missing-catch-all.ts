import type { Expr } from '../../elixir/ir';
import { type FileFacts, type FunctionClause, findFunction } from '../../facts/facts';
import { machinesIn } from '../../facts/ra';
import { insertAt } from '../../fix';
import type { Fix, Rule } from '../../rule';
import { indentationAt, lineEnding } from '../../text';

export default {
  id: 'ra-machine-missing-catch-all',
  summary: 'The `apply/3` of a `:ra` machine has no clause for unknown commands.',
  category: 'availability',
  severity: 'warning',
  fixable: 'safe',
  rationale: `
    A command is committed before it is applied. One that no clause matches crashes the member, is still in the log after the restart, and
    crashes it again, on every member, until the supervisors give up: tried on a three-node cluster, one unknown command took all three down
    for good. It needs no attacker, only an old node during a rolling deploy, or a message that \`:ra\` itself sends: \`{:down, pid, reason}\`
    after a monitor effect, \`{:timeout, name}\` after a timer, \`{:machine_version, from, to}\` after an upgrade.

    A last clause whose command is a bare variable without a guard is enough. The fix adds one that answers an error and keeps the state.`,
  references: ['https://github.com/rabbitmq/ra/blob/main/docs/internals/INTERNALS.md'],
  examples: [
    {
      title: 'One clause for one command',
      bad: `
        defmodule Kv do
          @behaviour :ra_machine

          def init(_config), do: %{}
          def apply(_meta, {:put, key, value}, state), do: {Map.put(state, key, value), :ok}
          #   ^^^^^
        end`,
      good: `
        defmodule Kv do
          @behaviour :ra_machine

          def init(_config), do: %{}
          def apply(_meta, {:put, key, value}, state), do: {Map.put(state, key, value), :ok}
          def apply(_meta, _unknown, state), do: {state, {:error, :unknown_command}}
        end`,
    },
    {
      title: 'A guard may fail',
      bad: `
        defmodule Counter do
          @behaviour :ra_machine

          def init(_config), do: 0

          def apply(_meta, by, count) when is_integer(by) do
            # ^^^^^
            {count + by, :ok}
          end
        end`,
      good: `
        defmodule Counter do
          @behaviour :ra_machine

          def init(_config), do: 0

          def apply(_meta, by, count) when is_integer(by) do
            {count + by, :ok}
          end

          def apply(_meta, _unknown, state), do: {state, {:error, :unknown_command}}
        end`,
    },
    {
      title: 'A clause for everything',
      good: `
        defmodule Kv do
          @behaviour :ra_machine

          def init(_config), do: %{}
          def apply(_meta, {:put, key, value}, state), do: {Map.put(state, key, value), :ok}
          def apply(_meta, _other, state), do: {state, {:error, :unknown_command}}
        end`,
    },
    {
      title: 'Delegated to another function',
      good: `
        defmodule Kv do
          @behaviour :ra_machine

          def init(_config), do: %{}
          def apply(_meta, command, state), do: run(command, state)

          defp run({:put, key, value}, state), do: {Map.put(state, key, value), :ok}
          defp run(_other, state), do: {state, {:error, :unknown_command}}
        end`,
    },
  ],
  triggers: { words: ['ra_machine', 'start_cluster', 'start_server', 'start_or_restart_cluster'] },

  *check(file, context) {
    for (const machine of machinesIn(file, context)) {
      const clauses = findFunction(machine, 'apply', 3)?.clauses ?? [];
      const [first] = clauses;
      const last = clauses.at(-1);
      if (!first || !last || clauses.some((c) => !c.clause.guard && matchesAll(c.clause.patterns[1]))) continue;
      yield {
        range: first.nameRange,
        message:
          'A committed command that no clause matches crashes every member, and again on every restart. Add a last clause that answers an error.',
        fix: appendClause(file, last),
      };
    }
  },
} satisfies Rule;

function matchesAll(pattern: Expr | undefined): boolean {
  if (pattern?.kind === 'match') return matchesAll(pattern.pattern) && matchesAll(pattern.value);
  return pattern?.kind === 'variable';
}

function appendClause(file: FileFacts, last: FunctionClause): Fix {
  const { start, end } = last.clause.range;
  const newline = lineEnding(file.text);
  const gap = last.oneLine ? newline : newline + newline;
  const text = `${gap}${indentationAt(file.text, start)}def apply(_meta, _unknown, state), do: {state, {:error, :unknown_command}}`;
  return { title: 'Add a clause for unknown commands', edits: [insertAt(end, text)] };
}
