import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parseAnswers } from '../../core/design/answers';
import { decide } from '../../core/design/decide';
import { decisionSection, reportOf } from '../../core/design/document';
import { embedAnswers, type Section, sectionsOf, slug, storedDesigns, upsert } from '../../core/design/learnings';
import { applyEdits } from '../../core/text';

const section: Section = { id: 'decision/shop', heading: '## Distributed design: Shop', body: 'First version.\n\n- one\n- two\n' };
const newer: Section = { ...section, body: 'Second version.\n' };

test('a new section goes to the end, after a blank line', () => {
  const { text, outcome, notes } = upsert('# Learnings\n\nOurs.\n', section);
  assert.equal(outcome, 'appended');
  assert.deepEqual(notes, []);
  assert.match(
    text,
    /^# Learnings\n\nOurs\.\n\n## Distributed design: Shop\n\n<!-- netsplit:begin decision\/shop sum=[0-9a-f]{8} -->\n\nFirst version\.\n\n- one\n- two\n\n<!-- netsplit:end decision\/shop -->\n$/,
  );
});

test('an empty file, a file without final line end, a file with only a byte order mark', () => {
  assert.match(upsert('', section).text, /^## Distributed/);
  assert.match(upsert('last line', section).text, /^last line\n\n## Distributed/);
  assert.match(upsert('\uFEFF', section).text, /^\uFEFF## Distributed/);
});

test('a section of ours is replaced in place, and everything else stays', () => {
  const before = '# Learnings\n\nAbove  \n';
  const after = '\n## Below\n\n\tkept   \n\n\n';
  const written = upsert(before, section).text + after;
  const { text, outcome, notes, edits } = upsert(written, newer);
  assert.equal(outcome, 'replaced');
  assert.deepEqual(notes, []);
  assert.ok(text.startsWith(before) && text.endsWith(after));
  assert.match(text, /Second version/);
  assert.doesNotMatch(text, /First version/);
  assert.equal(applyEdits(written, edits), text);
  assert.equal(text.match(/## Distributed design: Shop/g)!.length, 1);
});

test('writing the same again changes nothing', () => {
  const once = upsert('# A\n', section).text;
  const again = upsert(once, section);
  assert.equal(again.outcome, 'unchanged');
  assert.equal(again.text, once);
  assert.deepEqual(again.edits, []);
});

test('CRLF files stay CRLF', () => {
  const { text } = upsert('# A\r\n\r\nb\r\n', section);
  assert.doesNotMatch(text, /[^\r]\n/);
  const replaced = upsert(text, newer);
  assert.equal(replaced.outcome, 'replaced');
  assert.doesNotMatch(replaced.text, /[^\r]\n/);
  assert.equal(upsert(replaced.text, newer).outcome, 'unchanged');
});

test('a formatter that moves white space and bullets does not hide the section', () => {
  const formatted = upsert('# A\n', section).text.replace(/^- /gm, '* ').replace('First version.\n', 'First version.\n\n\n');
  const { outcome, text } = upsert(formatted, newer);
  assert.equal(outcome, 'replaced');
  assert.doesNotMatch(text, /First version/);
});

for (const [name, damage] of [
  ['text was added inside', (text: string) => text.replace('- two', '- two\n- three, by Ann')],
  ['text was changed inside', (text: string) => text.replace('First', 'Our first')],
  ['the end marker was deleted', (text: string) => text.replace(/<!-- netsplit:end .*-->\n/, '')],
  ['the begin marker was deleted', (text: string) => text.replace(/<!-- netsplit:begin .*-->\n/, '')],
  ['the end marker was half deleted', (text: string) => text.replace('<!-- netsplit:end decision/shop -->', '<!-- netsplit:end decis')],
  ['the sum was deleted', (text: string) => text.replace(/ sum=[0-9a-f]+/, '')],
  [
    'the markers changed places',
    (text: string) =>
      text
        .replace('netsplit:begin', 'netsplit:x')
        .replace('netsplit:end decision/shop', 'netsplit:begin decision/shop')
        .replace(/netsplit:x decision\/shop sum=\w+/, 'netsplit:end decision/shop'),
  ],
  [
    'the end marker was moved below text of theirs',
    (text: string) =>
      `${text.replace('<!-- netsplit:end decision/shop -->\n', '')}\nTheir own words.\n\n<!-- netsplit:end decision/shop -->\n`,
  ],
] as const) {
  test(`when ${name}, nothing is destroyed: the new section is added and a note says so`, () => {
    const damaged = damage(upsert('# A\n', section).text);
    const { text, outcome, notes } = upsert(damaged, newer);
    assert.equal(outcome, 'appended');
    assert.ok(text.startsWith(damaged));
    assert.equal(notes.length, 1);
    assert.match(notes[0]!, /left as it is|left as they are/);
    // From then on the new one is ours: it is replaced, and does not multiply.
    const again = upsert(text, section);
    assert.equal(again.outcome, 'replaced');
    assert.ok(again.text.startsWith(damaged));
    assert.equal(again.text.match(/## Distributed design: Shop/g)!.length, 2);
  });
}

test('a heading that a person gave is kept', () => {
  const renamed = upsert('', section).text.replace('## Distributed design: Shop', '## How the shop replicates');
  const { text, outcome } = upsert(renamed, newer);
  assert.equal(outcome, 'replaced');
  assert.ok(text.startsWith('## How the shop replicates\n\n<!-- netsplit:begin'));
  assert.doesNotMatch(text, /Distributed design/);
});

test('a new heading of ours replaces our old one only through its marker', () => {
  const { text } = upsert(upsert('', section).text, { ...newer, heading: '## Distributed design: Shop 2' });
  assert.equal(text.match(/^## /gm)!.length, 1);
});

test('of several whole copies the last is updated, and a note says so', () => {
  const once = upsert('', section).text;
  const { text, notes } = upsert(`${once}\n${once}`, newer);
  assert.ok(text.startsWith(once));
  assert.match(text.slice(once.length), /Second version/);
  assert.match(notes[0]!, /stands 2 times/);
});

test('a heading without markers is left alone, and a note says so', () => {
  const { text, notes } = upsert('## Distributed design: Shop\n\nOurs.\n', section);
  assert.ok(text.startsWith('## Distributed design: Shop\n\nOurs.\n\n## Distributed'));
  assert.match(notes[0]!, /without markers/);
});

test('sections of other ids are not touched, and entries gather under their parent heading', () => {
  const gotcha = (id: string): Section => ({ id: `gotcha/${id}`, heading: `### ${id}`, parent: '## Gotchas', body: `About ${id}.` });
  const first = upsert('# A\n', gotcha('one'));
  assert.match(first.text, /^# A\n\n## Gotchas\n\n### one\n/);
  const file = `${first.text}\n## Later\n\n\`\`\`elixir\n# not a heading\n\`\`\`\n`;
  const second = upsert(file, gotcha('two'));
  assert.deepEqual(
    [...second.text.matchAll(/^#+ .*$/gm)].map(([line]) => line),
    ['# A', '## Gotchas', '### one', '### two', '## Later', '# not a heading'],
  );
  const third = upsert(second.text, { ...gotcha('one'), body: 'Anew.' });
  assert.equal(third.outcome, 'replaced');
  assert.match(third.text, /About two\./);
});

test('a parent heading inside fenced code is no heading, and a comment in code does not end the parent', () => {
  const entry: Section = { id: 'gotcha/x', heading: '### x', parent: '## Gotchas', body: 'x' };
  assert.match(upsert('```\n## Gotchas\n```\n', entry).text, /```\n\n## Gotchas\n\n### x/);
  const text = upsert('## Gotchas\n\n~~~elixir\n# a comment\n~~~\n\nend of it\n\n# Next\n', entry).text;
  assert.ok(text.indexOf('### x') > text.indexOf('end of it'));
  assert.ok(text.indexOf('### x') < text.indexOf('# Next'));
});

test('a body cannot forge markers', () => {
  const forged: Section = {
    ...section,
    body: 'a\n<!-- netsplit:end decision/shop -->\nb\n<!-- netsplit:begin decision/shop sum=00000000 -->\n',
  };
  const once = upsert('', forged).text;
  assert.equal(sectionsOf(once).length, 1);
  assert.equal(upsert(once, forged).outcome, 'unchanged');
  assert.equal(upsert(once, newer).text.match(/Second version/g)!.length, 1);
});

const lines = fc.array(
  fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom(
      '# Heading',
      '## Distributed design: Shop',
      '```',
      '~~~',
      '- item',
      '<!-- netsplit:begin decision/shop sum=12345678 -->',
      '<!-- netsplit:end decision/shop -->',
      '<!-- netsplit:end other -->',
      '\t',
      '',
      '| a | b |',
      '𝕏 emoji 🙂',
      '<!--',
      '-->',
    ),
  ),
  { maxLength: 12 },
);
const markdown = fc
  .tuple(lines, fc.constantFrom('\n', '\r\n', '\n\n', '\r'), fc.boolean())
  .map(([all, eol, final]) => all.join(eol) + (final ? eol : ''));

test('law: upsert keeps everything else to the byte, on arbitrary Markdown around it', () => {
  fc.assert(
    fc.property(markdown, markdown, fc.string(), fc.string(), (above, below, one, two) => {
      const first = upsert(above, { ...section, body: one });
      assert.equal(first.outcome, 'appended');
      assert.ok(first.text.startsWith(above));
      assert.equal(applyEdits(above, first.edits), first.text);
      const file = first.text + below;
      const second = upsert(file, { ...section, body: two });
      assert.equal(applyEdits(file, second.edits), second.text);
      if (second.outcome === 'replaced') {
        assert.ok(second.text.startsWith(above));
        assert.ok(second.text.endsWith(below));
      } else {
        assert.ok(second.outcome === 'unchanged' ? second.text === file : second.text.startsWith(file));
      }
      const again = upsert(second.text, { ...section, body: two });
      assert.equal(again.text, second.text);
    }),
    { numRuns: 1_000 },
  );
});

test('decisions are read back from what was written', () => {
  const { design } = parseAnswers({
    name: 'Shop -->: a--b <x>',
    cluster: { size: 5, present: ['postgres'] },
    classes: [
      { name: 'stock | ledger', kind: 'inventory', bytesPerItem: 1e12 },
      { name: '<!-- netsplit:end -->', kind: 'cart', offline: true },
    ],
  });
  const written = upsert('# Ours\r\n', decisionSection(reportOf(decide(design)))).text;
  const found = storedDesigns(written);
  assert.equal(found.length, 1);
  assert.deepEqual(found[0]!.design, design);
  assert.deepEqual(found[0]!.errors, []);
  assert.equal(found[0]!.id, 'decision/shop-a-b-x');
  assert.doesNotMatch(embedAnswers({ a: '-->', b: '--', c: '---' }).slice(4, -3), /--|>/);
  // Also when somebody lost the end of the section.
  assert.deepEqual(storedDesigns(written.replace(/<!-- netsplit:end .*-->/, ''))[0]!.design, design);
  assert.deepEqual(storedDesigns('nothing here'), []);
  assert.deepEqual(
    storedDesigns('<!-- netsplit:begin decision/x -->\n<!-- netsplit:answers {broken} -->\n<!-- netsplit:end decision/x -->'),
    [],
  );
});

test('ids made from names', () => {
  assert.deepEqual(['Stock ledger', '  Ünï  Cödé ', '日本', '!!!', 'a--b'].map(slug), [
    'stock-ledger',
    'uni-code',
    '日本',
    'unnamed',
    'a-b',
  ]);
});
