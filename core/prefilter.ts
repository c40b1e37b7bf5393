/** From the triggers of all rules: which rules can speak about a text, before it is parsed. */
import type { Rule } from './rule';

/** The rules that can speak about a text; none: it need not be parsed. A rule that is left out has nothing to say about it. */
export type Prefilter = (text: string) => readonly Rule[];

/** What makes one rule relevant: all words of one alternative, or one part. */
interface Need {
  readonly rule: Rule;
  readonly alternatives: readonly (readonly string[])[];
  readonly parts: readonly string[];
  readonly pattern: RegExp | undefined;
}

/** Derives a prefilter from the rules' triggers; it reads a text once. */
export function createPrefilter(rules: readonly Rule[]): Prefilter {
  const needs = rules.map(needOf);
  const findWords = wordFinder(new Set(needs.flatMap((need) => need.alternatives.flat())));
  const findParts = partFinder(new Set(needs.flatMap((need) => need.parts)));
  return (text) => {
    const found = findWords(text);
    const parts = findParts(text);
    if (found.size === 0 && parts.size === 0) return [];
    return needs
      .filter((need) => need.alternatives.some((all) => all.every((word) => found.has(word))) || need.parts.some((part) => parts.has(part)))
      .filter((need) => need.pattern?.test(text) ?? true)
      .map((need) => need.rule);
  };
}

/** The same for the files of a project that are not Elixir: of the rules that look at them, and of those that look at comments. */
export function createManifestPrefilter(rules: readonly Rule[]): Prefilter {
  const speaking = new Map(rules.filter((rule) => rule.checkProject || rule.last).map((rule) => [rule.id, rule]));
  const asked = [...speaking.values()].map((rule): Rule => {
    const { words = [], manifestWords = [] } = rule.triggers;
    return { ...rule, triggers: { words: rule.last ? words : manifestWords } };
  });
  const prefilter = createPrefilter(asked);
  return (text) => prefilter(text).flatMap(({ id }) => speaking.get(id) ?? []);
}

function needOf(rule: Rule): Need {
  const { calls = [], words = [], parts = [], pattern } = rule.triggers;
  return {
    rule,
    alternatives: [...calls.map(wordsOfCall), ...words.map((word) => [word])],
    parts: parts.map((part) => part.toLowerCase()),
    pattern,
  };
}

/**
 * `A.B.f/1` → A, B, f: however a call is written, through aliases, imports, pipes or `apply`, these words stand in the file. Functions of Kernel
 * need no module.
 */
function wordsOfCall(mfa: string): readonly string[] {
  const segments = mfa
    .replace(/^:/, '')
    .replace(/\/\d+$/, '')
    .split('.');
  if (segments[0] === 'Kernel' && segments.length === 2 && segments[1] !== '*') segments.shift();
  return segments.filter((segment) => segment !== '*');
}

/** Finds which of the words occur in a text as whole words. */
function wordFinder(words: ReadonlySet<string>): (text: string) => ReadonlySet<string> {
  const longest = Math.max(0, ...[...words].map((word) => word.length));
  return (text) => {
    const found = new Set<string>();
    let at = 0;
    while (at < text.length) {
      const start = at;
      while (isWordUnit(text.charCodeAt(at))) at++;
      const next = text.charCodeAt(at++);
      if (at - 1 === start || at - 1 - start > longest) continue;
      const word = text.slice(start, at - 1);
      if (words.has(word)) found.add(word);
      if ((next === exclamationMark || next === questionMark) && words.has(text.slice(start, at))) found.add(text.slice(start, at));
    }
    return found;
  };
}

const exclamationMark = 33;
const questionMark = 63;

/** Letters, digits and `_` of ASCII: no trigger has others. */
function isWordUnit(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || (unit >= 48 && unit <= 57) || unit === 95;
}

/** Finds which of the parts occur in a text, in any case, overlapping ones too. */
function partFinder(parts: ReadonlySet<string>): (text: string) => ReadonlySet<string> {
  if (parts.size === 0) return () => new Set();
  const longestFirst = [...parts].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  const any = new RegExp(longestFirst.join('|'), 'gi');
  return (text) => {
    const found = new Set<string>();
    any.lastIndex = 0;
    for (let match = any.exec(text); match; match = any.exec(text)) {
      const matched = match[0].toLowerCase();
      for (const part of parts) if (matched.startsWith(part)) found.add(part);
      any.lastIndex = match.index + 1;
    }
    return found;
  };
}
