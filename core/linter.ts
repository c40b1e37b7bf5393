/** Facts → findings: runs the rules, honours comments and severities. */
import { callsTo, type FileFacts } from './facts/facts';
import { nearest } from './nearest';
import { evidenceOf, withoutCluster } from './project/evidence';
import { manifestFacts } from './project/manifests';
import type { ProjectFacts } from './project/project';
import type { Context, Finding, Rule, Severity, SuppressedRule, Suppression } from './rule';
import { type Directive, type NamedRule, parseDirectives } from './suppression';
import { contains } from './text';

export type Level = Severity | 'off';

/** A finding with the rule that made it and the severity that it has here. */
export interface LintFinding extends Finding {
  readonly rule: Rule;
  readonly severity: Severity;
}

export interface LintResult {
  /** In the order of the text. */
  readonly findings: readonly LintFinding[];
  /** Findings that a comment turned off, with the reason that it gives. */
  readonly suppressed: readonly (LintFinding & { readonly reason?: string })[];
  /** Rules that threw: a defect of the rule, which costs its own findings only. */
  readonly failures: readonly { readonly rule: Rule; readonly error: unknown }[];
}

export interface LintOptions {
  /** All rules there are: a comment that names another one is wrong. */
  readonly rules: readonly Rule[];
  /** Those of them that can speak about this file, as the prefilter says; the others have nothing to say and are not run. Absent: all. */
  readonly candidates?: readonly Rule[];
  readonly context: Context;
  /** The severity of a rule for this file: the user's, else the rule's own. */
  levelOf(rule: Rule): Level;
  /** Whether that severity is the user's: then it also holds for findings that weigh differently by themselves. */
  isConfigured?(rule: Rule): boolean;
}

/** Runs the rules over the facts of one file. Never throws. */
export function lint(file: FileFacts, options: LintOptions): LintResult {
  const candidates = new Set(options.candidates ?? options.rules);
  const raising = callsTo(file, ['?.assert_raise', 'ExUnit.Assertions.assert_raise']);
  return judged(file, options, (rule, context) => {
    if (!candidates.has(rule)) return { findings: [], decided: !file.broken };
    const watched = watchProject(context);
    // What a test expects to raise is there to be wrong.
    const findings = [...rule.check(file, watched.context)].filter(({ range }) => !raising.some((call) => contains(call.range, range)));
    return { findings, decided: !watched.missed() && !file.broken };
  });
}

/** What the rules say about the files of a project that are not Elixir. */
export interface ProjectResult {
  /** By path, then by rule. */
  readonly findings: ReadonlyMap<string, ReadonlyMap<Rule, readonly Finding[]>>;
  readonly failures: LintResult['failures'];
}

/** Asks the rules once about a project's files that are not Elixir; `lintManifest` then says what of it holds for one of them. Never throws. */
export function lintProject(project: ProjectFacts, rules: readonly Rule[]): ProjectResult {
  const findings = new Map<string, Map<Rule, Finding[]>>();
  const failures: { readonly rule: Rule; readonly error: unknown }[] = [];
  for (const rule of rules) {
    try {
      for (const { path, ...finding } of rule.checkProject?.(project) ?? []) {
        const ofFile = findings.get(path) ?? new Map<Rule, Finding[]>();
        findings.set(path, ofFile.set(rule, [...(ofFile.get(rule) ?? []), finding]));
      }
    } catch (error) {
      failures.push({ rule, error });
    }
  }
  return { findings, failures };
}

