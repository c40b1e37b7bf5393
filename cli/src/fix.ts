/** Fixes: which of them go together, and writing a fixed file. */
import type { LintFinding } from '../../core/linter';
import { applyEdits, conflict, type TextEdit } from '../../core/text';
import { bytesOf } from './disk';
import { Failure, reasonOf } from './failure';
import { replaceFile } from './replace';
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
  try {
    if (replaceFile(file, bytesOf(mark, before), bytesOf(mark, after))) return;
  } catch (error) {
    throw new Failure(`cannot be written: ${reasonOf(error)}; not fixed`);
  }
  throw new Failure('has changed since it was linted; not fixed, run again');
}
