/** A node of the syntax tree as lowering needs it: plain data, so that reading it costs nothing more. */

/** The kinds of nodes that lowering tells apart; `other` is any other one, broken text among them. */
export type NodeKind = (typeof nodeKinds)[number];

export interface SyntaxNode {
  readonly kind: NodeKind;
  /** As in `Range`. */
  readonly start: number;
  readonly end: number;
  /** Named children without comments, which may stand anywhere. */
  readonly kids: readonly SyntaxNode[];
}

export interface SyntaxTree {
  readonly root: SyntaxNode;
  /** In the order of the text. */
  readonly comments: readonly SyntaxNode[];
  /** The parser had to skip or to invent something. */
  readonly broken: boolean;
}

/** As the grammar names them. */
export const nodeKinds = [
  'access_call',
  'after_block',
  'alias',
  'anonymous_function',
  'arguments',
  'atom',
  'binary_operator',
  'bitstring',
  'block',
  'body',
  'boolean',
  'call',
  'catch_block',
  'char',
  'charlist',
  'comment',
  'do_block',
  'dot',
  'else_block',
  'escape_sequence',
  'float',
  'identifier',
  'integer',
  'interpolation',
  'keyword',
  'keywords',
  'list',
  'map',
  'map_content',
  'nil',
  'other',
  'pair',
  'quoted_atom',
  'quoted_keyword',
  'rescue_block',
  'sigil',
  'sigil_modifiers',
  'sigil_name',
  'stab_clause',
  'string',
  'struct',
  'tuple',
  'unary_operator',
] as const;
