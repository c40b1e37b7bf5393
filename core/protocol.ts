/** What client and server agree on beside the Language Server Protocol. Plain types and names. */
import type { FindingFacts, RuleFacts } from './design/gotcha';

/** Request to the client: the entries of the directory `{ uri }`, or null when it cannot be read. Sent only where the client announced `files`. */
export const listDirectory = 'netsplit/listDirectory';

/** Request to the client: the text of the file `{ uri }`, or null when it cannot be read as text of at most 2 MiB. Sent only where the client announced `files`. */
export const readFile = 'netsplit/readFile';

export interface FileParams {
  readonly uri: string;
}

/** One entry of a directory; a symbolic link is `other`. */
export interface DirectoryEntry {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'other';
}

/** Command of the client: shows the page of the rule whose id is its argument. */
export const explainCommand = 'netsplit.explainRule';

/** Command of the client: runs and shows a scenario that comes with Netsplit; its argument is `SimulateArguments`. */
export const simulateCommand = 'netsplit.simulate';

export interface SimulateArguments {
  /** Id of one of `presets()` in `core/design/simulate/presets.ts`. */
  readonly preset: string;
}

/** `initializationOptions`: all of them are optional, so that any editor can start the server without. */
export interface InitializationOptions {
  /** URI of the folder with the rules' pages; else the pages beside the server. */
  readonly pages?: string;
  /** Which of `explainCommand` and `simulateCommand` the client has: actions that need another one are not offered. */
  readonly commands?: readonly string[];
  /** The client answers `listDirectory` and `readFile`. */
  readonly files?: boolean;
  /** What `workspace/configuration` would answer for the section `netsplit`, for clients without it. */
  readonly settings?: unknown;
}

/** Request to the server: what holds for the file `{ uri }`; answered with a `FileStatus`. */
export const fileStatus = 'netsplit/fileStatus';

/** What a status bar says about a file beside its findings. */
export interface FileStatus {
  /** Why it has no findings whatever it says: turned off in the settings, excluded in `.netsplit.json`, fetched or built, over 2 MiB. */
  readonly notLinted?: NotLinted | 'tooLarge';
  /** URI of the `.netsplit.json` that holds for it. */
  readonly configuration?: string;
  /** How many errors that file has: as long as there are any, what it said before holds. */
  readonly configurationErrors?: number;
  /** Its project has more than `netsplit.maxFiles` files, so that rules which have to know all of them are silent. */
  readonly projectTooLarge?: boolean;
  /** Milliseconds that its newest text took. */
  readonly took?: number;
}

export type NotLinted = 'off' | 'excluded' | 'foreign';

/**
 * Request to the server, with `{}`: lint every file of the workspace now, and keep their findings up to date from then on. Answered with a `WorkspaceSummary`
 * when all of them were sent as diagnostics of the workspace; needs a client that pulls those.
 */
export const lintWorkspace = 'netsplit/lintWorkspace';

export interface WorkspaceSummary {
  readonly files: number;
  readonly findings: number;
  /** Whether it saw every file, or was ended: by the user, by the number of files that are allowed, by the time that it took. */
  readonly ended: 'complete' | 'cancelled' | 'maxFiles' | 'time';
}

/** Request to the server: what the cluster of the project is that the file `{ uri }` belongs to; answered with a `ProjectReview`. */
export const reviewOfProject = 'netsplit/review';

/** A review as Markdown whose places are links; or why there is none: there is no Mix project, or one with more than `netsplit.maxFiles` files. */
export type ProjectReview =
  | { readonly name: string; readonly root: string; readonly markdown: string }
  | { readonly none: 'noProject' | 'tooLarge' };

/** The documents that the server looks at, as filters of the protocol: Elixir, and what may be a manifest of a project. */
export const lintedDocuments = [
  { language: 'elixir' },
  { pattern: '**/*.{yml,yaml}' },
  { pattern: '**/{vm.args,env.sh}*' },
  { pattern: '**/rel/**' },
  { pattern: '**/fly*.toml' },
  { pattern: '**/{Dockerfile,Containerfile}*' },
  { pattern: '**/*.{Dockerfile,dockerfile}' },
] as const;

/** Request to the server: what a few rules find, and what they say, for a gotcha or an investigation. `EvidenceParams` → `Evidence`. */
export const evidence = 'netsplit/evidence';

export interface EvidenceParams {
  /** Ids; those that no rule has are left out of the answer. Rules that are off until asked for run as well. */
  readonly rules: readonly string[];
  /** URIs; every Elixir file of the open folders where absent. */
  readonly files?: readonly string[];
}

export interface Evidence {
  readonly rules: readonly RuleFacts[];
  /** At most 200. */
  readonly findings: readonly (Omit<FindingFacts, 'rule'> & { readonly rule: string; readonly uri: string })[];
}
