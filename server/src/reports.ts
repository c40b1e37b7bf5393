/** Diagnostics as reports with result ids: a client that has the same ones already is told so instead of being sent them. */
import {
  type Diagnostic,
  DocumentDiagnosticReportKind,
  type FullDocumentDiagnosticReport,
  type UnchangedDocumentDiagnosticReport,
} from 'vscode-languageserver';

export type Report = FullDocumentDiagnosticReport | UnchangedDocumentDiagnosticReport;

export interface Reports {
  /** The report of a document with these diagnostics, for a client that holds the report `previous`. */
  of(uri: string, diagnostics: readonly Diagnostic[], previous: string | undefined): Report;
  /** The last report again. */
  last(uri: string, previous: string | undefined): Report | undefined;
  forget(uri: string): void;
}

export function createReports(): Reports {
  const sent = new Map<string, { readonly resultId: string; readonly diagnostics: readonly Diagnostic[]; readonly json: string }>();
  // A client may still hold a report of the server that this one replaces.
  const epoch = Date.now().toString(36);
  let count = 0;

  function last(uri: string, previous: string | undefined): Report | undefined {
    const known = sent.get(uri);
    if (!known) return undefined;
    const { resultId, diagnostics } = known;
    return resultId === previous
      ? { kind: DocumentDiagnosticReportKind.Unchanged, resultId }
      : { kind: DocumentDiagnosticReportKind.Full, resultId, items: [...diagnostics] };
  }

  return {
    last,
    of(uri, diagnostics, previous) {
      const json = JSON.stringify(diagnostics);
      if (sent.get(uri)?.json !== json) sent.set(uri, { resultId: `${epoch}-${++count}`, diagnostics, json });
      return last(uri, previous) ?? { kind: DocumentDiagnosticReportKind.Full, items: [...diagnostics] };
    },
    forget: (uri) => void sent.delete(uri),
  };
}
