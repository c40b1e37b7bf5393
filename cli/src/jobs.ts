/** Linting in several threads: each runs this program again, lints a share of the targets, and sends back what it found. */
import { availableParallelism } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';
import { createExtractor } from '../../core/facts/extract';
import type { LintFinding } from '../../core/linter';
import { createManifestPrefilter, createPrefilter } from '../../core/prefilter';
import type { Rule } from '../../core/rule';
import { rules as allRules } from '../../core/rules/index';
import { createDisk } from './disk';
import type { Target } from './files';
import { byPath, type LintRequest, type LintRun, type LintTarget, lintTargets } from './lint';
import type { Document, FileResult, Note } from './report';
import { createSettings, type Overrides } from './settings';
import { noTimings } from './timings';

/** What settings are made of anew in each thread, and the program that it runs. */
export interface ThreadOptions {
  /** Of `--config`. */
  readonly config: string | undefined;
  readonly overrides: Overrides;
  readonly program: string;
}

/** What a thread is given. */
interface ShareWork {
  readonly kind: typeof kind;
  readonly cwd: string;
  readonly config: string | undefined;
  readonly overrides: Overrides;
  readonly targets: readonly Target[];
  /** Paths of the targets that it lints. */
  readonly share: ReadonlySet<string>;
}

const kind = 'netsplit-share';

/** A finding with the id of its rule: functions do not pass between threads. */
type SentFinding = Omit<LintFinding, 'rule'> & { readonly rule: string };

interface SentResult extends Omit<FileResult, 'findings' | 'suppressed'> {
  readonly findings: readonly SentFinding[];
  readonly suppressed: readonly (SentFinding & { readonly reason?: string })[];
}

/** What a thread sends back. */
interface ShareResult {
  readonly results: readonly SentResult[];
  readonly documents: ReadonlyMap<string, Document>;
  readonly notes: readonly Note[];
  readonly files: number;
  readonly skipped: number;
}

/** Text to lint for which a thread of its own is worth its start, in UTF-16 units. */
const worthwhile = 1_500_000;

/**
 * Lints in at most `jobs` threads, this one included; undefined: in as many as there are cores and as the amount of text is worth. What comes of
 * it is the same for every number of threads. The request must ask for no fixes.
 */
export async function lintInThreads(request: LintRequest, jobs: number | undefined, options: ThreadOptions): Promise<LintRun> {
  const weights = weightsOf(request);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const threads = Math.min(
    jobs ?? Math.min(availableParallelism(), Math.ceil(total / worthwhile)),
    weights.filter((weight) => weight > 0).length,
  );
  if (threads <= 1) return lintTargets(request);
  const [own = [], ...others] = sharesOf(request.targets, weights, threads);
  const plain = request.targets.map(({ settings: _, ...target }) => target);
  const { config, overrides, program } = options;
  const running = others.map((targets) =>
    runShare(program, { kind, cwd: request.cwd, config, overrides, targets: plain, share: pathsOf(targets) }),
  );
  const first = lintTargets({ ...request, share: pathsOf(own) });
  return merged([first, ...(await Promise.all(running))]);
}

/** How much there is to do for each target: the length of its text where a rule can speak about it. */
function weightsOf({ targets, rules, disk }: LintRequest): readonly number[] {
  const [code, manifests] = [createPrefilter(rules), createManifestPrefilter(rules)];
  return targets.map(({ path, manifest, settings }) => {
    const source = disk.read(path);
    if (source.kind !== 'text') return 0;
    const candidates = (manifest ? manifests : code)(source.text);
    return candidates.some((rule) => settings.levelOf(rule) !== 'off') ? source.text.length : 0;
  });
}

/**
 * The targets in their order, cut where a share is full: those of one project mostly stay together, and its manifests, about which the rules
 * are asked together, all do.
 */
function sharesOf(targets: readonly LintTarget[], weights: readonly number[], threads: number): readonly (readonly LintTarget[])[] {
  const shares: LintTarget[][] = [];
  const full = weights.reduce((all, weight) => all + weight, 0) / threads;
  const ofManifests = new Map<string | undefined, number>();
  let sum = 0;
  for (const [index, target] of targets.entries()) {
    const next = Math.min(Math.floor(sum / full), threads - 1);
    const at = target.manifest ? (ofManifests.get(target.root) ?? next) : next;
    if (target.manifest) ofManifests.set(target.root, at);
    (shares[at] ??= []).push(target);
    sum += weights[index] ?? 0;
  }
  return shares.filter((share) => share.length > 0);
}

function pathsOf(targets: readonly Target[]): ReadonlySet<string> {
  return new Set(targets.map((target) => target.path));
}

function runShare(program: string, work: ShareWork): Promise<LintRun> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(program, { workerData: work });
    worker.once('message', (result: ShareResult) => resolve(received(result)));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a thread ended with status ${code} before it was done`)));
  });
}

/** Whether this thread was started to lint a share. */
export function isShareWork(data: unknown): data is ShareWork {
  return typeof data === 'object' && data !== null && 'kind' in data && data.kind === kind;
}

/** What a thread does: lints its share and sends back what it found. */
export async function lintShare({ cwd, config, overrides, targets, share }: ShareWork): Promise<void> {
  const disk = createDisk();
  const settingsOf = createSettings(config, overrides, allRules, cwd, disk);
  const withSettings = targets.map((target) => ({ ...target, settings: settingsOf(target.path, target.root) }));
  const extract = await createExtractor();
  const run = lintTargets({ targets: withSettings, rules: allRules, fixing: 'none', extract, cwd, disk, timings: noTimings, share });
  const { results, documents } = run.before;
  const sent: ShareResult = { results: results.map(sentResult), documents, notes: run.notes, files: run.files, skipped: run.skipped };
  parentPort?.postMessage(sent);
}

function sentResult(result: FileResult): SentResult {
  const sent = <T extends LintFinding>({ rule, ...finding }: T) => ({ ...finding, rule: rule.id });
  return { ...result, findings: result.findings.map(sent), suppressed: result.suppressed.map(sent) };
}

const byId: ReadonlyMap<string, Rule> = new Map(allRules.map((rule) => [rule.id, rule]));

function received({ results, documents, ...rest }: ShareResult): LintRun {
  const made = <T extends SentFinding>({ rule, ...finding }: T) => ({ ...finding, rule: byId.get(rule) as Rule });
  const findings = {
    results: results.map((result) => ({ ...result, findings: result.findings.map(made), suppressed: result.suppressed.map(made) })),
    documents,
  };
  return { before: findings, after: findings, fixes: [], ...rest };
}

/** What came of all shares, as if one thread had linted all targets. */
function merged(runs: readonly LintRun[]): LintRun {
  const findings = {
    results: runs.flatMap((run) => run.before.results).sort(byPath),
    documents: new Map(runs.flatMap((run) => [...run.before.documents])),
  };
  const notes = new Map(runs.flatMap((run) => run.notes).map((note) => [`${note.path}\0${note.message}`, note]));
  const sum = (of: (run: LintRun) => number): number => runs.reduce((total, run) => total + of(run), 0);
  return {
    before: findings,
    after: findings,
    fixes: [],
    notes: [...notes.values()].sort(byPath),
    files: sum((run) => run.files),
    skipped: sum((run) => run.skipped),
  };
}
