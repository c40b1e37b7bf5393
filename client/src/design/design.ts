/** The command that designs a replicated component: question by question, in the page, from a file, or from what was decided before. */
import { type ExtensionContext, env, window, workspace } from 'vscode';
import { answersFile, type Design, parseAnswers, unknownDesign } from '../../../core/design/answers';
import { type Decision, decide } from '../../../core/design/decide';
import { decisionSection, madrDocuments, reportOf } from '../../../core/design/document';
import { type GeneratedCode, generateCode } from '../../../core/design/generate/generate';
import { type Interview, mergedWith, nextStep, progressOf, restored } from '../../../core/design/interview';
import { storedDesigns } from '../../../core/design/learnings';
import type { Present } from '../../../core/design/questions';
import { openDesignPage } from '../design-page';
import { knowledgeBaseText, saveSection } from '../knowledge-base';
import { createGenerated } from './create';
import { chooseData } from './data-file';
import { showDecision } from './decision-document';
import { addDependencies } from './mix';
import { tell } from './outcome';
import { projectView } from './project';
import { askOne, type Item, separator } from './quick-input';
import { saveRecords } from './records';
import { askDesign } from './wizard';

/** What the command may be given instead of asking where to begin. */
export interface DesignArgument {
  /** In the form of an answers file: the design that is gone on with. */
  readonly answers?: unknown;
  /** Opens the page at once. */
  readonly page?: boolean;
}

type Beginning =
  | { readonly by: 'steps' }
  | { readonly by: 'page' }
  | { readonly by: 'file' }
  | { readonly by: 'kept' }
  | { readonly by: 'stored'; readonly design: Design };

/** Where an interview was left, and the design that it changes. */
interface Kept {
  readonly interview: Interview;
  readonly before?: Design;
}

const memory = 'netsplit.design.interview';

/** Designs a component: asks where to begin, then asks the questions, then what to do with the decision. */
export async function design(context: ExtensionContext, argument?: unknown): Promise<void> {
  const { answers, page }: DesignArgument = typeof argument === 'object' && argument !== null ? argument : {};
  const given = answers === undefined ? undefined : parseAnswers(answers).design;
  if (page === true) return openDesignPage(context, given);
  if (given) return finish(context, given);
  const kept = keptIn(context);
  const chosen = await askOne<Beginning>(
    {
      title: 'Design a replicated component',
      placeholder: 'How data and processes of a cluster should replicate, and what happens in a partition',
    },
    await beginnings(kept),
  );
  if (chosen.kind !== 'answer') return;
  switch (chosen.value.by) {
    case 'steps':
      return interview(context, { interview: [] });
    case 'page':
      return openDesignPage(context);
    case 'file': {
      const read = await chooseData('answers', (value) => {
        const { design: parsed, errors } = parseAnswers(value);
        return errors.length > 0 ? { errors } : { value: parsed };
      });
      return read && finish(context, read);
    }
    case 'kept':
      if (kept) return nextStep(kept.interview) ? interview(context, kept) : finish(context, designFrom(kept));
      return;
    case 'stored':
      return finish(context, chosen.value.design);
  }
}

async function beginnings(kept: Kept | undefined): Promise<readonly Item<Beginning>[]> {
  const steps: Beginning = { by: 'steps' };
  const stored = await decisionsBefore();
  return [
    ...(kept ? [keptItem(kept)] : []),
    {
      label: '$(list-ordered) Answer step by step',
      detail: 'One question after the other, each with what it decides. You may go back, stop, and go on in the page.',
      value: steps,
    },
    {
      label: '$(open-preview) Open the page',
      detail: 'All questions beside the ranked options: every answer changes the decision at once.',
      value: { by: 'page' },
    },
    {
      label: '$(file-code) Read answers from a file…',
      detail: 'JSON or YAML, as `netsplit decide --answers` reads them.',
      value: { by: 'file' },
    },
    ...(stored.length > 0 ? [separator<Beginning>('Decided before', steps), ...stored] : []),
  ];
}

function keptItem(kept: Kept): Item<Beginning> {
  const { name } = designFrom(kept);
  const { step, total } = progressOf(kept.interview);
  const done = nextStep(kept.interview) === undefined;
  return {
    label: done ? `$(check) “${name}”: all is answered` : `$(debug-continue) Go on with “${name}”`,
    detail: done ? 'See the decision, keep it, or change answers.' : `Question ${step} of ${total}.`,
    value: { by: 'kept' },
  };
}

async function decisionsBefore(): Promise<readonly Item<Beginning>[]> {
  const found: Item<Beginning>[] = [];
  for (const folder of workspace.workspaceFolders ?? []) {
    // A knowledge base that cannot be read is told when it is written.
    const base = await knowledgeBaseText(folder).catch(() => undefined);
    for (const { design: read, id } of storedDesigns(base?.text ?? '')) {
      const detail = read.classes.map(({ name }) => name).join(', ');
      found.push({ label: `$(edit) ${read.name}`, description: id, detail, value: { by: 'stored', design: read } });
    }
  }
  return found;
}

