import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test, { after } from 'node:test';
import { createExtractor } from '../../core/facts/extract';
import { startOracle } from './oracle';
import { elixirFiles, readSource } from './sources';

const applications = ['examples/inventory', 'examples/inventory-fixed'];
const others = ['examples/presence', 'examples/ledger'];

const oracle = await startOracle();
after(() => oracle.stop());

for (const application of [...applications, ...others]) {
  test(`${application} is Elixir, formatted as mix format does`, async () => {
    const files = elixirFiles(application);
    assert.ok(files.length > 20, `only ${files.length} files in ${application}`);
    for (const file of files) {
      const { text } = readSource(application, file);
      assert.equal(await oracle.format(text), text, `${application}/${file} is not formatted`);
    }
    const lock = path.join(application, 'mix.lock');
    if (existsSync(lock)) assert.equal(await oracle.parse(readFileSync(lock, 'utf8')), undefined);
  });
}

test('examples/inventory-fixed compiles without warnings against the signatures of its libraries', async () => {
  const { ok, messages } = await oracle.compile([...filesIn('test/elixir/stubs'), ...filesIn('examples/inventory-fixed/lib')]);
  assert.deepEqual(messages, []);
  assert.ok(ok);
});

test('examples/inventory-fixed has the files and the public functions of examples/inventory', async () => {
  const [before = [], after = []] = applications.map(elixirFiles);
  assert.deepEqual(after, before);

  const extract = await createExtractor();
  for (const file of before) {
    const [mistaken = [], fixed = []] = applications.map((application) => publicFunctions(readSource(application, file)));
    const missing = mistaken.filter((name) => !fixed.includes(name));
    assert.deepEqual(missing, [], `${file} lost public functions`);
  }

  function publicFunctions(source: { readonly path: string; readonly text: string }): readonly string[] {
    return extract(source.path, source.text).modules.flatMap(({ name, functions }) =>
      functions.filter((f) => f.kind === 'def' || f.kind === 'defdelegate').map((f) => `${name}.${f.name}/${f.minArity}..${f.arity}`),
    );
  }
});

function filesIn(folder: string): readonly string[] {
  return elixirFiles(folder).map((file) => path.join(folder, file));
}
