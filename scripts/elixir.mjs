// What the tests against a real Elixir need, and where it comes from.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Debian's packages: Elixir, and the parts of Erlang/OTP that it does not ask for itself. */
export const debianPackages = ['elixir', 'erlang-dev', 'erlang-mnesia', 'erlang-runtime-tools', 'erlang-ssl', 'erlang-syntax-tools'];

const probe = 'Enum.each([:mnesia, :ssl, :runtime_tools], &(:ok = Application.load(&1)))';

/** Why the tests cannot use Elixir here; undefined when they can. */
export function elixirMissing() {
  const { status, error } = spawnSync('elixir', ['-e', probe], { encoding: 'utf8' });
  if (error) return 'there is no `elixir` on the PATH';
  return status === 0 ? undefined : 'this Erlang/OTP lacks mnesia, ssl or runtime_tools';
}

/** Where `:ra` and what it needs are kept, relative to the repository: for `ERL_LIBS`. */
export const raFolder = 'node_modules/.cache/netsplit/ra';

const raApplications = ['ra', 'aten', 'gen_batch_server', 'seshat'];

/** Why generated code cannot run on `:ra` here; undefined when it can. */
export function raMissing() {
  const present = existsSync(raFolder) ? readdirSync(raFolder) : [];
  const absent = raApplications.filter((name) => !present.some((entry) => entry.startsWith(`${name}-`)));
  return absent.length === 0 ? undefined : `${raFolder} lacks ${absent.join(', ')}`;
}

/** Takes `:ra` out of Debian's package of RabbitMQ, which is not installed. Answers whether that worked; needs no rights. */
export function installRa() {
  const folder = mkdtempSync(path.join(tmpdir(), 'netsplit-ra-'));
  const run = (command, ...args) => spawnSync(command, args, { cwd: folder, stdio: 'ignore' }).status === 0;
  try {
    const download = () => run('apt-get', '-q', 'download', 'rabbitmq-server');
    if (!download() && !(run('apt-get', '-q', 'update') && download())) return false;
    const archive = readdirSync(folder).find((name) => name.endsWith('.deb'));
    if (!archive || !run('dpkg', '-x', archive, 'unpacked')) return false;

    const servers = path.join(folder, 'unpacked/usr/lib/rabbitmq/lib');
    const plugins = readdirSync(servers).map((server) => path.join(servers, server, 'plugins'));
    rmSync(raFolder, { recursive: true, force: true });
    mkdirSync(raFolder, { recursive: true });
    for (const plugin of plugins) {
      const wanted = readdirSync(plugin).filter((entry) => raApplications.some((name) => entry.startsWith(`${name}-`)));
      for (const entry of wanted) cpSync(path.join(plugin, entry), path.join(raFolder, entry), { recursive: true });
    }
    return raMissing() === undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
