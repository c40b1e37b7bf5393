/** What can be done about findings: fixes, comments that turn rules off, explanations. Edits of one text; nothing of LSP. */
import { presetOf } from '../../core/design/simulate/rule-presets';
import type { LintFinding } from '../../core/linter';
import type { Safety } from '../../core/rule';
import { type Directive, parseDirectives } from '../../core/suppression';
import { applyEdits, conflict, indentationAt, lineAt, lineEnding, lineStarts, type TextEdit } from '../../core/text';
import type { Linted, LintText } from './linting';

export interface Action {
  readonly title: string;
  readonly kind: 'fix' | 'fixAll';
  /** The findings that it is for. */
  readonly findings: readonly LintFinding[];
  /** The one to take without asking. */
  readonly preferred?: boolean;
  readonly edits?: readonly TextEdit[];
  /** What the client does instead of an edit. */
  readonly command?: ActionCommand;
}

/** Something that the client shows: a rule's page, or a scenario. */
export type ActionCommand = { readonly name: 'explain'; readonly rule: string } | { readonly name: 'simulate'; readonly preset: string };

/** Everything that can be done about these findings, the fixes first, with the commands that the client has. */
export function quickActions(
  linted: Linted,
  lintText: LintText,
  findings: readonly LintFinding[],
  commands: ReadonlySet<ActionCommand['name']>,
): readonly Action[] {
  const byRule = [...new Map(findings.map((finding) => [finding.rule.id, finding])).values()];
  const byLine = [...new Map(findings.map((finding) => [`${finding.rule.id} ${lineOf(linted, finding)}`, finding])).values()];
  return [
    ...findings.flatMap(fixOf),
    ...byRule.flatMap((finding) => fixAllOfRule(linted, finding)),
    ...byLine.flatMap((finding) => disableForLine(linted, lintText, finding)),
    ...byRule.flatMap((finding) => disableForFile(linted, lintText, finding)),
    ...(commands.has('explain') ? byRule.map(explanation) : []),
    ...(commands.has('simulate') ? simulations(byRule) : []),
  ];
}

function explanation(finding: LintFinding): Action {
  const { id } = finding.rule;
  return { title: `Explain ${id}`, kind: 'fix', findings: [finding], command: { name: 'explain', rule: id } };
}

/** A scenario for each of the rules that has one; rules that share one share the action. */
function simulations(findings: readonly LintFinding[]): readonly Action[] {
  const byPreset = new Map<string, LintFinding[]>();
  for (const finding of findings) {
    const preset = presetOf(finding.rule.id);
    if (preset !== undefined) byPreset.set(preset, [...(byPreset.get(preset) ?? []), finding]);
  }
  const title = 'Show what happens in a partition';
  return [...byPreset].map(([preset, of]) => ({
    title: byPreset.size === 1 ? title : `${title}: ${of[0]?.rule.id}`,
    kind: 'fix',
    findings: of,
    command: { name: 'simulate', preset },
  }));
}

function fixOf(finding: LintFinding): readonly Action[] {
  const { fix } = finding;
  return fix ? [{ title: fix.title, kind: 'fix', findings: [finding], preferred: safetyOf(finding) === 'safe', edits: fix.edits }] : [];
}

function safetyOf(finding: LintFinding): Safety | undefined {
  return finding.fix && (finding.fix.safety ?? finding.rule.fixable ?? 'unsafe');
}

function fixAllOfRule({ result }: Linted, { rule }: LintFinding): readonly Action[] {
  const { fixed, edits } = compatible(result.findings.filter((finding) => finding.rule === rule));
  if (fixed.length < 2) return [];
  return [{ title: `Fix all ${fixed.length} findings of ${rule.id} in this file`, kind: 'fix', findings: fixed, edits }];
}

/** The fixes that can be applied at once: of two that conflict the first. */
function compatible(findings: readonly LintFinding[]): { readonly fixed: readonly LintFinding[]; readonly edits: readonly TextEdit[] } {
  const fixed: LintFinding[] = [];
  const edits: TextEdit[] = [];
  for (const finding of findings) {
    if (!finding.fix || finding.fix.edits.some((edit) => edits.some((other) => conflict(edit, other)))) continue;
    fixed.push(finding);
    edits.push(...finding.fix.edits);
  }
  return { fixed, edits };
}

/** Fixes are applied anew until nothing is left to fix, at most so often. */
const rounds = 10;

