import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { parse } from 'yaml';
import { expectedAt, take } from '../../cli/src/interview';
import { createFile, replaceFile } from '../../cli/src/replace';
import { parseAnswers } from '../../core/design/answers';
import { decide } from '../../core/design/decide';
import { markdownDocument, reportOf } from '../../core/design/document';
import { generateCode } from '../../core/design/generate/generate';
import { designOf, type Interview, nextStep, shownStep } from '../../core/design/interview';
import { sectionsOf, storedDesigns } from '../../core/design/learnings';
import { classQuestions, clusterQuestions } from '../../core/design/questions';
import { presets } from '../../core/design/simulate/presets';
import { parseScenario } from '../../core/design/simulate/scenario';
import { symptoms } from '../../core/design/symptoms';
import { rules } from '../../core/rules/index';
import { bundle, directory, elapsed, netsplit, outcomeOf, read, start, write } from './netsplit';

const inventory = path.resolve('examples/answers/inventory.yaml');
const cart = path.resolve('examples/answers/shopping-cart.yaml');

/** Files below a directory, without its repository. */
const filesIn = (root: string) => readdirSync(root).filter((name) => name !== '.git');

test('the answers of the examples: Raft for the stock, a CRDT for the carts', async (t) => {
  const cwd = directory(t, {});
  const stock = JSON.parse((await netsplit(['decide', '--answers', inventory, '--format', 'json'], { cwd })).stdout);
  assert.equal(stock.version, 1);
  assert.equal(stock.classes[0].recommended.option, 'ra');
  assert.deepEqual([stock.classes[0].quorum.majority, stock.classes[0].quorum.tolerated], [3, 2]);
  const fits = (decision: typeof stock): Record<string, number> =>
    Object.fromEntries(decision.classes[0].ranked.map(({ option, fit }: { option: string; fit: number }) => [option, fit]));
  const carts = JSON.parse((await netsplit(['decide', '--answers', cart, '--format', 'json'], { cwd })).stdout);
  assert.equal(carts.classes[0].recommended.option, 'delta-crdt');
  assert.ok(fits(carts)['delta-crdt']! >= 9 && fits(carts).ra! <= 3);
});

