/** A decision as a document to read: worked out from the answers that its address carries, so that it survives a reload and is never out of date. */
import { commands, type Disposable, Uri, window, workspace } from 'vscode';
import { answersFile, type Design, parseAnswers } from '../../../core/design/answers';
import { decide } from '../../../core/design/decide';
import { markdownDocument, reportOf } from '../../../core/design/document';
import { generateCode } from '../../../core/design/generate/generate';
import { slug } from '../../../core/design/learnings';

const scheme = 'netsplit-decision';

/** Answers VS Code's questions for documents of decisions. */
export function provideDecisionDocuments(): Disposable {
  return workspace.registerTextDocumentContentProvider(scheme, { provideTextDocumentContent: ({ query }) => decisionText(query) });
}

/** Shows the document of a decision, rendered. */
export function showDecision(design: Design): Promise<void> {
  return showRendered(Uri.from({ scheme, path: `/${slug(design.name)}.md`, query: JSON.stringify(answersFile(design)) }));
}

/** Shows a Markdown document as a page, or as text where the preview, which is an extension, is turned off. */
export async function showRendered(document: Uri): Promise<void> {
  try {
    await commands.executeCommand('markdown.showPreview', document);
  } catch {
    await window.showTextDocument(document);
  }
}

function decisionText(query: string): string {
  try {
    const { design, errors } = parseAnswers(JSON.parse(query));
    const decision = decide(design);
    const unusable = errors.map(({ path, message }) => `> ${path}: ${message}\n`).join('');
    return `${unusable}${markdownDocument(reportOf(decision, generateCode(decision).files))}`;
  } catch (error) {
    return `This address holds no answers: ${error instanceof Error ? error.message : String(error)}\n`;
  }
}
