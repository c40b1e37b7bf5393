/**
 * The knowledge base: sections of ours in a Markdown file of yours. A section is a heading and two marker comments; the first carries a sum of what
 * stands between them, so that a section that a person changed is recognised and left alone.
 */
import { applyEdits, lineEnding, type TextEdit } from '../text';
import { type AnswerError, type Design, parseAnswers } from './answers';

/** What is written: a stable id, the heading, and Markdown below it. */
export interface Section {
  /** `decision/stock-ledger`, `investigation/duplicate-leaders`, `gotcha/quorum-half-is-not-majority`: letters, digits, `-`, `_`, `.` and `/`. */
  readonly id: string;
  /** With its marks: `## Distributed design: Stock ledger`. */
  readonly heading: string;
  /** Without the heading, without markers, lines ended by `\n`. */
  readonly body: string;
  /** A heading under which the section is put when it is new: `## Distributed Systems Gotchas`. It is made when it is absent. */
  readonly parent?: string;
}

export interface Upsert {
  /** The whole new text. */
  readonly text: string;
  /** The same as edits of the old text: at most one. */
  readonly edits: readonly TextEdit[];
  readonly outcome: 'appended' | 'replaced' | 'unchanged';
  /** What the reader should know: sections that were left alone, and why. */
  readonly notes: readonly string[];
}

/** The default file, and the one that is used instead where it exists. */
export const knowledgeBases: readonly string[] = ['.claude/project-learnings.md', 'project-learnings.md'];

/**
 * Writes a section into a Markdown text. An intact section of the same id is replaced in place; everything else stays as it is, to the byte.
 * A section that was changed by hand or whose markers are damaged is left alone: the new one is put at the end, and a note says so.
 */
export function upsert(text: string, section: Section): Upsert {
  const eol = lineEnding(text);
  const found = sectionsOf(text).filter((one) => one.id === section.id);
  const intact = found.filter((one) => one.intact);
  const last = intact[intact.length - 1];
  const notes = notesOn(text, section, found.length - intact.length, intact.length);
  const block = render(section, eol);
  const withHeading = `${section.heading}${eol}${eol}${block}`;
  if (last !== undefined) {
    const ownHeading = headingAbove(text, last.start, section.heading);
    const range = { start: ownHeading ?? last.start, end: last.end };
    // A heading that a person gave is kept: then only what stands between the markers is ours.
    const newText = ownHeading === undefined ? block : withHeading;
    if (text.slice(range.start, range.end) === newText) return { text, edits: [], outcome: 'unchanged', notes };
    const edits = [{ range, newText }];
    return { text: applyEdits(text, edits), edits, outcome: 'replaced', notes };
  }
  const { at, lead } = placeFor(text, section, eol);
  const trail = at === text.length ? eol : `${eol}${eol}`;
  const edits = [{ range: { start: at, end: at }, newText: `${lead}${withHeading}${trail}` }];
  return { text: applyEdits(text, edits), edits, outcome: 'appended', notes };
}

/** One section of ours that was found, with what it says. */
export interface FoundSection {
  readonly id: string;
  /** From the begin marker to the end of the end marker. */
  readonly start: number;
  readonly end: number;
  readonly content: string;
  /** Both markers are there, in order, with no marker of ours between, and the content is as it was written. */
  readonly intact: boolean;
}

/** Every section of ours, whole or damaged, in the order of the text. A damaged one without end reaches to its marker's line end. */
export function sectionsOf(text: string): readonly FoundSection[] {
  const markers = [...text.matchAll(marker)].map((match) => ({
    kind: match[1] as 'begin' | 'end',
    id: match[2] as string,
    sum: match[3],
    start: match.index,
    end: match.index + match[0].length,
  }));
  const found: FoundSection[] = [];
  for (let i = 0; i < markers.length; i++) {
    const at = markers[i];
    if (at === undefined) continue;
    const next = markers[i + 1];
    if (at.kind === 'begin' && next?.kind === 'end' && next.id === at.id) {
      const content = text.slice(at.end, next.start);
      found.push({ id: at.id, start: at.start, end: next.end, content, intact: at.sum === sumOf(content) });
      i++;
    } else {
      const content = at.kind === 'begin' ? text.slice(at.end, next?.start ?? text.length) : '';
      found.push({ id: at.id, start: at.start, end: at.end, content, intact: false });
    }
  }
  return found;
}

/** A decision that was read back from a knowledge base. */
export interface StoredDesign {
  readonly id: string;
  readonly design: Design;
  readonly errors: readonly AnswerError[];
}

/** The designs whose answers are embedded in sections of ours, in the order of the text; those of damaged sections too. */
export function storedDesigns(text: string): readonly StoredDesign[] {
  return sectionsOf(text).flatMap((section): StoredDesign[] => {
    const json = answers.exec(section.content)?.[1];
    if (json === undefined) return [];
    try {
      return [{ id: section.id, ...parseAnswers(JSON.parse(json)) }];
    } catch {
      return [];
    }
  });
}

