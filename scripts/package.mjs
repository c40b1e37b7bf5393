// npm run package [-- FILE]: builds the extension and writes it as netsplit-VERSION.vsix, or as FILE.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildProducts, root } from './bundles.mjs';
import { packageExtension } from './vsix.mjs';

const { name, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const [file = `${name}-${version}.vsix`] = process.argv.slice(2);
await buildProducts();
const size = await packageExtension(path.resolve(file));
console.log(`${file}  ${(size / 1024 / 1024).toFixed(2)} MB`);
