/** An editor for tests: speaks the protocol with the built server, keeps documents as an editor does, and waits for events, never for time. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  type ClientCapabilities,
  type CodeAction,
  type CodeActionContext,
  CodeActionTriggerKind,
  type ConfigurationParams,
  createProtocolConnection,
  type Diagnostic,
  type DocumentDiagnosticReport,
  type FileChangeType,
  type Hover,
  type InitializeParams,
  type InitializeResult,
  type LogMessageParams,
  type Position,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type Range,
  type Registration,
  type RegistrationParams,
  type TextEdit,
  type UnregistrationParams,
  type WorkspaceEdit,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Server, Transport } from './transports';

/** What VS Code's client says it can, as far as the server looks. */
export const pulls: ClientCapabilities = {
  workspace: {
    configuration: true,
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
    workspaceFolders: true,
    workspaceEdit: { documentChanges: true },
    diagnostics: { refreshSupport: true },
  },
  textDocument: {
    codeAction: {
      codeActionLiteralSupport: { codeActionKind: { valueSet: [] } },
      isPreferredSupport: true,
    },
    hover: { contentFormat: ['markdown', 'plaintext'] },
    diagnostic: {
      dynamicRegistration: true,
      relatedInformation: true,
      codeDescriptionSupport: true,
      tagSupport: { valueSet: [1, 2] },
    },
  },
};

/** A plain client: it is published to, registers nothing and cannot be asked for settings. */
export const isPublishedTo: ClientCapabilities = {
  textDocument: {
    codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: [] } } },
    hover: { contentFormat: ['plaintext'] },
    publishDiagnostics: { relatedInformation: true, tagSupport: { valueSet: [1, 2] } },
  },
};

export interface EditorOptions {
  readonly capabilities?: ClientCapabilities;
  readonly folders?: readonly string[];
  readonly initializationOptions?: unknown;
  /** The section `netsplit` of the settings, where the client can be asked. */
  readonly settings?: unknown;
}

export interface Editor {
  readonly server: Server;
  readonly connection: ProtocolConnection;
  readonly initialized: InitializeResult;
  /** What the server has registered and not unregistered. */
  readonly registrations: Registration[];
  readonly log: LogMessageParams[];
  readonly publications: readonly PublishDiagnosticsParams[];
  settings: unknown;
  open(uri: string, text: string, languageId?: string): Promise<void>;
  /** Replaces a range, or the whole text, as the next version. */
  change(uri: string, newText: string, range?: Range): Promise<void>;
  save(uri: string): Promise<void>;
  close(uri: string): Promise<void>;
  textOf(uri: string): string;
  pull(uri: string, previousResultId?: string): Promise<DocumentDiagnosticReport>;
  /** The diagnostics of a full report. */
  diagnostics(uri: string): Promise<readonly Diagnostic[]>;
  /** The newest published diagnostics of the document for which `accept` holds, waited for. */
  published(uri: string, accept: (params: PublishDiagnosticsParams) => boolean): Promise<PublishDiagnosticsParams>;
  codeActions(uri: string, range: Range, context?: Partial<CodeActionContext>): Promise<readonly CodeAction[]>;
  hover(uri: string, position: Position): Promise<Hover | null>;
  /** Applies the edits of an action to the documents. */
  apply(action: CodeAction): Promise<void>;
  changeFiles(changes: readonly { readonly uri: string; readonly type: FileChangeType }[]): Promise<void>;
  /** Resolves with the next refresh that the server asks for from now on. */
  refresh(): Promise<void>;
  /** Resolves with the first line of the log that matches. */
  logged(pattern: RegExp): Promise<string>;
  /** Resolves once the server has registered the method. */
  registered(method: string): Promise<Registration>;
  /** Resolves with the next change of what is registered. */
  registeredNext(): Promise<void>;
  /** Says goodbye; returns the exit code. */
  shutdown(): Promise<number | null>;
}

