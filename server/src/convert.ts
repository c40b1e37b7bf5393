/** From findings to the Language Server Protocol: every LSP type that the server sends is made here. */
import {
  type CodeAction,
  CodeActionKind,
  type Command,
  type Diagnostic,
  DiagnosticSeverity,
  DiagnosticTag,
  type Hover,
  type Range as LspRange,
  type TextEdit as LspTextEdit,
  MarkupKind,
  type Position,
  type WorkspaceEdit,
} from 'vscode-languageserver';
import type { ConfigurationError } from '../../core/configuration';
import type { LintFinding } from '../../core/linter';
import { explainCommand, type SimulateArguments, simulateCommand } from '../../core/protocol';
import type { Related, Rule, Severity } from '../../core/rule';
import { lineAt, lineStarts, type Range, type TextEdit } from '../../core/text';
import type { Action, ActionCommand } from './actions';
import { plainText } from './hover';
import type { Support } from './support';

export const source = 'netsplit';

export const fixAllKind = `${CodeActionKind.SourceFixAll}.netsplit`;

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** A text with what is needed to turn its offsets into positions. */
export interface Lines {
  readonly text: string;
  readonly starts: readonly number[];
}

export function linesOf(text: string): Lines {
  return { text, starts: lineStarts(text) };
}

export function toPosition({ starts }: Lines, offset: number): Position {
  const line = lineAt(starts, offset);
  return { line, character: offset - (starts[line] ?? 0) };
}

export function toRange(lines: Lines, range: Range): LspRange {
  return { start: toPosition(lines, range.start), end: toPosition(lines, range.end) };
}

/** The offset of a position; one beyond the line's or the text's end is that end. */
export function toOffset({ text, starts }: Lines, { line, character }: Position): number {
  const start = starts[line];
  if (start === undefined) return text.length;
  return Math.min(start + character, starts[line + 1] ?? text.length);
}

export interface DiagnosticOptions {
  readonly support: Support;
  readonly uri: string;
  readonly pageOf: (rule: Rule) => string | undefined;
  /** URI and text of another file of the project, by its path; undefined when it is not known. */
  readonly fileAt: (path: string) => { readonly uri: string; readonly text: string } | undefined;
}

export function toDiagnostic(lines: Lines, finding: LintFinding, options: DiagnosticOptions): Diagnostic {
  const { rule } = finding;
  const { support } = options;
  const page = support.codeDescription ? options.pageOf(rule) : undefined;
  const related = support.relatedInformation ? (finding.related ?? []).flatMap((other) => toRelated(lines, other, options)) : [];
  return {
    range: toRange(lines, finding.range),
    severity: severities[finding.severity],
    code: rule.id,
    ...(page !== undefined && { codeDescription: { href: page } }),
    source,
    message: finding.message,
    ...(support.unnecessaryTag && rule.id === 'unused-suppression' && { tags: [DiagnosticTag.Unnecessary] }),
    ...(related.length > 0 && { relatedInformation: related }),
  };
}

function toRelated(lines: Lines, { message, range, path }: Related, { uri, fileAt }: DiagnosticOptions) {
  const other = path === undefined ? { uri, text: lines.text } : fileAt(path);
  if (!other) return [];
  const otherLines = path === undefined ? lines : linesOf(other.text);
  return [{ message, location: { uri: other.uri, range: toRange(otherLines, range) } }];
}

/** What is wrong in `.netsplit.json`. */
export function toConfigurationDiagnostic(lines: Lines, { message, range }: ConfigurationError): Diagnostic {
  return { range: toRange(lines, range), severity: DiagnosticSeverity.Error, source, message };
}

export interface ActionOptions {
  readonly support: Support;
  readonly uri: string;
  /** Of the document that the edits are for. */
  readonly version: number;
  /** The diagnostic of a finding, as the client sent it where it did. */
  readonly diagnosticOf: (finding: LintFinding) => Diagnostic;
}

export function toCodeAction(lines: Lines, action: Action, options: ActionOptions): CodeAction {
  const diagnostics = action.kind === 'fixAll' ? [] : action.findings.map(options.diagnosticOf);
  return {
    title: action.title,
    kind: action.kind === 'fixAll' ? fixAllKind : CodeActionKind.QuickFix,
    ...(diagnostics.length > 0 && { diagnostics }),
    ...(action.preferred && { isPreferred: true }),
    ...(action.command
      ? { command: toCommand(action.title, action.command) }
      : { edit: toWorkspaceEdit(lines, action.edits ?? [], options) }),
  };
}

function toCommand(title: string, command: ActionCommand): Command {
  if (command.name === 'explain') return { title, command: explainCommand, arguments: [command.rule] };
  const simulated: SimulateArguments = { preset: command.preset };
  return { title, command: simulateCommand, arguments: [simulated] };
}

function toWorkspaceEdit(lines: Lines, edits: readonly TextEdit[], { support, uri, version }: ActionOptions): WorkspaceEdit {
  const textEdits: LspTextEdit[] = edits.map(({ range, newText }) => ({ range: toRange(lines, range), newText }));
  return support.documentChanges
    ? { documentChanges: [{ textDocument: { uri, version }, edits: textEdits }] }
    : { changes: { [uri]: textEdits } };
}

/** Texts of several rules at one place, over the range of the first. */
export function toHover(lines: Lines, range: Range, texts: readonly string[], { hoverMarkdown }: Support): Hover {
  const markdown = texts.join('\n\n---\n\n');
  return {
    range: toRange(lines, range),
    contents: hoverMarkdown
      ? { kind: MarkupKind.Markdown, value: markdown }
      : { kind: MarkupKind.PlainText, value: texts.map(plainText).join('\n\n') },
  };
}
