import assert from 'node:assert/strict';
import test from 'node:test';
import type { Node } from 'web-tree-sitter';
import { rules } from '../../core/rules/index';
import { nodeKinds, type SyntaxNode } from '../../core/syntax/node';
import { loadParser } from '../../core/syntax/parser';

const { parse, read } = await loadParser();
const known: ReadonlySet<string> = new Set(nodeKinds);

/** Compares every node with the library's own, which are slow but documented; returns the comments that the library has. */
function compare(root: SyntaxNode, libraryRoot: Node): Node[] {
  const comments: Node[] = [];
  const stack: [SyntaxNode, Node][] = [[root, libraryRoot]];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const [node, expected] = next;
    const named = expected.namedChildren;
    const kids = named.filter((kid) => kid.type !== 'comment');
    comments.push(...named.filter((kid) => kid.type === 'comment'));
    assert.deepEqual(
      [node.kind, node.start, node.end, node.kids.length],
      [known.has(expected.type) ? expected.type : 'other', expected.startIndex, expected.endIndex, kids.length],
    );
    for (const [index, kid] of kids.entries()) stack.push([node.kids[index] as SyntaxNode, kid]);
  }
  return comments.sort((a, b) => a.startIndex - b.startIndex);
}

const examples = rules.flatMap((rule) => rule.examples.flatMap(({ bad, good }) => [bad, good].filter((text) => text !== undefined)));

test('the nodes are those of the library, in examples and in what is left of them half way', () => {
  let compared = 0;
  for (const example of examples) {
    for (const text of [example, `# 😀 é\n${example.slice(0, example.length / 2)}`]) {
      const tree = parse(text);
      const syntax = read(text);
      const comments = compare(syntax.root, tree.rootNode);
      assert.deepEqual(
        syntax.comments.map(({ start, end }) => [start, end]),
        comments.map((comment) => [comment.startIndex, comment.endIndex]),
      );
      assert.equal(syntax.broken, tree.rootNode.hasError);
      tree.delete();
      compared++;
    }
  }
  assert.ok(compared > 200);
});

test('the kinds that lowering tells apart are in the grammar', () => {
  const tree = parse('');
  const types = new Set(tree.language.types);
  tree.delete();
  assert.deepEqual(
    nodeKinds.filter((kind) => kind !== 'other' && !types.has(kind)),
    [],
  );
});