/** Starts a server and an editor around it, both of which end with the test. */
export async function startEditor(t: TestContext, transport: Transport, options: EditorOptions = {}): Promise<Editor> {
  const server = await transport.start();
  const connection = createProtocolConnection(server.reader, server.writer);
  t.after(async () => {
    connection.dispose();
    await server.kill();
  });
  const documents = new Map<string, TextDocument>();
  const registrations: Registration[] = [];
  const log: LogMessageParams[] = [];
  const publications: PublishDiagnosticsParams[] = [];
  const events = new EventTarget();
  const happened = (name: string): void => void events.dispatchEvent(new Event(name));
  const until = async <Value>(name: string, find: () => Value | undefined): Promise<Value> => {
    for (let found = find(); ; found = find()) {
      if (found !== undefined) return found;
      await once(events, name);
    }
  };

  connection.onRequest('workspace/configuration', ({ items }: ConfigurationParams) =>
    items.map(({ section }) => (section === 'netsplit' ? editor.settings : null)),
  );
  connection.onRequest('client/registerCapability', (params: RegistrationParams) => {
    registrations.push(...params.registrations);
    happened('register');
    return null;
  });
  connection.onRequest('client/unregisterCapability', (params: UnregistrationParams) => {
    for (const { id } of params.unregisterations) {
      const at = registrations.findIndex((registration) => registration.id === id);
      if (at >= 0) registrations.splice(at, 1);
    }
    happened('register');
    return null;
  });
  connection.onRequest('workspace/diagnostic/refresh', () => {
    happened('refresh');
    return null;
  });
  connection.onRequest('netsplit/listDirectory', ({ uri }: { uri: string }) => orNull(() => listDirectory(uri)));
  connection.onRequest('netsplit/readFile', ({ uri }: { uri: string }) => orNull(() => readFileSync(fileURLToPath(uri), 'utf8')));
  connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    publications.push(params);
    happened('publish');
  });
  connection.onNotification('window/logMessage', (message: LogMessageParams) => {
    log.push(message);
    happened('log');
  });
  // What still waits for an answer of a server that has ended fails, instead of waiting for ever.
  connection.onClose(() => connection.dispose());
  connection.listen();

  const own = typeof options.initializationOptions === 'object' ? options.initializationOptions : {};
  const params: InitializeParams = {
    processId: process.pid,
    rootUri: options.folders?.[0] ?? null,
    capabilities: options.capabilities ?? pulls,
    initializationOptions: { ...(!transport.hasDisk && { files: true }), ...own },
    workspaceFolders: options.folders?.map((uri) => ({ uri, name: path.basename(uri) })) ?? null,
  };

  const documentAt = (uri: string): TextDocument => {
    const document = documents.get(uri);
    assert.ok(document, `${uri} is not open`);
    return document;
  };

  const editor: Editor = {
    server,
    connection,
    initialized: await connection.sendRequest('initialize', params),
    registrations,
    log,
    publications,
    settings: options.settings ?? null,
    async open(uri, text, languageId = 'elixir') {
      documents.set(uri, TextDocument.create(uri, languageId, 1, text));
      await connection.sendNotification('textDocument/didOpen', { textDocument: { uri, languageId, version: 1, text } });
    },
    async change(uri, text, range) {
      const document = documentAt(uri);
      const change = range ? { range, text } : { text };
      const version = document.version + 1;
      documents.set(uri, TextDocument.update(document, [change], version));
      await connection.sendNotification('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [change] });
    },
    save: (uri) => connection.sendNotification('textDocument/didSave', { textDocument: { uri } }),
    async close(uri) {
      documents.delete(uri);
      await connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
    },
    textOf: (uri) => documentAt(uri).getText(),
    pull: (uri, previousResultId) =>
      connection.sendRequest('textDocument/diagnostic', {
        textDocument: { uri },
        ...(previousResultId !== undefined && { previousResultId }),
      }),
    async diagnostics(uri) {
      const report = await editor.pull(uri);
      assert.equal(report.kind, 'full');
      return report.kind === 'full' ? report.items : [];
    },
    published: (uri, accept) => until('publish', () => publications.filter((params) => params.uri === uri && accept(params)).at(-1)),
    codeActions: (uri, range, context = {}) =>
      connection.sendRequest('textDocument/codeAction', {
        textDocument: { uri },
        range,
        context: { diagnostics: [], triggerKind: CodeActionTriggerKind.Invoked, ...context },
      }),
    hover: (uri, position) => connection.sendRequest('textDocument/hover', { textDocument: { uri }, position }),
    async apply({ title, edit }) {
      assert.ok(edit, `${title} has no edit`);
      for (const [uri, edits] of editsOf(edit, documentAt)) await editor.change(uri, TextDocument.applyEdits(documentAt(uri), [...edits]));
    },
    changeFiles: (changes) => connection.sendNotification('workspace/didChangeWatchedFiles', { changes }),
    refresh: async () => void (await once(events, 'refresh')),
    logged: (pattern) => until('log', () => log.find(({ message }) => pattern.test(message))?.message),
    registered: (method) => until('register', () => registrations.find((registration) => registration.method === method)),
    registeredNext: async () => void (await once(events, 'register')),
    async shutdown() {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      return transport.hasDisk ? server.ended : 0;
    },
  };
  await connection.sendNotification('initialized', {});
  return editor;
}

/** The edits of a workspace edit by document; an edit for another version than the open one must not be applied. */
function editsOf(edit: WorkspaceEdit, documentAt: (uri: string) => TextDocument): readonly (readonly [string, readonly TextEdit[]])[] {
  if (!edit.documentChanges) return Object.entries(edit.changes ?? {});
  return edit.documentChanges.map((change) => {
    assert.ok('textDocument' in change && 'edits' in change);
    const { uri, version } = change.textDocument;
    assert.equal(version, documentAt(uri).version);
    return [uri, change.edits as TextEdit[]] as const;
  });
}

function listDirectory(uri: string) {
  const folder = fileURLToPath(uri);
  return readdirSync(folder).map((name) => {
    const stat = lstatSync(path.join(folder, name));
    return { name, kind: stat.isFile() ? 'file' : stat.isDirectory() ? 'directory' : 'other' };
  });
}

function orNull<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch {
    return null;
  }
}

/** A folder of the test's own, with a copy of a fixture where one is named, which goes with the test. */
export function temporaryFolder(t: TestContext, fixture?: string): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'netsplit-lsp-')));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  // The root of a repository: what stands above it does not count.
  mkdirSync(path.join(folder, '.git'));
  if (fixture !== undefined) cpSync(path.resolve('test/fixtures/lsp', fixture), folder, { recursive: true });
  return folder;
}

export function uriOf(...segments: readonly string[]): string {
  return pathToFileURL(path.join(...segments)).href;
}

/** The range of the first occurrence of `part` in a text. */
export function rangeOf(text: string, part: string): Range {
  const start = text.indexOf(part);
  assert.ok(start >= 0, `${part} does not occur`);
  const document = TextDocument.create('', '', 0, text);
  return { start: document.positionAt(start), end: document.positionAt(start + part.length) };
}

/** What a diagnostic points at. */
export function textAt(text: string, range: Range): string {
  return TextDocument.create('', '', 0, text).getText(range);
}
