/** What the design page and the extension say to each other: plain data, which either side checks before it uses it. */

/** A file that a generator made, with its path relative to the project. */
export interface CodeFile {
  readonly path: string;
  readonly content: string;
}

/** A package for `deps` of mix.exs; `requirement` as in `~> 3.1`. */
export interface PackageNeed {
  readonly name: string;
  readonly requirement: string;
}

/** A section of the knowledge base: see `Section` in core/design/learnings.ts. */
export interface DecisionSection {
  readonly id: string;
  readonly heading: string;
  readonly body: string;
}

/** An architecture decision record. */
export interface DecisionRecord {
  readonly fileName: string;
  readonly text: string;
}

/** What the page asks of the extension. */
export type ToExtension =
  | { readonly type: 'ready' }
  | { readonly type: 'copy'; readonly text: string }
  | { readonly type: 'insert'; readonly text: string }
  | { readonly type: 'create-files'; readonly files: readonly CodeFile[] }
  | { readonly type: 'add-dependencies'; readonly dependencies: readonly PackageNeed[] }
  | { readonly type: 'save-decision'; readonly section: DecisionSection }
  | { readonly type: 'save-records'; readonly records: readonly DecisionRecord[] }
  | { readonly type: 'open-saved' };

/** What the extension tells the page about the folder that is open. */
export interface ProjectView {
  /** The OTP application that its mix.exs names. */
  readonly app?: string;
  /** Locked versions by package. */
  readonly locked: Readonly<Record<string, string>>;
}

/** Where the simulator is to begin: a protocol of core/design/simulate and a number of nodes, or a whole scenario in the form of a file. */
export type SimulationStart = { readonly protocol: string; readonly nodes?: number } | { readonly scenario: unknown };

/** What the extension tells the page. */
export type ToPage =
  | { readonly type: 'project'; readonly project: ProjectView }
  /** A design in the form of an answers file takes the place of the one that is shown. */
  | { readonly type: 'design'; readonly answers: unknown }
  | { readonly type: 'simulation'; readonly start: SimulationStart }
  /** How something that the page asked for ended, in a sentence. */
  | { readonly type: 'outcome'; readonly done: boolean; readonly text: string };

/** More than any design needs; what is larger is not ours. */
const longest = 4_000_000;
const most = 500;

/** Whether the value is something that the page may ask. */
export function isToExtension(value: unknown): value is ToExtension {
  if (!isRecord(value)) return false;
  switch (value.type) {
    case 'ready':
    case 'open-saved':
      return true;
    case 'copy':
    case 'insert':
      return isText(value.text);
    case 'create-files':
      return isListOf(value.files, (file) => isRecord(file) && isProjectPath(file.path) && isText(file.content));
    case 'add-dependencies':
      return isListOf(
        value.dependencies,
        (one) => isRecord(one) && matches(one.name, /^[a-z][a-z0-9_]*$/) && matches(one.requirement, /^[\w .<>=~!-]{1,80}$/),
      );
    case 'save-decision':
      return isRecord(value.section) && isSection(value.section);
    case 'save-records':
      return isListOf(
        value.records,
        (one) => isRecord(one) && matches(one.fileName, /^[\p{L}\p{N}][\p{L}\p{N}.-]{0,200}\.md$/u) && isText(one.text),
      );
    default:
      return false;
  }
}

/** Whether the value is something that the extension may tell the page. */
export function isToPage(value: unknown): value is ToPage {
  if (!isRecord(value)) return false;
  switch (value.type) {
    case 'project':
      return isRecord(value.project) && isProject(value.project);
    case 'design':
      return isRecord(value.answers);
    case 'simulation':
      return isRecord(value.start) && isSimulationStart(value.start);
    case 'outcome':
      return typeof value.done === 'boolean' && isText(value.text);
    default:
      return false;
  }
}

/** A path with `/` that stays below the project: no empty, dotted or absolute parts. */
export function isProjectPath(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 300 && value.split('/').every((part) => /^\w[\w.-]*$/.test(part));
}

function isSection({ id, heading, body }: Readonly<Record<string, unknown>>): boolean {
  return matches(id, /^decision\/[^\s>]{1,200}$/) && matches(heading, /^## Distributed design: [^\r\n]{1,400}$/) && isText(body);
}

function isProject({ app, locked }: Readonly<Record<string, unknown>>): boolean {
  if (app !== undefined && !matches(app, /^[a-z][a-z0-9_]*$/)) return false;
  return isRecord(locked) && Object.values(locked).every(isText);
}

function isSimulationStart({ protocol, nodes, scenario }: Readonly<Record<string, unknown>>): boolean {
  if (protocol === undefined) return isRecord(scenario);
  return isText(protocol) && (nodes === undefined || (Number.isInteger(nodes) && Number(nodes) >= 1 && Number(nodes) <= 9));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longest;
}

function isListOf(value: unknown, holds: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length <= most && value.every(holds);
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}