/** The comment that embeds answers in a section; readable by `storedDesigns`, invisible when rendered. */
export function embedAnswers(file: Readonly<Record<string, unknown>>): string {
  // Inside strings only: a comment must not contain `-->`, nor two hyphens to be safe.
  const json = JSON.stringify(file)
    .replace(/-(?=-)|-$/g, '\\u002d')
    .replaceAll('>', '\\u003e')
    .replaceAll('<', '\\u003c');
  return `<!-- netsplit:answers ${json} -->`;
}

/** An id made from a name: `Stock ledger` → `stock-ledger`; never empty. */
export function slug(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const made = plain.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '');
  return made === '' ? 'unnamed' : made;
}

const marker = /^<!-- netsplit:(begin|end) ([^\s>]+)(?: sum=([0-9a-f]{8}))? -->[ \t]*$/gm;
const answers = /<!-- netsplit:answers (\{.*\}) -->/;

function render(section: Section, eol: string): string {
  const body = section.body
    .replace(/\r\n?/g, '\n')
    // A line of the body must not look like a marker of ours.
    .replace(/^(<!-- netsplit):(?=begin|end)/gm, '$1 ')
    .replace(/^\n+|\s+$/g, '');
  const content = `\n\n${body}\n\n`;
  const lines = `<!-- netsplit:begin ${section.id} sum=${sumOf(content)} -->${content}<!-- netsplit:end ${section.id} -->`;
  return eol === '\n' ? lines : lines.replaceAll('\n', eol);
}

/** A sum over letters and digits only: a formatter that moves white space, bullets and table lines changes nothing, a person's words do. */
function sumOf(content: string): string {
  let hash = 0x811c9dc5;
  for (const char of content.replace(/[^\p{L}\p{N}]+/gu, '')) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, '0');
}

/** Where our heading begins, when it stands directly above the marker, blank lines aside. */
function headingAbove(text: string, at: number, heading: string): number | undefined {
  const above = text.slice(0, at).trimEnd();
  if (!above.endsWith(heading)) return undefined;
  const start = above.length - heading.length;
  const before = text[start - 1];
  return start === 0 || before === '\n' || before === '\r' ? start : undefined;
}

function notesOn(text: string, { id, heading }: Section, damaged: number, intact: number): readonly string[] {
  const notes: string[] = [];
  const title = heading.replace(/^#+\s*/, '');
  if (damaged > 0) {
    const what = damaged === 1 ? 'An older section' : `${damaged} older sections`;
    const end = intact > 0 ? 'The intact one was updated.' : 'The new section was added; compare them and delete what you do not need.';
    notes.push(
      `${what} “${title}” (${id}) ${damaged === 1 ? 'was' : 'were'} changed by hand or lost a marker and ${damaged === 1 ? 'is' : 'are'} left as ${damaged === 1 ? 'it is' : 'they are'}. ${end}`,
    );
  }
  if (intact > 1) notes.push(`“${title}” (${id}) stands ${intact} times; the last one was updated.`);
  if (intact === 0 && damaged === 0 && new RegExp(`^${escaped(heading)}[ \\t]*$`, 'm').test(text)) {
    notes.push(`There is a heading “${title}” without markers of Netsplit; it was left as it is.`);
  }
  return notes;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The end of the text, or the end of the parent's part of it, with what must stand between. */
function placeFor(text: string, { parent }: Section, eol: string): { readonly at: number; readonly lead: string } {
  const inside = parent === undefined ? undefined : endUnder(text, parent);
  if (inside !== undefined && inside < text.length) return { at: inside, lead: spaceAfter(text.slice(0, inside), eol) };
  const newParent = parent !== undefined && inside === undefined ? `${parent}${eol}${eol}` : '';
  return { at: text.length, lead: `${spaceAfter(text, eol)}${newParent}` };
}

/** What must follow so that the next line begins a paragraph of its own. */
function spaceAfter(before: string, eol: string): string {
  if (before === '' || before === '\uFEFF' || /(?:\r\n|\n|\r)[ \t]*(?:\r\n|\n|\r)$/.test(before)) return '';
  return /[\r\n]$/.test(before) ? eol : eol + eol;
}

/** Where the part under a heading ends: the start of the next heading of its level or above, outside of fenced code, or the end; undefined without it. */
function endUnder(text: string, heading: string): number | undefined {
  const level = /^#+/.exec(heading)?.[0].length ?? 1;
  let fence: string | undefined;
  let inside = false;
  for (const line of text.matchAll(/^.*$/gm)) {
    const opened = /^ {0,3}(`{3,}|~{3,})/.exec(line[0])?.[1];
    if (opened !== undefined) {
      if (fence === undefined) fence = opened;
      else if (opened[0] === fence[0] && opened.length >= fence.length && line[0].trim() === opened) fence = undefined;
      continue;
    }
    if (fence !== undefined) continue;
    if (!inside) {
      inside = line[0].trimEnd() === heading;
      continue;
    }
    const marks = /^(#{1,6})(?:[ \t]|$)/.exec(line[0])?.[1];
    if (marks !== undefined && marks.length <= level) return line.index;
  }
  return inside ? text.length : undefined;
}
