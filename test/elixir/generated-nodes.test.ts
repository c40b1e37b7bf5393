/** Generated code on real Erlang nodes, which are connected, cut and healed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import { type GeneratorId, generatorOf } from '../../core/design/generate/generators';
import { elixirFiles } from './sources';

/** Filled by scripts/pretest.mjs. */
const ra = path.resolve('node_modules/.cache/netsplit/ra');
const raMissing = existsSync(ra) ? undefined : `:ra is not in ${path.relative('.', ra)}: node scripts/pretest.mjs fetches it on Debian`;

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

interface Application {
  readonly folder: string;
  readonly ebin: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Writes what the generators make and compiles it, with stubs for what Debian does not have; a warning is an error. */
function build(ids: readonly GeneratorId[], stubs: readonly string[], libraries?: string): Application {
  const folder = mkdtempSync(path.join(tmpdir(), 'netsplit-nodes-'));
  folders.push(folder);
  const files = ids.flatMap((id) => generatorOf(id).generate({}));
  for (const { path: name, content } of files) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  const ebin = path.join(folder, 'ebin');
  mkdirSync(ebin);
  const env = { ...process.env, ...(libraries === undefined ? {} : { ERL_LIBS: libraries }) };
  const sources = elixirFiles(path.join(folder, 'lib')).map((file) => path.join(folder, 'lib', file));
  const stubFiles = stubs.map((name) => path.resolve('test/elixir/stubs', `${name}.ex`));
  const { status, stderr, stdout } = spawnSync('elixirc', ['--warnings-as-errors', '-o', ebin, ...stubFiles, ...sources], {
    env,
    encoding: 'utf8',
  });
  assert.equal(status, 0, `${stdout}${stderr}`);
  return { folder, ebin, env };
}

/** Runs ExUnit files, ours and generated ones, against an application. */
function run({ folder, ebin, env }: Application, files: readonly string[], expected: number): void {
  const runner = path.resolve('test/elixir/generated/run.exs');
  const support = path.join(folder, 'test/support/peer_cluster.exs');
  const paths = files.map((file) =>
    file.startsWith('test/my_app/') ? path.join(folder, file) : path.resolve('test/elixir/generated', file),
  );
  const { status, stdout, stderr } = spawnSync('elixir', ['-pa', ebin, runner, support, ...paths], { cwd: folder, env, encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}${stderr}`);
  assert.match(stdout, new RegExp(`\\b${expected} (?:tests?,|passed)`));
}

test('quorum guard, node monitor, health, :global resolver, clocks and clock skew', () => {
  const app = build(['node-monitor', 'cluster-health', 'global-singleton', 'hybrid-clock', 'vector-clock', 'clock-skew'], ['telemetry']);
  run(app, ['clocks_test.exs', 'cluster_test.exs'], 11);
});

test('the partition test of the :global singleton cuts five nodes into three and two', () => {
  run(build(['global-singleton'], []), ['test/my_app/singleton_partition_test.exs'], 1);
});

test('the partition test of Mnesia cuts three nodes, and all have what the majority wrote', () => {
  run(build(['mnesia-majority'], []), ['test/my_app/tables_partition_test.exs'], 1);
});

test('the partition test of delta_crdt is compiled only: the library is not in Debian', () => {
  const { folder, ebin } = build(['delta-crdt'], ['delta_crdt']);
  const file = path.join(folder, 'test/my_app/cart_partition_test.exs');
  const script = `ExUnit.start(autorun: false); Code.compiler_options(warnings_as_errors: true); Code.require_file(${JSON.stringify(file)})`;
  const { status, stdout, stderr } = spawnSync('elixir', ['-pa', ebin, '-e', script], { encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}${stderr}`);
  assert.equal(stderr, '');
});

if (raMissing && process.env.CI === 'true') {
  test('generated code on :ra', () => assert.fail(raMissing));
} else {
  const options = raMissing === undefined ? {} : { skip: raMissing };
  const application = raMissing === undefined ? build(['ra-inventory', 'ra-store', 'ra-lease'], [], ra) : undefined;

  test('the :ra inventory: majority, restart, unknown and repeated commands, members', options, () => {
    run(application!, ['replicated_log_test.exs'], 8);
  });
  test('the state machines: total, deterministic, idempotent', options, () => run(application!, ['machines_test.exs'], 6));
  test('the partition test of the :ra inventory', options, () => run(application!, ['test/my_app/inventory_partition_test.exs'], 2));
  test('the partition test of the :ra store', options, () => run(application!, ['test/my_app/store_partition_test.exs'], 2));
  test('the :ra lease: one holder, fencing, a holder that is cut off', options, () => run(application!, ['lease_test.exs'], 4));
  test('the partition test of the :ra lease cuts five nodes into three and two', options, () => {
    run(application!, ['test/my_app/lease_partition_test.exs'], 1);
  });
}
