// npm run check: types, format, generated files and unit tests; with --no-tests, all but the tests.
import { spawnSync } from 'node:child_process';
import { root } from './bundles.mjs';

const steps = [
  ['types', 'npx', ['tsc', '-b']],
  ['format and style', 'npx', ['biome', 'ci', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`, '.']],
  ['generated files', process.execPath, ['scripts/generate.mjs', '--check']],
  ...(process.argv.includes('--no-tests') ? [] : [['unit tests', process.execPath, ['scripts/test.mjs', 'unit']]]),
];

const failed = steps.filter(([name, command, args]) => {
  console.log(`\n== ${name}`);
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32' && command === 'npx',
  });
  if (error) console.error(error.message);
  return status !== 0;
});
console.log(failed.length === 0 ? '\nAll is well.' : `\nFailed: ${failed.map(([name]) => name).join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
