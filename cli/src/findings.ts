/** The findings of a few rules, as documents need them: with the code around each, before and after its fix. */
import type { FindingFacts } from '../../core/design/gotcha';
import { createExtractor } from '../../core/facts/extract';
import type { LintFinding } from '../../core/linter';
import type { Rule } from '../../core/rule';
import { rules } from '../../core/rules/index';
import { applyEdits, lineAt } from '../../core/text';
import { createDisk } from './disk';
import { findTargets } from './files';
import type { Host } from './host';
import { lintTargets } from './lint';
import { relativePath } from './paths';
import { createProjectRoots } from './project';
import { type Document, findingsOf } from './report';
import { createSettings, type Settings } from './settings';
import { noTimings } from './timings';

/** Lints the paths with these rules. What cannot be read is noted. */
export async function findingFacts(paths: readonly string[], wanted: readonly Rule[], host: Host): Promise<readonly FindingFacts[]> {
  if (wanted.length === 0) return [];
  const disk = createDisk();
  const settingsOf = createSettings(undefined, new Map(), rules, host.cwd, disk);
  const rootOf = createProjectRoots(disk);
  const { targets: found, unreadable } = findTargets(paths, host.cwd, disk, rootOf);
  for (const place of unreadable) host.note(`${relativePath(host.cwd, place.path)}: cannot be read: ${place.reason}`);
  const targets = found
    .map((target) => ({ ...target, settings: withOptIn(settingsOf(target.path, target.root)) }))
    .filter((target) => target.named || !target.settings.excluded);
  if (targets.length === 0) return [];
  const extract = await createExtractor();
  const { before, notes } = lintTargets({ targets, rules: wanted, fixing: 'none', extract, cwd: host.cwd, disk, timings: noTimings });
  for (const note of notes) host.note(`${note.path}: ${note.message}`);
  return findingsOf(before).flatMap(({ path: shown, finding }) => {
    const document = before.documents.get(shown);
    return document ? [factsOf(finding, shown, document)] : [];
  });
}

/** Who asks for rules by name also wants those that are off until asked for. */
function withOptIn(settings: Settings): Settings {
  return {
    ...settings,
    levelOf: (rule) => {
      const level = settings.levelOf(rule);
      return level === 'off' && rule.optIn && !settings.isConfigured(rule) ? rule.severity : level;
    },
  };
}

/** Lines of context above and below what is in no function; and the most that are looked at for the ends of a function. */
const around = 2;
const within = 40;

function factsOf({ rule, message, range, fix }: LintFinding, shown: string, { text, starts }: Document): FindingFacts {
  const line = lineAt(starts, range.start);
  const edits = fix?.edits ?? [];
  const { first, last } = excerptOf(text.split(/\r\n|\r|\n/), line, lineAt(starts, range.end));
  const start = starts[first] ?? 0;
  const end = starts[last + 1] ?? text.length;
  const before = text.slice(start, end);
  // A fix that reaches beyond the excerpt is not shown: half of it would be wrong.
  const shownWhole = edits.length > 0 && edits.every((edit) => edit.range.start >= start && edit.range.end <= end);
  const moved = edits.map(({ range: { start: from, end: to }, newText }) => ({ range: { start: from - start, end: to - start }, newText }));
  return { rule, message, path: shown, line: line + 1, before, ...(shownWhole && { after: applyEdits(before, moved) }) };
}

/** The lines of the function around a finding; where there is none, or it is long, a few around the finding itself. Lines count from 0. */
function excerptOf(lines: readonly string[], from: number, to: number): { readonly first: number; readonly last: number } {
  const few = { first: Math.max(0, from - around), last: Math.min(lines.length - 1, to + around) };
  const indentOf = (line: string): number => line.length - line.trimStart().length;
  for (let first = from; first >= Math.max(0, from - within); first--) {
    const head = lines[first] ?? '';
    if (!/^\s*(?:def|defp|defmacro|defmacrop)\s/.test(head)) continue;
    for (let at = first + 1; at <= Math.min(lines.length - 1, first + within); at++) {
      const line = lines[at] ?? '';
      if (line.trim() === '' || indentOf(line) > indentOf(head)) continue;
      // Without an `end` of its own it is a function of one expression, and this line is behind it.
      const last = line.trim() === 'end' && indentOf(line) === indentOf(head) ? at : at - 1;
      return last >= to ? { first, last } : few;
    }
    return few;
  }
  return few;
}
