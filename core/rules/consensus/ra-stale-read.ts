import { type Call, type Expr, keywordValue } from '../../elixir/ir';
import { callsTo, type FileFacts, functionClauseOf } from '../../facts/facts';
import { originsOf } from '../../facts/origins';
import { raMajor } from '../../facts/ra';
import { branchesAround, dependsOn, precedes } from '../../facts/values';
import type { Context, Rule } from '../../rule';

const reads = [':ra.local_query', ':ra.leader_query'] as const;
const commands = [':ra.process_command', ':ra.pipeline_command'] as const;

export default {
  id: 'ra-stale-read',
  summary: 'A command is decided by a `:ra` query that may answer from the past.',
  category: 'consistency',
  severity: 'info',
  optIn: true,
  rationale: `
    \`:ra.local_query\` answers from the member on this node, however far behind it is; cut off from the others it may be behind for hours.
    \`:ra.leader_query\` asks who believes to be the leader, and a leader on the smaller side of a split believes so for a while. A command that is
    sent because of such an answer, or computed from it, is decided twice by two clients that read the same.

    Decide where commands are applied one after the other: send what is wanted and let \`apply/3\` say yes or no. \`:ra.consistent_query\` asks a
    majority and is never stale, but what it says may have changed by the time the command arrives.

    Off by default: as a hint which button to show, an old answer is good enough. Silent for a query with a \`condition:\` to wait for.`,
  references: ['https://hexdocs.pm/ra/ra.html#local_query-2', 'https://hexdocs.pm/ra/ra.html#consistent_query-2'],
  examples: [
    {
      title: 'Read, then act',
      bad: `
        def lock(server, owner) do
          case :ra.local_query(server, {Locks, :holder, []}) do
            #  ^^^^^^^^^^^^^^^
            {:ok, {_index, nil}, _leader} -> :ra.process_command(server, {:lock, owner})
            {:ok, {_index, holder}, _leader} -> {:error, {:held, holder}}
          end
        end`,
    },
    {
      title: 'A command computed from the answer',
      bad: `
        def add(server, amount) do
          {:ok, {_index, balance}, _leader} = :ra.leader_query(server, {Account, :balance, []})
          #                                   ^^^^^^^^^^^^^^^^
          :ra.process_command(server, {:set_balance, balance + amount})
        end`,
    },
    {
      title: 'The machine decides',
      good: `
        def lock(server, owner) do
          case :ra.process_command(server, {:lock_if_free, owner}) do
            {:ok, :granted, _leader} -> :ok
            {:ok, {:held, holder}, _leader} -> {:error, {:held, holder}}
            {:timeout, _server} -> {:error, :unknown}
            {:error, reason} -> {:error, reason}
          end
        end`,
    },
    {
      title: 'Only shown',
      good: `
        def show(server, id) do
          {:ok, {_index, count}, _leader} = :ra.local_query(server, {Stock, :count, [id]})
          count
        end`,
    },
    {
      title: 'Waits until this member has it',
      good: `
        def add(server, index, amount) do
          query = {Account, :balance, []}
          {:ok, {_index, sum}, _leader} = :ra.local_query(server, query, %{condition: {:applied, index}})
          :ra.process_command(server, {:set_balance, sum + amount})
        end`,
    },
  ],
  triggers: { calls: [...reads] },

  *check(file, context) {
    for (const read of callsTo(file, reads)) {
      if (keywordValue(read.args[2], 'condition')) continue;
      const command = decidedBy(file, read);
      if (!command) continue;
      yield {
        range: read.callee,
        message: `${whatItAnswers(read)}, and the command that follows is decided by it. Decide in \`apply/3\`, or ask \`${consistentQuery(context)}\`.`,
        related: [{ message: 'The command is sent here.', range: command.callee }],
      };
    }
  },
} satisfies Rule;

/** The command of the same function that is sent because of the answer, or with it. */
function decidedBy(file: FileFacts, read: Call): Call | undefined {
  const clause = functionClauseOf(file, read);
  return callsTo(file, commands).find((command) => {
    if (!clause || functionClauseOf(file, command) !== clause) return false;
    const [, sent] = command.args;
    if (sent && comesFrom(file, sent, read)) return true;
    if (!precedes(file, read, command)) return false;
    for (const { branch } of branchesAround(file, command)) if (asked(branch).some((e) => comesFrom(file, e, read))) return true;
    return false;
  });
}

function comesFrom(file: FileFacts, e: Expr, read: Call): boolean {
  return dependsOn(file, e, read) || originsOf(file, e).some((origin) => origin.kind === 'remote' && origin.at === read);
}

/** What decides which branch runs. */
function asked(branch: Expr): readonly Expr[] {
  switch (branch.kind) {
    case 'if':
      return [branch.condition];
    case 'case':
      return [branch.subject];
    case 'cond':
      return branch.clauses.flatMap((clause) => clause.patterns[0] ?? []);
    case 'with':
      return branch.steps.flatMap((step) => (step.kind === 'arrow' ? [step.value] : []));
    default:
      return [];
  }
}

function whatItAnswers(read: Call): string {
  return read.name === 'local_query'
    ? '`:ra.local_query` answers what the member on this node has, which can be old'
    : '`:ra.leader_query` can be answered by a leader that has been replaced';
}

/** From 3.0 on a query is no anonymous function. */
function consistentQuery(context: Context): string {
  return (raMajor(context) ?? 2) >= 3 ? ':ra.consistent_query(server, {module, function, arguments})' : ':ra.consistent_query/2';
}
