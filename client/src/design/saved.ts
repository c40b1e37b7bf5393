/** Decisions that were saved, read back from the knowledge base. */
import { window, workspace } from 'vscode';
import type { Design } from '../../../core/design/answers';
import { storedDesigns } from '../../../core/design/learnings';
import { chooseFolder } from '../folders';
import { knowledgeBaseText, type Outcome } from '../knowledge-base';

/** Lets the user pick a decision of the folder's knowledge base and opens it; undefined when none is picked. */
export async function openSaved(open: (design: Design) => void): Promise<Outcome | undefined> {
  const folder = await chooseFolder('The folder whose decisions are read', 'Open a folder first: decisions are read from a file in it.');
  if (!folder) return undefined;
  const base = await knowledgeBaseText(folder);
  const designs = storedDesigns(base?.text ?? '');
  const shown = base ? workspace.asRelativePath(base.file, false) : 'The folder’s knowledge base';
  if (designs.length === 0) {
    return { done: false, text: base ? `${shown} holds no decision of Netsplit.` : `${shown} does not exist yet: save a decision first.` };
  }
  const items = designs.map((stored) => ({
    label: stored.design.name,
    description: stored.id,
    detail: stored.design.classes.map(({ name }) => name).join(', '),
    stored,
  }));
  const chosen = await window.showQuickPick(items, { placeHolder: `A decision from ${shown}`, matchOnDescription: true });
  if (!chosen) return undefined;
  const { design, errors } = chosen.stored;
  open(design);
  const [first] = errors;
  if (!first) return undefined;
  return { done: false, text: `Some of its answers cannot be used and are left out: ${first.path}: ${first.message}` };
}
