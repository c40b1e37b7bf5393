/** Targets → findings, and the texts that fixes make of them. */
import path from 'node:path';
import type { Extract } from '../../core/facts/extract';
import { type LintFinding, type LintResult, lint, lintManifest, lintProject, type ProjectResult } from '../../core/linter';
import { createManifestPrefilter, createPrefilter } from '../../core/prefilter';
import type { ProjectFacts } from '../../core/project/project';
import type { Context, Related, Rule } from '../../core/rule';
import type { Disk, SourceText } from './disk';
import type { Target } from './files';
import { applyFixes, maxPasses } from './fix';
import { comparePaths, relativePath } from './paths';
import { createProjectReader } from './project';
import { type Document, documentOf, type FileResult, type Note, type Suppressed } from './report';
import type { Settings } from './settings';
import type { Timings } from './timings';

/** A target with what holds for it. */
export interface LintTarget extends Target {
  readonly settings: Settings;
}

/** Which fixes are applied. */
export type Fixing = 'none' | 'safe' | 'unsafe';

/** The text of a file before and after its fixes. */
export interface FixedFile {
  readonly target: LintTarget;
  readonly before: string;
  readonly after: string;
  /** A byte order mark stands before the text. */
  readonly mark: boolean;
  /** How many findings were fixed. */
  readonly fixed: number;
}

/** What there is to say about texts as they are at one moment. */
export interface Findings {
  readonly results: readonly FileResult[];
  readonly documents: ReadonlyMap<string, Document>;
}

export interface LintRun {
  readonly before: Findings;
  /** With the fixes applied; the same as `before` when there are none. */
  readonly after: Findings;
  readonly fixes: readonly FixedFile[];
  readonly notes: readonly Note[];
  /** Number of files that were linted. */
  readonly files: number;
  /** Number of files that are no text to lint or could not be read. */
  readonly skipped: number;
}

export interface LintRequest {
  /** In the order of the report. */
  readonly targets: readonly LintTarget[];
  readonly rules: readonly Rule[];
  readonly fixing: Fixing;
  readonly extract: Extract;
  readonly cwd: string;
  readonly disk: Disk;
  readonly timings: Timings;
  /** Paths of the targets that are linted here; absent: all. The manifests of a project are linted together. Not together with fixes. */
  readonly share?: ReadonlySet<string>;
}

/** Lints all targets, project by project. Writes nothing: fixed texts are only known to `disk`. */
export function lintTargets({
  targets,
  rules: plainRules,
  fixing,
  extract: plainExtract,
  cwd,
  disk,
  timings,
  share,
}: LintRequest): LintRun {
  const isShared = (target: LintTarget): boolean => share?.has(target.path) ?? true;
  const rules = plainRules.map(timings.timed);
  const prefilter = createPrefilter(rules);
  const manifestPrefilter = createManifestPrefilter(rules);
  const extract: Extract = (file, text) => timings.measure('parse', () => plainExtract(file, text));
  const projects = createProjectReader(extract, cwd, disk, (work) => timings.measure('read projects', work));
  const notes: Note[] = [];
  const skipped = new Set<string>();
  const before = collect();
  const after = collect();
  const fixes: FixedFile[] = [];

  const readTarget = (target: LintTarget): SourceText | undefined => {
    const source = timings.measure('read files', () => disk.read(target.path));
    if (source.kind === 'text') return source;
    if (!skipped.has(target.path)) notes.push(noteOf(target, source.reason, source.kind === 'unreadable'));
    skipped.add(target.path);
    return undefined;
  };

  /** A target with the rules that can speak about it; none where no rule can. */
  const candidatesOf = (target: LintTarget): readonly Candidate[] => {
    const source = readTarget(target);
    if (!source) return [];
    const candidates = timings.measure('find candidates', () => (target.manifest ? manifestPrefilter : prefilter)(source.text));
    return candidates.some((rule) => target.settings.levelOf(rule) !== 'off') ? [{ target, source, candidates }] : [];
  };

  /** What is left of the rules' findings in manifests, asked once for the project; none where no rule can speak about one. */
  const askProject = (candidates: readonly Candidate[], root: string, project: ProjectFacts): ProjectResult | undefined => {
    const asked = new Set(candidates.flatMap(({ target, candidates }) => (target.manifest ? candidates : [])));
    if (asked.size === 0) return undefined;
    const result = timings.measure('run rules', () => lintProject(project, [...asked]));
    for (const failure of result.failures) notes.push(failureNote(relativePath(cwd, root), failure));
    return result;
  };

  const lintCandidateManifest = (
    { target, source }: Candidate,
    root: string,
    project: ProjectFacts,
    said: ProjectResult | undefined,
  ): Linted => {
    const { levelOf, isConfigured, rpcWrappers } = target.settings;
    const manifest = { path: relativePath(root, target.path), text: source.text };
    return { target, source, result: lintManifest(manifest, said, { rules, context: { project, rpcWrappers }, levelOf, isConfigured }) };
  };

  const lintCandidate = ({ target, source, candidates }: Candidate, project: Pick<Context, 'project'>): readonly Linted[] => {
    const { levelOf, isConfigured, rpcWrappers } = target.settings;
    try {
      const facts = projects.fileFacts(target.root, target.path, source.text);
      const context = { ...project, rpcWrappers };
      const result = timings.measure('run rules', () => lint(facts, { rules, candidates, context, levelOf, isConfigured }));
      return [{ target, source, result }];
    } catch (error) {
      notes.push({ path: target.shown, message: `could not be linted: ${error instanceof Error ? error.message : error}`, fatal: true });
      return [];
    }
  };

  const lintGroup = (root: string | undefined, group: readonly LintTarget[]): readonly Linted[] => {
    const candidates = group.filter(isShared).flatMap(candidatesOf);
    if (root === undefined) return candidates.flatMap((candidate) => lintCandidate(candidate, {}));
    const project = projects.factsOf(root, textsOf(candidates, false), textsOf(candidates, true));
    const said = askProject(candidates, root, project);
    return candidates.flatMap((candidate) =>
      candidate.target.manifest ? [lintCandidateManifest(candidate, root, project, said)] : lintCandidate(candidate, { project }),
    );
  };

  /** Fixes the texts of a group until nothing changes, and returns what is left to say. */
  const fixGroup = (root: string | undefined, group: readonly LintTarget[], first: readonly Linted[]): readonly Linted[] => {
    const fixed = new Map<string, FixedFile>();
    const given = new Set<string>();
    let linted = first;
    for (let pass = 0; pass < maxPasses; pass++) {
      let changed = false;
      for (const { target, source, result } of linted) {
        if (given.has(target.path)) continue;
        const outcome = applyFixes(source.text, result.findings, fixing === 'unsafe');
        if (outcome.text === source.text) continue;
        const isBroken = (text: string): boolean => !target.manifest && projects.fileFacts(root, target.path, text).broken;
        if (!isBroken(source.text) && isBroken(outcome.text)) {
          notes.push({ path: target.shown, message: 'its fixes would leave code that cannot be parsed; not fixed', fatal: false });
          given.add(target.path);
          continue;
        }
        const known = fixed.get(target.path);
        const total = (known?.fixed ?? 0) + outcome.fixed;
        fixed.set(target.path, { target, before: known?.before ?? source.text, after: outcome.text, mark: source.mark, fixed: total });
        disk.put(target.path, { ...source, text: outcome.text });
        changed = true;
      }
      if (!changed) break;
      linted = lintGroup(root, group);
    }
    fixes.push(...fixed.values());
    return linted;
  };

  for (const [root, group] of byProject(targets)) {
    if (!group.some(isShared)) continue;
    let linted = lintGroup(root, group);
    for (const { target, result } of linted) for (const failure of result.failures) notes.push(failureNote(target.shown, failure));
    before.add(linted, cwd, disk);
    if (fixing !== 'none') linted = fixGroup(root, group, linted);
    after.add(linted, cwd, disk);
    projects.forget(root);
  }
  const files = targets.filter(isShared).length - skipped.size;
  return { before: before.all(), after: after.all(), fixes, notes: notes.sort(byPath), files, skipped: skipped.size };
}

