/** A rule as Markdown: for hover, pages, SARIF and `netsplit explain`. */
import type { Example, Rule } from './rule';
import { dedent } from './text';

/** The page of a rule: title, summary, table, rationale, examples with their carets, how to disable it, references. */
export function explain(rule: Rule): string {
  return `${[
    `# ${rule.id}`,
    rule.summary,
    table(rule),
    ...(rule.onlyInCluster
      ? [
          `It only matters in a cluster: in a project without a sign of one it speaks as \`info\`. \`netsplit check --explain-project\` shows the signs.`,
        ]
      : []),
    dedent(rule.rationale),
    '## Examples',
    ...rule.examples.flatMap((example) => exampleSections(rule, example)),
    ...switching(rule),
    ...(rule.references.length > 0 ? ['## References', rule.references.map((url) => `- <${url}>`).join('\n')] : []),
  ].join('\n\n')}\n`;
}

/** The rule in a few lines: summary and first paragraph of the rationale, for a hover that shows more than one finding. */
export function explainBriefly(rule: Rule): string {
  const [firstParagraph = ''] = dedent(rule.rationale).split(/\n\s*\n/);
  return `**${rule.id}**: ${rule.summary}\n\n${firstParagraph}`;
}

function table(rule: Rule): string {
  const fix = { safe: 'safe', unsafe: 'unsafe: look at the result', none: 'none' }[rule.fixable ?? 'none'];
  return [
    '| Category | Severity | Fix | On by default |',
    '| --- | --- | --- | --- |',
    `| ${rule.category} | ${rule.severity} | ${fix} | ${rule.optIn ? 'no' : 'yes'} |`,
  ].join('\n');
}

function exampleSections(rule: Rule, { title, bad, good, severity, path = defaultPath, project = {} }: Example): readonly string[] {
  const place = path === defaultPath ? '' : `, in \`${path}\``;
  const fixed = bad !== undefined && rule.fixable !== undefined ? 'Fixed' : 'Not reported';
  return [
    `### ${title}`,
    ...Object.entries(project).flatMap(([name, text]) => [`With \`${name}\`:`, fenced(text, name)]),
    ...(bad === undefined ? [] : [`Reported${severity ? ` as ${severity}` : ''}${place}:`, fenced(bad, path)]),
    ...(good === undefined ? [] : [`${fixed}${bad === undefined ? place : ''}:`, fenced(good, path)]),
  ];
}

const defaultPath = 'lib/example.ex';

function fenced(text: string, path: string): string {
  const code = dedent(text);
  const fence = '`'.repeat(Math.max(3, ...[...code.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
  return `${fence}${languageOf(path)}\n${code}\n${fence}`;
}

function languageOf(path: string): string {
  const extension = /\.(\w+)$/.exec(path)?.[1] ?? '';
  const languages: Readonly<Record<string, string>> = {
    ex: 'elixir',
    exs: 'elixir',
    lock: 'elixir',
    yml: 'yaml',
    yaml: 'yaml',
    toml: 'toml',
    sh: 'sh',
  };
  return languages[extension] ?? '';
}

function switching(rule: Rule): readonly string[] {
  const [scope, place] = rule.last ? ['this-file', 'one file'] : ['next-line', 'one line'];
  const comment = fenced(`# netsplit:disable-for-${scope} ${rule.id} -- why it does no harm here`, defaultPath);
  const setting = (level: string) => fenced(`{ "rules": { "${rule.id}": "${level}" } }`, '').replace('```', '```json');
  if (rule.optIn) {
    return ['## Turn it on', 'For a project, in `.netsplit.json`:', setting(rule.severity), `Then off again for ${place}:`, comment];
  }
  return ['## Turn it off', `For ${place}, with the reason:`, comment, 'For a project, in `.netsplit.json`:', setting('off')];
}
