// npm run generate: writes what follows from the rules and the snippets. npm run generate -- --check: only names what is out of date, and fails.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { applyEdits, modify } from 'jsonc-parser';
import { importTypeScript, root } from './bundles.mjs';

const { rules } = await importTypeScript('core/rules/index.ts');
const { explain } = await importTypeScript('core/explain.ts');
const { levels } = await importTypeScript('core/configuration.ts');

/** Content by path; undefined: the file must not be there. */
const files = new Map([
  ...readdirSync(path.join(root, 'docs'), { recursive: true })
    // The page of `npm run quality` takes a corpus to write.
    .filter((file) => /^rules[\\/][^\\/]+\.md$/.test(file) && !file.endsWith('quality.md'))
    .map((file) => [`docs/${file.split(path.sep).join('/')}`, undefined]),
  ...rules.map((rule) => [`docs/rules/${rule.id}.md`, explain(rule)]),
  ['docs/rules/README.md', `# Rules\n\n${table('')}\n`],
  ['README.md', withTable(withTable(read('README.md'), 'rules', table('docs/rules/')), 'snippets', snippetTable())],
  ['package.json', withSetting(read('package.json'))],
  ['client/netsplit.schema.json', formatted('client/netsplit.schema.json', schema())],
]);

const stale = [...files].filter(([file, content]) => read(file) !== content).map(([file]) => file);
if (process.argv.includes('--check')) {
  if (stale.length > 0) {
    console.error(`Out of date: ${stale.join(', ')}.\nRun npm run generate and commit what it writes.`);
    process.exitCode = 1;
  }
} else {
  for (const file of stale) {
    const absolute = path.join(root, file);
    const content = files.get(file);
    mkdirSync(path.dirname(absolute), { recursive: true });
    if (content === undefined) rmSync(absolute);
    else writeFileSync(absolute, content);
    console.log(`${content === undefined ? 'removed' : 'wrote'} ${file}`);
  }
}

function read(file) {
  const absolute = path.join(root, file);
  return existsSync(absolute) ? readFileSync(absolute, 'utf8') : undefined;
}

/** The rules by category, as Markdown; `folder` is where the pages are, seen from the table. */
function table(folder) {
  const rows = rules.map((rule) => {
    const severity = `${rule.severity}${rule.onlyInCluster ? ', info without a cluster' : ''}${rule.optIn ? ', off by default' : ''}`;
    return `| [${rule.id}](${folder}${rule.id}.md) | ${rule.summary} | ${rule.category} | ${severity} | ${rule.fixable ?? ''} |`;
  });
  return ['| Rule | Finds | Category | Severity | Fix |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

/** The prefixes of the snippets, by what they are for, as Markdown. */
function snippetTable() {
  const families = readdirSync(path.join(root, 'snippets')).map((file) => Object.entries(JSON.parse(read(`snippets/${file}`))));
  const rows = families.map((snippets) => {
    const [title] = snippets[0];
    return `| ${title.slice(0, title.lastIndexOf(': '))} | ${snippets.map(([, { prefix }]) => `\`${prefix}\``).join(' ')} |`;
  });
  return ['| For | Prefixes |', '| --- | --- |', ...rows.sort()].join('\n');
}

/** Markdown with the table between its marks. */
function withTable(text, name, content) {
  if (text === undefined) return undefined;
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [start, stop] = [text.indexOf(begin), text.indexOf(end)];
  if (start < 0 || stop < start) throw new Error(`README.md has no ${begin} and ${end}: the table of ${name} stands between them.`);
  return `${text.slice(0, start)}${begin}\n\n${content}\n\n${text.slice(stop)}`;
}

/** package.json with the setting `netsplit.rules`: an object from rule to severity, so that editors offer both. */
function withSetting(text) {
  const setting = {
    type: 'object',
    scope: 'resource',
    markdownDescription: 'The severity of rules, or `off`. A `.netsplit.json` of the project wins.',
    default: {},
    additionalProperties: false,
    properties: levelProperties(),
  };
  const place = ['contributes', 'configuration', 'properties', 'netsplit.rules'];
  return formatted(
    'package.json',
    applyEdits(text, modify(text, place, setting, { formattingOptions: { insertSpaces: true, tabSize: 2 } })),
  );
}

function levelProperties() {
  return Object.fromEntries(
    rules.map((rule) => [
      rule.id,
      { type: 'string', enum: levels, default: rule.optIn ? 'off' : rule.severity, description: rule.summary },
    ]),
  );
}

/** The JSON schema of `.netsplit.json`. */
function schema() {
  const globs = (description) => ({ description, type: 'array', items: { type: 'string', minLength: 1, pattern: '^[^!/\\\\]' } });
  const severities = { $ref: '#/definitions/rules' };
  return JSON.stringify({
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Configuration of Netsplit',
    type: 'object',
    additionalProperties: false,
    properties: {
      $schema: { type: 'string' },
      rules: severities,
      overrides: {
        description: 'Severities for some files; of several that match a file the last one that names a rule decides.',
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['files', 'rules'],
          properties: { files: globs('Files or folders, as globs relative to this file: `test/**`.'), rules: severities },
        },
      },
      rpcWrappers: {
        description: 'Functions of this project that wrap remote calls and handle their failures and time: `MyApp.Remote.call`.',
        type: 'array',
        items: { type: 'string', pattern: '^([A-Z]\\w*(\\.[A-Z]\\w*)*|:[a-z]\\w*)\\.[a-z_]\\w*[?!]?$' },
      },
      exclude: globs('Files or folders that are not linted, as globs relative to this file.'),
    },
    definitions: {
      rules: {
        description: 'The severity of rules, or `off`.',
        type: 'object',
        additionalProperties: false,
        properties: levelProperties(),
      },
    },
  });
}

/** JSON as the formatter of the repository writes it. */
function formatted(file, text) {
  const biome = path.join(root, 'node_modules/@biomejs/biome/bin/biome');
  const { status, stdout, stderr } = spawnSync(process.execPath, [biome, 'format', `--stdin-file-path=${file}`], {
    cwd: root,
    input: text,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${file} cannot be formatted: ${stderr}`);
  return stdout;
}
