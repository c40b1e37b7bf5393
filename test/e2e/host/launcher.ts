#!/usr/bin/env node
/**
 * Takes the place of VS Code's desktop executable for `@vscode/test-electron`: the same flags, the same exit code. The tests run in the
 * extension host of VS Code's server, with the workbench in a Chromium without a window.
 */
import { statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { startBrowser } from './browser';
import { createProfile } from './profile';
import { type Opened, type Profile, pageAddress, remoteUri, type Server, scratchFolder, startServer } from './server';

const usage = 'Usage: launcher --extensionDevelopmentPath=FOLDER --extensionTestsPath=FILE [--user-data-dir=… --extensions-dir=…] [FOLDER]';

/** Exit code when the tests could not run to their end. */
const didNotRun = 70;

const limit = 900_000;

const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: {
    extensionDevelopmentPath: { type: 'string' },
    extensionTestsPath: { type: 'string' },
    'user-data-dir': { type: 'string' },
    'extensions-dir': { type: 'string' },
    'disable-extensions': { type: 'boolean' },
  },
});

const cleanups: (() => Promise<void>)[] = [];

async function main(): Promise<number> {
  const { extensionDevelopmentPath, extensionTestsPath } = values;
  if (typeof extensionDevelopmentPath !== 'string' || typeof extensionTestsPath !== 'string') throw new Error(usage);

  const server = await startServer({ profile: profileOf(), forExtensionTests: true });
  cleanups.push(server.stop);
  const browser = await startBrowser();
  cleanups.push(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const payload = [
    ['extensionDevelopmentPath', remoteUri(server, fromUri(extensionDevelopmentPath))],
    ['extensionTestsPath', remoteUri(server, fromUri(extensionTestsPath))],
    ['skipWelcome', 'true'],
    ...(values['disable-extensions'] ? [['disableExtensions', 'true'] as const] : []),
  ] as const;
  return exitCode(page, server, { ...opened(positionals.map(fromUri)), payload });
}

function profileOf(): Profile {
  const { 'user-data-dir': userData, 'extensions-dir': extensions } = values;
  if (typeof userData === 'string' && typeof extensions === 'string') return { userData, extensions };
  return createProfile(scratchFolder());
}

/** The one thing that a window can have open. */
function opened(paths: readonly string[]): Opened {
  const [first, ...others] = paths.map((file) => path.resolve(file));
  if (others.length > 0) throw new Error(`One folder or workspace can be opened, not ${paths.length}.`);
  if (first === undefined) return {};
  return statSync(first).isDirectory() ? { folder: first } : { workspace: first };
}

function fromUri(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}

/** Runs the tests in the page and returns what VS Code would exit with. */
async function exitCode(page: Page, server: Server, what: Opened): Promise<number> {
  const { promise, resolve, reject } = withResolvers<number>();
  const timer = setTimeout(() => reject(new Error(`The tests did not end within ${limit} ms.`)), limit);
  page.on('crash', () => reject(new Error('The page of the workbench crashed.')));
  await page.exposeFunction('codeAutomationExit', (code: unknown) => resolve(typeof code === 'number' ? code : didNotRun));
  await page.exposeFunction('codeAutomationLog', (kind: string, parts: readonly unknown[]) => {
    const stream = kind === 'error' || kind === 'warn' ? process.stderr : process.stdout;
    const text = format(...parts);
    if (!isChatter(text)) stream.write(`${text}\n`);
  });
  await page.goto(pageAddress(server, what), { waitUntil: 'commit' });
  return promise.finally(() => clearTimeout(timer));
}

/** What the workbench itself says where the extension host's console is also heard. */
function isChatter(text: string): boolean {
  return /^(?:Resolv(?:ing|ed) connection token|Creating a socket|Ignoring fetching additional|Updating additional builtin|\[AgentHost|\[reconnection|\[Service Worker|\[AccountPolicyGate)/.test(
    text,
  );
}

interface Resolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: Error) => void;
}

function withResolvers<T>(): Resolvers<T> {
  let resolve: Resolvers<T>['resolve'] = () => {};
  let reject: Resolvers<T>['reject'] = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

async function end(code: number): Promise<never> {
  for (const cleanup of cleanups.reverse()) await cleanup().catch((error: unknown) => console.error(error));
  process.exit(code);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void end(130));

main().then(end, (error: unknown) => {
  console.error(error);
  return end(didNotRun);
});