test('decide writes the document to standard output, and nothing else anywhere', async (t) => {
  const cwd = directory(t, { 'answers.json': '{\n  // Comments and a last comma are fine.\n  "cluster": { "size": 3 },\n}' });
  const { design } = parseAnswers({ cluster: { size: 3 } });
  const decision = decide(design);
  assert.deepEqual(await netsplit(['decide', '--answers', 'answers.json'], { cwd }), {
    status: 0,
    stdout: markdownDocument(reportOf(decision, generateCode(decision).files)),
    stderr: '',
  });
  assert.deepEqual(filesIn(cwd), ['answers.json']);
  const madr = await netsplit(['decide', '--answers', inventory, '--format', 'madr'], { cwd });
  assert.match(madr.stdout, /^---\nstatus: "proposed"\n---\n\n# Use Raft with :ra for stock ledger\n/);
});

test('an ADR for each class, with the name that its file should have', async (t) => {
  const cwd = directory(t, { 'a.yaml': 'classes:\n  - { name: Stock, kind: inventory }\n  - { name: Carts, kind: cart }\n' });
  const { stdout } = await netsplit(['decide', '--answers', 'a.yaml', '--format', 'madr'], { cwd });
  assert.deepEqual(stdout.match(/^<!-- .*\.md -->$/gm), ['<!-- stock.md -->', '<!-- carts.md -->']);
  assert.equal(stdout.match(/^status: "proposed"$/gm)!.length, 2);
});

test('wrong answers are named at their places, with what was expected', async (t) => {
  const cwd = directory(t, {
    'a.yaml': 'cluster:\n  size: none\nclasses:\n  - name: one\n    kind: invntory\n    colour: red\n',
    'b.json': '{\n  "cluster": {\n    "size": 3,\n    "membership": "fixd"\n  }\n}',
    'c.json': '{ "name": Shop }',
    'd.json': '{ "name": "A", "name": "B" }',
    'e.yaml': 'name: A\nname: B\n',
    'f.yaml': 'classes: [\n',
    'g.yaml': '- one\n',
    'h.yaml': ' \n',
    'k.yaml': 'cluster: { size: .nan }\nclasses: [{ writesPerSecond: -1, items: .inf, offline: maybe }]\n',
    'i.toml': 'name = "A"',
    'j.yaml': `a: &a [${'x, '.repeat(50)}x]\n${Array.from({ length: 9 }, (_, i) => `${'bcdefghij'[i]}: &${'bcdefghij'[i]} [${`*${'abcdefghi'[i]}, `.repeat(9)}]\n`).join('')}`,
  });
  const failure = async (file: string) => {
    const { status, stdout, stderr } = await netsplit(['decide', '--answers', file, '--write'], { cwd });
    assert.deepEqual([status, stdout], [2, '']);
    assert.doesNotMatch(stderr, /internal error/);
    return stderr;
  };
  const yaml = await failure('a.yaml');
  assert.match(yaml, /^a\.yaml:2:3: cluster\.size: Found "none"; expected a whole number of nodes from 1 to 1000000, or unknown\.$/m);
  assert.match(yaml, /^a\.yaml:5:5: classes\[0\]\.kind: Found "invntory"; expected inventory, .* Did you mean "inventory"\?$/m);
  assert.match(yaml, /^a\.yaml:6:5: classes\[0\]\.colour: Unknown key "colour"/m);
  assert.match(
    await failure('b.json'),
    /^b\.json:4:5: cluster\.membership: Found "fixd"; expected fixed, changing or unknown\. Did you mean "fixed"\?$/m,
  );
  assert.match(await failure('c.json'), /^c\.json:1:11: .*double quotes\.$/m);
  assert.match(await failure('d.json'), /^d\.json:1:16: The key `name` stands here twice\.$/m);
  assert.match(await failure('e.yaml'), /^e\.yaml:2:1: /m);
  assert.match(await failure('f.yaml'), /^f\.yaml:2:1: /m);
  assert.match(await failure('g.yaml'), /^g\.yaml:1:1: Found a list; expected a mapping/m);
  assert.match(await failure('h.yaml'), /`h\.yaml` is empty: expected answers/);
  const numbers = await failure('k.yaml');
  assert.match(numbers, /^k\.yaml:1:12: cluster\.size: Found NaN; expected a whole number of nodes from 1 to 1000000/m);
  assert.match(numbers, /classes\[0\]\.writesPerSecond: Found -1; expected a number of writes\/s from 0 /);
  assert.match(numbers, /classes\[0\]\.items: Found Infinity; expected a whole number of items/);
  assert.match(numbers, /classes\[0\]\.offline: Found "maybe"; expected true, false or unknown/);
  assert.match(await failure('i.toml'), /`i\.toml` cannot hold answers: the name of the file must end in \.json, \.yaml or \.yml/);
  assert.match(await failure('j.yaml'), /^j\.yaml:1:1: Excessive alias count/m);
  assert.match(await failure('missing.yaml'), /`missing\.yaml` cannot be read: does not exist/);
  assert.ok(!filesIn(cwd).includes('project-learnings.md'));
});

test('answers that cannot both hold are noted', async (t) => {
  const cwd = directory(t, { 'a.yaml': 'classes: [{ kind: cart, consistency: linearizable, partition: serve-both-sides }]' });
  const { status, stdout, stderr } = await netsplit(['decide', '--answers', 'a.yaml'], { cwd });
  assert.equal(status, 0);
  assert.match(stderr, /classes\[0\]\.consistency linearizable and classes\[0\]\.partition serve-both-sides cannot both hold\..*CAP/);
  assert.match(stdout, /Answers that cannot both hold/);
  assert.match(stdout, /- `classes\[0\]\.consistency: linearizable` and `classes\[0\]\.partition: serve-both-sides`\./);
});

test('never oversell and serve both sides: the two answers are named, and nothing is recommended', async (t) => {
  const cwd = directory(t, {
    'a.yaml': 'classes: [{ name: stock, kind: inventory, invariants: [never-negative], partition: serve-both-sides }]',
  });
  const { status, stdout, stderr } = await netsplit(['decide', '--answers', 'a.yaml'], { cwd });
  assert.equal(status, 0);
  assert.match(stderr, /classes\[0\]\.invariants never-negative and classes\[0\]\.partition serve-both-sides cannot both hold\./);
  assert.match(stdout, /stock: no recommendation/);
});

test('without answers and without a terminal there is nothing to decide', async (t) => {
  const cwd = directory(t, {});
  const { status, stderr } = await netsplit(['decide'], { cwd, input: 'Shop\n' });
  assert.equal(status, 2);
  assert.match(stderr, /`netsplit decide --answers FILE`/);
  assert.equal((await netsplit(['decide', inventory], { cwd })).status, 2);
  assert.match((await netsplit(['decide', '--answers', inventory, '--format', 'text'], { cwd })).stderr, /is one of markdown, madr, json/);
});

test('--write keeps everything that is not its own, and replaces its own', async (t) => {
  const mine = '# What we learned\r\n\r\nKept  \r\n';
  const cwd = directory(t, { 'docs/a.md': mine, 'a.yaml': readFileSync(inventory) });
  chmodSync(path.join(cwd, 'docs/a.md'), 0o640);
  const run = (...args: readonly string[]) => netsplit(['decide', '--answers', 'a.yaml', '--write', 'docs/a.md', ...args], { cwd });
  assert.deepEqual(await run(), { status: 0, stdout: '', stderr: 'netsplit: docs/a.md: added “Distributed design: Inventory”.\n' });
  const once = read(cwd, 'docs/a.md');
  assert.ok(once.startsWith(mine));
  assert.doesNotMatch(once, /[^\r]\n/);
  assert.equal(statSync(path.join(cwd, 'docs/a.md')).mode & 0o777, 0o640);
  assert.match((await run()).stderr, /^netsplit: docs\/a\.md: unchanged, already has/);
  assert.equal(read(cwd, 'docs/a.md'), once);

  write(cwd, { 'a.yaml': read(cwd, 'a.yaml').replace('size: 5', 'size: 3') });
  const replaced = await run('--format', 'json');
  assert.equal(JSON.parse(replaced.stdout).answers.cluster.size, 3);
  assert.match(replaced.stderr, /^netsplit: docs\/a\.md: updated “/);
  assert.equal(storedDesigns(read(cwd, 'docs/a.md'))[0]!.design.cluster.size, 3);
  assert.equal(sectionsOf(read(cwd, 'docs/a.md')).length, 1);

  const edited = read(cwd, 'docs/a.md').replace('Raft with :ra', 'Raft, as we run it');
  write(cwd, { 'docs/a.md': edited });
  const beside = await run();
  assert.match(beside.stderr, /An older section .* was changed by hand .* left as it is/);
  assert.ok(read(cwd, 'docs/a.md').startsWith(edited.trimEnd()));
  assert.deepEqual(filesIn(path.join(cwd, 'docs')), ['a.md']);
});

test('--write alone takes the knowledge base that is there, else project-learnings.md', async (t) => {
  const cwd = directory(t, {});
  const first = await netsplit(['decide', '--write', '--answers', inventory], { cwd });
  assert.deepEqual([first.status, first.stderr], [0, 'netsplit: project-learnings.md: created, with “Distributed design: Inventory”.\n']);
  assert.equal(statSync(path.join(cwd, 'project-learnings.md')).mode & 0o777, 0o666 & ~process.umask());
  write(cwd, { '.claude/project-learnings.md': '# Ours\n' });
  await netsplit(['decide', '--answers', cart, '--write'], { cwd });
  assert.match(read(cwd, '.claude/project-learnings.md'), /^# Ours\n\n## Distributed design: Shopping cart\n/);
  assert.doesNotMatch(read(cwd, 'project-learnings.md'), /Shopping cart/);
});

test('what cannot be written stays as it is', async (t) => {
  const bytes = Buffer.from([0xff, 0xfe, 0x00]);
  const cwd = directory(t, { 'lib/a.ex': elapsed, 'binary.md': bytes, 'link/target.md': '# Linked\n' });
  const failure = async (file: string) => {
    const { status, stdout, stderr } = await netsplit(['decide', '--answers', inventory, '--write', file], { cwd });
    assert.deepEqual([status, stdout], [2, ''], file);
    return stderr;
  };
  assert.match(await failure('lib/a.ex'), /expected a Markdown file/);
  assert.equal(read(cwd, 'lib/a.ex'), elapsed);
  assert.match(await failure('binary.md'), /`binary\.md` stays as it is, it cannot be read: binary/);
  assert.deepEqual(readFileSync(path.join(cwd, 'binary.md')), bytes);
  assert.match(await failure('nowhere/a.md'), /its directory does not exist/);
  mkdirSync(path.join(cwd, 'folder.md'));
  assert.match(await failure('folder.md'), /is a directory/);
  symlinkSync('nowhere.md', path.join(cwd, 'dangling.md'));
  assert.match(await failure('dangling.md'), /stays as it is/);
  symlinkSync('link/target.md', path.join(cwd, 'link.md'));
  assert.equal((await netsplit(['decide', '--answers', inventory, '--write', 'link.md'], { cwd })).status, 0);
  assert.match(read(cwd, 'link/target.md'), /^# Linked\n\n## Distributed design/);
  assert.deepEqual(filesIn(cwd), ['binary.md', 'dangling.md', 'folder.md', 'lib', 'link', 'link.md']);
});

/** Somebody who may not do everything, as the superuser may. */
const user = process.getuid?.() === 0 ? { uid: 65534 } : {};

test('a read-only knowledge base stays as it is, and nothing is left beside it', { skip: process.platform === 'win32' }, async (t) => {
  const cwd = directory(t, { 'project-learnings.md': '# Ours\n', 'answers.yaml': readFileSync(inventory) });
  chmodSync(cwd, 0o777);
  chmodSync(path.join(cwd, 'project-learnings.md'), 0o444);
  const refused = await netsplit(['decide', '--answers', 'answers.yaml', '--write'], { cwd, ...user });
  assert.deepEqual([refused.status, refused.stdout], [2, '']);
  assert.match(refused.stderr, /`project-learnings\.md` cannot be written: /);
  chmodSync(path.join(cwd, 'project-learnings.md'), 0o666);
  chmodSync(cwd, 0o555);
  const noRoom = await netsplit(['decide', '--answers', 'answers.yaml', '--write'], { cwd, ...user });
  assert.deepEqual([noRoom.status, noRoom.stdout], [2, '']);
  assert.match(noRoom.stderr, /cannot be written: /);
  chmodSync(cwd, 0o755);
  assert.equal(read(cwd, 'project-learnings.md'), '# Ours\n');
  assert.deepEqual(filesIn(cwd).sort(), ['answers.yaml', 'project-learnings.md']);
});

test('a file that somebody else has changed meanwhile is not replaced, and nothing is left beside it', (t) => {
  const cwd = directory(t, { 'project-learnings.md': '# Theirs\n' });
  const file = path.join(cwd, 'project-learnings.md');
  assert.equal(replaceFile(file, Buffer.from('# Ours\n'), Buffer.from('# Ours\nMore\n')), false);
  assert.equal(createFile(file, Buffer.from('# New\n'), 0o666), false);
  assert.equal(read(cwd, 'project-learnings.md'), '# Theirs\n');
  assert.deepEqual(filesIn(cwd), ['project-learnings.md']);
});

test('a decision is read back from the knowledge base', async (t) => {
  const cwd = directory(t, { 'none.md': '# Nothing\n' });
  const json = (...args: readonly string[]) => netsplit(['decide', '--format', 'json', '--answers', ...args], { cwd });
  const original = await json(inventory, '--write', 'a.md');
  assert.equal((await json('a.md')).stdout, original.stdout);
  await json(cart, '--write', 'a.md');
  assert.match((await json('a.md')).stderr, /holds several decisions.*decision\/inventory, decision\/shopping-cart/);
  assert.equal((await json('a.md#decision/inventory')).stdout, original.stdout);
  assert.match((await json('a.md#decision/x')).stderr, /holds no decision `decision\/x`\. Expected one of decision\/inventory/);
  assert.match((await json('none.md')).stderr, /holds no decision of Netsplit/);
});

test('--code writes the code of the recommendation, all of it or nothing', async (t) => {
  const cwd = directory(t, {});
  const run = (code: string) => netsplit(['decide', '--answers', inventory, '--write', '--code', code], { cwd });
  const first = await run('shop');
  assert.deepEqual([first.status, first.stdout], [0, '']);
  const { design } = parseAnswers(parse(readFileSync(inventory, 'utf8')));
  const { files } = generateCode(decide(design));
  for (const { path: file, content, what } of files) {
    assert.equal(read(cwd, `shop/${file}`), content);
    assert.ok(first.stderr.includes(`shop/${file}: ${what}\n`), file);
    assert.equal((statSync(path.join(cwd, 'shop', file)).mode & 0o100) !== 0, file.endsWith('.sh'));
  }
  assert.match(first.stderr, /needs, in mix\.exs:\n[\s\S]*\{:ra, ".*"\}/);
  assert.match((await run('shop')).stderr, new RegExp(`wrote 0 files, ${files.length} were there already`));
  // Its own findings are none: what it writes passes what it reads.
  assert.equal((await netsplit(['check', 'shop'], { cwd })).status, 0);

  write(cwd, { 'mine/lib/inventory/quorum.ex': elapsed });
  const refused = await run('mine');
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /no code is written: a file is there with other content.*\nmine\/lib\/inventory\/quorum\.ex\n/);
  assert.equal(read(cwd, 'mine/lib/inventory/quorum.ex'), elapsed);
  assert.deepEqual(readdirSync(path.join(cwd, 'mine')), ['lib']);
  write(cwd, { 'blocked/test': 'A file where a folder would have to be.' });
  assert.match((await run('blocked')).stderr, /no code is written to `blocked`: /);
  assert.deepEqual(readdirSync(path.join(cwd, 'blocked')), ['test']);
});

/** An interview after these lines; every line must be taken without a notice. */
function interviewOf(...lines: readonly string[]): Interview {
  return lines.reduce<Interview>((interview, line) => {
    const turn = take(interview, line);
    assert.deepEqual(turn.notices, [], line);
    return turn.interview;
  }, []);
}

test('asked: every question has its place, and nothing but Enter leaves all unknown', () => {
  let interview: Interview = [];
  const asked: string[] = [];
  for (let step = nextStep(interview); step; step = nextStep(interview)) {
    const shown = shownStep(step, interview);
    assert.ok(shown.text !== '' && shown.help !== '' && shown.part !== '' && expectedAt(step) !== '', JSON.stringify(step));
    asked.push(shown.text);
    interview = take(interview, '').interview;
  }
  for (const { text } of [...clusterQuestions, ...classQuestions]) assert.ok(asked.includes(text), text);
  assert.equal(asked.length, 2 + clusterQuestions.length + 1 + classQuestions.length + 1);
  const { name, cluster, classes } = designOf(interview);
  assert.deepEqual([name, cluster, classes.map(({ answers }) => answers)], ['Design', {}, [{}]]);
});

test('asked: choices by number or id, numbers, several, yes and no, a second class', () => {
  const cluster = ['5', '1,000', 'fixed', '1', '0.5', '1', 'unknown', '2, oban', '', ''];
  const cartAnswers = ['cart', 'eventual', '3', '', 'sets', 'y', ...Array<string>(9).fill('')];
  const interview = interviewOf('Shop', 'shop', ...cluster, 'carts', ...cartAnswers.slice(0, 14), 'y', 'leader', '4');
  assert.deepEqual(designOf(interview), {
    name: 'Shop',
    app: 'shop',
    cluster: {
      size: 5,
      projectedSize: 1000,
      membership: 'fixed',
      geography: 'one-data-centre',
      roundTripMs: 0.5,
      network: 'trusted',
      present: ['phoenix', 'oban'],
    },
    classes: [
      {
        name: 'carts',
        answers: { kind: 'cart', consistency: 'eventual', partition: 'serve-both-sides', conflicts: 'sets', offline: true },
      },
      { name: 'leader', answers: { kind: 'leader' } },
    ],
  });
  // What only concerns data is not asked of a leader.
  const { step } = take(interviewOf('', '', '>'), '').interview.at(-1)!;
  assert.equal(step.ask, 'cluster');
  const places = new Set<string>();
  for (let at = interview, next = nextStep(at); next?.ask === 'class'; next = nextStep(at)) {
    places.add(classQuestions[next.at]!.id);
    at = take(at, '').interview;
  }
  assert.ok(places.has('duplicateExecution') && !places.has('conflicts'));
});

test('asked: a wrong answer is asked again, < goes back, > decides', () => {
  const atSize = interviewOf('Shop', '');
  for (const wrong of ['0', '2.5', 'many', '-1']) {
    const turn = take(atSize, wrong);
    assert.deepEqual(turn.interview, atSize);
    assert.match(turn.notices.join('\n'), /expected a whole number of nodes from 1 to 1000000, or unknown/);
  }
  assert.match(take(interviewOf('Shop'), 'My App').notices.join('\n'), /expected the name of an OTP application/);
  const back = take(atSize, '<');
  assert.deepEqual(nextStep(back.interview), { ask: 'app' });
  assert.match(take([], '<').notices.join('\n'), /first question/);
  assert.equal(take(atSize, '>').done, true);
  const atEnd = interviewOf(
    '',
    '',
    ...Array<string>(clusterQuestions.length).fill(''),
    '',
    ...Array<string>(classQuestions.length).fill(''),
  );
  assert.match(take(atEnd, 'maybe').notices.join('\n'), /expected yes or no/);
  assert.equal(take(atEnd, 'n').done, true);
});

test('asked: answers that cannot both hold are told at once', () => {
  const before = interviewOf('', '', ...Array<string>(clusterQuestions.length).fill(''), 'carts', 'cart', 'linearizable');
  const turn = take(before, 'serve-both-sides');
  assert.match(turn.notices.join('\n'), /consistency linearizable and partition serve-both-sides cannot both hold\./);
  assert.equal(turn.interview.length, before.length + 1);
});

const hasTerminal = process.platform === 'linux' && spawnSync('script', ['--version']).status === 0;

/** Runs `netsplit ARGS` in a terminal of its own; each line is typed when its prompt has appeared, and `before` is told of it first. */
async function inTerminal(args: readonly string[], cwd: string, lines: readonly string[], before: (line: string) => void = () => {}) {
  const command = [process.execPath, bundle, ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', `${command} > stdout`, '/dev/null'], { cwd, env: { ...process.env, TERM: 'xterm' } });
  let typed = 0;
  let seen = '';
  child.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
    // The prompt of readline ends by putting the cursor behind itself.
    while (typed < lines.length && seen.split('\u001b[3G').length - 1 > typed) {
      const line = lines[typed++] ?? '';
      before(line);
      child.stdin.write(line);
    }
  });
  const { status } = await outcomeOf(child);
  return { status, seen: stripVTControlCharacters(seen) };
}

test('asked in a terminal: the report alone goes to standard output', { skip: !hasTerminal }, async (t) => {
  const cwd = directory(t, {});
  const lines = ['Shop\r', '<\r', 'Store\r', '\r', '0\r', '5\r', '>\r'];
  const { status, seen } = await inTerminal(['decide', '--format', 'json', '--write'], cwd, lines);
  assert.equal(status, 0, seen);
  assert.match(seen, /What is being designed\?/);
  assert.match(seen, /Found 0; expected a whole number of nodes/);
  assert.match(seen, /project-learnings\.md: created, with “Distributed design: Store”/);
  const { answers } = JSON.parse(read(cwd, 'stdout'));
  assert.deepEqual(answers, { version: 1, name: 'Store', cluster: { size: 5 }, classes: [{ name: 'component' }] });
});

test('stopped in a terminal: status 2, and nothing is written', { skip: !hasTerminal }, async (t) => {
  for (const stop of ['\u0003', '\u0004']) {
    const cwd = directory(t, {});
    const { status, seen } = await inTerminal(['decide', '--write'], cwd, ['Shop\r', stop]);
    assert.equal(status, 2);
    assert.match(seen, /stopped before the last question; nothing was decided or written/);
    assert.deepEqual(filesIn(cwd), ['stdout']);
    assert.equal(read(cwd, 'stdout'), '');
  }
});

test('what somebody else writes into the knowledge base while the questions are asked is kept', { skip: !hasTerminal }, async (t) => {
  const cwd = directory(t, { 'project-learnings.md': '# Ours\n' });
  const theirs = '# Ours\n\nWritten while you were thinking.\n';
  const { status } = await inTerminal(['decide', '--write'], cwd, ['Shop\r', '>\r'], (line) => {
    if (line === '>\r') write(cwd, { 'project-learnings.md': theirs });
  });
  assert.equal(status, 0);
  const text = read(cwd, 'project-learnings.md');
  assert.ok(text.startsWith(theirs));
  assert.equal(storedDesigns(text)[0]!.design.name, 'Shop');
});

test('what could not be written is told before anything is asked', { skip: !hasTerminal }, async (t) => {
  const cwd = directory(t, {});
  const { status, seen } = await inTerminal(['decide', '--write', 'a.txt'], cwd, []);
  assert.equal(status, 2);
  assert.match(seen, /expected a Markdown file/);
  assert.doesNotMatch(seen, /What is being designed/);
});

const scenario = `# Two halves.
protocol: raft
nodes: 3
seed: 7
steps:
  - { at: 1000, do: write, node: n1, key: x, value: "1" }
  - { at: 2000, do: split, groups: [[n1], [n2, n3]] }
  - { at: 6000, do: heal }
`;

test('simulate runs a scenario: text, JSON that can be run again, and a picture', async (t) => {
  const cwd = directory(t, { 's.yaml': scenario });
  const run = (...args: readonly string[]) => netsplit(['simulate', '--scenario', ...args], { cwd });
  const text = await run('s.yaml');
  assert.deepEqual([text.status, text.stderr], [0, '']);
  assert.match(text.stdout, /^Raft\nRaft · 3 nodes · seed 7 · /);
  assert.match(text.stdout, /the network splits into n1 \| n2 n3/);
  assert.equal((await run('s.yaml')).stdout, text.stdout);

  const json = JSON.parse((await run('s.yaml', '--format', 'json', '--seed', '8')).stdout);
  assert.deepEqual([json.version, json.scenario.seed, json.scenario.steps.length], [1, 8, 3]);
  assert.ok(json.frames.length > 0 && json.operations.length === 1 && 'verdicts' in json);
  write(cwd, { 'again.json': JSON.stringify(json.scenario) });
  assert.deepEqual(JSON.parse((await run('again.json', '--format', 'json')).stdout), json);

  const svg = (await run('s.yaml', '--format', 'svg')).stdout;
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[\s\S]*<\/svg>\n$/);
});

