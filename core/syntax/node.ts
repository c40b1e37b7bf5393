/** A node of the syntax tree as lowering needs it: each answer crosses into WebAssembly once. */
import type { Range } from '../text';
import type { Node } from './parser';

export class SyntaxNode {
  readonly start: number;
  readonly #node: Node;
  readonly #comments: SyntaxNode[];
  #type: string | undefined;
  #end: number | undefined;
  #range: Range | undefined;
  #kids: readonly SyntaxNode[] | undefined;

  /** Comments below the node are put into `comments` as they are met. */
  constructor(node: Node, comments: SyntaxNode[]) {
    this.#node = node;
    this.#comments = comments;
    this.start = node.startIndex;
  }

  get type(): string {
    this.#type ??= this.#node.type;
    return this.#type;
  }

  get end(): number {
    this.#end ??= this.#node.endIndex;
    return this.#end;
  }

  get range(): Range {
    this.#range ??= { start: this.start, end: this.end };
    return this.#range;
  }

  /** Named children without comments, which may stand anywhere. */
  get kids(): readonly SyntaxNode[] {
    if (!this.#kids) {
      const kids: SyntaxNode[] = [];
      for (const child of this.#node.namedChildren) {
        const kid = new SyntaxNode(child, this.#comments);
        (kid.type === 'comment' ? this.#comments : kids).push(kid);
      }
      this.#kids = kids;
    }
    return this.#kids;
  }
}
