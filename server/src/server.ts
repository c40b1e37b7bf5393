/** The language server: what it offers, and what happens on each message. */
import {
  type CancellationToken,
  CodeActionKind,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type Disposable,
  DocumentDiagnosticRequest,
  ErrorCodes,
  type InitializeParams,
  type InitializeResult,
  LSPErrorCodes,
  PositionEncodingKind,
  ResponseError,
  TextDocumentSyncKind,
  TextDocuments,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { URI, Utils } from 'vscode-uri';
import { createExtractor, type Extract } from '../../core/facts/extract';
import { createPrefilter } from '../../core/prefilter';
import { isManifest } from '../../core/project/manifests';
import {
  type EvidenceParams,
  evidence,
  type FileParams,
  fileStatus,
  lintedDocuments,
  lintWorkspace,
  type ProjectReview,
  reviewOfProject,
  type WorkspaceSummary,
} from '../../core/protocol';
import { rules } from '../../core/rules/index';
import { createAnswers, isElixir } from './answers';
import { clientFiles, noFiles } from './client-files';
import { type ConfigurationFile, configurationName, createConfigurations } from './configurations';
import * as convert from './convert';
import { createDiagnostics, detailOf, type WorkspaceFiles } from './diagnostics';
import { createEvidence } from './evidence';
import type { Host } from './host';
import { createLinting } from './linting';
import { createProjects } from './projects';
import { reviewAt } from './review';
import { askedSettings, givenSettings, parseSettings } from './settings';
import { type Support, supportOf } from './support';
import { createTexts } from './texts';
import { createUpwards } from './upwards';
import { isBelow } from './uris';
import { isForeign, walk } from './walk';

/** The version of the manifest, which the bundler puts in. */
declare const NETSPLIT_VERSION: string;

/** What the server has where it runs. */
export interface Place {
  /** Reads URIs of scheme `file`; absent in a browser. */
  readonly disk?: Host;
  /** URI of the folder with the rules' pages, unless the client names another one. */
  readonly pages?: string;
}

/** Files that findings depend on beside the open documents. */
const watched = [
  `**/${configurationName}`,
  '**/*.{ex,exs}',
  '**/mix.lock',
  '**/.gitignore',
  '**/.tool-versions',
  '**/rel/**',
  '**/{vm.args,env.sh}*',
  '**/fly*.toml',
  '**/*{Dockerfile,dockerfile,Containerfile}*',
  '**/*.{yml,yaml}',
];

/** Answers one client over `connection` until it says `exit`. */
export function startServer(connection: Connection, place: Place): void {
  const extractor = createExtractor();
  let session: Session | undefined;
  // The handler of methods that have none.
  connection.onRequest((method) =>
    session
      ? new ResponseError(ErrorCodes.MethodNotFound, `Netsplit does not know ${method}.`)
      : new ResponseError(ErrorCodes.ServerNotInitialized, 'The first request must be initialize.'),
  );
  connection.onInitialize(async (params) => {
    session = startSession(connection, place, params, await extractor);
    return session.result;
  });
  connection.onInitialized(() => guard(connection, 'The start', session?.initialized()));
  connection.listen();
}

interface Session {
  readonly result: InitializeResult;
  /** Asks the client for what it may be asked only now. */
  initialized(): Promise<void>;
}

function startSession(connection: Connection, place: Place, params: InitializeParams, extract: Extract): Session {
  const support = supportOf(params);
  const log = (message: string): void => connection.console.warn(message);
  let folders = foldersOf(params);

  const documents = new TextDocuments(TextDocument);
  const host = hostOf(connection, place, support);
  const texts = createTexts(documents, host);
  const prefilter = createPrefilter(rules);
  const upwards = createUpwards(host, (at) => at.scheme !== 'file' && folders.some((folder) => folder.toString() === at.toString()));
  const settings = support.configuration ? askedSettings(connection) : givenSettings(support.options.settings);
  const settingsOf = (uri: string) => settings.of(uri);
  const maxFiles = async (root: URI): Promise<number> => (await settings.of(root.toString())).maxFiles;
  const projects = createProjects({ host, texts, upwards, extract, maxFiles, log });
  const configurations = createConfigurations(texts, upwards, rules, publishErrors);
  const lintingOptions = { rules, projects, configurations, settingsOf, folders: () => folders, log };
  const linting = createLinting({ ...lintingOptions, prefilter, onLate: () => diagnostics.refresh() });
  const filesOf = async (of: readonly URI[], isCancelled: () => boolean) => (await filesBelow(of, isCancelled)).uris;
  const evidenceOf = createEvidence({ linting: lintingOptions, texts, filesOf });
  const answers = createAnswers({ rules, documents, linting, projects, support, pages: support.options.pages ?? place.pages });
  const { diagnose } = answers;
  const diagnostics = createDiagnostics({ connection, support, documents, texts, diagnose, settingsOf, workspaceFiles });

  /** The user has asked for every file, whatever the settings say. */
  let everything = false;
  const workspaceScope = async () => (everything ? 'all' : (await settings.of()).workspaceDiagnostics);

  /** The Elixir files and manifests of every folder, or of every project that has an open file. */
  async function workspaceFiles(isCancelled: () => boolean): Promise<WorkspaceFiles> {
    const scope = await workspaceScope();
    const roots = new Map<string, URI>();
    if (scope === 'all') for (const folder of folders) roots.set(folder.toString(), folder);
    for (const document of scope === 'open' ? documents.all() : []) {
      const root = await projects.rootOf(URI.parse(document.uri));
      if (root) roots.set(root.toString(), root);
    }
    return filesBelow([...roots.values()], isCancelled);
  }

  /** The Elixir files and manifests below these folders, each once, as many as the settings allow. */
  async function filesBelow(roots: readonly URI[], isCancelled: () => boolean): Promise<WorkspaceFiles> {
    const { maxFiles: limit } = await settings.of();
    let all = true;
    const found = new Set<string>();
    for (const root of roots) {
      const { paths, complete } = await walk(
        { host, upwards },
        root,
        (path) => /\.exs?$/.test(path) || isManifest(path),
        limit - found.size,
        isCancelled,
      );
      for (const path of paths) found.add(Utils.joinPath(root, path).toString());
      if (!complete) all = false;
      if (!complete && !isCancelled()) log(`In the background only ${found.size} files are linted (netsplit.maxFiles).`);
    }
    return { uris: [...found], complete: all };
  }

  const published = new Map<string, string>();
  /** Published also to a client that pulls: it pulls for Elixir, and this file need not even be open. */
  function publishErrors(uri: URI, file: ConfigurationFile | undefined): void {
    const key = uri.toString();
    const lines = convert.linesOf(file?.text ?? '');
    const errors = (file?.errors ?? []).map((error) => convert.toConfigurationDiagnostic(lines, error));
    const json = JSON.stringify(errors);
    if ((published.get(key) ?? '[]') === json) return;
    published.set(key, json);
    guard(connection, 'Publishing', connection.sendDiagnostics({ uri: texts.document(uri)?.uri ?? key, diagnostics: errors }));
  }

  /** Takes note of a file's new text, on disk or in the editor; returns whether findings of other files may depend on it. */
  function fileChanged(file: URI): boolean {
    const folder = folders.find((candidate) => isBelow(candidate, file));
    if (folder && isForeign(file.path.slice(folder.path.length))) return false;
    // An Elixir file that no project is known to hold may be one of the workspace's.
    if (Utils.basename(file) !== configurationName) return projects.changed(file) || /\.exs?$/.test(file.path);
    guard(connection, `Reading ${file.toString()}`, configurations.reload(file));
    return true;
  }

  documents.onDidOpen(({ document }) => diagnostics.opened(document));
  documents.onDidChangeContent(({ document }) => {
    // Other Elixir documents see the change when they are asked about, and all of them with the next save.
    if (fileChanged(URI.parse(document.uri)) && !isElixir(document)) diagnostics.refresh();
    diagnostics.changed(document);
  });
  documents.onDidSave(({ document }) => {
    diagnostics.saved(document);
    if (!support.watchedFiles) {
      projects.forget();
      configurations.forget();
    }
    diagnostics.refresh();
  });
  documents.onDidClose(({ document }) => {
    fileChanged(URI.parse(document.uri));
    diagnostics.closed(document);
  });
  documents.listen(connection);

  connection.onDidChangeWatchedFiles(({ changes }) => {
    const concerned = changes.map(({ uri }) => fileChanged(URI.parse(uri)));
    if (concerned.includes(true)) diagnostics.refresh();
  });
  connection.onDidChangeConfiguration(({ settings: pushed }) => {
    settings.changed(pushed);
    diagnostics.refresh();
    guard(connection, 'Offering diagnostics', offerPull());
  });
  connection.onCodeAction((request, token) => answer('textDocument/codeAction', token, [], answers.codeActions(request)));
  connection.onHover((request, token) => answer('textDocument/hover', token, null, answers.hover(request)));
  connection.languages.diagnostics.on((request, token) =>
    answer('textDocument/diagnostic', token, { kind: 'full', items: [] }, diagnostics.pull(request)),
  );
  connection.languages.diagnostics.onWorkspace((request, token, _workDone, progress) =>
    answer('workspace/diagnostic', token, { items: [] }, diagnostics.pullWorkspace(request, token, progress)),
  );
  connection.onRequest(fileStatus, ({ uri }: FileParams) => answers.status(uri));
  connection.onRequest<ProjectReview, void>(reviewOfProject, ({ uri }: FileParams, token: CancellationToken) =>
    reviewAt(URI.parse(uri), { projects, linterAt: linting.linterAt }, token),
  );
  connection.onRequest<WorkspaceSummary, void>(lintWorkspace, async (_params: object, token: CancellationToken) => {
    if (!support.dynamicPull) return new ResponseError(LSPErrorCodes.RequestFailed, 'The client pulls no diagnostics of the workspace.');
    everything = true;
    const [summary] = await Promise.all([diagnostics.nextWorkspace(token), offerPull()]);
    return summary;
  });
  // A failure is told: an empty answer would read as if nothing was found.
  connection.onRequest(evidence, (request: EvidenceParams, token: CancellationToken) =>
    evidenceOf(request, () => token.isCancellationRequested),
  );
  connection.onShutdown(() => diagnostics.stop());

  /** The answer, unless the client no longer waits for it. A failure is logged: as an error it would pop up with every key that is pressed. */
  async function answer<Result, Data>(
    method: string,
    token: { readonly isCancellationRequested: boolean },
    otherwise: Result,
    pending: Promise<Result>,
  ): Promise<Result | ResponseError<Data>> {
    const result = await pending.catch((error: unknown) => {
      connection.console.error(`${method} failed: ${detailOf(error)}`);
      return otherwise;
    });
    return token.isCancellationRequested ? new ResponseError(LSPErrorCodes.RequestCancelled, 'Cancelled') : result;
  }

  let offered: { readonly workspace: boolean; readonly registration: Disposable } | undefined;
  let offering: Promise<void> = Promise.resolve();
  /** Offers to answer pulls, those of the workspace only while the settings say so: what is offered is asked for again and again. */
  function offerPull(): Promise<void> {
    if (!support.dynamicPull) return Promise.resolve();
    offering = offering.then(async () => {
      const workspace = (await workspaceScope()) !== 'off';
      if (offered?.workspace === workspace) return;
      offered?.registration.dispose();
      const registration = await connection.client.register(DocumentDiagnosticRequest.type, {
        documentSelector: [...lintedDocuments],
        ...pullOptions(workspace),
      });
      offered = { workspace, registration };
    });
    return offering;
  }

  /** Reads those of the folders themselves: what is wrong there is shown before any file is opened. */
  async function readConfigurations(of: readonly URI[]): Promise<void> {
    for (const folder of of) await configurations.reload(Utils.joinPath(folder, configurationName));
  }

  function changeFolders(added: readonly URI[], removed: readonly URI[]): void {
    folders = [...folders.filter((folder) => !removed.some((gone) => gone.toString() === folder.toString())), ...added];
    for (const folder of removed) {
      if (folders.some((other) => isBelow(other, folder))) continue;
      projects.drop(folder);
      for (const key of published.keys()) if (isBelow(folder, URI.parse(key))) publishErrors(URI.parse(key), undefined);
    }
    configurations.forget();
    guard(connection, 'Reading configurations', readConfigurations(added));
    diagnostics.refresh();
  }

  return {
    result: {
      serverInfo: { name: 'netsplit', version: NETSPLIT_VERSION },
      capabilities: {
        positionEncoding: PositionEncodingKind.UTF16,
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: { includeText: false } },
        codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, convert.fixAllKind] },
        hoverProvider: true,
        ...(support.folders && { workspace: { workspaceFolders: { supported: true, changeNotifications: true } } }),
        ...(support.pull &&
          !support.dynamicPull && {
            diagnosticProvider: pullOptions(parseSettings(support.options.settings).workspaceDiagnostics !== 'off'),
          }),
      },
    },
    async initialized() {
      const { client, workspace } = connection;
      if (support.folders) {
        workspace.onDidChangeWorkspaceFolders(({ added, removed }) =>
          changeFolders(
            added.map(({ uri }) => URI.parse(uri)),
            removed.map(({ uri }) => URI.parse(uri)),
          ),
        );
      }
      if (support.dynamicConfiguration) await client.register(DidChangeConfigurationNotification.type, { section: 'netsplit' });
      if (support.watchedFiles) {
        await client.register(DidChangeWatchedFilesNotification.type, { watchers: watched.map((globPattern) => ({ globPattern })) });
      }
      await offerPull();
      await readConfigurations(folders);
    },
  };
}

function pullOptions(workspaceDiagnostics: boolean) {
  return { identifier: 'netsplit', interFileDependencies: true, workspaceDiagnostics };
}

function hostOf(connection: Connection, { disk }: Place, { options }: Support): Host {
  const other = options.files === true ? clientFiles(connection) : noFiles;
  const of = (uri: URI): Host => (disk && uri.scheme === 'file' ? disk : other);
  return { list: (directory) => of(directory).list(directory), read: (file) => of(file).read(file) };
}

function foldersOf({ workspaceFolders, rootUri }: InitializeParams): readonly URI[] {
  if (workspaceFolders) return workspaceFolders.map(({ uri }) => URI.parse(uri));
  return rootUri ? [URI.parse(rootUri)] : [];
}

/** Lets a promise that nobody waits for fail into the log. */
function guard(connection: Connection, what: string, pending: Promise<unknown> | undefined): void {
  pending?.catch((error: unknown) => connection.console.error(`${what} failed: ${detailOf(error)}`));
}
