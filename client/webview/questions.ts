/** The answers: every question about the class that is looked at and about the cluster, in groups that fold. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Contradiction } from '../../core/design/answers';
import { known } from '../../core/design/presumptions';
import {
  answerText,
  type ClassAnswers,
  type ClassQuestionId,
  type ClusterQuestionId,
  isAsked,
  type Question,
  questionOf,
} from '../../core/design/questions';
import { checkboxes, select, textField } from './fields';
import type { Page } from './page-context';
import { givenAnswer, pathOf } from './state';

interface Group {
  readonly id: string;
  readonly title: string;
  readonly questions: readonly (ClusterQuestionId | ClassQuestionId)[];
  readonly open: boolean;
}

const classGroups: readonly Group[] = [
  {
    id: 'needs',
    title: 'What it needs',
    questions: ['kind', 'consistency', 'partition', 'invariants', 'conflicts', 'offline', 'routing'],
    open: true,
  },
  {
    id: 'load',
    title: 'Load and durability',
    questions: ['writesPerSecond', 'readsPerWrite', 'bytesPerItem', 'items', 'durability'],
    open: false,
  },
  { id: 'costs', title: 'What a mistake costs', questions: ['lostUpdate', 'duplicateExecution', 'unavailability'], open: false },
];

const clusterGroups: readonly Group[] = [
  {
    id: 'nodes',
    title: 'Nodes and network',
    questions: ['size', 'projectedSize', 'membership', 'geography', 'roundTripMs', 'network'],
    open: true,
  },
  { id: 'team', title: 'Platform and team', questions: ['platform', 'present', 'consensusExperience', 'operations'], open: false },
];

/** The group in which the field of a question stands. */
export function groupOf(question: string): string | undefined {
  return [...classGroups, ...clusterGroups].find(({ questions }) => (questions as readonly string[]).includes(question))?.id;
}

/** Whether a group is folded open. */
export function isOpen(page: Page, { id, open }: Pick<Group, 'id' | 'open'>): boolean {
  return page.state.folds[id] ?? open;
}

export function questionsView(page: Page): TemplateResult {
  const { state } = page;
  const { design, current } = state;
  const one = design.classes[current];
  return html`
    <h2 class="quiet-caption">Answers</h2>
    <section class="group" aria-labelledby="about-component">
      <h3 id="about-component">Component</h3>
      ${one ? html`${name(page, `classes[${current}].name`, 'Name', one.name, 'As the team calls it: stock ledger.')} ${classGroups.map((group) => fold(page, group))}` : html`<p class="note">There is none: only the cluster is decided.</p>`}
      ${design.classes.length > 1 ? html`<vscode-button secondary class="remove" @click=${() => removeClass(page)}>Remove this component</vscode-button>` : nothing}
    </section>
    <section class="group" aria-labelledby="about-cluster">
      <h3 id="about-cluster">Cluster</h3>
      ${clusterGroups.map((group) => fold(page, group))}
    </section>
    <section class="group" aria-labelledby="about-design">
      <h3 id="about-design">Design</h3>
      ${name(page, 'name', 'Name of the design', design.name, 'The heading under which it is saved.')}
      ${name(page, 'app', 'OTP application', design.app ?? '', appNote(page), true)}
    </section>
  `;
}

function appNote({ project, state }: Page): string {
  if (state.design.app !== undefined || project.app === undefined) return 'Generated modules are named after it.';
  return `Generated modules are named after it. mix.exs says ${project.app}.`;
}

function name(page: Page, path: string, label: string, value: string, note: string, mayBeUnknown = false): TemplateResult {
  const draft = page.state.drafts[path];
  return textField({ id: idOf(path), label, note, error: draft?.error, path }, draft?.text ?? value, (text) =>
    page.answer(path, mayBeUnknown && text.trim() === '' ? undefined : text.trim(), text),
  );
}

function fold(page: Page, group: Group): TemplateResult {
  const { design, current } = page.state;
  const answers = design.classes[current]?.answers ?? {};
  const asked = group.questions.map(questionOf).filter((question) => question.scope === 'cluster' || isAsked(question, answers));
  const given = asked.filter(({ id }) => givenAnswer(design, current, id) !== undefined).length;
  return html`<details
    class="fold"
    ?open=${isOpen(page, group)}
    @toggle=${(event: Event) => keepFold(page, group, (event.currentTarget as HTMLDetailsElement).open)}
  >
    <summary><span>${group.title}</span><span class="count">${given} of ${asked.length} answered</span></summary>
    ${asked.map((question) => field(page, question))}
  </details>`;
}

