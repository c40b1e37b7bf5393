/** What a few rules find, for documents: gotchas and investigations. */
import { URI, Utils } from 'vscode-uri';
import type { RuleFacts } from '../../core/design/gotcha';
import { factsOfFinding } from '../../core/evidence';
import { createPrefilter } from '../../core/prefilter';
import type { Evidence, EvidenceParams } from '../../core/protocol';
import type { Rule } from '../../core/rule';
import { createLinting, type LintingOptions } from './linting';
import type { Texts } from './texts';
import { relativePath } from './uris';

export interface EvidenceOptions {
  /** Of the session; its rules are those that can be asked for. */
  readonly linting: Omit<LintingOptions, 'prefilter' | 'onLate' | 'named'>;
  readonly texts: Texts;
  /** The Elixir files of these folders, as URIs. */
  filesOf(folders: readonly URI[], isCancelled: () => boolean): Promise<readonly string[]>;
}

/** A document with more evidence than this is read by nobody. */
const enough = 200;

/** Answers `netsplit/evidence`: lints the files with the rules that are named, also those that are off until asked for. */
export function createEvidence({ linting, texts, filesOf }: EvidenceOptions) {
  return async ({ rules: ids, files }: EvidenceParams, isCancelled: () => boolean): Promise<Evidence> => {
    const rules = linting.rules.filter((rule) => ids.includes(rule.id));
    const { linterAt } = createLinting({ ...linting, rules, prefilter: createPrefilter(rules), named: true, onLate: () => {} });
    const folders = linting.folders();
    const found: Evidence['findings'][number][] = [];
    for (const uri of rules.length === 0 ? [] : (files ?? (await filesOf(folders, isCancelled)))) {
      if (isCancelled() || found.length >= enough) break;
      const at = URI.parse(uri);
      const lintText = await linterAt(uri, true);
      const text = lintText && (await texts.read(at));
      if (!lintText || text === undefined) continue;
      const { facts, result } = lintText(text);
      const path = folders.map((folder) => relativePath(folder, at)).find((below) => below !== undefined) ?? Utils.basename(at);
      for (const finding of result.findings) {
        const { rule, ...rest } = factsOfFinding(finding, path, facts.text);
        found.push({ ...rest, rule: rule.id, uri });
      }
    }
    return { rules: rules.map(ruleFacts), findings: found.slice(0, enough) };
  };
}

/** As plain data: a rule of the linter holds its function. */
function ruleFacts({ id, summary, category, rationale, references, examples }: Rule): RuleFacts {
  const plain = examples.map(({ title, bad, good }) => ({ title, ...(bad !== undefined && { bad }), ...(good !== undefined && { good }) }));
  return { id, summary, category, rationale, references, examples: plain };
}
