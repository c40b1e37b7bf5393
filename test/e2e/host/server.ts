/** VS Code's server: the real extension host, and the workbench as a web page. It listens on this machine only, and asks the network for nothing. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findInstallation, type Installation } from './install';

/** Folders of one VS Code, all below one scratch folder unless named. */
export interface Profile {
  readonly userData: string;
  readonly extensions: string;
}

export interface StartOptions {
  readonly profile: Profile;
  /** Lets a page run the tests of an extension. It hides notifications and dialogs. */
  readonly forExtensionTests?: boolean;
  /** Folders are not trusted before the user says so. */
  readonly asksForTrust?: boolean;
}

export interface Server {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  /** What it wrote so far. */
  output(): string;
  /** Ends it with every process that it started. */
  stop(): Promise<void>;
}

/** What a page is asked to open, as paths. */
export interface Opened {
  readonly folder?: string | undefined;
  readonly workspace?: string | undefined;
  /** Further pairs of the workbench's own, such as `extensionTestsPath`. */
  readonly payload?: readonly (readonly [string, string])[];
}

const startLimit = 60_000;
const stopLimit = 5_000;

/** A new empty folder, with a path without links. */
export function scratchFolder(): string {
  return realpathSync(mkdtempSync(path.join(tmpdir(), 'netsplit-e2e-')));
}

/** Starts the server and waits until it listens; rejects with its output when it ends or stays silent. */
export async function startServer({ profile, forExtensionTests = false, asksForTrust = false }: StartOptions): Promise<Server> {
  const { node, server } = installation();
  const scratch = scratchFolder();
  mkdirSync(profile.extensions, { recursive: true });
  const args = [
    ...['--require', path.resolve('test/e2e/host/parent-watch.cjs'), server],
    ...['--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--accept-server-license-terms'],
    ...['--server-data-dir', path.join(scratch, 'server'), '--user-data-dir', profile.userData, '--extensions-dir', profile.extensions],
    ...['--disable-telemetry', '--disable-experiments', '--disable-getting-started-override'],
    ...(asksForTrust ? [] : ['--disable-workspace-trust']),
    ...['--force-disable-user-env', '--disable-file-downloads'],
    ...(forExtensionTests ? ['--enable-smoke-test-driver'] : []),
  ];
  // A group of its own: the extension host and language servers end with it.
  const child = spawn(node, args, { cwd: scratch, env: environment(scratch), stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const stop = async () => {
    await endGroup(child);
    rmSync(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  try {
    const port = await listeningPort(child, () => output);
    return { origin: `http://127.0.0.1:${port}`, output: () => output, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Installs an extension as a user does, from its VSIX. */
export async function installExtension(vsix: string, profile: Profile): Promise<void> {
  const { node, server } = installation();
  const scratch = scratchFolder();
  const folders = ['--server-data-dir', scratch, '--user-data-dir', profile.userData, '--extensions-dir', profile.extensions];
  try {
    await promisify(execFile)(node, [server, '--accept-server-license-terms', ...folders, '--install-extension', vsix], {
      env: environment(scratch),
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The address of a workbench page. */
export function pageAddress({ origin }: Server, { folder, workspace, payload = [] }: Opened): string {
  const query = new URLSearchParams();
  if (workspace) query.set('workspace', workspace);
  else if (folder) query.set('folder', folder);
  else query.set('ew', 'true');
  if (payload.length > 0) query.set('payload', JSON.stringify(payload));
  return `${origin}/?${query}`;
}

/** A file of this machine as the page calls it. */
export function remoteUri({ origin }: Server, file: string): string {
  return `vscode-remote://${new URL(origin).host}${encodeURI(file)}`;
}

function installation(): Installation {
  const found = findInstallation();
  if (!found) throw new Error('There is no VS Code server: run npm test, which installs it first.');
  return found;
}

/** Without what a VS Code around the tests leaves there, which would make this server a part of that one. */
function environment(scratch: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:ELECTRON|VSCODE)_/.test(name));
  // No gallery, so that the network is not asked; sockets go into the scratch folder.
  return { ...Object.fromEntries(own), EXTENSIONS_GALLERY: '{}', XDG_RUNTIME_DIR: scratch };
}

async function listeningPort(child: ChildProcess, output: () => string): Promise<number> {
  const silence = AbortSignal.timeout(startLimit);
  const ended = new AbortController();
  child.once('exit', () => ended.abort());
  const signal = AbortSignal.any([silence, ended.signal]);
  try {
    for (;;) {
      const port = /Extension host agent listening on (\d+)/.exec(output())?.[1];
      if (port !== undefined) return Number(port);
      await once(child.stdout ?? child, 'data', { signal });
    }
  } catch {
    throw new Error(`VS Code's server ${silence.aborted ? `does not listen after ${startLimit} ms` : 'ended'}:\n${output()}`);
  }
}

async function endGroup({ pid }: ChildProcess): Promise<void> {
  if (pid === undefined) return;
  const forced = Date.now() + stopLimit;
  signalGroup(pid, 'SIGTERM');
  while (signalGroup(pid, 0)) {
    if (Date.now() > forced) signalGroup(pid, 'SIGKILL');
    await delay(50);
  }
}

/** Whether there was somebody left. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
