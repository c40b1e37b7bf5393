/** The extension: starts the server and offers the commands. The same for a desktop and for a browser. */
import { commands, EventEmitter, type ExtensionContext, window } from 'vscode';
import { type BaseLanguageClient, type LanguageClientOptions, RevealOutputChannelOn } from 'vscode-languageclient';
import { explainCommand, type InitializationOptions, lintedDocuments, simulateCommand } from '../../core/protocol';
import { createConfiguration } from './configuration';
import { createCrashes, offerLog } from './crashes';
import { copyDebugInfo } from './debug-info';
import { provideDecisionDocuments } from './design/decision-document';
import { design } from './design/design';
import { investigate } from './design/investigate';
import { learn } from './design/learn';
import { simulate } from './design/simulate';
import { registerDesignPage } from './design-page';
import { answerFileRequests } from './files';
import { fixAll } from './fix-all';
import { explainRule, pagesOf } from './pages';
import { registerReview } from './review';
import { showStatus } from './status';
import { provideTasks } from './tasks';
import { createTrace } from './trace';
import { lintWorkspace } from './workspace';

/** Makes the client that fits the host, not yet started. */
export type CreateClient = (options: LanguageClientOptions) => BaseLanguageClient;

let client: BaseLanguageClient | undefined;

export async function activate(context: ExtensionContext, createClient: CreateClient): Promise<void> {
  const log = window.createOutputChannel('Netsplit', { log: true });
  const trace = createTrace(log);
  const crashes = createCrashes();
  const linted = new EventEmitter<void>();
  const initializationOptions: InitializationOptions = {
    pages: pagesOf(context).toString(),
    commands: [explainCommand, simulateCommand],
    files: true,
  };
  const started = createClient({
    // No scheme: what vscode.dev opens is not `file:`.
    documentSelector: [...lintedDocuments],
    outputChannel: log,
    traceOutputChannel: trace,
    // What goes wrong is in the log; nobody has to click it away.
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    errorHandler: crashes,
    initializationFailedHandler: () => false,
    initializationOptions,
    diagnosticPullOptions: { onChange: true, onSave: true },
    middleware: {
      async provideDiagnostics(document, previous, token, next) {
        const report = await next(document, previous, token);
        linted.fire();
        return report;
      },
    },
  });

  const writeError = started.error.bind(started);
  started.error = (message, data) => writeError(message, data, false);

  async function start(): Promise<void> {
    try {
      await started.start();
    } catch {
      // The client has written why. A server that has ended is started again, or given up, elsewhere.
      if (!crashes.hasEnded()) void offerLog('Netsplit’s server could not be started. The log says why.');
    }
  }

  registerDesignPage(context);
  context.subscriptions.push(
    log,
    trace,
    linted,
    showStatus(started, linted.event),
    provideTasks(),
    answerFileRequests(started),
    registerReview(started),
    provideDecisionDocuments(),
    commands.registerCommand('netsplit.design', (argument?: unknown) => design(context, argument)),
    commands.registerCommand('netsplit.simulate', (argument?: unknown) => simulate(context, argument)),
    commands.registerCommand('netsplit.investigate', (argument?: unknown) => investigate(started, argument)),
    commands.registerCommand('netsplit.learn', (argument?: unknown) => learn(context, started, argument)),
    commands.registerCommand('netsplit.explainRule', (rule?: unknown) => explainRule(context, rule)),
    commands.registerCommand('netsplit.fixAll', () => fixAll()),
    commands.registerCommand('netsplit.createConfig', () => createConfiguration()),
    commands.registerCommand('netsplit.lintWorkspace', () => lintWorkspace(started)),
    commands.registerCommand('netsplit.restartServer', async () => {
      crashes.forget();
      // A server that does not answer counts as stopped, too.
      if (started.isRunning()) await started.stop().catch(() => undefined);
      await start();
    }),
    commands.registerCommand('netsplit.showLog', () => log.show()),
    commands.registerCommand('netsplit.copyDebugInfo', () => copyDebugInfo(context, started)),
  );
  client = started;
  await start();
}

/** Ends the server; VS Code waits for it. */
export async function deactivate(): Promise<void> {
  await client?.dispose();
  client = undefined;
}
