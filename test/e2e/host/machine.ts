/** What the tests need of the machine. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { findInstallation, unsupported } from './install';

export { install, unsupported } from './install';

/** Debian's packages. */
export const debianPackages = ['chromium', 'fonts-liberation'];

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** The browser's executable: what CHROMIUM_PATH says, else the first on the PATH. */
export function findChromium(): string | undefined {
  const asked = process.env.CHROMIUM_PATH;
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const candidates = asked ? [asked] : names.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return candidates.find((file) => existsSync(file));
}

/** Why the tests cannot run now; undefined when they can. */
export function missing(): string | undefined {
  const reason = unsupported();
  if (reason) return reason;
  return chromiumMissing() ?? (findInstallation() ? undefined : 'the VS Code server is not installed');
}

/** Why nothing can be shown in a browser; undefined when it can. */
export function chromiumMissing(): string | undefined {
  return findChromium() ? undefined : 'there is no Chromium on the PATH, nor in CHROMIUM_PATH';
}
