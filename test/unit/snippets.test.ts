import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { Placeholder } from 'vscode-snippet-parser';
import { emptyConfiguration, levelOf } from '../../core/configuration';
import { libclusterDiscovery } from '../../core/design/clustering';
import { platformChoices } from '../../core/design/questions';
import { createExtractor } from '../../core/facts/extract';
import { strategies } from '../../core/facts/libcluster';
import { lint } from '../../core/linter';
import { buildProject } from '../../core/project/build';
import { isProjectFile } from '../../core/project/manifests';
import { rules } from '../../core/rules';
import { companionsOf, contextOf, fill, type Placed, parseSnippet, place, readSnippets, type Snippet } from '../support/snippets';

const extract = await createExtractor();
const snippets = readSnippets();

test('every file of snippets is offered for Elixir', () => {
  const { contributes } = JSON.parse(readFileSync('package.json', 'utf8'));
  assert.deepEqual(
    contributes.snippets,
    readdirSync('snippets')
      .sort()
      .map((name) => ({ language: 'elixir', path: `./snippets/${name}` })),
  );
});

test('prefixes and titles are unique, and each stands in the file of its family', () => {
  assert.equal(new Set(snippets.map(({ prefix }) => prefix)).size, snippets.length);
  assert.equal(new Set(snippets.map(({ title }) => title)).size, snippets.length);
  for (const { prefix, file } of snippets) {
    assert.match(prefix, /^(?:(?:ra|libcluster|crdt|partisan|horde|global|mnesia|quorum|lease)-[a-z0-9-]*[a-z0-9]|partition-test)$/);
    const [, family] = /^snippets\/(.*)\.code-snippets$/.exec(file) ?? [];
    assert.ok(prefix === family || prefix.startsWith(`${family}-`), `${prefix} does not belong into ${file}`);
  }
});

/** What a description must name, by what the code calls: the library with the versions that it is for. */
const versions: readonly (readonly [call: RegExp, version: RegExp])[] = [
  [/:ra\.|:ra_machine\b/, /:ra 2 and 3/],
  [/:libcluster\b/, /libcluster 3/],
  [/\bDeltaCrdt\./, /delta_crdt 0\.6/],
  [/\bPhoenix\.Tracker\b/, /phoenix_pubsub 2/],
  [/:partisan\b/, /Partisan 5/],
  [/\bHorde\.\w+\b/, /Horde 0\.10/],
  [/:telemetry\./, /telemetry 1/],
  [/:peer\./, /OTP 25/],
];

