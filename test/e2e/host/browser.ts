/** Chromium without a window: what a workbench is shown in. */
import { type Browser, chromium } from 'playwright-core';
import { findChromium } from './machine';

/** Starts it without a window. It reaches nothing but this machine. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('There is no Chromium: install it, or say where it is in CHROMIUM_PATH.');
  const offline = ['--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1', '--disable-background-networking', '--disable-sync'];
  const quiet = ['--no-first-run', '--disable-component-update'];
  // Within a container there is neither a sandbox nor shared memory of use.
  const contained = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'];
  return chromium.launch({ executablePath, headless: true, args: ['--headless=new', ...offline, ...quiet, ...contained] });
}
