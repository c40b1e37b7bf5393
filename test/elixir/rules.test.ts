import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { createExtractor } from '../../core/facts/extract';
import { lint } from '../../core/linter';
import { createPrefilter } from '../../core/prefilter';
import { buildProject } from '../../core/project/build';
import { isProjectFile } from '../../core/project/manifests';
import type { Example, Fix, Rule } from '../../core/rule';
import { rules } from '../../core/rules';
import { applyEdits, dedent } from '../../core/text';
import { withoutCarets } from '../support/carets';
import { startOracle } from './oracle';

const oracle = await startOracle();
const extract = await createExtractor();
after(() => oracle.stop());

for (const rule of rules) {
  test(`The examples of ${rule.id} are Elixir, and stay formatted when they are fixed`, async () => {
    for (const example of rule.examples) {
      for (const [name, text] of textsOf(example)) {
        const fault = await oracle.parse(text);
        assert.equal(fault, undefined, `“${example.title}”, ${name}: ${fault?.message} at ${fault?.line}:${fault?.column}\n${text}`);
      }
      if (example.bad === undefined || !isElixir(example)) continue;

      const bad = withoutCarets(dedent(example.bad));
      const formatted = await isFormatted(bad);
      for (const fix of fixesOf(rule, example, bad)) {
        const fixed = applyEdits(bad, fix.edits);
        const fault = await oracle.parse(fixed);
        assert.equal(fault, undefined, `“${example.title}” after “${fix.title}”: ${fault?.message}\n${fixed}`);
        if (formatted) assert.equal(fixed.trimEnd(), (await oracle.format(fixed)).trimEnd(), `“${example.title}” after “${fix.title}”`);
      }
    }
  });
}

const isElixir = ({ path = 'lib/example.ex' }: Example): boolean => /\.exs?$/.test(path);

function textsOf(example: Example): readonly (readonly [string, string])[] {
  const others = Object.entries(example.project ?? {}).filter(([path]) => /\.exs?$/.test(path));
  const own = isElixir(example) ? [['bad', example.bad] as const, ['good', example.good] as const] : [];
  const named = [...own, ...others];
  return named.flatMap(([name, text]) => (text === undefined ? [] : [[name, dedent(text)] as const]));
}

async function isFormatted(text: string): Promise<boolean> {
  return (await oracle.format(text)).trimEnd() === text.trimEnd();
}

/** What the rule offers for `text` in the place of the example. */
function fixesOf(rule: Rule, example: Example, text: string): readonly Fix[] {
  const path = example.path ?? 'lib/example.ex';
  const file = extract(path, text);
  const project = example.project && projectWith({ ...example.project, [path]: text });
  const candidates = createPrefilter([rule])(text);
  const context = { rpcWrappers: [], ...(project && { project }) };
  const { findings } = lint(file, { rules: [rule], candidates, context, levelOf: () => rule.severity });
  return findings.flatMap((finding) => finding.fix ?? []);
}

function projectWith(files: Readonly<Record<string, string>>) {
  const texts = Object.entries(files).map(([path, text]) => [path, dedent(text)] as const);
  const facts = texts.filter(([path]) => /\.exs?$/.test(path)).map(([path, text]) => extract(path, text));
  return buildProject({ root: '', texts: new Map(texts.filter(([path]) => isProjectFile(path))), facts });
}
