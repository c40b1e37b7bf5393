/** Files that are written whole or not at all. */
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';

/**
 * Replaces the content of a file in one step, keeping its mode and owner. False, and nothing is written, when the file no longer holds `before`.
 * Throws the system's errors; the file is then as it was.
 */
export function replaceFile(file: string, before: Buffer, after: Buffer): boolean {
  const real = realpathSync(file);
  accessSync(real, constants.W_OK);
  const { mode, uid, gid } = statSync(real);
  return withTemporary(real, after, (temporary) => {
    keepOwner(temporary, uid, gid);
    chmodSync(temporary, mode & 0o7777);
    if (!readFileSync(real).equals(before)) return false;
    renameSync(temporary, real);
    return true;
  });
}

/**
 * Makes a file in one step; `mode` is what the user's mask takes its bits from. False, and nothing is written, when there is something of that name.
 * Throws the system's errors.
 */
export function createFile(file: string, content: Buffer, mode: number): boolean {
  return withTemporary(file, content, (temporary) => {
    chmodSync(temporary, mode & ~process.umask());
    try {
      linkSync(temporary, file);
      return true;
    } catch {
      // Something is there, or the file system has no hard links.
      if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) return false;
      renameSync(temporary, file);
      return true;
    }
  });
}

/** Writes `content` beside `file`, hands the path to `place`, and leaves nothing there. */
function withTemporary(file: string, content: Buffer, place: (temporary: string) => boolean): boolean {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeNew(temporary, content);
    return place(temporary);
  } finally {
    rmSync(temporary, { force: true });
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
    // The file then belongs to the one who wrote it, as with any editor that replaces files.
  }
}
