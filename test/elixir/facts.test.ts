import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createExtractor } from '../../core/facts/extract';
import type { FileFacts } from '../../core/facts/facts';
import { type Definition, startOracle } from './oracle';
import { elixirFiles, readSource } from './sources';

/** Files of the corpus that are compared, spread evenly over it. */
const sampleSize = 500;

/** A folder of Elixir projects to compare on beside our own. */
const corpus = process.env.NETSPLIT_CORPUS;

const oracle = await startOracle();
const extract = await createExtractor();
after(() => oracle.stop());

for (const folder of ['examples', 'test/elixir']) {
  test(`Elixir and the facts see the same modules and functions in ${folder}`, async () => {
    assert.deepEqual(await disagreements(folder, elixirFiles(folder)), []);
  });
}

if (corpus !== undefined) {
  test('Elixir and the facts see the same modules and functions in the corpus', async () => {
    const files = elixirFiles(corpus);
    const step = Math.max(1, Math.floor(files.length / sampleSize));
    const sample = files.filter((_, index) => index % step === 0);
    assert.ok(sample.length > 0, `NETSPLIT_CORPUS=${corpus} holds no Elixir files`);
    assert.deepEqual(await disagreements(corpus, sample), []);
  });
}

test('The oracle names what is nested, aliased, quoted and generated as Elixir does', async () => {
  const definitions = await oracle.quotedModules(`
    alias App.Web

    defmodule Web.Page do
      defmodule Part do
        def a(x, y \\\\ nil, z \\\\ nil), do: {x, y, z}
        defp b(x) when x > 0, do: x
      end

      defmodule __MODULE__.Side, do: def(left <~> right, do: {left, right})

      defimpl String.Chars, for: [Part, :"Elixir.Other"] do
        def to_string(_), do: "part"
      end

      defmacro __using__(_options) do
        quote do
          def never, do: :here
        end
      end

      for name <- [:c, :d], do: def(unquote(name)(), do: unquote(name))
      if true, do: def(e, do: :e)
    end
  `);
  const summary = definitions.map(({ module, function: f }) => (f ? `${module} ${f.kind} ${f.name}/${f.minArity}..${f.arity}` : module));
  assert.deepEqual(summary, [
    'App.Web.Page',
    'App.Web.Page.Part',
    'App.Web.Page.Part def a/1..3',
    'App.Web.Page.Part defp b/1..1',
    'App.Web.Page.Side',
    'App.Web.Page.Side def <~>/2..2',
    'String.Chars.App.Web.Page.Part',
    'String.Chars.App.Web.Page.Part def to_string/1..1',
    'String.Chars.Other',
    'String.Chars.Other def to_string/1..1',
    'App.Web.Page defmacro __using__/1..1',
    'App.Web.Page def e/0..0',
  ]);
});

/** One text per file that the two see differently, or that only Elixir can read. */
async function disagreements(folder: string, files: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const file of files) {
    const { text } = readSource(folder, file);
    if (text.length > 2 ** 21 || (await oracle.parse(text)) !== undefined) continue;
    const facts = extract(file, text);
    const theirs = viewOf(await oracle.quotedModules(text));
    const ours = viewOf(definitionsIn(facts));
    const differences = [
      ...(facts.broken ? ['the facts are of broken source'] : []),
      ...[...theirs.keys()].filter((name) => !ours.has(name)).map((name) => `only Elixir: ${name}`),
      ...[...ours].flatMap(([name, kinds]) => {
        const theirKinds = theirs.get(name);
        if (!theirKinds) return [`only the facts: ${name}`];
        return kinds.filter((kind) => !theirKinds.includes(kind)).map((kind) => `${name} is ${theirKinds.join(' and ')}, not ${kind}`);
      }),
    ];
    if (differences.length > 0) found.push(`${file}\n    ${differences.join('\n    ')}`);
  }
  return found;
}

/** Names of modules, and of functions with their arities, each with the kinds of its clauses: a function may have some of `def` and some delegated. */
function viewOf(definitions: readonly Definition[]): ReadonlyMap<string, readonly string[]> {
  const minArities = new Map<string, number>();
  const kinds = new Map<string, string[]>();
  for (const { module, function: f } of definitions) {
    const name = f ? `${module}.${f.name}/${f.arity}` : module;
    // The facts do not tell a private guard from a public one.
    const kind = f?.kind === 'defguardp' ? 'defguard' : (f?.kind ?? 'module');
    kinds.set(name, [...(kinds.get(name) ?? []), kind]);
    if (f) minArities.set(name, Math.min(minArities.get(name) ?? f.arity, f.minArity));
  }
  return new Map([...kinds].map(([name, all]) => [minArities.has(name) ? `${name}, at least ${minArities.get(name)}` : name, all]));
}

/** Without the functions whose name is computed. */
function definitionsIn(facts: FileFacts): readonly Definition[] {
  return facts.modules.flatMap(({ name: module, functions }) => [
    { module },
    ...functions
      .filter(({ name }) => name !== 'unquote')
      .map(({ kind, name, arity, minArity }) => ({ module, function: { kind, name, arity, minArity } })),
  ]);
}
