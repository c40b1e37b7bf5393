// Before npm test: the tests against a real Elixir need one. On Debian, and as root, it is installed where it is missing.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { debianPackages, elixirMissing } from './elixir.mjs';

const missing = elixirMissing();
if (missing) {
  const canInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');
  console.log(canInstall ? `Installing Elixir: ${missing}.` : `The tests against a real Elixir will be skipped: ${missing}.`);
  if (canInstall) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt = (...args) => spawnSync('apt-get', args, { env, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
    const installed = apt('-q', 'update') && apt('-q', 'install', '-y', '--no-install-recommends', ...debianPackages);
    if (!installed) console.log('Elixir could not be installed; the tests against it will be skipped.');
  } else {
    console.log('Install Elixir 1.14 or later with Erlang/OTP (https://elixir-lang.org/install.html) to run them.');
  }
}
