/** Fixes: which of them go together, and writing a fixed file. */
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import type { LintFinding } from '../../core/linter';
import { applyEdits, conflict, type TextEdit } from '../../core/text';
import { bytesOf } from './disk';
import { Failure, reasonOf } from './failure';
import { safetyOf } from './report';

/** Fixes are applied anew until nothing changes, at most so often. */
export const maxPasses = 10;

/** The text with all fixes applied that do not touch one another; of two that do, the first in the text. Unsafe ones only if asked for. */
export function applyFixes(
  text: string,
  findings: readonly LintFinding[],
  unsafe: boolean,
): { readonly text: string; readonly fixed: number } {
  const edits: TextEdit[] = [];
  let fixed = 0;
  for (const finding of findings) {
    const safety = safetyOf(finding);
    if (!finding.fix || (safety === 'unsafe' && !unsafe)) continue;
    if (finding.fix.edits.some((edit) => edits.some((taken) => conflict(taken, edit)))) continue;
    edits.push(...finding.fix.edits);
    fixed++;
  }
  return { text: applyEdits(text, edits), fixed };
}

/** Replaces a file's text in one step, keeping its mode and owner; only if it still is what was linted, else a Failure and nothing is written. */
export function writeFixed(file: string, before: string, after: string, mark: boolean): void {
  const temporary = { path: '' };
  try {
    const real = realpathSync(file);
    accessSync(real, constants.W_OK);
    const { mode, uid, gid } = statSync(real);
    temporary.path = path.join(path.dirname(real), `.${path.basename(real)}.${randomBytes(6).toString('hex')}.tmp`);
    writeNew(temporary.path, bytesOf(mark, after));
    keepOwner(temporary.path, uid, gid);
    chmodSync(temporary.path, mode & 0o7777);
    if (!readFileSync(real).equals(bytesOf(mark, before))) throw new Failure('has changed since it was linted; not fixed, run again');
    renameSync(temporary.path, real);
  } catch (error) {
    if (temporary.path !== '') rmSync(temporary.path, { force: true });
    throw error instanceof Failure ? error : new Failure(`cannot be written: ${reasonOf(error)}; not fixed`);
  }
}

function writeNew(file: string, bytes: Buffer): void {
  const descriptor = openSync(file, 'wx', 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  } finally {
    closeSync(descriptor);
  }
}

/** As far as the user may: only the superuser gives files away. */
function keepOwner(file: string, uid: number, gid: number): void {
  const created = statSync(file);
  if (created.uid === uid && created.gid === gid) return;
  try {
    chownSync(file, uid, gid);
  } catch {
    // The file then belongs to the one who fixed it, as with any editor that replaces files.
  }
}
