/** What `npm run bench` measures: the cost of parsing, of facts and of all rules over real files, side by side in one run. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { emptyConfiguration, levelOf } from '../core/configuration';
import { createExtractor } from '../core/facts/extract';
import { lint } from '../core/linter';
import { createPrefilter } from '../core/prefilter';
import type { Rule } from '../core/rule';
import { rules } from '../core/rules/index';
import { loadParser } from '../core/syntax/parser';

interface Sample {
  readonly file: string;
  /** Milliseconds. */
  readonly prefilter: number;
  readonly parse: number;
  readonly facts: number;
  readonly rules: number;
  readonly bytes: number;
  /** The prefilter let it through. */
  readonly relevant: boolean;
}

const skipped = /^(?:deps|_build|node_modules|\.elixir_ls|\.git)$/;
const maxBytes = 2 * 1024 * 1024;

function* elixirFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory() && !skipped.test(entry.name)) yield* elixirFiles(file);
    else if (entry.isFile() && /\.exs?$/.test(entry.name)) yield file;
  }
}

/** Measures every Elixir file below the folders; each step is timed by itself, on the same text. */
export async function measure(folders: readonly string[]): Promise<readonly Sample[]> {
  const [{ parse }, extract] = [await loadParser(), await createExtractor()];
  const prefilter = createPrefilter(rules);
  const samples: Sample[] = [];
  for (const folder of folders) {
    for (const file of elixirFiles(folder)) {
      const bytes = readFileSync(file);
      if (bytes.length > maxBytes) continue;
      samples.push(measureFile(path.relative(folder, file).split(path.sep).join('/'), bytes.toString('utf8'), bytes.length));
    }
  }
  return samples;

  function measureFile(file: string, text: string, bytes: number): Sample {
    const level = (rule: Rule) => levelOf(emptyConfiguration, rule, file);
    const [candidates, filtering] = timed(() => prefilter(text).filter((rule) => level(rule) !== 'off'));
    const [tree, parsing] = timed(() => parse(text));
    tree.delete();
    const [facts, extracting] = timed(() => extract(file, text));
    const [, linting] = timed(() => lint(facts, { rules, candidates, context: { rpcWrappers: [] }, levelOf: level }));
    // Extracting parses again: what it adds is the rest.
    const lowering = Math.max(0, extracting - parsing);
    return { file, prefilter: filtering, parse: parsing, facts: lowering, rules: linting, bytes, relevant: candidates.length > 0 };
  }
}

function timed<T>(run: () => T): [T, number] {
  const start = performance.now();
  const result = run();
  return [result, performance.now() - start];
}

/** The table that is printed. */
export function report(samples: readonly Sample[]): string {
  const relevant = samples.filter((s) => s.relevant);
  const megabytes = (of: readonly Sample[]): number => of.reduce((sum, s) => sum + s.bytes, 0) / 1e6;
  const row = (name: string, of: readonly Sample[], time: (s: Sample) => number): string => {
    const times = of.map(time).sort((a, b) => a - b);
    const total = times.reduce((sum, t) => sum + t, 0);
    const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
    const cells = [at(0.5), at(0.95), times.at(-1) ?? 0].map((ms) => ms.toFixed(2).padStart(9));
    return `${name.padEnd(34)}${cells.join('')}${total.toFixed(0).padStart(10)}${(megabytes(of) / (total / 1000)).toFixed(1).padStart(9)}`;
  };
  const sum = (of: readonly Sample[], time: (s: Sample) => number): number => of.reduce((total, s) => total + time(s), 0);
  const beyond = sum(relevant, (s) => s.facts + s.rules);
  const parsing = sum(relevant, (s) => s.parse);
  const whole = sum(samples, (s) => s.prefilter) + parsing + beyond;
  const slowest = [...relevant].sort((a, b) => b.parse + b.facts + b.rules - (a.parse + a.facts + a.rules)).slice(0, 3);
  return [
    `${samples.length} files, ${megabytes(samples).toFixed(1)} MB; ${rules.length} rules; Node ${process.version}`,
    `not parsed, because no rule can speak about them: ${samples.length - relevant.length} files (${percent(1 - relevant.length / samples.length)}), ${percent(1 - megabytes(relevant) / megabytes(samples))} of the bytes`,
    '',
    `${''.padEnd(34)}${['median', 'p95', 'worst'].map((h) => h.padStart(9)).join('')}${'total ms'.padStart(10)}${'MB/s'.padStart(9)}`,
    row('prefilter, every file', samples, (s) => s.prefilter),
    row('parse, every file', samples, (s) => s.parse),
    row('parse, files that are linted', relevant, (s) => s.parse),
    row('facts beyond parsing', relevant, (s) => s.facts),
    row('all rules', relevant, (s) => s.rules),
    row('parse + facts + rules', relevant, (s) => s.parse + s.facts + s.rules),
    '',
    `analysis beyond parsing costs ${(beyond / parsing).toFixed(2)} times the parsing of the same files`,
    `share of the time that is not parsing: ${percent((whole - parsing) / whole)}`,
    `slowest: ${slowest.map((s) => `${path.basename(s.file)} ${(s.parse + s.facts + s.rules).toFixed(0)} ms (${(s.bytes / 1000).toFixed(0)} kB)`).join(', ')}`,
  ].join('\n');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
