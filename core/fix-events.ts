/** Clauses of `handle_info/2` that take node events and do nothing with them. */
import type { FileFacts, FunctionClause } from './facts/facts';
import type { NodeEvent, Subscription } from './facts/node-events';
import { insertAt } from './fix';
import { indentationAt, lineEnding, type TextEdit } from './text';

/** Adds a clause for each of the events behind another one of the same function, with a blank line between where that one has several lines. */
export function ignoreEvents(file: FileFacts, { clause }: FunctionClause, events: readonly NodeEvent[], { size }: Subscription): TextEdit {
  const { start, end } = clause.range;
  const newline = lineEnding(file.text);
  const info = size === 3 ? ', _info' : '';
  const indentation = indentationAt(file.text, start);
  const clauses = events.map((event) => `${indentation}def handle_info({:${event}, _node${info}}, state), do: {:noreply, state}`);
  const gap = file.text.slice(start, end).includes('\n') ? newline + newline : newline;
  return insertAt(end, gap + clauses.join(newline));
}
