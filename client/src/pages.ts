/** The rules' pages, which are shipped with the extension. */
import { commands, type ExtensionContext, languages, Uri, window } from 'vscode';

/** The folder of the pages. */
export function pagesOf(context: ExtensionContext): Uri {
  return Uri.joinPath(context.extensionUri, 'docs', 'rules');
}

/** Shows the page of a rule; without one, of the rule that the user picks, those under the caret first. */
export async function explainRule(context: ExtensionContext, rule: unknown): Promise<void> {
  const rules = ruleIds(context);
  const chosen = typeof rule === 'string' ? rule : await window.showQuickPick(caretFirst(rules), { placeHolder: 'The rule to explain' });
  if (chosen === undefined) return;
  if (!rules.includes(chosen)) {
    void window.showErrorMessage(`Netsplit has no rule ${chosen}.`);
    return;
  }
  const page = Uri.joinPath(pagesOf(context), `${chosen}.md`);
  try {
    await commands.executeCommand('markdown.showPreview', page);
  } catch {
    // The preview is an extension, which can be turned off.
    await window.showTextDocument(page);
  }
}

interface Manifest {
  readonly contributes: {
    readonly configuration: {
      readonly properties: { readonly 'netsplit.rules': { readonly properties: Readonly<Record<string, unknown>> } };
    };
  };
}

/** From the setting that names every rule: in a browser the folder of the pages cannot be listed. */
export function ruleIds(context: ExtensionContext): readonly string[] {
  const { contributes }: Manifest = context.extension.packageJSON;
  return Object.keys(contributes.configuration.properties['netsplit.rules'].properties).sort();
}

function caretFirst(rules: readonly string[]): string[] {
  const editor = window.activeTextEditor;
  const here = editor ? languages.getDiagnostics(editor.document.uri).filter(({ range }) => range.intersection(editor.selection)) : [];
  const codes = new Set(here.map(({ code }) => (typeof code === 'object' ? code.value : code)));
  return [...rules.filter((rule) => codes.has(rule)), ...rules.filter((rule) => !codes.has(rule))];
}
