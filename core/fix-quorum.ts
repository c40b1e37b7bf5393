/** Asking for a quorum where code decides without one. */
import type { Expr } from './elixir/ir';
import { type FileFacts, functionClauseOf } from './facts/facts';
import { looseDefinition } from './facts/words';
import { insertAt } from './fix';
import type { Fix } from './rule';
import { indentationAt, lineEnding } from './text';

/** Lets a condition hold only with a majority of the configured nodes, by a function that is written behind the one around it. */
export function requireQuorum(file: FileFacts, condition: Expr, app: string): Fix | undefined {
  const clauses = functionClauseOf(file, condition)?.def.clauses;
  const definition = clauses?.at(-1)?.clause ?? looseDefinition(file, condition);
  if (!definition) return undefined;
  const indentation = indentationAt(file.text, definition.range.start);
  const lines = [
    'defp quorum? do',
    `  cluster_size = Application.fetch_env!(:${app}, :cluster_size)`,
    '  length([node() | Node.list()]) >= div(cluster_size, 2) + 1',
    'end',
  ];
  const end = lineEnding(file.text);
  const bindsLooser = condition.kind === 'binary' && /^(?:or|\|\||&&)$/.test(condition.operator);
  return {
    title: `Lead only with a majority of \`config :${app}, cluster_size:\``,
    edits: [
      ...(bindsLooser ? [insertAt(condition.range.start, '(')] : []),
      insertAt(condition.range.end, `${bindsLooser ? ')' : ''} ${isBoolean(condition) ? 'and' : '&&'} quorum?()`),
      insertAt(definition.range.end, end + lines.map((line) => end + indentation + line).join('')),
    ],
  };
}

/** Whether the value is certainly `true` or `false`, as `and` needs it. */
function isBoolean(e: Expr): boolean {
  if (e.kind === 'call') return /\?$/.test(e.name) || e.name === 'is_nil';
  if (e.kind === 'binary') return /^(?:[<>]=?|[!=]==?|and|or|in|not in)$/.test(e.operator);
  return e.kind === 'unary' && e.operator === 'not';
}
