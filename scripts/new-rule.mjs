// npm run new-rule ID [FAMILY]: begins a rule: one file below core/rules, and its line in core/rules/index.ts.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './bundles.mjs';

const usage = 'Usage: npm run new-rule ID [FAMILY], for example: npm run new-rule rpc-infinite-timeout rpc';
const folder = path.join(root, 'core/rules');
const index = path.join(folder, 'index.ts');

const [id = '', family = id.split('-')[0]] = process.argv.slice(2);
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(id))
  stop(`${id ? `\`${id}\` is no id: ` : ''}an id is words in lower case with dashes between. ${usage}`);
if (!/^[a-z][a-z0-9-]*$/.test(family)) stop(`\`${family}\` is no name for a folder. ${usage}`);

const families = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
if (process.argv.length < 4 && !families.includes(family)) stop(`Name the family: ${families.join(', ')}, or a new one. ${usage}`);
const existing = families.find((name) => existsSync(path.join(folder, name, `${id}.ts`)));
if (existing) stop(`The rule is there already: core/rules/${existing}/${id}.ts`);

const name = id.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
const text = readFileSync(index, 'utf8');
const list = /(export const rules: readonly Rule\[\] = \[)([^\]]*)\]/.exec(text);
if (!list) stop('core/rules/index.ts has no list `rules`.');
const names = list[2].split(',').flatMap((entry) => entry.trim() || []);
const byId = [...text.matchAll(/^import (\w+) from '\.\/[\w-]+\/([\w-]+)';$/gm)].map(([, imported, file]) => ({ imported, file }));
const idOf = (imported) => byId.find((entry) => entry.imported === imported)?.file ?? imported;
const at = names.findIndex((entry) => idOf(entry) > id);
names.splice(at < 0 ? names.length : at, 0, name);
const withImport = text.replace(/^(import type \{ Rule \}.*\n)/m, `$1import ${name} from './${family}/${id}';\n`);

mkdirSync(path.join(folder, family), { recursive: true });
writeFileSync(path.join(folder, family, `${id}.ts`), template());
writeFileSync(index, withImport.replace(list[0], `${list[1]}${names.join(', ')}]`));
spawnSync(process.execPath, [path.join(root, 'node_modules/@biomejs/biome/bin/biome'), 'check', '--write', index], { cwd: root });

console.log(`Wrote core/rules/${family}/${id}.ts and its line in core/rules/index.ts. Now:

1. Write what must be found: \`bad\`, with carets under it.
2. Write what must not be found, or how the mended code looks: \`good\`.
3. Write \`check\`, and the \`triggers\` without which it has nothing to say.
4. Run npm test -- unit/rules, then npm run generate.

docs/contributing.md says more.`);

function stop(message) {
  console.error(message);
  process.exit(1);
}

function template() {
  return `import { callsTo, type Mfa } from '../../facts/facts';
import type { Rule } from '../../rule';

const functions: readonly Mfa[] = [':module.function/1'];

export default {
  id: '${id}',
  summary: 'What is wrong, as one sentence.',
  category: 'consistency',
  severity: 'warning',
  rationale: \`
    Why it matters: what happens in a cluster, and to whom.

    When it does not matter.\`,
  references: ['https://www.erlang.org/doc/'],
  examples: [
    {
      title: 'The mistake',
      bad: \`
        def example(argument) do
          :the.mistake(argument)
        # ^^^^^^^^^^^^
        end\`,
    },
    {
      title: 'What looks like it and is right',
      good: \`
        def example(argument) do
          :the.right_way(argument)
        end\`,
    },
  ],
  triggers: { calls: functions },

  *check(file) {
    for (const call of callsTo(file, functions)) {
      yield { range: call.callee, message: 'What happens. What to do.' };
    }
  },
} satisfies Rule;
`;
}
