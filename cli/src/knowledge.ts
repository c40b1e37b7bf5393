/** The knowledge base: the file of the project into which decisions and investigations are written. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { knowledgeBases, type Section, type Upsert, upsert } from '../../core/design/learnings';
import type { Flag, Parsed } from './arguments';
import { bytesOf, createDisk, type SourceText } from './disk';
import { Failure, reasonOf } from './failure';
import type { Host } from './host';
import { relativePath } from './paths';
import { createFile, replaceFile } from './replace';

/** Of every command that can write into the knowledge base. */
export const writeFlag: Flag = {
  value: 'FILE',
  optional: true,
  help: `put it into this Markdown file, where it replaces what it wrote before\n(default: ${knowledgeBases[0]} where it exists, else ${knowledgeBases[1]})`,
};

/** Where `--write` writes. */
export interface KnowledgeBase {
  /** Puts the section into the file, in one step, and says on stderr what was done. Throws a Failure when that cannot be done. */
  write(section: Section): void;
}

/** The file that `--write` asks for; undefined without the flag. Throws a Failure at once for one that could not be written later. */
export function knowledgeBaseOf(parsed: Parsed, host: Host): KnowledgeBase | undefined {
  if (!parsed.has('write')) return undefined;
  const file = path.resolve(host.cwd, parsed.value('write') ?? defaultKnowledgeBase(host.cwd));
  const shown = relativePath(host.cwd, file);
  if (!/\.(md|markdown)$/i.test(file)) throw new Failure(`\`--write ${shown}\`: expected a Markdown file, with a name that ends in .md.`);
  if (!existsSync(path.dirname(file))) throw new Failure(`\`${shown}\` cannot be written: its directory does not exist.`);
  if (existsSync(file)) textOf(file, shown);
  return {
    write(section) {
      const { outcome, notes } = writeSection(file, shown, section);
      host.note(`${shown}: ${described[outcome]} ${titleOf(section)}.`);
      for (const note of notes) host.note(`${shown}: ${note}`);
    },
  };
}

const described: Readonly<Record<Upsert['outcome'] | 'created', string>> = {
  created: 'created, with',
  appended: 'added',
  replaced: 'updated',
  unchanged: 'unchanged, already has',
};

function titleOf({ heading }: Section): string {
  return `“${heading.replace(/^#+\s*/, '')}”`;
}

function defaultKnowledgeBase(cwd: string): string {
  const [first = '', other = first] = knowledgeBases;
  return existsSync(path.join(cwd, first)) ? first : other;
}

function textOf(file: string, shown: string): SourceText {
  const source = createDisk().read(file);
  if (source.kind !== 'text') throw new Failure(`\`${shown}\` stays as it is, it cannot be read: ${source.reason}.`);
  return source;
}

function writeSection(
  file: string,
  shown: string,
  section: Section,
): { readonly outcome: Upsert['outcome'] | 'created'; readonly notes: readonly string[] } {
  try {
    if (!existsSync(file)) {
      const { text, notes } = upsert('', section);
      if (createFile(file, bytesOf(false, text), 0o666)) return { outcome: 'created', notes };
    } else {
      const source = textOf(file, shown);
      const { text, outcome, notes } = upsert(source.text, section);
      if (outcome === 'unchanged') return { outcome, notes };
      if (replaceFile(file, bytesOf(source.mark, source.text), bytesOf(source.mark, text))) return { outcome, notes };
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`\`${shown}\` cannot be written: ${reasonOf(error)}.`);
  }
  throw new Failure(`\`${shown}\` has just been changed by somebody else, and stays as it is. Run again.`);
}
