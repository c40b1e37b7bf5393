// What the tests in a real Neovim need, and where it comes from.
import { spawnSync } from 'node:child_process';

/** Debian's packages. */
export const debianPackages = ['neovim'];

/** Why the tests cannot use Neovim here; undefined when they can. */
export function neovimMissing() {
  const { stdout, error } = spawnSync('nvim', ['--version'], { encoding: 'utf8' });
  if (error) return 'there is no `nvim` on the PATH';
  const [, major = '0', minor = '0'] = /^NVIM v(\d+)\.(\d+)/.exec(stdout) ?? [];
  return Number(major) > 0 || Number(minor) >= 7 ? undefined : 'this Neovim is older than 0.7';
}
