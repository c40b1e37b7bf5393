/** The findings of a few rules, as documents need them: with the code around each, before and after its fix. */

import type { FindingFacts } from '../../core/design/gotcha';
import { factsOfFinding } from '../../core/evidence';
import { createExtractor } from '../../core/facts/extract';
import type { Rule } from '../../core/rule';
import { rules } from '../../core/rules/index';
import { createDisk } from './disk';
import { findTargets } from './files';
import type { Host } from './host';
import { lintTargets } from './lint';
import { relativePath } from './paths';
import { createProjectRoots } from './project';
import { findingsOf } from './report';
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
    return document ? [factsOfFinding(finding, shown, document.text, document.starts)] : [];
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
