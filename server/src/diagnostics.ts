/** Keeps the client's diagnostics those of the newest texts: pulled by the clients that can, else published. */
import type {
  CancellationToken,
  Connection,
  Diagnostic,
  DocumentDiagnosticParams,
  DocumentDiagnosticReport,
  ResultProgressReporter,
  TextDocuments,
  WorkspaceDiagnosticParams,
  WorkspaceDiagnosticReport,
  WorkspaceDiagnosticReportPartialResult,
  WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { URI } from 'vscode-uri';
import { createReports } from './reports';
import type { Settings } from './settings';
import type { Support } from './support';
import type { Texts } from './texts';

/** Milliseconds without a change after which a document is published: a burst of changes is linted once. */
const pause = 100;

/** Reports of the workspace that are sent at once. */
const batch = 20;

export interface Diagnostics {
  pull(params: DocumentDiagnosticParams): Promise<DocumentDiagnosticReport>;
  pullWorkspace(
    params: WorkspaceDiagnosticParams,
    token: CancellationToken,
    progress: ResultProgressReporter<WorkspaceDiagnosticReportPartialResult> | undefined,
  ): Promise<WorkspaceDiagnosticReport>;
  opened(document: TextDocument): void;
  changed(document: TextDocument): void;
  saved(document: TextDocument): void;
  closed(document: TextDocument): void;
  /** Something beside the documents has changed that findings depend on. */
  refresh(): void;
  /** Ends what waits. */
  stop(): void;
}

export interface DiagnosticsOptions {
  readonly connection: Connection;
  readonly support: Support;
  readonly documents: TextDocuments<TextDocument>;
  readonly texts: Texts;
  /** The diagnostics of a text at a place; `complete`: its project is waited for. */
  diagnose(uri: string, text: () => string, complete?: boolean): Promise<readonly Diagnostic[]>;
  settingsOf(uri: string): Promise<Settings>;
  /** URIs of the files whose diagnostics the workspace shows although they are not open. */
  workspaceFiles(isCancelled: () => boolean): Promise<readonly string[]>;
}

export function createDiagnostics(options: DiagnosticsOptions): Diagnostics {
  const { connection, support, documents, texts, diagnose, settingsOf, workspaceFiles } = options;
  const reports = createReports();
  /** Versions as opened or saved. */
  const clean = new Map<string, number>();
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  let refreshing: ReturnType<typeof setTimeout> | undefined;
  let generation = 0;
  let scanned = -1;
  const waiting = new Set<() => void>();
  let stopped = false;

  const failed = (what: string) => (error: unknown) => connection.console.error(`${what} failed: ${detailOf(error)}`);
  const isDirty = (document: TextDocument): boolean => clean.get(document.uri) !== document.version;

  function touched(): void {
    generation++;
    for (const resume of waiting) resume();
    waiting.clear();
  }

  function schedule(uri: string, delay: number): void {
    clearTimeout(timers.get(uri));
    timers.set(
      uri,
      setTimeout(() => {
        timers.delete(uri);
        publish(uri).catch(failed(`Publishing the diagnostics of ${uri}`));
      }, delay),
    );
  }

  async function publish(uri: string): Promise<void> {
    const { run } = await settingsOf(uri);
    const document = documents.get(uri);
    if (!document || (run === 'onSave' && isDirty(document))) return;
    let version = document.version;
    const diagnostics = await diagnose(uri, () => {
      version = document.version;
      return document.getText();
    });
    // A change that came meanwhile has scheduled the next one.
    if (documents.get(uri)?.version === version) await connection.sendDiagnostics({ uri, version, diagnostics: [...diagnostics] });
  }

  async function pull({ textDocument: { uri }, previousResultId }: DocumentDiagnosticParams): Promise<DocumentDiagnosticReport> {
    const { run } = await settingsOf(uri);
    const document = documents.get(uri);
    const last = run === 'onSave' && document && isDirty(document) ? reports.last(uri, previousResultId) : undefined;
    if (last) return last;
    const diagnostics = document ? await diagnose(uri, () => document.getText()) : [];
    return reports.of(uri, diagnostics, previousResultId);
  }

  async function* workspaceReports(
    previous: ReadonlyMap<string, string>,
    isCancelled: () => boolean,
  ): AsyncGenerator<WorkspaceDocumentDiagnosticReport> {
    const seen = new Set<string>();
    for (const uri of await workspaceFiles(isCancelled)) {
      if (isCancelled()) return;
      const parsed = URI.parse(uri);
      const document = texts.document(parsed);
      const name = document?.uri ?? uri;
      seen.add(name);
      const text = await texts.read(parsed);
      const diagnostics = text === undefined ? [] : await diagnose(name, () => document?.getText() ?? text, true);
      yield { ...reports.of(name, diagnostics, previous.get(name)), uri: name, version: document?.version ?? null };
    }
    for (const uri of previous.keys()) {
      if (!seen.has(uri) && !documents.get(uri)) yield { ...reports.of(uri, [], previous.get(uri)), uri, version: null };
    }
  }

  return {
    pull,
    async pullWorkspace({ previousResultIds }, token, progress) {
      // A client asks again as soon as it has its answer: the answer waits until there is something new.
      // A token that was cancelled before it came here tells nobody any more.
      if (scanned === generation && previousResultIds.length > 0 && !token.isCancellationRequested) {
        await new Promise<void>((resume) => {
          waiting.add(resume);
          token.onCancellationRequested(() => resume());
        });
      }
      if (stopped) return { items: [] };
      const started = generation;
      const items: WorkspaceDocumentDiagnosticReport[] = [];
      const previous = new Map(previousResultIds.map(({ uri, value }) => [uri, value]));
      for await (const report of workspaceReports(previous, () => token.isCancellationRequested)) {
        items.push(report);
        if (progress && items.length >= batch) progress.report({ items: items.splice(0) });
      }
      if (!token.isCancellationRequested) scanned = started;
      return { items };
    },
    opened(document) {
      clean.set(document.uri, document.version);
    },
    changed(document) {
      if (!support.pull) schedule(document.uri, isDirty(document) ? pause : 0);
    },
    saved(document) {
      clean.set(document.uri, document.version);
    },
    closed({ uri }) {
      clean.delete(uri);
      reports.forget(uri);
      touched();
      if (support.pull) return;
      clearTimeout(timers.get(uri));
      timers.delete(uri);
      connection.sendDiagnostics({ uri, diagnostics: [] }).catch(failed(`Clearing the diagnostics of ${uri}`));
    },
    refresh() {
      clearTimeout(refreshing);
      // Many files change at once when a branch is checked out.
      refreshing = setTimeout(() => {
        touched();
        if (!support.pull) for (const uri of documents.keys()) schedule(uri, 0);
        else if (support.refresh) {
          connection.languages.diagnostics.refresh().catch(failed('Asking the client to refresh its diagnostics'));
        }
      }, pause);
    },
    stop() {
      stopped = true;
      clearTimeout(refreshing);
      for (const timer of timers.values()) clearTimeout(timer);
      for (const resume of waiting) resume();
    },
  };
}

/** An error as the log shows it. */
export function detailOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
