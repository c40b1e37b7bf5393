/** Which files have changed since a commit, as git tells. */
import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import path from 'node:path';
import { Failure } from './failure';
import type { Target } from './files';
import { isWithin } from './paths';

/**
 * Those of the targets with changes since the commit where `reference` and the present branch part: committed, staged, in the working tree, or
 * in files that git does not know yet. Not those that were only removed or renamed without a change. A Failure where git cannot tell.
 */
export function changedSince<T extends Target>(reference: string, targets: readonly T[], cwd: string): readonly T[] {
  const flag = `\`--changed-since ${reference}\``;
  const top = git(cwd, flag, ['rev-parse', '--show-toplevel']);
  if (top === undefined) throw new Failure(`${flag}: the working directory is in no git repository.`);
  const root = top.replace(/\r?\n$/, '');
  const commit = git(cwd, flag, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${reference}^{commit}`])?.trim();
  if (!commit) throw new Failure(`${flag}: git knows no commit of that name. Where the history is cut off, as in CI, fetch it first.`);
  const base = git(cwd, flag, ['merge-base', commit, 'HEAD'])?.trim();
  if (!base) {
    throw new Failure(
      `${flag}: it has no commit in common with the present one. Where the history is cut off, as in CI, fetch more of it (\`git fetch --unshallow\`).`,
    );
  }
  const diff = ['diff', '--name-only', '-z', '--no-renames', '--no-ext-diff', '--diff-filter=d', base, '--', root];
  const listed = [git(cwd, flag, diff), git(cwd, flag, ['ls-files', '--others', '--exclude-standard', '-z', '--full-name', '--', root])];
  const changed = new Set<string>();
  for (const output of listed) {
    if (output === undefined) throw new Failure(`${flag}: git could not list what has changed.`);
    for (const name of output.split('\0')) if (name !== '') changed.add(path.join(root, name));
  }
  return targets.filter((target) => {
    const real = realpathSync(target.path);
    if (!isWithin(root, real)) throw new Failure(`${flag}: \`${target.shown}\` is not in the repository of the working directory.`);
    return changed.has(real);
  });
}

/** What git answers; undefined where it says no. */
function git(cwd: string, flag: string, args: readonly string[]): string | undefined {
  // A repository may name a program that is run to watch its files.
  const { status, stdout, error } = spawnSync('git', ['-c', 'core.fsmonitor=false', '-c', 'diff.relative=false', ...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (error) throw new Failure(`${flag}: git cannot be run: ${error.message}.`);
  return status === 0 ? stdout : undefined;
}
