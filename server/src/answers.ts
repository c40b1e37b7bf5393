/** What is asked about one document: its diagnostics, what can be done about them, and what they mean. Each answer lints the newest text. */
import {
  type CodeAction,
  type CodeActionContext,
  CodeActionKind,
  type CodeActionParams,
  CodeActionTriggerKind,
  type Diagnostic,
  type Hover,
  type HoverParams,
  type TextDocuments,
} from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { URI, Utils } from 'vscode-uri';
import type { LintFinding } from '../../core/linter';
import { kindOf } from '../../core/project/manifests';
import { explainCommand, type FileStatus, simulateCommand } from '../../core/protocol';
import type { Rule } from '../../core/rule';
import { parseDirectives } from '../../core/suppression';
import { lessonAt } from '../../core/teach/teach';
import { type ActionCommand, fixAllSafe, quickActions } from './actions';
import * as convert from './convert';
import { isTooLarge } from './host';
import { hoverText, lessonText } from './hover';
import type { Linted, Linting } from './linting';
import type { Projects } from './projects';
import type { Support } from './support';

export interface Answers {
  /** The diagnostics of the text that `text` returns once it is known what holds at the place; `complete`: the project is waited for. */
  diagnose(uri: string, text: () => string, complete?: boolean): Promise<readonly Diagnostic[]>;
  codeActions(params: CodeActionParams): Promise<CodeAction[]>;
  hover(params: HoverParams): Promise<Hover | null>;
  status(uri: string): Promise<FileStatus>;
}

export interface AnswersOptions {
  readonly rules: readonly Rule[];
  readonly documents: TextDocuments<TextDocument>;
  readonly linting: Linting;
  readonly projects: Projects;
  readonly support: Support;
  /** URI of the folder with the rules' pages. */
  readonly pages: string | undefined;
}

