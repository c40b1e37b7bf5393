/** What is known of Netsplit itself: its manifest and the pages shipped beside the program. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Tool } from './report';

/** `bundles` is the directory of the running bundle; the manifest is above it. */
export function readTool(bundles: string): Tool {
  const { version, homepage }: { version: string; homepage?: string } = JSON.parse(
    readFileSync(path.join(bundles, '..', 'package.json'), 'utf8'),
  );
  const pages = pathToFileURL(path.join(bundles, '..', 'docs', 'rules')).href;
  return { version, ...(homepage !== undefined && { homepage }), pageOf: (rule) => `${pages}/${rule.id}.md` };
}
