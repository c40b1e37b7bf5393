/** Keeps the client's diagnostics those of the newest texts: pulled by the clients that can, else published. */
import {
  type CancellationToken,
  CancellationTokenSource,
  type Connection,
  type Diagnostic,
  type DocumentDiagnosticParams,
  type DocumentDiagnosticReport,
  type ResultProgressReporter,
  type TextDocuments,
  type WorkDoneProgressReporter,
  type WorkspaceDiagnosticParams,
  type WorkspaceDiagnosticReport,
  type WorkspaceDiagnosticReportPartialResult,
  type WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { URI } from 'vscode-uri';
import type { WorkspaceSummary } from '../../core/protocol';
import { createReports } from './reports';
import type { Settings } from './settings';
import type { Support } from './support';
import type { Texts } from './texts';

/** Milliseconds without a change after which a document is published: a burst of changes is linted once. */
const pause = 100;

/** Reports of the workspace that are sent at once. */
const batch = 20;

/** Milliseconds after which the user is told that the workspace is being linted. */
const unnoticed = 500;

/** Milliseconds after which linting the workspace ends, until something changes. */
const longest = 60_000;

/** Milliseconds after which messages such as a cancellation get in between two files. */
const turn = 20;

export interface Diagnostics {
  pull(params: DocumentDiagnosticParams): Promise<DocumentDiagnosticReport>;
  pullWorkspace(
    params: WorkspaceDiagnosticParams,
    token: CancellationToken,
    progress: ResultProgressReporter<WorkspaceDiagnosticReportPartialResult> | undefined,
  ): Promise<WorkspaceDiagnosticReport>;
  /** Lints the files of the workspace again, with the next pull of it. */
  nextWorkspace(token: CancellationToken): Promise<WorkspaceSummary>;
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
  /** URIs of the files whose diagnostics the workspace shows although they are not open; `complete`: there are no more. */
  workspaceFiles(isCancelled: () => boolean): Promise<WorkspaceFiles>;
}

export interface WorkspaceFiles {
  readonly uris: readonly string[];
  readonly complete: boolean;
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
  let givenUp = -1;
  const waiting = new Set<() => void>();
  const asked = new Set<{ readonly since: number; answer(summary: WorkspaceSummary): void }>();
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
    scan: Scan,
    { uris, complete }: WorkspaceFiles,
    previous: ReadonlyMap<string, string>,
  ): AsyncGenerator<WorkspaceDocumentDiagnosticReport> {
    const seen = new Set<string>();
    const end = performance.now() + longest;
    let breath = performance.now();
    for (const uri of uris) {
      if (scan.token.isCancellationRequested) return;
      if (performance.now() > end) {
        scan.ended = 'time';
        connection.console.warn(`Linting the workspace ended after ${longest / 1000} s, with ${scan.files} of ${uris.length} files.`);
        return;
      }
      const parsed = URI.parse(uri);
      const document = texts.document(parsed);
      const name = document?.uri ?? uri;
      seen.add(name);
      const text = await texts.read(parsed);
      const linting = text === undefined ? [] : diagnose(name, () => document?.getText() ?? text, true);
      // Reading a large project for the first time takes longer than anybody has to wait who gave up.
      const diagnostics = await Promise.race([linting, scan.cancelled]);
      if (diagnostics === undefined) return;
      scan.files++;
      scan.findings += diagnostics.length;
      yield { ...reports.of(name, diagnostics, previous.get(name)), uri: name, version: document?.version ?? null };
      if (performance.now() - breath > turn) {
        scan.progress?.report(Math.round((100 * scan.files) / uris.length), `${scan.files} of ${uris.length} files`);
        await new Promise((resume) => setTimeout(resume));
        breath = performance.now();
      }
    }
    if (scan.token.isCancellationRequested) return;
    for (const uri of previous.keys()) {
      if (!seen.has(uri) && !documents.get(uri)) yield { ...reports.of(uri, [], previous.get(uri)), uri, version: null };
    }
    scan.ended = complete ? 'complete' : 'maxFiles';
  }

  async function scanWorkspace(
    previous: ReadonlyMap<string, string>,
    token: CancellationToken,
    report: (report: WorkspaceDocumentDiagnosticReport) => void,
  ): Promise<void> {
    const started = generation;
    const cancellation = new CancellationTokenSource();
    const scan: Scan = {
      token: cancellation.token,
      cancelled: new Promise((resolve) => cancellation.token.onCancellationRequested(() => resolve(undefined))),
      files: 0,
      findings: 0,
      ended: 'cancelled',
    };
    const cancelling = token.onCancellationRequested(() => cancellation.cancel());
    if (token.isCancellationRequested) cancellation.cancel();
    const tell = () => show(scan, () => cancellation.cancel()).catch(failed('Showing the progress'));
    const showing = asked.size > 0 ? undefined : setTimeout(() => void tell(), unnoticed);
    try {
      if (!showing) await tell();
      const files = await workspaceFiles(() => scan.token.isCancellationRequested);
      for await (const item of workspaceReports(scan, files, previous)) report(item);
    } finally {
      clearTimeout(showing);
      cancelling.dispose();
      scan.over = true;
      scan.progress?.done();
    }
    // The client may cancel to ask again at once; the user cancels to have it end.
    if (token.isCancellationRequested) return;
    scanned = started;
    if (scan.ended === 'cancelled') givenUp = started;
    const { files, findings, ended } = scan;
    for (const question of asked) {
      if (question.since > started) continue;
      asked.delete(question);
      question.answer({ files, findings, ended });
    }
  }

  /** Tells the user of a scan, who can cancel it. */
  async function show(scan: Scan, cancel: () => void): Promise<void> {
    const progress = await connection.window.createWorkDoneProgress();
    if (scan.over) return;
    progress.begin('Netsplit: linting the workspace', 0, undefined, true);
    progress.token.onCancellationRequested(cancel);
    scan.progress = progress;
  }

  return {
    pull,
    async pullWorkspace({ previousResultIds }, token, progress) {
      // A client asks again as soon as it has its answer: the answer waits until there is something new.
      // A token that was cancelled before it came here tells nobody any more.
      // A client that has nothing yet is not kept waiting, unless the user wanted no more.
      const isKnown = scanned === generation && (previousResultIds.length > 0 || givenUp === generation);
      if (isKnown && !token.isCancellationRequested) {
        await new Promise<void>((resume) => {
          waiting.add(resume);
          token.onCancellationRequested(() => resume());
        });
      }
      if (stopped) return { items: [] };
      const items: WorkspaceDocumentDiagnosticReport[] = [];
      const previous = new Map(previousResultIds.map(({ uri, value }) => [uri, value]));
      await scanWorkspace(previous, token, (report) => {
        items.push(report);
        if (progress && items.length >= batch) progress.report({ items: items.splice(0) });
      });
      return { items };
    },
    nextWorkspace(token) {
      touched();
      return new Promise((answer) => {
        const question = { since: generation, answer };
        asked.add(question);
        token.onCancellationRequested(() => {
          asked.delete(question);
          answer({ files: 0, findings: 0, ended: 'cancelled' });
        });
      });
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
      for (const { answer } of asked) answer({ files: 0, findings: 0, ended: 'cancelled' });
    },
  };
}

/** One way through the files of the workspace. */
interface Scan {
  readonly token: CancellationToken;
  /** Resolves when the token is cancelled. */
  readonly cancelled: Promise<undefined>;
  files: number;
  findings: number;
  ended: WorkspaceSummary['ended'];
  over?: boolean;
  progress?: WorkDoneProgressReporter;
}

/** An error as the log shows it. */
export function detailOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
