/** Generated code as files of the project: the user says which, and what is there already is never replaced. */
import { env, Uri, window, workspace } from 'vscode';
import type { GeneratedFile } from '../../../core/design/document';
import type { GeneratedCode } from '../../../core/design/generate/generate';
import { exists } from '../folders';
import { createFiles } from './code';
import { addDependencies } from './mix';
import { tell } from './outcome';
import { mixFolder } from './project';
import { askMany } from './quick-input';

/** Asks which of the files are wanted and creates them; then offers their packages, and the lines for settings that exist already. */
export async function createGenerated(title: string, { files, dependencies }: GeneratedCode): Promise<void> {
  const occupied = await occupiedAmong(files);
  const items = files.map((file) => {
    const isOccupied = occupied.includes(file);
    return {
      label: file.path,
      description: isOccupied ? 'is there with other content' : '',
      detail: file.what,
      picked: !isOccupied,
      value: file,
    };
  });
  const chosen = await askMany({ title, placeholder: 'Which files should be created? None is ever replaced.' }, items);
  if (chosen.kind !== 'answer' || chosen.value.length === 0) return;
  const outcome = await createFiles(chosen.value);
  await tell(outcome);
  if (!outcome?.done) return;
  for (const file of occupied.filter(({ path }) => path.startsWith('config/'))) void offerLines(file);
  if (dependencies.length === 0) return;
  const names = dependencies.map(({ name }) => name).join(', ');
  const add = 'Add to mix.exs';
  void window
    .showInformationMessage(`The code needs packages: ${names}.`, add)
    .then(async (choice) => (choice === add ? tell(await addDependencies(dependencies)) : undefined));
}

/** Those that the project has with another text. */
async function occupiedAmong(files: readonly GeneratedFile[]): Promise<readonly GeneratedFile[]> {
  const folder = await mixFolder();
  if (!folder) return [];
  const found: GeneratedFile[] = [];
  for (const file of files) {
    const uri = Uri.joinPath(folder.uri, file.path);
    if (!(await exists(uri))) continue;
    if (new TextDecoder().decode(await workspace.fs.readFile(uri)) !== file.content) found.push(file);
  }
  return found;
}

async function offerLines({ path, content }: GeneratedFile): Promise<void> {
  const copy = 'Copy the Lines';
  const choice = await window.showInformationMessage(`${path} is there already: the code needs settings in it.`, copy);
  if (choice === copy) await env.clipboard.writeText(content.replace(/^import Config\s+/, ''));
}
