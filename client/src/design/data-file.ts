/** A file of JSON or YAML that the user picks: answers, a scenario. What is wrong with it is shown at its place. */
import { Range, type TextDocument, type Uri, window, workspace } from 'vscode';
import { parseData } from '../../../core/data';

/** What became of a parsed file: a value, or what is wrong with it by path, as `steps[2].node`. */
export type Read<Value> = { readonly value: Value } | { readonly errors: readonly { readonly path: string; readonly message: string }[] };

/** Lets the user pick a file and reads it; undefined when none is picked or it cannot be used, which is shown then. */
export async function chooseData<Value>(what: string, read: (value: unknown) => Read<Value>): Promise<Value | undefined> {
  const [file] =
    (await window.showOpenDialog({ title: `A file with ${what}`, filters: { 'JSON and YAML': ['json', 'jsonc', 'yaml', 'yml'] } })) ?? [];
  return file && readDataFile(file, what, read);
}

/** Reads a file; undefined when it cannot be used, which is shown with the first place to look at. */
export async function readDataFile<Value>(file: Uri, what: string, read: (value: unknown) => Read<Value>): Promise<Value | undefined> {
  const shown = workspace.asRelativePath(file);
  let document: TextDocument;
  try {
    document = await workspace.openTextDocument(file);
  } catch (error) {
    void window.showErrorMessage(`${shown} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
  const text = document.getText();
  const parsed = parseData(file.path, text);
  if (!parsed || text.trim() === '') {
    const why = parsed ? 'it is empty' : 'the name of the file must end in .json, .yaml or .yml';
    void window.showErrorMessage(`${shown} does not hold ${what}: ${why}.`);
    return undefined;
  }
  const refuse = (errors: readonly { readonly message: string; readonly offset: number }[]): undefined => {
    const lines = errors.map(({ message, offset }) => {
      const { line, character } = document.positionAt(offset);
      return `${shown}:${line + 1}:${character + 1}: ${message}`;
    });
    void showError(
      `${shown} does not hold ${what} that can be used. ${lines.slice(0, 3).join(' ')}${lines.length > 3 ? ` And ${lines.length - 3} more.` : ''}`,
      document,
      errors[0]?.offset ?? 0,
    );
    return undefined;
  };
  if ('errors' in parsed) return refuse(parsed.errors);
  const result = read(parsed.value);
  if ('value' in result) return result.value;
  return refuse(
    result.errors.map(({ path, message }) => ({ message: path === '' ? message : `${path}: ${message}`, offset: parsed.offsetOf(path) })),
  );
}

async function showError(text: string, document: TextDocument, offset: number): Promise<void> {
  if (!(await window.showErrorMessage(text, 'Open'))) return;
  const at = document.positionAt(offset);
  await window.showTextDocument(document, { selection: new Range(at, at) });
}
