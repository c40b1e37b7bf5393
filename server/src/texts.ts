/** The text of a file as the user sees it: of an open document what the editor shows, else what is stored. */
import type { TextDocuments } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { URI } from 'vscode-uri';
import { type Host, isTooLarge } from './host';

export interface Texts {
  /** The open document, by any spelling of its URI. */
  document(uri: URI): TextDocument | undefined;
  /** The text of an open document or of a file; undefined when there is none, or a larger one than is read. */
  read(uri: URI): Promise<string | undefined>;
}

export function createTexts(documents: TextDocuments<TextDocument>, host: Host): Texts {
  // Editors spell one URI in several ways: `file:///c:/a` is `file:///C%3A/a`.
  const spellings = new Map<string, string>();
  documents.onDidOpen(({ document }) => spellings.set(URI.parse(document.uri).toString(), document.uri));
  documents.onDidClose(({ document }) => spellings.delete(URI.parse(document.uri).toString()));
  const document = (uri: URI): TextDocument | undefined => {
    const spelling = spellings.get(uri.toString());
    return spelling === undefined ? undefined : documents.get(spelling);
  };
  return {
    document,
    async read(uri) {
      const text = document(uri)?.getText() ?? (await host.read(uri));
      return text === undefined || isTooLarge(text) ? undefined : text;
    },
  };
}
