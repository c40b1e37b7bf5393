/** The editor's settings `netsplit.*`, per resource. */
import type { Connection } from 'vscode-languageserver';
import type { Level } from '../../core/linter';

export interface Settings {
  readonly enable: boolean;
  /** When a document is linted: with every change, or when it is opened and saved. */
  readonly run: 'onType' | 'onSave';
  /** Rule id → severity or `off`. `.netsplit.json` wins: what a team agreed on gives the same findings in every editor and in CI. */
  readonly rules: ReadonlyMap<string, Level>;
  /** Findings of files that are not open: none, those of projects with an open file, those of every folder. */
  readonly workspaceDiagnostics: 'off' | 'open' | 'all';
  /** A project with more files is not read as a whole, and no more files are linted in the background. */
  readonly maxFiles: number;
}

const defaults: Settings = { enable: true, run: 'onType', rules: new Map(), workspaceDiagnostics: 'off', maxFiles: 5000 };

const levels: ReadonlySet<unknown> = new Set<Level>(['error', 'warning', 'info', 'hint', 'off']);

/** Reads the section `netsplit`; a value that is none counts as not set. */
export function parseSettings(section: unknown): Settings {
  if (typeof section !== 'object' || section === null) return defaults;
  const { enable, run, rules, workspaceDiagnostics, maxFiles } = section as Record<string, unknown>;
  return {
    enable: typeof enable === 'boolean' ? enable : defaults.enable,
    run: run === 'onSave' ? 'onSave' : defaults.run,
    rules: new Map(
      Object.entries(typeof rules === 'object' && rules !== null ? rules : {}).filter((entry): entry is [string, Level] =>
        levels.has(entry[1]),
      ),
    ),
    workspaceDiagnostics:
      workspaceDiagnostics === 'open' || workspaceDiagnostics === 'all' ? workspaceDiagnostics : defaults.workspaceDiagnostics,
    maxFiles: typeof maxFiles === 'number' && maxFiles >= 0 ? maxFiles : defaults.maxFiles,
  };
}

export interface SettingsSource {
  /** The settings of a document or folder; of the window without a URI. */
  of(uri?: string): Promise<Settings>;
  /** Forgets what was read; `pushed` is what the notification brought along. */
  changed(pushed: unknown): void;
}

/** Settings that the client is asked for, each resource once. */
export function askedSettings(connection: Connection): SettingsSource {
  const cache = new Map<string | undefined, Promise<Settings>>();
  return {
    of(uri) {
      let settings = cache.get(uri);
      if (!settings) {
        settings = connection.workspace
          .getConfiguration(uri === undefined ? { section: 'netsplit' } : { section: 'netsplit', scopeUri: uri })
          .then(parseSettings, (error: unknown) => {
            connection.console.warn(`The client did not tell the settings of ${uri ?? 'the window'}, so defaults are used: ${error}`);
            return defaults;
          });
        cache.set(uri, settings);
      }
      return settings;
    },
    changed: () => cache.clear(),
  };
}

/** Settings of a client that cannot be asked: those of `initializationOptions`, then those of the newest notification. */
export function givenSettings(initial: unknown): SettingsSource {
  let settings = parseSettings(initial);
  return {
    of: async () => settings,
    changed(pushed) {
      const section = typeof pushed === 'object' && pushed !== null && 'netsplit' in pushed ? pushed.netsplit : undefined;
      if (section !== undefined) settings = parseSettings(section);
    },
  };
}
