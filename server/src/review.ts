/** The review of a project: its facts, and what the rules find in each of its files. */
import { type CancellationToken, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { type URI, Utils } from 'vscode-uri';
import type { ProjectReview } from '../../core/protocol';
import { reviewMarkdown } from '../../core/review/markdown';
import { type ProjectFinding, reviewProject } from '../../core/review/review';
import type { LinterAt } from './linting';
import type { Projects } from './projects';

export interface ReviewOptions {
  readonly projects: Projects;
  readonly linterAt: LinterAt;
}

/** Milliseconds after which messages such as a cancellation get in between. */
const turn = 20;

/** Reviews the project that a file belongs to; its places are links into the project. */
export async function reviewAt(
  file: URI,
  { projects, linterAt }: ReviewOptions,
  token: CancellationToken,
): Promise<ProjectReview | ResponseError<void>> {
  const root = await projects.rootOf(file);
  if (!root) return { none: 'noProject' };
  const project = await projects.factsOf(root);
  if (!project) return { none: 'tooLarge' };
  const findings: ProjectFinding[] = [];
  let breath = Date.now();
  for (const path of projects.pathsOf(root)) {
    const text = projects.textOf(root, path);
    const lintText = text === undefined ? undefined : await linterAt(Utils.joinPath(root, path).toString(), true);
    const found = text === undefined ? [] : (lintText?.(text).result.findings ?? []);
    findings.push(...found.map(({ rule, severity, message, range }) => ({ rule, severity, message, range, path })));
    if (Date.now() - breath > turn) {
      await new Promise((resume) => setTimeout(resume));
      breath = Date.now();
    }
    if (token.isCancellationRequested) return new ResponseError(LSPErrorCodes.RequestCancelled, 'Cancelled');
  }
  const review = reviewProject({ project, name: Utils.basename(root), findings, textOf: (path) => projects.textOf(root, path) });
  const markdown = reviewMarkdown(review, ({ path, line }) => `[${path}:${line}](${Utils.joinPath(root, path).toString()}#L${line})`);
  return { name: review.project.name, root: root.toString(), markdown };
}
