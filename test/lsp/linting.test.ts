/** A rule that fails costs its own findings only, and is named in the log once. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { createExtractor } from '../../core/facts/extract';
import { createPrefilter } from '../../core/prefilter';
import { rules } from '../../core/rules';
import { noFiles } from '../../server/src/client-files';
import { createConfigurations } from '../../server/src/configurations';
import { createLinting } from '../../server/src/linting';
import { createProjects } from '../../server/src/projects';
import { parseSettings } from '../../server/src/settings';
import { createUpwards } from '../../server/src/upwards';
import { rule } from '../support/rules';
import { election, quorum } from './texts';

test('a rule that throws is logged once per file, with its name, and the others go on', async () => {
  const broken = rule('always-broken', {
    triggers: { words: ['defmodule'] },
    check: () => {
      throw new Error('as it always does');
    },
  });
  const all = [broken, ...rules];
  const log: string[] = [];
  const upwards = createUpwards(noFiles, () => false);
  const texts = { document: () => undefined, read: noFiles.read };
  const { linterAt } = createLinting({
    rules: all,
    prefilter: createPrefilter(all),
    projects: createProjects({
      host: noFiles,
      texts,
      upwards,
      extract: await createExtractor(),
      maxFiles: async () => 0,
      log: (m) => void log.push(m),
    }),
    configurations: createConfigurations(texts, upwards, all, () => {}),
    settingsOf: async () => parseSettings(undefined),
    onLate: () => {},
    folders: () => [],
    log: (message) => void log.push(message),
  });
  for (const uri of ['untitled:a', 'untitled:b']) {
    const lintText = (await linterAt(uri)) ?? assert.fail();
    for (const text of [election, `${election}\n`]) {
      const { findings } = lintText(text).result;
      assert.deepEqual(
        findings.map((finding) => finding.rule.id),
        [quorum, quorum],
      );
    }
  }
  assert.equal(log.length, 2);
  assert.match(log[0] ?? '', /^The rule always-broken failed on untitled:a: Error: as it always does/);
  assert.match(log[1] ?? '', /^The rule always-broken failed on untitled:b: /);
});
