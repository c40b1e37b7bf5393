/** The disk as Netsplit reads it: each directory and each file once. */
import { isUtf8 } from 'node:buffer';
import { closeSync, type Dirent, existsSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import path from 'node:path';
import { reasonOf } from './failure';
import { upwards } from './paths';

/** Larger files are generated or data, never linted; bytes. */
export const maxFileSize = 2 * 1024 * 1024;

const byteOrderMark = '\uFEFF';

/** A text and whether a byte order mark stood before it: offsets count from behind the mark, as editors do. */
export interface SourceText {
  readonly kind: 'text';
  readonly text: string;
  readonly mark: boolean;
}

/** A file that is there but is no text to lint: too large, binary, not UTF-8. */
export interface NotText {
  readonly kind: 'not text';
  readonly reason: string;
}

/** A file that the system would not give. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly reason: string;
}

export type Source = SourceText | NotText | Unreadable;

export interface Disk {
  /** The entries of a directory in the order of their names; a reason when it cannot be read. */
  list(directory: string): readonly Dirent[] | Unreadable;
  read(file: string): Source;
  /** Puts a text in the place of what the disk holds: standard input, a fixed file. */
  put(file: string, source: Source): void;
  /** Whether there is something called `name` in the directory. */
  holds(directory: string, name: string): boolean;
  /** The file `name` in the directory or the nearest one above it, not above the root of the repository. */
  findUpwards(directory: string, name: string): string | undefined;
  /** The nearest directory upwards that holds `.git`. */
  repositoryOf(directory: string): string | undefined;
}

export function createDisk(): Disk {
  const listings = new Map<string, readonly Dirent[] | Unreadable>();
  const sources = new Map<string, Source>();

  const list = (directory: string): readonly Dirent[] | Unreadable => {
    const known = listings.get(directory);
    if (known) return known;
    const listing = readDirectory(directory);
    listings.set(directory, listing);
    return listing;
  };

  const present = new Map<string, boolean>();
  const holds = (directory: string, name: string): boolean => {
    const file = path.join(directory, name);
    const known = present.get(file);
    if (known !== undefined) return known;
    const found = existsSync(file);
    present.set(file, found);
    return found;
  };

  const nearest = new Map<string, string | undefined>();

  return {
    list,
    read: (file) => {
      const known = sources.get(file);
      if (known) return known;
      const source = readSource(file);
      sources.set(file, source);
      return source;
    },
    put: (file, source) => void sources.set(file, source),
    holds,
    findUpwards: (directory, name) => {
      const key = path.join(directory, name);
      if (!nearest.has(key)) nearest.set(key, findUpwards(directory, name, holds));
      return nearest.get(key);
    },
    repositoryOf: (directory) => {
      for (const at of upwards(directory)) if (holds(at, '.git')) return at;
      return undefined;
    },
  };
}

function findUpwards(directory: string, name: string, holds: (directory: string, name: string) => boolean): string | undefined {
  for (const at of upwards(directory)) {
    if (holds(at, name)) return path.join(at, name);
    if (holds(at, '.git')) return undefined;
  }
  return undefined;
}

/** The bytes of a source as they stand on the disk. */
export function bytesOf(mark: boolean, text: string): Buffer {
  return Buffer.from(mark ? byteOrderMark + text : text);
}

/** Bytes → text, or why they are none. */
export function decode(bytes: Buffer): SourceText | NotText {
  if (bytes.length > maxFileSize) return tooLarge(bytes.length);
  if (bytes.includes(0)) return { kind: 'not text', reason: 'binary' };
  if (!isUtf8(bytes)) return { kind: 'not text', reason: 'not UTF-8' };
  const text = bytes.toString('utf8');
  const mark = text.startsWith(byteOrderMark);
  return { kind: 'text', text: mark ? text.slice(1) : text, mark };
}

function tooLarge(size: number): NotText {
  return { kind: 'not text', reason: `larger than 2 MiB (${size} bytes)` };
}

function readDirectory(directory: string): readonly Dirent[] | Unreadable {
  try {
    return readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    return { kind: 'unreadable', reason: reasonOf(error) };
  }
}

function readSource(file: string): Source {
  try {
    const descriptor = openSync(file, 'r');
    try {
      return readOpen(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return { kind: 'unreadable', reason: reasonOf(error) };
  }
}

function readOpen(descriptor: number): Source {
  const before = fstatSync(descriptor);
  if (!before.isFile()) return decode(readFileSync(descriptor));
  for (let attempt = 0, stat = before; attempt < 3; attempt++) {
    if (stat.size > maxFileSize) return tooLarge(stat.size);
    const bytes = Buffer.allocUnsafe(stat.size);
    let length = 0;
    while (length < bytes.length) {
      const count = readSync(descriptor, bytes, length, bytes.length - length, length);
      if (count === 0) break;
      length += count;
    }
    const after = fstatSync(descriptor);
    if (length === stat.size && length === after.size && stat.mtimeMs === after.mtimeMs) return decode(bytes);
    stat = after;
  }
  return { kind: 'unreadable', reason: 'is being written to' };
}
