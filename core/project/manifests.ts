/** Files that say what a project is: which they are, and those that are not Elixir as files that findings may stand in. */
import { Lexer } from 'yaml';
import type { Comment, FileFacts } from '../facts/facts';

const notOwn = /(?:^|\/)(?:deps|_build|node_modules|\.git|\.elixir_ls)\//;
const notDeployed = /(?:^|\/)(?:test|tests|spec|fixtures|cover|priv\/templates|\.github|\.gitlab|\.circleci|\.ci)\//;
const elixirManifest = /(?:^|\/)(?:mix\.exs|config\/(?:.*\/)?[^/]+\.exs|rel\/config\.exs)$/;

/**
 * Whether a file, by its path relative to the project's root, is one that says what the project is: a manifest, configuration, release
 * or deployment file. Of these the Elixir files go into the `facts` of a project, the others into its `texts`.
 */
export function isProjectFile(path: string): boolean {
  if (notOwn.test(path)) return false;
  return elixirManifest.test(path) || (!notDeployed.test(path) && kindOf(path) !== undefined);
}

/** Whether findings may stand in a file although it is not Elixir: `vm.args`, `env.sh`, Dockerfiles, `fly.toml` and YAML, not lock files. */
export function isManifest(path: string): boolean {
  const kind = kindOf(path);
  return kind !== undefined && kind !== 'lock' && kind !== 'tools' && isProjectFile(path);
}

/** What a file that is not Elixir is read as. */
export type ManifestKind = 'lock' | 'tools' | 'image' | 'fly' | 'flags' | 'shell' | 'yaml';

/** By the name of the file, and for releases by its folder; undefined for Elixir and everything else. */
export function kindOf(path: string): ManifestKind | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === 'mix.lock') return 'lock';
  if (name === '.tool-versions') return 'tools';
  if (/\.exs?$/.test(name)) return undefined;
  if (/^(?:Dockerfile|Containerfile)(?:[.-][\w.-]+)?$|\.[Dd]ockerfile$/.test(name)) return 'image';
  if (/^fly(?:\.[\w.-]+)?\.toml$/.test(name)) return 'fly';
  if (/^vm\.args(?:\.[\w.-]+)?$/.test(name)) return 'flags';
  if (/^env\.sh(?:\.[\w.-]+)?$/.test(name)) return 'shell';
  if (/\.ya?ml$/.test(name)) return 'yaml';
  if (!/(?:^|\/)rel\//.test(path) || /\.(?:bat|config|json|png|ico|gz|tar|zip|beam|so)(?:\.eex)?$/.test(name)) return undefined;
  return /vm\.args/.test(name) ? 'flags' : 'shell';
}

/** Whether a deployment file is, by its name, for development, tests or as a sample: `docker-compose.dev.yml`. */
export function isForTrial(path: string): boolean {
  return /(?:^|[/._-])(?:dev|devel|development|tests?|local|ci|e2e|override|examples?|samples?|templates?)(?:[/._-]|$)/i.test(path);
}

/** The file as rules that run last and comments see it: its text and comments, and no Elixir. */
export function manifestFacts(path: string, text: string): FileFacts {
  return {
    path,
    text,
    modules: [],
    script: { kind: 'block', id: -1, range: { start: 0, end: 0 }, body: [] },
    comments: commentsIn(kindOf(path), text),
    calls: new Map(),
    captures: new Map(),
    parents: new Int32Array(0),
    exprs: [],
    owners: new Map(),
    broken: false,
  };
}

/** Longer texts are data: their comments do not count. */
const textLimit = 500_000;

function commentsIn(kind: ManifestKind | undefined, text: string): readonly Comment[] {
  // Comments matter where they turn rules off.
  if (text.length > textLimit || !text.includes('netsplit:')) return [];
  if (kind === 'yaml') return yamlComments(text);
  return [...text.matchAll(comments[kind ?? 'shell'] ?? hashComment)].flatMap((match) => {
    const [whole, comment] = match;
    const start = match.index + whole.length - (comment?.length ?? 0);
    return comment === undefined ? [] : [{ text: comment, range: { start, end: start + comment.length } }];
  });
}

/** From a `#` after white space to the end of the line; quoted text, which may hold one, is passed over. */
const hashComment = /"(?:[^"\\]|\\[\s\S])*"|'[^']*'|(?:^|(?<=\s))(#[^\r\n]*)/gm;

const comments: Readonly<Partial<Record<ManifestKind, RegExp>>> = {
  // Docker knows no comment behind an instruction.
  image: /^[ \t]*(#[^\r\n]*)/gm,
  flags: /"[^"\r\n]*"|'[^'\r\n]*'|(?:^|(?<=\s))((?:#|%%)[^\r\n]*)/gm,
};

/** What the lexer puts among the text: a document, the end of a flow collection, and, last, that a scalar follows. */
const marks = ['\x02', '\x18', '\x1f'];

function yamlComments(text: string): readonly Comment[] {
  const found: Comment[] = [];
  let at = 0;
  let isScalar = false;
  // YAML knows none of the marks; where the file holds one, it counts as another character that YAML does not know.
  const lexed = marks.reduce((rest, mark) => rest.replaceAll(mark, '\x01'), text);
  for (const lexeme of new Lexer().lex(lexed)) {
    if (marks.includes(lexeme)) {
      isScalar = lexeme === '\x1f';
      continue;
    }
    const range = { start: at, end: at + lexeme.length };
    if (lexeme.startsWith('#') && !isScalar) found.push({ text: text.slice(range.start, range.end), range });
    at = range.end;
    isScalar = false;
  }
  return found;
}
