import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import sarifSchema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json';
import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { rules } from '../../core/rules/index';
import { bundle, directory, elapsed, fixture, fixtures, netsplit, read } from './netsplit';

const controlStart = '\u001B';
const yellow = `${controlStart}[33m`;

test('pretty: the code with carets, related places, fixes and the sum', async (t) => {
  const { status, stdout, stderr } = await netsplit(['check', '--format', 'pretty'], { cwd: fixture(t, 'shop') });
  assert.equal(status, 1);
  assert.equal(stderr, '');
  assertSnapshot('shop.pretty.txt', stdout);
});

/** Compares with a stored text; with UPDATE_SNAPSHOTS=1 stores it. */
function assertSnapshot(name: string, text: string): void {
  const file = path.join(fixtures, name);
  if (process.env.UPDATE_SNAPSHOTS) writeFileSync(file, text);
  assert.equal(text, readFileSync(file, 'utf8'), `${file} differs; if that is meant: UPDATE_SNAPSHOTS=1 npm test cli/formats`);
}

test('pretty: carets stand under what is meant, also after wide characters and tabs', async (t) => {
  const line = '\t{"購物 🛒 é", System.os_time() - start}';
  const cwd = directory(t, { 'a.ex': elapsed.replace('    System.os_time() - start', line) });
  const { stdout } = await netsplit(['check', '--format', 'pretty'], { cwd });
  const lines = stdout.split('\n');
  const at = lines.findIndex((each) => each.startsWith('5 |'));
  // On a terminal 購, 物 and 🛒 are two columns wide, and the tab is shown as four.
  assert.equal(lines[at], '5 |     {"購物 🛒 é", System.os_time() - start}');
  assert.equal(
    lines[at + 1],
    `  | ${' '.repeat(4 + '{"'.length + 4 + 1 + 2 + 1 + 1 + '", '.length)}${'^'.repeat('System.os_time() - start'.length)}`,
  );
});