test('every preset is listed and runs', async (t) => {
  const cwd = directory(t, {});
  const { stdout } = await netsplit(['simulate', '--presets'], { cwd });
  const ids = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ')[0]);
  assert.deepEqual(
    ids,
    presets().map(({ id }) => id),
  );
  const json = JSON.parse((await netsplit(['simulate', '--presets', '--format', 'json'], { cwd })).stdout);
  assert.equal(json.version, 1);
  for (const preset of json.presets) assert.deepEqual(parseScenario(preset.scenario).errors, [], preset.id);
  const broken = await netsplit(['simulate', '--preset', 'half-is-a-quorum'], { cwd });
  assert.equal(broken.status, 0);
  assert.match(broken.stdout, /From 938 to 3000 ms n1 and n2 each acted as the leader\./);
  // With another seed the story is told of whoever leads then.
  const story = JSON.parse(
    (await netsplit(['simulate', '--preset', 'isolated-leader', '--seed', '2', '--format', 'json'], { cwd })).stdout,
  );
  const split = story.scenario.steps.find(({ do: kind }: { do: string }) => kind === 'split');
  const before = story.frames.filter(({ at }: { at: number }) => at < split.at).at(-1);
  const leader = before.nodes.find(({ role }: { role: string }) => role === 'leader').name;
  assert.deepEqual([story.scenario.seed, split.groups[0]], [2, [leader]]);
});

