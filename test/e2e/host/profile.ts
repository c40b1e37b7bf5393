/** A VS Code of its own for each test: nothing asks, advertises, or reaches for the network. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Profile } from './server';

export type Settings = Readonly<Record<string, unknown>>;

/** Keeps VS Code to itself. */
export const quiet: Settings = {
  'chat.commandCenter.enabled': false,
  'chat.disableAIFeatures': true,
  'editor.accessibilitySupport': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off',
  'git.enabled': false,
  'npm.fetchOnlinePackageInfo': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'window.confirmBeforeClose': 'never',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/** Makes the folders of a profile below `folder`. */
export function createProfile(folder: string, settings: Settings = {}): Profile {
  const profile = { userData: path.join(folder, 'user-data'), extensions: path.join(folder, 'extensions') };
  mkdirSync(profile.extensions, { recursive: true });
  writeSettings(profile, settings);
  return profile;
}

/** The user's settings from now on, beside those that keep VS Code quiet; a running VS Code takes them up. */
export function writeSettings({ userData }: Profile, settings: Settings): void {
  const file = path.join(userData, 'User/settings.json');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ ...quiet, ...settings }, null, 2));
}
