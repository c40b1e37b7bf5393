import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { createProtocolConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver/node';
import { parseConfiguration } from '../../core/configuration';
import { explain } from '../../core/explain';
import { rules } from '../../core/rules/index';
import { bundle, directory, elapsed, netsplit, outcomeOf, read, start } from './netsplit';

test('--version tells the version of the package', async (t) => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  assert.deepEqual(await netsplit(['--version'], { cwd: directory(t, {}) }), { status: 0, stdout: `${version}\n`, stderr: '' });
});

test('help: of everything, and of every command', async (t) => {
  const cwd = directory(t, {});
  const all = await netsplit(['--help'], { cwd });
  assert.equal(all.status, 0);
  const commands = [...all.stdout.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => name!);
  assert.deepEqual(commands, ['check', 'rules', 'explain', 'review', 'decide', 'simulate', 'learn', 'init', 'lsp']);
  for (const command of commands) {
    const { status, stdout, stderr } = await netsplit([command, '--help'], { cwd });
    assert.equal(status, 0);
    assert.equal(stderr, '');
    assert.match(stdout, new RegExp(`^Usage: netsplit ${command}`, 'm'));
    assert.equal((await netsplit(['help', command], { cwd })).stdout, stdout);
    assert.ok(Math.max(...stdout.split('\n').map((line) => line.length)) <= 130);
  }
  const { stdout } = await netsplit(['check', '-h'], { cwd });
  for (const flag of [
    'format',
    'output-file',
    'fix',
    'unsafe-fixes',
    'diff',
    'rule',
    'config',
    'stdin-filename',
    'fail-on',
    'timings',
    'help',
  ]) {
    assert.match(stdout, new RegExp(`^ +(-h, )?--${flag}\\b`, 'm'));
  }
});

test('rules lists every rule, for people and as JSON', async (t) => {
  const cwd = directory(t, {});
  const text = await netsplit(['rules'], { cwd });
  assert.deepEqual(
    text.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]),
    rules.map((rule) => rule.id),
  );
  const json = JSON.parse((await netsplit(['rules', '--format', 'json'], { cwd })).stdout);
  assert.equal(json.version, 1);
  assert.deepEqual(
    json.rules.map(({ id, severity, category, summary, enabled }: Record<string, unknown>) => [id, severity, category, summary, enabled]),
    rules.map((rule) => [rule.id, rule.severity, rule.category, rule.summary, rule.optIn !== true]),
  );
  assert.equal((await netsplit(['rules', 'extra'], { cwd })).status, 2);
  assert.match((await netsplit(['rules', '--format', 'yaml'], { cwd })).stderr, /is one of text, json/);
});

test('explain shows the page of a rule, and the nearest name for one that is not there', async (t) => {
  const cwd = directory(t, {});
  for (const rule of [rules[0]!, rules.at(-1)!]) {
    assert.deepEqual(await netsplit(['explain', rule.id], { cwd }), { status: 0, stdout: explain(rule), stderr: '' });
  }
  const wrong = await netsplit(['explain', 'clock-wall-elapse'], { cwd });
  assert.equal(wrong.status, 2);
  assert.equal(wrong.stdout, '');
  assert.match(wrong.stderr, /there is no rule `clock-wall-elapse`\. Did you mean `clock-wall-elapsed`\?/);
  assert.match((await netsplit(['explain', 'zzz'], { cwd })).stderr, /`netsplit rules` lists them/);
  assert.equal((await netsplit(['explain'], { cwd })).status, 2);
  const coloured = await netsplit(['explain', rules[0]!.id], { cwd, env: { FORCE_COLOR: '1' } });
  assert.equal(stripVTControlCharacters(coloured.stdout), explain(rules[0]!));
});

test('init writes a configuration that is valid, changes nothing, and is never overwritten', async (t) => {
  const cwd = directory(t, { 'a.ex': elapsed });
  const before = await netsplit(['check'], { cwd });
  assert.equal((await netsplit(['init'], { cwd })).status, 0);
  const text = read(cwd, '.netsplit.json');
  assert.deepEqual(parseConfiguration(text, rules).errors, []);
  for (const rule of rules) assert.ok(text.includes(`// "${rule.id}": `), rule.id);
  assert.deepEqual(await netsplit(['check'], { cwd }), before);
  // Every line that is a comment can be taken as it is.
  const uncommented = text.replace(/^( +)\/\/ (?=["{])/gm, '$1');
  assert.deepEqual(parseConfiguration(uncommented, rules).errors, []);
  assert.equal(parseConfiguration(uncommented, rules).configuration.rules.size, rules.length);
  const again = await netsplit(['init'], { cwd });
  assert.equal(again.status, 2);
  assert.match(again.stderr, /is there already/);
  assert.equal(read(cwd, '.netsplit.json'), text);
});

test('lsp runs the language server', async (t) => {
  const cwd = directory(t, {});
  assert.match((await netsplit(['lsp'], { cwd })).stderr, /netsplit lsp --stdio/);
  assert.equal((await netsplit(['lsp', '--stdoi'], { cwd })).status, 2);
  assert.ok(existsSync(path.join(path.dirname(bundle), 'server.js')));
  const child = start(['lsp', '--stdio'], { cwd });
  const outcome = outcomeOf(child);
  const connection = createProtocolConnection(new StreamMessageReader(child.stdout!), new StreamMessageWriter(child.stdin!));
  connection.listen();
  const { capabilities, serverInfo } = await connection.sendRequest<{ capabilities: object; serverInfo?: { name: string } }>('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
  });
  assert.ok('codeActionProvider' in capabilities);
  assert.equal(serverInfo?.name, 'netsplit');
  await connection.sendRequest('shutdown');
  await connection.sendNotification('exit');
  assert.equal((await outcome).status, 0);
});