for (const snippet of snippets) {
  test(`${snippet.prefix}: its placeholders, description and scope are in order`, () => {
    const parsed = parseSnippet(snippet);
    const numbers = [...new Set(parsed.placeholders.map(({ index }) => index))].sort((a, b) => a - b);
    assert.deepEqual(
      numbers,
      numbers.map((_, i) => i),
      'the placeholders do not count from 0 without a gap',
    );
    assert.equal(parsed.placeholders.filter(({ isFinalTabstop }) => isFinalTabstop).length, 1, 'there is not one $0');
    const met = placeholdersInText(snippet).filter((number) => number !== 0);
    assert.deepEqual(met, [...met].sort(), 'the placeholders do not go from top to bottom');

    assert.match(snippet.description, /^[A-Z:].*\.$/);
    assert.ok(snippet.description.length <= 200, 'the description is too long for the list of completions');
    const code = fill(snippet).replaceAll(/"""[\s\S]*?"""|#.*$/gm, '');
    for (const [call, version] of versions) if (call.test(code)) assert.match(snippet.description, version);

    const scopes = [...(snippet.include ?? []), ...(snippet.exclude ?? [])];
    assert.ok(scopes.length > 0, 'it is offered in every file');
    for (const glob of scopes) assert.match(glob, /^\*\*\/|^[^/]*$/, 'VS Code compares the whole path, or the name alone');
    const isConfig = contextOf(snippet) === 'config';
    assert.equal(snippet.include?.includes('**/config/*.exs') ?? false, isConfig);
    assert.equal(snippet.description.startsWith('For config/'), isConfig, 'VS Code before 1.109 offers it in all files');
  });

  test(`${snippet.prefix}: the code is complete and free of findings`, () => {
    for (const placed of place(snippet)) {
      assert.doesNotMatch(placed.text, /\t|[ \t]$|\$\{|\.{3}$|TODO/m);
      const tooLong = placed.text.split('\n').filter((line) => line.length > 98);
      assert.deepEqual(tooLong, [], 'longer than the formatter leaves lines');
      assert.deepEqual(findingsIn([placed, ...companionsOf(snippet, snippets)]), []);
    }
  });
}

test('all snippets together, as files of one application, are free of findings', () => {
  const placed = snippets.flatMap((snippet) => place(snippet).slice(0, 1));
  const settings = placed.filter(({ path }) => path === 'config/runtime.exs').map(({ text }) => text.replace('import Config\n\n', ''));
  const others = placed.filter(({ path }) => path !== 'config/runtime.exs');
  const topologies = settings.filter((text) => !text.includes('config :libcluster') && !text.includes('config :partisan'));
  assert.deepEqual(findingsIn([...others, { path: 'config/runtime.exs', text: `import Config\n\n${topologies.join('\n')}` }]), []);
});

test('there is a snippet for every strategy of libcluster, with the keys that the design writes', () => {
  const texts = snippets.filter(({ prefix }) => prefix.startsWith('libcluster-')).map((snippet) => fill(snippet));
  const textFor = (strategy: string) =>
    texts.find((text) => new RegExp(`strategy: ${strategy.replaceAll('.', '\\.')}$`, 'm').test(text.replaceAll(',\n', '\n')));
  for (const strategy of strategies.keys()) assert.ok(textFor(strategy), `${strategy} has no snippet`);
  for (const { id } of platformChoices) {
    const { strategy, required } = libclusterDiscovery(id);
    for (const { key } of required) {
      // The database is reached with what its environment says.
      assert.match(textFor(strategy) ?? '', new RegExp(`\\b${key}: `), `${strategy} lacks ${key}`);
    }
  }
});

test('a module is named after its file', () => {
  const machine = snippets.find(({ prefix }) => prefix === 'ra-machine')!;
  const nameIn = (file: string) => /^defmodule (.*) do$/m.exec(fill(machine, file))?.[1];
  assert.equal(nameIn('lib/my_app/inventory/machine.ex'), 'MyApp.Inventory.Machine');
  assert.equal(nameIn('lib\\my_app\\stock_level.ex'), 'MyApp.StockLevel');
  assert.equal(nameIn('apps/shop/lib/shop/lib/cart.ex'), 'Shop.Lib.Cart');
  assert.equal(nameIn('test/my_app/cart_test.exs'), 'MyApp.CartTest');
  assert.equal(nameIn('test/support/my_app/peers.ex'), 'MyApp.Peers');
  assert.equal(nameIn('cart.ex'), 'Cart');
  assert.equal(nameIn('Untitled-1'), 'Untitled1');
});

/** The numbers of the placeholders in the order of the text, each once. */
function placeholdersInText(snippet: Snippet): readonly number[] {
  const found: number[] = [];
  parseSnippet(snippet).walk((marker) => {
    if (marker instanceof Placeholder && !found.includes(marker.index)) found.push(marker.index);
    return true;
  });
  return found;
}

/** What the default rules find in these files of a clustered application. */
function findingsIn(placed: readonly Placed[]): readonly string[] {
  const manifest = `defmodule MyApp.MixProject do
  use Mix.Project
  def project, do: [app: :my_app, version: "1.0.0", deps: deps()]
  defp deps, do: [{:libcluster, "~> 3.5"}, {:ra, "~> 3.1"}, {:horde, "~> 0.10"}, {:delta_crdt, "~> 0.6"}, {:partisan, "~> 5.0"}]
end
`;
  const facts = placed.map(({ path, text }) => extract(path, text));
  const project = buildProject({
    root: '',
    texts: new Map(placed.filter(({ path }) => isProjectFile(path)).map(({ path, text }) => [path, text])),
    facts: [...facts, extract('mix.exs', manifest)],
  });
  return facts.flatMap((file) => {
    const { findings, failures } = lint(file, {
      rules,
      context: { rpcWrappers: [], project },
      levelOf: (rule) => levelOf(emptyConfiguration, rule, file.path),
    });
    assert.deepEqual(failures, []);
    const broken = file.broken ? [`${file.path} cannot be parsed in full`] : [];
    return [...broken, ...findings.map(({ rule, message, range }) => `${file.path}:${range.start} ${rule.id}: ${message}`)];
  });
}
