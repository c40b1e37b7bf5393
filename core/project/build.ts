/** Texts and facts of a project's files → what its cluster is. */
import type { FileFacts } from '../facts/facts';
import type { ProjectFacts } from './project';

export interface ProjectInput {
  /** Directory of the project as the host names it. */
  readonly root: string;
  /** Manifests and configuration by path relative to the root: see `isProjectFile`. */
  readonly texts: ReadonlyMap<string, string>;
  /** Facts of the project's Elixir files, `mix.exs` and configuration included, with paths relative to the root. */
  readonly facts: readonly FileFacts[];
}

/** Whether a file, by its path relative to the project's root, says something about the cluster beside Elixir code. */
export declare function isProjectFile(path: string): boolean;

export declare function buildProject(input: ProjectInput): ProjectFacts;
