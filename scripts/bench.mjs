// npm run bench -- PATH…: parse, facts and rules over the Elixir files below the paths (default: examples), in one run.
import { importTypeScript } from './bundles.mjs';

const { measure, report } = await importTypeScript('scripts/bench.ts');
const paths = process.argv.slice(2);
const folders = paths.length > 0 ? paths : ['examples'];
// The first pass warms the compiler up; what is printed is the second.
await measure(folders.slice(0, 1));
console.log(report(await measure(folders)));