/** In the order of the report, those of one path in the order in which they came. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return comparePaths(a.path, b.path);
}

function byProject(targets: readonly LintTarget[]): ReadonlyMap<string | undefined, readonly LintTarget[]> {
  const groups = new Map<string | undefined, LintTarget[]>();
  for (const target of targets) {
    const group = groups.get(target.root);
    if (group) group.push(target);
    else groups.set(target.root, [target]);
  }
  return groups;
}

/** The texts of the manifests among the candidates, or of the others, by path. */
function textsOf(candidates: readonly Candidate[], manifests: boolean): ReadonlyMap<string, string> {
  return new Map(candidates.flatMap(({ target, source }) => (target.manifest === manifests ? [[target.path, source.text] as const] : [])));
}

interface Candidate {
  readonly target: LintTarget;
  readonly source: SourceText;
  readonly candidates: readonly Rule[];
}

interface Linted {
  readonly target: LintTarget;
  readonly source: SourceText;
  readonly result: LintResult;
}

/** Gathers results, with the documents that they point into, and puts them in the order of their paths. */
function collect(): { add(linted: readonly Linted[], cwd: string, disk: Disk): void; all(): Findings } {
  const results: FileResult[] = [];
  const documents = new Map<string, Document>();
  return {
    add(linted, cwd, disk) {
      for (const { target, source, result } of linted) {
        if (result.findings.length === 0 && result.suppressed.length === 0) continue;
        documents.set(target.shown, documentOf(source.text));
        const shown = <T extends LintFinding>(finding: T): T => withShownPlaces(finding, target, cwd, disk, documents);
        results.push({
          path: target.shown,
          findings: result.findings.map(shown),
          suppressed: result.suppressed.map((finding: Suppressed) => shown(finding)),
        });
      }
    },
    all: () => ({ results: results.sort(byPath), documents }),
  };
}

/** The finding with the paths of its related places relative to the working directory; places in files that cannot be read are left out. */
function withShownPlaces<T extends LintFinding>(
  finding: T,
  target: LintTarget,
  cwd: string,
  disk: Disk,
  documents: Map<string, Document>,
): T {
  if (!finding.related) return finding;
  const related = finding.related.flatMap((place): readonly Related[] => {
    if (place.path === undefined) return [{ ...place, path: target.shown }];
    const file = path.resolve(target.root ?? path.dirname(target.path), place.path);
    const source = disk.read(file);
    if (source.kind !== 'text') return [];
    const shown = relativePath(cwd, file);
    if (!documents.has(shown)) documents.set(shown, documentOf(source.text));
    return [{ ...place, path: shown }];
  });
  return { ...finding, related };
}

function noteOf(target: LintTarget, reason: string, fatal: boolean): Note {
  return { path: target.shown, message: fatal ? `cannot be read: ${reason}` : `not linted: ${reason}`, fatal };
}

function failureNote(shown: string, { rule, error }: LintResult['failures'][number]): Note {
  const message = `the rule \`${rule.id}\` failed, its findings are missing: ${error instanceof Error ? error.message : error}`;
  return { path: shown, message, fatal: false };
}
