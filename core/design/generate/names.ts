/** What generated code is called. */
import { codeNames } from '../names';

/** What a generator is told. */
export interface CodeOptions {
  /** The OTP application, as in mix.exs; `my_app` where absent. */
  readonly app?: string;
  /** What is replicated, in the user's words: `Shopping cart`. Generators that make one thing per project do not ask. */
  readonly name?: string;
  /** The class of the design that the files belong to; absent for the cluster. */
  readonly class?: string;
}

/** Names as code needs them: `my_app` and `MyApp`, `shopping_cart` and `ShoppingCart`. */
export interface Names {
  readonly app: string;
  readonly module: string;
  readonly snake: string;
  readonly component: string;
}

/** Longer names are cut between words: lines that hold them stay within the formatter's width. */
const longest = 24;

/** Modules that other generators make, or that an application has already. */
const taken: ReadonlySet<string> = new Set([
  'application',
  'clock_skew',
  'cluster',
  'cluster_health',
  'endpoint',
  'horde_singleton',
  'hybrid_clock',
  'node_monitor',
  'peer_cluster',
  'quorum',
  'repo',
  'singleton',
  'tracker',
  'vector_clock',
]);

/** The names for options; `fallback` is a snake-case name for what has no usable one. */
export function namesOf(options: CodeOptions, fallback: string): Names {
  const { app, module } = codeNames(options.app);
  const name = snakeCase(options.name ?? '') ?? fallback;
  const snake = taken.has(name) ? `${name}_data` : name;
  return { app, module, snake, component: codeNames(snake).module };
}

/** As a module and a file may be called; `undefined` when no letter of the alphabet is left. */
function snakeCase(text: string): string | undefined {
  const words = text
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  while (words[0] !== undefined && !/^[a-z]/.test(words[0])) words.shift();
  let name = '';
  for (const word of words) {
    if (name !== '' && name.length + 1 + word.length > longest) break;
    name = name === '' ? word.slice(0, longest) : `${name}_${word}`;
  }
  return name === '' ? undefined : name;
}
