/** Snippets, filled in, on real Erlang nodes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import { generatorOf } from '../../core/design/generate/generators';
import { contextOf, fill, type Placed, place, readSnippets } from '../support/snippets';

/** Filled by scripts/pretest.mjs. */
const ra = path.resolve('node_modules/.cache/netsplit/ra');
const raMissing = existsSync(ra) ? undefined : `:ra is not in ${path.relative('.', ra)}: node scripts/pretest.mjs fetches it on Debian`;

const folder = mkdtempSync(path.join(tmpdir(), 'netsplit-snippets-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const snippets = readSnippets();

/** The modules that need no library but `:ra`, and one module of all that are definitions. */
function application(): readonly Placed[] {
  const needsMore = /DeltaCrdt|Phoenix|Horde|:partisan/;
  const usable = snippets.filter((snippet) => !needsMore.test(fill(snippet)));
  const modules = usable.filter((snippet) => contextOf(snippet) === 'module' && snippet.include === undefined);
  const definitions = usable.filter((snippet) => contextOf(snippet) === 'definitions').map((snippet) => fill(snippet));
  const values = ['red', 'green', 'blue', 'white'].map((value) => `def ${value}(_before), do: :${value}`);
  const text = `defmodule MyApp.Definitions do\n${[...definitions, ...values, 'def blocked, do: Process.sleep(:infinity)'].join('\n\n')}\nend\n`;
  return [...modules.flatMap(place), { path: 'lib/my_app/definitions.ex', text }];
}

function write(files: readonly Placed[]): readonly string[] {
  return files.map(({ path: name, text }) => {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  });
}

function run(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, env: { ...process.env, ERL_LIBS: ra }, encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
}

if (raMissing && process.env.CI === 'true') {
  test('snippets on :ra', () => assert.fail(raMissing));
} else {
  test('the snippets keep their promises when three nodes are cut', raMissing === undefined ? {} : { skip: raMissing }, () => {
    const ebin = path.join(folder, 'ebin');
    mkdirSync(ebin);
    run('elixirc', '--warnings-as-errors', '-o', ebin, path.resolve('test/elixir/stubs/telemetry.ex'), ...write(application()));
    const support = generatorOf('global-singleton')
      .generate({})
      .filter((file) => file.path === 'test/support/peer_cluster.exs');
    const [helper = ''] = write(support.map(({ path: name, content }) => ({ path: name, text: content })));
    const tests = path.resolve('test/elixir/generated/snippets_test.exs');
    const output = run('elixir', '-pa', ebin, path.resolve('test/elixir/generated/run.exs'), helper, tests);
    assert.match(output, /\b7 (?:tests?,|passed)/);
  });
}

test('the partition test of the snippet cuts three nodes and heals them', () => {
  const snippet = snippets.find(({ prefix }) => prefix === 'partition-test');
  assert.ok(snippet);
  const output = run('elixir', path.resolve('test/elixir/generated/run.exs'), ...write(place(snippet)));
  assert.match(output, /\b1 (?:tests?,|passed)/);
});