/** All safe fixes of the file, also those that only others make possible. */
export function fixAllSafe(linted: Linted, lintText: LintText): Action | undefined {
  const { text } = linted.facts;
  const isSafe = (finding: LintFinding): boolean => safetyOf(finding) === 'safe';
  const first = compatible(linted.result.findings.filter(isSafe));
  if (first.fixed.length === 0) return undefined;

  const once = applyEdits(text, first.edits);
  let after = once;
  for (let round = 1; round < rounds; round++) {
    const { fixed, edits } = compatible(lintText(after).result.findings.filter(isSafe));
    if (fixed.length === 0) break;
    after = applyEdits(after, edits);
  }
  const edits = after === once ? first.edits : [difference(text, after)];
  return { title: 'Fix all safe findings of Netsplit', kind: 'fixAll', findings: first.fixed, edits };
}

/** The one edit that turns a text into another. */
function difference(before: string, after: string): TextEdit {
  const limit = Math.min(before.length, after.length);
  let start = 0;
  while (start < limit && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let end = 0;
  while (end < limit - start && before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)) end++;
  return { range: { start, end: before.length - end }, newText: after.slice(start, after.length - end) };
}

function lineOf({ facts }: Linted, finding: LintFinding): number {
  return lineAt(lineStarts(facts.text), finding.range.start);
}

function disableForLine(linted: Linted, lintText: LintText, finding: LintFinding): readonly Action[] {
  const { text } = linted.facts;
  const { id } = finding.rule;
  const starts = lineStarts(text);
  const line = lineAt(starts, finding.range.start);
  const start = starts[line] ?? 0;
  const end = endOfLine(text, start);
  const existing = parseDirectives(linted.facts).find(
    (directive) => !isForFile(directive, text) && directive.rules.length > 0 && directive.covers(finding.range.start),
  );
  const indentation = indentationAt(text, end);
  const above = `${indentation}# netsplit:disable-for-next-line ${id}${lineEnding(text)}`;
  const candidates = [
    ...(existing ? [extend(existing, id)] : []),
    insertion(start, above),
    // A line above may be within a string.
    insertion(end, ` # netsplit:disable-for-this-line ${id}`),
  ];
  const edit = candidates.find((candidate) => suppresses(candidate, linted, lintText, finding));
  return edit ? [{ title: `Disable ${id} for this line`, kind: 'fix', findings: [finding], edits: [edit] }] : [];
}

/** At the top, but below what must stand there: a shebang, and what a Dockerfile tells its parser. */
function disableForFile(linted: Linted, lintText: LintText, finding: LintFinding): readonly Action[] {
  const { text } = linted.facts;
  const { id } = finding.rule;
  const existing = parseDirectives(linted.facts).find((directive) => isForFile(directive, text) && directive.rules.length > 0);
  const head = /^\uFEFF?(?:#(?:!|[ \t]*(?:syntax|escape|check)[ \t]*=).*(?:\r\n|\n|\r|$))*/.exec(text)?.[0] ?? '';
  const edit = existing ? extend(existing, id) : insertion(head.length, `# netsplit:disable-for-this-file ${id}${lineEnding(text)}`);
  if (!suppresses(edit, linted, lintText, finding)) return [];
  return [{ title: `Disable ${id} for this file`, kind: 'fix', findings: [finding], edits: [edit] }];
}

function isForFile(directive: Directive, text: string): boolean {
  return text.slice(directive.range.start, directive.range.end).includes('netsplit:disable-for-this-file');
}

/** Names one more rule in a comment. */
function extend(directive: Directive, id: string): TextEdit {
  return insertion(directive.rules.at(-1)?.range.end ?? directive.range.end, `, ${id}`);
}

function insertion(at: number, newText: string): TextEdit {
  return { range: { start: at, end: at }, newText };
}

function endOfLine(text: string, start: number): number {
  const at = text.slice(start).search(/[\r\n]/);
  return at < 0 ? text.length : start + at;
}

/** Tries it: whether the comment turns the finding off, and is not text of a string. */
function suppresses(edit: TextEdit, linted: Linted, lintText: LintText, { rule }: LintFinding): boolean {
  const count = ({ result }: Linted): number => result.suppressed.filter((finding) => finding.rule === rule).length;
  return count(lintText(applyEdits(linted.facts.text, [edit]))) > count(linted);
}
