// npm test [-- FILTER…]: builds the product, then runs all suites in one test run. A filter is a part of a path below test/: `unit`,
// `unit/linter`; options go to node: --test-name-pattern=…. With CI=true no suite may be skipped.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { buildEditorTests, buildProducts, buildTests, importTypeScript, root } from './bundles.mjs';
import { elixirMissing } from './elixir.mjs';
import { neovimMissing } from './neovim.mjs';

const options = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const filters = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));

const editor = await importTypeScript('test/e2e/host/machine.ts');

/** By folder below test/: whether it drives the built product, or the packaged extension, and why it cannot run here, where it cannot. */
const suites = [
  { name: 'unit', needsProduct: false },
  { name: 'lsp', needsProduct: true },
  { name: 'cli', needsProduct: true },
  { name: 'editors', needsProduct: true, missing: neovimMissing },
  { name: 'elixir', needsProduct: true, missing: elixirMissing },
  { name: 'page', needsProduct: true, missing: editor.chromiumMissing },
  { name: 'e2e', needsProduct: true, needsExtension: true, missing: editor.missing },
];

const skipped = [];
const chosen = suites.flatMap((suite) => {
  const files = testFiles(suite.name).filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)));
  const missing = files.length > 0 ? suite.missing?.() : undefined;
  if (missing) skipped.push(`The suite test/${suite.name} is skipped: ${missing}.`);
  return files.length > 0 && !missing ? [{ ...suite, files }] : [];
});

for (const line of skipped) console.log(line);
if (skipped.length > 0 && process.env.CI === 'true') {
  console.error('With CI=true every suite has to run.');
  process.exit(1);
}
if (chosen.length === 0) {
  if (skipped.length > 0) console.error('Nothing is left to run.');
  else console.error(filters.length > 0 ? `No test file matches ${filters.join(' ')}.` : 'There is no test file.');
  process.exit(1);
}

if (chosen.some((suite) => suite.needsProduct)) await buildProducts();
if (chosen.some((suite) => suite.needsExtension)) {
  packageExtension();
  await buildEditorTests();
}
const built = await buildTests(chosen.flatMap((suite) => suite.files));
// What waits for an event that never comes is named, not waited for.
const args = ['--enable-source-maps', '--test', '--test-reporter=spec', `--test-timeout=${10 * 60_000}`, ...options, ...built];
const { status, error } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
if (error) throw error;
process.exitCode = status ?? 1;

function packageExtension() {
  const stdio = ['ignore', 'ignore', 'inherit'];
  const { status } = spawnSync(process.execPath, ['scripts/package.mjs', 'out/netsplit.vsix'], { cwd: root, stdio });
  if (status !== 0) process.exit(1);
}

function testFiles(suite) {
  const folder = path.join(root, 'test', suite);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.test.ts'));
  return files.map((file) => `test/${suite}/${file.split(path.sep).join('/')}`).sort();
}
