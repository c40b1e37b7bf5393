/** A rule as Markdown: for hover, pages, SARIF and `netsplit explain`. */
import type { Rule } from './rule';

/** The page of a rule: title, summary, table, rationale, examples with their carets, how to disable it, references. */
export declare function explain(rule: Rule): string;
