/** Generated code on the disk: all files of it, or none. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { GeneratedFile } from '../../core/design/document';
import type { GeneratedCode } from '../../core/design/generate/generate';
import { Failure, reasonOf } from './failure';
import type { Host } from './host';
import { relativePath } from './paths';
import { createFile } from './replace';
import { count } from './report';

/** Writes the files below `directory` and says on stderr what they are and need. Throws a Failure, and writes nothing, where a file of another content is. */
export function writeCode({ files, dependencies }: GeneratedCode, directory: string, host: Host): void {
  const root = path.resolve(host.cwd, directory);
  const shown = (file: GeneratedFile): string => relativePath(host.cwd, path.join(root, file.path));
  const fresh = files.filter((file) => !existsSync(path.join(root, file.path)));
  const others = files.filter((file) => !fresh.includes(file) && !holds(path.join(root, file.path), file.content));
  if (others.length > 0) {
    throw new Failure(
      `no code is written: ${others.length === 1 ? 'a file is' : 'files are'} there with other content. Write it elsewhere and merge, as with \`--code generated\`.\n${others.map(shown).join('\n')}`,
    );
  }
  const created: string[] = [];
  try {
    for (const file of fresh) {
      const target = path.join(root, file.path);
      const made = mkdirSync(path.dirname(target), { recursive: true });
      if (made !== undefined) created.push(made);
      if (!createFile(target, Buffer.from(file.content), file.path.endsWith('.sh') ? 0o777 : 0o666))
        throw new Failure('appeared meanwhile');
      created.push(target);
    }
  } catch (error) {
    for (const made of created.reverse()) rmSync(made, { recursive: true, force: true });
    throw new Failure(`no code is written to \`${relativePath(host.cwd, root)}\`: ${reasonOf(error)}.`);
  }
  const lines = files.map((file) => `${shown(file)}: ${file.what}`);
  const unchanged = files.length - fresh.length;
  host.note(`wrote ${count(fresh.length, 'file')}${unchanged > 0 ? `, ${unchanged} were there already` : ''}.\n${lines.join('\n')}`);
  const needed = dependencies.map(({ name, requirement }) => `{:${name}, ${JSON.stringify(requirement)}}`);
  if (needed.length > 0) host.note(`the code needs, in mix.exs:\n${needed.join(',\n')}`);
}

function holds(file: string, content: string): boolean {
  try {
    return readFileSync(file).equals(Buffer.from(content));
  } catch {
    return false;
  }
}
