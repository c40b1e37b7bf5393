/** Text → syntax tree: the one place that loads the grammar. */
import { gunzipSync } from 'fflate/browser';
import { Language, Parser, type Tree } from 'web-tree-sitter';
import runtime from 'web-tree-sitter/web-tree-sitter.wasm';
import elixir from './tree-sitter-elixir.wasm';

export type { Node, Tree } from 'web-tree-sitter';

/** Parses Elixir; the caller deletes the tree. Any text has a tree: what is not Elixir is in its error nodes. */
export type Parse = (text: string) => Tree;

let loading: Promise<Parse> | undefined;

/** Loads the parser with its grammar, once per process or worker. */
export function loadParser(): Promise<Parse> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Parse> {
  // `locateFile` is called although the bytes are given; its default needs a URL that a bundle does not have.
  await Parser.init({ wasmBinary: gunzipSync(runtime), locateFile: (name: string) => name });
  const parser = new Parser();
  parser.setLanguage(await Language.load(gunzipSync(elixir)));
  return (text) => {
    const tree = parser.parse(text);
    if (!tree) throw new Error('The parser has no language');
    return tree;
  };
}
