/** `.netsplit.json`: parsing, and the severity of a rule for a file. */
import type { Level } from './linter';
import type { Rule } from './rule';
import type { Range } from './text';

export interface Configuration {
  /** Rule id → severity or `off`. */
  readonly rules: ReadonlyMap<string, Level>;
  /** Later ones win. `files` are globs relative to the configuration file. */
  readonly overrides: readonly { readonly files: readonly string[]; readonly rules: ReadonlyMap<string, Level> }[];
  /** `Module.function` of the user's own wrappers of remote calls. */
  readonly rpcWrappers: readonly string[];
  /** Globs of files that are not linted, relative to the configuration file. */
  readonly exclude: readonly string[];
}

export interface ConfigurationError {
  /** What is wrong, and what was expected. */
  readonly message: string;
  readonly range: Range;
}

export declare const emptyConfiguration: Configuration;

/** Reads a configuration; what is wrong is left out of the result and named in `errors`. Comments and trailing commas are allowed. */
export declare function parseConfiguration(
  text: string,
  rules: readonly Rule[],
): { readonly configuration: Configuration; readonly errors: readonly ConfigurationError[] };

/** The severity of a rule for a file; `path` is relative to the configuration file's directory, with `/`. */
export declare function levelOf(configuration: Configuration, rule: Rule, path: string): Level;

/** Whether the configuration leaves the file out. */
export declare function isExcluded(configuration: Configuration, path: string): boolean;
