/** Edits that let a process take a message. */
import type { Expr } from './elixir/ir';
import { type FileFacts, type FunctionClause, findFunction, functionClauseOf, type ModuleDef } from './facts/facts';
import { insertAt } from './fix';
import { indentationAt, lineEnding, type TextEdit } from './text';

/**
 * A clause of `handle_info` before all others: it takes `pattern` and has the result. Without other clauses it stands behind the function that
 * holds `near`. Undefined where neither is in the module.
 */
export function addHandleInfo(file: FileFacts, module: ModuleDef, near: Expr, pattern: string, result: string): TextEdit | undefined {
  const newline = lineEnding(file.text);
  const first: FunctionClause | undefined = findFunction(module, 'handle_info', 2)?.clauses[0];
  if (first) {
    const { start } = first.clause.range;
    const indentation = indentationAt(file.text, start);
    const { text, lines } = written(pattern, result, indentation, newline);
    return insertAt(start, `${text}${newline}${first.oneLine && lines === 1 ? '' : newline}${indentation}`);
  }
  const last = functionClauseOf(file, near)?.def.clauses.at(-1);
  if (!last) return undefined;
  const indentation = indentationAt(file.text, last.clause.range.start);
  const [impl] = /@impl [\w.]+/.exec(file.text.slice(module.range.start, module.range.end)) ?? [];
  const marked = impl === undefined ? '' : `${newline}${indentation}${impl}`;
  return insertAt(
    last.clause.range.end,
    `${newline}${marked}${newline}${indentation}${written(pattern, result, indentation, newline).text}`,
  );
}

/** The clause on one line, where it fits. */
function written(pattern: string, result: string, indentation: string, newline: string): { readonly text: string; readonly lines: 1 | 3 } {
  const short = `def handle_info(${pattern}, state), do: ${result}`;
  if (indentation.length + short.length <= 98) return { text: short, lines: 1 };
  return { text: [`def handle_info(${pattern}, state) do`, `${indentation}  ${result}`, `${indentation}end`].join(newline), lines: 3 };
}
