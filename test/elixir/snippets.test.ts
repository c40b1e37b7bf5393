import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import { companionsOf, contextOf, type Placed, place, readSnippets } from '../support/snippets';
import { startOracle } from './oracle';
import { elixirFiles } from './sources';

const oracle = await startOracle();
after(() => oracle.stop());

const snippets = readSnippets();

for (const snippet of snippets) {
  test(`${snippet.prefix}: formatted as mix format does, and compiles without warnings against the signatures of its libraries`, async () => {
    for (const placed of place(snippet)) {
      assert.equal(await oracle.parse(placed.text), undefined);
      assert.equal(placed.text, await oracle.format(placed.text), 'it is not formatted');
      if (contextOf(snippet) !== 'config') await compile([placed, ...companionsOf(snippet, snippets)]);
    }
  });
}

async function compile(placed: readonly Placed[]): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'netsplit-snippet-'));
  try {
    const files = placed.map(({ path: name, text }) => {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    });
    const stubs = elixirFiles('test/elixir/stubs').map((stub) => path.join('test/elixir/stubs', stub));
    const { ok, messages } = await oracle.compile([...stubs, ...files]);
    assert.deepEqual(messages, []);
    assert.ok(ok);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
