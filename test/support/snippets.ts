/** The snippets as they are shipped, and as they stand in a file once their placeholders are filled. */
import { readdirSync, readFileSync } from 'node:fs';
import { Choice, SnippetParser, type TextmateSnippet, type Variable } from 'vscode-snippet-parser';

/** A snippet of `snippets/`. */
export interface Snippet {
  /** `snippets/ra.code-snippets`. */
  readonly file: string;
  readonly title: string;
  readonly prefix: string;
  readonly description: string;
  readonly lines: readonly string[];
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/** A filled snippet in a file of a project. */
export interface Placed {
  readonly path: string;
  readonly text: string;
}

/** All snippets, by file and in the order of the file. */
export function readSnippets(): readonly Snippet[] {
  return readdirSync('snippets')
    .sort()
    .flatMap((name) => {
      const file = `snippets/${name}`;
      const entries: Record<string, { prefix: string; description: string; body: string[]; include?: string[]; exclude?: string[] }> =
        JSON.parse(readFileSync(file, 'utf8'));
      return Object.entries(entries).map(([title, { body, ...rest }]) => ({ file, title, lines: body, ...rest }));
    });
}

/** The snippet as VS Code understands it. */
export function parseSnippet({ lines }: Snippet): TextmateSnippet {
  return new SnippetParser().parse(lines.join('\n'));
}

/** Where the body stands: a file of its own, settings, an element of a list, or the definitions of a module. */
export function contextOf({ lines }: Snippet): 'module' | 'config' | 'element' | 'definitions' {
  const first = lines.find((line) => !line.startsWith('#')) ?? '';
  if (first.startsWith('defmodule ')) return 'module';
  if (first.startsWith('config ')) return 'config';
  return first.startsWith('{') ? 'element' : 'definitions';
}

/** Files of modules that other snippets call by the name that these files give them. */
const files: ReadonlyMap<string, string> = new Map([
  ['ra-machine', 'lib/my_app/machine.ex'],
  ['crdt-neighbours', 'lib/my_app/neighbours.ex'],
  ['horde-supervisor', 'lib/my_app/cluster.ex'],
  ['quorum-guard', 'lib/my_app/quorum.ex'],
]);

/** The file that a person would insert the snippet into, relative to the project. */
export function pathOf(snippet: Snippet): string {
  const name = snippet.prefix.replaceAll('-', '_');
  if (contextOf(snippet) === 'config') return 'config/runtime.exs';
  if (snippet.include !== undefined) return `test/my_app/${name}.exs`;
  return files.get(snippet.prefix) ?? `lib/my_app/${name}.ex`;
}

/** The text that is inserted in that file when every placeholder is left as it is. */
export function fill(snippet: Snippet, file = pathOf(snippet)): string {
  const resolve = ({ name }: Variable) => {
    if (name !== 'RELATIVE_FILEPATH') throw new Error(`${snippet.prefix} uses $${name}, which this test does not know.`);
    return file;
  };
  return parseSnippet(snippet).resolveVariables({ resolve }).toString();
}

/** The filled snippet as the only content of its file; once for each value that a choice of it offers. */
export function place(snippet: Snippet): readonly Placed[] {
  return chosen(snippet).map((one) => ({ path: pathOf(one), text: around(one, fill(one)) }));
}

/** What a project that has the snippet also has: the modules that it names; beside settings all other code of the same file of snippets. */
export function companionsOf(snippet: Snippet, all: readonly Snippet[]): readonly Placed[] {
  const text = fill(snippet);
  const others = all.filter((other) => other !== snippet && contextOf(other) !== 'config');
  const needed = others.filter((other) => {
    const [, module] = /^defmodule (.*) do$/m.exec(fill(other)) ?? [];
    return (contextOf(snippet) === 'config' && other.file === snippet.file) || (module !== undefined && text.includes(module));
  });
  return needed.flatMap((other) => place(other).slice(0, 1));
}

function around(snippet: Snippet, body: string): string {
  const indented = (spaces: number) => body.replaceAll(/^(?=.)/gm, ' '.repeat(spaces));
  switch (contextOf(snippet)) {
    case 'module':
      return `${body}\n`;
    case 'config':
      return `import Config\n\n${body}\n`;
    case 'element':
      return `defmodule MyApp.Children do\n  def children do\n    [\n${indented(6)}\n    ]\n  end\nend\n`;
    case 'definitions':
      return `defmodule MyApp.Definitions do\n${indented(2)}\nend\n`;
  }
}

/** The snippet with each choice replaced by one of its values: the first of every choice, the second of every choice … */
function chosen(snippet: Snippet): readonly Snippet[] {
  const most = Math.max(1, ...choicesOf(snippet).map(({ options }) => options.length));
  return Array.from({ length: most }, (_, i) => ({
    ...snippet,
    lines: snippet.lines.map((line) =>
      line.replaceAll(/\$\{(\d+)\|([^|]*)\|\}/g, (_all, number: string, values: string) => {
        const options = values.split(',');
        return `\${${number}:${options[Math.min(i, options.length - 1)]}}`;
      }),
    ),
  }));
}

function choicesOf(snippet: Snippet): readonly Choice[] {
  return parseSnippet(snippet).placeholders.flatMap(({ choice }) => (choice instanceof Choice ? [choice] : []));
}
