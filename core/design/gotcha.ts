/** A gotcha: an entry for the knowledge base that says what was wrong, what is right, and why it matters. Made from a finding or from a rule alone. */
import { type Section, slug } from './learnings';
import { fenced, joinLines, links, plain } from './markdown';
import { symptomsOfRule } from './symptoms';

/** What a document needs of a rule; a `Rule` of the linter is one. */
export interface RuleFacts {
  readonly id: string;
  readonly summary: string;
  readonly category: string;
  readonly rationale: string;
  readonly references: readonly string[];
  /** `path` is where the text stands, where that is not a file of code in Elixir. */
  readonly examples: readonly { readonly title: string; readonly bad?: string; readonly good?: string; readonly path?: string }[];
}

/** What a document needs of a finding. */
export interface FindingFacts {
  readonly rule: RuleFacts;
  readonly message: string;
  /** Relative to the project, with `/`. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** The code around it as it is. */
  readonly before: string;
  /** The code around it with the fix applied, where there is one. */
  readonly after?: string;
}

/** The heading under which gotchas stand. */
export const gotchasHeading = '## Distributed Systems Gotchas';

/** The entry for a finding. */
export function gotchaOfFinding(finding: FindingFacts): Section {
  const { rule, message, path, line, before, after } = finding;
  return entry(
    rule,
    [`**Problem**: ${message}`, '', `Found in \`${path}\`, line ${line}.`, ''],
    before,
    after ?? goodExample(rule, path),
    path,
  );
}

/** The entry for a rule, with its first example. */
export function gotchaOfRule(rule: RuleFacts): Section {
  const bad = rule.examples.find((example) => example.bad !== undefined);
  return entry(
    rule,
    [`**Problem**: ${rule.summary}`, ''],
    withoutCarets(bad?.bad ?? ''),
    bad?.good ?? goodExample(rule, bad?.path),
    bad?.path,
  );
}

/** The code of an example without the lines that only point: `# ^^^`. */
export function withoutCarets(code: string): string {
  return outdented(code)
    .split('\n')
    .filter((line) => !/^\s*#\s*\^+\s*$/.test(line))
    .join('\n');
}

function entry(rule: RuleFacts, problem: readonly string[], wrong: string, right: string | undefined, path: string | undefined): Section {
  const language = languageOf(path);
  const symptoms = symptomsOfRule(rule.id).map((symptom) => symptom.title.charAt(0).toLowerCase() + symptom.title.slice(1));
  return {
    id: `gotcha/${slug(rule.id)}`,
    heading: `### ${plain(rule.summary.replace(/\.$/, ''))}`,
    parent: gotchasHeading,
    body: joinLines([
      ...problem,
      ...(wrong.trim() === '' ? [] : ['**Wrong**', '', ...fenced(language, withoutCarets(wrong))]),
      ...(right === undefined || right.trim() === '' ? [] : ['**Right**', '', ...fenced(language, withoutCarets(right))]),
      `**Why it matters** (${rule.category})`,
      '',
      outdented(rule.rationale),
      '',
      ...(symptoms.length === 0 ? [] : [`Seen as: ${symptoms.join('; ')}.`, '']),
      `Rule \`${rule.id}\` looks for it.`,
      '',
      ...links(rule.references),
    ]),
  };
}

/** How it looks when it is right, in a file of the same language as the one at `path`; that of code in Elixir where there is none. */
export function goodExample(rule: RuleFacts, path: string | undefined): string | undefined {
  return rule.examples.find((example) => example.good !== undefined && languageOf(example.path) === languageOf(path))?.good;
}

/** The language of a file, for fences: Elixir unless the name says otherwise. */
export function languageOf(path: string | undefined): string {
  if (path === undefined || /\.exs?$/.test(path)) return 'elixir';
  if (/\.ya?ml$/.test(path)) return 'yaml';
  return /(?:^|[./])Dockerfile/i.test(path) ? 'dockerfile' : '';
}

/** Text without blank lines at its ends and without the indentation that all its lines share. */
export function outdented(text: string): string {
  const lines = text
    .replace(/\r\n?/g, '\n')
    .replace(/^(?:[ \t]*\n)+|\s+$/g, '')
    .split('\n');
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^ */.exec(line)?.[0].length ?? 0);
  const common = indents.length === 0 ? 0 : Math.min(...indents);
  return lines.map((line) => line.slice(common).trimEnd()).join('\n');
}
