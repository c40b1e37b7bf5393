/** What the client can do, read once from its `initialize` request. */
import { DiagnosticTag, type InitializeParams, MarkupKind } from 'vscode-languageserver';
import type { InitializationOptions } from '../../core/protocol';

export interface Support {
  readonly options: InitializationOptions;
  /** The client asks for diagnostics; else they are published. */
  readonly pull: boolean;
  readonly dynamicPull: boolean;
  readonly refresh: boolean;
  readonly configuration: boolean;
  readonly dynamicConfiguration: boolean;
  readonly watchedFiles: boolean;
  readonly folders: boolean;
  readonly documentChanges: boolean;
  readonly codeActionLiterals: boolean;
  readonly hoverMarkdown: boolean;
  readonly relatedInformation: boolean;
  readonly codeDescription: boolean;
  readonly unnecessaryTag: boolean;
}

export function supportOf(params: InitializeParams): Support {
  const { textDocument, workspace } = params.capabilities;
  const options: unknown = params.initializationOptions;
  // A client that pulls describes its diagnostics there, one that is published to describes them here.
  const display = textDocument?.diagnostic?.relatedInformation === undefined ? textDocument?.publishDiagnostics : textDocument.diagnostic;
  return {
    options: isInitializationOptions(options) ? options : {},
    pull: textDocument?.diagnostic !== undefined,
    dynamicPull: textDocument?.diagnostic?.dynamicRegistration === true,
    refresh: workspace?.diagnostics?.refreshSupport === true,
    configuration: workspace?.configuration === true,
    dynamicConfiguration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    watchedFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    folders: workspace?.workspaceFolders === true,
    documentChanges: workspace?.workspaceEdit?.documentChanges === true,
    codeActionLiterals: textDocument?.codeAction?.codeActionLiteralSupport !== undefined,
    hoverMarkdown: textDocument?.hover?.contentFormat?.includes(MarkupKind.Markdown) === true,
    relatedInformation: display?.relatedInformation === true,
    codeDescription: display?.codeDescriptionSupport === true,
    unnecessaryTag: display?.tagSupport?.valueSet.includes(DiagnosticTag.Unnecessary) === true,
  };
}

/** Options of another shape are another server's; they are as good as none. */
function isInitializationOptions(value: unknown): value is InitializationOptions {
  if (typeof value !== 'object' || value === null) return false;
  const { pages, commands, files } = value as Record<string, unknown>;
  return (
    (pages === undefined || typeof pages === 'string') &&
    (commands === undefined || (Array.isArray(commands) && commands.every((command) => typeof command === 'string'))) &&
    (files === undefined || typeof files === 'boolean')
  );
}
