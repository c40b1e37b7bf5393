/** Text → the facts of one file. */
import { children, type Expr } from '../elixir/ir';
import { lower } from '../elixir/lower';
import { type ElixirParser, loadParser } from '../syntax/parser';
import type { FileFacts } from './facts';

/** Extracts the facts of a file. Never throws: broken source yields fewer facts. */
export type Extract = (path: string, text: string) => FileFacts;

/** Loads the grammar, once per process or worker. */
export async function createExtractor(): Promise<Extract> {
  const parser = await loadParser();
  return (path, text) => extract(parser, path, text);
}

function extract(parser: ElixirParser, path: string, text: string): FileFacts {
  // The grammar knows no byte order mark; a space keeps every offset.
  const lowered = lower(parser.read(text.charCodeAt(0) === 0xfeff ? ` ${text.slice(1)}` : text), text);
  let parents: Int32Array | undefined;
  return {
    path,
    text,
    ...lowered,
    // Most files are only searched for calls: who holds whom is worked out when it is first asked.
    get parents() {
      parents ??= parentsOf(lowered.exprs);
      return parents;
    },
  };
}

function parentsOf(exprs: readonly Expr[]): Int32Array {
  const parents = new Int32Array(exprs.length).fill(-1);
  for (const expr of exprs) {
    switch (expr.kind) {
      // Of the most frequent kinds no list of children is made.
      case 'atom':
      case 'alias':
      case 'variable':
        break;
      case 'pair':
        parents[expr.key.id] = expr.id;
        parents[expr.value.id] = expr.id;
        break;
      default:
        for (const child of children(expr)) parents[child.id] = expr.id;
    }
  }
  return parents;
}
