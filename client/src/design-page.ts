/** The design page: a panel whose answers, ranking, simulator and code are worked out in the page itself; what touches files is done here. */
import { type ExtensionContext, env, Uri, ViewColumn, type WebviewPanel, window } from 'vscode';
import { answersFile, type Design } from '../../core/design/answers';
import { documentOf } from '../webview/html';
import { isToExtension, type SimulationStart, type ToExtension, type ToPage } from '../webview/messages';
import { createFiles, insertAtCursor, rememberEditors } from './design/code';
import { addDependencies } from './design/mix';
import { projectView } from './design/project';
import { saveRecords } from './design/records';
import { openSaved } from './design/saved';
import { type Outcome, saveSection } from './knowledge-base';

const viewType = 'netsplit.design';

/** Pages that are open, the last shown at the end. */
const open = new Set<DesignPage>();

interface DesignPage {
  readonly panel: WebviewPanel;
  tell(message: ToPage): void;
}

/**
 * Opens the design page. With answers a page of its own that begins with them; without, the one that is open, or one about which nothing is known.
 * `simulation` lets it begin with the simulator, on that protocol.
 */
export function openDesignPage(context: ExtensionContext, answers?: Design, simulation?: SimulationStart): void {
  const known = answers === undefined ? [...open].at(-1) : undefined;
  const page = known ?? createPage(context, newPanel());
  page.panel.reveal();
  if (answers !== undefined) page.tell({ type: 'design', answers: answersFile(answers) });
  if (simulation !== undefined) page.tell({ type: 'simulation', start: simulation });
}

/** Lets pages come back with the window, and keeps in mind which editor code goes into. */
export function registerDesignPage(context: ExtensionContext): void {
  context.subscriptions.push(
    rememberEditors(),
    window.registerWebviewPanelSerializer(viewType, {
      // The page reads its own state.
      deserializeWebviewPanel: async (panel) => void createPage(context, panel),
    }),
  );
}

function newPanel(): WebviewPanel {
  return window.createWebviewPanel(viewType, 'Design', ViewColumn.Active);
}

function createPage(context: ExtensionContext, panel: WebviewPanel): DesignPage {
  const { webview } = panel;
  const dist = Uri.joinPath(context.extensionUri, 'dist');
  let waiting: ToPage[] | undefined = [];
  const post = (message: ToPage) => void webview.postMessage(message);
  const page: DesignPage = {
    panel,
    // What is said before the page listens is kept for it.
    tell: (message) => (waiting ? void waiting.push(message) : post(message)),
  };
  const subscriptions = [
    webview.onDidReceiveMessage(async (message: unknown) => {
      if (!isToExtension(message)) return;
      if (message.type === 'ready') {
        post({ type: 'project', project: await projectView() });
        for (const kept of waiting ?? []) post(kept);
        waiting = undefined;
        return;
      }
      const outcome = await perform(message, context);
      if (outcome) tellOutcome(page, outcome);
    }),
    panel.onDidChangeViewState(() => {
      if (!panel.active) return;
      open.delete(page);
      open.add(page);
    }),
    panel.onDidDispose(() => {
      open.delete(page);
      for (const one of subscriptions) one.dispose();
    }),
  ];
  open.add(page);
  webview.options = { enableScripts: true, localResourceRoots: [dist] };
  const script = webview.asWebviewUri(Uri.joinPath(dist, 'webview.js')).toString();
  webview.html = documentOf({ script, nonce: crypto.randomUUID() });
  return page;
}

function tellOutcome(page: DesignPage, { done, text, file }: Outcome): void {
  page.tell({ type: 'outcome', done, text });
  if (!file) return;
  void window.showInformationMessage(text, 'Open').then((choice) => choice && window.showTextDocument(file));
}

/** Does what the page asks; undefined when there is nothing to say about it. */
async function perform(message: Exclude<ToExtension, { type: 'ready' }>, context: ExtensionContext): Promise<Outcome | undefined> {
  try {
    switch (message.type) {
      case 'copy':
        await env.clipboard.writeText(message.text);
        return { done: true, text: 'Copied.' };
      case 'insert':
        return await insertAtCursor(message.text);
      case 'create-files':
        return await createFiles(message.files);
      case 'add-dependencies':
        return await addDependencies(message.dependencies);
      case 'save-decision':
        return await saveSection(message.section);
      case 'save-records':
        return await saveRecords(message.records);
      case 'open-saved':
        return await openSaved((design) => openDesignPage(context, design));
    }
  } catch (error) {
    return { done: false, text: error instanceof Error ? error.message : String(error) };
  }
}
