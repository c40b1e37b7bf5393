/** The command that reviews the cluster of a project, and shows what came of it as a page of Markdown. */
import {
  commands,
  type Disposable,
  EventEmitter,
  ProgressLocation,
  type TextDocumentContentProvider,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { BaseLanguageClient, CancellationToken } from 'vscode-languageclient';
import { type FileParams, type ProjectReview, reviewOfProject } from '../../core/protocol';
import { chooseFolder } from './folders';

/** Documents that are reviews: the root of the project is their query. */
const scheme = 'netsplit-review';

const reasons = {
  noProject: 'There is no Mix project here: no mix.exs beside the file, or in a folder above it.',
  tooLarge: 'The project has more files than netsplit.maxFiles allows, so that it is not read as a whole.',
} as const;

/** Offers the command, and the documents that it shows. */
export function registerReview(client: BaseLanguageClient): Disposable {
  const texts = new Map<string, string>();
  const changes = new EventEmitter<Uri>();
  const ask = (uri: Uri, token?: CancellationToken): Promise<ProjectReview> =>
    client.sendRequest<ProjectReview>(reviewOfProject, { uri: uri.toString() } satisfies FileParams, token);

  const provider: TextDocumentContentProvider = {
    onDidChange: changes.event,
    async provideTextDocumentContent(uri, token) {
      const known = texts.get(uri.query);
      if (known !== undefined) return known;
      const review = await ask(Uri.joinPath(Uri.parse(uri.query, true), 'mix.exs'), token);
      return 'none' in review ? reasons[review.none] : review.markdown;
    },
  };

  async function review(): Promise<void> {
    const file = await fileToReview();
    if (!file) return;
    const found = await window.withProgress(
      { location: ProgressLocation.Notification, title: 'Reviewing the cluster', cancellable: true },
      (_, token) => ask(file, token).catch((error: unknown) => (token.isCancellationRequested ? undefined : Promise.reject(error))),
    );
    if (!found) return;
    if ('none' in found) {
      void window.showInformationMessage(reasons[found.none]);
      return;
    }
    texts.set(found.root, found.markdown);
    const page = Uri.from({ scheme, path: `/Review of ${found.name}.md`, query: found.root });
    changes.fire(page);
    try {
      await commands.executeCommand('markdown.showPreview', page);
    } catch {
      // The preview is an extension, which can be turned off.
      await window.showTextDocument(page);
    }
  }

  const registrations = [
    changes,
    workspace.registerTextDocumentContentProvider(scheme, provider),
    commands.registerCommand('netsplit.review', () => review()),
  ];
  return { dispose: () => registrations.forEach((registration) => void registration.dispose()) };
}

/** The file that is looked at; without one, one of the folder that is open or picked. */
async function fileToReview(): Promise<Uri | undefined> {
  const document = window.activeTextEditor?.document;
  if (document && !document.isUntitled && document.uri.scheme !== scheme && document.uri.scheme !== 'output') return document.uri;
  const folder = await chooseFolder('The folder to review', 'Open a folder first: its project is reviewed.');
  return folder && Uri.joinPath(folder.uri, 'mix.exs');
}
