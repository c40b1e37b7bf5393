// npm run build: bundles every part of the product into dist/.
import { statSync } from 'node:fs';
import path from 'node:path';
import { buildProducts, root } from './bundles.mjs';

for (const file of await buildProducts()) {
  console.log(`${file}  ${(statSync(path.join(root, file)).size / 1024 / 1024).toFixed(1)} MB`);
}
