/** Names as evidence: the words that they are made of, and the function in which something stands. */
import { type Call, descendants, type Expr } from '../elixir/ir';
import { ancestorsOf, type FileFacts, functionClauseOf } from './facts';

/** The words of every name in an expression, in lower case: `Enum.count(state.granted_votes)` → count, state, granted, votes. */
export function wordsOf(...exprs: readonly Expr[]): ReadonlySet<string> {
  const words = new Set<string>();
  for (const root of exprs) {
    for (const e of descendants(root)) {
      if (e.kind === 'variable' || e.kind === 'field' || e.kind === 'attribute' || e.kind === 'alias' || e.kind === 'capture') {
        addWords(words, e.name);
      } else if (e.kind === 'call') {
        addWords(words, e.name);
        if (e.module !== undefined && !/^(?:Kernel|Enum|Map|MapSet|List|Keyword)$/.test(e.module)) addWords(words, e.module);
      } else if (e.kind === 'atom') addWords(words, e.value);
    }
  }
  return words;
}

/** The words of the function in which an expression stands; also where it stands outside of a module. */
export function functionWords(file: FileFacts, e: Expr): ReadonlySet<string> {
  const words = new Set<string>();
  addWords(words, enclosingFunctionName(file, e) ?? '');
  return words;
}

/** The name of the function in which an expression stands; also of one that is written outside of a module, as in an excerpt. */
export function enclosingFunctionName(file: FileFacts, e: Expr): string | undefined {
  const clause = functionClauseOf(file, e);
  if (clause) return clause.def.name;
  const head = looseDefinition(file, e)?.args[0];
  return head?.kind === 'call' || head?.kind === 'variable' ? head.name : undefined;
}

/** `def name do … end` around an expression outside of any module. */
export function looseDefinition(file: FileFacts, e: Expr): Call | undefined {
  for (const ancestor of ancestorsOf(file, e)) {
    if (ancestor.kind === 'call' && ancestor.local && (ancestor.name === 'def' || ancestor.name === 'defp')) return ancestor;
  }
  return undefined;
}

function addWords(words: Set<string>, name: string): void {
  for (const word of wordsIn(name)) words.add(word);
}

/** The words of a name, in lower case: `grantedVotes`, `granted_votes?` → granted, votes. */
export function wordsIn(name: string): readonly string[] {
  return name.split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])/).flatMap((word) => (word === '' ? [] : word.toLowerCase()));
}