test('pretty: long lines and long ranges are cut, control characters are shown', async (t) => {
  const filler = 'x'.repeat(300);
  const cwd = directory(t, {
    'long.ex': elapsed.replace('    System.os_time() - start', `    {"${filler}", System.os_time() - start, "${filler}"}`),
    'tall.ex': elapsed.replace('os_time() - start', `os_time() -${'\n'.repeat(8)}      start`),
    'escape.ex': elapsed.replace('    System.os_time() - start', '    {"\u001B[2J\u202E", System.os_time() - start}'),
  });
  const { stdout } = await netsplit(['check', '--format', 'pretty'], { cwd });
  const widest = Math.max(
    ...stdout
      .split('\n')
      .filter((line) => /^ *\d* \|/.test(line))
      .map((line) => line.length),
  );
  assert.ok(widest < 160, `${widest}`);
  assert.match(stdout, /…x+", System\.os_time\(\) - start, "x+…/);
  assert.match(stdout, /^ {3}:$/m);
  assert.ok(!stdout.includes(controlStart) && !stdout.includes('\u202E'));
  assert.match(stdout, /␛\[2J/);
});

test('colours: asked for by FORCE_COLOR, forbidden by NO_COLOR, absent where nothing shows them', async (t) => {
  const cwd = directory(t, { 'a.ex': elapsed });
  const args = ['check', '--format', 'pretty'];
  const plain = await netsplit(args, { cwd });
  assert.ok(!plain.stdout.includes(controlStart));
  assert.equal((await netsplit(args, { cwd, env: { CI: 'true' } })).stdout, plain.stdout);
  const coloured = await netsplit(args, { cwd, env: { FORCE_COLOR: '1' } });
  assert.ok(coloured.stdout.includes(yellow));
  assert.equal(stripVTControlCharacters(coloured.stdout), plain.stdout);
  assert.equal((await netsplit(args, { cwd, env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stdout, plain.stdout);
  const concise = await netsplit(['check'], { cwd, env: { FORCE_COLOR: '1' } });
  assert.ok(concise.stdout.includes(`${yellow}warning[clock-wall-elapsed]`));
});

test('on a terminal the report is pretty and coloured', { skip: !existsSync('/usr/bin/script') }, async (t) => {
  const cwd = directory(t, { 'a.ex': elapsed });
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  const command = `'${process.execPath}' '${bundle}' check --fail-on never`;
  const shown = execFileSync('/usr/bin/script', ['-qec', command, '/dev/null'], { cwd, env: { ...env, TERM: 'xterm' }, encoding: 'utf8' });
  assert.ok(shown.includes(yellow));
  assert.match(shown, / a\.ex:5:5/);
  assert.match(shown, /\^{5,}/);
});

test('concise: one line for each finding', async (t) => {
  const { stdout, stderr } = await netsplit(['check', '--format', 'concise'], { cwd: fixture(t, 'shop') });
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, 4);
  for (const line of lines) assert.match(line, /^lib\/shop\/\w+\.ex:\d+:\d+: (error|warning)\[[a-z-]+\] \S.*$/);
  assert.equal(stderr, 'netsplit: 1 error, 3 warnings in 5 files (1 suppressed).\n');
});

test('json: the documented shape, no more and no less', async (t) => {
  const cwd = directory(t, { 'lib/a.ex': elapsed });
  const { stdout } = await netsplit(['check', '--format', 'json'], { cwd });
  const { durationMs, ...summary } = JSON.parse(stdout).summary;
  assert.ok(Number.isInteger(durationMs) && durationMs >= 0);
  assert.deepEqual(summary, { files: 1, error: 0, warning: 1, info: 0, hint: 0, suppressed: 0 });
  const at = (line: number, column: number, length: number) => ({ start: { line, column }, end: { line, column: column + length } });
  const [{ message, related, fix, help, ...finding }] = JSON.parse(stdout).findings;
  assert.deepEqual(finding, {
    rule: 'clock-wall-elapsed',
    severity: 'warning',
    category: 'time',
    path: 'lib/a.ex',
    range: at(5, 5, 'System.os_time() - start'.length),
  });
  assert.equal(typeof message, 'string');
  assert.equal(related.length, 1);
  assert.equal(typeof related[0].message, 'string');
  assert.deepEqual({ ...related[0], message: '' }, { message: '', path: 'lib/a.ex', range: at(3, 13, 'System.os_time()'.length) });
  assert.deepEqual(Object.keys(fix), ['title', 'safety', 'edits']);
  assert.equal(fix.safety, 'safe');
  for (const edit of fix.edits) assert.deepEqual(Object.keys(edit), ['path', 'range', 'newText']);
  assert.equal(applied(elapsed, fix.edits), elapsed.replaceAll('os_time', 'monotonic_time'));
  assert.deepEqual(new URL(help).protocol, 'file:');
  assert.equal(fileURLToPath(help), path.resolve('docs/rules/clock-wall-elapsed.md'));
  assert.deepEqual(Object.keys(JSON.parse(stdout)), ['version', 'findings', 'summary']);
  const without = await netsplit(['check', '--format', 'json', '--rule', 'clock-wall-elapsed=off'], { cwd });
  assert.equal(without.status, 0);
  assert.deepEqual(JSON.parse(without.stdout).findings, []);
});

interface JsonEdit {
  readonly range: { readonly start: { line: number; column: number }; readonly end: { line: number; column: number } };
  readonly newText: string;
}

/** Applies edits by lines and columns, as a reader of the JSON would. */
function applied(text: string, edits: readonly JsonEdit[]): string {
  const before = (line: number) => text.split('\n').slice(0, line - 1);
  const offset = ({ line, column }: { line: number; column: number }) =>
    before(line).join('\n').length + Math.min(line - 1, 1) + column - 1;
  return [...edits]
    .sort((a, b) => offset(b.range.start) - offset(a.range.start))
    .reduce((result, { range, newText }) => result.slice(0, offset(range.start)) + newText + result.slice(offset(range.end)), text);
}

test('json: a finding without a fix has none', async (t) => {
  const cwd = directory(t, { 'a.ex': '# netsplit:disable-for-this-file\n' });
  const [finding] = JSON.parse((await netsplit(['check', '--format', 'json'], { cwd })).stdout).findings;
  assert.equal(finding.rule, 'unused-suppression');
  assert.ok(!('fix' in finding));
});

test('jsonl: the findings of json, one a line', async (t) => {
  const cwd = fixture(t, 'shop');
  const json = JSON.parse((await netsplit(['check', '--format', 'json'], { cwd })).stdout);
  const { stdout } = await netsplit(['check', '--format', 'jsonl'], { cwd });
  assert.deepEqual(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    json.findings,
  );
});

test('sarif: valid, with rules, related places, fixes and suppressions', async (t) => {
  const cwd = fixture(t, 'shop');
  const { status, stdout } = await netsplit(['check', '--format', 'sarif'], { cwd });
  assert.equal(status, 1);
  const log = validSarif(stdout);
  const [run] = log.runs;
  assert.equal(run.columnKind, 'utf16CodeUnits');
  assert.equal(run.originalUriBaseIds.SRCROOT.uri, `${pathToFileURL(cwd).href}/`);
  assert.equal(run.invocations[0].executionSuccessful, true);

  const { driver } = run.tool;
  assert.equal(driver.semanticVersion, JSON.parse(readFileSync('package.json', 'utf8')).version);
  assert.deepEqual(
    driver.rules.map((rule: { id: string }) => rule.id),
    rules.map((rule) => rule.id),
  );
  for (const rule of driver.rules) {
    assert.ok(rule.help.markdown.startsWith(`# ${rule.id}\n`));
    assert.ok(['error', 'warning', 'note'].includes(rule.defaultConfiguration.level));
    assert.ok(rule.properties.tags.length > 0);
  }

  const results = run.results.map((result: { ruleId: string; level: string; locations: { physicalLocation: object }[] }) => [
    result.ruleId,
    result.level,
    result.locations[0]!.physicalLocation,
  ]);
  const at = (uri: string, startLine: number, startColumn: number, length: number) => ({
    artifactLocation: { uri, uriBaseId: 'SRCROOT' },
    region: { startLine, startColumn, endLine: startLine, endColumn: startColumn + length },
  });
  assert.deepEqual(results, [
    ['quorum-half-is-not-majority', 'error', at('lib/shop/leader.ex', 3, 5, 'length(acks) >= div(length(nodes), 2)'.length)],
    ['clock-wall-elapsed', 'warning', at('lib/shop/leader.ex', 10, 5, 'System.os_time() - start'.length)],
    ['clock-wall-elapsed', 'warning', at('lib/shop/stock.ex', 7, 12, 'System.system_time(:millisecond) - start'.length)],
    ['unused-suppression', 'warning', at('lib/shop/stock.ex', 11, 36, 'clock-wall-elapsed'.length)],
    // The cart before it is one character of two code units.
    ['clock-wall-elapsed', 'warning', at('lib/shop/wide.ex', 5, 14, 'System.os_time() - start'.length)],
  ]);
  for (const result of run.results) assert.equal(driver.rules[result.ruleIndex].id, result.ruleId);

  const [quorum, suppressed, stock] = run.results;
  assert.deepEqual(quorum.suppressions, []);
  assert.deepEqual(suppressed.suppressions, [{ kind: 'inSource', justification: 'printed for people, once' }]);
  assert.equal(stock.relatedLocations[0].physicalLocation.region.startLine, 5);
  const [{ artifactLocation, replacements }] = quorum.fixes[0].artifactChanges;
  assert.equal(artifactLocation.uri, 'lib/shop/leader.ex');
  assert.ok(replacements.every((each: { deletedRegion: { startLine: number } }) => each.deletedRegion.startLine === 3));
  const prints = run.results.map((result: { partialFingerprints: Record<string, string> }) => result.partialFingerprints['netsplit/v1']);
  assert.equal(new Set(prints).size, prints.length);
});

test('sarif: what could not be linted is told; no suppressions where there are none', async (t) => {
  const cwd = directory(t, { 'a b.ex': elapsed, 'ü.ex': Buffer.from([0]) });
  const { stdout } = await netsplit(['check', '--format', 'sarif'], { cwd });
  const [run] = validSarif(stdout).runs;
  assert.equal(run.results[0].locations[0].physicalLocation.artifactLocation.uri, 'a%20b.ex');
  assert.ok(!('suppressions' in run.results[0]));
  assert.equal(run.invocations[0].executionSuccessful, true);
  assert.match(run.invocations[0].toolExecutionNotifications[0].message.text, /^ü\.ex: not linted: binary$/);
  const outside = await netsplit(['check', '--format', 'sarif', '../a b.ex'], { cwd: path.join(cwd, '.git') });
  assert.equal(validSarif(outside.stdout).runs[0].results.length, 1);
});

// biome-ignore lint/suspicious/noExplicitAny: what the test reads, it has validated
function validSarif(text: string): any {
  const ajv = new Ajv({ strict: false, unicodeRegExp: false, allErrors: true });
  addFormats(ajv);
  const validate = ajv.compile(sarifSchema);
  const log = JSON.parse(text);
  assert.ok(validate(log), JSON.stringify(validate.errors?.slice(0, 5), null, 2));
  return log;
}

test('github: annotations, with what would end them escaped', async (t) => {
  const cwd = directory(t, { 'a,b:c%.ex': elapsed });
  const { stdout } = await netsplit(['check', '--format', 'github'], { cwd });
  const [line, end] = stdout.split('\n');
  assert.equal(end, '');
  assert.match(line!, /^::warning file=a%2Cb%3Ac%25\.ex,line=5,endLine=5,col=5,endColumn=28,title=netsplit clock-wall-elapsed::\S/);
  assert.match((await netsplit(['check', '--format', 'github', '--rule', 'clock-wall-elapsed=hint'], { cwd })).stdout, /^::notice /);
});

test('gitlab: code quality with fingerprints that survive moved lines', async (t) => {
  const entries = async (files: Readonly<Record<string, string>>) =>
    JSON.parse((await netsplit(['check', '--format', 'gitlab'], { cwd: directory(t, files) })).stdout);
  const twice = `${elapsed}\n${elapsed.replace('Elapsed', 'Again')}`;
  const before = await entries({ 'a.ex': twice });
  const after = await entries({ 'a.ex': `# One line more.\n${twice}` });
  assert.equal(before.length, 2);
  for (const entry of before) {
    assert.equal(entry.check_name, 'clock-wall-elapsed');
    assert.equal(entry.severity, 'major');
    assert.match(entry.fingerprint, /^[0-9a-f]{32}$/);
  }
  assert.deepEqual(
    before.map((entry: { location: object }) => entry.location),
    [
      { path: 'a.ex', lines: { begin: 5, end: 5 } },
      { path: 'a.ex', lines: { begin: 13, end: 13 } },
    ],
  );
  const prints = (all: readonly { fingerprint: string }[]) => all.map((entry) => entry.fingerprint);
  assert.notEqual(prints(before)[0], prints(before)[1]);
  assert.deepEqual(prints(before), prints(after));
  assert.deepEqual(await entries({ 'a.ex': '' }), []);
});

test('junit: well-formed, a failed case for each rule of a file, a passed one without findings', async (t) => {
  const cwd = directory(t, { 'it\'s <a> & "b".ex': elapsed, 'lib/c.ex': `${elapsed}${elapsed.replace('Elapsed', 'Again')}` });
  const { stdout } = await netsplit(['check', '--format', 'junit'], { cwd });
  assert.equal(XMLValidator.validate(stdout), true);
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', isArray: (name) => name === 'testcase' });
  const { testsuites } = parser.parse(stdout);
  assert.equal(testsuites.tests, '2');
  assert.equal(testsuites.failures, '2');
  const [odd, plain] = testsuites.testsuite;
  assert.equal(odd.name, 'it\'s <a> & "b".ex');
  assert.equal(plain.testcase[0].name, 'clock-wall-elapsed');
  assert.match(plain.testcase[0].failure['#text'], /lib\/c\.ex:5:5: warning: .*\n?.*lib\/c\.ex:12:5: warning: /s);
  const none = await netsplit(['check', '--format', 'junit'], { cwd: directory(t, { 'a.ex': '' }) });
  assert.equal(none.status, 0);
  const passed = parser.parse(none.stdout).testsuites;
  assert.equal(passed.failures, '0');
  assert.equal(passed.testsuite.testcase.length, 1);
});

test('markdown: a table and the sum', async (t) => {
  const cwd = directory(t, { 'a|b.ex': elapsed });
  const { stdout } = await netsplit(['check', '--format', 'markdown'], { cwd });
  assert.match(stdout, /^\| warning \| `a\\\|b\.ex:5:5` \| `clock-wall-elapsed` \| .+ \|$/m);
  assert.match(stdout, /^1 warning in 1 file\. `--fix` fixes 1\.$/m);
});

test('--output-file writes further reports, without colours', async (t) => {
  const cwd = directory(t, { 'a.ex': elapsed });
  const args = ['check', '--output-file', 'sarif:out.sarif', '--output-file', 'pretty:out.txt', '--output-file', 'json:out:2.json'];
  const { status, stdout } = await netsplit(args, { cwd, env: { FORCE_COLOR: '1' } });
  assert.equal(status, 1);
  assert.match(stdout, /clock-wall-elapsed/);
  assert.equal(validSarif(read(cwd, 'out.sarif')).runs[0].results.length, 1);
  assert.match(read(cwd, 'out.txt'), /^warning\[clock-wall-elapsed\]/);
  assert.equal(JSON.parse(read(cwd, 'out:2.json')).findings.length, 1);
});
