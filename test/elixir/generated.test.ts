import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { after } from 'node:test';
import type { GeneratedFile } from '../../core/design/document';
import { type GeneratorOptions, generatorOf, generators } from '../../core/design/generate/generators';
import { platformChoices } from '../../core/design/questions';
import { startOracle } from './oracle';
import { elixirFiles } from './sources';

const oracle = await startOracle();
after(() => oracle.stop());

/** Short, usual and long names: lines must be broken where the formatter would, whatever stands in them. */
const variants: readonly GeneratorOptions[] = [
  {},
  { app: 'x', name: 'y' },
  { app: 'a_rather_long_name_of_an_application', name: 'something with a very long name' },
];

async function assertFormatted(files: readonly GeneratedFile[]): Promise<void> {
  for (const { path: name, content } of files) {
    if (!name.endsWith('.sh')) assert.equal(content, await oracle.format(content), `${name} is not formatted`);
  }
}

for (const generator of generators) {
  test(`${generator.id}: formatted as mix format does, and compiles without warnings against the signatures of its libraries`, async () => {
    for (const options of variants) {
      const files = generator.generate(options);
      await assertFormatted(files);
      const modules = files.filter(({ path: name }) => name.startsWith('lib/'));
      if (modules.length > 0) await compile(modules);
    }
  });
}

test('the configuration of every platform is formatted', async () => {
  for (const { id: platform } of platformChoices) {
    for (const given of [{ platform }, { platform, untrusted: true, app: 'a_rather_long_name_of_an_application' }]) {
      await assertFormatted(generatorOf('libcluster').generate(given));
      await assertFormatted(generatorOf('partisan').generate(given));
    }
  }
});

async function compile(files: readonly GeneratedFile[]): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'netsplit-generated-'));
  try {
    const paths = files.map(({ path: name, content }) => {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    });
    const stubs = elixirFiles('test/elixir/stubs').map((file) => path.join('test/elixir/stubs', file));
    const { ok, messages } = await oracle.compile([...stubs, ...paths]);
    assert.deepEqual(messages, []);
    assert.ok(ok);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
