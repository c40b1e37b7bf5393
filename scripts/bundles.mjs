// How TypeScript becomes JavaScript, for the product, for tests and for scripts.

import { existsSync, readFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import esbuild from 'esbuild';

/** The repository. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

/** Names that stand for texts in every bundle: what the server answers when it is asked for its version. */
const define = { NETSPLIT_VERSION: JSON.stringify(version) };

/** Files that become part of the bundle, so that nothing has to be found at run time. */
const loader = { '.tsv': 'text', '.css': 'text' };

/**
 * WebAssembly is embedded as gzip: its text form in a bundle would hardly compress. It is decoded by what Node and browsers both have, as esbuild's
 * own loader is not.
 */
const gzippedWasm = {
  name: 'gzipped-wasm',
  setup(build) {
    build.onLoad({ filter: /\.wasm$/ }, ({ path: file }) => {
      const text = gzipSync(readFileSync(file), { level: 9 }).toString('base64');
      return {
        contents: `const text = atob("${text}");
const bytes = new Uint8Array(text.length);
for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
export default bytes;`,
      };
    });
  },
};

/** `module` first: some `main`s cannot be bundled. */
const shared = {
  absWorkingDir: root,
  bundle: true,
  target: 'es2022',
  mainFields: ['module', 'main'],
  define,
  loader,
  plugins: [gzippedWasm],
  logLevel: 'warning',
  legalComments: 'none',
};

/** CommonJS for Node and VS Code. The parser's library asks for `import.meta.url`, which CommonJS does not have. */
const commonjs = {
  ...shared,
  platform: 'node',
  format: 'cjs',
  define: { ...define, 'import.meta.url': 'importMetaUrl' },
  banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
};

/** One file for a worker or a web page, which has no modules to load; the parser is never asked for its own address. */
const browser = {
  ...shared,
  platform: 'browser',
  mainFields: ['browser', 'module', 'main'],
  define: { ...define, 'import.meta.url': '"file:///"' },
};

/**
 * One file for Node and for a worker in a browser, so that the extension carries the parser, the rules and the design engine once. What needs Node
 * is loaded on the way that only Node takes; the libraries of VS Code have a part for each of the two.
 */
const everywhere = {
  ...commonjs,
  conditions: ['node', 'browser', 'module'],
  // Its other build asks Node for what it does not need.
  alias: { yaml: path.join(root, 'node_modules/yaml/browser/index.js') },
  banner: {
    js: 'const importMetaUrl = typeof __filename === "string" ? require("node:url").pathToFileURL(__filename).href : "file:///";',
  },
};

const products = [
  { entry: 'cli/src/main.ts', outfile: 'dist/cli.js', options: commonjs, executable: true },
  { entry: 'server/src/main.ts', outfile: 'dist/server.js', options: { ...everywhere, format: 'iife' } },
  { entry: 'client/src/main.ts', outfile: 'dist/client.js', options: { ...everywhere, external: ['vscode'] } },
  { entry: 'client/webview/main.ts', outfile: 'dist/webview.js', options: { ...browser, format: 'iife' } },
];

/** Builds `dist/` and returns the files that it wrote, relative to the repository. */
export async function buildProducts() {
  const present = products.filter(({ entry }) => existsSync(path.join(root, entry)));
  await Promise.all(
    present.map(async ({ entry, outfile, options, executable }) => {
      const start = executable ? `#!/usr/bin/env node\n${options.banner.js}` : options.banner?.js;
      await bundle({ ...options, entryPoints: [entry], outfile, minify: true, ...(start && { banner: { js: start } }) });
      if (executable) await chmod(path.join(root, outfile), 0o755);
    }),
  );
  return present.map(({ outfile }) => outfile);
}

/** Runs esbuild, which says itself what is wrong with the sources. */
async function bundle(options) {
  try {
    await esbuild.build(options);
  } catch (error) {
    if (!error.errors) throw error;
    process.exit(1);
  }
}

/** ECMAScript modules for Node, with maps to the TypeScript; libraries that are CommonJS may ask for `require`. */
const modules = {
  ...shared,
  platform: 'node',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  sourcemap: 'linked',
  // They find files of their own beside them.
  external: ['playwright-core', '@vscode/test-electron'],
  banner: { js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);' },
};

/** Bundles test files, given relative to the repository, into `out/test` and returns the files to run. */
export async function buildTests(files) {
  await bundle({ ...modules, entryPoints: files, outdir: 'out/test', outbase: 'test' });
  return files.map((file) => path.join('out', file.replace(/\.ts$/, '.mjs')));
}

/** Bundles what the tests in VS Code are made of beside their test files: what runs within VS Code, and what starts it. */
export async function buildEditorTests() {
  await bundle({ ...commonjs, entryPoints: ['test/e2e/suite/run.ts'], outfile: 'out/test/e2e/suite.cjs', external: ['vscode', 'mocha'] });
  await bundle({ ...browser, format: 'cjs', entryPoints: ['test/e2e/web/run.ts'], outfile: 'out/test/e2e/web.js', external: ['vscode'] });
  const launcher = 'out/test/e2e/launcher.mjs';
  await bundle({ ...modules, entryPoints: ['test/e2e/host/launcher.ts'], outfile: launcher });
  await chmod(path.join(root, launcher), 0o755);
}

/** What a TypeScript file of the repository exports. */
export async function importTypeScript(file) {
  const outfile = path.join('out/scripts', file.replace(/\.ts$/, '.mjs'));
  await bundle({ ...modules, entryPoints: [file], outfile });
  return import(pathToFileURL(path.join(root, outfile)).href);
}
