/** What a rule is, and what it says. Types only. */
import type { FileFacts, Mfa } from './facts/facts';
import type { ProjectFacts } from './project/project';
import type { Range, TextEdit } from './text';

export type Severity = 'error' | 'warning' | 'info' | 'hint';

/** The guarantee at stake. */
export type Category = 'consistency' | 'availability' | 'partition-tolerance' | 'time' | 'correctness' | 'security';

/** A safe fix changes nothing but the defect; an unsafe one needs a person's eyes. */
export type Safety = 'safe' | 'unsafe';

export interface Rule {
  /** Kebab-case, names the pattern: file name, page, `Diagnostic.code`, settings key and comment. */
  readonly id: string;
  /** One sentence without a final explanation: what is wrong. */
  readonly summary: string;
  readonly category: Category;
  readonly severity: Severity;
  /** Off unless the user turns it on. */
  readonly optIn?: boolean;
  /** It only matters where nodes talk to each other: in a project without a sign of that it speaks as `info`, and says what would raise it. */
  readonly onlyInCluster?: true;
  /** The safety of this rule's fixes unless a fix says otherwise; absent when there is never one. */
  readonly fixable?: Safety;
  /** Markdown: why it matters, when it does not, what the fix does. */
  readonly rationale: string;
  readonly references: readonly string[];
  readonly examples: readonly Example[];
  readonly triggers: Triggers;
  /** Runs after all other rules, and is told by `context.suppressions` what became of the comments. */
  readonly last?: true;
  check(file: FileFacts, context: Context): Iterable<Finding>;
  /** What is wrong in files of the project that are not Elixir, `vm.args` or a deployment file. Runs once for a project. */
  checkProject?(project: ProjectFacts): Iterable<ProjectFinding>;
}

/** What must occur in a file for the rule to have anything to say: the rule is not run, and the file not parsed, without it. */
export interface Triggers {
  /** Calls: `:rpc.call`, `GenServer.multi_call/3`, or all of a module's functions, `:ra.*`. */
  readonly calls?: readonly Mfa[];
  /** Identifiers (also module attributes, atoms and keys) of which one must occur, whole words: `monitor_nodes`, `libcluster`. */
  readonly words?: readonly string[];
  /** Parts of identifiers of which one must occur, in lower case: `quorum` is found in `has_quorum?`. */
  readonly parts?: readonly string[];
  /** Words of which one must occur in a file that is not Elixir for `checkProject` to run. */
  readonly manifestWords?: readonly string[];
  /** What must match besides, where the words alone are too common; without the `g` flag. */
  readonly pattern?: RegExp;
}

/** What a rule may know beside the file. */
export interface Context {
  /** Absent for a lone file: then nothing is proven by absence. */
  readonly project?: ProjectFacts;
  /** The user's own wrappers of remote calls, as `Module.function`: they handle failure and time. */
  readonly rpcWrappers: readonly string[];
  /** Of the file, in its order; only for rules that run last. */
  readonly suppressions?: readonly Suppression[];
}

/** A comment `# netsplit:disable-…`, and what became of it. */
export interface Suppression {
  /** The whole comment. */
  readonly range: Range;
  /** What it says after `--`. */
  readonly reason?: string;
  /** The rules that it names; none when it cannot be read. */
  readonly rules: readonly SuppressedRule[];
  /** Why it cannot be read: then it turns nothing off. */
  readonly error?: SuppressionError;
}

export interface SuppressedRule {
  readonly id: string;
  readonly range: Range;
  /** `undecided`: the rule did not run, or its silence proves nothing. */
  readonly effect: 'used' | 'unused' | 'undecided' | 'unknown rule';
  /** Of an unknown rule: the one that is probably meant. */
  readonly nearest?: string;
}

export interface SuppressionError {
  readonly message: string;
  readonly range: Range;
  /** What should stand in `range`, where that is known. */
  readonly instead?: string;
}

export interface Finding {
  readonly range: Range;
  /** What happens, in the user's terms; then what to do. */
  readonly message: string;
  /** Where this finding weighs differently than the rule does. */
  readonly severity?: Severity;
  readonly related?: readonly Related[];
  readonly fix?: Fix;
}

/** A finding in a file of the project that is not Elixir. */
export interface ProjectFinding extends Finding {
  /** Relative to the project's root, with `/`. */
  readonly path: string;
}

export interface Related {
  readonly message: string;
  readonly range: Range;
  /** Absent: the same file. */
  readonly path?: string;
}

export interface Fix {
  /** What it does, as a menu entry: "Pass a timeout of 5 seconds". */
  readonly title: string;
  readonly edits: readonly TextEdit[];
  readonly safety?: Safety;
}

/**
 * An example is a test and a part of the page. `bad` is reported exactly where comments `# ^^^` under a line point; `good` is not reported;
 * where the rule has a fix, `bad` with `good` says that the fix turns the one into the other, character for character.
 */
export interface Example {
  readonly title: string;
  readonly bad?: string;
  readonly good?: string;
  /** Of the findings in `bad`, where it is not the rule's. */
  readonly severity?: Severity;
  /**
   * Where the text stands, `lib/example.ex` unless said: rules for configuration need `config/config.exs`. The text of a file that is not Elixir,
   * such as `rel/vm.args.eex`, is looked at by `checkProject`, always within a project.
   */
  readonly path?: string;
  /** Other files of the project by path, for rules that look beyond the file; without them the file is alone. */
  readonly project?: Readonly<Record<string, string>>;
}
