/** Everything that must hold for a rule and its examples. A rule's author writes none of it. */
import type { Extract } from '../../core/facts/extract';
import type { FileFacts } from '../../core/facts/facts';
import { type LintFinding, type LintResult, lint, lintManifest, lintProject } from '../../core/linter';
import { createManifestPrefilter, createPrefilter } from '../../core/prefilter';
import { buildProject } from '../../core/project/build';
import { isManifest, isProjectFile, manifestFacts } from '../../core/project/manifests';
import type { ProjectFacts } from '../../core/project/project';
import type { Example, Rule } from '../../core/rule';
import { applyEdits, conflict, contains, dedent, lineAt, lineStarts, positionAt, type Range, type TextEdit } from '../../core/text';
import { marksIn, onFirstLine, withoutCarets } from './carets';

/** What is wrong with a rule, one text each; none when all holds. `rules` are all there are: a fix must not bring a finding of any of them. */
export function defectsOf(rule: Rule, rules: readonly Rule[], extract: Extract): readonly string[] {
  const all = [...rules.filter((other) => other.id !== rule.id), rule];
  // A rule that runs last speaks about what the others did.
  const alone = rule.last ? all : [rule];
  const speakers = { elixir: createPrefilter(alone), manifest: createManifestPrefilter(alone) };
  return [
    ...defectsOfWords(rule),
    ...rule.examples.flatMap((example) => {
      const subject: Subject = {
        rule,
        example,
        isElixir: isElixir(example),
        isCandidate: (text) => speakers[isElixir(example) ? 'elixir' : 'manifest'](text).length > 0,
        lint: linter(example, alone, rule, extract),
        lintWithAll: linter(example, all, rule, extract),
      };
      const checks = [defectsOfShape, defectsWhereReported, defectsWhereSilent, defectsOfFixes, defectsOfPrefixes];
      const defects = new Set(checks.flatMap((check) => [...check(subject)]));
      return [...defects].map((defect) => `Example “${example.title}”: ${defect}`);
    }),
  ];
}

interface Subject {
  readonly rule: Rule;
  readonly example: Example;
  /** Not a manifest. */
  readonly isElixir: boolean;
  /** Whether a host would parse this text at all. */
  isCandidate(text: string): boolean;
  /** Lints a text in the place of the example, as `linter` says. */
  readonly lint: Lint;
  readonly lintWithAll: Lint;
}

interface Linted extends LintResult {
  readonly file: FileFacts;
  /** Of the rule that is tested. */
  readonly own: readonly LintFinding[];
}

type Lint = (text: string) => Linted;

const pathOf = ({ path = 'lib/example.ex' }: Example): string => path;
const isElixir = (example: Example): boolean => /\.exs?$/.test(pathOf(example));

/** Lints a text in the place of the example's: with its path, and within its project. */
function linter(example: Example, rules: readonly Rule[], subject: Rule, extract: Extract): Lint {
  const path = pathOf(example);
  const prefilter = createPrefilter(rules);
  const manifestPrefilter = createManifestPrefilter(rules);
  const levelOf = (rule: Rule) => (rule.optIn && rule !== subject ? 'off' : rule.severity);
  const texts = new Map(Object.entries(example.project ?? {}).map(([name, text]) => [name, dedent(text)]));
  const others = [...texts].flatMap(([name, text]) => (/\.exs?$/.test(name) ? [extract(name, text)] : []));
  const ownOf = (result: LintResult) => result.findings.filter((finding) => finding.rule === subject);
  if (!isElixir(example)) {
    return (text) => {
      const project = projectOf(new Map(texts).set(path, text), others);
      const said = lintProject(project, manifestPrefilter(text));
      const result = lintManifest({ path, text }, said, { rules, context: { rpcWrappers: [], project }, levelOf });
      return { ...result, failures: [...result.failures, ...said.failures], file: manifestFacts(path, text), own: ownOf(result) };
    };
  }
  return (text) => {
    const file = extract(path, text);
    const project = example.project && projectOf(new Map(texts).set(path, text), [...others, file]);
    const result = lint(file, {
      rules,
      candidates: prefilter(text),
      context: { rpcWrappers: [], ...(project && { project }) },
      levelOf,
    });
    return { ...result, file, own: ownOf(result) };
  };
}

function projectOf(texts: ReadonlyMap<string, string>, facts: readonly FileFacts[]): ProjectFacts {
  return buildProject({ root: '', texts: new Map([...texts].filter(([path]) => isProjectFile(path))), facts });
}

