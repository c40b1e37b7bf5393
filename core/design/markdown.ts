/** Small pieces of Markdown that documents share. */

/** Text as Markdown shows it literally: for names that people gave. */
export function plain(text: string): string {
  return text.replace(/[\\`*_[\]<>#|~&]/g, '\\$&').replace(/[\r\n]+/g, ' ');
}

/** A table; pipes and line ends in cells are escaped. Empty without rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${head.map(() => ' --- |').join('')}`, ...rows.map(line), ''];
}

export function bullets(items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [...items.map((item) => `- ${item}`), ''];
}

export function numbered(items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : [...items.map((item, index) => `${index + 1}. ${item}`), ''];
}

/** Fenced code, with a fence that is longer than any in the code. */
export function fenced(language: string, code: string): readonly string[] {
  const longest = [...code.matchAll(/`{3,}/g)].reduce((most, [run]) => Math.max(most, run.length), 2);
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, code.replace(/\s+$/, ''), fence, ''];
}

/** References as bare links. */
export function links(urls: readonly string[]): readonly string[] {
  return bullets([...new Set(urls)].map((url) => `<${url}>`));
}

/** Lines as a text without blank lines at its ends, with one line end at the end. */
export function joinLines(lines: readonly string[]): string {
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|\s+$/g, '')}\n`;
}

/** A sentence as the rest of another: its first letter small, unless the word is a name. */
export function continued(text: string): string {
  const word = /^[A-Z][a-z]*(?![\p{L}\p{N}.])/u.exec(text)?.[0];
  return word === undefined || properNames.includes(word) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

const properNames: readonly string[] = [
  'Erlang',
  'Highlander',
  'Horde',
  'Khepri',
  'Mnesia',
  'Oban',
  'Partisan',
  'Paxos',
  'Phoenix',
  'Postgres',
  'Raft',
  'Redis',
  'Swarm',
  'Yjs',
];

function cell(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/(?<!\\)\|/g, '\\|');
}
