// npm run quality -- OUT: lints the repositories of test/corpus/repositories.tsv, tries every fix, and writes docs/rules/quality.md.
// OUT holds one folder `owner__name` for each of them, with the files of its commit.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildProducts, importTypeScript, root } from './bundles.mjs';

const [out] = process.argv.slice(2);
if (!out) {
  console.error(
    'Usage: npm run quality -- OUT\n\nOUT is a folder with one folder owner__name for each line of test/corpus/repositories.tsv.',
  );
  process.exit(2);
}
const { measureQuality, qualityPage } = await importTypeScript('scripts/quality.ts');
await buildProducts();
try {
  writeFileSync(path.join(root, 'docs/rules/quality.md'), qualityPage(await measureQuality(path.resolve(out))));
  console.log('wrote docs/rules/quality.md');
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