function* defectsOfWords(rule: Rule): Iterable<string> {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(rule.id)) yield `The id \`${rule.id}\` is not words in lower case with dashes between.`;
  if (!/^[A-Z`:].*\.$/.test(rule.summary)) yield 'The summary is not a sentence with a full stop.';
  if (rule.rationale.trim() === '') yield 'There is no rationale.';
  for (const url of rule.references) if (!/^https:\/\/\S+$/.test(url)) yield `The reference \`${url}\` is not an https address.`;
  if (!rule.examples.some((example) => example.bad !== undefined)) yield 'No example is reported.';
  if (!rule.examples.some((example) => example.good !== undefined)) yield 'No example is not reported.';
  if (new Set(rule.examples.map((example) => example.title)).size < rule.examples.length) yield 'Two examples have the same title.';
  if (rule.fixable && !rule.examples.some(({ bad, good }) => bad !== undefined && good !== undefined)) yield 'No example shows the fix.';

  const { calls = [], words = [], parts = [], manifestWords = [] } = rule.triggers;
  if ((rule.checkProject !== undefined) !== manifestWords.length > 0) yield '`checkProject` and `manifestWords` go together.';
  if (calls.length + words.length + parts.length === 0) yield 'Without triggers it never runs.';
  const call = /^(?::[a-z]\w*|[A-Z]\w*(?:\.[A-Z]\w*)*)\.(?:\*|[a-z_]\w*[?!]?)(?:\/\d+)?$/;
  for (const mfa of calls) if (!call.test(mfa)) yield `The trigger \`${mfa}\` is not a function: \`Module.function/arity\`.`;
  for (const word of [...words, ...manifestWords]) if (!/^\w+[?!]?$/.test(word)) yield `The trigger \`${word}\` is not one word.`;
  for (const part of parts) if (!/^[a-z0-9_]+$/.test(part)) yield `The trigger \`${part}\` is not a part of a word in lower case.`;
}

function* defectsOfShape({ example, isElixir, lint }: Subject): Iterable<string> {
  const { title, bad, good, path = '' } = example;
  if (!isElixir && !isManifest(path)) yield `a project is not read from a file \`${path}\`.`;
  if (title.trim() === '') yield 'it has no title.';
  if (bad === undefined && good === undefined) yield 'it has neither `bad` nor `good`.';
  if (good !== undefined && withoutCarets(dedent(good)) !== dedent(good)) yield '`good` has carets, though it is not to be reported.';
  for (const [name, text] of Object.entries({ bad, good })) {
    if (text !== undefined && lint(dedent(text)).file.broken) yield `\`${name}\` is not Elixir that can be parsed in full.`;
  }
}

const crlf = (text: string) => text.replaceAll('\n', '\r\n');

/** Reported exactly at the carets, wherever the text stands and however its lines end; what is said is worded as it should be. */
function* defectsWhereReported({ example, lint }: Subject): Iterable<string> {
  if (example.bad === undefined) return;
  const bad = dedent(example.bad);
  if (marksIn(bad).length === 0) yield '`bad` has no carets under what is reported.';
  const variants = { '': bad, ' with CRLF': crlf(bad), ' after a line of emoji': `# 🦄 👩‍👩‍👧‍👦 é\n${bad}` };
  for (const [variant, text] of Object.entries(variants)) {
    const { own } = lint(text);
    const expected = marksIn(text).map((mark) => placeOf(text, mark.range));
    const actual = own.map((finding) => placeOf(text, onFirstLine(text, finding.range)));
    if (expected.join('\n') !== actual.join('\n')) {
      yield `\`bad\`${variant} is not reported exactly at the carets.${listed('Carets', expected)}${listed('Reported', actual)}`;
      break;
    }
  }
  for (const { message, severity, related = [], fix } of lint(bad).own) {
    if (example.severity && severity !== example.severity)
      yield `the finding “${message}” is of severity ${severity}, not ${example.severity}.`;
    for (const sentence of [message, ...related.map((one) => one.message)]) {
      if (!/[.?]$/.test(sentence)) yield `the message “${sentence}” does not end with a full stop.`;
      if (/you should/i.test(sentence)) yield `the message “${sentence}” lectures: say what happens, then what to do.`;
    }
    if (fix && !/^[A-Z`].*[^.]$/.test(fix.title)) yield `the title of the fix “${fix.title}” is not a menu entry: a capital, no full stop.`;
  }
}

/** Silent in what is not code, and where a comment says so. */
function* defectsWhereSilent({ rule, example, isElixir, lint }: Subject): Iterable<string> {
  if (example.good !== undefined) {
    for (const text of [dedent(example.good), crlf(dedent(example.good))]) {
      const { own, failures } = lint(text);
      // A rule that throws is silent, too.
      for (const { rule: broken, error } of failures) yield `\`${broken.id}\` throws ${error} on \`good\`.`;
      const reported = own.map((finding) => placeOf(text, finding.range));
      if (reported.length > 0) yield `\`good\` is reported.${listed('Reported', reported)}`;
    }
  }
  if (example.bad === undefined) return;
  const bad = dedent(example.bad);
  const quotes = bad.includes('"""') ? "'''" : '"""';
  const silent = {
    ...(isElixir && { 'inside a heredoc': `_ = ~S${quotes}\n${bad}\n${quotes}\n` }),
    'inside comments': bad.replace(/^/gm, '# '),
  };
  for (const [where, text] of Object.entries(silent)) {
    const reported = lint(text).own.map((finding) => placeOf(text, finding.range));
    if (reported.length > 0) yield `\`bad\` ${where} is reported.${listed('Reported', reported)}`;
  }

  const before = lint(bad).own;
  const disabled = {
    'disable-for-this-file': `# netsplit:disable-for-this-file ${rule.id} -- a test\n${bad}`,
    ...(!rule.last && { 'disable-for-next-line': disabledLineByLine(bad, before, rule) }),
  };
  for (const [directive, text] of Object.entries(disabled)) {
    const { own, suppressed } = lint(text);
    const turnedOff = suppressed.filter((finding) => finding.rule === rule).length;
    if (own.length > 0 || turnedOff !== before.length) {
      yield `\`bad\` is reported in spite of \`${directive}\`, or differently with it: ${own.length} reported, ${turnedOff} of ${before.length} turned off.`;
    }
  }
}

function disabledLineByLine(text: string, findings: readonly LintFinding[], rule: Rule): string {
  const starts = lineStarts(text);
  const lines = new Set(findings.map((finding) => starts[lineAt(starts, finding.range.start)] ?? 0));
  const edits = [...lines].map((start): TextEdit => {
    const indentation = /^[ \t]*/.exec(text.slice(start))?.[0] ?? '';
    return { range: { start, end: start }, newText: `${indentation}# netsplit:disable-for-next-line ${rule.id} -- a test\n` };
  });
  return applyEdits(text, edits);
}

/** `bad` becomes `good`; what a fix leaves can be parsed, is not reported by the rule any more, and not by any other rule either. */
function* defectsOfFixes({ rule, example, lint, lintWithAll }: Subject): Iterable<string> {
  if (example.bad === undefined) return;
  for (const lineBreaks of [(text: string) => text, crlf]) {
    const bad = lineBreaks(withoutCarets(dedent(example.bad)));
    const before = lint(bad).own;
    const fixes = before.flatMap((finding) => finding.fix ?? []);
    if (fixes.length > 0 && !rule.fixable) yield 'there is a fix, but the rule does not say `fixable`.';

    for (const fix of fixes) {
      const fixed = applyEdits(bad, fix.edits);
      const after = lintWithAll(fixed);
      if (after.file.broken) yield `after “${fix.title}” the text cannot be parsed:\n${fixed}`;
      if (after.own.length >= before.length) yield `“${fix.title}” does not clear its finding:\n${fixed}`;
      const brought = more(countsOf(after.findings), countsOf(lintWithAll(bad).findings));
      if (brought.length > 0) yield `“${fix.title}” brings findings of ${brought.join(', ')}:\n${fixed}`;
    }

    if (example.good === undefined || !rule.fixable) continue;
    if (fixes.length < before.length) yield 'a finding in `bad` has no fix: give `bad` and `good` as two examples.';
    const edits = fixes.flatMap((fix) => fix.edits);
    if (edits.some((edit, i) => edits.slice(i + 1).some((other) => conflict(edit, other)))) {
      yield 'the fixes of `bad` overlap: give each an example.';
      continue;
    }
    const fixed = applyEdits(bad, edits);
    const good = lineBreaks(dedent(example.good));
    if (fixed !== good) yield `the fix does not turn \`bad\` into \`good\`.\nFixed:\n${fixed}\nExpected:\n${good}`;
  }
}

function countsOf(findings: readonly LintFinding[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { rule } of findings) counts.set(rule.id, (counts.get(rule.id) ?? 0) + 1);
  return counts;
}

function more(after: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>): readonly string[] {
  return [...after].flatMap(([id, count]) => (count > (before.get(id) ?? 0) ? [id] : []));
}

/** Half-typed code: nothing throws, and nothing points out of the text. */
function* defectsOfPrefixes({ example, isCandidate, lint }: Subject): Iterable<string> {
  const bad = dedent(example.bad ?? '');
  for (let length = 0; length < bad.length; length += length < 400 ? 1 : 7) {
    const prefix = bad.slice(0, length);
    if (!isCandidate(prefix)) continue;
    const { failures, findings } = lint(prefix);
    const [failure] = failures;
    if (failure) {
      yield `\`${failure.rule.id}\` throws ${failure.error} on:\n${prefix}`;
      return;
    }
    const everything = { start: 0, end: length };
    const ranges = findings.flatMap((finding) => [finding.range, ...(finding.fix?.edits ?? []).map((edit) => edit.range)]);
    if (!ranges.every((range) => range.start <= range.end && contains(everything, range))) {
      yield `a range points out of the text:\n${prefix}`;
      return;
    }
  }
}

/** `3:5-3:12 :rpc.call`. */
function placeOf(text: string, range: Range): string {
  const starts = lineStarts(text);
  const [start, end] = [positionAt(starts, range.start), positionAt(starts, range.end)];
  return `${start.line}:${start.column}-${end.line}:${end.column} ${text.slice(range.start, range.end)}`;
}

function listed(title: string, lines: readonly string[]): string {
  return `\n  ${title}: ${lines.length === 0 ? 'nothing' : lines.join('\n    ')}`;
}