export function createAnswers({ rules, documents, linting, projects, support, pages }: AnswersOptions): Answers {
  const { linterAt, placeOf } = linting;
  /** By document: its version that was linted last, and the milliseconds that this took. */
  const measured = new Map<string, { readonly version: number; readonly took: number }>();
  documents.onDidClose(({ document }) => void measured.delete(document.uri));
  const pageOf = ({ id }: Pick<Rule, 'id'>): string | undefined => pages && `${pages.replace(/\/$/, '')}/${id}.md`;

  const known: Readonly<Record<string, ActionCommand['name']>> = { [explainCommand]: 'explain', [simulateCommand]: 'simulate' };
  const commands = new Set((support.options.commands ?? []).flatMap((command) => known[command] ?? []));

  function toDiagnostic(lines: convert.Lines, finding: LintFinding, uri: string, { root }: Linted): Diagnostic {
    const fileAt = (path: string) => {
      const text = root && projects.textOf(root, path);
      return root && text !== undefined ? { uri: Utils.joinPath(root, path).toString(), text } : undefined;
    };
    return convert.toDiagnostic(lines, finding, { support, uri, pageOf, fileAt });
  }

  async function openLinted(uri: string) {
    const document = documents.get(uri);
    if (!document || !isLinted(document)) return undefined;
    const lintText = await linterAt(uri);
    if (!lintText) return undefined;
    const linted = lintText(document.getText());
    return { version: document.version, lintText, linted, lines: convert.linesOf(linted.facts.text) };
  }

  return {
    async diagnose(uri, text, complete) {
      const document = documents.get(uri);
      const lintText = document && !isLinted(document) ? undefined : await linterAt(uri, complete);
      if (!lintText) return [];
      const started = performance.now();
      const linted = lintText(text());
      // The same text again is quicker, as its facts are known.
      if (document && measured.get(uri)?.version !== document.version) {
        measured.set(uri, { version: document.version, took: performance.now() - started });
      }
      const lines = convert.linesOf(linted.facts.text);
      return linted.result.findings.map((finding) => toDiagnostic(lines, finding, uri, linted));
    },

    async codeActions({ textDocument: { uri }, range, context }) {
      const opened = support.codeActionLiterals ? await openLinted(uri) : undefined;
      if (!opened) return [];
      const { version, lintText, linted, lines } = opened;
      const start = convert.toOffset(lines, range.start);
      const end = convert.toOffset(lines, range.end);
      const asked = context.diagnostics.filter((diagnostic) => diagnostic.source === convert.source);
      const findings = linted.result.findings.filter(
        (finding) =>
          touches(finding, start, end) && (asked.length === 0 || asked.some((diagnostic) => diagnostic.code === finding.rule.id)),
      );
      const fixAll = isWanted(context, convert.fixAllKind) ? fixAllSafe(linted, lintText) : undefined;
      const actions = [
        ...(isWanted(context, CodeActionKind.QuickFix) ? quickActions(linted, lintText, findings, commands) : []),
        ...(fixAll ? [fixAll] : []),
      ];
      const diagnosticOf = (finding: LintFinding): Diagnostic => {
        const own = toDiagnostic(lines, finding, uri, linted);
        return asked.find((diagnostic) => diagnostic.code === own.code && startsTogether(diagnostic, own)) ?? own;
      };
      return actions.map((action) => convert.toCodeAction(lines, action, { support, uri, version, diagnosticOf }));
    },

    async hover({ textDocument: { uri }, position }) {
      const opened = await openLinted(uri);
      if (!opened) return null;
      const { linted, lines } = opened;
      const offset = convert.toOffset(lines, position);
      const findings = linted.result.findings.filter((finding) => touches(finding, offset, offset));
      const texts = new Map(findings.map((finding) => [finding.rule.id, hoverText(finding.rule, finding, pageOf(finding.rule))]));
      const named = parseDirectives(linted.facts)
        .flatMap((directive) => directive.rules)
        .find((name) => touches(name, offset, offset));
      const rule = rules.find((candidate) => candidate.id === named?.id);
      if (rule) texts.set(rule.id, hoverText(rule, undefined, pageOf(rule)));
      const lesson = lessonAt(linted.facts, offset, linted.project);
      const range = findings[0]?.range ?? named?.range ?? lesson?.range;
      if (!range) return null;
      const lessons = lesson ? [lessonText(lesson, new Set(texts.keys()), pageOf)] : [];
      return convert.toHover(lines, range, [...texts.values(), ...lessons], support);
    },

    async status(uri) {
      const place = await placeOf(uri);
      if (place.notLinted === 'foreign') return { notLinted: 'foreign' };
      const { notLinted, root, configuration } = place;
      const document = documents.get(uri);
      const took = measured.get(uri)?.took;
      const why = notLinted ?? (document && isTooLarge(document.getText()) ? 'tooLarge' : undefined);
      return {
        ...(why && { notLinted: why }),
        ...(configuration && { configuration: configuration.uri.toString(), configurationErrors: configuration.errors.length }),
        ...(root && projects.isTooLarge(root) && { projectTooLarge: true }),
        ...(took !== undefined && { took }),
      };
    },
  };
}

/** Whether a document is Elixir: editors may be set up to send others as well. */
export function isElixir(document: TextDocument): boolean {
  return document.languageId === 'elixir' || /\.exs?$/.test(URI.parse(document.uri).path);
}

/** Elixir, and what may be a manifest of a project. */
function isLinted(document: TextDocument): boolean {
  return isElixir(document) || kindOf(URI.parse(document.uri).path) !== undefined;
}

/** A caret at either end of a range touches it. */
function touches({ range }: Pick<LintFinding, 'range'>, start: number, end: number): boolean {
  return range.start <= end && start <= range.end;
}

function startsTogether(a: Diagnostic, b: Diagnostic): boolean {
  return a.range.start.line === b.range.start.line && a.range.start.character === b.range.start.character;
}

/** Whether code actions of a kind are asked for; `source` asks for `source.fixAll.netsplit` too, which nobody wants with every move of the caret. */
function isWanted({ only, triggerKind }: CodeActionContext, kind: string): boolean {
  if (only) return only.some((wanted) => kind === wanted || kind.startsWith(`${wanted}.`));
  return kind === CodeActionKind.QuickFix || triggerKind === CodeActionTriggerKind.Invoked;
}
