// node scripts/icon.mjs: draws client/media/icon.png, which the gallery wants, from client/media/icon.svg. Needs Chromium.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { importTypeScript, root } from './bundles.mjs';

const { startBrowser } = await importTypeScript('test/e2e/host/browser.ts');
const folder = path.join(root, 'client/media');
const size = 256;

const browser = await startBrowser();
try {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${readFileSync(path.join(folder, 'icon.svg'), 'utf8')}`);
  writeFileSync(path.join(folder, 'icon.png'), await page.screenshot({ omitBackground: true }));
} finally {
  await browser.close();
}
