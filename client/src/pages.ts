/** The rules' pages, which are shipped with the extension. */
import { commands, FileType, languages, Uri, window, workspace } from 'vscode';

/** Shows the page of a rule; without one, of the rule that the user picks, those under the caret first. */
export async function explainRule(pages: Uri, rule: unknown): Promise<void> {
  const rules = await ruleIds(pages);
  const chosen = typeof rule === 'string' ? rule : await window.showQuickPick(caretFirst(rules), { placeHolder: 'The rule to explain' });
  if (chosen === undefined) return;
  if (!rules.includes(chosen)) {
    void window.showErrorMessage(`Netsplit has no rule ${chosen}.`);
    return;
  }
  const page = Uri.joinPath(pages, `${chosen}.md`);
  const hasPreview = (await commands.getCommands(true)).includes('markdown.showPreview');
  await (hasPreview ? commands.executeCommand('markdown.showPreview', page) : window.showTextDocument(page));
}

async function ruleIds(pages: Uri): Promise<readonly string[]> {
  const entries = await workspace.fs.readDirectory(pages);
  return entries
    .filter(([name, type]) => type === FileType.File && name.endsWith('.md') && name !== 'README.md')
    .map(([name]) => name.slice(0, -'.md'.length))
    .sort();
}

function caretFirst(rules: readonly string[]): string[] {
  const editor = window.activeTextEditor;
  const here = editor ? languages.getDiagnostics(editor.document.uri).filter(({ range }) => range.intersection(editor.selection)) : [];
  const codes = new Set(here.map(({ code }) => (typeof code === 'object' ? code.value : code)));
  return [...rules.filter((rule) => codes.has(rule)), ...rules.filter((rule) => !codes.has(rule))];
}
