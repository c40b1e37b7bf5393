// node scripts/library-exports.mjs: writes into core/libraries/exports.tsv what the modules of Erlang/OTP export, as the Erlang on the PATH has
// them. node scripts/library-exports.mjs LIBRARY VERSION FOLDER…: the same for compiled modules (*.beam) below the folders. Rows of other
// libraries and versions stay.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { root } from './bundles.mjs';

const table = path.join(root, 'core/libraries/exports.tsv');
const header = 'library\tversion\tmodule\tfunction\tarity';

/** By library, as `mix.exs` names it: the modules that applications call. The others are internal: who calls them knows why. */
const libraries = {
  delta_crdt: ['DeltaCrdt', 'DeltaCrdt.AWLWWMap', 'DeltaCrdt.CausalCrdt'],
  horde: [
    'Horde.Cluster',
    'Horde.DynamicSupervisor',
    'Horde.NodeListener',
    'Horde.Registry',
    'Horde.UniformDistribution',
    'Horde.UniformQuorumDistribution',
    'Horde.UniformRandomDistribution',
  ],
  libcluster: [
    'Cluster.Logger',
    'Cluster.Strategy',
    'Cluster.Strategy.DNSPoll',
    'Cluster.Strategy.Epmd',
    'Cluster.Strategy.ErlangHosts',
    'Cluster.Strategy.Gossip',
    'Cluster.Strategy.Kubernetes',
    'Cluster.Strategy.Kubernetes.DNS',
    'Cluster.Strategy.Kubernetes.DNSSRV',
    'Cluster.Strategy.LocalEpmd',
    'Cluster.Strategy.Rancher',
    'Cluster.Supervisor',
  ],
  libring: ['HashRing', 'HashRing.Managed'],
  otp: [':erpc', ':global', ':mnesia', ':net_kernel', ':pg', ':rpc'],
  partisan: [
    ':partisan',
    ':partisan_config',
    ':partisan_erpc',
    ':partisan_inet',
    ':partisan_monitor',
    ':partisan_peer_connections',
    ':partisan_peer_discovery_agent',
    ':partisan_peer_service',
    ':partisan_peer_service_events',
    ':partisan_peer_service_manager',
    ':partisan_plumtree_broadcast',
    ':partisan_remote_ref',
    ':partisan_rpc',
  ],
  phoenix_pubsub: ['Phoenix.PubSub', 'Phoenix.PubSub.PG2', 'Phoenix.Tracker'],
  ra: [
    ':ra',
    ':ra_aux',
    ':ra_counters',
    ':ra_directory',
    ':ra_env',
    ':ra_leaderboard',
    ':ra_lib',
    ':ra_machine',
    ':ra_server',
    ':ra_snapshot',
    ':ra_system',
  ],
};

const [library = 'otp', version, ...folders] = process.argv.slice(2);
const modules = libraries[library];
if (!modules) stop(`There is no library \`${library}\` here: ${Object.keys(libraries).join(', ')}.`);
if (process.argv.length > 2 && folders.length === 0) stop('Usage: node scripts/library-exports.mjs [LIBRARY VERSION FOLDER…]');
for (const folder of folders) if (!existsSync(folder)) stop(`There is no folder ${folder}.`);

const installed = version === undefined ? installedOtp() : { version, folders };
const rows = installed.folders.flatMap(beamFiles).flatMap((file) => {
  const { module, exports } = readBeam(readFileSync(file));
  if (!modules.includes(module)) return [];
  return exports.map(({ name, arity }) => [library, installed.version, module, name, arity].join('\t'));
});
if (rows.length === 0) stop('None of the modules is there.');

const [, ...before] = existsSync(table) ? readFileSync(table, 'utf8').trimEnd().split('\n') : [];
const kept = before.filter((row) => !row.startsWith(`${library}\t${installed.version}\t`));
const sorted = [...new Set([...kept, ...rows])].sort(new Intl.Collator('en', { numeric: true }).compare);
writeFileSync(table, `${[header, ...sorted].join('\n')}\n`);
console.log(`${rows.length} functions of ${library} ${installed.version}`);

/** The major version of the Erlang on the PATH, and where its applications are. */
function installedOtp() {
  const question = 'io:format("~s~n~s~n~s~n", [erlang:system_info(otp_release), code:lib_dir(kernel), code:lib_dir(mnesia)]), halt().';
  const { status, stdout, error } = spawnSync('erl', ['-noshell', '-noinput', '-eval', question], { encoding: 'utf8' });
  if (error || status !== 0) stop('There is no `erl` with mnesia on the PATH.');
  const [release, ...applications] = stdout.trimEnd().split('\n');
  return { version: release, folders: applications };
}

function beamFiles(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.beam'));
  return files.map((file) => path.join(folder, file));
}

/** Module and exported functions of a compiled module, named as in Elixir, without what every module has. Macros take what is written. */
function readBeam(bytes) {
  const chunks = chunksOf(bytes[0] === 0x1f ? gunzipSync(bytes) : bytes);
  const atoms = atomsOf(chunks.get('AtU8'));
  const table = chunks.get('ExpT');
  const exports = Array.from({ length: table.readUInt32BE(0) }, (_, i) => {
    const [atom, arity] = [table.readUInt32BE(4 + i * 12), table.readUInt32BE(8 + i * 12)];
    const name = atoms[atom - 1];
    return name.startsWith('MACRO-') ? { name: name.slice('MACRO-'.length), arity: arity - 1 } : { name, arity };
  });
  const [module] = atoms;
  return {
    module: module.startsWith('Elixir.') ? module.slice('Elixir.'.length) : `:${module}`,
    exports: exports.filter(({ name }) => !/^(?:__|module_info$|behaviour_info$)/.test(name)),
  };
}

/** Parts of a BEAM file by name: name and size in four bytes each, padded to multiples of four. */
function chunksOf(bytes) {
  const chunks = new Map();
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at + 4);
    chunks.set(bytes.toString('latin1', at, at + 4), bytes.subarray(at + 8, at + 8 + size));
    at += 8 + Math.ceil(size / 4) * 4;
  }
  return chunks;
}

/** The atoms of a module, its name first. From OTP 28 on their number is negative, and lengths of more than 15 bytes take two. */
function atomsOf(chunk) {
  const count = chunk.readInt32BE(0);
  let at = 4;
  return Array.from({ length: Math.abs(count) }, () => {
    let length = chunk[at++];
    if (count < 0) length = length & 8 ? ((length >> 5) << 8) | chunk[at++] : length >> 4;
    at += length;
    return chunk.toString('utf8', at - length, at);
  });
}

function stop(message) {
  console.error(message);
  process.exit(1);
}
