/** What the language status says about the file in the active editor: plain data, row by row. */
import type { FileStatus } from '../../core/protocol';

export interface Row {
  readonly text: string;
  readonly detail?: string;
  readonly severity?: 'warning' | 'error';
  readonly busy?: boolean;
  readonly command?: { readonly title: string; readonly command: string; readonly arguments?: readonly unknown[] };
}

export type ServerState = 'starting' | 'running' | 'stopped';

/** Findings by severity. */
export interface Counts {
  readonly error: number;
  readonly warning: number;
  readonly info: number;
  readonly hint: number;
}

/** Milliseconds of linting from which on every change of a file is felt. */
export const slow = 1000;

/** How the server is, and what it found in this file and in the others. */
export function findingsRow(state: ServerState, status: FileStatus | undefined, here: Counts, elsewhere: number): Row {
  if (state === 'starting') return { text: 'Netsplit is starting', busy: true };
  if (state === 'stopped') {
    const command = { title: 'Restart', command: 'netsplit.restartServer' };
    return { text: 'Netsplit has stopped', detail: 'nothing is linted', severity: 'error', command };
  }
  if (status?.notLinted) {
    const command = settingsOf(status.notLinted);
    return { text: 'Netsplit: not linted', detail: reasons[status.notLinted], ...(command && { command }) };
  }
  const total = here.error + here.warning + here.info + here.hint;
  const parts = (['error', 'warning', 'info', 'hint'] as const).flatMap((severity) => {
    const count = here[severity];
    return count === 0 ? [] : [severity === 'info' ? `${count} info` : amount(count, severity)];
  });
  const others = elsewhere === 0 ? [] : [`${elsewhere} in other files`];
  const detail = [...parts, ...others].join(', ');
  return {
    text: `Netsplit: ${total === 0 ? 'no findings' : amount(total, 'finding')}`,
    ...(detail && { detail }),
    command: { title: 'Problems', command: 'workbench.actions.view.problems' },
  };
}

/** Which `.netsplit.json` holds; `name` is how the user knows it. */
export function configurationRow({ configuration, configurationErrors = 0 }: FileStatus, name: (uri: string) => string): Row {
  if (configuration === undefined) {
    return { text: 'No .netsplit.json', detail: 'settings hold', command: { title: 'Create', command: 'netsplit.createConfig' } };
  }
  const isWrong = configurationErrors > 0;
  return {
    text: name(configuration),
    detail: isWrong ? `${amount(configurationErrors, 'error')}, so what it said before holds` : 'holds for this file',
    ...(isWrong && { severity: 'error' as const }),
    command: { title: 'Open', command: 'netsplit.openConfig', arguments: [configuration] },
  };
}

/** What makes findings late or incomplete; undefined when nothing does. */
export function limitRow({ took = 0, projectTooLarge = false }: FileStatus): Row | undefined {
  if (projectTooLarge) {
    return {
      text: 'Netsplit: file by file',
      detail: 'the project has more files than netsplit.maxFiles',
      severity: 'warning',
      command: settingCommand('netsplit.maxFiles'),
    };
  }
  if (took < slow) return undefined;
  return {
    text: `Netsplit: slow, ${(took / 1000).toFixed(1)} s`,
    detail: 'for every change of this file',
    severity: 'warning',
    command: settingCommand('netsplit.run'),
  };
}

const reasons: Readonly<Record<NonNullable<FileStatus['notLinted']>, string>> = {
  off: 'netsplit.enable is off',
  excluded: 'excluded in .netsplit.json',
  foreign: 'fetched, built, or of no folder',
  tooLarge: 'larger than 2 MiB',
};

function settingsOf(reason: NonNullable<FileStatus['notLinted']>): Row['command'] {
  return reason === 'off' ? settingCommand('netsplit.enable') : undefined;
}

function settingCommand(id: string): NonNullable<Row['command']> {
  return { title: 'Settings', command: 'workbench.action.openSettings', arguments: [id] };
}

function amount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