/** A file of a project that is not Elixir. */
export interface Manifest {
  /** Relative to the project's root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** What holds for such a file of what the rules said about its project, after levels and comments; without a project nothing is known. */
export function lintManifest(manifest: Manifest, project: ProjectResult | undefined, options: LintOptions): LintResult {
  const file = manifestFacts(manifest.path, manifest.text);
  const made = project?.findings.get(manifest.path);
  const failed = new Set(project?.failures.map(({ rule }) => rule));
  return judged(file, options, (rule, context) => {
    const findings = rule.last ? [...rule.check(file, context)] : (made?.get(rule) ?? []);
    return { findings, decided: project !== undefined && !failed.has(rule) };
  });
}

/** What a rule says about a file, and whether its silence says that there is nothing to find. */
interface Said {
  readonly findings: readonly Finding[];
  readonly decided: boolean;
}

/** What holds of all that the rules say about a file, after levels and comments. */
function judged(file: FileFacts, options: LintOptions, ask: (rule: Rule, context: Context) => Said): LintResult {
  const findings: LintFinding[] = [];
  const suppressed: (LintFinding & { readonly reason?: string })[] = [];
  const failures: { readonly rule: Rule; readonly error: unknown }[] = [];
  const directives = parseDirectives(file);
  /** The rules whose silence says that there is nothing to find. */
  const decided = new Set<string>();
  const used = new Set<NamedRule>();

  function run(rule: Rule, context: Context): void {
    const level = options.levelOf(rule);
    if (level === 'off') return;
    let said: Said;
    try {
      said = ask(rule, context);
    } catch (error) {
      failures.push({ rule, error });
      return;
    }
    if (said.decided) decided.add(rule.id);
    for (const finding of distinct(said.findings)) {
      const weighed = weigh(finding, rule, level);
      const covering = directives.flatMap((directive) => namesFor(directive, rule, finding));
      for (const { name } of covering) used.add(name);
      const first = covering[0];
      if (!first) findings.push(weighed);
      else suppressed.push({ ...weighed, ...(first.reason !== undefined && { reason: first.reason }) });
    }
  }

  /** The finding with its severity: the user's; else its own or the rule's, which needs a cluster where the rule does. */
  function weigh(finding: Finding, rule: Rule, level: Severity): LintFinding {
    if (options.isConfigured?.(rule)) return { ...finding, rule, severity: level };
    const severity = finding.severity ?? level;
    const { project } = options.context;
    const isGrave = severity === 'error' || severity === 'warning';
    if (!rule.onlyInCluster || !isGrave || !project || evidenceOf(project) !== 'none') return { ...finding, rule, severity };
    return { ...finding, rule, severity: 'info', message: `${finding.message} ${withoutCluster(severity)}` };
  }

  for (const rule of options.rules) if (!rule.last) run(rule, options.context);
  if (directives.length > 0) {
    const suppressions = outcomes(directives, options.rules, used, decided);
    for (const rule of options.rules) if (rule.last) run(rule, { ...options.context, suppressions });
  }
  return { findings: findings.sort(byPlace), suppressed: suppressed.sort(byPlace), failures };
}

/** A rule that asked for a project that is not there could not see all: `missed` tells. */
function watchProject(context: Context): { readonly context: Context; missed(): boolean } {
  if (context.project) return { context, missed: () => false };
  let asked = false;
  const watched = Object.defineProperty({ ...context }, 'project', {
    enumerable: true,
    get() {
      asked = true;
      return undefined;
    },
  });
  return { context: watched, missed: () => asked };
}

/** Without findings that stand where an earlier one does. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ range }) => {
    const key = `${range.start}-${range.end}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** Where a directive names the rule and covers the finding. */
function namesFor(directive: Directive, rule: Rule, finding: Finding): readonly { readonly name: NamedRule; readonly reason?: string }[] {
  if (!directive.covers(finding.range.start)) return [];
  const names = directive.rules.filter((name) => name.id === rule.id);
  return names.map((name) => (directive.reason === undefined ? { name } : { name, reason: directive.reason }));
}

/** What became of each directive, once all rules but the last ones have run. */
function outcomes(
  directives: readonly Directive[],
  rules: readonly Rule[],
  used: ReadonlySet<NamedRule>,
  decided: ReadonlySet<string>,
): readonly Suppression[] {
  const known = new Set(rules.map((rule) => rule.id));
  const outcome = (name: NamedRule): SuppressedRule => {
    if (used.has(name)) return { ...name, effect: 'used' };
    if (known.has(name.id)) return { ...name, effect: decided.has(name.id) ? 'unused' : 'undecided' };
    const meant = nearest(name.id, known);
    return meant === undefined ? { ...name, effect: 'unknown rule' } : { ...name, effect: 'unknown rule', nearest: meant };
  };
  return directives.map(({ range, reason, rules: names, error }) => ({
    range,
    rules: names.map(outcome),
    ...(reason !== undefined && { reason }),
    ...(error && { error }),
  }));
}

function byPlace(a: LintFinding, b: LintFinding): number {
  return a.range.start - b.range.start || a.range.end - b.range.end || (a.rule.id < b.rule.id ? -1 : 1);
}
