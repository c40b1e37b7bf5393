/**
 * Tree in WebAssembly → plain nodes, in one walk.
 *
 * The library's own objects copy four words into the WebAssembly memory and as many out of it for every property of every node, which took as
 * long as half of the parsing. Here one cursor stays in that memory for the whole walk, and only numbers cross. This relies on what the library
 * does not document, so its version is pinned, and `test/unit/syntax.test.ts` compares the nodes with those that the library returns.
 */
import type { Language, Tree } from 'web-tree-sitter';
import { type NodeKind, nodeKinds, type SyntaxNode, type SyntaxTree } from './node';

/** What the walk uses of the library's WebAssembly module; the argument is always the tree's address, the cursor is in the transfer buffer. */
export interface Walker {
  /** Puts the root into the transfer buffer. */
  _ts_tree_root_node_wasm(tree: number): void;
  /** Makes a cursor of the node in the transfer buffer, and puts it there. */
  _ts_tree_cursor_new_wasm(tree: number): void;
  _ts_tree_cursor_delete_wasm(tree: number): void;
  /** The moves return 1 when there was somewhere to go. */
  _ts_tree_cursor_goto_first_child_wasm(tree: number): number;
  _ts_tree_cursor_goto_next_sibling_wasm(tree: number): number;
  _ts_tree_cursor_goto_parent_wasm(tree: number): number;
  _ts_tree_cursor_current_node_type_id_wasm(tree: number): number;
  _ts_tree_cursor_start_index_wasm(tree: number): number;
  _ts_tree_cursor_end_index_wasm(tree: number): number;
}

/** Reads a whole tree, which may be deleted afterwards. */
export type Read = (tree: Tree) => SyntaxTree;

type Parent = { -readonly [K in keyof SyntaxNode]: SyntaxNode[K] };

/** Tokens of the grammar, below which nothing is. */
const tokens: ReadonlySet<NodeKind> = new Set([
  'identifier',
  'alias',
  'integer',
  'float',
  'atom',
  'boolean',
  'nil',
  'char',
  'comment',
  'keyword',
]);
const none: readonly SyntaxNode[] = [];

export function createReader(walker: Walker, language: Language): Read {
  const {
    _ts_tree_cursor_goto_first_child_wasm: gotoFirstChild,
    _ts_tree_cursor_goto_next_sibling_wasm: gotoNextSibling,
    _ts_tree_cursor_goto_parent_wasm: gotoParent,
    _ts_tree_cursor_current_node_type_id_wasm: typeOf,
    _ts_tree_cursor_start_index_wasm: startOf,
    _ts_tree_cursor_end_index_wasm: endOf,
  } = walker;
  const kinds = kindsByType(language);

  return (tree) => {
    const address = (tree as unknown as { readonly 0: number })[0];
    const comments: SyntaxNode[] = [];
    /** Nodes whose children are being read, innermost last, and for each where its children begin in `pending`. */
    const parents: Parent[] = [];
    const marks: number[] = [];
    /** Finished children of the nodes in `parents`. */
    const pending: SyntaxNode[] = [];
    let count = 0;

    walker._ts_tree_root_node_wasm(address);
    walker._ts_tree_cursor_new_wasm(address);
    for (;;) {
      const type = typeOf(address);
      const kind = type < kinds.length ? kinds[type] : 'other';
      if (kind !== undefined) {
        const node: Parent = { kind, start: startOf(address), end: endOf(address), kids: none };
        if (kind === 'comment') comments.push(node);
        else pending[count++] = node;
        if (!tokens.has(kind) && gotoFirstChild(address) === 1) {
          parents.push(node);
          marks.push(count);
          continue;
        }
      }
      while (gotoNextSibling(address) !== 1) {
        const parent = parents.pop();
        const mark = marks.pop();
        if (!parent || mark === undefined) {
          walker._ts_tree_cursor_delete_wasm(address);
          return { root: pending[0] as SyntaxNode, comments, broken: tree.rootNode.hasError };
        }
        if (count > mark) parent.kids = pending.slice(mark, count);
        count = mark;
        gotoParent(address);
      }
    }
  };
}

/** By the number of the type; absent for what has no name: operators, brackets, `do`, `end`. */
function kindsByType(language: Language): readonly (NodeKind | undefined)[] {
  const known = new Map<string, NodeKind>(nodeKinds.map((kind) => [kind, kind]));
  return language.types.map((name, type) => (language.nodeTypeIsNamed(type) ? (known.get(name) ?? 'other') : undefined));
}
