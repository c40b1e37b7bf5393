// Before npm test: what the tests need and npm does not bring. Debian's packages are installed where they are missing, by root; VS Code's server
// comes from npm's registry. What cannot be had is said, and the tests that need it are skipped.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { importTypeScript } from './bundles.mjs';
import { debianPackages, elixirMissing, installRa, raMissing } from './elixir.mjs';
import { neovimMissing, debianPackages as neovimPackages } from './neovim.mjs';

const editor = await importTypeScript('test/e2e/host/machine.ts');
const elixir = elixirMissing();
const neovim = neovimMissing();
const canRunEditor = !editor.unsupported();
const chromium = canRunEditor && !editor.findChromium() && 'there is no Chromium on the PATH';

const packages = [...(elixir ? debianPackages : []), ...(neovim ? neovimPackages : []), ...(chromium ? editor.debianPackages : [])];
const canInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');
if (packages.length > 0 && canInstall) {
  console.log(`Installing ${packages.join(', ')}: ${[elixir, neovim, chromium].filter(Boolean).join(', and ')}.`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => spawnSync('apt-get', args, { env, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
  const installed = apt('-q', 'update') && apt('-q', 'install', '-y', '--no-install-recommends', ...packages);
  if (!installed) console.log('They could not be installed.');
} else {
  if (elixir)
    console.log('For the tests against a real Elixir install 1.14 or later with Erlang/OTP: https://elixir-lang.org/install.html');
  if (neovim) console.log('For the tests in Neovim install 0.7 or later: https://neovim.io.');
  if (chromium) console.log('For the tests in VS Code install Chromium, or say in CHROMIUM_PATH where it is.');
}

if (canRunEditor) {
  try {
    await editor.install();
  } catch (error) {
    console.log(`VS Code's server could not be installed: ${error.message}`);
  }
}

if (raMissing() && existsSync('/etc/debian_version')) {
  console.log('Downloading :ra, which generated code is run on.');
  if (!installRa()) console.log(':ra could not be downloaded; the tests that run on it will be skipped.');
}