test('what cannot be simulated is said with its place', async (t) => {
  const cwd = directory(t, {
    's.yaml': scenario,
    'a.yaml': scenario
      .replace('do: heal', 'do: heel')
      .replace('groups: [[n1]', 'groups: [[n4]')
      .replace('nodes: 3', 'nodes: 3\ncolour: red'),
    'b.json': '[]',
  });
  const failure = async (...args: readonly string[]) => {
    const { status, stdout, stderr } = await netsplit(['simulate', ...args], { cwd });
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
    assert.doesNotMatch(stderr, /internal error/);
    return stderr;
  };
  const places = await failure('--scenario', 'a.yaml');
  assert.match(places, /^a\.yaml:4:1: colour: expected one of the fields name, .*, found "colour"$/m);
  assert.match(places, /^a\.yaml:8:\d+: steps\[1\]\.groups\[0\]\[0\]: expected one of n1, n2, n3, found "n4"$/m);
  assert.match(places, /^a\.yaml:9:17: steps\[2\]\.do: expected one of cut, .*, found "heel"$/m);
  assert.match(await failure('--scenario', 'b.json'), /^b\.json:1:1: expected an object, found \[\]$/m);
  assert.match(await failure('--preset', 'even-splitt'), /there is no preset `even-splitt`\. Did you mean `even-split`\?/);
  assert.match(await failure('--preset', 'zzz'), /Expected one of majority-split, /);
  assert.match(await failure(), /`--scenario FILE` or `--preset NAME`/);
  assert.match(await failure('--preset', 'even-split', '--scenario', 's.yaml'), /in one way/);
  assert.match(await failure('even-split'), /takes no argument/);
  for (const seed of ['x', '1.5', '4294967296', '1e3'])
    assert.match(await failure('--preset', 'even-split', '--seed', seed), /`--seed` is a whole number from 0 to 4294967295/);
  assert.match(await failure('--presets', '--format', 'svg'), /is one of text, json/);
});

