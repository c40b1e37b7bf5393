import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  applyEdits,
  conflict,
  contains,
  dedent,
  indentationAt,
  lineAt,
  lineEnding,
  lineStarts,
  overlaps,
  positionAt,
} from '../../core/text';
import { marksIn, onFirstLine, withoutCarets } from '../support/carets';

const edit = (start: number, end: number, newText: string) => ({ range: { start, end }, newText });

test('edits refer to the original text, whatever their order', () => {
  assert.equal(applyEdits('one two three', [edit(8, 13, '3'), edit(0, 3, '1'), edit(4, 4, 'and ')]), '1 and two 3');
  assert.equal(applyEdits('same', []), 'same');
  assert.equal(applyEdits('ab', [edit(1, 2, 'B'), edit(1, 1, '-')]), 'a-B');
});

test('edits conflict when they share text or insert at the same place', () => {
  assert.equal(conflict(edit(0, 3, ''), edit(2, 4, '')), true);
  assert.equal(conflict(edit(2, 2, 'a'), edit(2, 2, 'b')), true);
  assert.equal(conflict(edit(2, 2, 'a'), edit(2, 4, 'b')), true);
  assert.equal(conflict(edit(0, 2, 'a'), edit(2, 4, 'b')), false);
  assert.equal(conflict(edit(0, 2, 'a'), edit(2, 2, 'b')), false);
});

test('ranges are half-open', () => {
  assert.equal(overlaps({ start: 0, end: 2 }, { start: 2, end: 3 }), false);
  assert.equal(overlaps({ start: 0, end: 3 }, { start: 2, end: 3 }), true);
  assert.equal(contains({ start: 0, end: 3 }, { start: 1, end: 3 }), true);
  assert.equal(contains({ start: 0, end: 3 }, { start: 1, end: 4 }), false);
});

test('lines end with LF, CRLF and CR', () => {
  assert.deepEqual(lineStarts('a\nb\r\nc\rd'), [0, 2, 5, 7]);
  assert.deepEqual(lineStarts(''), [0]);
  assert.deepEqual(lineStarts('\n'), [0, 1]);
});

test('a place counts lines and UTF-16 code units from 1', () => {
  const text = 'a\n🦄b';
  assert.deepEqual(positionAt(lineStarts(text), text.indexOf('b')), { line: 2, column: 3 });
  assert.deepEqual(positionAt(lineStarts(text), 0), { line: 1, column: 1 });
  assert.deepEqual(positionAt(lineStarts(text), text.length), { line: 2, column: 4 });
});

test('every offset is on the line whose start is the last one before it', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '\n', '\r', '🦄')), (units) => {
      const text = units.join('');
      const starts = lineStarts(text);
      for (let offset = 0; offset <= text.length; offset++) {
        const line = lineAt(starts, offset);
        assert.ok(starts[line]! <= offset);
        assert.ok(line === starts.length - 1 || offset < starts[line + 1]!);
      }
    }),
  );
});

test('indentation is the white space that begins a line, up to the place asked for', () => {
  assert.equal(indentationAt('a\n \tb', 5), ' \t');
  assert.equal(indentationAt('a\r  b', 5), '  ');
  assert.equal(indentationAt('    b', 2), '  ');
});

test('a text ends its lines as its first line does', () => {
  assert.equal(lineEnding('a\r\nb\n'), '\r\n');
  assert.equal(lineEnding('a\nb\r\n'), '\n');
  assert.equal(lineEnding('a'), '\n');
});

test('dedent takes what all lines share', () => {
  assert.equal(dedent('\n    a\n\n      b\n    '), 'a\n\n  b');
  assert.equal(dedent('a\n  b'), 'a\n  b');
  assert.equal(dedent(''), '');
  assert.equal(dedent('\n  a\n b'), ' a\nb');
});

test('carets point at the line above them', () => {
  const text = dedent(`
    one(two)
    #^^ ^^^
    three
    #^^^^ what it is
    #  ^^`);
  const marked = marksIn(text).map(({ range, label }) => [text.slice(range.start, range.end), label]);
  assert.deepEqual(marked, [
    ['one', undefined],
    ['two', undefined],
    ['three', 'what it is'],
    ['ee', undefined],
  ]);
  assert.equal(withoutCarets(text), 'one(two)\nthree');
});

test('carets point the same with CRLF, and comments with words are no carets', () => {
  const text = 'a(b)\r\n# ^\r\n# a ^ b\r\nc';
  assert.deepEqual(
    marksIn(text).map(({ range }) => text.slice(range.start, range.end)),
    ['b'],
  );
  assert.equal(withoutCarets(text), 'a(b)\r\n# a ^ b\r\nc');
});

test('carets without a line above are a mistake', () => {
  assert.throws(() => marksIn('# ^^^\na'), /no line above/);
});

test('of a range over several lines the first line counts', () => {
  const text = 'a do \r\n  b\nend';
  assert.deepEqual(onFirstLine(text, { start: 0, end: text.length }), { start: 0, end: 4 });
  assert.deepEqual(onFirstLine(text, { start: 0, end: 3 }), { start: 0, end: 3 });
});
