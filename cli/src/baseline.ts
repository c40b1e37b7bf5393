/** Baselines: the findings that a project knows of already, in a file, so that only new ones are reported. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Failure, reasonOf } from './failure';
import { createFingerprints } from './format/fingerprint';
import type { Findings } from './lint';
import { relativePath } from './paths';

/** One known finding. `path` is relative to the directory of the baseline, so that it holds wherever the command is run. */
export interface KnownFinding {
  readonly rule: string;
  readonly path: string;
  readonly fingerprint: string;
}

export interface Baseline {
  /** Absolute path of its file. */
  readonly file: string;
  readonly findings: readonly KnownFinding[];
}

/** Findings without those of a baseline. */
export interface Compared {
  readonly findings: Findings;
  /** How many are in the baseline. */
  readonly known: number;
  /** How many of the baseline, of files that were linted, are found no more. */
  readonly gone: number;
}

/** Reads `--baseline`. A file that cannot be read or is no baseline is a Failure. */
export function readBaseline(given: string, cwd: string): Baseline {
  const file = path.resolve(cwd, given);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure(`the baseline \`${given}\` cannot be read: ${reasonOf(error)}. \`--write-baseline ${given}\` writes one.`);
  }
  const wrong = (what: string) =>
    new Failure(`the baseline \`${given}\` is not valid: ${what}. \`--write-baseline ${given}\` writes it anew.`);
  let data: unknown;
  try {
    data = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw wrong(`it is not JSON (${error instanceof Error ? error.message : error})`);
  }
  if (!isObject(data)) throw wrong('expected an object with `version` and `findings`');
  if (data.version !== 1) throw wrong(`\`version\` must be 1, not ${JSON.stringify(data.version) ?? 'missing'}`);
  if (!Array.isArray(data.findings)) throw wrong('`findings` must be an array');
  const findings = data.findings.map((entry: unknown, index): KnownFinding => {
    if (!isKnownFinding(entry)) throw wrong(`\`findings[${index}]\` needs the texts \`rule\`, \`path\` and \`fingerprint\``);
    return entry;
  });
  return { file, findings };
}

/** Writes all findings as a baseline, in their order, and returns how many there are. */
export function writeBaseline(given: string, cwd: string, all: Findings): number {
  const file = path.resolve(cwd, given);
  const findings = knownFindings(all, file, cwd);
  try {
    writeFileSync(file, `${JSON.stringify({ version: 1, findings }, null, 2)}\n`);
  } catch (error) {
    throw new Failure(`the baseline cannot be written to \`${given}\`: ${reasonOf(error)}.`);
  }
  return findings.length;
}

/** Leaves out what the baseline has. `linted` are the shown paths of the files that were looked at. */
export function withoutKnown(all: Findings, baseline: Baseline, linted: readonly string[], cwd: string): Compared {
  const inBaseline = new Set(baseline.findings.map(({ fingerprint }) => fingerprint));
  const fingerprints = knownFindings(all, baseline.file, cwd).map(({ fingerprint }) => fingerprint);
  const found = new Set(fingerprints);
  let at = 0;
  let known = 0;
  const results = all.results.flatMap((result) => {
    const findings = result.findings.filter(() => {
      const isKnown = inBaseline.has(fingerprints[at++] ?? '');
      if (isKnown) known++;
      return !isKnown;
    });
    return findings.length + result.suppressed.length === 0 ? [] : [{ ...result, findings }];
  });
  const looked = new Set(linted.map((shown) => named(shown, baseline.file, cwd)));
  const gone = baseline.findings.filter((entry) => looked.has(entry.path) && !found.has(entry.fingerprint)).length;
  return { findings: { results, documents: all.documents }, known, gone };
}

function knownFindings(all: Findings, file: string, cwd: string): readonly KnownFinding[] {
  const name = (shown: string): string => named(shown, file, cwd);
  const fingerprintOf = createFingerprints(all, name);
  return all.results.flatMap(({ path: shown, findings }) =>
    findings.map((finding) => ({ rule: finding.rule.id, path: name(shown), fingerprint: fingerprintOf(shown, finding) })),
  );
}

function named(shown: string, file: string, cwd: string): string {
  return relativePath(path.dirname(file), path.resolve(cwd, shown));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isKnownFinding(value: unknown): value is KnownFinding {
  return isObject(value) && ['rule', 'path', 'fingerprint'].every((key) => typeof value[key] === 'string');
}
