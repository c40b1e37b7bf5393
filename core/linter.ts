/** Facts → findings: runs the rules, honours comments and severities. */
import type { FileFacts } from './facts/facts';
import type { Context, Finding, Rule, Severity } from './rule';

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
  readonly rules: readonly Rule[];
  readonly context: Context;
  /** The severity of a rule for this file: the user's, else the rule's own. */
  levelOf(rule: Rule): Level;
}

export declare function lint(file: FileFacts, options: LintOptions): LintResult;