/** Keeps what a person folded; the event also comes when the page itself did. */
export function keepFold(page: Page, group: Pick<Group, 'id' | 'open'>, open: boolean): void {
  if (isOpen(page, group) !== open) page.change({ folds: { ...page.state.folds, [group.id]: open } });
}

function field(page: Page, question: Question): TemplateResult {
  const { state } = page;
  const path = pathOf(question.scope, question.id, state.current);
  const value = givenAnswer(state.design, state.current, question.id);
  const conflict = contradictionAt(page.report.decision.contradictions, path);
  const draft = state.drafts[path];
  const error = draft?.error ?? (conflict && conflictText(conflict, path));
  const common = { id: idOf(path), label: question.text, note: noteOf(page, question, value), error, path };
  switch (question.kind) {
    case 'one':
      return select(common, [unknown(question), ...question.choices], String(value ?? ''), (id) =>
        page.answer(path, id === '' ? undefined : id),
      );
    case 'boolean':
      return select(
        common,
        [unknown(question), { id: 'yes', text: 'Yes' }, { id: 'no', text: 'No' }],
        value === undefined ? '' : value === true ? 'yes' : 'no',
        (id) => page.answer(path, id === '' ? undefined : id === 'yes'),
      );
    case 'many':
      return checkboxes(common, question.choices, listOf(value), (id) => page.answer(path, toggled(listOf(value), id)));
    case 'number':
      return textField({ ...common, unit: question.range.unit, numeric: true }, draft?.text ?? String(value ?? ''), (text) =>
        page.answer(path, numberOf(text), text),
      );
  }
}

function unknown(question: Question): { readonly id: string; readonly text: string; readonly detail: string } {
  return { id: '', text: 'Unknown', detail: question.help };
}

/** What the chosen answer means; without one what is presumed, or what the answer would decide. */
function noteOf(page: Page, question: Question, value: unknown): string {
  if (value !== undefined) {
    if (question.kind === 'one') return question.choices.find(({ id }) => id === value)?.detail ?? '';
    return question.help;
  }
  const answers = page.state.design.classes[page.state.current]?.answers;
  if (question.scope === 'class' && answers) {
    const presumed = known(answers, question.id as keyof ClassAnswers);
    if (presumed) return `Presumed: ${answerText(question.id, presumed.value)}.`;
  }
  return question.help;
}

function contradictionAt(contradictions: readonly Contradiction[], path: string): Contradiction | undefined {
  return contradictions.find(({ first, second }) => first.path === path || second.path === path);
}

/** Names the other of the two answers. */
function conflictText({ first, second, why }: Contradiction, path: string): string {
  return `Cannot hold together with “${labelOf((first.path === path ? second : first).path)}”. ${why}`;
}

/** The question of a path, in words. */
export function labelOf(path: string): string {
  return questionOf(path.replace(/^.*\./, '') as Question['id']).text;
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** `none` stands alone. */
function toggled(chosen: readonly string[], id: string): readonly string[] | undefined {
  const next = chosen.includes(id)
    ? chosen.filter((one) => one !== id)
    : id === 'none'
      ? ['none']
      : [...chosen.filter((one) => one !== 'none'), id];
  return next.length > 0 ? next : undefined;
}

/** A number as it was typed; what is none stays text, and is named as wrong. */
function numberOf(text: string): unknown {
  const plain = text.trim().replace(/(?<=\d)[ _,](?=\d{3}(?:\D|$))/g, '');
  if (plain === '') return undefined;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(plain) ? Number(plain) : plain;
}

/** An id for the field of a path. */
export function idOf(path: string): string {
  return `answer-${path.replace(/[^\w]+/g, '-')}`;
}

function removeClass(page: Page): void {
  const { design, current } = page.state;
  const classes = design.classes.filter((_, index) => index !== current);
  page.change({ design: { ...design, classes }, current: Math.max(0, current - 1), drafts: {} });
}
