/** Text → syntax tree: the one place that loads the grammar. */
import { gunzipSync } from 'fflate/browser';
import { Language, Parser, type Tree } from 'web-tree-sitter';
import runtime from 'web-tree-sitter/web-tree-sitter.wasm';
import type { SyntaxTree } from './node';
import { createReader, type Walker } from './read';
import elixir from './tree-sitter-elixir.wasm';

export interface ElixirParser {
  /** The syntax of a text. Any text has one: what is not Elixir is in nodes of another kind. */
  read(text: string): SyntaxTree;
  /** The library's tree of a text, which the caller deletes. */
  parse(text: string): Tree;
}

let loading: Promise<ElixirParser> | undefined;

/** Loads the parser with its grammar, once per process or worker. */
export function loadParser(): Promise<ElixirParser> {
  loading ??= load();
  return loading;
}

async function load(): Promise<ElixirParser> {
  // `locateFile` is called although the bytes are given; its default needs a URL that a bundle does not have.
  const module = { wasmBinary: gunzipSync(runtime), locateFile: (name: string) => name };
  await Parser.init(module);
  const language = await Language.load(gunzipSync(elixir));
  const parser = new Parser();
  parser.setLanguage(language);
  // The library makes of the object that it is given the module, with all functions of it.
  const readTree = createReader(module as unknown as Walker, language);

  function parse(text: string): Tree {
    const tree = parser.parse(text);
    if (!tree) throw new Error('The parser has no language');
    return tree;
  }

  return {
    parse,
    read(text) {
      const tree = parse(text);
      try {
        return readTree(tree);
      } finally {
        tree.delete();
      }
    },
  };
}