/** Asks from where the interview stands. What is known of the project is shown as an answer, and counts once it is given. */
async function interview(context: ExtensionContext, { interview: start, before }: Kept): Promise<void> {
  const { interview: answered, ending } = await askDesign(start, before ?? (await guessed()), (now) =>
    keep(context, { interview: now, ...(before && { before }) }),
  );
  const result = designFrom({ interview: answered, ...(before && { before }) });
  if (ending === 'page') return openDesignPage(context, result);
  if (ending !== 'closed') return finish(context, result);
  if (answered.length > 0)
    window.setStatusBarMessage('Netsplit: your answers are kept; Design a Replicated Component goes on with them.', 10_000);
}

function designFrom({ interview: answered, before = unknownDesign }: Kept): Design {
  return mergedWith(answered, before);
}

/** What the folder says by itself: its application, and what it runs already. */
async function guessed(): Promise<Design> {
  const { app, locked } = await projectView();
  const packages: readonly (readonly [string, Present])[] = [
    ['phoenix', 'phoenix'],
    ['postgrex', 'postgres'],
    ['redix', 'redis'],
    ['oban', 'oban'],
    ['horde', 'horde'],
  ];
  const present = packages.flatMap(([name, id]) => (name in locked ? [id] : []));
  const name = (app ?? 'design').replaceAll('_', ' ');
  return {
    name: `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    ...(app !== undefined && { app }),
    cluster: present.length > 0 ? { present } : {},
    classes: [],
  };
}

type Next = 'show' | 'page' | 'write' | 'code' | 'dependencies' | 'records' | 'copy' | 'change';

/** Offers what can be done with a decision. */
async function finish(context: ExtensionContext, decided: Design): Promise<void> {
  const decision = decide(decided);
  const code = generateCode(decision);
  const chosen = await askOne<Next>({ title: `${decided.name}: decided`, placeholder: summaryOf(decision) }, nextItems(decision, code));
  if (chosen.kind !== 'answer') return;
  switch (chosen.value) {
    case 'show':
      return showDecision(decided);
    case 'page':
      return openDesignPage(context, decided);
    case 'write':
      return tell(await saveSection(decisionSection(reportOf(decision, code.files, 'named'))));
    case 'code':
      return createGenerated(decided.name, code);
    case 'dependencies':
      return tell(await addDependencies(code.dependencies));
    case 'records':
      return tell(await saveRecords(madrDocuments(reportOf(decision))));
    case 'copy':
      await env.clipboard.writeText(`${JSON.stringify(answersFile(decided), null, 2)}\n`);
      return tell({ done: true, text: 'The answers are in the clipboard, as an answers file.' });
    case 'change':
      return interview(context, { interview: [], before: decided });
  }
}

function nextItems({ contradictions, classes }: Decision, { files, dependencies }: GeneratedCode): readonly Item<Next>[] {
  const detail = [
    ...contradictions.map(({ first, second }) => `${first.value} and ${second.value} cannot both hold.`),
    ...classes.map(({ name, ranked, refusal }) => {
      const best = ranked.slice(0, 3).map((option) => `${option.name} ${option.fit}/10`);
      return `${name}: ${refusal ?? best.join(', ')}`;
    }),
  ].join(' · ');
  const packages = dependencies.map(({ name }) => name).join(', ');
  return [
    { label: '$(book) Show the decision', detail, value: 'show' },
    {
      label: '$(open-preview) Open the page',
      detail: 'See what becomes of the decision with every answer; simulate a partition.',
      value: 'page',
    },
    { label: '$(save) Write it into the knowledge base', detail: 'As a section that is updated when it is written again.', value: 'write' },
    ...(files.length > 0
      ? [{ label: `$(new-file) Create files of its code…`, detail: files.map(({ path }) => path).join(', '), value: 'code' as const }]
      : []),
    ...(dependencies.length > 0
      ? [{ label: '$(package) Add its packages to mix.exs', detail: packages, value: 'dependencies' as const }]
      : []),
    {
      label: '$(law) Save as a decision record (MADR)',
      detail: 'One file for each class, in the folder of the project’s records.',
      value: 'records',
    },
    { label: '$(json) Copy the answers', detail: 'As an answers file for `netsplit decide --answers`.', value: 'copy' },
    { label: '$(edit) Change answers', detail: 'The questions once more, with what was answered.', value: 'change' },
  ];
}

function summaryOf({ classes, cluster }: Decision): string {
  const parts = classes.map(({ name, recommended }) =>
    recommended ? `${name}: ${recommended.name}, ${recommended.fit}/10` : `${name}: no recommendation`,
  );
  return [...parts, cluster.name].join(' · ');
}

function keptIn(context: ExtensionContext): Kept | undefined {
  const stored = context.workspaceState.get<{ readonly interview?: unknown; readonly before?: unknown }>(memory);
  const answered = restored(stored?.interview);
  if (answered.length === 0) return undefined;
  return { interview: answered, ...(stored?.before !== undefined && { before: parseAnswers(stored.before).design }) };
}

async function keep(context: ExtensionContext, { interview: answered, before }: Kept): Promise<void> {
  await context.workspaceState.update(memory, { interview: answered, ...(before && { before: answersFile(before) }) });
}
