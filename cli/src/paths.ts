/** Paths as people and globs see them: with `/`. */
import path from 'node:path';

/** `absolute` as it is shown: relative to `from`, with `/`. */
export function relativePath(from: string, absolute: string): string {
  const relative = path.relative(from, absolute);
  return (relative === '' ? '.' : relative).split(path.sep).join('/');
}

/** Whether `candidate` is `directory` or lies below it; both absolute. */
export function isWithin(directory: string, candidate: string): boolean {
  const relative = path.relative(directory, candidate);
  return relative === '' || (relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative));
}

/** The directory and those above it, innermost first. */
export function* upwards(directory: string): Generator<string> {
  let at = directory;
  for (;;) {
    yield at;
    const parent = path.dirname(at);
    if (parent === at) return;
    at = parent;
  }
}

/** Order by code units, the same on every machine. */
export function comparePaths(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
