import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { rules } from '../../core/rules';

/** TypeScript files below a folder of the repository, relative to the repository, with `/`. */
function sources(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  return files.map((file) => `${folder}/${file.split(path.sep).join('/')}`).sort();
}

/** What a file imports: packages by name, files of the repository by their path without `.ts`. */
function importsOf(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  const named = [...text.matchAll(/^(?:import|export)\b[^'"`;]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm)];
  return named.map(([, from, bare, dynamic]) => {
    const name = from ?? bare ?? dynamic ?? '';
    return name.startsWith('.') ? path.posix.join(path.posix.dirname(file), name) : name;
  });
}

/** `file imports what`, for each import that is not allowed. */
function forbidden(files: readonly string[], isAllowed: (imported: string, file: string) => boolean): readonly string[] {
  return files.flatMap((file) => importsOf(file).flatMap((imported) => (isAllowed(imported, file) ? [] : [`${file} imports ${imported}`])));
}

const ruleFiles = sources('core/rules').filter((file) => file !== 'core/rules/index.ts');
const isLocal = (imported: string) => /^(?:core|server|cli|client|test)\//.test(imported);

test('imports are seen', () => {
  assert.ok(importsOf('core/rules/suppression/unused-suppression.ts').includes('core/rule'));
  assert.ok(importsOf('core/configuration.ts').includes('picomatch'));
  assert.ok(importsOf('test/unit/project.test.ts').includes('node:fs'));
});

test('core imports itself and a few libraries that need no host', () => {
  const libraries = new Set(['fastest-levenshtein', 'fflate/browser', 'jsonc-parser', 'picomatch', 'web-tree-sitter', 'yaml']);
  const isWasm = (imported: string) => imported.endsWith('.wasm');
  assert.deepEqual(
    forbidden(sources('core'), (imported) => imported.startsWith('core/') || libraries.has(imported) || isWasm(imported)),
    [],
  );
});

test('only core/syntax and the lowering know the tree', () => {
  const rest = sources('core').filter((file) => !file.startsWith('core/syntax/') && file !== 'core/elixir/lower.ts');
  const isLoader = (file: string, imported: string) => file === 'core/facts/extract.ts' && imported === 'core/syntax/parser';
  assert.deepEqual(
    forbidden(
      rest,
      (imported, file) => imported !== 'web-tree-sitter' && (!imported.startsWith('core/syntax/') || isLoader(file, imported)),
    ),
    [],
  );
});

test('rules see facts, the project, the design and edits, and no other rule', () => {
  const may = /^core\/(?:facts\/(?!extract$)|elixir\/ir$|project\/|design\/|fix(?:-\w+)?$|text$|nearest$|rule$)/;
  assert.deepEqual(
    forbidden(ruleFiles, (imported) => may.test(imported)),
    [],
  );
});

test('the design knows no tree, no facts and no rules', () => {
  assert.deepEqual(
    forbidden(sources('core/design'), (imported) => !isLocal(imported) || /^core\/(?:design\/|text$)/.test(imported)),
    [],
  );
});

test('server, command line and client stand beside each other, on core', () => {
  for (const [folder, others] of Object.entries({ server: ['cli', 'client'], client: ['server', 'cli'] })) {
    assert.deepEqual(
      forbidden(sources(folder), (imported) => !others.some((other) => imported.startsWith(`${other}/`))),
      [],
    );
  }
});

test('each rule is the file of its name, and in the list', () => {
  const files = ruleFiles.map((file) => path.posix.basename(file, '.ts'));
  assert.deepEqual(
    rules.map((rule) => rule.id),
    files.sort(),
  );
});

test('each rule has a page', () => {
  for (const rule of rules) assert.ok(existsSync(`docs/rules/${rule.id}.md`), `docs/rules/${rule.id}.md is missing: npm run generate`);
});

test('generated files are up to date', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/generate.mjs', '--check'], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
});
