/** What was asked cannot be done. The message goes to stderr as it is, and the exit status is 2. */
export class Failure extends Error {}

/** Why a file or a directory cannot be read or written, in the words of the operating system's errors. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'EISDIR') return 'is a directory';
  if (code === 'ENOTDIR') return 'a part of the path is not a directory';
  if (code === 'ELOOP') return 'symbolic links form a cycle';
  if (code === 'EROFS') return 'the file system is read-only';
  if (code === 'ENOSPC') return 'no space left';
  return error instanceof Error ? error.message : String(error);
}
