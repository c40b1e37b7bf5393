/** Data that people write into files, read from the disk; what is wrong with it is shown at its place. */
import path from 'node:path';
import { parseData } from '../../core/data';
import { lineStarts, positionAt } from '../../core/text';
import type { Disk } from './disk';
import { Failure } from './failure';
import { relativePath } from './paths';
import { printable } from './terminal';

/** A value of a file, and where its parts stand. */
export interface Data {
  readonly value: unknown;
  /** Throws a Failure that names every error at its place. A path is as `steps[2].node`; empty for the whole. */
  refuse(errors: readonly { readonly path: string; readonly message: string }[]): never;
}

/** Reads a file; `what` is what it should hold: `answers`, `a scenario`. Throws a Failure when it cannot be read or parsed. */
export function readData(given: string, what: string, cwd: string, disk: Disk): Data {
  const file = path.resolve(cwd, given);
  const shown = relativePath(cwd, file);
  const source = disk.read(file);
  if (source.kind !== 'text') throw new Failure(`\`${shown}\` cannot be read: ${source.reason}.`);
  const { text } = source;
  const parsed = parseData(file, text);
  if (!parsed) throw new Failure(`\`${shown}\` cannot hold ${what}: the name of the file must end in .json, .yaml or .yml.`);
  if (text.trim() === '') throw new Failure(`\`${shown}\` is empty: expected ${what}.`);
  const starts = lineStarts(text);
  const placeAt = (offset: number): string => {
    const { line, column } = positionAt(starts, offset);
    return `${shown}:${line}:${column}`;
  };
  if ('errors' in parsed) {
    const lines = parsed.errors.map(({ message, offset }) => printable(`${placeAt(offset)}: ${message}`));
    throw new Failure(`\`${shown}\` cannot be parsed.\n${lines.join('\n')}`);
  }
  return {
    value: parsed.value,
    refuse(errors) {
      const lines = errors.map((error) => {
        const place = placeAt(parsed.offsetOf(error.path));
        return printable(error.path === '' ? `${place}: ${error.message}` : `${place}: ${error.path}: ${error.message}`);
      });
      throw new Failure(`\`${shown}\` does not hold ${what} that can be used.\n${lines.join('\n')}`);
    },
  };
}