const leader = `defmodule Leader do
  def one, do: 1

  @doc "Whether a write was stored."
  def enough?(acks, cluster_size) do
    length(acks) >= div(cluster_size, 2)
  end
end
`;

test('learn writes about a rule, or about what it finds', async (t) => {
  const cwd = directory(t, { 'lib/leader.ex': leader });
  const id = 'quorum-half-is-not-majority';
  const rule = await netsplit(['learn', '--gotcha', id], { cwd });
  assert.deepEqual([rule.status, rule.stderr], [0, '']);
  assert.match(rule.stdout, /^### Quorum that half of the members reach\n\n\*\*Problem\*\*: /);
  assert.doesNotMatch(rule.stdout, /lib\/leader\.ex|\^\^\^/);
  const found = await netsplit(['learn', 'lib', '--gotcha', id], { cwd });
  assert.match(found.stdout, /Found in `lib\/leader\.ex`, line 6\./);
  const code = (added: string) =>
    `\`\`\`elixir\ndef enough?(acks, cluster_size) do\n  length(acks) >= div(cluster_size, 2)${added}\nend\n\`\`\``;
  assert.ok(found.stdout.includes(`**Wrong**\n\n${code('')}\n\n**Right**\n\n${code(' + 1')}\n`), found.stdout);
  assert.equal(read(cwd, 'lib/leader.ex'), leader);
});

test('learn investigates a symptom, with what the rules find as evidence', async (t) => {
  const cwd = directory(t, { 'lib/leader.ex': leader });
  const { status, stdout } = await netsplit(['learn', '--investigation', 'duplicate-leaders'], { cwd });
  assert.equal(status, 0);
  assert.match(stdout, /^## Bug investigation: /);
  assert.match(stdout, /### Evidence\n\n- `lib\/leader\.ex`, line 6: .*\(`quorum-half-is-not-majority`\)/);
  const empty = await netsplit(['learn', '--investigation', 'duplicate-leaders'], { cwd: directory(t, {}) });
  assert.equal(empty.status, 0);
  assert.match(empty.stdout, /### Evidence\n\n- _to be completed_/);
});

test('learn --code writes code that does it right, named after the project, with the test that cuts real nodes', async (t) => {
  const cwd = directory(t, {
    'lib/leader.ex': leader,
    'mix.exs': 'defmodule Shop.MixProject do\n  def project do\n    [\n      app: :shop\n    ]\n  end\nend\n',
  });
  const { status, stdout, stderr } = await netsplit(['learn', '--investigation', 'duplicate-leaders', '--code', 'made'], { cwd });
  assert.equal(status, 0);
  assert.match(stdout, /`test\/shop\/lease_partition_test\.exs`/);
  assert.match(stderr, /made\/test\/shop\/lease_partition_test\.exs: Cuts five real nodes into three and two/);
  assert.match(stderr, /\{:ra, ".*"\}/);
  for (const file of [
    'test/shop/lease_partition_test.exs',
    'test/support/peer_cluster.exs',
    'scripts/partition.sh',
    'scripts/toxiproxy.sh',
  ])
    assert.ok(filesIn(path.join(cwd, 'made', path.dirname(file))).includes(path.basename(file)), file);
  assert.equal((await netsplit(['check', 'made'], { cwd })).status, 0);
  const gotcha = await netsplit(['learn', '--gotcha', 'quorum-half-is-not-majority', '--code', 'made'], { cwd });
  assert.deepEqual([gotcha.status, gotcha.stdout], [2, '']);
  assert.match(gotcha.stderr, /`--code` goes with `--investigation`/);
});

test('learn writes into the knowledge base, each thing once', async (t) => {
  const cwd = directory(t, { 'lib/leader.ex': leader });
  const run = (...args: readonly string[]) => netsplit(['learn', ...args, '--write'], { cwd });
  assert.deepEqual(await run('--gotcha', 'quorum-half-is-not-majority'), {
    status: 0,
    stdout: '',
    stderr: 'netsplit: project-learnings.md: created, with “Quorum that half of the members reach”.\n',
  });
  await run('--gotcha', 'rpc-infinite-timeout');
  await run('--investigation', 'duplicate-leaders');
  const again = await run('--gotcha', 'rpc-infinite-timeout');
  assert.match(again.stderr, /unchanged, already has/);
  const text = read(cwd, 'project-learnings.md');
  assert.equal(text.match(/^## Distributed Systems Gotchas$/gm)!.length, 1);
  assert.deepEqual(
    sectionsOf(text).map(({ id, intact }) => [id, intact]),
    [
      ['gotcha/quorum-half-is-not-majority', true],
      ['gotcha/rpc-infinite-timeout', true],
      ['investigation/duplicate-leaders', true],
    ],
  );
});

test('learn names what there is when it is not told what to write', async (t) => {
  const cwd = directory(t, { 'lib/a.ex': elapsed });
  const failure = async (...args: readonly string[]) => {
    const { status, stdout, stderr } = await netsplit(['learn', ...args], { cwd });
    assert.deepEqual([status, stdout], [2, ''], args.join(' '));
    return stderr;
  };
  for (const args of [['--investigation'], ['--investigation', '--write'], ['--investigation', 'duplicate-leader']]) {
    const stderr = await failure(...args);
    for (const { id, title } of symptoms) assert.match(stderr, new RegExp(`^ +${id} +${title}$`, 'm'));
  }
  assert.match(await failure('--investigation', 'duplicate-leader'), /Did you mean `duplicate-leaders`\?/);
  assert.match(await failure('--gotcha'), /`--gotcha` needs a value: `--gotcha RULE`/);
  assert.match(await failure('--gotcha', `${rules[0]!.id}x`), /there is no rule .* Did you mean/);
  assert.match(await failure('lib', '--gotcha', 'quorum-half-is-not-majority'), /finds nothing in `lib`/);
  assert.match(await failure('nowhere', '--investigation', 'messages-vanish'), /`nowhere`/);
  assert.match(await failure(), /`--gotcha RULE` or `--investigation SYMPTOM`/);
  assert.match(await failure('--gotcha', 'clock-wall-elapsed', '--investigation', 'messages-vanish'), /one thing/);
  assert.match(await failure('--gotcha', 'clock-wall-elapsed', '--write', 'lib/a.ex'), /expected a Markdown file/);
  assert.equal(read(cwd, 'lib/a.ex'), elapsed);
});

test('a reader that stops early is no failure', async (t) => {
  const child = start(['simulate', '--preset', 'majority-split', '--format', 'json'], { cwd: directory(t, {}) });
  child.stdout!.once('data', () => child.stdout!.destroy());
  assert.equal((await outcomeOf(child)).status, 0);
});
