/** The log, and what the client and the server say to each other in it. */
import { type Disposable, EventEmitter, LogLevel, type LogOutputChannel, workspace } from 'vscode';

/**
 * The channel that the client traces into. The client traces only where the level of the log is `trace`; here `netsplit.trace.server` alone turns
 * it on, whatever that level is.
 */
export function createTrace(log: LogOutputChannel): LogOutputChannel {
  const isOn = (): boolean => workspace.getConfiguration('netsplit').get('trace.server') !== 'off';
  const level = (): LogLevel => (isOn() ? LogLevel.Trace : log.logLevel);
  const levels = new EventEmitter<LogLevel>();
  const listeners: readonly Disposable[] = [
    levels,
    log.onDidChangeLogLevel(() => levels.fire(level())),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('netsplit.trace')) levels.fire(level());
    }),
  ];
  return {
    name: log.name,
    get logLevel() {
      return level();
    },
    onDidChangeLogLevel: levels.event,
    trace: (message, ...more) => (isOn() ? log.info(message, ...more) : log.trace(message, ...more)),
    debug: (message, ...more) => log.debug(message, ...more),
    info: (message, ...more) => log.info(message, ...more),
    warn: (message, ...more) => log.warn(message, ...more),
    error: (error, ...more) => log.error(error, ...more),
    append: (value) => log.append(value),
    appendLine: (value) => log.appendLine(value),
    replace: (value) => log.replace(value),
    clear: () => log.clear(),
    show: () => log.show(true),
    hide: () => log.hide(),
    dispose: () => listeners.forEach((listener) => void listener.dispose()),
  };
}
