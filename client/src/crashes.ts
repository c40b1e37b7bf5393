/** What happens when the server ends by itself: it is started again, with all that is open, unless that has happened too often. */
import { commands, window } from 'vscode';
import { CloseAction, ErrorAction, type ErrorHandler } from 'vscode-languageclient';

/** So many ends within so many milliseconds are too many. */
const most = 5;
const period = 3 * 60 * 1000;

export interface Crashes extends ErrorHandler {
  /** The user has started the server again: what was before does not count. */
  forget(): void;
  /** Whether the server has ended by itself, which is dealt with here. */
  hasEnded(): boolean;
}

export function createCrashes(): Crashes {
  let ends: readonly number[] = [];
  return {
    forget: () => {
      ends = [];
    },
    hasEnded: () => ends.length > 0,
    // A connection that cannot be written to is about to be closed, which is answered below.
    error: () => ({ action: ErrorAction.Continue, handled: true }),
    closed() {
      const now = performance.now();
      ends = [...ends.filter((end) => now - end < period), now];
      if (ends.length < most) {
        return { action: CloseAction.Restart, handled: true, message: 'The server has ended by itself and is started again.' };
      }
      void offerLog(`Netsplit’s server has ended ${most} times within 3 minutes, so it is not started again. The log says what happened.`);
      return { action: CloseAction.DoNotRestart, handled: true, message: `The server has ended ${most} times within 3 minutes.` };
    },
  };
}

/** Says what went wrong, and leads to the log or to another try. */
export async function offerLog(message: string): Promise<void> {
  const log = 'Show Log';
  const restart = 'Restart Server';
  const chosen = await window.showErrorMessage(message, log, restart);
  if (chosen === log) await commands.executeCommand('netsplit.showLog');
  if (chosen === restart) await commands.executeCommand('netsplit.restartServer');
}
