/** What is decided, in a few lines: seen above everything else. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Contradiction } from '../../core/design/answers';
import { answerText, type QuestionId, questionOf } from '../../core/design/questions';
import type { Page } from './page-context';
import { prose } from './prose';
import { labelOf } from './questions';
import { pathOf } from './state';

export function summaryView(page: Page): TemplateResult {
  const { report, one } = page;
  return html`<section class="summary" aria-labelledby="summary-title">
    ${one ? decisionOf(page) : html`<h2 id="summary-title">${report.decision.cluster.name}</h2><p>Add a component to decide how it replicates.</p>`}
    ${report.decision.contradictions.map((contradiction) => contradictionView(page, contradiction))}
  </section>`;
}

function decisionOf(page: Page): TemplateResult {
  const { one } = page;
  if (!one) return html``;
  const { recommended, refusal, because, open, ranked } = one.decision;
  if (!recommended || !one.option) {
    // A contradiction is named below, with the way to each of its answers.
    const contradicted = page.report.decision.contradictions.some((found) => found.class === one.decision.name);
    return html`
      <p class="eyebrow">No recommendation for ${one.decision.name}</p>
      <h2 id="summary-title">${contradicted ? 'Two answers cannot both hold' : open.length > 0 && ranked.length > 0 ? 'More has to be known' : 'Nothing fits'}</h2>
      ${contradicted ? nothing : html`<p>${prose(refusal ?? '')}</p>`}
      ${contradicted || open.length === 0 ? nothing : openQuestions(page)}
    `;
  }
  const { option, quorum } = one;
  return html`
    <p class="eyebrow">Recommended for ${one.decision.name}</p>
    <div class="verdict">
      <h2 id="summary-title">${recommended.name}</h2>
      <span class="fit-figure"><strong>${recommended.fit}</strong> of 10</span>
      <vscode-badge>${option.cap}</vscode-badge>
      ${quorum ? html`<vscode-badge>${quorum.majority} of ${quorum.voters} decide</vscode-badge>` : nothing}
    </div>
    <p>${prose(because[0] ?? option.summary)} ${prose(`In a partition: ${lowered(option.partition.minority)}`)}</p>
  `;
}

/** A sentence after a colon; names keep their capitals. */
function lowered(text: string): string {
  return /^[A-Z][a-z]* /.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

/** The questions that matter most, each with the way to its field. */
export function openQuestions(page: Page): TemplateResult {
  const open = page.one?.decision.open ?? [];
  return html`<ul class="open-questions">
    ${open.map(
      ({ question, text, why }) => html`<li>
        <button class="link" type="button" @click=${() => page.go(pathTo(page, question))}>${text}</button>
        <span class="quiet">${prose(why)}</span>
      </li>`,
    )}
  </ul>`;
}

/** The path of the answer to a question, for the class that is looked at. */
export function pathTo(page: Page, question: QuestionId): string {
  return pathOf(questionOf(question).scope, question, page.state.current);
}

function contradictionView(page: Page, { class: component, first, second, why }: Contradiction): TemplateResult {
  const answer = ({ path, value }: Contradiction['first']) => html`<li>
    <button class="link" type="button" @click=${() => page.go(path)}>${labelOf(path)}</button>
    <strong>${wordsOf(path, value)}</strong>
  </li>`;
  return html`<div class="alert" role="alert">
    <p><strong>${component === undefined ? 'Cluster' : component}: these two answers cannot both hold.</strong> ${why}</p>
    <ul>${answer(first)}${answer(second)}</ul>
  </div>`;
}

function wordsOf(path: string, value: string): string {
  const id = path.replace(/^.*\./, '') as QuestionId;
  return answerText(id, value === 'true' ? true : value);
}
